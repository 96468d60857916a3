"""Lines of known truth: counts by day of several independent sources, as the benchmarks of change draw them.

Counts are over-dispersed (squared coefficient of variation 0.1), share shocks of a day (sd of its log 0.25, correlated
0.3 from day to day) and each source has a weekly rhythm (sd 0.25).
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


MANY = {"28 by each source": (28.0, 28.0, 28.0), "56 by each source": (56.0, 56.0, 56.0)}
"""The same of lines on which much happens, as on those of the agreements."""


def simulate(
    rng: np.random.Generator, level: Floats, means: tuple[float, ...], own: float = 0.1, shared: float = 0.25
) -> Floats:
    """Counts of lines by days by sources at a level (lines by days).

    Args:
        own: squared coefficient of variation of each source's counts beyond Poisson's.
        shared: standard deviation of the log of the shock of a day.
    """
    lines, days = level.shape
    shock = np.zeros((lines, days))
    noise = rng.normal(size=(lines, days))
    for day in range(days):
        shock[:, day] = (0.3 * shock[:, day - 1] if day else 0.0) + np.sqrt(1 - 0.09) * noise[:, day]
    rhythm = np.exp(0.25 * rng.normal(size=(lines, 7, len(means))))
    rhythm /= rhythm.mean(axis=1, keepdims=True)
    mean = (
        np.array(means)
        * level[:, :, None]
        * np.exp(shared * shock - shared**2 / 2)[:, :, None]
        * rhythm[:, np.arange(days) % 7]
    )
    return rng.poisson(mean * rng.gamma(1 / own, own, size=mean.shape)).astype(float)


def weekdays(days: int) -> np.ndarray:
    return np.arange(days) % 7
