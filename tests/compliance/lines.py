"""Lines of known truth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from teisen.compliance import Lines
from teisen.geodesy import Floats

DAY0 = datetime(2025, 1, 1, tzinfo=UTC)
WARM = 60
"""Days before anything changes."""


def counts(seed: int, level: Floats, means: tuple[float, ...] = (10.0, 6.0, 3.0)) -> Floats:
    """Over-dispersed counts of independent sources at a level by day: one line by days by sources."""
    rng = np.random.default_rng(seed)
    mean = np.array(means) * level[:, None] * np.exp(rng.normal(0, 0.2, len(level)))[:, None]
    return rng.poisson(mean * rng.gamma(10.0, 0.1, mean.shape)).astype(float)[None]


def lines(shown: Floats, effort: Floats | None = None, begins: int | None = None, first: datetime = DAY0) -> Lines:
    """The line of a reading that begins on a day and stays in force (none: never)."""
    n, days, sources = shown.shape
    share = np.zeros((n, days))
    if begins is not None:
        share[:, begins:] = 1.0
    return Lines(
        tuple((f"agreement-{i}", "no-fire", "whole") for i in range(n)),
        tuple(first + timedelta(days=d) for d in range(days + 1)),
        tuple("abcdef"[:sources]),
        shown,
        np.ones_like(shown) if effort is None else effort,
        share,
        np.arange(days) % 7,
    )


def truce(level: float = 0.1, days: int = 30) -> Floats:
    """As before, then a truce."""
    return np.concatenate([np.ones(WARM), np.full(days, level)])
