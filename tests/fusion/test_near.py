"""Pairs near each other in place and time: none is missed, none comes twice."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.fusion.near import FARTHEST_SIGMAS, Ints, Spots, near_between, near_within
from teisen.geodesy import MEAN_RADIUS_M, unit_vectors

DAY_S = 86_400.0


@st.composite
def spots(draw: st.DrawFn) -> Spots:
    """From a village to the whole globe, moments to weeks, metres to hundreds of kilometres."""
    random, n = np.random.default_rng(draw(st.integers(0, 2**32 - 1))), draw(st.integers(0, 50))
    wide = draw(st.sampled_from([0.02, 3.0, 180.0]))
    lon, lat = 179.9 + random.uniform(-wide, wide, n), random.uniform(-wide, wide, n) / 2
    start = 1.7e9 + random.uniform(0, draw(st.sampled_from([1, 20])), n) * DAY_S
    sigma, lasts = 10 ** random.uniform(1, 5.5, n), 10 ** random.uniform(0, 6, n)
    return Spots(unit_vectors(lon, lat) * MEAN_RADIUS_M, sigma, start, start + lasts)


def apart(left: Spots, right: Spots) -> tuple[Ints, Ints]:
    """Whether any two share time, and whether they lie within four standard deviations besides."""
    together = np.minimum(left.end[:, None], right.end) > np.maximum(left.start[:, None], right.start)
    away = np.sqrt(np.square(left.xyz[:, None] - right.xyz).sum(axis=2))
    return together, together & (away <= FARTHEST_SIGMAS * np.hypot(left.sigma[:, None], right.sigma))


def found(pairs: list[tuple[Ints, Ints]], shape: tuple[int, int]) -> Ints:
    times = np.zeros(shape, np.int64)
    for i, j in pairs:
        np.add.at(times, (i, j), 1)
    return times


@settings(max_examples=150, deadline=None)
@given(spots())
def test_pairs_within(some: Spots) -> None:
    n = len(some.sigma)
    times, (together, near) = found(list(near_within(some)), (n, n)), apart(some, some)
    assert (times <= np.triu(together, 1)).all()
    assert (times >= np.triu(near, 1)).all()


@settings(max_examples=150, deadline=None)
@given(spots(), spots())
def test_pairs_between(left: Spots, right: Spots) -> None:
    i, j = near_between(left, right)
    times, (together, near) = found([(i, j)], (len(left.sigma), len(right.sigma))), apart(left, right)
    assert (times <= together).all()
    assert (times >= near).all()
    np.testing.assert_array_equal(np.lexsort((j, i)), np.arange(len(i)))
