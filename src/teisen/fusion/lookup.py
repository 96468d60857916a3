"""Points near others, looked up in cells of space and time, many at once.

Points are sorted by cells over two axes, and along a third within each cell. A cell is as wide as is looked for far:
what lies near a point is in nine stretches of the sorted points, whose ends are looked up for all that ask at once.
Axes are metres of space, or time as metres: there is no seam and no pole. Pairs come in no order that means anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from teisen.geodesy import Floats

Ints = NDArray[np.int64]

AT_ONCE = 50_000
"""Pairs, about, that are looked at together: few enough to stay in a processor's cache; ..."""
ASKED_AT_ONCE = 10_000
"""...and of so many that ask."""
MANY = 50_000
"""Points of which a tree tells sooner which are nearest, that it has to be loaded included."""
STEPS = 16
"""Steps of the third axis to the side of a cell."""
MOST_CELLS = 1 << 18
"""Cells along an axis, at most: their numbers fit 64 bits."""
EDGE = np.array([1, 1, STEPS])
"""Cells and steps beside the outermost, which are empty: what is about any is in no other row."""
ABOUT = np.array([(0, 0, 1, 1, 1, 0, -1, -1, -1), (0, 1, -1, 0, 1, -1, -1, 0, 1), (0,) * 9])
"""A cell and its neighbours by both axes, shape (3, 9); itself first and then those that come after it, which are..."""
LATER = ABOUT[:, :5]


@dataclass(frozen=True)
class Lookup:
    """Points in the order of their cells.

    Attributes:
        points: shape (axes, n), in that order; ``of`` their places among those given, shape (n,).
        reach: how far is looked.
        net: the cells.
        key: number of each point's cell and step, ascending, shape (n,).
    """

    points: Floats
    of: Ints
    reach: float
    net: Net
    key: Ints

    @staticmethod
    def over(points: Floats, reach: float) -> Lookup:
        """Points of shape (n, axes), at least one and of three axes at least."""
        columns = np.ascontiguousarray(points.T)
        net = Net.over(columns, reach)
        key = net.number(net.at(columns))
        of = np.argsort(key).astype(np.int64)
        return Lookup(columns[:, of], of, reach, net, key[of])

    def pairs(self) -> Iterator[tuple[Ints, Ints]]:
        """Pairs of the points within reach along every axis, each once, some at a time."""
        for i, j in self._boxed(self.points, LATER):
            yield self.of[i], self.of[j]

    def within(self, asked: Floats) -> Iterator[tuple[Ints, Ints]]:
        """Pairs of what is ``asked`` (shape (m, axes)) and of points within reach along every axis, some at a time."""
        order, points = self._ordered(asked)
        for i, j in self._boxed(points, ABOUT):
            yield order[i], self.of[j]

    def around(self, asked: Floats, least: int = 0) -> Iterator[tuple[Ints, Ints, Floats]]:
        """Pairs of what is ``asked`` (shape (m, axes)) and of points whose distance is within reach, with its square,
        some at a time; all pairs of one that asks come one after the other. Those with fewer than ``least`` points in
        the cells about them are left out."""
        order, points = self._ordered(asked)
        for i, j in self._told(points, ABOUT, least):
            away2 = np.zeros(len(i))
            for mine, theirs in zip(points, self.points, strict=True):
                away2 += np.square(mine[i] - theirs[j])
            near = np.flatnonzero(away2 <= self.reach**2)
            yield order[i[near]], self.of[j[near]], away2[near]

    def _ordered(self, asked: Floats) -> tuple[Ints, Floats]:
        """What asks, shape (axes, m), in the order of cells: what is looked up next lies beside what was looked up."""
        columns = np.ascontiguousarray(asked.T)
        order = np.argsort(self.net.number(self.net.at(columns))).astype(np.int64)
        return order, columns[:, order]

    def _boxed(self, asked: Floats, cells: Ints) -> Iterator[tuple[Ints, Ints]]:
        for one, two in self._told(asked, cells):
            i, j = one, two
            for mine, theirs in zip(asked, self.points, strict=True):
                near = np.flatnonzero(np.abs(mine[i] - theirs[j]) <= self.reach)
                i, j = i[near], j[near]
            yield i, j

    def _told(self, asked: Floats, cells: Ints, least: int = 1) -> Iterator[tuple[Ints, Ints]]:
        """Everyone of ``asked`` (axes, m) with every point of its stretches, some at a time; where only later cells are
        asked for, with those alone that come later."""
        for asking in np.split(np.arange(asked.shape[1]), range(ASKED_AT_ONCE, asked.shape[1], ASKED_AT_ONCE)):
            first, last = self._stretches(asked[:, asking], cells)
            if cells is LATER:
                first[:, 0] = asking + 1
            count = np.maximum(last - first, 0)
            total = count.sum(axis=1)
            enough = np.flatnonzero(total >= least)
            who, first, count, total = asking[enough], first[enough], count[enough], total[enough]
            for some in _portions(total):
                yield np.repeat(who[some], total[some]), _counting(first[some].ravel(), count[some].ravel())

    def _stretches(self, asked: Floats, cells: Ints) -> tuple[Ints, Ints]:
        """First of the points of each stretch that may be near, and the one after its last; shape (m, cells)."""
        here = self.net.number(self.net.at(asked))[:, None] + self.net.number(cells)
        return np.searchsorted(self.key, here - STEPS), np.searchsorted(self.key, here + STEPS, side="right")


