"""What keeps to the working week at one spot: blasts of a quarry, firing on an exercise ground.

Days on which a source reports a kind from a spot are counted in working hours of working days (W), in the same hours of
days of rest (E), and outside those hours (R); a day counts once however much is reported on it, for one barrage is one
decision. As the source's other reports go, W, E and R come in shares p, from which spots differ:

    W + E ~ BetaBinomial(W + E + R, HOURS_DIFFER (p_W + p_E)),  W ~ BetaBinomial(W + E, DAYS_DIFFER p_W / (p_W + p_E)).

Where a share w is work, p_W is w + (1 - w) p_W instead and the others (1 - w) times theirs. Hours tell less than days
of rest: a spot may be seen by day alone, but nothing else rests every week. P(a report of W is of work) is P(the spot
has work) times the mean of w / (w + (1 - w) p_W) over w in the likeliest of the working weeks below. How common such
spots are among a source's, and p, are learned in rounds from what is probably no work. P(of the conflict) of these
reports falls by that share. Few days tell nothing: their evidence is less than the prior.

Hours are those of the sun (15 degrees of longitude each): working hours of the law are up to three off those, and which
they are, and which two days are of rest, each spot shows itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from teisen.fusion.kinds import numbered
from teisen.fusion.near import Ints
from teisen.fusion.reports import Reports
from teisen.fusion.rising import log_beta_ratio
from teisen.fusion.span import Flags
from teisen.geodesy import Floats
from teisen.sources import Source

SIDE_ERRORS = 4.0
"""A spot is a square with a side of so many place errors that the source declares (it holds 95 %)..."""
SIDE_M = (1_000.0, 20_000.0)
"""...within these."""
M_PER_DEGREE = 111_195.0
HOURS = 10
"""A working day, hours, ..."""
BEGINS = (4, 6, 8)
"""...begins at one of these by the sun..."""
RESTS = (5, 4)
"""...and the two days of rest begin on a Saturday or on a Friday (0: Monday)."""
WEEKS = tuple((begin, rest) for begin in BEGINS for rest in RESTS)
LONGEST_S = 3 * 3600
"""Reports of a longer time state no hour."""
HOURS_DIFFER, DAYS_DIFFER = 8.0, 40.0
"""How much spots differ in hours and in days of rest from the source's other reports: as if each were known from so
many days (assumed)."""
WORK = np.array([0.3, 0.5, 0.7, 0.85, 0.97])
"""Shares of work among days, all as likely."""
PRIOR = 0.05
"""P(a spot has work that is heard), assumed..."""
PRIOR_SPOTS = 10.0
"""...and the spots that tell which this counts as beside what is found of the source's own."""
LEAST_DAYS = 4
"""Fewer days in working hours tell nothing."""
USUAL_DAYS = 20.0
"""Days that evenly spread reports count as, beside the source's own."""
ROUNDS = 5
STEP = 0.5
"""P(work) is kept in steps of its log odds: a new day seldom moves one..."""
LEAST, MOST = 0.2, 0.96
"""...and within these; less is nothing."""

SPOT = ["source_id", "kind", "x", "y"]
WEEKLY = pl.Schema(
    {"source_id": pl.String, "kind": pl.String, "x": pl.Int64, "y": pl.Int64, "week": pl.Int64, "p": pl.Float64}
)
"""Spots where work is probable: cell, which of :data:`WEEKS`, and P(a report in it is of work)."""


def weekly_of(observations: pl.LazyFrame, sources: Mapping[str, Source]) -> pl.DataFrame:
    """Spots where what a source reports keeps to the working week (WEEKLY), of all ``observations`` that make."""
    makes = observations.filter(pl.col("role") == "makes", pl.col("lon").is_not_null())
    days = _timed(makes, sources).group_by(*SPOT, "day").agg(pl.col("bit").bitwise_or())
    table = days.group_by(SPOT).agg("day", "bit").sort(SPOT).collect()
    many = table["day"].list.len().to_numpy().astype(np.int64)
    if many.max(initial=0) < LEAST_DAYS:
        return WEEKLY.to_frame()
    first = np.cumsum(many) - many
    day, bit = (table[name].explode().to_numpy() for name in ("day", "bit"))
    counts = np.stack(
        [np.stack([np.add.reduceat(one.astype(np.int64), first) for one in _in(week, day, bit)], 1) for week in WEEKS],
        1,
    )
    of = numbered(table["source_id"])[1]
    telling = np.asarray((counts[:, :, 0] >= LEAST_DAYS).any(axis=1))
    if not telling.any():
        return WEEKLY.to_frame()
    work = _learned(counts, of, telling)
    week = work.argmax(axis=1)
    p = np.clip(work.max(axis=1), 1e-6, MOST)
    p = 1 / (1 + np.exp(-np.round(np.log(p / (1 - p)) / STEP) * STEP))
    found = (
        table.filter(pl.Series(telling)).select(SPOT).with_columns(week=pl.Series(week, dtype=pl.Int64), p=pl.Series(p))
    )
    return found.filter(pl.col("p") >= LEAST).cast(WEEKLY)


