"""Where use of force is likeliest in the days after the last one known, from the case's forecast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import polars as pl

from teisen.languages import say
from teisen.release.report import words
from teisen.release.report.days import Days, day_of

MOST = 8
"""Areas that are told; the CSV has all."""
COLUMNS = ("rank", "area_id", "area", "day", "expected", "p_any", "high", "usual", "triggered")


@dataclass(frozen=True)
class Ahead:
    """``lines`` of an area and what is expected there, most expected first, and rows of numbers, one an area and day;
    without either where nothing is forecast from the days reported."""

    lines: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[object, ...], ...] = ()


def of_days(days: Days) -> Ahead:
    """What was forecast from the last day of those reported on, as far as it was released.

    A forecast is made from all days of a case, so that a report of earlier days has none: it would know what came.
    """
    told = days.table("forecast").with_columns(day_of(days.about.zone)).sort("day", "rank", "area_id")
    if told.is_empty() or told["day"][0] - timedelta(days=1) not in days.reported:
        return Ahead()
    names = dict(days.table("area").select("area_id", "name").iter_rows()) | days.region_names
    told = told.with_columns(area=pl.col("area_id").replace(names))
    total = told.group_by("area_id", maintain_order=True).agg(pl.col("area").first(), pl.col("expected").sum().round(3))
    most = total.sort("expected", "area_id", descending=[True, False]).head(MOST)
    lines = tuple(
        (area, "; ".join(_says(row, first=n == 0) for n, row in enumerate(_of(told, area_id))))
        for area_id, area in most.filter(pl.col("expected") > 0).select("area_id", "area").iter_rows()
    )
    return Ahead(lines, tuple(told.with_columns(pl.col("day").cast(pl.String)).select(COLUMNS).iter_rows()))


def _of(told: pl.DataFrame, area_id: str) -> list[dict[str, Any]]:
    return told.filter(area_id=area_id).to_dicts()


def _says(row: dict[str, Any], *, first: bool) -> str:
    """One day of an area; of the first also what is usual."""
    told = say(
        "{day} {expected} (any with p {p}, at most {high} on 19 of 20 such days)",
        day=words.day_short(row["day"]),
        expected=words.estimate(row["expected"]),
        p=words.chance(row["p_any"]),
        high=words.number(row["high"], 0),
    )
    usual = say("usual there {usual}", usual=words.estimate(row["usual"]))
    return f"{told}, {usual}" if first else told
