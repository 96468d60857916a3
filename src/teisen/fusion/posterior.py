"""From the reports of an incident to what they say together: place, time, kinds, targets and actors.

Every group of sources has one voice: ten reports of one group weigh as much as one, so copies never sharpen a place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from teisen.fusion.exposed import starts
from teisen.fusion.kinds import kind_names, numbered
from teisen.fusion.near import Ints, Spots, containing
from teisen.fusion.reporting import Reporting, kind_weights
from teisen.fusion.reports import TRACE_LASTS_S, Reports
from teisen.fusion.span import Flags
from teisen.geodesy import MEAN_RADIUS_M, Floats, moved, unit_vectors

TARGET_WEIGHT = 0.9
"""Probability that a class of target stated by a group of sources is right (assumed)."""
ACTORS_AT_MOST = 0.95
"""All parties together: statements alone never make an attribution certain."""
TIME_SHARE = 0.8
"""Share of the intervals that meet at the likeliest moment which have to hold at a moment of the incident, where not
all meet (assumed: one report in five has a window that misses the event, as follow-ups of the next day do)."""
LEAST = 0.005
"""Kinds less probable than this are left out."""


@dataclass(frozen=True)
class Settled:
    """Incidents as arrays of shape (m,): place (NaN where only ``area_id`` is known), interval in seconds.

    ``cov`` is the place's covariance, m2, shape (m, 3): ee, en, nn; ``kinds`` has shape (m, kinds); ``founder`` is the
    index of the founding report, ``inside`` the areas that hold each place (``at``, ``area_id``).
    """

    incident_id: pl.Series
    founder: Ints
    lon: Floats
    lat: Floats
    cov: Floats
    start: Floats
    end: Floats
    kinds: Floats
    area_id: pl.Series
    inside: pl.DataFrame

    def __len__(self) -> int:
        return len(self.incident_id)

    def take(self, index: Ints) -> Settled:
        """The incidents at ``index``, in that order, each at most once."""
        at = np.full(len(self), -1)
        at[index] = np.arange(len(index))
        inside = self.inside.with_columns(at=pl.Series(at, dtype=pl.Int64).gather(self.inside["at"]))
        return Settled(
            incident_id=self.incident_id.gather(index),
            founder=self.founder[index],
            lon=self.lon[index],
            lat=self.lat[index],
            cov=self.cov[index],
            start=self.start[index],
            end=self.end[index],
            kinds=self.kinds[index],
            area_id=self.area_id.gather(index),
            inside=inside.filter(pl.col("at") >= 0),
        )

    @property
    def spots(self) -> Spots:
        """Places and intervals, to search for neighbours."""
        sigma = np.sqrt(np.maximum(self.cov[:, 0], self.cov[:, 2]))
        return Spots(unit_vectors(self.lon, self.lat) * MEAN_RADIUS_M, sigma, self.start, self.end)


def settle(
    reports: Reports,
    label: Ints,
    incident_ids: pl.Series,
    *,
    founder: Ints,
    areas: pl.DataFrame,
    reporting: Reporting,
) -> Settled:
    """What the reports of each label say together; labels run from 0 to the number of ids.

    Args:
        reports: originals, no copies, ordered by id; all with a place, or all without.
        founder: index of each incident's founding report.
        reporting: how sources report.
        areas: AREA; an incident's area is the smallest id of level region that contains it.
    """
    m = len(incident_ids)
    alone = np.bincount(label, minlength=m)[label] == 1
    many = np.flatnonzero(~alone)
    lon, lat, cov = reports.lon[founder], reports.lat[founder], reports.cov[founder]
    start, end = reports.start[founder], reports.end[founder]
    # One report alone says what each says that is of the same source and kinds.
    said = reporting.index(reports)[founder] * len(reports.distinct) + reports.kind_of[founder]
    _, first, same = np.unique(said, return_index=True, return_inverse=True)
    few, n = reports.take(founder[first]), len(first)
    kinds = _kinds(few, np.arange(n), np.ones(n), n, reporting)[same]
    if many.size:
        of, inverse = np.unique(label[many], return_inverse=True)
        some, weight = reports.take(many), voices(reports.frame["group"].gather(many), inverse)
        at = np.searchsorted(many, founder[of])
        lon[of], lat[of], cov[of] = _place(some, inverse, weight, at)
        start[of], end[of] = _time(some, inverse, len(of))
        kinds[of] = _kinds(some, inverse, weight, len(of), reporting)
    area = reports.frame["area_id"].gather(founder)
    inside = containing(areas, lon, lat)
    if m and not np.isnan(lon).any():
        regions = areas.filter(pl.col("level") == "region")["area_id"].unique()
        within = inside.filter(pl.col("area_id").is_in(regions.implode())).group_by("at").agg(pl.col("area_id").min())
        rows = pl.DataFrame({"at": pl.Series(np.arange(m), dtype=pl.Int64)})
        area = rows.join(within, on="at", how="left", maintain_order="left")["area_id"]
    return Settled(incident_ids, founder, lon, lat, cov, start, end, kinds, area, inside)


def voices(group: pl.Series, label: Ints) -> Floats:
    """Weight of each report such that each group of sources has weight 1 in each incident."""
    names, of = numbered(group)
    _, pair, many = np.unique(label * len(names) + of, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / many[pair])


def _place(reports: Reports, label: Ints, weight: Floats, founder: Ints) -> tuple[Floats, Floats, Floats]:
    """Precision-weighted mean and covariance on the plane tangent at the founding report."""
    m = len(founder)
    lon, lat = reports.lon, reports.lat
    lon0, lat0 = lon[founder], lat[founder]
    metre = MEAN_RADIUS_M * np.pi / 180
    east = ((lon - lon0[label] + 180) % 360 - 180) * metre * np.cos(np.radians(lat0[label]))
    north = (lat - lat0[label]) * metre
    ee, en, nn = reports.cov.T
    det = ee * nn - en**2
    a, b, c = weight * nn / det, -weight * en / det, weight * ee / det
    sums = np.zeros((m, 5))
    np.add.at(sums, label, np.stack([a, b, c, a * east + b * north, b * east + c * north], axis=1))
    a, b, c, u, v = sums.T
    det = a * c - b**2
    cov = np.stack([c / det, -b / det, a / det], axis=1)
    east, north = (c * u - b * v) / det, (a * v - b * u) / det
    return *moved(lon0, lat0, np.round(east, 1), np.round(north, 1)), cov


def ellipse(cov: Floats) -> tuple[Floats, Floats, Floats]:
    """Standard deviations along major and minor axis, metres, and azimuth of the major axis, degrees east of north.

    Minor and azimuth are NaN where the axes differ by less than a metre.
    """
    ee, en, nn = cov.T
    half, mean = np.hypot((ee - nn) / 2, en), (ee + nn) / 2
    major, minor = np.sqrt(mean + half), np.sqrt(np.maximum(mean - half, 0.0))
    azimuth = np.degrees(0.5 * np.arctan2(2 * en, nn - ee)) % 180
    circle = major - minor < 1.0
    return major, np.where(circle, np.nan, minor), np.where(circle, np.nan, azimuth)


def _time(reports: Reports, label: Ints, m: int) -> tuple[Floats, Floats]:
    """From the first to the last moment at which at least :data:`TIME_SHARE` of the most intervals that meet hold.

    A moment at which one interval more holds is likelier by the odds of that share; of those moments only so many are
    kept, from where most hold on, as make up that share of the probability. So one late report among many narrows
    nothing, and what all share for long is not widened by what all but one share. Where no two intervals meet, the
    shortest. Traces alone are taken at their own time.
    """
    trace = reports.frame["kind"].is_in(list(TRACE_LASTS_S)).to_numpy()
    only_traces = np.ones(m, bool)
    np.logical_and.at(only_traces, label, trace)
    since = np.where(only_traces[label], reports.start, reports.since)
    of, at, step = np.tile(label, 2), np.concatenate([since, reports.end]), np.repeat([1, -1], len(label))
    order = np.lexsort((-step, at, of))
    of, at, depth = of[order], at[order], np.cumsum(step[order])  # the steps of each label add up to nothing
    until, deepest = np.append(at[1:], np.inf), np.maximum.reduceat(depth, starts(of))[of]
    levels = np.flatnonzero((depth >= TIME_SHARE * deepest) & (depth > 0))
    of, depth, deepest = (one[levels] for one in (of, depth, deepest))
    at, until = at[levels], until[levels]
    kept = np.flatnonzero(_kept_levels(of, deepest - depth, until - at))
    first = starts(of[kept])
    low, high, most = at[kept][first], np.maximum.reduceat(until[kept], first), deepest[kept][first]
    order = np.lexsort((np.round(reports.end - since), label))
    shortest = order[np.searchsorted(label[order], np.arange(m))]
    apart = (most < 2) & (np.bincount(label, minlength=m) > 1)
    return np.where(apart, since[shortest], low), np.where(apart, reports.end[shortest], high)


def _kept_levels(of: Ints, below: Ints, length: Floats) -> Flags:
    """Which stretches of time are kept: those at which most intervals hold, and all others at which so many hold that
    those at which more do make up less than :data:`TIME_SHARE` of the probability.

    Args:
        of: label of each, in order. below: how many fewer than most hold.
    """
    kept = np.asarray(below == 0)
    several = np.unique(of[~kept], return_index=True)[0]
    some = np.flatnonzero(np.isin(of, several))
    row, below = np.searchsorted(several, of[some]), below[some]
    weight = np.zeros((len(several), int(below.max(initial=0)) + 1))
    np.add.at(weight, (row, below), length[some] * (TIME_SHARE / (1 - TIME_SHARE)) ** -below.astype(np.float64))
    within = np.cumsum(weight, axis=1)
    kept[some] |= (within - weight)[row, below] < TIME_SHARE * within[row, -1] - 1.0
    return kept


def _kinds(reports: Reports, label: Ints, weight: Floats, m: int, reporting: Reporting) -> Floats:
    """P(true kind) from what the groups of sources said and who reported at all, by how sources report.

    Reports of one group learn of the kind partly from each other: n of them weigh as much as the square root of n
    (assumed). Otherwise a first report that was corrected ten times would weigh as much as the ten.
    """
    logs = np.tile(reporting.silent, (m, 1))
    source = reporting.index(reports)
    np.add.at(logs, label, np.sqrt(weight)[:, None] * reporting.said(reports, source))
    pair, count = np.unique(label * len(reporting.sources) + source, return_counts=True)
    np.add.at(logs, pair // len(reporting.sources), reporting.made(pair % len(reporting.sources), count))
    return _kept(kind_weights(logs))


def _kept(kinds: Floats) -> Floats:
    kinds = np.where(kinds < LEAST, 0.0, kinds)
    return np.asarray(np.round(kinds / kinds.sum(axis=1, keepdims=True), 4))


def chances_column(kinds: Floats) -> pl.Series:
    """Rows of probabilities over kinds as the tables write them, likeliest first, ties in the vocabulary's order."""
    row, kind = np.nonzero(kinds > 0)
    order = np.lexsort((kind, -kinds[row, kind], row))
    row, kind = row[order], kind[order]
    names = pl.Series(kind_names(), dtype=pl.String)
    cells = pl.DataFrame({"label": row, "kind": names.gather(kind), "p": kinds[row, kind]})
    return _lists(cells, ["kind", "p"], len(kinds))


