"""Counts by sector and day that excite themselves: a background of each sector, and what recent incidents add.

A discrete-time Hawkes process in the manner of Mohler et al. (JASA 2011), with effort as thinning: the count of a
sector and day has the mean ``effort x rhythm x (background + sum of weights x recent incidents here and near)``. The
mean is linear in weights that are not negative, so EM climbs to the one optimum of the penalised likelihood.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from teisen.geodesy import Floats

MEMORIES = (1.5, 7.0, 30.0)
"""Days after which the weight of an incident has fallen to 1/e: an operation, a week, a month (assumed)."""
LEAST_EFFORT = 0.2
"""Effort below which a recorded incident does not stand for more than five (assumed), lest one report explode."""
HALF_LIFE = 30.0
"""Days after which a day of data weighs half in the fit; on alerts of 2022 and 2023, which no published score uses, 15
to 120 days score alike (within 0.003 nats) and no forgetting scores worse."""
ROUNDS = 200
WEIGHT_PRIOR = 0.02
"""Pull of the triggering weights to zero, as a share of the incidents behind each (assumed)."""
BACKGROUND_DAYS = 14.0
"""Days of a sector's data that the mean of all sectors weighs as much as (assumed): few data borrow from the others."""
RHYTHM_COUNT = 50.0
"""Incidents of a weekday that its prior, no rhythm, weighs as much as (assumed)."""


@dataclass(frozen=True)
class Hawkes:
    """A fitted model.

    Attributes:
        background: mean incidents a day of each sector without any recent ones.
        weights: what a recent incident adds, by memory, of the sector itself and of those near: shape (2, memories).
        rhythm: factor of each weekday.
        scatter: squared coefficient of variation of counts beyond Poisson's.
        near: weights of the other sectors for each; rows sum to one.
    """

    background: Floats
    weights: Floats
    rhythm: Floats
    scatter: float
    near: Floats

    def mean(self, past: Floats, weekday: int) -> tuple[Floats, Floats]:
        """Mean of the next day by sector at full effort, and the part of it that recent incidents add.

        Args:
            past: :func:`recent` of the days before: memories by sectors.
            weekday: of that day.
        """
        own, others = self.weights
        added = own @ past + others @ (past @ self.near.T)
        factor = self.rhythm[weekday]
        return (self.background + added) * factor, added * factor


def fit(counts: Floats, effort: Floats, near: Floats, weekday: NDArray[np.int64]) -> Hawkes:
    """Fit the model.

    Args:
        counts: incidents recorded: days by sectors.
        effort: chance that one is recorded, by the same axes.
        near: sectors by sectors, how near each other one is; rows sum to one.
        weekday: of each day.
    """
    rhythm = _rhythm(counts, effort, weekday)
    age = np.exp2(-np.arange(len(counts))[::-1] / HALF_LIFE)[:, None]
    thinned = effort * rhythm[weekday][:, None] * age
    seen = counts * age
    past = recent(counts, effort)[:-1]
    features = np.concatenate([past, past @ near.T], axis=1)
    mean = (seen.sum() + 0.5) / max(float(thinned.sum()), 1.0)
    background = (seen.sum(axis=0) + mean * BACKGROUND_DAYS) / (thinned.sum(axis=0) + BACKGROUND_DAYS)
    weights = np.full(features.shape[1], 0.02)
    reach = (features * thinned[:, None, :]).sum(axis=(0, 2))
    for _ in range(ROUNDS):
        intensity = np.maximum(background[None, :] + np.einsum("tfs,f->ts", features, weights), 1e-12)
        share = seen / intensity
        prior = max(float(background.mean()), 1e-9) * BACKGROUND_DAYS
        background = (background * share.sum(axis=0) + prior) / (thinned.sum(axis=0) + BACKGROUND_DAYS)
        weights = weights * (features * share[:, None, :]).sum(axis=(0, 2)) / (reach * (1 + WEIGHT_PRIOR) + 1.0)
    intensity = np.maximum(background[None, :] + np.einsum("tfs,f->ts", features, weights), 1e-12) * (thinned / age)
    beyond = (((counts - intensity) ** 2 - intensity) * age).sum() / max(float((intensity**2 * age).sum()), 1e-9)
    return Hawkes(background, weights.reshape(2, -1), rhythm, float(np.clip(beyond, 0.01, 20.0)), near)


def recent(counts: Floats, effort: Floats) -> Floats:
    """What is remembered of incidents before each day and, last, before the day after: days + 1, memories, sectors."""
    days, sectors = counts.shape
    happened = counts / np.maximum(effort, LEAST_EFFORT)
    out = np.zeros((days + 1, len(MEMORIES), sectors))
    for day in range(days):
        out[day + 1] = onward(out[day], happened[day])
    return out


def onward(past: Floats, happened: Floats) -> Floats:
    """What is remembered a day later, after ``happened`` by sector."""
    keep = np.exp(-1 / np.array(MEMORIES))[:, None]
    return np.asarray(keep * past + (1 - keep) * happened[None, :])


def nearness(lon: Floats, lat: Floats) -> Floats:
    """How near sectors are to each other, from their middles in degrees; the scale is that of neighbours.

    Weights fall as exp(-distance / the median distance to the nearest); rows sum to one, a sector alone has none.
    """
    n = len(lon)
    if n < 2:
        return np.zeros((n, n))
    x, y = lon * np.cos(np.radians(lat)), lat
    distance = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
    np.fill_diagonal(distance, np.inf)
    scale = max(float(np.median(distance.min(axis=1))), 1e-6)
    weight = np.exp(-distance / scale)
    return np.asarray(weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-12))


def log_probability(counts: Floats, mean: Floats, scatter: float) -> Floats:
    """Log probability of counts as negative binomial with variance mean + scatter x mean^2."""
    shape, mean = 1 / scatter, np.maximum(mean, 1e-9)
    return np.asarray(
        scipy.special.gammaln(counts + shape)
        - scipy.special.gammaln(shape)
        - scipy.special.gammaln(counts + 1)
        + shape * np.log(shape / (shape + mean))
        + counts * np.log(mean / (shape + mean))
    )


def _rhythm(counts: Floats, effort: Floats, weekday: NDArray[np.int64]) -> Floats:
    usual = counts.sum(axis=0) / np.maximum(effort.sum(axis=0), 1e-9)
    expected = (effort * usual).sum(axis=1)
    seven = np.arange(7)[:, None] == weekday[None, :]
    rhythm = (seven @ counts.sum(axis=1) + RHYTHM_COUNT) / (seven @ expected + RHYTHM_COUNT)
    return np.asarray(rhythm / rhythm.mean())
