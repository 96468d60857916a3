from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen import geodesy
from teisen.judgement.grid import SiteGrid
from teisen.judgement.scatter import Scatter
from tests.judgement.cases import ground

RNG = np.random.default_rng(11)


def sites(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return ground(sites=[{"target_class": "bridge"} | row for row in rows]).sites


def line(*corners: tuple[float, float]) -> dict[str, Any]:
    return {"lon": corners[0][0], "lat": corners[0][1], "geometry": shapely.to_wkb(shapely.LineString(corners))}


def scatter(lon: float, lat: float, east: float, north: float) -> tuple[Scatter, Scatter]:
    """Two points drawn at random, the second ten times as wide as the first."""
    steps, drawn = np.array([[1.0, 10.0]]), RNG.normal(size=(2, 1, 512))
    return (
        Scatter(np.full(2, lon), steps * east, drawn[0]),
        Scatter(np.full(2, lat), steps * north, drawn[1]),
    )


@settings(max_examples=60, deadline=None)
@given(
    middle=st.sampled_from([(30.0, 50.0), (179.99, -17.0), (-180.0, 0.0), (12.0, 70.0)]),
    apart=st.floats(0.001, 1.0),
    metres=st.floats(200, 20_000),
    error=st.floats(0.0001, 0.2),
)
def test_places_near_points_are_those_within_the_distance(
    middle: tuple[float, float], apart: float, metres: float, error: float
) -> None:
    lon = (middle[0] + apart * RNG.normal(size=8) + 180) % 360 - 180
    lat = middle[1] + apart * RNG.normal(size=8)
    grid = SiteGrid(sites([{"lon": float(x), "lat": float(y)} for x, y in zip(lon, lat, strict=True)]), metres)
    x, y = scatter(*middle, error, error)
    away = geodesy.distance_m(x.all()[..., None], y.all()[..., None], lon, lat).min(axis=-1)
    sure = np.abs(away - metres) > 0.002 * metres  # the plane of the latitude between is good to that
    expected = (away <= metres)[sure]
    assert np.array_equal(grid.close_drawn(x, y)[sure], expected)
    assert np.array_equal(grid.close(x.all(), y.all())[sure], expected)


def test_a_place_drawn_and_a_place_told_have_the_same_answer_to_the_last_one() -> None:
    rows = [{"lon": float(x), "lat": float(y)} for x, y in RNG.normal((30, 50), 0.1, (200, 2))]
    grid = SiteGrid(sites([*rows, line((29.9, 49.9), (30.0, 50.2), (30.1, 49.9))]), 700.0)
    x, y = scatter(30.0, 50.0, 0.05, 0.03)
    assert np.array_equal(grid.close_drawn(x, y), grid.close(x.all(), y.all()))
    point, world = np.indices((2, 512)).reshape(2, -1)
    assert np.array_equal(x.some(point, world), x.all().ravel())


@pytest.mark.parametrize("metres", [300.0, 5_000.0])
def test_a_line_is_as_wide_along_its_run_as_at_its_ends(metres: float) -> None:
    grid = SiteGrid(sites([line((30.0, 50.0), (30.0, 50.1), (30.2, 50.1))]), metres)
    step = metres / geodesy.METRES_PER_DEGREE
    along = np.linspace(50.0, 50.1, 101)
    inside, outside = (np.full(101, 30.0 - k * step / np.cos(np.radians(50.05))) for k in (0.995, 1.005))
    assert grid.close(inside, along).all()
    assert not grid.close(outside, along).any()


def test_who_is_touched_by_no_site_is_close_in_no_draw() -> None:
    grid = SiteGrid(sites([{"lon": 30.0, "lat": 50.0}]), 1000.0)
    lon, lat = RNG.normal((30, 50), 0.2, (500, 2)).T
    touched = grid.touched(lon, lat, np.full(500, 2000.0))
    away = geodesy.distance_m(lon, lat, 30.0, 50.0)
    assert touched[away < 3000].all()
    assert not touched[away > 10_000].any()


def test_a_ground_without_sites_is_close_to_nothing() -> None:
    grid = SiteGrid(sites([]), 1000.0)
    assert not grid.touched(np.array([30.0]), np.array([50.0]), np.array([1e5])).any()
    assert not grid.close(np.array([30.0]), np.array([50.0])).any()
