"""What each source reported on each day, as counts."""

from __future__ import annotations

import polars as pl

from teisen.compliance.schema import ACTIVITY
from teisen.sources.clocks import day_begins


def activity(observations: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Rows and sums by source, role, kind, unit and day (ACTIVITY).

    A row that counts something, or lasts, belongs to the day on which it starts on its source's own clock: so the days
    that a source speaks of stay whole. Any other belongs to the day in ``zone`` of the middle of its interval.

    Args:
        observations: OBSERVATION.
        zone: the reporting zone, an IANA name.
    """
    own = pl.col("count_unit").is_not_null() | (pl.col("time_meaning") == "throughout")
    clocked = observations.with_columns(clock=pl.when(own).then("source_zone").otherwise(pl.lit(zone)), own=own)
    parts = [_by_day(part, part["clock"][0]) for part in clocked.partition_by("clock", maintain_order=True)]
    return ACTIVITY.hand_over(_merged(pl.concat(parts)) if parts else ACTIVITY.empty())


def _merged(days: pl.DataFrame) -> pl.DataFrame:
    """Days put together that begin alike on clocks of two names, such as Europe/Kiev and Europe/Kyiv."""
    total = pl.when(pl.col("total").count() > 0).then(pl.col("total").sum())
    merged = (
        days.sort(*ACTIVITY.key, "zone")
        .group_by(ACTIVITY.key, maintain_order=True)
        .agg(pl.col("end", "zone").first(), pl.col("rows").sum(), total.alias("total"))
    )
    return ACTIVITY.check(merged.select(ACTIVITY.schema.names()))


def _by_day(rows: pl.DataFrame, zone: str) -> pl.DataFrame:
    middle = pl.col("start") + (pl.col("end") - pl.col("start")) / 2
    moment = pl.when("own").then("start").otherwise(middle).dt.convert_time_zone(zone)
    counted = (
        rows.with_columns(day=moment.dt.date(), count_unit=pl.col("count_unit").fill_null(""))
        .sort("observation_id")
        .group_by("source_id", "role", "kind", "count_unit", "day")
        .agg(rows=pl.len().cast(pl.Float64), n=pl.col("count").count(), sum=pl.col("count").sum())
    )
    begins, ends = (
        day_begins(day.cast(pl.Datetime("us")), zone).dt.convert_time_zone("UTC")
        for day in (pl.col("day"), pl.col("day").dt.offset_by("1d"))
    )
    return ACTIVITY.check(
        counted.with_columns(
            start=begins, end=ends, zone=pl.lit(zone), total=pl.when(pl.col("n") > 0).then("sum")
        ).drop("day", "n", "sum")
    )
