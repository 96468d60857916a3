"""Making incidents: reports that one incident explains better than two become one."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import polars as pl

from teisen.fusion.clusters import clusters
from teisen.fusion.copies import originals
from teisen.fusion.density import local_density
from teisen.fusion.near import Ints, near_within
from teisen.fusion.pairs import Pairs, kind_background
from teisen.fusion.posterior import Settled, settle
from teisen.fusion.reports import Reports
from teisen.sources import Ground


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
        few = self.reports.take(some)
        lead = np.searchsorted(some, self.lead[some])
        pairs = Pairs(few, self.pairs.density[some], self.pairs.background)
        return Made(few, label[some], lead, pairs, self.settled.take(incidents))


def make(makers: Reports, ground: Ground) -> Made:
    """Incidents of reports that all have a place, or all have none."""
    lead = originals(makers)
    at = np.flatnonzero(lead == np.arange(len(makers)))
    first = makers.take(at)
    placed = not np.isnan(first.lon).any()
    density = local_density(first) if placed else np.ones(len(first))
    pairs = Pairs(first, density, kind_background(first))
    between = pairs.of_places if placed else pairs.of_areas
    found = clusters(len(first), near_within(first.spots) if placed else [_same_area(first)], between)
    label = found.label
    founder = _founders(first, label)
    settled = settle(
        first,
        label,
        _incident_ids(first.frame["observation_id"].gather(founder)),
        founder,
        ground.areas,
    )
    of = np.searchsorted(at, lead)
    every = Pairs(makers, density[of], pairs.background)
    return Made(makers, label[of], lead, every, settled)


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
    """Index of the founding report of each label: the smallest id among the most precise."""
    precision = np.where(np.isnan(reports_.lon), reports_.end - reports_.since, reports_.sigma)
    order = np.lexsort((np.arange(len(label)), np.round(precision), label))
    return order[np.unique(label[order], return_index=True)[1]].astype(np.int64)


def _incident_ids(founders: pl.Series) -> pl.Series:
    """The ids of incidents, from those of their founding observations."""
    ids = [f"inc-{sha256(name.encode()).hexdigest()[:12]}" for name in founders]
    return pl.Series("incident_id", ids, dtype=pl.String)
