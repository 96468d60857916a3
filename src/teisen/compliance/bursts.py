"""How much more or less than usual a day has, given its count, of which a part alone speaks of that day and area.

Each day in each area departs from its rate by a gamma factor G of mean 1. What is found in a cell is a sum of
probabilities, and of these a part s is sure: in all, sum(p^2) / sum(p) of them speak of what happened in the cell. The
rest, false reports and what happened next door or on the next day, is there whatever G is. So a count of N with the
mean m at G = 1 has the likelihood exp(-m G) (1 - s + s G)^(N / s), the product of 1 - p + p G over findings of one p.
Counts so burst less than what happens: their factor's variance is s^2 times that of G.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import scipy

from teisen.geodesy import Floats

POINTS = 8
"""Points of the quadrature over G."""
FEW = 2 * POINTS - 1
"""Findings in a cell up to which it is exact."""


@dataclass(frozen=True)
class Day:
    """The posterior of the factor G of a day in an area, as the gamma that has its mode and curvature in log G.

    Where the count is sure, or nothing was found, this is the posterior itself.

    Attributes:
        factor: the mean of that gamma.
        shape: its shape.
        part: by how much log(rate x G) moves when the log rate moves by 1.
    """

    factor: Floats
    shape: Floats
    part: Floats


def given(found: Floats, mean: Floats, sure: Floats, burst: Floats) -> Day:
    """The factor of a day, given its count.

    Args:
        found: expected number of violations found.
        mean: what would be on average: effort times rate.
        sure: part of what was found that speaks of the cell, above 0 and at most 1.
        burst: shape of G before the count is seen.
    """
    more = 1 - sure
    half = 0.5 * ((burst + mean) * more - burst * sure - found)
    factor = (np.sqrt(half**2 + sure * (burst + mean) * burst * more) - half) / (sure * (burst + mean))
    told = more + sure * factor
    own, q = found * factor / told, sure * factor / told
    shape = burst + own * q
    return Day(factor, shape, (burst * factor - own * more / told) / shape)


def evidence(found: Floats, mean: Floats, sure: Floats, burst: Floats) -> Floats:
    """Log of the likelihood with G integrated out, less what it is where nothing bursts; arguments as of :func:`given`.

    Where nothing is in doubt, counts are negative binomial. Elsewhere, with exp(-m G) taken into the gamma prior, the
    rest is a polynomial where all findings of a cell have one p: Gauss-Laguerre quadrature is exact. A hundredth of a
    unit in a cell matters: there are thousands, and shapes differ by a few units in all. Where more were found,
    Laplace's approximation in log G with the next term of the series (Tierney and Kadane 1986, *J. Am. Stat. Assoc.*
    81:82), less that of the gamma that it is like.
    """
    found, mean, sure, burst = np.broadcast_arrays(found, mean, sure, burst)
    out = burst * np.log(burst / (burst + mean)) + mean
    there, known = found > 0, sure >= 1
    few = found <= FEW * sure
    some, many = there & ~known & few, there & ~known & ~few
    out[some] += _few(*(part[some] for part in (found, mean, sure, burst)))
    out[many] = _many(*(part[many] for part in (found, mean, sure, burst)))
    n, m, shape = (part[there & known] for part in (found, mean, burst))
    out[there & known] += scipy.special.gammaln(shape + n) - scipy.special.gammaln(shape) - n * np.log(shape + m)
    return out


def _few(found: Floats, mean: Floats, sure: Floats, burst: Floats) -> Floats:
    out = np.empty_like(found)
    for shape in np.unique(burst).tolist():
        points, weights = _laguerre(shape)
        at = burst == shape
        told = 1 - sure[at] + sure[at] * points[:, None] / (shape + mean[at])
        out[at] = np.log(weights @ told ** (found[at] / sure[at]))
    return out


@cache
def _laguerre(shape: float) -> tuple[Floats, Floats]:
    """Points and weights of the expectation over a gamma variate of scale 1."""
    points, weights = scipy.special.roots_genlaguerre(POINTS, shape - 1)
    return points, weights / weights.sum()


def _many(found: Floats, mean: Floats, sure: Floats, burst: Floats) -> Floats:
    day = given(found, mean, sure, burst)
    told = 1 - sure + sure * day.factor
    own, q = found * day.factor / told, sure * day.factor / told
    third = own * (1 - q) * (1 - 2 * q) - burst - own
    fourth = own * (1 - q) * (1 - 6 * q + 6 * q**2) - burst - own
    return np.asarray(
        burst * np.log(burst)
        - scipy.special.gammaln(burst)
        + burst * np.log(day.factor)
        - (burst + mean) * day.factor
        + found / sure * np.log(told)
        + scipy.special.gammaln(day.shape)
        - day.shape * np.log(day.shape)
        + day.shape
        + fourth / (8 * day.shape**2)
        + 5 * third**2 / (24 * day.shape**3)
        - 1 / (12 * day.shape)
        + mean
    )
