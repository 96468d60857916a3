"""The normal distribution is SciPy's."""

from __future__ import annotations

import numpy as np
import scipy

from teisen.fusion.normal import below, log_below

Z = np.concatenate([np.linspace(-40, 40, 80_001), np.sqrt(2) * np.array([-8, -1, 1, 8]), [-1e300, 1e300]])
"""Standard deviations, also where one approximation ends and the next begins."""


def test_below_is_right_to_the_last_digits() -> None:
    z = Z[Z > -20]
    np.testing.assert_allclose(below(z), scipy.special.ndtr(z), rtol=1e-13)
    np.testing.assert_allclose(below(Z), scipy.special.ndtr(Z), rtol=1e-12, atol=1e-300)


def test_so_is_its_logarithm_far_out_too() -> None:
    z = np.concatenate([Z[:-2], [-1e3, -1e6, -1e12]])
    np.testing.assert_allclose(log_below(z), scipy.special.log_ndtr(z), rtol=1e-14, atol=1e-15)


def test_what_is_infinite_or_no_number_stays_so() -> None:
    z = np.array([-np.inf, np.inf, np.nan])
    np.testing.assert_array_equal(below(z), [0.0, 1.0, np.nan])
    np.testing.assert_array_equal(log_below(z), [-np.inf, 0.0, np.nan])
    assert not below(np.empty(0)).size
