"""Habits: the little that fusion takes from all observations together. All else rests on what lies near.

Whoever fuses a part has to fuse with the habits of the whole; then the parts together are the whole. Habits are sums
over some observations, kept in coarse steps, so that a day's new data seldom moves one. Where a factor of a source
moves, all that this source reported is fused again; where another habit moves, everything is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from teisen.fusion.copies import originals
from teisen.fusion.density import local_density
from teisen.fusion.kinds import kind_names, mean_kinds
from teisen.fusion.learning import corrected, learn
from teisen.fusion.likelihood import Likelihood
from teisen.fusion.making import near_pairs, parted
from teisen.fusion.near import DAY_S
from teisen.fusion.partition import close
from teisen.fusion.reporting import Reporting
from teisen.fusion.reports import NEEDED, Reports, reports
from teisen.fusion.schema import HABIT
from teisen.geodesy import Floats
from teisen.sources import Source

KIND_STEP = 0.05
"""Shares of kinds among all reports are taken in steps of this size; what is rarer counts a tenth of it."""
MOST_REPORTS = 12_000
"""Errors are learned from all reports up to so many;"""
DAYS_WHOLE = 2
"""of more from those of every second, fourth, eighth, ... stretch of so many days, so that their pairs stay whole. What
a day that is in none of them brings moves no habit."""

ROUNDS = 3
"""Times that reports are put together to learn how sources report."""


@dataclass(frozen=True)
class Habits:
    """``learned``: factors of the sources' errors (LEARNED). ``reporting``: how many reports sources make of an
    incident and what they call it. ``shown``: what a random report shows, shape (kinds,). ``first_day`` and
    ``last_day``, since 1970, bound all observations.
    """

    learned: pl.DataFrame
    reporting: Reporting
    shown: Floats
    first_day: int
    last_day: int


def habits_of(
    observations: pl.DataFrame | pl.LazyFrame, sources: Mapping[str, Source], learned: pl.DataFrame | None = None
) -> Habits:
    """Habits of all ``observations`` (OBSERVATION, each once), which may be a file that is scanned.

    Args:
        learned: factors to take (LEARNED) where they are known; None: learned here.
    """
    rows = observations.lazy()
    first, last, n, who = rows.select(
        pl.col("start").min().dt.epoch("s"),
        pl.col("end").max().dt.epoch("s"),
        ((pl.col("role") == "makes") & pl.col("lon").is_not_null()).sum().alias("n"),
        pl.col("source_id").filter(pl.col("role") == "makes").unique().sort().implode().alias("who"),
    ).collect().row(0)  # fmt: skip
    every = 1 << max(-(-(n or 0) // MOST_REPORTS) - 1, 0).bit_length()
    middle = (pl.col("start").dt.epoch("s") + pl.col("end").dt.epoch("s")) // 2
    some = rows.filter(
        pl.col("role") == "makes", pl.col("lon").is_not_null(), middle // (DAYS_WHOLE * DAY_S) % every == 0
    )
    sample = reports(some.select(NEEDED).collect(), sources)
    if learned is None:
        learned = learn(sample)
    reporting = _reporting(corrected(sample, learned), Reporting.of(tuple(who)))
    return Habits(learned, reporting, _shown(sample), (first or 0) // DAY_S, -(-(last or 0) // DAY_S) - 1)


def habit_table(habits: Habits) -> pl.DataFrame:
    """Habits for people (HABIT): shares, kept to 0.0001; what is rarer is left out."""
    reporting, kinds = habits.reporting, list(kind_names())
    sources = list(reporting.sources)
    numbers = list(range(reporting.number.shape[-1]))
    parts: tuple[tuple[str, Floats, dict[str, list[str] | list[int]]], ...] = (
        ("reports", np.exp(reporting.number), {"source_id": sources, "kind": kinds, "n": numbers}),
        ("says", reporting.emission, {"source_id": sources, "kind": kinds, "said": kinds}),
        ("usual", reporting.usual, {"source_id": sources, "said": kinds}),
        ("true", np.exp(reporting.kind_prior), {"kind": kinds}),
        ("shown", habits.shown, {"said": kinds}),
    )
    rows = []
    for name, shares, axes in parts:
        at = np.indices(shares.shape).reshape(len(axes), -1)
        columns = {axis: pl.Series(words).gather(of) for (axis, words), of in zip(axes.items(), at, strict=True)}
        rows.append(HABIT.build({"habit": [name] * shares.size, **columns, "p": shares.reshape(-1)}))
    table = HABIT.hand_over(HABIT.gather(rows))
    return table.filter(pl.col("p") > 0)


def _reporting(sample: Reports, reporting: Reporting) -> Reporting:
    """How sources report: reports are put together, counted, and put together again with what they tell."""
    first = sample.take(np.flatnonzero(originals(sample) == np.arange(len(sample))))
    density = local_density(first)
    near = close(first, density, near_pairs(first), Likelihood(reporting))
    for _ in range(ROUNDS):
        reporting = reporting.learned(first, parted(first, density, reporting, near).label).rough()
    return reporting


def _shown(sample: Reports) -> Floats:
    """Kinds that a random report shows, in steps of :data:`KIND_STEP`."""
    group, each = sample.frame["group"], np.ones(len(sample), np.int64)
    mean = mean_kinds(group, sample.kind_of, each, sample.distinct)
    rough = np.maximum(np.round(mean / KIND_STEP), 0.1) * (mean > 0)
    return np.asarray(rough / rough.sum())
