"""Habits: the little that fusion takes from all observations together. All else rests on what lies near.

Whoever fuses a part has to fuse with the habits of the whole; then the parts together are the whole. Habits are sums
over some observations, kept in coarse steps, so that a day's new data seldom moves one. Where a factor of a source
moves, all that this source reported is fused again; where another habit moves, everything is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from teisen.fusion.beside import share_seen
from teisen.fusion.copies import originals
from teisen.fusion.density import Grid, around, in_a_cell
from teisen.fusion.detection import detection
from teisen.fusion.in_reach import COVERED, share_in_reach
from teisen.fusion.kinds import kind_names, mean_kinds
from teisen.fusion.learning import again, corrected, learn
from teisen.fusion.likelihood import Likelihood, together
from teisen.fusion.making import close_pairs, parted
from teisen.fusion.naming import learned as named
from teisen.fusion.naming import wrong_shares
from teisen.fusion.near import DAY_S
from teisen.fusion.reporting import AGAIN, Reporting, stepped
from teisen.fusion.reports import NEEDED, Reports, reports
from teisen.fusion.schema import HABIT
from teisen.fusion.span import Flags
from teisen.fusion.unjoined import of_group, unjoined
from teisen.fusion.weekly import weekly_of
from teisen.geodesy import Floats
from teisen.sources import Ground, Source

KIND_STEP = 0.05
"""Shares of kinds among all reports are taken in steps of this size; what is rarer counts a tenth of it."""
MOST_REPORTS = 12_000
"""Errors are learned from all reports up to so many;"""
DAYS_WHOLE = 2
"""of more from those of every second, fourth, eighth, ... stretch of so many days, so that their pairs stay whole. What
a day that is in none of them brings moves no habit."""
FEWEST_REPORTS = 3_000
"""Where a few days hold very many, these stretches may hold hardly any: then from twice as many of them."""

ROUNDS = 2
"""Times that reports are put together to learn how sources report."""
SEEN_WITHIN = (0.01, 0.9)
AGAIN_WITHIN = (0.003, 0.8)
LEAST_NUMBER = 1.002
"""A source that declares one report of an incident may yet make a second."""


@dataclass(frozen=True)
class Habits:
    """``learned``: factors of the sources' errors (LEARNED). ``reporting``: how many reports sources make of an
    incident and what they call it. ``shown``: what a random report shows, shape (kinds,). ``first_day`` and
    ``last_day``, since 1970, bound all observations. ``weekly``: spots where what is reported keeps to the working week
    (:mod:`teisen.fusion.weekly`).
    """

    learned: pl.DataFrame
    reporting: Reporting
    shown: Floats
    first_day: int
    last_day: int
    weekly: pl.DataFrame


@dataclass(frozen=True)
class Sample:
    """What habits are learned from: reports with a place of every so many stretches of time (``every``), their errors
    as declared. ``own`` are those that are no copies and ``grid`` the cells of these; ``who`` makes any observation at
    all, and ``days`` are the first and the last of all.
    """

    reports: Reports
    own: Reports
    grid: Grid
    every: int
    who: tuple[str, ...]
    days: tuple[int, int]

    def learn(self) -> pl.DataFrame:
        """Factors of the sources' errors (LEARNED)."""
        return learn(self.own, self.grid)


def sample_of(observations: pl.DataFrame | pl.LazyFrame, sources: Mapping[str, Source]) -> Sample:
    """The sample of all ``observations``, as :func:`habits_of` takes them."""
    rows = observations.lazy()
    first, last, who = rows.select(
        pl.col("start").min().dt.epoch("s"),
        pl.col("end").max().dt.epoch("s"),
        pl.col("source_id").filter(pl.col("role") == "makes").unique().sort().implode().alias("who"),
    ).collect().row(0)  # fmt: skip
    stretch = (pl.col("start").dt.epoch("s") + pl.col("end").dt.epoch("s")) // 2 // (DAYS_WHOLE * DAY_S)
    placed = rows.filter(pl.col("role") == "makes", pl.col("lon").is_not_null())
    every = _every(placed.group_by(stretch.alias("stretch")).len().collect())
    some = placed.filter(stretch % every == 0)
    sample = reports(some.select(NEEDED).collect(), sources)
    own = sample.take(np.flatnonzero(originals(sample) == np.arange(len(sample))))
    days = (first or 0) // DAY_S, -(-(last or 0) // DAY_S) - 1
    return Sample(sample, own, Grid.over(own), every, tuple(who), days)


def habits_of(
    observations: pl.DataFrame | pl.LazyFrame,
    sources: Mapping[str, Source],
    learned: pl.DataFrame | None = None,
    *,
    exposure: pl.DataFrame | pl.LazyFrame | None = None,
    ground: Ground | None = None,
    sample: Sample | None = None,
) -> Habits:
    """Habits of all ``observations`` (OBSERVATION, each once), which may be a file that is scanned.

    Args:
        exposure: EXPOSURE, likewise, with its ``ground``: tells what lies in the reach of each source.
        learned: factors to take (LEARNED) where they are known; None: learned here.
        sample: what :func:`sample_of` gives, where it is known.
    """
    sample = sample or sample_of(observations, sources)
    if learned is None:
        learned = sample.learn()
    own, grid, every, who = corrected(sample.own, learned), sample.grid, sample.every, sample.who
    reach = np.full(len(who), COVERED)
    if exposure is not None:
        reach = share_in_reach(own, who, exposure.lazy(), ground or Ground(), sources)
    seen = _seen(own, who, sources, reach, DAYS_WHOLE * every if every > 1 else 1)
    declared = _declared(own, grid, who, sources, seen)
    reporting = _reporting(own, grid, declared, wrong_shares(who, sources), of_group(who, sources))
    return Habits(learned, reporting, _shown(sample.reports), *sample.days, weekly_of(observations.lazy(), sources))


