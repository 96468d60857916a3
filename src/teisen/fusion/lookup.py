"""Points near others, looked up in cells of space and time, many at once.

Points are sorted by cells over two axes, and along a third within each cell. A cell is as wide as is looked for far: what
lies near a point is in nine stretches of the sorted points, whose ends are looked up for all that ask at once. That
takes no longer than a search tree of a library that is slow to load. Axes are metres of space, or time as metres; there
is no seam and no pole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from teisen.geodesy import Floats

Ints = NDArray[np.int64]

AT_ONCE = 200_000
"""Pairs, about, that are looked at together: few enough to stay at hand; ..."""
ASKED_AT_ONCE = 10_000
"""...and of so many that ask."""
STEPS = 16
"""Steps of the third axis to the side of a cell."""
MOST_CELLS = 1 << 18
"""Cells along an axis, at most: their numbers fit 64 bits."""
LATER = ((0, 0), (0, 1), (1, -1), (1, 0), (1, 1))
"""A cell and those of its neighbours that come after it."""
ABOUT = (*LATER, (0, -1), (-1, -1), (-1, 0), (-1, 1))
"""A cell and its neighbours."""


@dataclass(frozen=True)
class Lookup:
    """Points in the order of their cells.

    Attributes:
        points: shape (axes, n), in that order; ``of`` their places among those given, shape (n,).
        reach: how far is looked along every axis.
        axes: two of cells, and that along which points are sorted within a cell.
        start, side: of these axes, the edge of the first cell and the size of each (of a step, for the third).
        many: cells or steps along these axes, with empty ones about the outermost.
        key: number of each point's cell and step, ascending, shape (n,).
    """

    points: Floats
    of: Ints
    reach: float
    axes: Ints
    start: Floats
    side: Floats
    many: Ints
    key: Ints

    @staticmethod
    def over(points: Floats, reach: float) -> Lookup:
        """Points of shape (n, axes), three axes at least: within cells over the two that they differ most along, they
        are sorted by the last, which is time where there is any."""
        span = np.ptp(points, axis=0)
        axes = np.append(np.argsort(-span[:-1], kind="stable")[:2], len(span) - 1)
        # A little wider than the reach, so that no rounding puts what is within it two cells away.
        side = np.maximum(reach * (1 + 1e-6), span[axes] / MOST_CELLS) / (1, 1, STEPS)
        edge = np.array([2, 2, STEPS + 1])
        start = points[:, axes].min(axis=0) - edge * side
        many = np.ceil(span[axes] / side).astype(np.int64) + 2 * edge + 1
        at = np.floor((points[:, axes] - start) / side).astype(np.int64)
        key = (at[:, 0] * many[1] + at[:, 1]) * many[2] + at[:, 2]
        of = np.argsort(key, kind="stable").astype(np.int64)
        return Lookup(np.ascontiguousarray(points[of].T), of, reach, axes, start, side, many, key[of])

    def pairs(self) -> Iterator[tuple[Ints, Ints]]:
        """Pairs of the points within reach along every axis, each once, some at a time."""
        for asking in _some(len(self.of)):
            first, last = self._stretches(self.points[:, asking], LATER)
            first[:, 0] = asking + 1
            for i, j in self._near(self.points, asking, first, last):
                yield self.of[i], self.of[j]

    def within(self, asked: Floats) -> Iterator[tuple[Ints, Ints]]:
        """Pairs of what is ``asked`` (shape (m, axes)) and of points within reach along every axis, some at a time; all
        pairs of one that asks come together."""
        # In the order of cells: what is looked up next lies beside what was looked up before.
        order = np.argsort(self._number(self._at(asked.T)), kind="stable")
        points = np.ascontiguousarray(asked[order].T)
        for asking in _some(len(asked)):
            for i, j in self._near(points, asking, *self._stretches(points[:, asking], ABOUT)):
                yield order[i], self.of[j]

    def _at(self, points: Floats) -> Ints:
        """Cell and step of points (axes, n), or one beside the outermost if they are farther off; shape (3, n)."""
        at = np.floor((points[self.axes] - self.start[:, None]) / self.side[:, None])
        return np.clip(at, 1, self.many[:, None] - 2).astype(np.int64)

    def _number(self, at: Ints) -> Ints:
        return np.asarray((at[0] * self.many[1] + at[1]) * self.many[2] + at[2])

    def _stretches(self, asked: Floats, cells: tuple[tuple[int, int], ...]) -> tuple[Ints, Ints]:
        """First of the points of each stretch that may be near, and the one after its last; shape (asked, cells)."""
        x, y, step = self._at(asked)
        low, high = np.maximum(step - STEPS, 0), np.minimum(step + STEPS, self.many[2] - 1)
        cell = np.array([(x + more) * self.many[1] + y + over for more, over in cells]).T * self.many[2]
        first = np.searchsorted(self.key, cell + low[:, None])
        return first, np.searchsorted(self.key, cell + high[:, None], side="right")

    def _near(self, asked: Floats, asking: Ints, first: Ints, last: Ints) -> Iterator[tuple[Ints, Ints]]:
        """Pairs of those ``asking`` and of the points in their stretches, where they are within reach."""
        count = np.maximum(last - first, 0)
        ends = np.cumsum(count.sum(axis=1))
        at = 0
        while at < len(asking):
            done = ends[at - 1] if at else 0
            to = max(int(np.searchsorted(ends, done + AT_ONCE, side="right")), at + 1)
            many = count[at:to]
            i = np.repeat(asking[at:to], many.sum(axis=1))
            j = _counting(first[at:to].ravel(), many.ravel())
            for mine, theirs in zip(asked, self.points, strict=True):
                near = np.flatnonzero(np.abs(mine[i] - theirs[j]) <= self.reach)
                i, j = i[near], j[near]
            yield i, j
            at = to


def _some(many: int) -> Iterator[Ints]:
    for at in range(0, many, ASKED_AT_ONCE):
        yield np.arange(at, min(at + ASKED_AT_ONCE, many))


def _counting(first: Ints, count: Ints) -> Ints:
    """From each first number so many on, one after the other."""
    before = np.cumsum(count) - count
    return np.arange(count.sum()) + np.repeat(first - before, count)
