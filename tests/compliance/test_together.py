"""Sources of one group count by how far their own reports show them to watch apart."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teisen.compliance.together import apart, reported
from teisen.compliance.watched import looks, share_watched
from teisen.fusion import EVIDENCE, INCIDENT
from tests.builders import source
from tests.compliance.test_whereabouts import AREAS, CELLS, START
from tests.fusion.worlds import exposure, watch

PRESS = {name: source(name, group="press") for name in ("one", "two")}
HALVES = exposure(
    *(
        watch(name, area_id="wide", start=START, end=START.replace(day=2), p_detect=0.5, kind="shelling")
        for name in PRESS
    )
)


def table(schema: pl.Schema, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame([{name: row.get(name) for name in schema.names()} for row in rows], schema=schema)


def said(by: list[tuple[str, ...]], p: float = 1.0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """INCIDENT and EVIDENCE of incidents, each with the sources that reported it."""
    ids = [f"inc-{n:04d}" for n in range(len(by))]
    members = [
        {"incident_id": one, "source_id": name, "relation": "member"}
        for one, names in zip(ids, by, strict=True)
        for name in names
    ]
    kinds = [{"kind": "shelling", "p": 1.0}]
    happened = [{"incident_id": one, "p_conflict": p, "kinds": kinds} for one in ids]
    return table(INCIDENT.schema, happened), table(EVIDENCE.schema, members)


def watched(by: list[tuple[str, ...]]) -> float:
    told = reported(*said(by), PRESS)
    looked = looks(CELLS, HALVES, AREAS, PRESS, reported=told)
    return float(share_watched(looked, AREAS, {"shelling": 1.0})["watched"][0])


def test_two_that_always_report_the_same_watch_as_one() -> None:
    assert watched([("one", "two")] * 300) == pytest.approx(0.5)


def test_two_that_meet_by_chance_watch_as_two() -> None:
    by = [("one", "two"), ("one",), ("two",)] * 2_000
    assert watched(by) == pytest.approx(0.75, abs=0.005)


def test_what_lies_between_counts_so() -> None:
    by = [("one", "two")] * 500 + [("one",), ("two",)] * 250
    assert watched(by) == pytest.approx(2 / 3, abs=0.01)  # 1,000 incidents, 1,500 reports; 1 is the sum of chances


def test_two_that_never_meet_watch_no_better_than_independent_ones() -> None:
    assert watched([("one",), ("two",)] * 2_000) == pytest.approx(0.75)


def test_few_reports_leave_it_at_the_best() -> None:
    assert watched([]) == pytest.approx(0.5)
    assert 0.5 < watched([("one",), ("two",)]) < 0.56


def test_of_a_source_alone_and_of_a_group_that_a_party_speaks_in_nothing_is_told() -> None:
    happened = said([("one", "two")] * 9)
    assert reported(*happened, {"one": PRESS["one"], "two": source("two", group="other")}).groups.is_empty()
    assert reported(*happened, PRESS | {"two": source("two", group="press", reported_by="party-a")}).groups.is_empty()


@given(st.lists(st.sampled_from([("one",), ("two",), ("one", "two")]), max_size=40), st.randoms())
def test_the_order_of_tables_does_not_matter(by: list[tuple[str, ...]], random: Any) -> None:
    happened, members = said(by, 0.37)
    shuffled = list(range(members.height))
    random.shuffle(shuffled)
    one, other = reported(happened, members, PRESS), reported(happened.reverse(), members[shuffled], PRESS)
    assert one.groups.equals(other.groups)
    assert one.kinds == other.kinds


def test_where_one_source_looks_at_a_time_there_is_nothing_to_tell() -> None:
    told = pl.DataFrame({"group": ["press"], "incidents": [90.0], "reports": [100.0]})
    chances = pl.DataFrame({"group": ["press"], "best": [0.5], "free": [0.5], "all": [0.5]})
    assert apart(told, chances).is_empty()
