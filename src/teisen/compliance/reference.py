"""What every source is expected to show on an ordinary day: its mean, weekly rhythm and scatter, from days before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from teisen.geodesy import Floats

WINDOW = 84
"""Days that the reference looks back: twelve of each weekday (assumed)."""
PRIOR_SCATTER = 0.25
"""Squared coefficient of variation beyond Poisson's that is expected before data speak (assumed)."""
PRIOR_DAYS = 10.0
"""Days of data that the prior of the scatter weighs as much as (assumed)."""
RHYTHM_DAYS = 6.0
"""Days of a weekday that its prior, no rhythm, weighs as much as (assumed)."""
LEAST = 0.05
"""Least mean count a day and unit of effort that is expected: a source of zeros is not sure of zero."""


@dataclass(frozen=True)
class Reference:
    """What is expected on a day at the level of the reference.

    Attributes:
        mean: count at full effort: lines by sources (by days in the middle, where stacked).
        own: squared coefficient of variation of each source's own scatter beyond Poisson's.
        shared: variance of the log of the day's shock that all sources share: lines.
        days: days of effort behind the mean.
    """

    mean: Floats
    own: Floats
    shared: Floats
    days: Floats

    @property
    def scatter(self) -> Floats:
        """Squared coefficient of variation, beyond Poisson's, of a day's count of all sources together."""
        share = self.mean / self.mean.sum(axis=-1, keepdims=True)
        return np.asarray(self.shared + (share**2 * self.own).sum(axis=-1))

    @staticmethod
    def stack(kept: list[Reference], sources: int) -> Reference:
        """References of days put together along a second axis."""
        if not kept:
            none = np.empty((0, 0, sources))
            return Reference(none, none, np.empty((0, 0)), none)
        return Reference(*(np.stack([getattr(r, name) for r in kept], axis=1) for name in Reference.__annotations__))


def reference(
    counts: Floats, effort: Floats, weekday: NDArray[np.int64], day: int, *, until: NDArray[np.int64], weight: Floats
) -> Reference:
    """The reference of one day, from the last twelve weeks before ``until``.

    Args:
        counts: lines by days by sources.
        effort: by the same axes.
        weekday: of each day.
        day: the day that is expected.
        until: by line, the first day that is not learned from.
        weight: how far each day of each source was an ordinary one, by the same axes.
    """
    first = max(int(until.min()) - WINDOW, 0)
    last = max(int(until.max()), first)
    days = np.arange(first, last)
    inside = (days[None, :] < until[:, None]) & (days[None, :] >= until[:, None] - WINDOW)
    w = weight[:, first:last] * inside[:, :, None] * (effort[:, first:last] > 0)
    y, e = counts[:, first:last], effort[:, first:last]
    n = w.sum(axis=1)
    mean = np.maximum(_share(w * y, w * e, 0.5, 0.5 / max(LEAST, 1.0)), LEAST)
    same = weekday[first:last, None] == np.arange(7)[None, :]
    ratio = np.where(e > 0, y / np.maximum(e * mean[:, None, :], 1e-9), 1.0)
    seven = np.einsum("nts,td->nds", w * e, same.astype(float))
    rhythm = (np.einsum("nts,td->nds", w * e * ratio, same.astype(float)) + RHYTHM_DAYS) / (seven + RHYTHM_DAYS)
    rhythm /= rhythm.mean(axis=1, keepdims=True)
    expected = np.maximum(e * mean[:, None, :] * rhythm[:, weekday[first:last], :], 1e-9)
    residual = np.where(w > 0, y / expected - 1, 0.0)
    beyond = (w * (residual**2 - 1 / np.maximum(expected, LEAST))).sum(axis=1)
    total = (beyond + PRIOR_SCATTER * PRIOR_DAYS) / (n + PRIOR_DAYS)
    total = np.clip(total, 0.01, 4.0)
    shared = _shared(residual, w, total)
    own = np.clip(total - shared[:, None], 0.02, 4.0)
    unsure = (total + 1 / np.maximum(mean, LEAST)) / np.maximum(n, 1.0)
    today = mean * rhythm[:, weekday[day], :]
    return Reference(np.maximum(today, LEAST), own + np.minimum(unsure, 1.0), np.log1p(shared), n)


def _share(counts: Floats, effort: Floats, a: float, b: float) -> Floats:
    return np.asarray((counts.sum(axis=1) + a * 0.1) / (effort.sum(axis=1) + b * 0.1))


def _shared(residual: Floats, weight: Floats, total: Floats) -> Floats:
    """Covariance of the sources' residuals: what the days themselves scatter, by line; a source alone keeps its own."""
    sources = residual.shape[2]
    if sources < 2:
        return np.zeros(residual.shape[0])
    both, pairs = np.zeros(residual.shape[0]), np.zeros(residual.shape[0])
    for a in range(sources):
        for b in range(a + 1, sources):
            w = np.sqrt(weight[:, :, a] * weight[:, :, b])
            both += (w * residual[:, :, a] * residual[:, :, b]).sum(axis=1)
            pairs += w.sum(axis=1)
    prior = PRIOR_SCATTER / 4
    cov = (both + prior * PRIOR_DAYS) / (pairs + PRIOR_DAYS)
    return np.asarray(np.clip(cov, 0.0, total.min(axis=1)))
