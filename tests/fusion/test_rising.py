"""Tables of rising factorials say what SciPy's beta function says."""

from __future__ import annotations

import numpy as np
import pytest
import scipy

from teisen.fusion.rising import log_beta_ratio, log_rising


def test_a_rising_factorial_is_a_ratio_of_gammas() -> None:
    start = np.array([[1e-6, 0.3], [1.0, 41.5]])
    number = np.arange(2_001)
    expected = scipy.special.gammaln(start[..., None] + number) - scipy.special.gammaln(start)[..., None]
    assert log_rising(start, 2_000) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_of_nothing_the_factorial_is_one() -> None:
    assert log_rising(np.array([0.5, 7.0]), 0).tolist() == [[0.0], [0.0]]


def test_a_ratio_of_betas_is_that_of_scipy() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.integers(0, 400, (2, 50, 6))
    a, b = rng.uniform(0.01, 30, (2, 5, 3, 6))
    of = rng.integers(0, 3, 50)
    found = log_beta_ratio((one, other), (a, b), of)
    betaln = scipy.special.betaln
    assert found.shape == (5, 50, 6)
    assert found == pytest.approx(betaln(a[:, of] + one, b[:, of] + other) - betaln(a, b)[:, of], rel=1e-10, abs=1e-9)


def test_no_counts_are_worth_nothing() -> None:
    none = np.zeros((0, 6), np.int64)
    assert log_beta_ratio((none, none), (np.ones((2, 6)), np.ones((2, 6))), np.zeros(0, np.int64)).shape == (0, 6)
