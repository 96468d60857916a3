"""Whether a source says something where and when an incident was, and how often it would say so anyway.

A fire near a town on the day of a strike may be of the strike, or one that burns there on any day of the season; an
alert over a region that is under alert every night tells nothing. So what is counted at the incident is counted in the
same way at the same place some whole weeks earlier and later, while the source reports: that is what it says anyway.
What the source saw of other incidents there is part of it.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.spatial import KDTree

from teisen.fusion.reports import EXTENT_M, TRACE_LASTS_S
from teisen.geodesy import MEAN_RADIUS_M, Floats, unit_vectors
from teisen.observation import compatibility
from teisen.sources import Source

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

SHIFTS_D = (-28, -21, -14, -7, 7, 14, 21, 28)
"""How far incidents are moved, days: whole weeks, near enough to be of the same season."""
OWN_SHARE = 4.0
"""Moved incidents that the mean over all incidents counts as, against each incident's own (assumed)."""
SIGMAS = 2.0
"""A report lies at an incident if it is within so many standard deviations of both places; 86 % of true ones are. Of
moments the same holds in time."""
MOMENT = 1.0
"""A time stated to this, in seconds, is a moment, and as far off as its source's profile says."""
SPEAKS_OF = 0.6
"""Compatibility of kinds from which a report that makes no incident is taken to speak of one (assumed)."""
SEES = 0.2
"""The same of a report that makes incidents: a fire may be what a strike left (assumed)."""
MOST = 0.995


def said(source: Source, incidents: pl.DataFrame, reports: pl.DataFrame) -> tuple[Floats, Floats]:
    """Whether the source said something at each incident (0 or 1), and the chance that it would have anyway.

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
        return np.zeros(n), np.zeros(n)
    makes = source.profile.role == "makes"
    i, j = _by_place(incidents, reports) if makes else _by_area(incidents, reports)
    fits = _fitting(incidents, reports, SEES if makes else SPEAKS_OF)
    kept = fits[_codes(incidents["kind"])[i], _codes(reports["kind"])[j]]
    i, j = i[kept], j[kept]
    lasts = reports["kind"].replace_strict(TRACE_LASTS_S, default=0.0, return_dtype=pl.Float64).to_numpy()
    start, end = (incidents[name].dt.epoch("us").to_numpy() / 1e6 for name in ("start", "end"))
    since, until = (reports[name].dt.epoch("us").to_numpy() / 1e6 for name in ("start", "end"))
    theirs = np.where(end - start <= MOMENT, incidents["time_error_s"].fill_null(0.0).to_numpy(), 0.0)
    own = np.where(until - since <= MOMENT, source.profile.time_error_s.value, 0.0)
    slack = SIGMAS * np.hypot(theirs[i], own[j])
    since = since - (lasts if makes else 0.0)

    def at(by_s: float) -> Floats:
        met = (since[j] <= end[i] + by_s + slack) & (until[j] >= start[i] + by_s - slack)
        return np.minimum(np.bincount(i[met], minlength=n), 1).astype(float)

    first, last = (since.min(), until.max()) if len(since) else (0.0, 0.0)
    hits, tries = np.zeros(n), np.zeros(n)
    for days in SHIFTS_D:
        by_s = timedelta(days=days).total_seconds()
        covered = (start + by_s >= first) & (end + by_s <= last)
        hits += at(by_s) * covered
        tries += covered
    mean = hits.sum() / tries.sum() if tries.sum() else 0.0
    return at(0.0), np.clip((hits + OWN_SHARE * mean) / (tries + OWN_SHARE), 0.0, MOST)


def _codes(kinds: pl.Series) -> Ints:
    names = kinds.unique().sort()
    return kinds.replace_strict(names, range(len(names)), return_dtype=pl.Int64).to_numpy()


def _fitting(incidents: pl.DataFrame, reports: pl.DataFrame, least: float) -> Flags:
    """Whether a report of a kind (column) may speak of an incident of a kind (row); an alert speaks of all."""
    rows, columns = incidents["kind"].unique().sort(), reports["kind"].unique().sort()
    fits = [[b == "alert" or compatibility(a, b) >= least for b in columns] for a in rows]
    return np.array(fits, bool).reshape(len(rows), len(columns))


def _by_place(incidents: pl.DataFrame, reports: pl.DataFrame) -> tuple[Ints, Ints]:
    """Pairs of an incident and a report that lie at one place."""
    left = np.flatnonzero(incidents["lon"].is_not_null().to_numpy())
    right = np.flatnonzero(reports["lon"].is_not_null().to_numpy())
    none = np.empty(0, np.int64)
    if not len(left) or not len(right):
        return none, none
    x = unit_vectors(incidents["lon"].gather(left), incidents["lat"].gather(left)) * MEAN_RADIUS_M
    y = unit_vectors(reports["lon"].gather(right), reports["lat"].gather(right)) * MEAN_RADIUS_M
    error = incidents["place_error_m"].fill_null(0.0).to_numpy()[left]
    extent = reports["kind"].replace_strict(EXTENT_M, default=0.0, return_dtype=pl.Float64).to_numpy()[right]
    other = np.hypot(reports["place_error_m"].fill_null(0.0).to_numpy()[right], extent)
    reach = SIGMAS * np.hypot(error, other.max())
    found = KDTree(y).query_ball_point(x, reach, return_sorted=True)
    i = np.repeat(np.arange(len(left)), np.array([len(one) for one in found], np.int64))
    j = np.concatenate([none, *(np.asarray(one, np.int64) for one in found)])
    close = np.linalg.norm(x[i] - y[j], axis=1) <= SIGMAS * np.hypot(error[i], other[j])
    return left[i[close]], right[j[close]]


def _by_area(incidents: pl.DataFrame, reports: pl.DataFrame) -> tuple[Ints, Ints]:
    """Pairs of an incident and a report over its area; a report without an area is over all."""
    left = incidents.select("area_id").with_row_index("i").with_columns(pl.col("i").cast(pl.Int64))
    right = reports.select("area_id").with_row_index("j").with_columns(pl.col("j").cast(pl.Int64))
    of_all = left.select("i").join(right.filter(pl.col("area_id").is_null()).select("j"), how="cross")
    pairs = pl.concat([left.join(right, on="area_id").select("i", "j"), of_all]).sort("i", "j")
    return pairs["i"].to_numpy(), pairs["j"].to_numpy()
