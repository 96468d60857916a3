"""Where, and how far it is known: the drawing of rates by area and day, its words and its numbers."""

from __future__ import annotations

import csv
import io

import polars as pl

from teisen.release.report import daily_report
from tests.release.made_up import DAY, about, tables


def test_rates_by_area_are_drawn_and_told_and_written() -> None:
    report = daily_report(tables(), DAY, about())
    assert 'id="where"' in report.html
    rows = list(csv.DictReader(io.StringIO(report.csv["heat"])))
    assert rows
    assert {row["area"] for row in rows}.isdisjoint({"*"})
    assert "Most violations:" in report.html


def test_what_nobody_could_see_has_no_colour_of_a_rate() -> None:
    given = tables()
    given["rate"] = given["rate"].with_columns(
        rate=pl.lit(None, pl.Float64), word=pl.lit("nobody_could_see"), rate_low=pl.lit(0.1), rate_high=pl.lit(9.0)
    )
    report = daily_report(given, DAY, about())
    assert "Areas that nobody could see:" in report.html
    assert {row["rate"] for row in csv.DictReader(io.StringIO(report.csv["heat"]))} == {""}


def test_sectors_are_drawn_where_they_were_released() -> None:
    given = tables()
    given["sector_rate"] = (
        given["rate"].filter(pl.col("area_id") != "*").with_columns(area_id=pl.lit("sector-") + pl.col("area_id"))
    )
    rows = list(csv.DictReader(io.StringIO(daily_report(given, DAY, about()).csv["heat"])))
    assert {row["area"].startswith("sector-") for row in rows} == {True}
