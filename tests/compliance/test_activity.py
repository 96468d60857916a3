from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.compliance import activity
from teisen.observation import OBSERVATION


def seen(number: int, start: datetime, end: datetime, **changes: Any) -> dict[str, Any]:
    return {
        "observation_id": f"s:{number}",
        "start": start,
        "end": end,
        "time_meaning": "within",
        "source_zone": "Europe/Kyiv",
        "kind": "drone-strike",
        "kinds": [{"kind": "drone-strike", "p": 1.0}],
        "role": "makes",
        "flags": [],
        "source_id": "s",
        "blob": "ab",
        "row": number,
    } | changes


def table(*rows: dict[str, Any]) -> pl.DataFrame:
    return OBSERVATION.build(
        {name: [row.get(name) for row in rows] for name in rows[0] | {"count": 0, "count_unit": 0}}
    )


def at(day: int, hour: int) -> datetime:
    return datetime(2025, 4, day, hour, tzinfo=UTC)


TALLY = {"role": "supports", "count": 45.0, "count_unit": "launched"}


def test_a_tally_belongs_to_the_day_it_starts_on_by_its_own_clock() -> None:
    days = activity(table(seen(1, at(17, 21), at(18, 6), **TALLY)), "UTC")
    assert days.select("start", "zone", "rows", "total").rows() == [(at(17, 21), "Europe/Kyiv", 1.0, 45.0)]


def test_a_report_belongs_to_the_day_of_its_middle_in_the_reporting_zone() -> None:
    days = activity(table(seen(1, at(17, 20), at(18, 20)), seen(2, at(18, 1), at(18, 2))), "UTC")
    assert days.select("start", "rows", "total").rows() == [(at(18, 0), 2.0, None)]


def test_kinds_roles_and_units_are_kept_apart() -> None:
    days = activity(table(seen(1, at(18, 1), at(18, 2)), seen(2, at(18, 1), at(18, 2), **TALLY)), "UTC")
    assert days.height == 2


@given(st.permutations(range(8)))
@settings(deadline=None)
def test_the_order_of_rows_does_not_matter(order: list[int]) -> None:
    rows = table(*(seen(n, at(10 + n % 3, n), at(10 + n % 3, n + 1), **(TALLY if n % 2 else {})) for n in range(8)))
    assert activity(rows[order], "UTC").equals(activity(rows, "UTC"))


def test_nothing_gives_nothing() -> None:
    assert activity(OBSERVATION.empty(), "UTC").is_empty()


def test_days_that_begin_alike_on_clocks_of_two_names_are_one() -> None:
    """A source that names its zone otherwise than the case, and reports both days and moments."""
    named = {"source_zone": "Europe/Kiev"}
    day, moment = seen(1, at(12, 21), at(13, 21), **named), seen(2, at(13, 3), at(13, 4), **named)
    days = activity(table(day | {"time_meaning": "throughout"}, moment), "Europe/Kyiv")
    assert days.select("start", "rows").rows() == [(at(12, 21), 2.0)]
