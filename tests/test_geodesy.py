from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teisen.geodesy import chord, chord_to_m, distance_m, geod, moved

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
