"""Lines of known truth: counts by day of several independent sources, as the benchmarks of change draw them.

Counts are over-dispersed (squared coefficient of variation 0.1), share shocks of a day (sd 0.25, correlated 0.3 from
day to day) and each source has a weekly rhythm (sd 0.25).
"""

from __future__ import annotations

import numpy as np

from teisen.geodesy import Floats

WARM = 84
"""Days before anything may change: the twelve weeks of the reference."""
AT = 40
"""Day after the warm-up on which the change comes."""
AFTER = 30
"""Days from then on."""
LINES = 60
"""Lines a row of a table."""
MEANS = {"14 a day": (8.0, 4.0, 2.0), "7 a day": (4.0, 2.0, 1.0), "3.5 a day": (2.0, 1.0, 0.5)}
"""What the sources report on a day of the time before."""


def simulate(rng: np.random.Generator, level: Floats, means: tuple[float, ...]) -> Floats:
    """Counts of lines by days by sources at a level (lines by days)."""
    lines, days = level.shape
    shock = np.zeros((lines, days))
    noise = rng.normal(size=(lines, days))
    for day in range(days):
        shock[:, day] = (0.3 * shock[:, day - 1] if day else 0.0) + np.sqrt(1 - 0.09) * noise[:, day]
    rhythm = np.exp(0.25 * rng.normal(size=(lines, 7, len(means))))
    rhythm /= rhythm.mean(axis=1, keepdims=True)
    mean = (
        np.array(means) * level[:, :, None] * np.exp(0.25 * shock - 0.03)[:, :, None] * rhythm[:, np.arange(days) % 7]
    )
    return rng.poisson(mean * rng.gamma(10.0, 0.1, size=mean.shape)).astype(float)


def weekdays(days: int) -> np.ndarray:
    return np.arange(days) % 7
