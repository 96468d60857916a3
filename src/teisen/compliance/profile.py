"""Days of the week and hours of the day: where violations are more or less frequent than on average, as watched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
import scipy

from teisen.agreement import Agreement, Predicate
from teisen.compliance.basis import READING, Basis
from teisen.compliance.intervals import QUANTILES
from teisen.compliance.rates import Fit
from teisen.compliance.schema import PROFILE
from teisen.compliance.windows import Key, in_force, rules_of
from teisen.geodesy import Floats

SHRINK = 2.0
"""Violations' worth of evidence that a weekday or hour is like any other (assumed)."""
_HARDLY = 1e-6
"""Weight of an hour in which the reading is not in force: it gets a finding only where no other hour can have it."""


def profile_table(
    rests_on: Basis,
    fitted: Fit,
    incidents: pl.DataFrame,
    exposure: pl.DataFrame,
    *,
    zone: str,
    agreements: Sequence[Agreement],
) -> pl.DataFrame:
    """PROFILE of every reading that anything was found of; hours are those on the clock of ``zone``.

    A weekday's count is held against what the smoothed rate and effort of its days let expect; an hour's against the
    hour's share of what was watched, times how often it was in force. What is known of an incident's time only to some
    hours is spread evenly over those in force, so that a profile of hours is flatter than the truth where times are
    vague. Intervals are those of a gamma posterior whose shape allows for bursts and for doubt about findings.
    """
    found = rests_on.found.group_by(*READING, "incident_id").agg(p=pl.col("part").sum())
    spread = _by_hour(found.join(incidents.select("incident_id", "start", "end"), on="incident_id"), zone)
    looked = _watched_by_hour(rests_on, exposure, zone)
    frames = [
        _weekdays(rests_on, fitted),
        _hours(rests_on, fitted, spread, looked, zone=zone, rules=rules_of(agreements)),
    ]
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


def _hours(
    of: Basis,
    fitted: Fit,
    spread: pl.DataFrame,
    looked: Floats,
    *,
    zone: str,
    rules: Mapping[Key, Predicate],
) -> pl.DataFrame:
    """Rows of hours: what was found, ``spread`` over them, against the share that was ``looked`` at, (24,)."""
    clock = _by_hour(of.days.select("day", "start", "end"), zone)
    rows = []
    for s, reading in enumerate(of.series.select(READING).iter_rows()):
        held = pl.DataFrame({"day": of.days["day"], "of_day": of.share[:, s]})
        mine = spread.filter(*(pl.col(name) == value for name, value in zip(READING, reading, strict=True)))
        seen = _found_by_hour(_held(mine, rules[reading], held, zone))
        often = _summed(_held(clock, rules[reading], held, zone), "held")
        watched = looked * often
        if not seen.sum() > 0 or not watched.sum() > 0:
            continue
        even = seen.sum() * watched / watched.sum()
        burst = float(fitted.burst[0, s].mean())
        for hour in range(24):
            if even[hour] > 0:
                sure = 1 / (1 + even[hour] / (burst * max(often[hour], 1.0)))
                rows.append(
                    (
                        *reading,
                        "hour",
                        hour,
                        *of.span(s).values(),
                        seen[hour],
                        even[hour],
                        *_times(seen[hour], even[hour], sure),
                    )
                )
    return pl.DataFrame(rows, schema=PROFILE.schema, orient="row")


def _held(hours: pl.DataFrame, rule: Predicate, days: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Rows of :func:`_by_hour` with ``held``, the hours of each in which a reading is in force; ``days`` tell of which
    days that is so all along (``of_day`` is 1) or not at all."""
    day = pl.col("since").dt.convert_time_zone(zone).dt.date()
    found = hours.with_columns(day=day).join(days, on="day", how="left", maintain_order="left")
    part = found["of_day"].fill_null(0.0).to_numpy().copy()
    some = np.flatnonzero((part > 0) & (part < 1))
    since, until = (found[name].dt.epoch("us").to_numpy()[some] for name in ("since", "until"))
    part[some] = in_force(rule, since, until)
    length = (pl.col("until") - pl.col("since")).dt.total_seconds(fractional=True) / 3600
    return found.with_columns(held=length * pl.Series(part))


def _found_by_hour(held: pl.DataFrame) -> Floats:
    """What is expected of incidents by hour, each spread over its hours in force: (24,)."""
    weight = pl.max_horizontal("held", pl.col("share") * _HARDLY)
    return _summed(held.with_columns(part=pl.col("p") * weight / weight.sum().over("incident_id")), "part")


def _summed(rows: pl.DataFrame, name: str) -> Floats:
    sums = rows.group_by("hour").agg(pl.col(name).sort().sum()).sort("hour")
    out = np.zeros(24)
    out[sums["hour"].to_numpy()] = sums[name].to_numpy()
    return out


def _times(found: float, even: float, sure: float) -> tuple[float, float, float]:
    """Quantiles of times the average: a gamma posterior; ``sure`` is what one found violation weighs."""
    shape, rate = SHRINK + found * sure, SHRINK + even * sure
    low, middle, high = (float(scipy.special.gammaincinv(shape, q) / rate) for q in QUANTILES)
    return low, middle, high


def _by_hour(rows: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Rows with ``start`` and ``end`` once for each hour on the clock of ``zone`` that they touch: ``hour``, the
    ``share`` of them in it, and ``since`` and ``until``, the part that lies in it."""
    end = pl.max_horizontal("end", pl.col("start") + pl.duration(seconds=1))
    local = pl.col("start").dt.convert_time_zone(zone)
    past = (
        local.dt.base_utc_offset() + local.dt.dst_offset()
    ).dt.total_minutes() % 60  # some clocks are half an hour off
    off = pl.duration(minutes=past)
    hours = rows.with_columns(end=end).with_columns(
        at=pl.datetime_ranges((pl.col("start") + off).dt.truncate("1h") - off, pl.col("end"), "1h", closed="left")
    )
    each = hours.explode("at").with_columns(
        since=pl.max_horizontal("start", "at"), until=pl.min_horizontal("end", pl.col("at") + pl.duration(hours=1))
    )
    inside = (pl.col("until") - pl.col("since")).dt.total_seconds(fractional=True)
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
