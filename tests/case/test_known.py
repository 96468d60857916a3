"""What could have been known at a moment: no row of later, and no row changed but where it was cut."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from teisen.case.known import known_by, undated
from teisen.observation import ALLEGATION, AREA, CONDITION, EXPOSURE, OBSERVATION, SITE
from teisen.tables import Table

START = datetime(2025, 3, 20, tzinfo=UTC)
HOURS = st.integers(0, 200)


def at(hour: int) -> datetime:
    return START + timedelta(hours=hour)


def rows(table: Table, *given_: dict[str, Any]) -> pl.DataFrame:
    schema = {name: dtype for name, dtype in table.schema.items() if given_ and name in given_[0]}
    frame = pl.DataFrame(list(given_), schema)
    absent = [pl.lit(None, dtype=t).alias(n) for n, t in table.schema.items() if n not in frame.columns]
    return frame.with_columns(absent).select(table.schema.names())


def observation(start: int, length: int, delay: int | None) -> dict[str, Any]:
    reported = None if delay is None else at(start + length + delay)
    return {"start": at(start), "end": at(start + length), "reported": reported, "source_id": "s"}


@given(
    seen=st.lists(st.tuples(HOURS, st.integers(0, 24), st.none() | st.integers(0, 90)), max_size=8),
    moment=HOURS,
    later=HOURS,
)
def test_nothing_of_later_is_there_and_more_is_known_later(
    seen: list[tuple[int, int, int | None]], moment: int, later: int
) -> None:
    moment, later = sorted((moment, later))
    table = rows(OBSERVATION, *(observation(*one) for one in seen))
    early, late = (known_by({"observation": table}, at(hour))["observation"] for hour in (moment, later))
    assert early.filter(pl.coalesce("reported", "end") > at(moment)).is_empty()
    assert early.join(late, on=["start", "end", "reported"], how="anti", nulls_equal=True).is_empty()
    assert early.height == sum((s + n + (d or 0)) <= moment for s, n, d in seen)
    assert sum(undated(early).values()) == early["reported"].null_count()


def test_each_table_is_cut_by_the_time_that_it_has() -> None:
    span = {"start": at(0), "end": at(48)}
    after = {"start": at(30), "end": at(48)}
    tables = {
        "allegation": rows(ALLEGATION, {"stated": at(5)}, {"stated": at(30)}),
        "condition": rows(CONDITION, span, after),
        "area": rows(AREA, {"valid_from": None}, {"valid_from": at(5)}, {"valid_from": at(30)}),
        "exposure": rows(EXPOSURE, {**span, "p_detect": 0.4}, {**after, "p_detect": 0.4}),
        "site": rows(SITE, {"site_id": "x"}),
    }
    known = known_by(tables, at(24))
    assert {name: frame.height for name, frame in known.items()} == {
        "allegation": 1,
        "condition": 1,
        "area": 2,
        "exposure": 1,
        "site": 1,
    }
    assert known["exposure"].select("start", "end", "p_detect").row(0) == (at(0), at(24), 0.4)
    again = known_by(known, at(24))
    assert all(again[name].equals(frame) for name, frame in known.items())
