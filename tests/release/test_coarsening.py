from __future__ import annotations

import numpy as np

from teisen.release.coarsening import snap
from teisen.release.report.words import place


def test_coarse_places_beside_the_meridian_of_180_degrees_stay_on_earth_and_where_they_are() -> None:
    lon, lat = np.array([179.999, -179.999, 179.95]), np.full(3, -17.0)
    for cell_m in (1_000, 7_000, 10_000, 33_000):
        once = snap(lon, lat, cell_m)
        assert (np.abs(once[0]) <= 180).all()
        assert (np.abs((once[0] - lon + 180) % 360 - 180) * 111_000 < cell_m).all()
        assert all(np.array_equal(a, b) for a, b in zip(once, snap(*once, cell_m), strict=True))


def test_a_place_is_south_and_west_where_it_is() -> None:
    assert place(-58.25, -34.5) == "34.50° S 58.25° W"
    assert place(36.3, 49.98) == "49.98° N 36.30° E"
