from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from teisen.observation import EXPOSURE
from teisen.sources.feeds import longest_by_habit, silences
from teisen.sources.readers.alerts import READER
from tests.builders import SCOPE, figure, source
from tests.sources.damage import take
from tests.sources.places import EAST, ground

START = datetime(2025, 1, 1, tzinfo=UTC)
UTC_US = pl.Datetime("us", "UTC")


def feed(hours: float, seed: int, mean_h: float = 2.0) -> pl.DataFrame:
    """Messages of half an hour with exponential gaps between them, for ``hours``."""
    gaps = np.random.default_rng(seed).exponential(mean_h, int(hours / (mean_h + 0.5)))
    at = np.cumsum(gaps + 0.5)
    starts = [START + timedelta(hours=float(h)) for h in at]
    return pl.DataFrame({"start": starts, "end": [s + timedelta(minutes=30) for s in starts]}).cast(UTC_US)


def without(messages: pl.DataFrame, day: int, hours: float) -> pl.DataFrame:
    cut = START + timedelta(days=day)
    return messages.filter((pl.col("end") < cut) | (pl.col("start") > cut + timedelta(hours=hours)))


def test_a_feed_that_keeps_its_habit_has_hardly_a_silence() -> None:
    found = sum(silences(feed(8000, seed)).height for seed in range(20))
    assert found <= 5  # 0.05 a year are allowed; 20 feeds of 11 months


@pytest.mark.parametrize("seed", range(5))
def test_a_failure_of_two_days_is_found_where_it_was(seed: int) -> None:
    found = silences(without(feed(8000, seed), 100, 48))
    cut = START + timedelta(days=100)
    assert found.filter((pl.col("start") <= cut) & (pl.col("end") >= cut + timedelta(hours=48))).height == 1


def test_the_habit_of_another_year_does_not_excuse_this_one() -> None:
    slow = feed(8700, 1, mean_h=40.0)
    fast = without(feed(8000, 2), 100, 60).with_columns(pl.all().dt.offset_by("365d"))
    found = silences(pl.concat([slow, fast]))
    cut = START + timedelta(days=465)
    assert found.filter((pl.col("start") <= cut) & (pl.col("end") > cut)).height == 1


def test_few_messages_tell_no_habit() -> None:
    assert longest_by_habit(pl.Series([1.0] * 49)) == math.inf
    assert silences(feed(50, 1)).is_empty()


def test_a_silent_day_of_alerts_is_unknown_and_not_a_zero() -> None:
    messages = without(feed(3400, 3).with_columns(pl.all().dt.offset_by("30d")), 100, 60)
    lines = [f"East oblast,{s:%Y-%m-%d %H:%M:%S}+00:00,{e:%Y-%m-%d %H:%M:%S}+00:00" for s, e in messages.iter_rows()]
    src = source("alerts", "alerts", detection={"missile-strike": figure(0.9)})
    read = take(READER, src, "region,started_at,finished_at\n" + "\n".join(lines) + "\n", ground())
    seen = {name: read.table(name) for name in ("observation", "condition")}
    exposed = EXPOSURE.hand_over(READER.expose(src, seen, ground(), SCOPE)).filter(area_id=EAST)
    days = {row["start"]: row for row in exposed.iter_rows(named=True)}
    whole, half, usual = (days[START + timedelta(days=n)] for n in (101, 102, 95))
    assert (whole["state"], whole["p_detect"]) == ("unknown", None)
    assert "longer than its habit" in whole["reason"]
    assert (half["state"], usual["state"], usual["p_detect"]) == ("unknown", "watched", 0.9)
