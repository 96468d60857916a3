"""The two truces of spring 2025, found in alerts and launches alone by a watch that is told no date."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from teisen.compliance import Lines, changes
from teisen.compliance.lines import EVERYTHING

FIRST, LAST = date(2024, 10, 1), date(2025, 7, 6)
TRUCES = [(date(2025, 4, 19), date(2025, 4, 20)), (date(2025, 5, 8), date(2025, 5, 10))]
"""First and last days: from 19 April 18:00 to 21 April 00:00, and from 8 May 00:00 to 11 May 00:00, Moscow time."""


def of_days(data: Path) -> pl.DataFrame:
    """Alerts started and launches stated by day."""
    alerts = pl.read_csv(next((data / "air_raid_alerts").glob("alerts_oblast_merged*")), columns=["started_at"])
    tallies = pl.read_csv(data / "uaf_missile_attacks" / "missile_attacks_daily.csv.gz", infer_schema_length=None)
    day = pl.col("started_at").str.slice(0, 10).str.to_date()
    started = alerts.group_by(day=day).len("alerts")
    stated = tallies.group_by(day=pl.col("time_start").str.slice(0, 10).str.to_date()).agg(
        launched=pl.col("launched").cast(pl.Float64).sum()
    )
    days = pl.DataFrame({"day": pl.date_range(FIRST, LAST, eager=True)})
    return days.join(started, on="day", how="left").join(stated, on="day", how="left").sort("day").fill_null(0)


def test_both_are_found_to_the_day_and_no_other_from_march_to_june(data: Path) -> None:
    days = of_days(data)
    counts = days.select(pl.col("alerts", "launched").cast(pl.Float64)).to_numpy()[None]
    dates = days["day"].to_list()
    starts = tuple(datetime(d.year, d.month, d.day, tzinfo=UTC) for d in (*dates, LAST + timedelta(days=1)))
    share, weekday = np.zeros((1, len(dates))), days["day"].dt.weekday().to_numpy().astype(np.int64) - 1
    of = Lines((EVERYTHING,), starts, ("alerts", "tallies"), counts, np.ones_like(counts), share, weekday)
    table = changes(of).sort("start")
    table = table.filter(pl.col("start").dt.date().is_between(date(2025, 3, 1), date(2025, 6, 30)))
    falls = table.filter((pl.col("what") == "fall") & (pl.col("word") == "behaviour"))
    returns = table.filter(pl.col("what") == "return")["start"]
    ends = [returns.filter(returns > start).min() for start in falls["start"]]
    found = [(start.date(), end.date() - timedelta(days=1)) for start, end in zip(falls["start"], ends, strict=True)]  # type: ignore[union-attr]
    assert len(found) == len(TRUCES)
    for (start, end), (began, ended) in zip(found, TRUCES, strict=True):
        assert abs((start - began).days) <= 1
        assert abs((end - ended).days) <= 1
    rung = (falls["found"] - falls["start"]).dt.total_days()  # it rings at the end of the first day, or of the second
    assert rung.max() <= 2  # type: ignore[operator]
