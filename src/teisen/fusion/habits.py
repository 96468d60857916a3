"""Habits: the little that fusion takes from all observations together. All else rests on what lies near.

Whoever fuses a part has to fuse with the habits of the whole; then the parts together are the whole. Habits are sums
over observations, kept in coarse steps, so that a day's new data seldom moves one. Where a factor of a source moves, all
that this source reported is fused again; where what reports show in general moves, everything is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from teisen.fusion.copies import originals
from teisen.fusion.density import local_density
from teisen.fusion.kinds import distinct_chances, mean_kinds
from teisen.fusion.learning import corrected, learn
from teisen.fusion.making import parted
from teisen.fusion.near import DAY_S
from teisen.fusion.reporting import Reporting
from teisen.fusion.reports import NEEDED, Reports, reports
from teisen.geodesy import Floats
from teisen.sources import Source

KIND_STEP = 0.05
"""Shares of kinds among all reports are taken in steps of this size; what is rarer counts a tenth of it."""
MOST_REPORTS = 12_000
"""Errors are learned from all reports up to so many;"""
DAYS_WHOLE = 2
"""of more from those of every second, third, ... stretch of so many days, so that their pairs stay whole."""

ROUNDS = 2
"""Times that reports are put together to learn how sources report."""


@dataclass(frozen=True)
class Habits:
    """``learned``: factors of the sources' errors (LEARNED). ``reporting``: how many reports sources make of an incident
    and what they call it. ``shown``: what a random report shows, shape (kinds,). ``first_day`` and ``last_day``, since 1970, bound all observations.
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
    makes = rows.filter(pl.col("role") == "makes")
    groups = {name: source.profile.group for name, source in sources.items()}
    group = pl.col("source_id").replace(groups).alias("group")
    first, last, n = rows.select(
        pl.col("start").min().dt.epoch("s"),
        pl.col("end").max().dt.epoch("s"),
        ((pl.col("role") == "makes") & pl.col("lon").is_not_null()).sum().alias("n"),
    ).collect().row(0)  # fmt: skip
    shown = _shown(makes.group_by(group, "kinds").len().collect())
    steps = max(-(-n // MOST_REPORTS), 1)
    middle = (pl.col("start").dt.epoch("s") + pl.col("end").dt.epoch("s")) // 2
    some = makes.filter(pl.col("lon").is_not_null(), middle // (DAYS_WHOLE * DAY_S) % steps == 0)
    sample = reports(some.select(NEEDED).collect(), sources)
    if learned is None:
        learned = learn(sample)
    who = makes.select(pl.col("source_id").unique().sort()).collect().to_series()
    reporting = _reporting(corrected(sample, learned), Reporting.of(tuple(who)))
    return Habits(learned, reporting, shown, (first or 0) // DAY_S, -(-(last or 0) // DAY_S) - 1)


def _reporting(sample: Reports, reporting: Reporting) -> Reporting:
    """How sources report: reports are put together, counted, and put together again with what they tell."""
    first = sample.take(np.flatnonzero(originals(sample) == np.arange(len(sample))))
    density, _ = local_density(first)
    for _ in range(ROUNDS):
        reporting = reporting.learned(first, parted(first, density, reporting).label).rough()
    return reporting


def _shown(counts: pl.DataFrame) -> Floats:
    """What ``counts`` (``group``, ``kinds``, ``len``) show, in steps of :data:`KIND_STEP`."""
    of, distinct = distinct_chances(counts["kinds"])
    mean = mean_kinds(counts["group"], of, counts["len"].to_numpy(), distinct)
    rough = np.maximum(np.round(mean / KIND_STEP), 0.1) * (mean > 0)
    return np.asarray(rough / rough.sum())
