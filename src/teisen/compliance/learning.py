"""How rates move, learned from the counts: drift, departure, memory and bursts by evidence, one set for each kin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from teisen.compliance.smoothing import Counts, Manner, Smoothed, beginning, smooth
from teisen.geodesy import Floats

GRID = {
    "burst": (0.3, 0.5, 0.8, 1.3, 2.0, 3.5, 7.0, 30.0),
    "drift": (0.01, 0.02, 0.04, 0.07, 0.12, 0.2, 0.35),
    "apart": (0.25, 0.5, 0.8, 1.2, 1.7, 2.4),
    "memory": (0.7, 0.9, 0.96, 0.985, 0.995, 0.999),
}
"""Values that are tried, in the order in which they are."""
EXPECTED = {"burst": 1.3, "drift": 0.07, "apart": 0.8, "memory": 0.985}
"""What is expected before any count is seen, and where the search begins (assumed)."""
FINER = (0.5, 0.25)
"""After all values of the grid, what lies this far between them is tried on either side."""
FIRMNESS = 0.25
"""Weight of what is expected: a quarter of a unit of evidence for each squared step on the grid (assumed); a few weeks
of counts outweigh it."""
DAYS = 730
"""Newest days that values are learned from: how rates moved longer ago need not be how they move."""
AT_MOST = 24
"""Areas of one kin that values are learned from, evenly chosen."""


def learn(counts: Counts, level: Floats, kin: NDArray[np.intp]) -> Manner:
    """How each column's rate moves; columns of one ``kin`` (columns,) the same.

    Args:
        counts: as :func:`teisen.compliance.smoothing.smooth` takes them.
        level: log of the common rate, about.
        kin: number of the series to which a column belongs, from 0.
    """
    chosen = _some(kin)
    few, of = counts.columns(chosen).days(max(0, len(counts.found) - DAYS)), kin[chosen]
    series = int(kin.max(initial=-1)) + 1
    at = {name: np.full(series, float(values.index(EXPECTED[name]))) for name, values in GRID.items()}
    best, guess = _evidence(few, level[chosen], at, of, None)
    for finer in (0.0, *FINER):
        for name, values in GRID.items():
            for step in _steps(len(values), at[name], finer):
                tried = at | {name: step}
                value, found = _evidence(few, level[chosen], tried, of, guess)
                better = value > best
                at[name] = np.where(better, step, at[name])
                best = np.where(better, value, best)
                guess = np.where(better[of], found, guess)
    return Manner(*(_value(name, at[name])[kin] for name in ("drift", "apart", "memory", "burst")))


def _steps(many: int, now: Floats, finer: float) -> list[Floats]:
    """What to try next: all values, or those a little to either side of what was best."""
    if not finer:
        return [np.full(len(now), float(step)) for step in range(many)]
    return [np.clip(now - finer, 0, many - 1), np.clip(now + finer, 0, many - 1)]


def _value(name: str, at: Floats) -> Floats:
    """The value at a place between those of the grid."""
    return np.exp(np.interp(at, np.arange(len(GRID[name])), np.log(GRID[name])))


def _some(kin: NDArray[np.intp]) -> NDArray[np.intp]:
    chosen = []
    for one in range(int(kin.max(initial=-1)) + 1):
        mine = np.flatnonzero(kin == one)
        step = max(1.0, len(mine) / AT_MOST)
        chosen.append(mine[np.unique(np.floor(np.arange(0, len(mine), step)).astype(np.intp))])
    return np.concatenate(chosen) if chosen else np.zeros(0, np.intp)


def _evidence(
    counts: Counts, level: Floats, at: dict[str, Floats], kin: NDArray[np.intp], guess: Floats | None
) -> tuple[Floats, Floats]:
    value = {name: _value(name, at[name]) for name in GRID}
    manner = Manner(*(value[name][kin] for name in ("drift", "apart", "memory", "burst")))
    done: Smoothed = smooth(counts, manner, beginning(level, manner, counts), guess)
    total = np.bincount(kin, done.evidence, minlength=len(value["drift"]))
    off = sum((at[name] - GRID[name].index(EXPECTED[name])) ** 2 for name in GRID)
    return np.round(total - FIRMNESS * off, 4), np.stack([done.smooth.c, done.mean])
