"""Rates of violations from what was found and what could have been seen, day by day and area by area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from teisen.agreement import Agreement
from teisen.compliance.basis import READING, Basis, basis, both
from teisen.compliance.counts import NOBODY
from teisen.compliance.rates import Fit, day_rates, fit, whole_rates
from teisen.compliance.schema import RATE
from teisen.compliance.watched import ALL
from teisen.geodesy import Floats
from teisen.sources import Scope, Source

SEEN_FROM = 0.1
"""Expected violations from which on the word is "seen" (assumed): less is a chance in ten that there was one."""
LEAST_HIGH = 0.01
"""The upper end of an interval is never below this: no zero without effort."""


def assess(  # noqa: PLR0917  the signature of the room
    findings: pl.DataFrame,
    incidents: pl.DataFrame,
    exposure: pl.DataFrame,
    agreements: Sequence[Agreement],
    areas: pl.DataFrame,
    scope: Scope,
    zone: str,
    *,
    sources: Mapping[str, Source] | None = None,
    level: str = "region",
    detection: pl.DataFrame | None = None,
    working: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Rates (RATE) of every reading by day, in every region with exposure or incidents and in all (``*``).

    Args:
        findings: FINDING; those of incidents count, those of allegations do not.
        incidents: INCIDENT; one is recorded in its area, on the local day of the middle of its interval. What is
            expected of it is divided over the days that its interval touches, by time and by the share in force.
        exposure: EXPOSURE.
        areas: AREA.
        scope: days from the first to the last that it touches.
        zone: IANA time zone of the reporting day.
        sources: as :func:`teisen.compliance.watched.looks` takes it; pass the case's.
        level: of the areas: ``region``, ``sector`` or another that the areas have; of others than regions all count.
        detection: DETECTION, how sure estimated detection is. working: groups that report less than they did.
    """
    rests_on = basis(
        findings,
        incidents,
        exposure,
        agreements,
        areas,
        scope,
        zone,
        sources=sources,
        level=level,
        detection=detection,
        working=working,
    )
    return rate_table(rests_on, fit(rests_on.cells()))


def rate_table(rests_on: Basis, fitted: Fit) -> pl.DataFrame:
    """RATE from the model fitted to ``rests_on.cells()``."""
    expected = (
        both(rests_on.found)
        .group_by(*READING, "area_id", "day", maintain_order=True)
        .agg(expected=pl.col("part").sum().round(4))
    )
    table = (
        rests_on.readings.join(rests_on.watched, on=[*READING, "day"])
        .join(rests_on.recorded, on=["area_id", "day"], how="left")
        .join(expected, on=[*READING, "area_id", "day"], how="left")
        .with_columns(pl.col("recorded").fill_null(0.0), pl.col("expected").fill_null(0.0))
        .join(rests_on.days.select("day", "start", "end"), on="day")
    )
    rated = rates_of(rests_on, fitted, rests_on.unplaced())
    return RATE.hand_over(in_words(table.join(rated, on=[*READING, "area_id", "day"])).select(RATE.schema.names()))


def rates_of(rests_on: Basis, fitted: Fit, unplaced: Floats) -> pl.DataFrame:
    """``rate_low``, ``rate``, ``rate_high`` by reading, area (and ``*``) and day."""
    inside, whole = np.stack(day_rates(fitted)), np.stack(whole_rates(fitted, unplaced))
    areas = list(rests_on.area_ids)
    if areas == [ALL]:
        every = whole[..., None]
    else:
        every, areas = np.concatenate([inside, whole[..., None]], axis=3), [*areas, ALL]
    low, middle, high = np.round(every, 2).reshape(3, -1)
    cells = (
        rests_on.days.select("day")
        .join(rests_on.series.select(READING), how="cross", maintain_order="left_right")
        .join(pl.DataFrame({"area_id": areas}), how="cross", maintain_order="left_right")
    )
    return cells.with_columns(
        rate_low=pl.Series(low), rate=pl.Series(middle), rate_high=pl.Series(np.maximum(high, LEAST_HIGH))
    )


def in_words(table: pl.DataFrame) -> pl.DataFrame:
    """Add the word for each row, and take away the rate that nobody could know or that is not in force.

    What is found where nobody watched, or of a kind of which nobody says how well it is watched, has no rate either.
    """
    out = pl.col("share") == 0
    blind = pl.col("watched").fill_null(0.0) < NOBODY
    return table.with_columns(
        rate_low=pl.when(~out).then("rate_low"),
        rate=pl.when(~out & ~blind).then("rate"),
        rate_high=pl.when(~out).then("rate_high"),
        word=pl.when(out)
        .then(pl.lit("out_of_window"))
        .when(pl.col("expected") >= SEEN_FROM)
        .then(pl.lit("seen"))
        .when(blind)
        .then(pl.lit("nobody_could_see"))
        .otherwise(pl.lit("nothing_seen")),
    )
