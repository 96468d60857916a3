"""Silences of a feed: longer than it is ever silent by habit, and so no proof that there was nothing to say.

The habit is learned from the feed itself, a year at a time. Of the gaps between one message's end and the next one's
start the tenth longest part is taken to fall off exponentially (its scale from the median excess, which a few outages
do not move); a gap so long that not one in twenty such years would hold it is a silence. Whether the feed failed or
fell quiet, as it may when a truce begins, the feed itself cannot tell: the state is ``unknown``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import polars as pl

from teisen.observation import CONDITION, OBSERVATION
from teisen.sources import effort
from teisen.sources.reader import Source, SourceFile

SILENCE = "feed_silence"
"""Condition: the feed was silent from ``start`` to ``end``; its value is the longest silence by habit, in hours."""
YEAR_DAYS = 365
TAIL = 0.9
FEWEST = 50
"""Gaps that a habit is learned from at least; a year with fewer borrows the habit of the whole feed."""
EXPECTED = 0.05
"""Gaps by habit that may be taken for a silence, a year (assumed)."""
MOSTLY = 0.5
"""Share of a day that is silent from which the whole day is ``unknown``."""
GAPS = pl.Schema([("start", pl.Datetime("us", "UTC")), ("end", pl.Datetime("us", "UTC")), ("habit_h", pl.Float64())])


def longest_by_habit(gaps_h: pl.Series) -> float:
    """Length in hours that a gap has by habit at most; infinite where too few gaps are known."""
    if len(gaps_h) < FEWEST:
        return math.inf
    gaps = np.sort(gaps_h.to_numpy())
    bound = float(np.quantile(gaps, TAIL))
    scale = float(np.median(gaps[gaps > bound] - bound)) / math.log(2) if gaps[-1] > bound else 0.0
    return bound + scale * math.log(max(len(gaps) * (1 - TAIL) / EXPECTED, 1.0))


def silences(messages: pl.DataFrame) -> pl.DataFrame:
    """Silences between messages (``start``, ``end``, UTC): ``start``, ``end``, ``habit_h``."""
    spoken = effort.runs(messages)
    gaps = spoken.select(pl.col("end").alias("start"), pl.col("start").shift(-1).alias("end")).drop_nulls()
    if gaps.is_empty():
        return GAPS.to_frame()
    gaps = gaps.with_columns(
        hours=(pl.col("end") - pl.col("start")).dt.total_seconds() / 3600,
        year=(pl.col("start") - pl.col("start").min()).dt.total_days() // YEAR_DAYS,
    )
    whole = longest_by_habit(gaps["hours"])
    known = [(year, longest_by_habit(part["hours"])) for (year,), part in gaps.group_by("year", maintain_order=True)]
    habits = pl.DataFrame(known, schema={"year": gaps.schema["year"], "habit_h": pl.Float64}, orient="row")
    met = gaps.join(habits, on="year", maintain_order="left").with_columns(
        habit_h=pl.when(pl.col("habit_h").is_finite()).then("habit_h").otherwise(whole)
    )
    return met.filter(pl.col("hours") > pl.col("habit_h")).select(GAPS.names())


def states_silences(file: SourceFile, source: Source, messages: pl.DataFrame) -> pl.DataFrame:
    """Condition rows (CONDITION) of the silences of a file, from all its messages, in the case's scope or not."""
    found = silences(messages)
    rows = effort.covers(file, source, SILENCE, found["start"], found["end"])
    return rows.with_columns(value=found["habit_h"].round(1))


def silent_days(days: pl.DataFrame, seen: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Days with a silence: ``start``, ``silent`` (share of the day) and ``habit_h``; not where another file speaks."""
    stated = seen.get(CONDITION.name, CONDITION.empty()).filter(pl.col("quantity") == SILENCE)
    stated = stated.select("start", "end", habit_h="value").sort("start")
    spoken = seen.get(OBSERVATION.name, OBSERVATION.empty()).select(pl.col("start").alias("spoken")).sort("spoken")
    alone = stated.join_asof(spoken, left_on="start", right_on="spoken", strategy="forward", allow_exact_matches=False)
    alone = alone.filter(pl.col("spoken").is_null() | (pl.col("spoken") >= pl.col("end")))
    each = effort.covered(days, alone, by=["habit_h"])
    return (
        each.group_by("start")
        .agg(silent=pl.col("share").sum().clip(0, 1), habit_h=pl.col("habit_h").min())
        .sort("start")
    )


def with_silences(grid: pl.DataFrame, days: pl.DataFrame, seen: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """``grid`` (``start``, ``state``, ``p_detect``, ``reason``) with what was watched less the feed's silences.

    A day that is silent for more than half is ``unknown``, without probability; else the silent share is taken off.
    """
    grid = grid.join(silent_days(days, seen), on="start", how="left", maintain_order="left")
    silent = pl.col("silent").fill_null(0.0)
    hit = (pl.col("state") == "watched") & (silent > 0)
    says = pl.format(
        "{}; the feed is silent for {}, longer than its habit ({} h): it failed, or had nothing to say",
        "reason",
        effort.percent(silent),
        pl.col("habit_h").round(0).cast(pl.Int64),
    )
    return grid.with_columns(
        state=pl.when(hit & (silent > MOSTLY)).then(pl.lit("unknown")).otherwise("state"),
        p_detect=pl.when(hit & (silent > MOSTLY))
        .then(None)
        .when(hit)
        .then(pl.col("p_detect") * (1 - silent))
        .otherwise("p_detect"),
        reason=pl.when(hit).then(says).otherwise("reason"),
    ).drop("silent", "habit_h")
