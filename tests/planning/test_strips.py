from __future__ import annotations

import itertools

import numpy as np
import polars as pl
import pytest
import shapely

from teisen.geodesy import geod
from teisen.planning import SECTOR, sector_areas


def line(*pieces: shapely.LineString) -> pl.DataFrame:
    return SECTOR.build(
        {
            "sector_id": [f"sector-{n}" for n in range(len(pieces))],
            "from_m": [0.0] * len(pieces),
            "geometry": [piece.wkb for piece in pieces],
            "lon": [piece.centroid.x for piece in pieces],
            "lat": [piece.centroid.y for piece in pieces],
            "length_km": [geod().geometry_length(piece) / 1000 for piece in pieces],
            "source_id": ["x"] * len(pieces),
        }
    )


ROW = line(*(shapely.LineString([(30 + 0.1 * n, 50), (30.1 + 0.1 * n, 50)]) for n in range(5)))


def test_areas_of_sectors_are_the_ground_nearest_to_each_and_overlap_nowhere() -> None:
    areas = sector_areas(ROW, 10)
    assert areas["area_id"].to_list() == ROW["sector_id"].to_list()
    assert areas["level"].unique().to_list() == ["sector"]
    shapes = shapely.from_wkb(areas["geometry"].to_list())
    for one, other in itertools.combinations(shapes, 2):
        assert shapely.intersection(one, other).area < 1e-6
    inner = abs(geod().geometry_area_perimeter(shapes[2])[0]) / 1e6
    assert inner == pytest.approx(7.17 * 20, rel=0.05)  # 0.1 degree at 50 N, ten kilometres a side
    rng = np.random.default_rng(1)
    for lon, lat in zip(rng.uniform(30.01, 30.49, 50), rng.uniform(49.95, 50.05, 50), strict=True):
        nearest = int((lon - 30) / 0.1)
        if abs((lon - 30) / 0.1 - round((lon - 30) / 0.1)) > 0.05:
            assert shapes[nearest].covers(shapely.Point(lon, lat))


def test_no_sectors_have_no_areas_and_a_reach_is_needed() -> None:
    assert sector_areas(SECTOR.empty(), 10).is_empty()
    with pytest.raises(ValueError, match="reach_km"):
        sector_areas(ROW, 0)
