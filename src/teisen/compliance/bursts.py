"""How much more or less than usual a day has, given its count, of which a part alone speaks of that day and area.

Each day in each area departs from its rate by a gamma factor G of mean 1. What is found in a cell is a sum of
probabilities, and of these a part s is sure: in all, sum(p^2) / sum(p) of them speak of what happened in the cell. The
rest, false reports and what happened next door or on the next day, is there whatever G is. So a count of N with the
mean m at G = 1 has the likelihood exp(-m G) (1 - s + s G)^(N / s), the product of 1 - p + p G over findings of one p.
Counts so burst less than what happens: their factor's variance is s^2 times that of G.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from teisen.geodesy import Floats


@dataclass(frozen=True)
class Day:
    """The posterior of the factor G of a day in an area, as the gamma that has its mode and curvature in log G.

    Where the count is sure, or nothing was found, this is the posterior itself. Elsewhere its integral is Laplace's
    with the next term of the series (Tierney and Kadane 1986, *J. Am. Stat. Assoc.* 81:82), less that of the gamma.

    Attributes:
        factor: the mean of that gamma.
        shape: its shape.
        part: by how much log(rate x G) moves when the log rate moves by 1.
        evidence: log of the likelihood with G integrated out, less what it is where nothing bursts.
    """

    factor: Floats
    shape: Floats
    part: Floats
    evidence: Floats


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
    third = own * (1 - q) * (1 - 2 * q) - burst - own
    fourth = own * (1 - q) * (1 - 6 * q + 6 * q**2) - burst - own
    log_factor = np.log(factor)
    evidence = (
        burst * np.log(burst)
        - scipy.special.gammaln(burst)
        + burst * log_factor
        - (burst + mean) * factor
        + found / sure * np.log(told)
        + scipy.special.gammaln(shape)
        - shape * np.log(shape)
        + shape
        + fourth / (8 * shape**2)
        + 5 * third**2 / (24 * shape**3)
        - 1 / (12 * shape)
    )
    return Day(factor, shape, (burst * factor - own * more / told) / shape, evidence + mean)
