"""Rates of cells: fit the model, give each day's interval in each area, and that of all areas together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from teisen.compliance.counts import Cells, columns
from teisen.compliance.intervals import day_moments, day_quantiles, log_gamma_quantiles
from teisen.compliance.learning import learn
from teisen.compliance.smoothing import Counts, Manner, Smoothed, State, beginning, smooth
from teisen.geodesy import Floats


@dataclass(frozen=True)
class Fit:
    """The model fitted to cells: what went in, how rates move, and the posterior of log rates."""

    cells: Cells
    counts: Counts
    manner: Manner
    done: Smoothed

    @property
    def mean(self) -> Floats:
        """Mean of log rates, bursts left out: (days, series, areas)."""
        return self.done.mean.reshape(self.cells.found.shape)

    @property
    def variance(self) -> Floats:
        """Variance of log rates, what detection may be off left out: (days, series, areas)."""
        return self.done.variance.reshape(self.cells.found.shape)

    @property
    def burst(self) -> Floats:
        """Shape of bursts: (1, series, areas)."""
        return self.manner.burst.reshape(1, *self.cells.found.shape[1:])

    def before(self, day: int) -> State:
        """The state of the day before ``day``, filtered: where :func:`update` begins."""
        return self.done.filtered.at(day - 1)


def fit(cells: Cells, manner: Manner | None = None) -> Fit:
    """Fit the model to cells; ``manner`` is learned where it is not given."""
    counts, level, kin = columns(cells)
    if manner is None:
        scattered, scattered_level, _ = columns(cells, scatter=True)
        manner = learn(scattered, scattered_level, kin)
    return Fit(cells, counts, manner, smooth(counts, manner, beginning(level, manner, counts)))


def update(cells: Cells, manner: Manner, start: State) -> Fit:
    """The same for the newest days alone: ``cells`` of these, and the state before the first of them."""
    counts, _, _ = columns(cells)
    return Fit(cells, counts, manner, smooth(counts, manner, start))


def day_rates(fitted: Fit) -> tuple[Floats, Floats, Floats]:
    """5 %, 50 % and 95 % quantiles of the rate of each day: (days, series, areas)."""
    return day_quantiles(fitted.mean, fitted.variance, fitted.burst, fitted.cells)


def whole_rates(fitted: Fit, unplaced: Floats) -> tuple[Floats, Floats, Floats]:
    """Quantiles of the rate of all areas together: (days, series).

    The areas' rates are added: what they share (the common walk, errors of declared detection) does not average out.

    Args:
        fitted: the model.
        unplaced: by series, how many were found in no known area for each one found in some.
    """
    cells, done = fitted.cells, fitted.done
    rate, own, part = day_moments(fitted.mean, fitted.variance, fitted.burst, cells)
    rate = rate * cells.inside
    shape = cells.found.shape
    cc, cz = done.smooth.cc.reshape(shape), done.smooth.cz.reshape(shape)
    follows = part * (1 + cz / np.maximum(cc, 1e-9))
    share = rate / rate.sum(axis=2, keepdims=True)
    common = (share * follows * np.sqrt(cc)).sum(axis=2) ** 2
    apart = part**2 * fitted.variance - follows**2 * cc
    detection = sum(((share * load).sum(axis=2) ** 2 for load in cells.loads), np.zeros(common.shape))
    more = np.log1p((share**2 * np.expm1(np.clip(apart, 0.0, 10.0))).sum(axis=2)) + common + detection
    gamma = 1 / (share**2 * own).sum(axis=2)
    middle = (
        np.log(rate.sum(axis=2) * (1 + unplaced))
        - np.log(gamma)
        + scipy.special.digamma(gamma)
        - (more - detection) / 2
    )
    return log_gamma_quantiles(middle, gamma, more)
