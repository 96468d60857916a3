"""Where use of force is likeliest in the days after the last one known, from the case's forecast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
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
    """``grid``: a row an area, most expected first, under ``heads``; ``rows`` of numbers, one an area and day; all
    empty where nothing is forecast from the days reported."""

    heads: tuple[str, ...] = ()
    grid: tuple[tuple[str, ...], ...] = ()
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
    total = told.group_by("area_id", maintain_order=True).agg(pl.col("expected").sum().round(3))
    most = total.filter(pl.col("expected") > 0).sort("expected", "area_id", descending=[True, False]).head(MOST)
    dates = told["day"].unique().sort().to_list()
    heads = (
        say("Area"),
        *(words.day_short(day) for day in dates),
        say("Any on {day}", day=words.day_short(dates[0])),
        say("At most, 19 times of 20"),
        say("Usual there"),
    )
    grid = tuple(_row(told.filter(area_id=name).to_dicts(), dates) for name in most["area_id"])
    return Ahead(heads, grid, tuple(told.with_columns(pl.col("day").cast(pl.String)).select(COLUMNS).iter_rows()))


def _row(of_area: list[dict[str, Any]], dates: list[date]) -> tuple[str, ...]:
    by_day = {row["day"]: row for row in of_area}
    first = of_area[0]
    expected = (words.estimate(by_day[day]["expected"]) if day in by_day else words.number(None) for day in dates)
    surely = words.chance(first["p_any"]), words.number(first["high"], 0), words.estimate(first["usual"])
    return (first["area"], *expected, *surely)
