"""The normal distribution function and its logarithm.

Rational approximations of the error function by S. L. Moshier (Cephes Mathematical Library, ndtr.c, release 2.2, 1992),
which go back to W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of Computation 23
(1969). SciPy has the same, and is slow to load. Relative error below 1e-14.
"""

from __future__ import annotations

import numpy as np

from teisen.geodesy import Floats

MIDDLE = np.sqrt(2.0)
"""Standard deviations within which the error function is taken, and farther out its complement."""
FAR = 8 * np.sqrt(2.0)
NEVER, ALWAYS = -39.0, 9.0
"""Beyond these the chance is 0, or 1, to the last digit of a number."""
LARGE = 1e20
"""Beyond all that has a probability: its powers are still numbers."""
_T = (9.60497373987051638749e0, 9.00260197203842689217e1, 2.23200534594684319226e3, 7.00332514112805075473e3,
      5.55923013010394962768e4)  # fmt: skip
_U = (1.0, 3.35617141647503099647e1, 5.21357949780152679795e2, 4.59432382970980127987e3, 2.26290000613890934246e4,
      4.92673942608635921086e4)  # fmt: skip
"""erf(x) / x is T / U of its square, below 1."""
_P = (2.46196981473530512524e-10, 5.64189564831068821977e-1, 7.46321056442269912687e0, 4.86371970985681366614e1,
      1.96520832956077098242e2, 5.26445194995477358631e2, 9.34528527171957607540e2, 1.02755188689515710272e3,
      5.57535335369399327526e2)  # fmt: skip
_Q = (1.0, 1.32281951154744992508e1, 8.67072140885989742329e1, 3.54937778887819891062e2, 9.75708501743205489753e2,
      1.82390916687909736289e3, 2.24633760818710981792e3, 1.65666309194161350182e3,
      5.57535340817727675546e2)  # fmt: skip
"""erfc(x) exp(x^2) is P / Q between 1 and 8..."""
_R = (5.64189583547755073984e-1, 1.27536670759978104416e0, 5.01905042251180477414e0, 6.16021097993053585195e0,
      7.40974269950448939160e0, 2.97886665372100240670e0)  # fmt: skip
_S = (1.0, 2.26052863220117276590e0, 9.39603524938001434673e0, 1.20489539808096656605e1, 1.70814450747565897222e1,
      9.60896809063285878198e0, 3.36907645100081516050e0)  # fmt: skip
"""...and R / S beyond."""


def below(z: Floats) -> Floats:
    """P(a standard normal value is below ``z``), shape (n,)."""
    chance = np.where(z >= ALWAYS, 1.0, 0.0)
    open_ = np.flatnonzero(~((z <= NEVER) | (z >= ALWAYS)))
    far = np.abs(z[open_])
    is_inner = far < MIDDLE
    inner, outer = open_[is_inner], open_[~is_inner]
    x = z[inner] * np.sqrt(0.5)
    chance[inner] = 0.5 + 0.5 * x * _ratio(x * x, _T, _U)
    x = far[~is_inner]
    tail = _scaled(x) * np.exp(-0.5 * x * x)
    chance[outer] = np.where(z[outer] > 0, 1 - tail, tail)
    return chance


def log_below(z: Floats) -> Floats:
    """Log of the same, also where it is too small for a number; shape (n,)."""
    log = np.empty(len(z))
    low, other = np.flatnonzero(z <= -MIDDLE), np.flatnonzero(~(z <= -MIDDLE))
    log[low] = np.log(_scaled(np.minimum(-z[low], LARGE))) - 0.5 * z[low] ** 2
    log[other] = np.log(below(z[other]))
    return log


def _scaled(z: Floats) -> Floats:
    """P(above ``z``) over exp(-z^2 / 2), from :data:`MIDDLE` on."""
    x = z * np.sqrt(0.5)
    scaled = np.empty(len(x))
    for some, over, under in ((z < FAR, _P, _Q), (z >= FAR, _R, _S)):
        at = np.flatnonzero(some)
        if at.size:
            scaled[at] = 0.5 * _ratio(x[at], over, under)
    return scaled


def _ratio(x: Floats, over: tuple[float, ...], under: tuple[float, ...]) -> Floats:
    return _polynomial(x, over) / _polynomial(x, under)


def _polynomial(x: Floats, factors: tuple[float, ...]) -> Floats:
    """By Horner's rule, in place: ``numpy.polyval`` takes twice as long."""
    value = np.full(len(x), factors[0])
    for factor in factors[1:]:
        value *= x
        value += factor
    return value
