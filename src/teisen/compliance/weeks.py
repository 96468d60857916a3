"""Weeks: the rate of each, and each against the week before it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from teisen.compliance.basis import READING, Basis
from teisen.compliance.counts import NOBODY
from teisen.compliance.course import mean_rate, paths
from teisen.compliance.intervals import QUANTILES
from teisen.compliance.rates import Fit
from teisen.compliance.schema import WEEK


def monday(day: date) -> date:
    """The first day of the week that holds ``day`` (ISO 8601: weeks begin on Mondays)."""
    return day - timedelta(days=day.weekday())


def week_table(rests_on: Basis, fitted: Fit) -> pl.DataFrame:
    """WEEK of every reading: all areas together, each week in which it is in force.

    Args:
        rests_on: days, readings and areas.
        fitted: the model fitted to ``rests_on.cells()``.

    Paths are those of the course (:func:`teisen.compliance.course.paths`), so errors of declared detection cancel in
    the ratio where the same sources watched both weeks. A week that the case or the reading's window cuts has fewer
    days in force; its rate is the mean over those.
    """
    rows = [row for s in range(rests_on.series.height) for row in _rows(rests_on, fitted, s)]
    return WEEK.hand_over(pl.DataFrame(rows, schema=WEEK.schema))


def _rows(rests_on: Basis, fitted: Fit, series: int) -> Iterator[dict[str, Any]]:
    share = rests_on.share[:, series]
    days = np.flatnonzero(share > 0)
    if not len(days):
        return
    drawn = np.exp(paths(fitted, series, days)) @ fitted.cells.inside[series]
    rate = drawn * (1 + rests_on.unplaced()[series])
    reading = dict(zip(READING, rests_on.series.select(READING).row(series), strict=True))
    found = fitted.cells.found[days, series].sum(axis=1) * (1 + rests_on.unplaced()[series])
    effort = fitted.cells.effort[days, series] / share[days, None]
    looked = (effort * mean_rate(fitted, series, days)).sum(axis=1)
    begins = np.array([monday(rests_on.days["day"][int(t)]) for t in days], dtype="datetime64[D]")
    before: tuple[np.datetime64, Any, bool] | None = None
    for begin in np.unique(begins):
        chosen = begins == begin
        part = share[days][chosen]
        mean = rate[:, chosen] @ part / part.sum()
        watched = float(looked[chosen] @ part / part.sum())
        blind = watched < NOBODY and not found[chosen].sum() > 0
        low, middle, high = (float(q) for q in np.quantile(mean, QUANTILES))
        row = {
            **reading,
            "start": rests_on.days["start"][int(days[chosen][0])],
            "end": rests_on.days["end"][int(days[chosen][-1])],
            "days": float(part.sum()),
            "expected": float(found[chosen].sum()),
            "watched": watched,
            "low": low,
            "middle": None if blind else middle,
            "high": high,
        }
        if before is not None and before[0] == begin - np.timedelta64(7, "D"):
            ratio = mean / before[1]
            least, half, most = (float(q) for q in np.quantile(ratio, QUANTILES))
            row |= {
                "times_low": least,
                "times": None if blind or before[2] else half,
                "times_high": most,
                "p_below": float((ratio < 1).mean()),
            }
        yield row
        before = begin, mean, blind
