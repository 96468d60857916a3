"""Counts of subjects against a quota: which of them lie below or above it, as parts of the unit interval.

A tally is of one period. An allegation states a number for a window of its own, taken as stated: had every whole day in
it reached the quota, the number would be at least so many times as large, so a smaller one says that some day did not.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from teisen.agreement import Counting
from teisen.judgement.periods import periods

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENT = timedelta(microseconds=1)
Part = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]


def counted(subjects: pl.DataFrame, what: Counting, below: float | None, above: float | None) -> Iterator[Part]:
    """Rows with the low and high ends of the parts of the unit interval in which the quota is missed or passed.

    Args:
        subjects: with :data:`~teisen.judgement.subjects.COUNTED_COLUMNS`.
        what: what has to be counted.
        below: fewer than this in some period, all of which was counted.
        above: more than this in some period.

    Yields:
        Rows, low and high ends; no row stands twice in what is given at once.
    """
    same = (pl.col("per") == what.per) & (pl.col("zone") == what.zone) & (pl.col("stays") == what.stays)
    mine = subjects.with_row_index("index").filter(
        pl.col("unit") == what.unit, pl.col("per").is_null() | same, pl.col("counts").list.len() > 0
    )
    if mine.is_empty():
        return
    spans = [_spans(what, *span) for span in mine.select("start", "end").iter_rows()]
    parts = (
        mine.select("index", "counts", whole=pl.Series([n for n, _ in spans]), touched=pl.Series([n for _, n in spans]))
        .explode("counts", empty_as_null=True, keep_nulls=True)
        .select("index", pl.col("whole").alias("wholes"), "touched", pl.col("counts").struct.unnest())
        .sort("index", "count", "whole", "p")
        .with_columns(nth=pl.int_range(pl.len()).over("index"), p=pl.col("p") / pl.col("p").sum().over("index"))
        .with_columns(high=pl.col("p").cum_sum().over("index"))
        .with_columns(low=pl.col("high") - pl.col("p"))
    )
    holds = pl.lit(value=False)
    times = {name: pl.lit(1) if what.stays else pl.col(name) for name in ("wholes", "touched")}
    if below is not None:
        holds |= pl.col("whole") & (pl.col("wholes") > 0) & (pl.col("count") < below * times["wholes"])
    if above is not None:
        holds |= (pl.col("touched") > 0) & (pl.col("count") > above * times["touched"])
    held = parts.filter(holds)
    for (_,), some in held.sort("nth").group_by("nth", maintain_order=True):
        index, low, high = (some[name].to_numpy() for name in ("index", "low", "high"))
        yield index.astype(np.int64), low, high


def _spans(what: Counting, start: datetime, end: datetime) -> tuple[int, int]:
    """How many of the periods lie in the span, and how many share time with it; (0, 0): it is about no period.

    Of a window: whether the span holds all of it, and whether it lies in it.
    """
    if what.per != "window":
        found = periods(str(what.per), str(what.zone), start, max(end, start + _MOMENT))
        return sum(start <= first and last <= end for first, last in found), len(found)
    first, last = what.window or (None, None)
    a, b = ((moment - _EPOCH) // _MOMENT for moment in (start, end))
    holds = first is not None and last is not None and a <= first and last <= b
    inside = (first is None or a >= first) and (last is None or b <= last)
    return int(holds), int(inside and what.window is not None)
