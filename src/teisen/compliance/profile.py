"""Days of the week and hours of the day: where violations are more or less frequent than on average, as watched."""

from __future__ import annotations

import numpy as np
import polars as pl
import scipy

from teisen.compliance.basis import READING, Basis
from teisen.compliance.intervals import QUANTILES
from teisen.compliance.rates import Fit
from teisen.compliance.schema import PROFILE
from teisen.geodesy import Floats

SHRINK = 2.0
"""Violations' worth of evidence that a weekday or hour is like any other (assumed)."""


def profile_table(
    rests_on: Basis, fitted: Fit, incidents: pl.DataFrame, exposure: pl.DataFrame, zone: str
) -> pl.DataFrame:
    """PROFILE of every reading that anything was found of.

    A weekday's count is held against what the smoothed rate and effort of its days let expect; an hour's against the
    hour's share of what was watched. What is known of an incident's time only to some hours is spread evenly over them,
    so that a profile of hours is flatter than the truth where times are vague. Intervals are those of a gamma posterior
    whose shape allows for bursts and for doubt about findings.
    """
    frames = [_weekdays(rests_on, fitted), _hours(rests_on, fitted, incidents, exposure, zone)]
    return PROFILE.hand_over(pl.concat(frames).select(PROFILE.schema.names()))


def _weekdays(rests_on: Basis, fitted: Fit) -> pl.DataFrame:
    cells = fitted.cells
    looked = cells.effort > 0
    mean = np.where(looked, cells.effort * np.exp(fitted.mean + fitted.variance / 2), 0.0)
    spread = mean + mean**2 / fitted.burst + np.where(looked, cells.doubt, 0.0)
    found = np.where(looked, cells.found, 0.0)
    weekday = rests_on.days["day"].dt.weekday().to_numpy()
    rows = []
    for s, reading in enumerate(rests_on.series.select(READING).iter_rows()):
        total, likely = found[:, s].sum(), mean[:, s].sum()
        if not total > 0 or not likely > 0:
            continue
        for value in range(1, 8):
            on = weekday == value
            even = float(mean[on, s].sum() * total / likely)
            if even > 0:
                sure = even / max(float(spread[on, s].sum() * total / likely), 1e-9)
                rows.append(
                    (
                        *reading,
                        "weekday",
                        value,
                        *rests_on.span(s).values(),
                        float(found[on, s].sum()),
                        even,
                        *_times(found[on, s].sum(), even, sure),
                    )
                )
    return pl.DataFrame(rows, schema=PROFILE.schema, orient="row")


def _hours(rests_on: Basis, fitted: Fit, incidents: pl.DataFrame, exposure: pl.DataFrame, zone: str) -> pl.DataFrame:
    found = rests_on.found.group_by(*READING, "incident_id").agg(p=pl.col("part").sum())
    spans = incidents.select("incident_id", "start", "end")
    spread = _by_hour(found.join(spans, on="incident_id"), zone).with_columns(part=pl.col("p") * pl.col("share"))
    counted = spread.group_by(*READING, "hour").agg(
        expected=pl.col("part").sum(), doubt=(pl.col("part") * (1 - pl.col("part"))).sum()
    )
    looked = _watched_by_hour(rests_on, exposure, zone)
    rows = []
    for s, reading in enumerate(rests_on.series.select(READING).iter_rows()):
        mine = counted.filter(*(pl.col(name) == value for name, value in zip(READING, reading, strict=True)))
        seen = np.zeros(24)
        seen[mine["hour"].to_numpy()] = mine["expected"].to_numpy()
        if not seen.sum() > 0 or not looked.sum() > 0:
            continue
        even = seen.sum() * looked / looked.sum()
        burst = float(fitted.burst[0, s].mean())
        for hour in range(24):
            if even[hour] > 0:
                sure = 1 / (1 + even[hour] / (burst * max(rests_on.days.height, 1)))
                rows.append(
                    (
                        *reading,
                        "hour",
                        hour,
                        *rests_on.span(s).values(),
                        seen[hour],
                        even[hour],
                        *_times(seen[hour], even[hour], sure),
                    )
                )
    return pl.DataFrame(rows, schema=PROFILE.schema, orient="row")


def _times(found: float, even: float, sure: float) -> tuple[float, float, float]:
    """Quantiles of times the average: a gamma posterior; ``sure`` is what one found violation weighs."""
    shape, rate = SHRINK + found * sure, SHRINK + even * sure
    low, middle, high = (float(scipy.special.gammaincinv(shape, q) / rate) for q in QUANTILES)
    return low, middle, high


def _by_hour(rows: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Rows with ``start`` and ``end`` once for each hour they touch, with ``hour`` and the ``share`` of them in it."""
    end = pl.max_horizontal("end", pl.col("start") + pl.duration(seconds=1))
    hours = rows.with_columns(end=end).with_columns(
        at=pl.datetime_ranges(pl.col("start").dt.truncate("1h"), pl.col("end"), "1h", closed="left")
    )
    each = hours.explode("at").with_columns(till=pl.col("at") + pl.duration(hours=1))
    inside = (pl.min_horizontal("end", "till") - pl.max_horizontal("start", "at")).dt.total_seconds(fractional=True)
    whole = (pl.col("end") - pl.col("start")).dt.total_seconds(fractional=True)
    return each.with_columns(
        share=inside / whole, hour=pl.col("at").dt.convert_time_zone(zone).dt.hour().cast(pl.Int64)
    )


def _watched_by_hour(rests_on: Basis, exposure: pl.DataFrame, zone: str) -> Floats:
    """Mean share watched by hour of the day, groups taken as independent: (24,).

    Probabilities are averaged over days, areas and kinds before groups are put together.
    """
    looks = exposure.join(rests_on.looked.groups, on="source_id").filter(
        (pl.col("state") == "watched") & pl.col("p_detect").is_not_null()
    )
    if looks.is_empty():
        return np.zeros(24)
    hours = _by_hour(looks.select("source_id", "group", "p_detect", "start", "end"), zone)
    seconds = (pl.col("end") - pl.col("start")).dt.total_seconds(fractional=True)
    by_source = hours.group_by("group", "source_id", "hour").agg(
        p=(pl.col("p_detect") * pl.col("share") * seconds).sum()
    )
    by_group = by_source.group_by("group", "hour").agg(pl.col("p").max()).sort("group", "hour")
    out = np.ones(24)
    for _, mine in by_group.group_by("group", maintain_order=True):
        share = np.zeros(24)
        share[mine["hour"].to_numpy()] = mine["p"].to_numpy()
        mean = rests_on.looked.mean_of(str(mine["group"][0]))
        out *= 1 - np.clip(share / max(share.mean(), 1e-12) * mean, 0.0, 1.0)
    return np.asarray(1 - out)
