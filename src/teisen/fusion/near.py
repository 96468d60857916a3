"""Pairs of things near each other in place and time, found without looking at all pairs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from teisen.fusion.lookup import Lookup
from teisen.geodesy import Floats

Ints = NDArray[np.int64]
Some = TypeVar("Some")

FARTHEST_SIGMAS = 4.0
"""Things farther apart than this many standard deviations of their difference are not near."""
BIN = 4.0
DAY_S = 86_400


@dataclass(frozen=True)
class Spots:
    """Places with error and interval; arrays of shape (n,): ``xyz`` metres (n, 3), ``sigma`` metres, times seconds."""

    xyz: Floats
    sigma: Floats
    start: Floats
    end: Floats

    def bins(self) -> list[Ints]:
        """Indices grouped by the size of place error and of interval, so that one large error costs only its own."""
        if not len(self.sigma):
            return []
        size = np.ceil(np.log(np.maximum(self.sigma, 100.0)) / np.log(BIN))
        length = np.ceil(np.log(np.maximum(self.end - self.start, 1_800.0)) / np.log(BIN))
        label = np.unique(size * 1_000 + length, return_inverse=True)[1]
        return [np.flatnonzero(label == value) for value in range(label.max() + 1)]

    def take(self, index: Ints) -> Spots:
        """The spots at ``index``, in that order."""
        return Spots(self.xyz[index], self.sigma[index], self.start[index], self.end[index])

    def points(self, index: Ints, scale: float) -> Floats:
        """Places and middles of intervals, one second being ``scale`` metres; shape (index, 4)."""
        return np.column_stack([self.xyz[index], (self.start[index] + self.end[index]) / 2 * scale])


def near_within(spots: Spots) -> Iterator[tuple[Ints, Ints]]:
    """Pairs ``i < j`` that share time and may lie within four standard deviations, each once, some at a time."""
    return _ahead(_within(spots))


def _within(spots: Spots) -> Iterator[tuple[Ints, Ints]]:
    for one, two in itertools.combinations_with_replacement(spots.bins(), 2):
        for i, j in _meet(spots, one, spots, two):
            yield np.minimum(i, j), np.maximum(i, j)


def _ahead(some: Iterator[Some]) -> Iterator[Some]:
    """The same, each found by another processor while the one before is worked on: trees hold up nobody."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, some, None)
        while (one := coming.result()) is not None:
            coming = thread.submit(next, some, None)
            yield one


def near_between(left: Spots, right: Spots) -> tuple[Ints, Ints]:
    """Pairs (of ``left``, of ``right``) that share time and may lie within four standard deviations, in order."""
    both = itertools.product(left.bins(), right.bins())
    return _ordered(*_joined([found for a, b in both for found in _meet(left, a, right, b)]))


def _meet(left: Spots, one: Ints, right: Spots, two: Ints) -> Iterator[tuple[Ints, Ints]]:
    reach = FARTHEST_SIGMAS * float(np.hypot(left.sigma[one].max(), right.sigma[two].max()))
    lasting = float((left.end - left.start)[one].max() + (right.end - right.start)[two].max()) / 2
    scale = reach / max(lasting, 1.0)
    for i, j in _found(left, one, right, two, reach=reach, scale=scale):
        together = np.minimum(left.end[i], right.end[j]) > np.maximum(left.start[i], right.start[j])
        yield i[together], j[together]


def _found(
    left: Spots, one: Ints, right: Spots, two: Ints, *, reach: float, scale: float
) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of those ``one`` and ``two`` within reach in place and time; the fewer ask for the more."""
    if left is right and one is two:
        for i, j in Lookup.over(left.points(one, scale), reach).pairs():
            yield one[i], one[j]
    elif len(one) <= len(two):
        for i, j in Lookup.over(right.points(two, scale), reach).within(left.points(one, scale)):
            yield one[i], two[j]
    else:
        for j, i in Lookup.over(left.points(one, scale), reach).within(right.points(two, scale)):
            yield one[i], two[j]


def _joined(found: list[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    none = np.empty(0, np.int64)
    return np.concatenate([none, *(i for i, _ in found)]), np.concatenate([none, *(j for _, j in found)])


def _ordered(i: Ints, j: Ints) -> tuple[Ints, Ints]:
    order = np.lexsort((j, i))
    return i[order], j[order]


def containing(areas: pl.DataFrame, lon: Floats, lat: Floats) -> pl.DataFrame:
    """Areas (AREA) that contain each place: columns ``at`` (index of the place) and ``area_id``; NaN is in none.

    Areas under control are left out: they change by the day and are no place's address.
    """
    areas = areas.filter(pl.col("level") != "control")
    known = np.flatnonzero(~np.isnan(lon))
    empty = pl.DataFrame(schema={"at": pl.Int64, "area_id": pl.String})
    if areas.is_empty() or not len(known):
        return empty
    tree = shapely.STRtree(shapely.points(lon[known], lat[known]))
    polygon, point = tree.query(shapely.from_wkb(areas["geometry"].to_list()), predicate="intersects")
    found = pl.DataFrame({"at": known[point], "area_id": areas["area_id"].gather(polygon)})
    return empty.vstack(found.cast(empty.schema).unique().sort("at", "area_id"))


def by_day(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows with ``from_s`` and ``to_s`` (seconds) once for each UTC day they touch, cut to it; adds ``day``."""
    first = (pl.col("from_s") / DAY_S).floor().cast(pl.Int64)
    last = ((pl.col("to_s") - 1e-6) / DAY_S).floor().cast(pl.Int64)
    days = frame.with_columns(day=pl.int_ranges(first, pl.max_horizontal(first, last) + 1)).explode(
        "day", empty_as_null=True, keep_nulls=True
    )
    return days.with_columns(
        from_s=pl.max_horizontal("from_s", (pl.col("day") * DAY_S).cast(pl.Float64)),
        to_s=pl.min_horizontal("to_s", ((pl.col("day") + 1) * DAY_S).cast(pl.Float64)),
    )
