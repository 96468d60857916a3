"""Making incidents: reports that one incident explains better than two become one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import polars as pl

from teisen.fusion.copies import originals
from teisen.fusion.density import Around, Cells, Grid, around
from teisen.fusion.likelihood import Likelihood
from teisen.fusion.near import Ints, near_within
from teisen.fusion.pairs import AREA_RATE, Pairs
from teisen.fusion.partition import Close, Parted, close, partition
from teisen.fusion.posterior import Settled, settle
from teisen.fusion.reporting import Reporting
from teisen.fusion.reports import Reports
from teisen.geodesy import Floats
from teisen.sources import Ground

MOST_BEGUN = 200_000
"""Reports whose pairs may all be held at once."""


@dataclass(frozen=True)
class Made:
    """Incidents made of one sort of reports: all with a place, or all of an area alone.

    ``label`` is the incident of each report, ``lead`` the index of the report that it is a copy of (or its own);
    ``pairs`` weighs any two of the reports.
    """

    reports: Reports
    label: Ints
    lead: Ints
    pairs: Pairs
    settled: Settled

    def take(self, incidents: Ints) -> Made:
        """These incidents alone, in that order, with all their reports."""
        at = np.full(len(self.settled), -1)
        at[incidents] = np.arange(len(incidents))
        label = at[self.label]
        some = np.flatnonzero(label >= 0)
        few = self.reports if len(some) == len(self.reports) else self.reports.take(some)
        lead = np.searchsorted(some, self.lead[some])
        pairs = Pairs(few, self.pairs.density[some], self.pairs.shown)
        return Made(few, label[some], lead, pairs, self.settled.take(incidents))


@dataclass(frozen=True)
class Joined:
    """Which reports belong together: ``reports`` that all have a place, or all have none, and for each the index of the
    report it is a copy of (``lead``, else its own).

    Of originals alone, which are at ``first``: ``label`` of the incident, ``component`` (reports of one component
    decide together which of them are joined, and no others) and what is ``around``, which ``cells`` tell.
    """

    reports: Reports
    lead: Ints
    first: Ints
    label: Ints
    component: Ints
    around: Around
    cells: Cells | None

    @property
    def incident(self) -> Ints:
        """Label of the incident of each report, copies too."""
        return np.asarray(self.label[np.searchsorted(self.first, self.lead)])

    def take(self, labels: Ints) -> Joined:
        """The reports of these incidents alone, which are counted anew in the order of ``labels`` (ascending)."""
        at = np.full(int(self.label.max(initial=-1)) + 1, -1)
        at[labels] = np.arange(len(labels))
        some = np.flatnonzero(at[self.incident] >= 0)
        mine = np.flatnonzero(at[self.label] >= 0)
        lead, first = np.searchsorted(some, self.lead[some]), np.searchsorted(some, self.first[mine])
        label, part = at[self.label[mine]], self.component[mine]
        return Joined(self.reports.take(some), lead, first, label, part, self.around.take(mine), self.cells)


@dataclass(frozen=True)
class Begun:
    """What joining reports begins with, on which it does not bear how sources report, nor how credible they are:
    ``lead`` as :class:`Joined` has it, and of originals the cells and the pairs that lie close."""

    lead: Ints
    grid: Grid
    pairs: list[Close]


def begin(makers: Reports) -> Begun | None:
    """Begin to join reports that all have a place; :func:`join` does the same by itself. Nothing where they are more
    than :data:`MOST_BEGUN`."""
    if len(makers) > MOST_BEGUN:
        return None
    lead, _, of = _originals(makers)
    grid = Grid.over(of)
    grid.density  # noqa: B018  kept for those who ask
    return Begun(lead, grid, list(close_pairs(of)))


def join(makers: Reports, reporting: Reporting, begun: Begun | None = None) -> Joined:
    """Join reports that all have a place, or all have none; ``begun``: what :func:`begin` gave of the same reports."""
    lead, first, of = _originals(makers, begun)
    grid, pairs = (begun.grid, begun.pairs) if begun else (None, None)
    near, cells = around(of, reporting, grid=grid) if has_places(of) else (over_area(of), None)
    found = parted(of, near, reporting, pairs)
    return Joined(makers, lead, first, found.label, found.component, near, cells)


def _originals(makers: Reports, begun: Begun | None = None) -> tuple[Ints, Ints, Reports]:
    """``lead`` and ``first`` as :class:`Joined` has them, and the originals."""
    lead = begun.lead if begun else originals(makers)
    first = np.flatnonzero(lead == np.arange(len(makers)))
    return lead, first, makers if len(first) == len(makers) else makers.take(first)


def over_area(reports_: Reports) -> Around:
    """What there is around reports of an area alone: incidents of the area, and as many false alarms as their share."""
    false = 1 / (1 + np.exp(reports_.base))
    return Around(np.full(len(reports_), AREA_RATE), AREA_RATE * np.maximum(false, 1e-3))


def has_places(reports_: Reports) -> bool:
    """Whether the reports have a place (so does the empty table)."""
    return not np.isnan(reports_.lon).any()


def parted(first: Reports, near: Around, reporting: Reporting, pairs: list[Close] | None = None) -> Parted:
    """Original reports parted into incidents under what there is around them; ``pairs`` may be given if known."""
    likelihood = Likelihood(reporting, has_places(first))
    return partition(first, near, close_pairs(first) if pairs is None else pairs, likelihood)


def close_pairs(first: Reports) -> Iterator[Close]:
    """Pairs of reports that may be of one incident, some at a time."""
    placed = has_places(first)
    return close(first, near_within(first.spots) if placed else [_same_area(first)], placed=placed)


def make(joined: Joined, shown: Floats, reporting: Reporting, ground: Ground) -> Made:
    """The incidents that the joined reports make."""
    first = joined.reports.take(joined.first)
    founder = _founders(first, joined.label)
    ids = _incident_ids(first.frame["observation_id"].gather(founder))
    settled = settle(first, joined.label, ids, founder=founder, areas=ground.areas, reporting=reporting)
    of = np.searchsorted(joined.first, joined.lead)
    pairs = Pairs(joined.reports, joined.around.incidents[of], shown)
    return Made(joined.reports, joined.label[of], joined.lead, pairs, settled)


def _same_area(reports_: Reports) -> tuple[Ints, Ints]:
    """Pairs of reports of one area that share time."""
    rows = reports_.frame.select("area_id").with_columns(
        at=pl.Series(np.arange(len(reports_))), a=pl.Series(reports_.since), b=pl.Series(reports_.end)
    )
    met = rows.join(rows, on="area_id", suffix="_2").filter(
        (pl.col("at") < pl.col("at_2")) & (pl.min_horizontal("b", "b_2") > pl.max_horizontal("a", "a_2"))
    )
    met = met.sort("at", "at_2")
    return met["at"].to_numpy(), met["at_2"].to_numpy()


def _founders(reports_: Reports, label: Ints) -> Ints:
    """Index of the founding report of each label: the one reported first, of several the smallest id.

    What comes in later does not take its place, so that the incident keeps its id.
    """
    known = reports_.frame.select(pl.coalesce("reported", "end").dt.epoch("us")).to_series().to_numpy()
    order = np.lexsort((np.arange(len(label)), known, label))
    return order[np.unique(label[order], return_index=True)[1]].astype(np.int64)


def _incident_ids(founders: pl.Series) -> pl.Series:
    """The ids of incidents, from those of their founding observations."""
    ids = [f"inc-{sha256(name.encode()).hexdigest()[:12]}" for name in founders.to_list()]
    return pl.Series("incident_id", ids, dtype=pl.String)
