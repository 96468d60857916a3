"""Looking back: the best cut of a series into spells of one level each, by exact dynamic programming."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from teisen.geodesy import Floats

PENALTY = 3.0
"""Cost of one more spell, in natural logs of the number of days: the prior of its place and of its level (a modified
BIC in the manner of Zhang and Siegmund, Biometrics 2007)."""


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
        scatter: variance over mean of a day's count within a spell; empty: estimated from differences of
            neighbouring days, which no change of level inflates much.

    The cost of a spell is minus its log-likelihood as Poisson with mean rate x effort, over the scatter. Takes time
    with the square of the days, for some thousands of them.
    """
    y = counts.reshape(len(counts), -1).astype(float)
    e = np.ones_like(y) if effort is None else np.asarray(effort, float).reshape(y.shape)
    days = len(y)
    if not days:
        return []
    phi = np.array([_scatter(y[:, k], e[:, k]) for k in range(y.shape[1])]) if scatter is None else scatter
    cost_of = penalty(days)
    sum_y, sum_e = (
        np.concatenate([np.zeros((1, y.shape[1])), np.cumsum(x, axis=0)]) for x in (np.where(e > 0, y, 0), e)
    )
    best, cut = np.zeros(days + 1), np.zeros(days + 1, dtype=int)
    best[0] = -cost_of
    for end in range(1, days + 1):
        n, w = sum_y[end] - sum_y[:end], sum_e[end] - sum_e[:end]
        with np.errstate(divide="ignore", invalid="ignore"):
            likelihood = np.where((n > 0) & (w > 0), n * np.log(n / w), 0.0) - n
        total = best[:end] + cost_of - (likelihood / phi).sum(axis=1)
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


def penalty(days: int) -> float:
    """Cost of one more spell."""
    return PENALTY * float(np.log(max(days, 2)))


def _scatter(y: Floats, e: Floats) -> float:
    looked = e > 0
    rate = y[looked] / e[looked]
    if len(rate) < 3:
        return 1.0
    step = np.diff(rate)
    level = (rate[1:] + rate[:-1]) / 2
    weight = (e[looked][1:] + e[looked][:-1]) / 2
    index = (step**2 * weight / 2)[level > 0] / level[level > 0]
    return max(float(np.mean(np.minimum(index, np.quantile(index, 0.95)))), 1.0) if len(index) else 1.0
