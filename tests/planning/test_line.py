from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.errors import BadInput
from teisen.observation import AREA
from teisen.planning import SECTOR, contact_line, sectors

DEGREE_KM = 111.2
"""One degree of latitude near 50 N on WGS84, km."""


def area(level: str, shape: Any, day: int | None = None, source_id: str = "x") -> pl.DataFrame:
    when = {
        "valid_from": [datetime(2025, 4, day, tzinfo=UTC) if day else None],
        "valid_to": [datetime(2025, 4, day + 1, tzinfo=UTC) if day else None],
    }
    return AREA.build(
        {
            "area_id": [level],
            "level": [level],
            "name": [level],
            "geometry": [shape.wkb],
            "approximate": [False],
            "source_id": [source_id],
            "blob": ["0"],
            "row": [day or 1],
        }
        | when
    )


LAND = area("region", shapely.box(30, 48, 40, 52))
SEA = area("sea", shapely.box(28, 46, 42, 48.0))
NO_SEA = AREA.empty()


def line(*held: pl.DataFrame, sea: pl.DataFrame = SEA, land: pl.DataFrame = LAND, **options: float) -> pl.DataFrame:
    return contact_line(pl.concat(held), land, sea, **options)


def test_border_and_coast_are_no_contact() -> None:
    """The east half is held: its boundary is a meridian, two borders and a coast; only the meridian counts."""
    found = line(area("control", shapely.box(35, 48, 40, 52), 20), tolerance_m=1000).row(0, named=True)
    assert found["length_km"] == pytest.approx(4 * DEGREE_KM - 2, abs=1.5)
    assert found["pieces"] == 1
    shape = shapely.from_wkb(found["geometry"])
    assert shape.bounds[0] == shape.bounds[2] == 35


def test_what_is_drawn_beside_the_border_is_still_the_border() -> None:
    sloppy = area("control", shapely.box(35, 48.01, 39.99, 51.99), 20)
    assert line(sloppy, tolerance_m=3000)["length_km"][0] == pytest.approx(4 * DEGREE_KM - 6, abs=2)


def test_land_may_reach_into_the_water() -> None:
    held = area("control", shapely.box(35, 49, 40, 52), 20)
    wet = area("sea", shapely.box(28, 46, 42, 49))
    dry = line(held, sea=NO_SEA, tolerance_m=1000)["length_km"][0]
    assert dry - line(held, sea=wet, tolerance_m=1000)["length_km"][0] == pytest.approx(5 * 72.9, abs=6)


def test_a_lagoon_that_is_cut_off_is_no_other_side() -> None:
    hole = shapely.box(37, 50, 37.1, 50.1)
    held = area("control", shapely.box(35, 48, 40, 52) - hole, 20)
    assert line(held)["pieces"][0] == 1
    assert line(held, smallest_pocket_km2=10)["pieces"][0] == 2


def test_one_row_for_each_day_and_none_without_control() -> None:
    days = [area("control", shapely.box(35 - n / 100, 48, 40, 52), 20 + n) for n in range(3)]
    found = line(*days)
    assert found["start"].dt.day().to_list() == [20, 21, 22]
    assert line(*reversed(days)).equals(found)
    assert line(LAND).is_empty()


def test_nothing_held_beyond_the_land_is_in_contact() -> None:
    assert line(area("control", shapely.box(42, 48, 44, 52), 20))["length_km"][0] == 0


def test_without_land_there_is_no_line() -> None:
    with pytest.raises(BadInput, match="no land"):
        line(area("control", shapely.box(35, 48, 40, 52), 20), land=AREA.empty())


def saw() -> pl.DataFrame:
    teeth = [(35 + (n % 2) * 0.01, 48 + n / 50) for n in range(201)]
    return area("control", shapely.Polygon([*teeth, (40, 52), (40, 48)]), 20)


def test_dropping_details_shortens_the_line() -> None:
    fine, coarse = line(saw()), line(saw(), simplify_m=5000)
    assert coarse["length_km"][0] < fine["length_km"][0]
    assert coarse["length_km"][0] == pytest.approx(4 * DEGREE_KM - 6, abs=3)


@given(length_km=st.floats(1, 600))
@settings(max_examples=25, deadline=None)
def test_sectors_are_the_line_in_pieces(length_km: float) -> None:
    whole = line(area("control", shapely.box(35, 48, 40, 52), 20))
    parts = sectors(whole, length_km)
    SECTOR.check(parts)
    assert parts["length_km"].sum() == pytest.approx(whole["length_km"][0], abs=0.06 * parts.height + 0.1)
    if parts.height > 1:
        assert parts["length_km"].max() < 1.5 * length_km + 0.2  # type: ignore[operator]


def test_a_sector_is_named_after_its_place_so_that_others_may_come_and_go() -> None:
    held = shapely.box(35, 48, 40, 52)
    island = shapely.box(32, 50, 33, 51)
    alone = set(sectors(line(area("control", held, 20)), 20)["sector_id"])
    both = set(sectors(line(area("control", shapely.MultiPolygon([held, island]), 20)), 20)["sector_id"])
    assert alone < both


def test_sectors_need_a_length() -> None:
    with pytest.raises(ValueError, match="above 0"):
        sectors(line(saw()), 0)
