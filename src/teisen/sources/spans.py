"""Intervals cut by others: what is left of a watch without its outages, and what of it lies in given hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Literal

import polars as pl

from teisen.sources import effort
from teisen.tables import UTC_TIME


def without(rows: pl.DataFrame, cuts: pl.DataFrame, by: Sequence[str] = ()) -> pl.DataFrame:
    """``rows`` (``start``, ``end`` and others) less the union of ``cuts`` (``start``, ``end``) of the same ``by``.

    A row that a cut parts becomes several; what is cut off whole is gone.
    """
    keys = [*by]
    numbered = rows.with_row_index("_row")
    runs = effort.runs(cuts, keys).rename({"start": "_from", "end": "_to"})
    met = numbered.join(runs, on=keys) if keys else numbered.join(runs, how="cross")
    met = met.filter((pl.col("_from") < pl.col("end")) & (pl.col("_to") > pl.col("start"))).sort("_row", "_from")
    lists = met.group_by("_row", maintain_order=True).agg(pl.col("_from"), pl.col("_to"))
    joined = numbered.join(lists, on="_row", how="left", maintain_order="left")
    none = pl.lit([], dtype=pl.List(UTC_TIME))
    begins = pl.concat_list(pl.concat_list("start"), pl.col("_to").fill_null(none))
    ends = pl.concat_list(pl.col("_from").fill_null(none), pl.concat_list("end"))
    left = joined.with_columns(start=begins, end=ends).explode("start", "end", empty_as_null=True, keep_nulls=True)
    return left.filter(pl.col("start") < pl.col("end")).select(rows.columns)


def common(rows: pl.DataFrame, others: pl.DataFrame, by: Sequence[str] = ()) -> pl.DataFrame:
    """The parts of ``rows`` that lie in the union of ``others`` of the same ``by``."""
    keys = [*by]
    runs = effort.runs(others, keys).rename({"start": "_from", "end": "_to"})
    met = rows.join(runs, on=keys) if keys else rows.join(runs, how="cross")
    met = met.with_columns(start=pl.max_horizontal("start", "_from"), end=pl.min_horizontal("end", "_to"))
    return met.filter(pl.col("start") < pl.col("end")).select(rows.columns)


def daily(days: pl.DataFrame, first: time, last: time, zone: str, *, surely: bool = True) -> pl.DataFrame:
    """The hours from ``first`` to ``last`` (past midnight where it is the earlier) of each local day of ``days``.

    Equal hours are the whole day. Of a time that the clock shows twice, hours that hold ``surely`` begin with the later
    and end with the earlier one, others the other way round. Returns ``start``, ``end`` in UTC.
    """
    local: list[date] = [
        *days.select(pl.col("start").dt.convert_time_zone(zone).dt.date()).to_series(),
        *days.select(pl.col("end").dt.convert_time_zone(zone).dt.date()).to_series(),
    ]
    if not local:
        return pl.DataFrame(schema={"start": UTC_TIME, "end": UTC_TIME})
    dates = [min(local) + timedelta(days=n) for n in range(-1, (max(local) - min(local)).days + 2)]
    over = timedelta(days=1) if last <= first else timedelta(0)
    frame = pl.DataFrame({"day": dates}, schema={"day": pl.Date})
    stated = {"start": pl.col("day").dt.combine(first), "end": (pl.col("day") + over).dt.combine(last)}
    meant: dict[str, Literal["earliest", "latest"]] = {"start": "earliest", "end": "latest"}
    if surely and first != last:
        meant = {"start": "latest", "end": "earliest"}
    return (
        frame.select(
            moment.dt.replace_time_zone(zone, ambiguous=meant[name], non_existent="null")
            .dt.convert_time_zone("UTC")
            .cast(UTC_TIME)
            .alias(name)
            for name, moment in stated.items()
        )
        .drop_nulls()
        .filter(pl.col("start") < pl.col("end"))
    )
