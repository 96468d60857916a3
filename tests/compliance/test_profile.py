"""Hours of a profile are those of the clock, and of the time in which a reading is in force."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from tests.compliance.test_assess import findings, incidents
from tests.compliance.test_assessment import WATCHING, assessed, held, moments
from tests.fusion.worlds import at


def by_hour(tables: dict[str, pl.DataFrame]) -> dict[int, dict[str, Any]]:
    rows = tables["profile"].filter(pl.col("by") == "hour", pl.col("reading_id") == "early")
    return {row["value"]: row for row in rows.iter_rows(named=True)}


@pytest.mark.parametrize(
    ("zone", "hour"), [("UTC", 9), ("Asia/Kolkata", 15), ("Asia/Kathmandu", 15), ("Asia/Kabul", 14), ("Asia/Tokyo", 18)]
)
def test_an_hour_is_one_of_the_clock_also_where_that_is_half_an_hour_off(zone: str, hour: int) -> None:
    """At 9:40 UTC it is 15:10 in Kolkata, 15:25 in Kathmandu and 14:10 in Kabul."""
    moment = datetime(2025, 4, 13, 9, 40, tzinfo=UTC)
    hours = by_hour(assessed(incidents({"start": moment, "end": moment}), findings(0.9), zone=zone))
    assert {value: row["expected"] for value, row in hours.items() if row["expected"]} == {hour: 0.9}


def test_hours_out_of_force_have_no_profile_and_those_in_force_are_not_the_busier_for_it() -> None:
    """From 22:00 on violations come evenly, and nothing else counts."""
    hours = by_hour(
        held("{from: 2025-04-13T22:00, to: 2025-04-14, zone: UTC}", WATCHING, moments([22 + n / 10 for n in range(20)]))
    )
    assert set(hours) == {22, 23}
    assert all(row["even"] == pytest.approx(row["expected"], abs=0.02) for row in hours.values())


def test_an_hour_that_is_in_force_more_often_is_expected_to_have_more() -> None:
    """From noon to the end of the next day: afternoons twice, mornings once."""
    noons = [12.5 + n for n in range(36)]
    hours = by_hour(held("{from: 2025-04-13T12:00, to: 2025-04-15, zone: UTC}", WATCHING, moments(noons)))
    assert hours[15]["even"] == pytest.approx(2 * hours[3]["even"], rel=0.02)
    assert hours[15]["expected"] == pytest.approx(2 * hours[3]["expected"], rel=0.02)


def test_what_is_told_to_the_day_falls_on_its_hours_in_force() -> None:
    happened = incidents({"start": at(0), "end": at(24)})
    hours = by_hour(held("{from: 2025-04-13T18:00, to: 2025-04-14, zone: UTC}", WATCHING, happened))
    assert {value: row["expected"] for value, row in hours.items()} == dict.fromkeys(range(18, 24), 0.15)
