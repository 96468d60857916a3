"""Published series of other truces, with the break where the agreement was (docs/worked-examples.md)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from teisen.compliance.reference import PRIOR_SCATTER
from teisen.compliance.segments import segments

SERIES = Path(__file__).parents[2] / "docs" / "series"


def test_line_of_control_breaks_after_the_agreement_of_february_2021() -> None:
    table = pl.read_csv(SERIES / "line-of-control.csv", try_parse_dates=True)
    days = ((table["last"] - table["first"]).dt.total_days() + 1).to_numpy().astype(float)
    spells = segments(table["violations"].to_numpy().astype(float), days, scatter=PRIOR_SCATTER)
    assert [table["first"][s.first] for s in spells] == [date(2018, 1, 1), date(2021, 3, 1)]
    assert round(spells[0].rate, 1) == 9.9
    assert spells[1].rate == 0


def test_means_and_total_of_2020_agree_on_the_day_of_the_break() -> None:
    table = pl.read_csv(SERIES / "osce-smm.csv", try_parse_dates=True)
    before, after = table.filter(pl.col("figure") == "daily mean")["value"]
    total = table.filter((pl.col("figure") == "total") & (pl.col("first") == date(2020, 1, 1)))["value"][0]
    elapsed = (total - 366 * after) / (before - after)
    assert date(2020, 1, 1) + timedelta(days=round(elapsed)) == date(2020, 7, 27)


def test_the_break_of_july_2020_is_found_in_days_that_scatter_about_the_means() -> None:
    rng = np.random.default_rng(2020)
    mean = np.where(np.arange(366) < 208, 623.0, 33.0)
    spells = segments(rng.poisson(mean * rng.gamma(4, 0.25, 366)).astype(float))
    assert [date(2020, 1, 1) + timedelta(days=s.first) for s in spells] == [date(2020, 1, 1), date(2020, 7, 27)]