def against_weekly(reports: Reports, weekly: pl.DataFrame, sources: Mapping[str, Source]) -> Reports:
    """``reports`` with the odds lowered (``base``, ``credit``) of those that keep to the working week of their spot.

    What ordinary years were set against already stays as it is.

    Args:
        weekly: WEEKLY of these or more observations.
    """
    if weekly.is_empty():
        return reports
    rows = reports.frame.with_row_index("at").filter(
        pl.col("lon").is_not_null(), pl.col("source_id").is_in(weekly["source_id"].unique().implode())
    )
    met = _timed(rows.lazy(), sources, "at").join(weekly.lazy(), on=SPOT).sort("at").collect()
    at, day, bit, week = (met[name].to_numpy().astype(np.int64) for name in ("at", "day", "bit", "week"))
    working = np.any([(week == n) & _in(one, day, bit)[0] for n, one in enumerate(WEEKS)], axis=0)
    counts = working & ~reports.weighed[at]
    at, p = at[counts], met["p"].to_numpy()[counts]
    base, credit, weighed = reports.base.copy(), reports.credit.to_numpy().copy(), reports.weighed.copy()
    true = (1 - p) / (1 + np.exp(-base[at]))
    base[at], weighed[at] = np.log(true / (1 - true)), True
    percent = [f"; in working hours {round(100 * one)} % of what it reports from here is work" for one in p.tolist()]
    credit[at] = (reports.credit.gather(at) + pl.Series(percent, dtype=pl.String)).to_numpy()
    return replace(reports, base=base, credit=pl.Series("credit", credit, dtype=pl.String), weighed=weighed)


