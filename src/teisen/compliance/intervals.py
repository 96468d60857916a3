"""The distribution of a rate: the log of a gamma variate, scaled, moved and widened, so that quantiles are closed."""

from __future__ import annotations

from functools import cache

import numpy as np
import scipy

from teisen.compliance.bursts import given
from teisen.compliance.counts import Cells
from teisen.geodesy import Floats

QUANTILES = (0.05, 0.5, 0.95)
"""What is published of a distribution: the ends of the 90 % interval and the median."""
_NORMAL = 1e7
"""Shape from which the logarithm of a gamma variate is as good as normal."""


def day_quantiles(mean: Floats, variance: Floats, burst: Floats, cells: Cells) -> tuple[Floats, Floats, Floats]:
    """5 %, 50 % and 95 % quantiles of each day's rate in each area, bursts included.

    Given the log rate x, the day's factor follows from its own count (:func:`teisen.compliance.bursts.given`). x is
    normal. The logarithm of the product is matched by its first three cumulants with a scaled log-gamma, which is exact
    where either part vanishes.

    Args:
        mean: of the log rate, (days, series, areas) like all here.
        variance: of the log rate.
        burst: shape of the gamma factor of a day.
        cells: what was found and how well one looked, with what declared probabilities to detect may be off.
    """
    day = given(cells.found, cells.effort * np.exp(mean), cells.sure, burst)
    middle = mean + np.log(day.factor) + scipy.special.digamma(day.shape) - np.log(day.shape)
    return log_gamma_quantiles(middle, day.shape, day.part**2 * variance + cells.error2)


def day_moments(mean: Floats, variance: Floats, burst: Floats, cells: Cells) -> tuple[Floats, Floats, Floats]:
    """Mean of each day's rate; its relative variance given x; and how much of x's movement it takes part in."""
    day = given(cells.found, cells.effort * np.exp(mean), cells.sure, burst)
    return np.exp(mean + day.part**2 * variance / 2) * day.factor, 1 / day.shape, day.part


def log_gamma_quantiles(middle: Floats, shape: Floats, more: Floats) -> tuple[Floats, Floats, Floats]:
    """Quantiles of exp(X): X has mean ``middle`` and is a log-gamma of ``shape`` plus a normal of variance ``more``."""
    own = scipy.special.polygamma(1, shape)
    whole = own + more
    like = _shape_of(-scipy.special.polygamma(2, shape) / whole**1.5)
    wide = np.sqrt(whole / scipy.special.polygamma(1, like))
    offset = middle - wide * scipy.special.digamma(like)
    low, half, high = (
        np.exp(offset + wide * np.log(np.maximum(scipy.special.gammaincinv(like, q), 1e-300))) for q in QUANTILES
    )
    return low, half, high


def _shape_of(skewness: Floats) -> Floats:
    """Shape of the gamma variate whose logarithm has minus this skewness; by interpolation in logarithms."""
    known, shapes = _skewness()
    return np.exp(np.interp(np.log(np.maximum(skewness, 1e-12)), known, shapes))


@cache
def _skewness() -> tuple[Floats, Floats]:
    shapes = np.exp(np.linspace(np.log(1e-3), np.log(_NORMAL), 4000))[::-1]
    skewness = -scipy.special.polygamma(2, shapes) / scipy.special.polygamma(1, shapes) ** 1.5
    return np.log(skewness), np.log(shapes)
