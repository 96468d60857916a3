"""Whether a source counted the whole of a period: each place that it counts, on every local day.

A source that counts two gates apart and has a row of one alone did not count the day: the other gate is no zero. It
counts a place from the day on which it first did; one that is closed is counted with 0, or is missing. A place that has
neither a name nor an area (the spot where somebody held a telephone) is none that could be missed.
"""

from __future__ import annotations

import polars as pl

from teisen.judgement.nested import PLACE, holding

_SPAN = ("first", "last", "source_id")
_DAY = (*_SPAN, "day")


def spots(counts: pl.DataFrame) -> pl.DataFrame:
    """``counts`` (:data:`~teisen.judgement.nested.PLACE`) with ``spot``, the number of the place that was counted.

    One that is named is told by its name and area, wherever in it somebody stood; null: no place was named.
    """
    named = pl.col("place_name").is_not_null()
    key = ("place_name", "area_id", pl.when(~named).then("lon").alias("lon"), pl.when(~named).then("lat").alias("lat"))
    nowhere = pl.all_horizontal(pl.col(name).is_null() for name in PLACE)
    number = pl.struct(*key).rank("dense").cast(pl.Int64)
    return counts.with_columns(spot=pl.when(~nowhere).then(number))


def last_of_each(counts: pl.DataFrame) -> pl.DataFrame:
    """Of what stays, the last counts of each period, source and ``spot``; of several at one time all."""
    last = pl.col("end").max().over("first", "last", "source_id", "kind", "spot")
    return counts.filter(pl.col("end") == last)


def missed(counts: pl.DataFrame, every: pl.DataFrame, areas: pl.DataFrame, *, stays: bool) -> pl.DataFrame:
    """Periods and sources (``first``, ``last``, ``source_id``) of which some place was left out.

    Args:
        counts: those that count in each period, with ``spot``, ``told`` (local days) and ``from``, ``to``, the first
            and the last local day of the period.
        every: all counts of the unit with ``spot`` and ``told``, to know which places each source counts since when.
        areas: AREA, to tell which places lie in which areas that were counted.
        stays: one count of each place is enough.
    """
    named = pl.col("place_name").is_not_null() | (pl.col("lon").is_null() & pl.col("area_id").is_not_null())
    days = pl.col("told").explode()
    since = every.filter(named).group_by("source_id", "spot").agg(since=days.min())
    wanted = (
        counts.select(*_SPAN, "from", "to")
        .unique()
        .join(since, on="source_id")
        .filter(pl.col("since") <= pl.col("to"))
        .with_columns(since=pl.max_horizontal("since", "from"))
    )
    told = counts.select(*_SPAN, "spot", day="told").explode("day").unique()
    somewhere = told.filter(pl.col("spot").is_not_null())
    everywhere = told.filter(pl.col("spot").is_null()).join(somewhere, on=_DAY, how="anti")
    seen = pl.concat(
        [
            somewhere.join(_covered(every, areas), on="spot").select(*_DAY, spot="covers"),
            everywhere.drop("spot").join(wanted.select(*_SPAN, "spot"), on=_SPAN).select(*_DAY, "spot"),
        ]
    )
    whole = (
        wanted.join(seen.unique(), on=[*_SPAN, "spot"], how="left")
        .group_by(*_SPAN, "spot")
        .agg(
            had=(pl.col("day") >= pl.col("since")).sum(),
            days=(pl.col("to").first() - pl.col("since").first()).dt.total_days() + 1,
        )
    )
    enough = pl.col("had") >= (pl.lit(1) if stays else pl.col("days"))
    return whole.filter(~enough).select(_SPAN).unique()


def _covered(every: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    """``spot`` and ``covers``: itself, the places in it, and the area around it, which was counted by its parts."""
    places = every.select(*PLACE, "spot").drop_nulls("spot").unique().sort(*PLACE, nulls_last=True)
    numbered = places.with_row_index("place")
    of = numbered.select("place", "spot")
    held = (
        holding(numbered.select(*PLACE, "place"), areas)
        .join(of, on="place")
        .join(of.select(whole="place", covers="spot"), on="whole")
        .select("spot", "covers")
    )
    itself = of.select("spot", covers="spot")
    return pl.concat([itself, held, held.select(spot="covers", covers="spot")]).unique()