def _timed(rows: pl.LazyFrame, sources: Mapping[str, Source], *also: str) -> pl.LazyFrame:
    """Cell (``x``, ``y``), ``day`` by the sun and a ``bit`` for its hour, of those that state one; in whole numbers, so
    that all who ask are told the same."""
    errors = {name: source.profile.place_error_m.value for name, source in sources.items()}
    sides = {n: round(min(max(e * SIDE_ERRORS, SIDE_M[0]), SIDE_M[1]) / M_PER_DEGREE * 1e6) for n, e in errors.items()}
    of_source = pl.col("source_id").replace_strict(
        sides, default=round(SIDE_M[1] / M_PER_DEGREE * 1e6), return_dtype=pl.Int64
    )
    lon, lat = ((pl.col(name) * 1e6).round().cast(pl.Int64) for name in ("lon", "lat"))
    start, end, side = pl.col("start").dt.epoch("s"), pl.col("end").dt.epoch("s"), pl.col("side")
    return (
        rows.filter(end - start <= LONGEST_S)
        .with_columns(side=of_source, sun=(start + end) // 2 + lon * 240 // 1_000_000)
        .with_columns(y=lat // side)
        .with_columns(narrow=(((pl.col("y") * side + side // 2) / 1e6).radians().cos() * 1e4).round().cast(pl.Int64))
        .with_columns(x=lon * pl.col("narrow") // (side * 10_000), day=pl.col("sun") // 86_400)
        .with_columns(bit=_bit(pl.col("sun") % 86_400 // 3600))
        .select(*SPOT, "day", "bit", *also)
    )


def _bit(hour: pl.Expr) -> pl.Expr:
    return hour.replace_strict({n: 1 << n for n in range(24)}, return_dtype=pl.Int64)


def _in(week: tuple[int, int], day: Ints, bit: Ints) -> tuple[Flags, Flags, Flags, Flags]:
    """Whether the bits of each day are of working hours on a working day, of the same on a day of rest, of other hours,
    and of other hours on a working day."""
    begin, rest = week
    hours = sum(1 << hour for hour in range(begin, begin + HOURS))
    resting = (day + 3 - rest) % 7 < 2
    within, without = (bit & hours) != 0, (bit & ((1 << 24) - 1 - hours)) != 0
    return within & ~resting, within & resting, without, without & ~resting


def _learned(counts: Ints, of: Ints, telling: Flags) -> Floats:
    """P(a report in working hours is of work) by spot that tells and week.

    A source's rhythm is learned from two beginnings: from all it reports, as if none were work, and with as large a
    share of working days in working hours as in other hours, where there is no work. Whichever makes what was counted
    likelier is taken, by source and week.

    Args:
        counts: W, E, R and R on working days, shape (spots, weeks, 4). of: index of each spot's source.
    """
    many = int(of.max()) + 1
    total = _by_source(counts, of, many)
    even = np.array([HOURS / 24 * 5 / 7, HOURS / 24 * 2 / 7, 1 - HOURS / 24]) * USUAL_DAYS
    off = (total[..., 3] + even[2] * 5 / 7) / (total[..., 2] + even[2])
    counts, total = counts[..., :3], total[..., :3] + even
    rested = total.copy()
    rested[..., 0] = np.minimum(total[..., 0], total[..., 1] * off / (1 - off))
    some, whose, plain, theirs = counts[telling], of[telling], counts[~telling], of[~telling]
    spots = np.bincount(whose, minlength=many) + PRIOR_SPOTS
    best, found = np.full((many, len(WEEKS)), -np.inf), np.zeros(some.shape[:2])
    for begun in (total, rested):
        usual, common = begun / begun.sum(axis=2, keepdims=True), np.full(many, PRIOR)
        for _ in range(ROUNDS):
            work, has_work, _ = _work(some, usual, common, whose)
            common = (np.bincount(whose, has_work, many) + PRIOR * PRIOR_SPOTS) / spots
            usual = total.copy()
            usual[..., 0] -= _by_source((work * some[..., 0])[..., None], whose, many)[..., 0]
            usual /= usual.sum(axis=2, keepdims=True)
        work, _, worth = _work(some, usual, common, whose)
        likely = _by_source(worth[..., None], whose, many) + _by_source(
            _worth(plain, usual, theirs)[..., None], theirs, many
        )
        better = likely[..., 0] > best
        best, found = np.where(better, likely[..., 0], best), np.where(better[whose], work, found)
    return found


def _by_source(values: Floats | Ints, of: Ints, many: int) -> Floats:
    """Sums of ``values``, shape (spots, weeks, ...), over the spots of each source."""
    sums = [np.bincount(of, one, many) for one in values.reshape(len(of), int(np.prod(values.shape[1:]))).T]
    return np.stack(sums, axis=1).astype(np.float64).reshape(many, *values.shape[1:])


def _work(counts: Ints, usual: Floats, common: Floats, of: Ints) -> tuple[Floats, Floats, Floats]:
    """P(a report in working hours is of work) by spot and week, P(the spot has work), and how likely each week's counts
    are, as a log.

    Args:
        counts: W, E and R, shape (spots, weeks, 3).
        usual: their shares as each source's other reports go, shape (sources, weeks, 3).
        common: P(a spot of a source has work), shape (sources,).
        of: index of each spot's source.
    """
    share = WORK[:, None, None]
    alike = _worth(counts, usual, of)
    at_work = (1 - share[..., None]) * usual + share[..., None] * np.array([1.0, 0.0, 0.0])
    ratio = _worth(counts, at_work, of) - alike - np.log(len(WORK))
    by_week = np.logaddexp.reduce(ratio, axis=0)
    odds = np.logaddexp.reduce(by_week, axis=1) + np.log(common / (1 - common) / len(WEEKS))[of]
    is_work = 1 / (1 + np.exp(-odds))
    of_work = (np.exp(ratio - by_week) * share / at_work[..., 0][:, of]).sum(axis=0)
    likeliest = by_week == by_week.max(axis=1, keepdims=True)
    worth = alike + np.logaddexp(np.log(1 - common)[of, None], by_week + np.log(common)[of, None])
    return np.where(likeliest, is_work[:, None] * of_work, 0.0), is_work, worth


def _worth(counts: Ints, shares: Floats, of: Ints) -> Floats:
    """Log likelihood of W, E and R (last axis) but for what no share changes; ``of``: whose ``shares`` each has."""
    w, e, r = np.moveaxis(counts, -1, 0)
    p_w, p_e, p_r = np.moveaxis(shares, -1, 0)
    day = p_w + p_e
    hours = log_beta_ratio((w + e, r), (HOURS_DIFFER * day, HOURS_DIFFER * p_r), of)
    return hours + log_beta_ratio((w, e), (DAYS_DIFFER * p_w / day, DAYS_DIFFER * p_e / day), of)
