"""Whether a source says something where and when an incident was, and how often it would say so anyway.

A fire near a town on the day of a strike may be of the strike, or one that burns there on any day of the season; an
alert over a region that is under alert every night tells nothing. So what is counted at the incident is counted in the
same way at the same place some whole weeks earlier and later, while the source reports: that is what it says anyway.
What the source saw of other incidents there is part of it. But incidents come on the same days: so what it says around,
beyond where a report of the incident would lie, is set against the same weeks, and what it says anyway is taken to be
as many times more on the incident's day.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

from teisen.fusion.reports import EXTENT_M, TRACE_LASTS_S
from teisen.geodesy import MEAN_RADIUS_M, Floats, unit_vectors
from teisen.observation import compatibility
from teisen.sources import Source

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

SHIFTS_D = (-28, -21, -14, -7, 7, 14, 21, 28)
"""How far incidents are moved, days: whole weeks, near enough to be of the same season."""
OWN_SHARE = 4.0
"""Weeks that the mean over all incidents counts as, against each incident's own, where too few tell how places differ
(assumed)."""
FEW_PLACES = 20
CHANCES = np.concatenate([[0.005], np.linspace(0.01, 0.1, 10), np.linspace(0.125, 0.95, 34), [0.97, 0.985, 0.995]])
"""What a place's chance that something is said there in a week is taken to be one of."""
ROUNDS = 100
"""Steps of expectation and maximisation; that many leave chances close to which few places have undecided."""
SIGMAS = 2.0
"""A report lies at an incident if it is within so many standard deviations of both places. Of moments the same holds in
time."""
IN_PLACE = 1 - math.exp(-(SIGMAS**2) / 2)
"""Share of true reports that do: errors of places are normal, by latitude and longitude (86 %)."""
IN_TIME = math.erf(SIGMAS / math.sqrt(2))
"""The same of moments (95 %)."""
MOMENT = 1.0
"""A time stated to this, in seconds, is a moment, and as far off as its source's profile says."""
AROUND = (1.5, 3.0)
"""Around an incident is what lies so many times as far from it as a report of it may; no true one but 1 %
reports are left."""
FEW_AROUND = 5.0
"""Reports around, all incidents together, whose worth of evidence is that incidents' days are like any other
(assumed)."""
SPEAKS_OF = 0.6
"""Compatibility of kinds from which a report that makes no incident is taken to speak of one (assumed)."""
SEES = 0.2
"""The same of a report that makes incidents: a fire may be what a strike left (assumed)."""
MOST = 0.995


