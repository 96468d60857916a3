"""The course of a rate: its mean, its trend, and after a date against before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from teisen.compliance.basis import READING, Basis
from teisen.compliance.counts import NOBODY
from teisen.compliance.intervals import QUANTILES
from teisen.compliance.rates import Fit
from teisen.compliance.schema import COURSE
from teisen.compliance.smoothing import draw
from teisen.compliance.watched import ALL
from teisen.geodesy import Floats

DRAWS = 400
"""Paths drawn from the posterior; the ends of an interval are right to about a tenth of its width."""
SEED = 20250420
TREND_DAYS = 28
"""The trend is that of the last so many days in force."""
MONTH = 30.0
FEWEST = 7
"""Days in force below which there is no trend."""


def course_table(rests_on: Basis, fitted: Fit, at: date | None = None) -> pl.DataFrame:
    """COURSE of every reading that is in force at some time, by area and for all areas.

    Args:
        rests_on: days, readings and areas.
        fitted: the model fitted to ``rests_on.cells()``.
        at: first day of what counts as after; days before it count as before. None: no comparison.

    Paths of log rates are drawn from the posterior with a fixed seed. Errors of declared detection are drawn with
    them, one a group of sources for all days and areas: they cancel where the same sources watch, and count where one
    came or went.
    """
    rows = [row for s in range(rests_on.series.height) for row in _rows(rests_on, fitted, s, at)]
    return COURSE.hand_over(pl.DataFrame(rows, schema=COURSE.schema))


def _rows(rests_on: Basis, fitted: Fit, series: int, at: date | None) -> Iterator[dict[str, Any]]:
    share = rests_on.share[:, series]
    days = np.flatnonzero(share > 0)
    if not len(days):
        return
    inside = fitted.cells.inside[series]
    drawn = np.exp(paths(fitted, series, days)) * inside
    reading = dict(zip(READING, rests_on.series.select(READING).row(series), strict=True))
    cells = fitted.cells
    found, effort = cells.found[days, series], cells.effort[days, series] / share[days, None]
    weight = mean_rate(fitted, series, days)
    areas = list(rests_on.area_ids)
    wholes = [] if areas == [ALL] else [(ALL, drawn.sum(axis=2), found.sum(axis=1), (effort * weight).sum(axis=1))]
    each = [(area, drawn[:, :, a], found[:, a], effort[:, a]) for a, area in enumerate(areas) if inside[a]]
    off = 1 + rests_on.unplaced()[series]
    late = np.array([rests_on.days["day"][int(t)] >= at if at else True for t in days])
    for area, rate, seen, looked in [*each, *wholes]:
        scale = off if area == ALL else 1.0
        for measure, chosen, values, below in _measures(rate * scale, days, share[days], late, at):
            if not chosen.any():
                continue
            first, last = days[chosen][[0, -1]].tolist()
            low, middle, high = np.quantile(values, QUANTILES)
            watched = float(looked[chosen].mean())
            blind = watched < NOBODY
            yield {
                **reading,
                "area_id": area,
                "measure": measure,
                "start": rests_on.days["start"][first],
                "end": rests_on.days["end"][last],
                "days": float(share[days][chosen].sum()),
                "expected": float(seen[chosen].sum() * scale),
                "watched": watched,
                "low": float(low),
                "middle": None if blind else float(middle),
                "high": float(high),
                "p_below": below,
            }


def _measures(
    rate: Floats, days: np.ndarray, share: Floats, late: np.ndarray, at: date | None
) -> Iterator[tuple[str, np.ndarray, Floats, float | None]]:
    """Name, days, draws and P(below 1) of each measure; ``rate`` is (draws, days)."""
    everything = np.ones(len(days), bool)
    yield "rate", everything, _mean(rate, share, everything), None
    if len(days) >= FEWEST:
        last = np.arange(len(days)) >= len(days) - TREND_DAYS
        x = days[last] - days[last].mean()
        slope = (np.log(rate[:, last]) @ x) / (x @ x)
        factor = np.exp(np.clip(slope * MONTH, -20, 20))
        yield "trend", last, factor, float((slope < 0).mean())
    if at is None or late.all() or not late.any():
        return
    before, after = _mean(rate, share, ~late), _mean(rate, share, late)
    yield "before", ~late, before, None
    yield "after", late, after, None
    yield "change", everything, after / before, float((after < before).mean())


def _mean(rate: Floats, share: Floats, chosen: np.ndarray) -> Floats:
    return np.asarray(rate[:, chosen] @ share[chosen] / share[chosen].sum())


def paths(fitted: Fit, series: int, days: np.ndarray) -> Floats:
    """Log rates drawn from the posterior, errors of declared detection with them: (draws, days, areas)."""
    areas = fitted.cells.found.shape[2]
    mine = np.arange(series * areas, (series + 1) * areas)
    found = draw(fitted.done.columns(mine), fitted.manner.columns(mine), fitted.counts.columns(mine), DRAWS, SEED)
    found = found[:, days]
    rng = np.random.default_rng(SEED + 1)
    for load in fitted.cells.loads:
        found -= rng.standard_normal((DRAWS, 1, 1)) * load[days, series]
    return np.asarray(found)


def mean_rate(fitted: Fit, series: int, days: np.ndarray) -> Floats:
    """Shares of the areas in what happens, day by day: how watching of areas is weighed for all."""
    rate = np.exp(fitted.mean[days, series] + fitted.variance[days, series] / 2) * fitted.cells.inside[series]
    return np.asarray(rate / rate.sum(axis=1, keepdims=True))
