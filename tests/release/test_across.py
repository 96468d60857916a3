"""Maps of reports on a case that lies on both sides of the 180th meridian."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
import pytest
import shapely

from teisen.release.report import daily_report
from tests.release.made_up import DAY, about, tables


def turned(given: Mapping[str, pl.DataFrame], by: float) -> dict[str, pl.DataFrame]:
    """The case as far east as that, its shapes cut at the 180th meridian."""

    def moved(wkb: bytes) -> bytes:
        east = shapely.transform(shapely.from_wkb(wkb), lambda at: at + np.array([by, 0.0]))
        near, far = (shapely.intersection(east, shapely.box(w, -90, w + 180, 90)) for w in (0, 180))
        west = shapely.transform(far, lambda at: at - np.array([360.0, 0.0]))
        return bytes(shapely.to_wkb(shapely.union_all([near, west])))

    shapes = pl.col("geometry").map_elements(moved, return_dtype=pl.Binary)
    lon = (pl.col("lon") + by + 180) % 360 - 180
    return {
        name: frame.with_columns(
            [shapes] * ("geometry" in frame.columns) + [lon.alias("lon")] * ("lon" in frame.columns)
        )
        for name, frame in given.items()
    }


@pytest.mark.parametrize("box", [None, (-180.0, 46.0, 180.0, 51.0)])
def test_maps_of_a_case_across_the_180th_meridian_are_those_of_the_same_case_elsewhere(box: Any) -> None:
    around = (29.0, 46.0, 37.0, 51.0) if box else None
    here = daily_report(tables(), DAY, about(box=around)).html
    there = daily_report(turned(tables(), 147.0), DAY, about(box=box)).html

    def drawn(html: str, begins: str) -> tuple[str, list[str]]:
        svg = re.search(rf"<svg[^>]*><title>{begins}.*?</svg>", html, flags=re.DOTALL)[0]  # type: ignore[index]
        return re.search(r'viewBox="[^"]*"', svg)[0], re.findall(r"translate\([^)]*\)|<use[^>]*>", svg)  # type: ignore[index]

    for begins in ("Map of", "Maps of rates"):
        assert drawn(there, begins) == drawn(here, begins)
    assert drawn(here, "Map of")[1]
