"""What compliance promises: no zero without effort, wider where less was watched, the same for either party."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.agreement import Agreement, load_agreement
from teisen.compliance import RATE, assess
from teisen.fusion.schema import INCIDENT
from teisen.judgement.schema import FINDING
from teisen.observation import EXPOSURE
from teisen.sources import Scope
from tests.fusion.worlds import AREAS, SOURCES, at, exposure, watch

SCOPE = Scope(datetime(2025, 4, 11, tzinfo=UTC), datetime(2025, 4, 16, tzinfo=UTC), 21, 43, 60, 58)
TEXT = """
format: teisen-agreement/1
id: truce
title: Truce
summary: Made up.
parties: [{id: party-a, name: A}, {id: party-b, name: B}]
statements: [{id: s, who: mediator, language: en, text: No fire., citation: made up, mark: background}]
provisions:
  - id: fire
    title: No fire
    text: {language: en, words: No fire., source: s}
    binds: [party-a, party-b]
    readings:
      - {id: early, title: Early, held_by: party-a, sources: [s], rule: {all_of: [
          {during: {from: 2025-04-11, to: 2025-04-14, zone: UTC}}, {is_kind: [missile-strike]}]}}
      - {id: late, title: Late, held_by: party-b, sources: [s], rule: {all_of: [
          {during: {from: 2025-04-13T12:00, zone: UTC}}, {is_kind: [missile-strike]}]}}
