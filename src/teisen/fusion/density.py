"""How many incidents there are around a place and time: the rival explanation of any two reports that lie close."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from teisen.fusion.lookup import Ints, Lookup, nearest
from teisen.fusion.reports import Reports
from teisen.geodesy import MEAN_RADIUS_M, METRES_PER_DEGREE, Floats, unit_vectors


class Counting(Protocol):
    """How sources count, as :class:`teisen.fusion.reporting.Reporting` knows it.

    ``of_one``: mean number of reports of one thing that each source reports; ``in_a_cell``: mean over cells of
    incidents and of false alarms of each source.
    """

    @property
    def sources(self) -> tuple[str, ...]:
        """Their ids in order."""

    @property
    def of_one(self) -> Floats:
        """Shape (sources,)."""

    @property
    def in_a_cell(self) -> Floats:
        """Shape (1 + sources,)."""

    def index(self, reports: Reports) -> Ints:
        """Place of each report's source among the sources."""


NEIGHBOURS = 10
"""Incidents that the local density is taken over (assumed: its error is then about a third)."""
METRES_PER_SECOND = 5_000.0 / 86_400.0
"""One day weighs as much as 5 km (assumed): a hot spot is as wide as a district and as long as a week."""
NEAREST_M = 5_000.0
FARTHEST_M = 100_000.0
"""Bounds of the radius searched, metres (assumed): finer would count an incident's own reports, wider is nobody's
surroundings."""
REACHES_M = (7_500.0, 10_000.0, 15_000.0, 22_500.0, 34_000.0, 50_000.0, FARTHEST_M)
"""The ten nearest are looked for within these, one after the other; that changes nothing but how long it takes."""
SET_OFF = 0.05
"""Incidents that lie right beside one, within the smallest ball that is searched, over those that the ten nearest tell:
they set each other off (chosen on simulations of the gallery with seeds 2,001 to 2,004 off their own, between 0 and 2).
Added, not a factor: where the ten nearest lie close, those set off are among them."""
CROWDED = 0.45
"""Added to the log of the density of false alarms, which come in bursts (chosen on the same, between 0 and 0.9)."""
CROWDED_THINGS = 0.5
"""The same where all that is reported is counted as it comes, true or not (chosen on the gallery, seed 999)."""
OWN = 1.0
"""Cells that the mean of all weighs as beside the ten nearest (assumed)."""
CELL_DEG = 0.02
CELL_S = 86_400.0
KEY = ["x", "y", "t"]
WIDE = 1 << 16
"""More cells than there are around the globe."""
BLOCK_CELLS, BLOCK_DAYS = 32, 4
"""Cells east and north (some 70 km) and days over which false alarms of sources that are mostly right are spread
(chosen on the same; 48 cells and 2 to 16 days do about as well)."""
STEP = 0.1
"""The log of a density is kept in such steps (10 %), far below its error: most new data then leave it as it was."""


JITTER = 0.1
"""Middles of cells are moved by up to so much of their size."""
PARTS = 1_000
"""Shares are summed in thousandths, so that the order of rows decides no last digit."""


@dataclass(frozen=True)
class Around:
    """What there is around each report, a m2 and second, shape (n,): ``incidents`` that somebody reports, and
    ``alarms`` of its own source, false ones."""

    incidents: Floats
    alarms: Floats

    def __len__(self) -> int:
        return len(self.incidents)

    def take(self, index: Ints) -> Around:
        """Around the reports at ``index``."""
        return Around(self.incidents[index], self.alarms[index])


@dataclass(frozen=True)
class Cells:
    """Cells of 0.02 degrees and a day that hold a report: ``places`` with ``x``, ``y``, ``t``, in order of time.

    ``holds``: what lies in each, incidents and false alarms by source, thousandths, shape (c, 1 + sources); ``around``:
    density of the same about each, a m2 and second, within ``radius`` metres.
    """

    places: pl.DataFrame
    holds: NDArray[np.int32]
    around: Floats
    radius: Floats

    def __len__(self) -> int:
        return self.places.height

    @cached_property
    def frame(self) -> pl.DataFrame:
        """``x``, ``y``, ``t`` and ``w0``, ``w1``, ...: what lies in each."""
        return self.places.with_columns(pl.Series(f"w{n}", column) for n, column in enumerate(self.holds.T.copy()))

    @staticmethod
    def of(frame: pl.DataFrame, around: Floats, radius: Floats) -> Cells:
        """Cells of a frame as :attr:`frame` gives it."""
        return Cells(frame.select(KEY), frame.drop(KEY).to_numpy(), around, radius)