def said(source: Source, incidents: pl.DataFrame, reports: pl.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Whether the source said something at each incident (0 or 1), the chance that it would have anyway, and the chance
    that a report of the incident lies where and when it is looked for.

    Reports of a source that makes incidents lie at an incident by place; those of one that supports, by area, and at
    every incident where they name none.

    Args:
        incidents: ``start``, ``end``, ``lon``, ``lat``, ``place_error_m``, ``area_id``, ``kind`` and ``time_error_s``,
            how far off moments are of the source that told it.
        reports: OBSERVATION of the source.
    """
    reports = reports.filter(pl.col("role") != "context")
    n = incidents.height
    if not n or reports.is_empty():
        return np.zeros(n), np.zeros(n), np.ones(n)
    makes = source.profile.role == "makes"
    fits = _fitting(incidents, reports, SEES if makes else SPEAKS_OF)
    when = _Times.of(source, incidents, reports)

    def told(i: Ints, j: Ints) -> tuple[Floats, Floats, Floats]:
        """Reports at each incident, in the weeks around it, and how many of these the source's time covers."""
        kept = fits[_codes(incidents["kind"])[i], _codes(reports["kind"])[j]]
        return when.told(i[kept], j[kept])

    if not makes:
        now, hits, tries = told(*_by_area(incidents, reports))
        more = 1.0
    else:
        i, j, far = _by_place(incidents, reports)
        now, hits, tries = told(i[far <= 1], j[far <= 1])
        around = (far > AROUND[0]) & (far <= AROUND[1])
        today, usual, of = when.told(i[around], j[around], many=True)
        usual = np.where(of > 0, usual / np.maximum(of, 1), 0.0)
        more = max((today[of > 0].sum() + FEW_AROUND) / (usual[of > 0].sum() + FEW_AROUND), 1.0)
    met = when.met() * (IN_PLACE if makes else 1.0)
    return now, np.clip(1 - (1 - _usual(hits, tries)) ** more, 0.0, MOST), met


def _usual(hits: Floats, tries: Floats) -> Floats:
    """The chance that something is said in a week, by incident, from its own weeks and from how places differ.

    Most places see something in few weeks, some (a steelworks, a burning dump) in all: no one curve, let alone a beta
    distribution, tells both. So the distribution of chances over places is the one under which the weeks are likeliest,
    whatever its shape (Kiefer and Wolfowitz 1956; by EM, as Laird 1978), and each place's chance is its mean given the
    place's own weeks.
    """
    mean = hits.sum() / tries.sum() if tries.sum() else 0.0
    if (tries > 1).sum() < FEW_PLACES or not 0 < mean < 1:
        return (hits + OWN_SHARE * mean) / (tries + OWN_SHARE)
    weeks, which, many = np.unique(np.column_stack([hits, tries]), axis=0, return_inverse=True, return_counts=True)
    likely = CHANCES ** weeks[:, :1] * (1 - CHANCES) ** (weeks[:, 1:] - weeks[:, :1])
    share = np.full(len(CHANCES), 1 / len(CHANCES))
    for _ in range(ROUNDS):
        share = many @ (likely * share / (likely @ share)[:, None]) / len(hits)
    return np.asarray((likely @ (share * CHANCES) / (likely @ share))[which.ravel()])


@dataclass(frozen=True)
class _Times:
    """When incidents (index i) were and reports (index j) are of, in seconds, how far off moments are, and what share
    of the reports are moments."""

    start: Floats
    end: Floats
    since: Floats
    until: Floats
    theirs: Floats
    own: Floats
    moments: float

    @staticmethod
    def of(source: Source, incidents: pl.DataFrame, reports: pl.DataFrame) -> _Times:
        start, end = (incidents[name].dt.epoch("us").to_numpy() / 1e6 for name in ("start", "end"))
        since, until = (reports[name].dt.epoch("us").to_numpy() / 1e6 for name in ("start", "end"))
        theirs = np.where(end - start <= MOMENT, incidents["time_error_s"].fill_null(0.0).to_numpy(), 0.0)
        own = np.where(until - since <= MOMENT, source.profile.time_error_s.value, 0.0)
        lasts = reports["kind"].replace_strict(TRACE_LASTS_S, default=0.0, return_dtype=pl.Float64).to_numpy()
        moments = float(((until - since <= MOMENT) & (lasts == 0)).mean())
        since = since - (lasts if source.profile.role == "makes" else 0.0)
        return _Times(start, end, since, until, theirs, own, moments)

    def met(self) -> Floats:
        """The chance that a report of each incident lies at its time: what is told to the day, or leaves a trace for
        hours, does; of a moment held against a moment some stray."""
        return np.where(self.end - self.start <= MOMENT, IN_TIME**self.moments, 1.0)

    def told(self, i: Ints, j: Ints, *, many: bool = False) -> tuple[Floats, Floats, Floats]:
        """Of pairs that lie at one place: whether there are some (``many``: how many) at the incident's own time; the
        sum of the same over the weeks around it; and how many of these weeks the source's reports cover.
        """
        n = len(self.start)
        slack = SIGMAS * np.hypot(self.theirs[i], self.own[j])

        def at(by_s: float) -> Floats:
            met = (self.since[j] <= self.end[i] + by_s + slack) & (self.until[j] >= self.start[i] + by_s - slack)
            count = np.bincount(i[met], minlength=n)
            return np.asarray(count if many else np.minimum(count, 1), np.float64)

        hits, tries = np.zeros(n), np.zeros(n)
        for days in SHIFTS_D:
            by_s = timedelta(days=days).total_seconds()
            covered = (self.start + by_s >= self.since.min()) & (self.end + by_s <= self.until.max())
            hits += at(by_s) * covered
            tries += covered
        return at(0.0), hits, tries


def _codes(kinds: pl.Series) -> Ints:
    names = kinds.unique().sort()
    return kinds.replace_strict(names, range(len(names)), return_dtype=pl.Int64).to_numpy()


def _fitting(incidents: pl.DataFrame, reports: pl.DataFrame, least: float) -> Flags:
    """Whether a report of a kind (column) may speak of an incident of a kind (row); an alert speaks of all."""
    rows, columns = incidents["kind"].unique().sort(), reports["kind"].unique().sort()
    fits = [[b == "alert" or compatibility(a, b) >= least for b in columns] for a in rows]
    return np.array(fits, bool).reshape(len(rows), len(columns))


def _by_place(incidents: pl.DataFrame, reports: pl.DataFrame) -> tuple[Ints, Ints, Floats]:
    """Pairs of an incident and a report that lie near each other, and how far apart they are.

    The distance is in what a report of the incident may be off, :data:`SIGMAS` of both.
    """
    left = np.flatnonzero(incidents["lon"].is_not_null().to_numpy())
    right = np.flatnonzero(reports["lon"].is_not_null().to_numpy())
    none = np.empty(0, np.int64)
    if not len(left) or not len(right):
        return none, none, np.empty(0)
    x = unit_vectors(incidents["lon"].gather(left), incidents["lat"].gather(left)) * MEAN_RADIUS_M
    y = unit_vectors(reports["lon"].gather(right), reports["lat"].gather(right)) * MEAN_RADIUS_M
    error = incidents["place_error_m"].fill_null(0.0).to_numpy()[left]
    extent = reports["kind"].replace_strict(EXTENT_M, default=0.0, return_dtype=pl.Float64).to_numpy()[right]
    other = np.hypot(reports["place_error_m"].fill_null(0.0).to_numpy()[right], extent)
    reach = AROUND[1] * SIGMAS * np.hypot(error, other.max())
    found = scipy.spatial.KDTree(y).query_ball_point(x, reach, return_sorted=True)
    i = np.repeat(np.arange(len(left)), np.array([len(one) for one in found], np.int64))
    j = np.concatenate([none, *(np.asarray(one, np.int64) for one in found)])
    far = np.linalg.norm(x[i] - y[j], axis=1) / np.maximum(SIGMAS * np.hypot(error[i], other[j]), 1e-9)
    near = far <= AROUND[1]
    return left[i[near]], right[j[near]], far[near]


def _by_area(incidents: pl.DataFrame, reports: pl.DataFrame) -> tuple[Ints, Ints]:
    """Pairs of an incident and a report over its area; a report without an area is over all."""
    left = incidents.select("area_id").with_row_index("i").with_columns(pl.col("i").cast(pl.Int64))
    right = reports.select("area_id").with_row_index("j").with_columns(pl.col("j").cast(pl.Int64))
    of_all = left.select("i").join(right.filter(pl.col("area_id").is_null()).select("j"), how="cross")
    pairs = pl.concat([left.join(right, on="area_id").select("i", "j"), of_all]).sort("i", "j")
    return pairs["i"].to_numpy(), pairs["j"].to_numpy()