def _every(stretches: pl.DataFrame) -> int:
    """Of how many stretches (``stretch``, ``len`` reports) one is learned from: a power of two."""
    stretch, many = (stretches[name].to_numpy().astype(np.int64) for name in ("stretch", "len"))
    every, kept = 1, int(many.sum())
    while kept > MOST_REPORTS and (fewer := int(many[stretch % (2 * every) == 0].sum())) >= FEWEST_REPORTS:
        every, kept = 2 * every, fewer
    return every


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
        ("unjoined", reporting.unjoined, {"source_id": sources}),
    )
    rows = []
    for name, shares, axes in parts:
        at = np.indices(shares.shape).reshape(len(axes), -1)
        columns = {axis: pl.Series(words).gather(of) for (axis, words), of in zip(axes.items(), at, strict=True)}
        rows.append(HABIT.build({"habit": [name] * shares.size, **columns, "p": shares.reshape(-1)}))
    work = habits.weekly.group_by("source_id", said="kind").agg(n=pl.len().cast(pl.Int64), p=pl.col("p").mean())
    rows.append(HABIT.build({"habit": ["work"] * work.height, **work.to_dict()}))
    table = HABIT.hand_over(HABIT.gather(rows))
    return table.filter(pl.col("p") > 0)


def _seen(
    first: Reports, who: tuple[str, ...], sources: Mapping[str, Source], reach: Floats, stretch_days: int
) -> Floats:
    """P(each source reports an incident of a kind), shape (sources, kinds): as declared of what is in its reach; of
    sources that are mostly wrong less where others say so."""
    declared = np.array([detection(sources.get(name)) for name in who]).reshape(len(who), len(kind_names()))
    seen = np.clip(reach[:, None] * declared, *SEEN_WITHIN)
    share = share_seen(first, Reporting.of(who).index(first), seen, stretch_days)
    return np.asarray(seen * stepped(share)[:, None])


def _declared(
    first: Reports, grid: Grid, who: tuple[str, ...], sources: Mapping[str, Source], seen: Floats
) -> Reporting:
    """How sources report, that they report as often as ``seen`` says, and how often they repeat themselves."""
    n = len(who)
    usual = np.array([_again(sources.get(name)) for name in who])
    true, false = usual.copy(), np.zeros(n)
    there = np.array([who.index(name) for name in first.speaking[0]], dtype=np.int64)
    plain = Reporting.of(who)
    plain = replace(plain, in_a_cell=in_a_cell(first, plain, grid))
    if not len(there):
        return Reporting.of(who, seen, usual)
    true[there], false[there] = again(first, around(first, plain, grid=grid)[0].incidents, usual[there])
    # Of who is mostly wrong and states no moment, what is false is taken to be repeated as often as what is true.
    index = plain.index(first)
    moments = np.bincount(index, first.moment, n) / np.maximum(np.bincount(index, minlength=n), 1)
    wrong = np.bincount(index, first.base, n) < 0
    false = np.where(wrong, np.maximum(false, true * (1 - moments)), false)
    return Reporting.of(who, seen, *(np.clip(stepped(np.maximum(one, 1e-6)), *AGAIN_WITHIN) for one in (true, false)))


def _again(source: Source | None) -> float:
    """P(one more report of an incident after one) by the mean number that the profile states, if it does."""
    number = source.profile.detections if source else None
    return 1 - 1 / max(number.value, LEAST_NUMBER) if number else AGAIN


def _reporting(first: Reports, grid: Grid, reporting: Reporting, wrong_share: Floats, among: Flags) -> Reporting:
    """How sources report: reports are put together, counted, and put together again with what they tell."""
    reporting = replace(reporting, in_a_cell=in_a_cell(first, reporting, grid))
    pairs, label = list(close_pairs(first)), np.arange(len(first))
    for _ in range(ROUNDS):
        near, likelihood = around(first, reporting, grid=grid)[0], Likelihood(reporting)
        label = parted(first, near, reporting, pairs).label
        there = around(first, reporting, grid=grid, beside=False)[0]
        truth = likelihood.truth(together(likelihood.sums(first, there), label))
        reporting = named(reporting, first, label, truth, wrong_share).rough()
    return replace(reporting, unjoined=unjoined(first, reporting.index(first), label, among))


def _shown(sample: Reports) -> Floats:
    """Kinds that a random report shows, in steps of :data:`KIND_STEP`."""
    group, each = sample.frame["group"], np.ones(len(sample), np.int64)
    mean = mean_kinds(group, sample.kind_of, each, sample.distinct)
    rough = np.maximum(np.round(mean / KIND_STEP), 0.1) * (mean > 0)
    return np.asarray(rough / rough.sum())
