"""Capture-recapture by latent classes: some violations are seen by everybody easily, others by nobody easily."""

from __future__ import annotations

import numpy as np
import scipy

from teisen.compliance.captures import Captures, all_histories
from teisen.geodesy import Floats

FEWEST_LISTS = 4
"""Two classes have seven figures with three lists, as many as there are counts: nothing is left to tell them by."""
CLASSES = 2
ROUNDS = 400
POINTS = 48
FARTHEST = 20.0
"""Totals up to so many times what was seen are tried."""
INTERVAL = 1.352771727047702
"""Half the 90 % quantile of chi squared with one degree of freedom (Wilks 1938)."""


def latent_total(found: Captures) -> tuple[float, float, float] | None:
    """90 % profile-likelihood interval and the likeliest total under two latent classes; None: too few lists.

    Within a class lists are independent (Goodman 1974). For each total on a grid the other figures are fitted by EM,
    all totals at once.
    """
    if len(found.lists) < FEWEST_LISTS or not found.total > 0:
        return None
    seen = found.seen.sum(axis=0)
    total = seen.sum()
    unseen = np.concatenate([[0.0], np.geomspace(0.5, total * FARTHEST, POINTS - 1)])
    counts = np.concatenate([unseen[:, None], np.broadcast_to(seen, (POINTS, len(seen)))], axis=1)
    patterns = np.concatenate([np.zeros((1, len(found.lists)), bool), all_histories(len(found.lists))]).astype(float)
    value = _likelihood(counts, patterns)
    value = value + scipy.special.gammaln(total + unseen + 1) - scipy.special.gammaln(unseen + 1)
    best = int(np.argmax(np.round(value, 6)))
    inside = np.flatnonzero(value >= value[best] - INTERVAL)
    return float(total + unseen[inside[0]]), float(total + unseen[best]), float(total + unseen[inside[-1]])


def _likelihood(counts: Floats, patterns: Floats) -> Floats:
    """Largest log likelihood of each row of counts over histories (rows, histories), multinomial constant left out."""
    rows, lists = len(counts), patterns.shape[1]
    share = np.tile(np.array([0.4, 0.6]), (rows, 1))
    marginal = counts @ patterns / counts.sum(axis=1, keepdims=True)
    p = np.stack([np.clip(marginal * factor, 0.01, 0.95) for factor in (1.6, 0.6)], axis=1)
    inside = np.zeros((rows, CLASSES, len(patterns)))
    for _ in range(ROUNDS):
        log = np.log(p) @ patterns.T + np.log1p(-p) @ (1 - patterns).T + np.log(share)[:, :, None]
        inside = np.exp(log)
        belongs = inside / inside.sum(axis=1, keepdims=True) * counts[:, None, :]
        size = belongs.sum(axis=2)
        share = np.clip(size / size.sum(axis=1, keepdims=True), 1e-6, 1.0)
        p = np.clip(belongs @ patterns / np.maximum(size, 1e-9)[:, :, None], 1e-5, 1 - 1e-5).reshape(
            rows, CLASSES, lists
        )
    return np.asarray((counts * np.log(inside.sum(axis=1))).sum(axis=1))