def targets(frame: pl.DataFrame, m: int, column: str = "target_class") -> pl.Series:
    """Classes of target (or what ``column`` holds) as stated by the groups that state one, times 0.9; ``frame``:
    ``label``, ``group``, ``column``."""
    if frame.is_empty():
        return _nothing("kind", m)
    shares = _shares(frame, column).group_by("label", "value").agg(pl.col("share").sum(), pl.col("first").min())
    total = pl.col("share").sum().over("label")
    return _listed(shares.with_columns(p=(TARGET_WEIGHT * pl.col("share") / total).round(4)), "kind", m)


def actors(frame: pl.DataFrame, m: int) -> pl.Series:
    """Who did it as stated: each group's statement counts once, below certainty; ``frame``: ``label``, ``group``,
    ``actor_stated``, ``actor_right``."""
    if frame.is_empty():
        return _nothing("party", m)
    shares = _shares(frame, "actor_stated").with_columns(wrong=(1 - pl.col("actor_right") * pl.col("share")).log())
    pooled = shares.group_by("label", "value").agg(
        p=(1 - pl.col("wrong").sort_by("first").sum().exp()), first=pl.col("first").min()
    )
    total = pl.col("p").sort_by("first").sum().over("label")
    scale = pl.min_horizontal(pl.lit(1.0), ACTORS_AT_MOST / total)
    return _listed(pooled.with_columns(p=(pl.col("p") * scale).round(4)), "party", m)


