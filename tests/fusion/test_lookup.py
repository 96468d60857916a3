"""Points near others: the same as looking at all of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.fusion import lookup
from teisen.fusion.lookup import Ints, Lookup, nearest
from teisen.geodesy import Floats


@st.composite
def clouds(draw: st.DrawFn) -> tuple[Floats, Floats]:
    """Points of three or four axes, some of them at one place or far off, and others that ask."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    axes, wide = draw(st.integers(3, 4)), draw(st.sampled_from([0.0, 1.0, 1e9]))
    scale = 10 ** random.uniform(-2, 3, axes)
    points = random.normal(0, 1, (draw(st.integers(1, 60)), axes)) * scale
    if draw(st.booleans()):  # on a raster, so that distances are the very reach
        points = np.round(points)
    points[0] += wide
    others = random.normal(0, 2, (draw(st.integers(0, 30)), axes)) * scale
    return points, np.concatenate([random.permutation(points)[::2], others])


REACHES = st.sampled_from([0.5, 1.0, 3.0, 100.0, 5e3])


def between(asked: Floats, points: Floats) -> Floats:
    return np.asarray(np.abs(asked[:, None] - points[None, :]))


def counted(found: Iterator[tuple[Ints, Ints]], shape: tuple[int, int]) -> Ints:
    """How often each pair was found."""
    times = np.zeros(shape, np.int64)
    for i, j in found:
        np.add.at(times, (i, j), 1)
    return times


@pytest.fixture(autouse=True)
def _few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many portions, as of many points."""
    monkeypatch.setattr(lookup, "AT_ONCE", 40)
    monkeypatch.setattr(lookup, "ASKED_AT_ONCE", 7)


@settings(max_examples=150, deadline=None)
@given(clouds(), REACHES)
def test_every_pair_within_reach_is_found_once(cloud: tuple[Floats, Floats], reach: float) -> None:
    points, asked = cloud
    cells, n = Lookup.over(points, reach), len(points)
    near = between(points, points).max(axis=2) <= reach
    times = counted(cells.pairs(), (n, n))
    np.testing.assert_array_equal(times + times.T, near & ~np.eye(n, dtype=bool))
    np.testing.assert_array_equal(
        counted(cells.within(asked), (len(asked), n)), between(asked, points).max(axis=2) <= reach
    )


@settings(max_examples=150, deadline=None)
@given(clouds(), REACHES)
def test_so_is_every_pair_within_a_ball(cloud: tuple[Floats, Floats], reach: float) -> None:
    points, asked = cloud
    found = list(Lookup.over(points, reach).around(asked))
    off2 = np.square(between(asked, points)).sum(axis=2)
    times = counted(((i, j) for i, j, _ in found), off2.shape)
    np.testing.assert_array_equal(times, off2 <= reach**2)
    for i, j, away2 in found:
        np.testing.assert_allclose(away2, off2[i, j], rtol=1e-12)


@settings(max_examples=150, deadline=None)
@given(clouds(), st.integers(1, 12), st.sampled_from([0.5, 3.0, 400.0]))
def test_nearest_are_those_that_a_tree_finds(cloud: tuple[Floats, Floats], many: int, reach: float) -> None:
    points, asked = cloud
    points = points + np.random.default_rng(5).normal(0, 0.01, points.shape)  # none as far as another
    away, near = nearest(points, asked, many, (reach, 4 * reach, 20 * reach))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lookup, "MANY", 0)
        tree = nearest(points, asked, many, (20 * reach,))
    np.testing.assert_allclose(away, tree[0], rtol=1e-12)
    np.testing.assert_array_equal(near, tree[1])
