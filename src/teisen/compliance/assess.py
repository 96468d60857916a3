"""Rates of violations from what was found and what could have been seen: a gamma-Poisson model of each day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from scipy.special import gammaincinv

from teisen.agreement import Agreement, Counted, conditions
from teisen.compliance.schema import RATE
from teisen.compliance.watched import ALL, watched
from teisen.compliance.windows import in_force
from teisen.sources import Scope, Source

PRIOR_SHAPE = 0.5
"""Shape of the prior of a day's rate (assumed): half a violation's worth of evidence, a weak prior; it lets the rate of
a day lie from near nothing to four times the mean."""
UNKNOWN_MEAN = 1.0
"""Violations per day and area that the prior expects where nothing at all was watched (assumed)."""
NOBODY = 0.01
"""Below this share watched, and with nothing found, nobody could see."""
SEEN_FROM = 0.1
"""Expected violations from which on the word is "seen" (assumed): less is a chance in ten that there was one."""
QUANTILES = (0.05, 0.5, 0.95)
_MOMENT = timedelta(seconds=1)
_HARDLY = 1e-6
"""Weight of a day on which the reading is not in force: it gets a finding only where no other day can have it."""
READING = ("agreement_id", "provision_id", "reading_id")


def assess(  # noqa: PLR0917  the signature of the room
    findings: pl.DataFrame,
    incidents: pl.DataFrame,
    exposure: pl.DataFrame,
    agreements: Sequence[Agreement],
    areas: pl.DataFrame,
    scope: Scope,
    zone: str,
    *,
    sources: Mapping[str, Source] | None = None,
) -> pl.DataFrame:
    """Rates (RATE) of every reading by day, in every region with exposure or incidents and in all (``*``).

    Args:
        findings: FINDING; those of incidents count, those of allegations do not.
        incidents: INCIDENT; one is recorded in its area, on the local day of the middle of its interval. What is
            expected of it is divided over the days that its interval touches, by time and by the share in force.
        exposure: EXPOSURE.
        areas: AREA.
        scope: days from the first to the last that it touches.
        zone: IANA time zone of the reporting day.
        sources: as :func:`teisen.compliance.watched.watched` takes it; pass the case's.
    """
    days = _days(scope, zone)
    placed = incidents.select(
        "incident_id", "area_id", middle=pl.col("start") + (pl.col("end") - pl.col("start")) / 2
    ).join_where(days, pl.col("middle") >= pl.col("start"), pl.col("middle") < pl.col("end"))
    placed = placed.select("incident_id", "area_id", "day")
    regions = areas.filter(pl.col("level") == "region")["area_id"]
    named = pl.concat([exposure["area_id"].drop_nulls(), incidents["area_id"].drop_nulls()])
    if not exposure.is_empty() and exposure["area_id"].null_count():
        named = pl.concat([named, regions])
    chosen = named.filter(named.is_in(regions.implode())).unique().sort()
    cells = pl.DataFrame({"area_id": chosen}).join(days, how="cross")
    seen = watched(cells.select("area_id", "day", "from_s", "to_s"), exposure, areas, sources)
    if chosen.is_empty():
        seen = days.select(pl.lit(ALL).alias("area_id"), "day", pl.lit(None, pl.Float64).alias("watched"))
    recorded = _both(placed).group_by("area_id", "day").agg(recorded=pl.len().cast(pl.Float64))
    readings = _readings(agreements, days)
    expected = _expected(findings, incidents, readings, days)
    table = (
        readings.join(seen, on="day")
        .join(recorded, on=["area_id", "day"], how="left")
        .join(expected, on=[*READING, "area_id", "day"], how="left")
        .with_columns(pl.col("recorded").fill_null(0.0), pl.col("expected").fill_null(0.0))
        .join(days.select("day", "start", "end"), on="day")
        .sort(*READING, "area_id", "day")
    )
    return RATE.hand_over(_rates(table).select(RATE.schema.names()))


def _days(scope: Scope, zone: str) -> pl.DataFrame:
    """Local days that the scope touches: ``day``, ``start`` and ``end`` in UTC, and both in seconds."""
    local = ZoneInfo(zone)
    first = scope.start.astimezone(local).date()
    last = (scope.end - timedelta(microseconds=1)).astimezone(local).date()
    dates = [first + timedelta(days=n) for n in range((last - first).days + 2)]
    bounds = [datetime(d.year, d.month, d.day, tzinfo=local).astimezone(UTC) for d in dates]
    frame = pl.DataFrame(
        {"day": dates[:-1], "start": bounds[:-1], "end": bounds[1:]},
        schema={"day": pl.Date, "start": pl.Datetime("us", "UTC"), "end": pl.Datetime("us", "UTC")},
    )
    return frame.with_columns(from_s=pl.col("start").dt.epoch("us") / 1e6, to_s=pl.col("end").dt.epoch("us") / 1e6)


def _both(placed: pl.DataFrame) -> pl.DataFrame:
    """Each incident in its area and in all."""
    return pl.concat([placed.filter(pl.col("area_id").is_not_null()), placed.with_columns(area_id=pl.lit(ALL))])


def _readings(agreements: Sequence[Agreement], days: pl.DataFrame) -> pl.DataFrame:
    """Every reading on every day with ``share``, the part of the day in which it is in force.

    A reading that asks for a count can be broken by no incident, so it has no rate: a zero would say that all was well.
    """
    starts, ends = (days[name].dt.epoch("us").to_numpy() for name in ("start", "end"))
    frames = [
        pl.DataFrame({"day": days["day"], "share": in_force(agreement.rule(provision, reading), starts, ends)}).select(
            pl.lit(agreement.id).alias("agreement_id"),
            pl.lit(provision.id).alias("provision_id"),
            pl.lit(reading.id).alias("reading_id"),
            "day",
            pl.col("share").round(4),
        )
        for agreement in agreements
        for provision in agreement.provisions
        for reading in provision.readings
        if not any(isinstance(part, Counted) for part in conditions(agreement.rule(provision, reading)))
    ]
    schema = {**dict.fromkeys(READING, pl.String), "day": pl.Date, "share": pl.Float64}
    return pl.concat([pl.DataFrame(schema=schema), *frames])


def _expected(
    findings: pl.DataFrame, incidents: pl.DataFrame, readings: pl.DataFrame, days: pl.DataFrame
) -> pl.DataFrame:
    """Expected violations by reading, area and day; a finding falls on the days on which it can be one."""
    spans = incidents.select("incident_id", "area_id", a="start", b=pl.max_horizontal("end", pl.col("start") + _MOMENT))
    touched = spans.join_where(days, pl.col("a") < pl.col("end"), pl.col("b") > pl.col("start")).select(
        "incident_id",
        "area_id",
        "day",
        shared=(pl.min_horizontal("b", "end") - pl.max_horizontal("a", "start")).dt.total_seconds(fractional=True),
    )
    found = (
        findings.filter((pl.col("subject") == "incident") & (pl.col("p_violation") > 0))
        .join(touched, left_on="subject_id", right_on="incident_id")
        .join(readings, on=[*READING, "day"])
        .with_columns(weight=pl.col("shared") * pl.max_horizontal("share", _HARDLY))
        .sort("finding_id", "day")
    )
    parts = found.with_columns(
        part=pl.col("p_violation") * pl.col("weight") / pl.col("weight").sum().over("finding_id")
    )
    return (
        _both(parts.select(*READING, "area_id", "day", "part"))
        .group_by(*READING, "area_id", "day", maintain_order=True)
        .agg(expected=pl.col("part").sum().round(4))
    )


def _rates(table: pl.DataFrame) -> pl.DataFrame:
    """Add the rate with its interval, and the word.

    A day's violations are Poisson with mean ``rate x watched x share in force``; the rate has a gamma prior of shape
    0.5 whose mean is that of all days of the reading that are in force (of its areas; apart from those, of ``*``), so
    the posterior is a gamma again.
    """
    pool = [*READING, (pl.col("area_id") == ALL).alias("all")]
    effort = (pl.col("watched").fill_null(0.0) * pl.col("share")).alias("effort")
    table = table.with_columns(effort).with_columns(
        found=pl.col("expected").filter(pl.col("share") > 0).sum().over(pool),
        looked=pl.col("effort").sum().over(pool),
    )
    mean = (pl.col("found") + PRIOR_SHAPE) / (pl.col("looked") + PRIOR_SHAPE / UNKNOWN_MEAN)
    table = table.with_columns(prior=mean.round(6))
    shape = PRIOR_SHAPE + table["expected"].to_numpy()
    scale = 1 / (PRIOR_SHAPE / table["prior"].to_numpy() + table["effort"].to_numpy())
    low, middle, high = (np.round(gammaincinv(shape, q) * scale, 2) for q in QUANTILES)
    out = pl.col("share") == 0
    blind = (pl.col("watched").fill_null(0.0) < NOBODY) & (pl.col("expected") < SEEN_FROM)
    return table.with_columns(
        rate_low=pl.Series(low), rate=pl.Series(middle), rate_high=pl.Series(np.maximum(high, 0.01))
    ).with_columns(
        rate_low=pl.when(~out).then("rate_low"),
        rate=pl.when(~out & ~blind).then("rate"),
        rate_high=pl.when(~out).then("rate_high"),
        word=pl.when(out)
        .then(pl.lit("out_of_window"))
        .when(pl.col("expected") >= SEEN_FROM)
        .then(pl.lit("seen"))
        .when(blind)
        .then(pl.lit("nobody_could_see"))
        .otherwise(pl.lit("nothing_seen")),
    )
