"""How many there were, given how many are on record and how well it was watched: distributions over numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
import scipy
from numpy.typing import NDArray

JEFFREYS = 0.5
"""Added to the number on record where the unseen are told: Jeffreys' prior of a Poisson rate, as for shares."""
SEEN_ERROR = 0.45
"""Standard deviation of the log odds of being seen: 0.4 for declared figures and 0.15 for where what happens lies, as
rates take them (:mod:`teisen.compliance.watched`). Assumed."""
ODDS = np.array([NormalDist(sigma=SEEN_ERROR).inv_cdf((n + 0.5) / 7) for n in range(7)])
"""Steps of the log odds of being seen, equally likely."""
STEPS = (np.arange(15) + 0.5) / 15
"""Steps of the share of what nobody attributes that the accused did."""
MOST_TOLD = 10.0
"""What sources attribute tells of what nobody does, but not as if it were of it: it counts as so many at most.
Assumed."""
HARDLY = 0.05
"""Where a smaller part than this would be recorded, the record bounds no number: what was thought before would."""
MOST = 1 << 40
"""A quantile beyond this number is none: nothing bounds it."""
DECIMALS = 9
"""Probabilities are compared rounded, so that the last bit of a sum decides no quantile."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Number:
    """A distribution over how many there were.

    ``record`` is P(n are on record) for n from 0. ``seen`` are chances, equally likely, that others record one that
    happens; empty: not known, and the distribution is that of the record.
    """

    record: Floats
    seen: Floats = field(default_factory=lambda: np.zeros(0))

    def at_least(self, n: float) -> float:
        """P(there were ``n`` or more)."""
        n = int(np.ceil(n - 1e-9))
        on_record = np.arange(len(self.record), dtype=np.float64)
        lacking = n - on_record
        if not len(self.seen):
            return float(np.clip(self.record[lacking <= 0].sum(), 0.0, 1.0))
        left = np.maximum(lacking, 1.0)[:, None]  # unseen: negative binomial
        unseen = scipy.special.betainc(left, on_record[:, None] + JEFFREYS, 1 - self.seen).mean(axis=1)
        return float(np.clip(np.where(lacking <= 0, 1.0, unseen) @ self.record, 0.0, 1.0))

    def quantile(self, q: float) -> int | None:
        """The least number of which P(no more than that) is ``q`` or more; None: beyond any bound."""
        low, high = 0, 1
        while self._up_to(high) < q:
            low, high = high + 1, high * 2
            if high > MOST:
                return None
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self._up_to(middle) >= q else (middle + 1, high)
        return low

    def _up_to(self, n: int) -> float:
        return round(1 - self.at_least(n + 1), DECIMALS)


def on_record(sure: Floats, unattributed: Floats, told: tuple[float, float] = (0.0, 0.0)) -> Floats:
    """P(n of some things hold) for n from 0, each apart from the others but for whose the unattributed are.

    Args:
        sure: for each thing, the chance that it is one of those asked for, as far as sources say who did it.
        unattributed: the chance that it is one but for who did it, which nobody says. The accused did one share of
            all those, often all or none: a half of each would be far too sure of their number. Its prior is Jeffreys'.
        told: how many of what sources attribute around there the accused did, and how many others.
    """
    order = np.lexsort((unattributed, sure))
    scale = min(1.0, MOST_TOLD / max(sum(told), 1e-9))
    shares = np.asarray(scipy.special.betaincinv(JEFFREYS + scale * told[0], JEFFREYS + scale * told[1], STEPS))
    shares = shares.round(DECIMALS) if unattributed.any() else np.zeros(1)
    chances = np.clip(sure[order] + shares[:, None] * unattributed[order], 0.0, 1.0)
    ways = np.zeros((len(shares), len(order) + 1))
    ways[:, 0] = 1.0
    for n, p in enumerate(chances.T[:, :, None], start=1):
        ways[:, 1 : n + 1] = ways[:, 1 : n + 1] * (1 - p) + ways[:, :n] * p
        ways[:, :1] *= 1 - p
    return np.asarray(ways.mean(axis=0), dtype=np.float64)


def chances_of_seeing(p: float | None) -> Floats:
    """Equally likely chances of being seen about ``p``, which is known so well only; none: not known, or hardly any."""
    if p is None or p < HARDLY:
        return np.zeros(0)
    p = min(p, 1 - 1e-6)
    return np.asarray(scipy.special.expit(scipy.special.logit(p) + ODDS).round(DECIMALS), dtype=np.float64)