"""


def agreement(kinds: str = "missile-strike") -> Agreement:
    return load_agreement(TEXT.replace("[missile-strike]", f"[{kinds}]"), "truce.yaml")


def incidents(*rows: dict[str, Any]) -> pl.DataFrame:
    full = [
        {"incident_id": f"inc-{n}", "start": at(0), "end": at(24), "area_id": "west", "kind": "missile-strike",
         "kinds": [], "targets": [], "weapons": [], "actors": [], "p_conflict": 0.9, "n_observations": 1, "n_groups": 1,
         "title": "x"}
        | row
        for n, row in enumerate(rows)
    ]  # fmt: skip
    names = INCIDENT.schema.names()
    return pl.DataFrame([{name: row.get(name) for name in names} for row in full], schema=INCIDENT.schema)


def findings(*p: float, reading: str = "early", party: str = "party-a") -> pl.DataFrame:
    rows = [
        {"finding_id": f"fnd-{reading}-{n}", "subject": "incident", "subject_id": f"inc-{n}", "agreement_id": "truce",
         "provision_id": "fire", "reading_id": reading, "held_by": party, "p_in_scope": 1.0, "p_violation": value,
         "level": "likely", "reasons": [], "decides": 1, "explanation": "", "attribution": [{"party": party, "p": 0.6}]}
        for n, value in enumerate(p)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=FINDING.schema)


def rates(
    found: pl.DataFrame,
    happened: pl.DataFrame,
    watching: pl.DataFrame,
    zone: str = "UTC",
    kinds: str = "missile-strike",
) -> pl.DataFrame:
    return assess(found, happened, watching, [agreement(kinds)], AREAS, SCOPE, zone, sources=SOURCES)


def one(table: pl.DataFrame, area: str = "west", day: int = 13, reading: str = "early") -> dict[str, Any]:
    rows = table.filter(
        (pl.col("area_id") == area) & (pl.col("reading_id") == reading) & (pl.col("start").dt.day() == day)
    )
    return rows.row(0, named=True)


def test_rows_are_readings_by_areas_by_days() -> None:
    table = rates(findings(0.8), incidents({}), exposure(watch("news")))
    assert table.height == 2 * 2 * 5
    assert set(table["area_id"]) == {"west", "*"}
    assert table.equals(RATE.hand_over(table))


def test_a_day_with_a_violation() -> None:
    row = one(rates(findings(0.8), incidents({}, {"kind": "fire"}), exposure(watch("news", p_detect=1.0))))
    assert (row["recorded"], row["expected"], row["word"]) == (2, 0.8, "seen")
    assert 0 < row["rate_low"] < row["rate"] < row["rate_high"]


def test_what_nobody_could_see_has_no_rate_but_an_interval() -> None:
    table = rates(
        findings(0.8),
        incidents({}),
        exposure(watch("news"), watch("news", area_id="east", state="outage", p_detect=0.0)),
    )
    row = one(table, "east")
    assert row["word"] == "nobody_could_see"
    assert row["rate"] is None
    assert row["rate_high"] > 0
    assert row["rate_high"] - row["rate_low"] > 1


def test_nothing_seen_where_one_looked_is_low_but_no_zero() -> None:
    kinds = ("missile-strike", "shelling", "small-arms-fire", "mine-or-ied", "naval-force")
    days = [
        watch("news", start=at(24 * n), end=at(24 * n + 24), p_detect=0.95, kind=kind)
        for n in range(-2, 3)
        for kind in kinds
    ]
    row = one(rates(findings(), incidents(), exposure(*days)), day=12)
    assert row["word"] == "nothing_seen"
    assert 0 < row["rate_high"] < 1


@given(low=st.floats(0.03, 0.5), more=st.floats(1.2, 1.9))  # watched less than 1 %, nothing is learned from it
@settings(max_examples=15, deadline=None)
def test_less_watched_is_wider(low: float, more: float) -> None:
    def width(p: float) -> float:
        row = one(rates(findings(0.8), incidents({}), exposure(watch("news", p_detect=p))))
        return float(row["rate_high"] - row["rate_low"])

    assert width(low) > width(low * more)


def test_what_was_watched_is_weighed_by_the_kinds_that_happen() -> None:
    watching = exposure(watch("news", p_detect=0.9))
    missiles = {"kinds": [{"kind": "missile-strike", "p": 1.0}]}
    shells = {"kinds": [{"kind": "shelling", "p": 1.0}]}
    none, seen, other = (
        one(rates(findings(*[0.9] * len(some)), incidents(*some), watching, kinds="attack"))["watched"]
        for some in ([], [missiles] * 3, [shells] * 3)
    )
    assert seen > none > 0
    assert other < seen


def test_what_no_source_reports_is_watched_by_nobody_however_well_others_watch_something_else() -> None:
    watching = exposure(watch("news", p_detect=0.9))
    flights = one(rates(findings(), incidents(), watching, kinds="overflight"))
    assert flights["word"] == "nobody_could_see"
    assert flights["rate"] is None
    strikes = one(rates(findings(), incidents(), watching))
    assert (strikes["word"], strikes["watched"]) == ("nothing_seen", 0.9)


def test_outside_the_window() -> None:
    table = rates(findings(0.8), incidents({}), exposure(watch("news")))
    late = table.filter((pl.col("reading_id") == "late") & (pl.col("area_id") == "*")).sort("start")
    assert late["word"].to_list()[:2] == ["out_of_window"] * 2
    assert "out_of_window" not in late["word"].to_list()[2:]
    assert late["rate_high"].is_null().to_list() == [True, True, False, False, False]


def test_half_a_day_in_force_counts_half() -> None:
    watching = exposure(watch("news", p_detect=1.0))
    early = one(rates(findings(0.8), incidents({}), watching))
    late = one(rates(findings(0.8, reading="late"), incidents({}), watching), reading="late")
    assert late["rate_high"] - late["rate_low"] > early["rate_high"] - early["rate_low"]


def test_what_may_have_happened_on_several_days_is_divided_over_those_in_force() -> None:
    happened = incidents({"start": at(-12), "end": at(12)}, {"start": at(12), "end": at(36)})
    table = rates(findings(0.8, 0.6), happened, exposure(watch("news")))
    assert [one(table, day=day)["expected"] for day in (12, 13, 14)] == [0.4, 1.0, 0.0]
    assert [one(table, day=day)["recorded"] for day in (12, 13, 14)] == [0, 1, 1]


def test_days_are_local() -> None:
    happened = incidents({"start": at(22), "end": at(23)})
    table = rates(findings(0.8), happened, exposure(watch("news")), zone="Asia/Tokyo")
    found = table.filter((pl.col("area_id") == "*") & (pl.col("reading_id") == "early") & (pl.col("recorded") > 0))
    assert found["start"].to_list() == [datetime(2025, 4, 13, 15, tzinfo=UTC)]


def test_alerts_alone_watch_nothing_and_a_group_counts_once() -> None:
    news, paper, alerts = (watch(name, p_detect=0.5) for name in ("news", "paper", "alerts"))
    none = one(rates(findings(), incidents({}), exposure(alerts)))
    single, both = (one(rates(findings(), incidents({}), exposure(*rows))) for rows in ([news, alerts], [news, paper]))
    assert none["watched"] is None
    assert none["word"] == "nobody_could_see"
    assert single["watched"] == both["watched"] > 0


def test_the_whole_is_weighed_by_area_and_counts_what_has_no_area() -> None:
    table = rates(
        findings(0.5, 0.5), incidents({}, {"area_id": None}), exposure(watch("news"), watch("fires", area_id="east"))
    )
    whole, west, east = (one(table, area) for area in ("*", "west", "east"))
    assert (whole["expected"], west["expected"], east["expected"]) == (1.0, 0.5, 0.0)
    assert whole["watched"] == pytest.approx((west["watched"] + east["watched"]) / 2, abs=1e-3)


def test_parties_and_order_change_nothing() -> None:
    happened, watching = incidents({}, {"area_id": "east"}), exposure(watch("news"), watch("fires", area_id="east"))
    one_way = rates(findings(0.8, 0.3), happened, watching)
    other = rates(findings(0.8, 0.3, party="party-b").reverse(), happened.reverse(), watching.reverse())
    assert one_way.equals(other)


def test_nothing_gives_rows_that_say_so() -> None:
    table = rates(findings(), incidents(), EXPOSURE.empty())
    assert set(table["area_id"]) == {"*"}
    assert set(table["word"]) == {"nobody_could_see", "out_of_window"}
    assert table["rate"].null_count() == table.height
