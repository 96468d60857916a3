"""Looking back: the best cut of a series into spells of one level each, by exact dynamic programming."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from teisen.geodesy import Floats


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

    The cost of a spell is minus its log-likelihood as negative binomial at its mean rate (days of unequal effort taken
    at the spell's mean effort), and of one more spell half the log of the days for each number that it needs: its place,
    twice, and a rate for each source (a modified BIC in the manner of Zhang and Siegmund, Biometrics 2007). Takes time
    with the square of the days.
    """
    y = counts.reshape(len(counts), -1).astype(float)
    e = np.ones_like(y) if effort is None else np.asarray(effort, float).reshape(y.shape)
    days = len(y)
    if not days:
        return []
    shape = 1 / (np.array([_scatter(y[:, k], e[:, k]) for k in range(y.shape[1])]) if scatter is None else scatter)
    cost_of = penalty(days, y.shape[1])
    looked = e > 0
    sums = (
        np.concatenate([np.zeros((1, y.shape[1])), np.cumsum(x, axis=0)]) for x in (np.where(looked, y, 0), e, looked)
    )
    sum_y, sum_e, sum_d = sums
    best, cut = np.zeros(days + 1), np.zeros(days + 1, dtype=int)
    best[0] = -cost_of
    for end in range(1, days + 1):
        n, d = sum_y[end] - sum_y[:end], sum_d[end] - sum_d[:end]
        mean = np.where(n > 0, n, 1e-9) / np.maximum(d, 1)
        likelihood = np.where(n > 0, n * np.log(mean / (shape + mean)), 0.0) - d * shape * np.log1p(mean / shape)
        total = best[:end] + cost_of - likelihood.sum(axis=1)
        cut[end] = int(np.argmin(np.round(total, 9)))
        best[end] = total[cut[end]]
    spells: list[Spell] = []
    end = days
    while end > 0:
        first = int(cut[end])
        n, w = float((sum_y[end] - sum_y[first]).sum()), float((sum_e[end] - sum_e[first]).sum())
        spells.append(Spell(first, end - 1, n / w if w else float("nan")))
        end = first
    return spells[::-1]


def penalty(days: int, sources: int = 1) -> float:
    """Cost of one more spell."""
    return (2 + sources) / 2 * float(np.log(max(days, 2)))


def _scatter(y: Floats, e: Floats) -> float:
    rate = y[e > 0] / e[e > 0]
    level = (rate[1:] + rate[:-1]) / 2
    step = ((np.diff(rate) ** 2 / 2 - level) / np.maximum(level, 1e-9) ** 2)[level > 0]
    return float(np.clip(np.mean(np.minimum(step, np.quantile(step, 0.95))), 0.01, 4.0)) if len(step) > 1 else 0.25