@dataclass(frozen=True)
class Net:
    """Cells over two axes of some points, and steps along a third.

    Attributes:
        axes: shape (3,).
        start, side: along these axes, the edge of the first cell (or step) and the size of each.
        many: how many there are, with empty ones about the outermost.
    """

    axes: Ints
    start: Floats
    side: Floats
    many: Ints

    @staticmethod
    def over(points: Floats, reach: float) -> Net:
        """Over the two axes along which points (axes, n) differ most, and the last: time, where there is any."""
        span = np.ptp(points, axis=1)
        axes = np.append(np.argsort(-span[:-1], kind="stable")[:2], len(span) - 1)
        # A little wider than the reach, so that no rounding puts what is within it two cells away.
        side = np.maximum(reach * (1 + 1e-6), span[axes] / MOST_CELLS) / (1, 1, STEPS)
        start = points[axes].min(axis=1) - EDGE * side
        return Net(axes, start, side, np.ceil(span[axes] / side).astype(np.int64) + 2 * EDGE + 1)

    def at(self, points: Floats) -> Ints:
        """Cells and step of points (axes, n), shape (3, n); of what is farther off, the outermost that hold any."""
        at = np.floor((points[self.axes] - self.start[:, None]) / self.side[:, None])
        return np.clip(at, EDGE[:, None], (self.many - 1 - EDGE)[:, None]).astype(np.int64)

    def number(self, at: Sequence[Ints] | Ints) -> Ints:
        """One number for cells and step, which grows with the first, then the second, then the step."""
        return np.asarray((at[0] * self.many[1] + at[1]) * self.many[2] + at[2])


def nearest(points: Floats, asked: Floats, many: int, reaches: Sequence[float]) -> tuple[Floats, Ints]:
    """The ``many`` points (n, axes) nearest to each of what is ``asked`` (m, axes): how far they are, ascending, and
    which, shape (m, many); infinitely far, and ``n``, where fewer lie within the last of ``reaches``, which grow.

    Who has too few within the first is asked about again within the next. Of very many points SciPy's tree finds the
    same in less time, and repays that it is slow to load.
    """
    if len(points) >= MANY:
        from scipy.spatial import cKDTree  # noqa: PLC0415  loading it takes as long as fusing some thousand reports

        tree, bound = cKDTree(points, leafsize=24, balanced_tree=False), np.nextafter(reaches[-1], np.inf)
        found = tree.query(asked, k=[*range(1, many + 1)], distance_upper_bound=bound, workers=-1)
        return np.asarray(found[0]), np.asarray(found[1], np.int64)
    away2, near = np.full((len(asked), many), np.inf), np.full((len(asked), many), len(points))
    left = np.arange(len(asked))
    for reach in reaches:
        last = reach == reaches[-1]
        # Of so few in the cells about one, which are more than the ball, hardly ever enough lie within it.
        for i, j, off2 in Lookup.over(points, reach).around(asked[left], 0 if last else 2 * many):
            first = np.flatnonzero(np.diff(i, prepend=-1))
            count = np.diff(first, append=len(i))
            enough = np.flatnonzero((count >= many) | last)
            first, count = first[enough], count[enough]
            who = left[i[first]]
            away2[who], near[who] = _least(off2, j, first, count, many=many, none=len(points))
        left = left[np.isinf(away2[left, -1])]
        if not len(left):
            break
    return np.sqrt(away2), near


def _least(values: Floats, what: Ints, first: Ints, count: Ints, *, many: int, none: int) -> tuple[Floats, Ints]:
    """The least of so many values from each first one on, ascending, and what they are of (``none``: none is left)."""
    held = np.arange(max(int(count.max(initial=0)), many)) < count[:, None]
    each = np.full(held.shape, np.inf)
    each[held] = values[_counting(first, count)]
    least = np.argpartition(each, many - 1, axis=1)[:, :many]
    each = np.take_along_axis(each, least, axis=1)
    order = np.argsort(each, axis=1)
    least = np.take_along_axis(least, order, axis=1)
    of = np.append(what, none)[np.where(least < count[:, None], first[:, None] + least, len(what))]
    return np.take_along_axis(each, order, axis=1), of


def _portions(count: Ints) -> Iterator[slice]:
    """One after the other, so that counts add up to :data:`AT_ONCE` or are of one alone."""
    ends, at = np.cumsum(count), 0
    while at < len(count):
        done = ends[at - 1] if at else 0
        to = max(int(np.searchsorted(ends, done + AT_ONCE, side="right")), at + 1)
        yield slice(at, to)
        at = to


def _counting(first: Ints, count: Ints) -> Ints:
    """From each first number so many on, one after the other."""
    before = np.cumsum(count) - count
    return np.asarray(np.arange(count.sum()) + np.repeat(first - before, count))
