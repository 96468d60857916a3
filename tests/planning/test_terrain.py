from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from teisen.errors import BadInput
from teisen.geodesy import METRES_PER_DEGREE
from teisen.planning.terrain import LIGHT_K, RADIO_K, Terrain, read_terrain


def flat() -> Terrain:
    return Terrain(np.zeros((200, 200)), 0.0, 1.0, 0.005, 0.005)


def pair(km: float) -> tuple[np.ndarray, np.ndarray]:
    return np.array([[0.1, 0.5]]), np.array([[0.1 + km * 1000 / METRES_PER_DEGREE / np.cos(np.radians(0.5)), 0.5]])


def test_the_horizon_is_where_the_round_earth_puts_it() -> None:
    """Two eyes of 2 m see each other to 2 sqrt(2 k R h): 10.1 km for k = 1, and further by refraction."""
    ground = flat()
    for k in (1.0, LIGHT_K, RADIO_K):
        horizon_km = 2 * np.sqrt(2 * k * 6_371_008.8 * 2) / 1000
        assert ground.sight(*_with(pair(horizon_km * 0.98)), k)[0]
        assert not ground.sight(*_with(pair(horizon_km * 1.03)), k)[0]


def test_a_ridge_hides_and_a_mast_looks_over_it() -> None:
    heights = np.zeros((200, 200))
    heights[:, 40] = 30
    ridge = Terrain(heights, 0.0, 1.0, 0.005, 0.005)
    eye, to = np.array([[0.1, 0.5]]), np.array([[0.3, 0.5]])
    assert not ridge.sight(eye, 10, to, 10)[0]
    assert ridge.sight(eye, 120, to, 10)[0]
    assert ridge.sight(eye, 10, np.array([[0.18, 0.5]]), 10)[0]


def test_sight_is_mutual() -> None:
    rng = np.random.default_rng(1)
    ground = Terrain(rng.uniform(0, 40, (100, 100)), 0.0, 1.0, 0.01, 0.01)
    eye, to = rng.uniform(0.1, 0.9, (300, 2)), rng.uniform(0.1, 0.9, (300, 2))
    there = ground.sight(eye, 25, to, 2)
    assert (there == ground.sight(to, 2, eye, 25)).all()
    assert 0 < there.sum() < 300


def test_a_geotiff_is_read(tmp_path: Path) -> None:
    rasterio = pytest.importorskip("rasterio")
    file = tmp_path / "heights.tif"
    heights = np.arange(12.0, dtype=np.float32).reshape(3, 4)
    of = {"driver": "GTiff", "width": 4, "height": 3, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    with rasterio.open(file, "w", **of, transform=rasterio.Affine(0.1, 0, 30.0, 0, -0.1, 50.0)) as out:
        out.write(heights, 1)
    read = read_terrain(file)
    assert read.height(np.array([30.05, 30.35]), np.array([49.95, 49.75])) == pytest.approx([0, 11])
    assert read.height(np.array([30.10]), np.array([49.95])) == pytest.approx([0.5])
    with pytest.raises(BadInput, match="cannot be read"):
        read_terrain(tmp_path / "none.tif")


def _with(places: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, float, np.ndarray, float]:
    return places[0], 2.0, places[1], 2.0
