"""Times as sources write them: a moment, or a day without an hour, as an interval."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time, timedelta

import polars as pl

from teisen.sources.clocks import day_begins, fitting, is_date, moment
from teisen.sources.groups import GROUP
from teisen.sources.rows import Rows

ISO = (
    "%Y-%m-%dT%H:%M:%S%.f%z",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%dT%H:%M%z",
    "%Y-%m-%d %H:%M:%S%.f%z",
    "%Y-%m-%d %H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    GROUP,
)
"""The forms of ISO 8601 that files use, and date-time groups, which no other form can be taken for."""

TWICE_AT_MOST = timedelta(hours=3)
"""More than a clock was ever put back at once; a day is longer."""


def clock(text: str) -> time:
    """A time of day written as ``20:00``; ``24:00`` is midnight."""
    return time.fromisoformat(text.replace("24:", "00:").zfill(5))


def is_day(start: str, end: str) -> pl.Expr:
    """Whether an interval that :func:`interval` read is a day without an hour, not a moment that is shown twice."""
    return pl.col(end) - pl.col(start) > TWICE_AT_MOST


def interval(
    rows: Rows,
    column: str,
    formats: Sequence[str],
    zone: str,
    *,
    start: str,
    end: str,
    required: bool = True,
    heading: str = "",
    either: bool = False,
) -> None:
    """Read ``column`` into UTC times ``start`` and ``end``: equal for a moment, a day of ``zone`` for a date alone.

    A time that the clock of ``zone`` shows twice is the earlier one, with ``either`` from the earlier to the later one.
    Rows that hold no possible time are set aside, as :meth:`teisen.sources.rows.Rows.time` does.
    """
    rows.frame = rows.frame.with_columns(pl.col(column).str.strip_chars().str.replace(r"(\d)[Zz]$", "$1+00:00"))
    text, listed = pl.col(column), formats
    formats = fitting(rows.frame[column], formats)
    dates = [form for form in formats if is_date(form)]
    whole = [text.str.to_date(form, strict=False).is_not_null() for form in dates]
    hours = [text.str.to_datetime(form, strict=False).is_not_null() for form in formats if form not in [*dates, GROUP]]
    day_only = pl.any_horizontal(whole or [pl.lit(False)]) & ~pl.any_horizontal(hours or [pl.lit(False)])
    rows.frame = rows.frame.with_columns(day_only.fill_null(False).alias("_day_only"))
    rows.time(column, listed, zone, into=start, required=required, heading=heading)
    later = moment(pl.col(column), formats, zone, "latest") if either else pl.col(start)
    midnight = pl.col(start).dt.convert_time_zone(zone).dt.replace_time_zone(None).dt.truncate("1d")
    next_day = day_begins(midnight.dt.offset_by("1d"), zone).dt.convert_time_zone("UTC")
    rows.frame = rows.frame.with_columns(
        pl.when("_day_only").then(next_day).otherwise(later).alias(end),
    ).drop("_day_only")
