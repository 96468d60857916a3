from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teisen.geodesy import beside, chord, chord_to_m, distance_m, geod, moved, stretch

LON = st.floats(-179, 179)
LAT = st.floats(-70, 70)


@given(LON, LAT, LON, LAT)
def test_distance_agrees_with_the_ellipsoid_within_its_stated_error(a: float, b: float, c: float, d: float) -> None:
    _, _, exact = geod().inv(a, b, c, d)
    assert float(distance_m(a, b, c, d)) == pytest.approx(exact, rel=0.006, abs=1)


@given(st.floats(0, 2e7))
def test_chord_and_back(metres: float) -> None:
    assert float(chord_to_m(chord(metres))) == pytest.approx(metres, abs=1e-2)


@given(LON, LAT, st.floats(-100_000, 100_000), st.floats(-100_000, 100_000))
def test_moved_goes_as_far_as_it_says(lon: float, lat: float, east: float, north: float) -> None:
    there = moved(lon, lat, east, north)
    assert float(distance_m(lon, lat, *there)) == pytest.approx((east**2 + north**2) ** 0.5, rel=0.03, abs=5)


def test_the_narrowest_stretch_goes_across_the_180th_meridian_where_that_is_shorter() -> None:
    assert stretch([30.0, 33.0], [31.0, 36.0]) == (30.0, 36.0)
    assert stretch([170.0, 178.0, -180.0], [175.0, 180.0, -172.0]) == (170.0, 188.0)
    assert stretch([-180.0], [180.0]) == (-180.0, 180.0)
    assert stretch([-100.0, -10.0, 120.0], [-70.0, 40.0, 121.0]) == (-100.0, 121.0)
    assert stretch([-179.0, 100.0, 101.0], [-179.0, 179.0, 102.0]) == (100.0, 181.0)


@given(st.lists(st.floats(-180, 180), min_size=1, max_size=8), st.floats(0, 360))
def test_a_stretch_holds_every_place_and_is_no_wider_when_the_globe_is_turned(places: list[float], by: float) -> None:
    west, east = stretch(places, places)
    assert all(west - 1e-9 <= lon <= east + 1e-9 or west - 1e-9 <= lon + 360 <= east + 1e-9 for lon in places)
    turned = [(lon + by + 180) % 360 - 180 for lon in places]
    other = stretch(turned, turned)
    assert other[1] - other[0] == pytest.approx(east - west, abs=1e-6)


def test_longitudes_stand_beside_a_middle() -> None:
    assert beside([-179.0, 179.0, 10.0], 180.0).tolist() == [181.0, 179.0, 10.0]
    assert beside([-170.0, 30.0], 30.0).tolist() == [190.0, 30.0]
