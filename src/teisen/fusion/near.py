"""Pairs of things near each other in place and time, found without looking at all pairs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import polars as pl
import scipy
import shapely
from numpy.typing import NDArray

from teisen.geodesy import Floats

Ints = NDArray[np.int64]
Some = TypeVar("Some")

FARTHEST_SIGMAS = 4.0
"""Things farther apart than this many standard deviations of their difference are not near."""
BIN = 4.0
AT_ONCE = 2_000_000
"""Pairs that are looked at together."""
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

    def tree(self, index: Ints, scale: float) -> scipy.spatial.cKDTree:
        """A tree of places and middles of intervals, one second being ``scale`` metres."""
        points = np.column_stack([self.xyz[index], (self.start + self.end)[index] / 2 * scale])
        return scipy.spatial.cKDTree(points, leafsize=24, balanced_tree=False)  # asked once: quick to build


def near_within(spots: Spots) -> Iterator[tuple[Ints, Ints]]:
    """Pairs ``i < j`` that share time and may lie within four standard deviations, each once, some at a time."""
    return _ahead(_within(spots))


def _within(spots: Spots) -> Iterator[tuple[Ints, Ints]]:
    for one, two in itertools.combinations_with_replacement(spots.bins(), 2):
        i, j = _meet(spots, one, spots, two)
        for at in range(0, len(i), AT_ONCE):
            some = slice(at, at + AT_ONCE)
            yield np.minimum(i[some], j[some]), np.maximum(i[some], j[some])


def _ahead(some: Iterator[Some]) -> Iterator[Some]:
    """The same, each found by another processor while the one before is worked on: trees hold up nobody."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, some, None)
        while (one := coming.result()) is not None:
            coming = thread.submit(next, some, None)
            yield one


def near_between(left: Spots, right: Spots) -> tuple[Ints, Ints]:
    """Pairs (of ``left``, of ``right``) that share time and may lie within four standard deviations, in order."""
    return _ordered(*_joined([_meet(left, a, right, b) for a, b in itertools.product(left.bins(), right.bins())]))


def _meet(left: Spots, one: Ints, right: Spots, two: Ints) -> tuple[Ints, Ints]:
    reach = FARTHEST_SIGMAS * float(np.hypot(left.sigma[one].max(), right.sigma[two].max()))
    lasting = float((left.end - left.start)[one].max() + (right.end - right.start)[two].max()) / 2
    scale = reach / max(lasting, 1.0)
    tree = left.tree(one, scale)
    if left is right and one is two:
        pair = tree.query_pairs(reach, p=np.inf, output_type="ndarray")
        i, j = one[pair[:, 0]], one[pair[:, 1]]
    else:
        hit = tree.sparse_distance_matrix(right.tree(two, scale), reach, p=np.inf, output_type="ndarray")
        i, j = one[hit["i"]], two[hit["j"]]
    together = np.minimum(left.end[i], right.end[j]) > np.maximum(left.start[i], right.start[j])
    return i[together], j[together]


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
