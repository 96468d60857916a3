"""How likely so many of so many are where shares differ, for counts in whole numbers."""

from __future__ import annotations

import numpy as np

from teisen.fusion.near import Ints
from teisen.geodesy import Floats


def log_rising(start: Floats, most: int) -> Floats:
    """Log of the rising factorial ``start (start + 1) ... (start + n - 1)`` for n = 0 ... ``most`` along a last axis.

    It is what log gamma(start + n) is over log gamma(start): Abramowitz and Stegun, "Handbook of Mathematical
    Functions", 6.1.22.
    """
    steps = np.log(start[..., None] + np.arange(most))
    return np.concatenate([np.zeros((*start.shape, 1)), np.cumsum(steps, axis=-1)], axis=-1)


def log_beta_ratio(counts: tuple[Ints, Ints], prior: tuple[Floats, Floats], of: Ints) -> Floats:
    """Log of B(a + counts of one, b + counts of the other) over B(a, b), shape (..., n, k).

    It is what a beta-binomial says of these counts but for the number of orders in which they may come. Every rising
    factorial is looked up in a table, for counts are few and repeat.

    Args:
        counts: of one and of the other, shape (n, k).
        prior: a and b, shape (..., m, k).
        of: row of the prior for each row of counts, shape (n,).
    """
    (one, other), (a, b) = counts, prior
    row, column = of[:, None], np.arange(one.shape[1])

    def worth(start: Floats, count: Ints) -> Floats:
        return np.asarray(log_rising(start, int(count.max(initial=0)))[..., row, column, count])

    return worth(a, one) + worth(b, other) - worth(a + b, one + other)