def _nothing(name: str, m: int) -> pl.Series:
    """Where nobody states anything: an empty list for each label."""
    dtype = pl.List(pl.Struct({name: pl.String, "p": pl.Float64}))
    return pl.Series("list", [[]], dtype=dtype).new_from_index(0, m)


def _shares(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Share of each value among the reports of a group in an incident that state one; ``first`` report that says it.

    ``actor_right`` is that of the report behind the value that is right most often.
    """
    stated = frame.with_row_index("first").filter(pl.col(column).is_not_null())
    counts = stated.group_by("label", "group", value=pl.col(column)).agg(
        n=pl.len(), first=pl.col("first").min(), actor_right=pl.col("actor_right").max()
    )
    return counts.with_columns(share=pl.col("n") / pl.col("n").sum().over("label", "group"))


def _listed(values: pl.DataFrame, name: str, m: int) -> pl.Series:
    """A list of structs a label: likeliest first, ties by who was first to say it, never by name."""
    ordered = values.sort(["label", "p", "first"], descending=[False, True, False])
    return _lists(ordered.rename({"value": name}), [name, "p"], m)


def _lists(rows: pl.DataFrame, fields: list[str], m: int) -> pl.Series:
    """A list of structs of these columns for each label 0 to ``m``, of rows in the order of ``label``."""
    lists = rows.group_by("label", maintain_order=True).agg(pl.struct(fields).alias("list"))
    if lists.height == m:
        return lists["list"]
    every = pl.DataFrame({"label": np.arange(m)})
    return every.join(lists, on="label", how="left", maintain_order="left")["list"].fill_null([])