@dataclass(frozen=True)
class Grid:
    """Which cell each of some reports lies in: ``frame`` has ``x``, ``y`` and ``t`` of the cells, in order of time,
    ``of`` the row of each report's."""

    frame: pl.DataFrame
    of: Ints

    @staticmethod
    def over(reports: Reports) -> Grid:
        """The cells of reports that have a place."""
        axes = (reports.start + reports.end) / 2 / CELL_S, reports.lon * (1 / CELL_DEG), reports.lat * (1 / CELL_DEG)
        t, x, y = (np.floor(one).astype(np.int64) for one in axes)
        key = (t * WIDE + x + WIDE // 2) * WIDE + y + WIDE // 2
        key, of = np.unique(key, return_inverse=True)
        cells = {"x": key // WIDE % WIDE - WIDE // 2, "y": key % WIDE - WIDE // 2, "t": key // WIDE**2}
        return Grid(pl.DataFrame(cells, schema=dict.fromkeys(KEY, pl.Int32)), of)

    @cached_property
    def points(self) -> Floats:
        """See :func:`_points`."""
        return _points(self.frame)

    @cached_property
    def surroundings(self) -> tuple[Ints, Floats]:
        """Block of :data:`BLOCK_CELLS` and :data:`BLOCK_DAYS`, fixed on the globe, that each cell lies in, and how much
        place and time each block holds, m2 s. Only days on which somebody reports from there count, so that a block
        is no emptier while it fills day by day."""
        x, y, t = (self.frame[name].to_numpy().astype(np.int64) for name in KEY)
        key = (t // BLOCK_DAYS * WIDE + x // BLOCK_CELLS + WIDE // 2) * WIDE + y // BLOCK_CELLS + WIDE // 2
        key, block = np.unique(key, return_inverse=True)
        days = np.bincount(np.unique(block * BLOCK_DAYS + t % BLOCK_DAYS) // BLOCK_DAYS)
        side = BLOCK_CELLS * CELL_DEG
        middle = np.radians((key % WIDE - WIDE // 2 + 0.5) * side)
        return block, (side * METRES_PER_DEGREE) ** 2 * np.cos(middle) * days * CELL_S

    @cached_property
    def density(self) -> tuple[Floats, Floats, Ints]:
        """See :func:`_density`; of all cells."""
        return _density(self.points, np.arange(len(self.points)))


def local_density(reports: Reports) -> Floats:
    """Distinct reported things, true or not, per m2 and second around each report, shape (n,)."""
    grid = Grid.over(reports)
    return np.exp(_stepped(np.log(grid.density[0]) + CROWDED_THINGS))[grid.of]


def around(
    reports: Reports,
    habits: Counting,
    before: Cells | None = None,
    grid: Grid | None = None,
    *,
    beside: bool = True,
) -> tuple[Around, Cells]:
    """Densities around each report, and the cells that tell them.

    Reports are first put into cells of 0.02 degrees and a day. A cell holds as many incidents as its source with most
    true reports makes of them, and of each source so many false alarms. The density is that
    of the ball of place and time about a report's cell that holds the ten nearest other cells. Cells
    are fixed on the globe and in time.

    That ball holds one false alarm, if any, of a source that is mostly right, so that its share of what is reported
    would put them where most is true. Such alarms are no denser than they are over the wider surroundings.

    Args:
        habits: how many reports of each source are true, and how many it makes of one thing.
        before: cells of other reports; densities that the difference can't touch are taken from there.
        grid: that of ``reports``, where it is known.
        beside: right beside a report, where incidents set each other off and false alarms come in bursts: what another
            one is weighed against. Else what lies there at all: how probable it is that a report is true.
    """
    grid = grid or Grid.over(reports)
    source = habits.index(reports)
    weights, places, points = _weighed(grid, source, reports.base, habits), grid.frame, grid.points
    holds = np.round(weights * PARTS).astype(np.int32)
    density, radius = np.empty(weights.shape), np.empty(len(places))
    touched = np.arange(len(places))
    if before is not None and before.around.shape[1] == weights.shape[1]:
        old = before.places.with_columns(at=pl.arange(0, len(before), eager=True))
        at = places.join(old, on=KEY, how="left", maintain_order="left")["at"].fill_null(-1).to_numpy()
        density = np.concatenate([before.around, np.full((1, weights.shape[1]), np.inf)])[at]
        radius = np.append(before.radius, np.inf)[at]
        now, then = Cells(places, holds, density, radius).frame, before.frame
        changed = [
            _points(one)
            for one in (now.join(then, on=now.columns, how="anti"), then.join(now, on=now.columns, how="anti"))
        ]
        touched = _touched(points, np.minimum(radius, FARTHEST_M) * 1.001, np.concatenate(changed))
        cells, radius[touched], near = _density(points, touched)
    else:
        cells, radius, near = grid.density
    padded = np.concatenate([weights, np.zeros((1, weights.shape[1]))])
    shares = sum((padded.take(one, axis=0) for one in near.T), np.zeros((len(near), weights.shape[1])))
    counted = (near < len(points)).sum(axis=1)
    shares = (shares + OWN * habits.in_a_cell) / (counted + OWN)[:, None]
    found = cells[:, None] * np.maximum(shares, LEAST)
    if beside:
        found[:, 0] += SET_OFF / _volume(np.array(NEAREST_M))
        found[:, 1:] *= np.exp(CROWDED)
    density[touched] = np.exp(_stepped(np.log(found)))
    alarms, rare = density[grid.of, 1 + source], np.flatnonzero(reports.base > 0)
    spread = np.log(_spread(grid, source, reports.base, habits.of_one)) + (CROWDED if beside else 0.0)
    alarms[rare] = np.minimum(alarms[rare], np.exp(_stepped(spread[rare])))
    return Around(density[grid.of, 0], alarms), Cells(places, holds, density, radius)


LEAST = 1e-4
"""A cell holds at least so many incidents and false alarms: nothing is impossible."""


def in_a_cell(reports: Reports, habits: Counting, grid: Grid | None = None) -> Floats:
    """Mean over cells of incidents, and of false alarms of each source, shape (1 + sources,)."""
    weights = _weighed(grid or Grid.over(reports), habits.index(reports), reports.base, habits)
    return np.asarray(np.maximum(weights.mean(axis=0), LEAST)) if len(weights) else np.ones(weights.shape[1])


def _spread(grid: Grid, source: Ints, odds: Floats, of_one: Floats) -> Floats:
    """False alarms of each report's source, a m2 and second, where they lie evenly over its block."""
    (block, volume), many = grid.surroundings, len(of_one)
    block = block[grid.of]
    at = block * many + source
    false = np.maximum(np.round(PARTS / (1 + np.exp(odds))), 1.0)
    return np.asarray(np.bincount(at, false)[at] / PARTS / of_one[source] / volume[block])


def _weighed(grid: Grid, source: Ints, odds: Floats, habits: Counting) -> Floats:
    """What lies in each cell: incidents, and false alarms by source, shape (c, 1 + sources)."""
    many, of = len(habits.sources), grid.of
    true = np.round(PARTS / (1 + np.exp(-odds)))
    size = len(grid.frame) * many
    trues = np.bincount(of * many + source, true, size).reshape(-1, many) if size else np.zeros((0, many))
    counts = np.bincount(of * many + source, minlength=size).reshape(-1, many) if size else np.zeros((0, many))
    falses = (counts * PARTS - trues) / PARTS / habits.of_one
    return np.column_stack([(trues / PARTS / habits.of_one).max(axis=1, initial=0.0), falses])


def _points(cells: pl.DataFrame) -> Floats:
    """Middles of the cells in metres, each moved a little by its number: so no two are equally far from a third, and
    which are its ten nearest does not hang on the others."""
    x, y, t = (cells[name].to_numpy().astype(np.int64) for name in KEY)
    mixed = ((x * 73_856_093) ^ (y * 19_349_663) ^ (t * 83_492_791)).astype(np.uint64)
    moved = []
    for _ in KEY:
        mixed = (mixed ^ (mixed >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
        moved.append((mixed >> np.uint64(40)).astype(np.float64) / 2**24 * JITTER)
    places = unit_vectors((x + 0.5 + moved[0]) * CELL_DEG, (y + 0.5 + moved[1]) * CELL_DEG) * MEAN_RADIUS_M
    return np.column_stack([places, (t + 0.5 + moved[2]) * CELL_S * METRES_PER_SECOND])


def _stepped(logs: Floats) -> Floats:
    return np.asarray(np.round(logs / STEP) * STEP)


def _density(points: Floats, at: Ints) -> tuple[Floats, Floats, Ints]:
    """Of some of the points: other points a m2 and second about each, the radius that they were counted
    within, and the ten nearest (their number, where there are fewer)."""
    if not len(at):
        return np.empty(0), np.empty(0), np.empty((0, NEIGHBOURS), np.int64)
    away, near = nearest(points, points[at], NEIGHBOURS + 1, REACHES_M)
    others = np.minimum((near < len(points)).sum(axis=1) - 1.0, NEIGHBOURS)
    crowded = np.flatnonzero(away[:, -1] <= NEAREST_M)
    if crowded.size:
        beside = [i for i, _, _ in Lookup.over(points, NEAREST_M).around(points[at[crowded]])]
        others[crowded] = np.bincount(np.concatenate(beside), minlength=len(crowded)) - 1
    radius = np.clip(away[:, -1], NEAREST_M, FARTHEST_M)
    return np.maximum(others, 1.0) / _volume(radius), radius, near[:, 1:]


def _touched(points: Floats, radius: Floats, changed: Floats) -> Ints:
    """Which of the points have one that changed within their radius."""
    touched = np.zeros(len(points), np.bool_)
    if len(changed):
        turn = np.searchsorted(REACHES_M[:-1], radius / 1.001)
        for at in np.unique(turn):
            some = np.flatnonzero(turn == at)
            for i, _, away2 in Lookup.over(changed, REACHES_M[at] * 1.002).around(points[some]):
                touched[some[i[np.sqrt(away2) <= radius[some[i]]]]] = True
    return np.flatnonzero(touched)


def _volume(radius: Floats) -> Floats:
    """Of a ball of place and time, m2 s."""
    return 4 / 3 * np.pi * radius**3 / METRES_PER_SECOND
