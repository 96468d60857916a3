"""Quantiles of a weighted mixture of lognormals."""

from __future__ import annotations

import numpy as np
import scipy

from teisen.compliance.intervals import QUANTILES
from teisen.geodesy import Floats

POINTS = 4001


def mixture_quantiles(weights: Floats, means: Floats, sds: Floats) -> tuple[float, float, float]:
    """5 %, 50 % and 95 % quantiles of exp(X), X a mixture of normals."""
    low, high = float((means - 6 * sds).min()), float((means + 6 * sds).max())
    x = np.linspace(low, high, POINTS)
    below = weights @ scipy.special.ndtr((x[None, :] - means[:, None]) / sds[:, None])
    first, half, last = (float(np.exp(np.interp(q, below, x))) for q in QUANTILES)
    return first, half, last
