"""The watch for changes and its rivals, each a statistic of each day and the threshold at which it rings.

Rivals get the sum of the sources over the same reference of twelve weeks:

- cusum: the negative-binomial likelihood-ratio CUSUM tuned to the very effect that comes;
- mean: the mean of the last three days;
- pelt: ruptures' PELT (least squares, its version in C), run anew every day on the last 60 days.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import ruptures
from made_lines import WARM, weekdays

from teisen.compliance.alarms import fall_from, return_from
from teisen.compliance.level import follow
from teisen.geodesy import Floats

Scores = Callable[[Floats, float], Floats]
"""A statistic of each day (lines by days) that rises with the evidence of a change to a ratio."""


def teisen(down: bool) -> Scores:
    """What the watch thinks of a change, over what it takes for an alarm."""

    def score(counts: Floats, _: float) -> Floats:
        begins = None if down else np.full(len(counts), WARM)
        found = follow(counts, np.ones_like(counts), weekdays(counts.shape[1]), begins)
        return found.low / fall_from(found) if down else found.back / return_from(found)

    return score


def _expected(counts: Floats, reference: slice) -> tuple[Floats, Floats, Floats]:
    """Sum of sources, its mean by weekday and its scatter, from the reference days of each line."""
    total = counts.sum(axis=2)
    days = weekdays(total.shape[1])
    base = total[:, reference]
    mean = base.mean(axis=1, keepdims=True)
    of_day = np.stack([base[:, days[reference] == d].mean(axis=1) for d in range(7)], axis=1)
    of_day = (of_day * 12 + mean * 6) / 18
    expected = np.maximum(of_day[:, days], 0.05)
    scatter = np.maximum(
        (((base - expected[:, reference]) ** 2 - expected[:, reference]) / expected[:, reference] ** 2).mean(axis=1),
        0.02,
    )
    return total, expected, scatter[:, None]


def cusum(down: bool) -> Scores:
    def score(counts: Floats, ratio: float) -> Floats:
        total, expected, scatter = _expected(counts, slice(0, WARM))
        if not down:
            expected = expected * ratio
        after = expected * (ratio if down else 1 / ratio)
        shape = 1 / scatter
        step = total * np.log(after / (shape + after) * (shape + expected) / expected) + shape * np.log(
            (shape + expected) / (shape + after)
        )
        out, value = np.zeros_like(total), np.zeros(len(total))
        for day in range(WARM, total.shape[1]):
            value = np.maximum(value + step[:, day], 0.0)
            out[:, day] = value
        return out

    return score


def moving(down: bool) -> Scores:
    def score(counts: Floats, ratio: float) -> Floats:
        total, expected, _ = _expected(counts, slice(0, WARM))
        summed, base = (np.cumsum(x, axis=1) for x in (total, expected))
        last, usual = (np.concatenate([x[:, :3], x[:, 3:] - x[:, :-3]], axis=1) for x in (summed, base))
        return (1 - last / usual) if down else last / usual

    return score


def pelt(down: bool) -> Scores:
    def score(counts: Floats, ratio: float) -> Floats:
        total, expected, _ = _expected(counts, slice(0, WARM))
        relative = np.sqrt(total / expected)
        out = np.zeros_like(total)
        for line in range(len(total)):
            for day in range(WARM, total.shape[1]):
                window = relative[line, max(0, day - 59) : day + 1]
                gain = _best_cut(window)
                out[line, day] = gain if (window[-3:].mean() < window.mean()) == down else 0.0
        return out

    return score


def _best_cut(window: Floats) -> float:
    """The penalty below which PELT puts a change into the last ten days: what its last cut is worth."""
    low, high = 0.05, 60.0
    for _ in range(4):
        middle = float(np.sqrt(low * high))
        cuts = ruptures.KernelCPD(kernel="linear", min_size=1).fit(window[:, None]).predict(pen=middle * 0.1)
        if any(c >= len(window) - 10 for c in cuts[:-1]):
            low = middle
        else:
            high = middle
    return low


METHODS: dict[str, Callable[[bool], Scores]] = {
    "Teisen": teisen,
    "cusum": cusum,
    "mean of 3 days": moving,
    "pelt": pelt,
}


def alarm_days(score: Floats, threshold: float) -> list[list[int]]:
    """Days of alarms by line; after one the watch rests for two weeks, so that one spell is one alarm."""
    out = []
    for row in score:
        found, day = [], 0
        while day < len(row):
            if row[day] >= threshold:
                found.append(day)
                day += 14
            else:
                day += 1
        out.append(found)
    return out


def threshold_for(score: Floats, years: float) -> float:
    """Threshold at which there is one alarm a year, of those that stand on the days given."""
    low, high = float(score.min()), float(score.max()) + 1e-9
    for _ in range(40):
        middle = (low + high) / 2
        n = sum(map(len, alarm_days(score, middle)))
        low, high = (middle, high) if n > years else (low, middle)
    return high
