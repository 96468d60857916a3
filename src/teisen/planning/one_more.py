"""What one more of each sensor would add to a placement, and what one of each that stands there would be missed by.

Nothing else is moved or bought anew: this is how one asks of a plan that exists. The prices of :mod:`.margins` say the
same of the bound, so of no plan in particular.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import polars as pl

from teisen.geodesy import Floats
from teisen.observation.schema import NUMBER, TEXT
from teisen.planning.beside import Next, NextOne
from teisen.planning.coverage import Coverage, Ints
from teisen.planning.limits import Limits
from teisen.planning.plan import Plan
from teisen.planning.schema import MONEY_DECIMALS
from teisen.planning.solve import WINDOWS_H, Setting, per_sector
from teisen.tables import Column, Table

DECIMALS = 8
MILLION = 1e6
A_DAY_H = 24.0

ONE_MORE = Table(
    "one_more",
    "What one more of each sensor adds where it adds most, and what taking one away loses; nothing else is moved.",
    (
        Column("sensor", TEXT, "id in the catalogue", nullable=False),
        Column("number", pl.Int64(), "how many stand there", nullable=False),
        Column("cost", NUMBER, "US dollars a year that one more costs", decimals=MONEY_DECIMALS),
        Column("people", NUMBER, "people that one more takes", decimals=2),
        Column("adds", NUMBER, "value that one more adds; empty: no site takes one more", decimals=DECIMALS),
        Column("per_million", NUMBER, "that for a million US dollars a year", decimals=DECIMALS),
        Column("option_id", TEXT, "where it adds most, with its schedule"),
        Column("sector_id", TEXT, "the sector of that site; empty: it has none"),
        Column("passes", TEXT, "bounds of the rules that one more passes, joined by commas", nullable=False),
        Column("lost_least", NUMBER, "value lost without the one that is missed least; empty: none stands there",
               decimals=DECIMALS),
        Column("lost_most", NUMBER, "value lost without the one that is missed most", decimals=DECIMALS),
    ),
    key=("sensor",),
)  # fmt: skip

ADDED = Table(
    "added",
    "What the next one of each sensor adds to the mean detection of each kind within an hour, a day and a week.",
    (
        Column("sensor", TEXT, "id in the catalogue", nullable=False),
        Column("kind", TEXT, "kind of violation", nullable=False),
        Column("window_h", NUMBER, "hours within which a report has to arrive", nullable=False, decimals=1),
        Column("before", NUMBER, "mean detection by the placement", nullable=False, decimals=DECIMALS),
        Column("adds", NUMBER, "what one more of the sensor adds to it", nullable=False, decimals=DECIMALS),
    ),
    key=("sensor", "kind", "window_h"),
)

ONE_LESS = Table(
    "one_less",
    "What is lost without one of each that stands there, nothing put in its place.",
    (
        Column("option_id", TEXT, "the option", nullable=False),
        Column("sensor", TEXT, "id in the catalogue", nullable=False),
        Column("sector_id", TEXT, "its sector; empty: it has none"),
        Column("number", pl.Int64(), "how many stand there", nullable=False),
        Column("cost", NUMBER, "US dollars a year of one", nullable=False, decimals=MONEY_DECIMALS),
        Column("lost", NUMBER, "value that is lost without one of them", nullable=False, decimals=DECIMALS),
        Column("per_million", NUMBER, "that for a million US dollars a year", decimals=DECIMALS),
        Column("lacks", TEXT, "what rules ask for at least and would lack, joined by commas", nullable=False),
    ),
    key=("option_id",),
)


class OneMore(NamedTuple):
    """ONE_MORE, ADDED and ONE_LESS of a placement."""

    more: pl.DataFrame
    added: pl.DataFrame
    less: pl.DataFrame


def following(plan: Plan, found: OneMore) -> Next:
    """What was found as a document to stand beside the plan, what adds most for its money first."""
    kinds = (
        found.added.filter(pl.col("window_h") == A_DAY_H, pl.col("adds") > 0)
        .sort(["adds", "kind"], descending=[True, False])
        .unique("sensor", keep="first")
        .select("sensor", "kind", kind_before="before", kind_adds="adds")
    )
    rows = found.more.join(kinds, on="sensor", how="left")
    rows = rows.sort(["per_million", "sensor"], descending=[True, False], nulls_last=True)
    rows = rows.with_columns(pl.col("option_id", "sector_id").fill_null(""))
    passes = rows["passes"].to_list()
    return Next(
        plan=plan.sha256,
        rows=tuple(
            NextOne(**row, passes=tuple(one for one in over.split(",") if one))
            for row, over in zip(rows.drop("passes").to_dicts(), passes, strict=True)
        ),
    )


def numbers(here: Setting, plan: Plan) -> Ints | None:
    """How many of each option a plan takes, shape (options,); None: it takes one that there is not."""
    of = {one.option_id: one.number for one in plan.placement}
    number: Ints = np.array([of.pop(one, 0) for one in here.coverage.options["option_id"]], np.int64)
    return None if of else number


def one_more(here: Setting, number: Ints) -> OneMore:
    """What one more of each sensor adds to a placement, and what one less of each loses.

    Sites that are refused, full, or taken by another schedule of the same sensor take no more. Money, people and effort
    are not looked at: which of these bounds one more passes is said.

    Args:
        here: the placement's ground, sensors and rules.
        number: how many of each option stand there, shape (options,).
    """
    missed = here.coverage.weight * (1 - here.coverage.of(number))
    less = _less(here, number, missed)
    best = _best(here, number, missed)
    stands = less.group_by("sensor").agg(
        pl.col("number").sum(), lost_least=pl.col("lost").min(), lost_most=pl.col("lost").max()
    )
    more = pl.DataFrame({"sensor": [one.id for one in here.catalogue.sensors]}, schema={"sensor": pl.String})
    more = more.join(stands, on="sensor", how="left").join(best.drop("at"), on="sensor", how="left").sort("sensor")
    more = more.with_columns(
        pl.col("number").fill_null(0), pl.col("passes").fill_null(""), per_million=_per_million("adds")
    )
    return OneMore(
        ONE_MORE.hand_over(more),
        ADDED.hand_over(_added(here, number, best)),
        ONE_LESS.hand_over(less),
    )


def _best(here: Setting, number: Ints, missed: Floats) -> pl.DataFrame:
    """For each sensor that some site takes one more of, the option that adds most; the cheapest of those alike."""
    within, options = here.limits, here.coverage.options
    taken = np.isin(within.group, within.group[number > 0]) & (number == 0)
    may = np.flatnonzero((number < within.each) & ~taken)
    seen = here.coverage.matrix[may].astype(np.float64)
    seen.data = -np.expm1(-seen.data)
    found = (
        options[may.tolist()]
        .select("option_id", "site_id", "sensor", "cost", "people")
        .with_columns(at=pl.Series(may), adds=pl.Series(np.asarray(seen @ missed)).round(DECIMALS))
        .sort(["adds", "cost", "option_id"], descending=[True, False, False])
        .unique("sensor", keep="first", maintain_order=True)
    )
    passes = [_passed(within, number, int(at)) for at in found["at"]]
    return _in_sector(here, found).with_columns(passes=pl.Series(passes, dtype=pl.String))


def _less(here: Setting, number: Ints, missed: Floats) -> pl.DataFrame:
    within, options = here.limits, here.coverage.options
    taken = np.flatnonzero(number)
    lost = np.asarray(_expm1(here.coverage.matrix[taken]) @ missed)
    found = options[taken.tolist()].select("option_id", "site_id", "sensor", "cost")
    found = found.with_columns(number=pl.Series(number[taken]), lost=pl.Series(lost))
    lacks = [
        ",".join(one.name for one in within.least if one.of[at] and int(number[one.of].sum()) <= one.number)
        for at in taken
    ]
    found = _in_sector(here, found).with_columns(lacks=pl.Series(lacks, dtype=pl.String))
    return found.with_columns(per_million=_per_million("lost")).sort("option_id")


def _added(here: Setting, number: Ints, best: pl.DataFrame) -> pl.DataFrame:
    """What each of ``best`` adds to each kind within each of WINDOWS_H (ADDED)."""
    at = best["at"].to_numpy()
    together = number.copy()
    together[at] += 1
    kept = np.flatnonzero(together)
    frames = [pl.DataFrame(schema=ADDED.schema)]
    for window_h in WINDOWS_H:
        coverage, _ = here.seen(together, window_h)
        before = _by_kind(coverage, number[kept])
        for sensor, one in zip(best["sensor"], at, strict=True):
            now = _by_kind(coverage, number[kept] + (kept == one))
            frames.append(
                before.join(now, on="kind", suffix="_now").select(
                    sensor=pl.lit(sensor), kind="kind", window_h=pl.lit(window_h), before="mean",
                    adds=pl.col("mean_now") - pl.col("mean"),
                )
            )  # fmt: skip
    return pl.concat(frames).sort("sensor", "kind", "window_h")


def _by_kind(coverage: Coverage, number: Ints) -> pl.DataFrame:
    """Mean detection of each kind: ``kind``, ``mean``."""
    share = pl.col("detection").dot("weight") / pl.col("weight").sum()
    return per_sector(coverage, number).group_by("kind", maintain_order=True).agg(mean=share)


def _passed(within: Limits, number: Ints, at: int) -> str:
    """The bounds that a placement passes with one more of the option ``at``, joined by commas."""
    takes = within.use @ number + within.use[:, at]
    over = takes > within.most * (1 + 1e-9)
    return ",".join(name for name, passed in zip(within.names, over, strict=True) if passed)


def _in_sector(here: Setting, options: pl.DataFrame) -> pl.DataFrame:
    at = here.ground.candidates.select("site_id", "sector_id")
    return options.join(at, on="site_id", how="left", maintain_order="left").drop("site_id")


def _per_million(name: str) -> pl.Expr:
    """Empty where it costs nothing."""
    return pl.when(pl.col("cost") > 0).then(pl.col(name) / pl.col("cost") * MILLION)


def _expm1(matrix: Any) -> Any:
    """For each entry -ln(1 - p) how much more is missed without it, as a share of what is missed: p / (1 - p)."""
    grown = matrix.astype(np.float64)
    grown.data = np.expm1(grown.data)
    return grown
