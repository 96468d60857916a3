"""From tables to columns of counts with effort, and what each column's kin found beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from teisen.compliance.smoothing import Counts
from teisen.geodesy import Floats

NOBODY = 0.01
"""Below this share watched nobody could see; what was found nevertheless tells nothing of a rate."""
PRIOR = 0.5
"""Days' worth of evidence behind the level that is expected before any count is seen (assumed)."""
UNKNOWN_MEAN = 1.0
"""Violations per day and area that are expected where nothing at all was watched (assumed)."""
LEAST_SURE = 0.05
"""Findings are taken to be no less sure than this when their scatter is looked at."""


@dataclass(frozen=True)
class Cells:
    """Counts of every series in every area on every day; arrays of shape (days, series, areas).

    Attributes:
        found: expected number of violations found.
        doubt: its variance, from each finding's p(1 - p), p that it is one and lies in the cell.
        effort: share of what happens that would be found.
        loads: by group of sources: what one standard deviation of error in its declared detection does to log effort.
        doubt_of_all: variance of what was found in all areas together, (days, series): a finding that may lie in either
            of two is sure to lie in both together; none: the sum of ``doubt``.
        beside: areas in which nothing of a series can happen, (series, areas); none: in no area.
    """

    found: Floats
    doubt: Floats
    effort: Floats
    loads: tuple[Floats, ...]
    doubt_of_all: Floats | None = None
    beside: NDArray[np.bool_] | None = None

    @property
    def sure(self) -> Floats:
        """Part of what was found in each cell that speaks of it, sum(p^2) / sum(p); 1 where nothing was found."""
        return np.asarray(1 - np.where(self.found > 0, self.doubt / np.maximum(self.found, 1e-9), 0.0)).clip(LEAST_SURE)

    @property
    def error2(self) -> Floats:
        """Variance of log effort."""
        return sum((load**2 for load in self.loads), np.zeros_like(self.effort))

    @property
    def whole_doubt(self) -> Floats:
        """``doubt_of_all``, or what stands for it."""
        return np.asarray(self.doubt.sum(axis=2)) if self.doubt_of_all is None else self.doubt_of_all

    @property
    def inside(self) -> Floats:
        """1 where something of a series can happen, else 0: (series, areas)."""
        return np.ones(self.found.shape[1:]) if self.beside is None else np.asarray(1.0 - self.beside)

    def series(self, chosen: NDArray[np.intp]) -> Cells:
        """Some series alone."""
        found, doubt, effort = (part[:, chosen] for part in (self.found, self.doubt, self.effort))
        loads, beside = (
            tuple(load[:, chosen] for load in self.loads),
            None if self.beside is None else self.beside[chosen],
        )
        return Cells(found, doubt, effort, loads, self.whole_doubt[:, chosen], beside)

    def since(self, day: int) -> Cells:
        """From a day on."""
        found, doubt, effort = (part[day:] for part in (self.found, self.doubt, self.effort))
        return Cells(
            found, doubt, effort, tuple(load[day:] for load in self.loads), self.whole_doubt[day:], self.beside
        )


def columns(cells: Cells, *, scatter: bool = False) -> tuple[Counts, Floats, NDArray[np.intp]]:
    """The cells as columns, series by series.

    Args:
        cells: counts and effort.
        scatter: scale counts and efforts so that a sum of probabilities scatters as a count does (by
            sum(p^2)/sum(p): the sum of p over a Poisson number of findings varies by the sum of p squared). For
            learning how rates move.

    Returns:
        The counts, the log of about the common rate, and the number of the series, by column.
    """
    days, series, areas = cells.found.shape
    looked = cells.effort >= NOBODY
    effort = np.where(looked, cells.effort, 0.0)
    found = np.where(looked, cells.found, 0.0)
    total, doubt = found.sum(axis=(0, 2)), np.where(looked, cells.doubt, 0.0).sum(axis=(0, 2))
    sure = np.clip(1 - doubt / np.maximum(total, 1e-9), LEAST_SURE, 1.0)
    all_doubt = cells.whole_doubt.sum(axis=0) / np.maximum(cells.found.sum(axis=(0, 2)), 1e-9)
    rest_sure = np.clip(1 - all_doubt, sure, 1.0)
    alone = sure[:, None] if scatter else 1.0
    together = rest_sure[:, None] if scatter else 1.0
    all_found, all_effort = found.sum(axis=0), effort.sum(axis=0)
    mean = (all_found.sum(axis=1) + PRIOR) / (all_effort.sum(axis=1) + PRIOR / UNKNOWN_MEAN)
    level = (all_found + 1) / (all_effort * mean[:, None] + 1)
    worth = effort * level
    rest, rest_effort, rest2 = (_rest(part) for part in (found / together, worth / together, (worth / together) ** 2))
    some = rest_effort > 1e-9
    spread = np.where(some, rest2 / np.where(some, rest_effort, 1.0) ** 2, 0.0)
    shape = (days, series * areas)
    counts = Counts(
        (found / alone).reshape(shape),
        (effort / alone).reshape(shape),
        rest.reshape(shape),
        np.where(some, rest_effort, 0.0).reshape(shape),
        np.clip(spread, 0.0, 1.0).reshape(shape),
        cells.sure.reshape(shape),
        np.repeat(sure, areas),
        np.repeat(rest_sure, areas),
    )
    return counts, np.repeat(np.log(mean), areas), np.repeat(np.arange(series), areas)


def _rest(part: Floats) -> Floats:
    return np.asarray(np.maximum(part.sum(axis=2, keepdims=True) - part, 0.0))


def grid(frame: pl.DataFrame, shape: tuple[int, ...], at: tuple[str, ...], value: str) -> Floats:
    """An array of ``value`` summed at the places named by the columns ``at`` (whole numbers); 0 elsewhere."""
    out = np.zeros(shape)
    np.add.at(out, tuple(frame[name].to_numpy() for name in at), frame[value].to_numpy())
    return out
