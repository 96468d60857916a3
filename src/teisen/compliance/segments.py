"""Looking back: the best cut of a series into spells of one level each, by exact dynamic programming."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from teisen.geodesy import Floats

RATES = np.exp2(np.arange(-40, 21) / 4)
"""Rates of a spell that are tried, against the overall rate: from a thousandth to 32 times."""


@dataclass(frozen=True)
class Spell:
    """Days from ``first`` to ``last`` (both included) at one ``rate`` a day of full effort."""

    first: int
    last: int
    rate: float


def segments(counts: Floats, effort: Floats | None = None, *, scatter: float | None = None) -> list[Spell]:
    """Spells of one rate each, with the least cost of all cuts.

    Args:
        counts: by day; days by sources, where several sources are to change together.
        effort: by the same axes, 0 where nobody looked; empty: always the same.
        scatter: squared coefficient of variation of a day's count within a spell beyond Poisson's; empty: estimated
            from differences of neighbouring days, which a change of level hardly inflates.

    The cost of a spell is minus its log-likelihood as negative binomial at its best rate (on a grid of a quarter of an
    octave about the overall rate), and of one more spell half the log of the days for each number that it needs: its
    place, twice, and a rate for each source (a modified BIC in the manner of Zhang and Siegmund, Biometrics 2007).
    Takes time with the square of the days.
    """
    days = len(counts)
    if not days:
        return []
    y = counts.reshape(days, -1).astype(float)
    e = np.ones_like(y) if effort is None else np.asarray(effort, float).reshape(y.shape)
    likelihood = np.stack([_by_rate(y[:, k], e[:, k], scatter) for k in range(y.shape[1])])
    summed = np.concatenate([np.zeros((y.shape[1], 1, len(RATES))), np.cumsum(likelihood, axis=1)], axis=1)
    cost_of = penalty(days, y.shape[1])
    best, cut = np.zeros(days + 1), np.zeros(days + 1, dtype=int)
    best[0] = -cost_of
    for end in range(1, days + 1):
        of_spell = (summed[:, end, None] - summed[:, :end]).max(axis=2).sum(axis=0)
        total = best[:end] + cost_of - of_spell
        cut[end] = int(np.argmin(np.round(total, 9)))
        best[end] = total[cut[end]]
    sum_y, sum_e = (np.concatenate([[0.0], np.cumsum(x.sum(axis=1))]) for x in (np.where(e > 0, y, 0.0), e))
    spells: list[Spell] = []
    end = days
    while end > 0:
        first = int(cut[end])
        n, w = float(sum_y[end] - sum_y[first]), float(sum_e[end] - sum_e[first])
        spells.append(Spell(first, end - 1, n / w if w else float("nan")))
        end = first
    return spells[::-1]


def penalty(days: int, sources: int = 1) -> float:
    """Cost of one more spell."""
    return (2 + sources) / 2 * float(np.log(max(days, 2)))


def _by_rate(y: Floats, e: Floats, scatter: float | None) -> Floats:
    """Log-likelihood of each day at each rate of the grid, up to what depends on the count alone."""
    shape = 1 / (_scatter(y, e) if scatter is None else scatter)
    usual = (y[e > 0].sum() + 0.5) / max(float(e.sum()), 1e-9)
    mean = np.maximum(e, 1e-12)[:, None] * usual * RATES
    log = y[:, None] * np.log(mean / (shape + mean)) - shape * np.log1p(mean / shape)
    return np.asarray(np.where(e[:, None] > 0, log, 0.0))


def _scatter(y: Floats, e: Floats) -> float:
    rate = y[e > 0] / e[e > 0]
    level = (rate[1:] + rate[:-1]) / 2
    step = ((np.diff(rate) ** 2 / 2 - level) / np.maximum(level, 1e-9) ** 2)[level > 0]
    return float(np.clip(np.mean(np.minimum(step, np.quantile(step, 0.95))), 0.01, 4.0)) if len(step) > 1 else 0.25
