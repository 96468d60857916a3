"""Which incident of a later derivation is which of an earlier one: told by the observations that make them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from teisen.fusion.schema import SUCCESSION


@dataclass(frozen=True)
class Succession:
    """``pairs``: every ``before`` and ``after`` that share an observation. ``heirs``: of these the ones that go on.

    Of ``heirs``, every id stands once on its side.
    """

    pairs: pl.DataFrame
    heirs: pl.DataFrame


def succession(before: pl.DataFrame, after: pl.DataFrame) -> Succession:
    """Follow incidents from the evidence (EVIDENCE) of one derivation to that of another.

    An incident goes on in the one of its own id, else in the one with which it shares the most observations if it
    is that one's nearest too; ties go to the smaller id.
    """
    old, new = (
        frame.filter(pl.col("relation") == "member", pl.col("observation_id").is_not_null())
        .select("observation_id", pl.col("incident_id").alias(side))
        .unique()
        for frame, side in ((before, "before"), (after, "after"))
    )
    shared = old.join(new, on="observation_id").group_by("before", "after").len("n")
    same = before.select(before="incident_id").unique().join(after.select(before="incident_id").unique(), on="before")
    same = same.select("before", after="before", n=pl.lit(0, pl.UInt32))
    ranked = (
        pl.concat([shared.with_columns(pl.col("n").cast(pl.UInt32)), same])
        .group_by("before", "after")
        .agg(pl.col("n").max())
        .with_columns(own=pl.col("before") == pl.col("after"))
        .sort(["own", "n", "before", "after"], descending=[True, True, False, False])
    )
    first = pl.col("before").is_first_distinct() & pl.col("after").is_first_distinct()
    order = ("before", "after")
    return Succession(ranked.select(order).sort(order), ranked.filter(first).select(order).sort(order))


def succession_table(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """What became of every incident (SUCCESSION), from the evidence (EVIDENCE) of an earlier and a later derivation."""
    follow = succession(before, after)
    old, new = (
        frame.filter(relation="member").select("observation_id", pl.col("incident_id").alias(side))
        for frame, side in ((before, "before"), (after, "after"))
    )
    shared = old.join(new, on="observation_id").group_by("before", "after").len("n_observations")
    heirs = follow.heirs.with_columns(heir=True)
    pairs = (
        follow.pairs.join(shared, on=["before", "after"], how="left")
        .join(heirs, on=["before", "after"], how="left")
        .with_columns(inherited=pl.col("after").is_in(follow.heirs["after"].implode()))
    )
    told = pairs.select(
        "before",
        "after",
        pl.col("n_observations").fill_null(0).cast(pl.Int64),
        what=pl.when(pl.col("heir") & (pl.col("before") == pl.col("after")))
        .then(pl.lit("goes_on"))
        .when(pl.col("heir"))
        .then(pl.lit("renamed"))
        .when("inherited")
        .then(pl.lit("merged"))
        .otherwise(pl.lit("split")),
    )
    alone = [
        frame.select(side).unique().join(follow.pairs, on=side, how="anti").with_columns(
            n_observations=pl.lit(0, pl.Int64), what=pl.lit(word)
        )
        for frame, side, word in ((old, "before", "gone"), (new, "after", "new"))
    ]  # fmt: skip
    return SUCCESSION.hand_over(SUCCESSION.gather([told, *(SUCCESSION.fill(one) for one in alone)]))
