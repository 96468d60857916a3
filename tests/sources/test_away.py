"""What is told by distance and direction from a place, as missions write it."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teisen.geodesy import distance_m, geod
from teisen.sources.away import POINTS, away, named
from tests.sources.test_table import read

TABLE = """\
format: teisen-table/1
fills: observation
zone: Europe/Kyiv
fields:
  start: when
  place: post
  away: where
  kind: {constant: explosion}
"""


@pytest.mark.parametrize(
    ("text", "metres", "azimuth"),
    [
        ("4-6km NE", 5000, 45),
        ("4 – 6 km, north-east", 5000, 45),
        ("About 3 km to the WSW of the camera", 3000, 247.5),
        ("1500 m 270°", 1500, 270),
        ("NNW at 2 to 3 km", 2500, 337.5),
        ("south southeast, 800m", 800, 157.5),
        ("90 degrees 1.5 km", 1500, 90),
    ],
)
def test_distance_and_direction_are_read_in_the_forms_that_missions_write(
    text: str, metres: float, azimuth: float
) -> None:
    found = away(text)
    assert found is not None
    assert (found.away_m, found.azimuth_deg) == (metres, azimuth)


def test_errors_are_those_of_the_steps_that_are_told() -> None:
    texts = ("4-6 km NE", "5 km NNE", "5 km 20°", "5 km", "5-5 km N")
    coarse, fine, degrees, alone, twice = (found for text in texts if (found := away(text)))
    assert coarse.away_error_m == pytest.approx(2000 / math.sqrt(12))
    assert fine.away_error_m == twice.away_error_m == 1000
    assert (coarse.azimuth_error_deg, fine.azimuth_error_deg) == pytest.approx(
        (45 / math.sqrt(12), 22.5 / math.sqrt(12))
    )
    assert degrees.azimuth_error_deg == 5
    assert math.isnan(alone.azimuth_deg)


@pytest.mark.parametrize(
    "text", ["N/K", "near", "4-6", "NE", "6-4 km N", "3 km nn", "900 km N", "0 km", "3 km 400°", "2 km N, 3 km S"]
)
def test_what_is_no_distance_and_direction_is_not_guessed(text: str) -> None:
    assert away(text) is None


@given(st.integers(1, 199), st.sampled_from(POINTS))
def test_every_point_of_the_compass_reads_the_same_before_and_after_the_distance(km: int, point: str) -> None:
    found = away(f"{km} km {point}")
    assert found is not None
    assert found == away(f"{point.upper()} {km}km")


def test_a_row_lies_that_far_from_the_place_it_is_told_from_with_an_ellipse_along_the_line_of_sight() -> None:
    content = (
        "when,post,where\n"
        "2025-04-13 10:15,Eastern City,4-6km NE\n"
        "2025-04-13 11:15,Eastern City,\n"
        "2025-04-13 12:15,,3 km N\n"
        "2025-04-13 13:15,Eastern City,over there\n"
        "2025-04-13 14:15,Eastern City,2 km\n"
    )
    seen = read(content, TABLE)
    far, here, ring = seen.table("observation").sort("start").to_dicts()
    assert float(distance_m(34.8, 50.9, far["lon"], far["lat"])) == pytest.approx(5000, rel=0.005)
    assert geod().inv(34.8, 50.9, far["lon"], far["lat"])[0] == pytest.approx(45, abs=0.01)
    across, along = 5000 * math.radians(45 / math.sqrt(12)), 2000 / math.sqrt(12)
    town = 3000
    assert far["place_error_m"] == pytest.approx(math.hypot(across, town), abs=1)
    assert far["place_error_minor_m"] == pytest.approx(math.hypot(along, town), abs=1)
    assert (far["place_azimuth_deg"], far["area_id"], far["place_name"]) == (135, None, "Eastern City (4-6km NE)")
    assert (here["lon"], here["place_error_m"], here["place_error_minor_m"]) == (34.8, 3000, None)
    assert here["area_id"] == "XX-E"
    assert (ring["lon"], ring["lat"]) == pytest.approx((34.8, 50.9))
    assert ring["place_error_m"] == pytest.approx(math.sqrt((2000**2 + 400**2) / 2 + town**2), abs=1)
    assert dict(seen.table("set_aside").select("row", "what").iter_rows()) == {
        3: "it tells how far away, but not from where",
        4: "'over there' is no distance and direction",
    }


def test_what_a_cell_says_that_holds_nothing_is_empty() -> None:
    mapping = TABLE.replace("away: where", "away: {column: where, empty: [N/K, '-']}")
    rows = read("when,post,where\n2025-04-13 10:15,Eastern City,N/K\n2025-04-13 11:15,Eastern City,-\n", mapping)
    assert rows.table("observation")["lon"].to_list() == [34.8, 34.8]


def test_degrees_and_a_distance_need_no_name() -> None:
    mapping = re.sub("  place: post\n", "  lon: x\n  lat: y\n", TABLE)
    (row,) = read("when,x,y,where\n2025-04-13 10:15,34.8,50.9,2-3 km W\n", mapping).table("observation").to_dicts()
    assert row["lat"] == pytest.approx(50.9, abs=1e-4)
    assert float(distance_m(34.8, 50.9, row["lon"], row["lat"])) == pytest.approx(2500, rel=0.005)
    sides = np.array([row["place_error_m"], row["place_error_minor_m"]])
    assert sides == pytest.approx([2500 * math.radians(45 / math.sqrt(12)), 1000 / math.sqrt(12)], abs=1)
    assert row["place_azimuth_deg"] == 0


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Northtown (4-6 km NE)", "Northtown"),
        ("Shelling, Northtown (north) (3 km W of the bridge (old))", "Shelling, Northtown (north)"),
        ("Northtown (north)", "Northtown (north)"),
        ("Northtown", "Northtown"),
        ("4-6 km NE", "4-6 km NE"),
    ],
)
def test_a_name_stands_before_what_is_told_beside_it(text: str, name: str) -> None:
    assert named(text) == name
