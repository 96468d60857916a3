"""Quotas: what sources counted in a period, as a subject of its own, and allegations that state a number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.agreement import Agreement
from teisen.errors import BadInput
from teisen.fusion.schema import INCIDENT
from teisen.judgement import TALLY, judge, over_by, tallies
from teisen.judgement.periods import periods
from teisen.observation import ALLEGATION, AREA, OBSERVATION
from teisen.sources import Source
from tests.builders import source
from tests.judgement.cases import agreement, allegation, allegations, ground, incident, incidents

DAY = timedelta(days=1)
ZONE = "Asia/Tokyo"
FIRST = datetime(2025, 4, 7, tzinfo=UTC) - timedelta(hours=9)  # Monday, local midnight
SOURCES = {name: source(name, group=group) for name, group in (("un", "un"), ("port", "port"), ("gate", "port"))}
SOURCES |= {name: source(name, group=name, reported_by=name) for name in ("party-a", "party-b")}
NOTHING = INCIDENT.empty()
DRAWS = 250_000
"""A share of so many is known to 0.001, a twentieth of what is allowed."""


def region(area_id: str, *box: float) -> pl.DataFrame:
    return AREA.build(
        {"area_id": [area_id], "level": ["region"], "name": [area_id.title()], "geometry": [shapely.box(*box).wkb],
         "approximate": [False], "source_id": ["x"], "blob": ["0"], "row": [1], "valid_from": [None],
         "valid_to": [None]}
    )  # fmt: skip


AREAS = pl.concat(
    [region("strip", 34, 31, 35, 32), region("north", 34, 31.5, 35, 32), region("south", 34, 31, 35, 31.5)]
)


def quota(rule: str = "fewer_than", per: str = "day", count: float = 600, beside: str = "", **more: str) -> Agreement:
    asked = "".join(f", {name}: {value}" for name, value in more.items())
    leaf = f"{{{rule}: {{count: {count}, unit: trucks, per: {per}, zone: {ZONE}{asked}}}}}"
    return agreement(f"{{all_of: [{leaf}{beside}]}}")


def count(day: float, number: float, source_id: str = "un", days: float = 1, **changes: Any) -> dict[str, Any]:
    start = FIRST + day * DAY
    return {
        "start": start,
        "end": start + days * DAY,
        "source_id": source_id,
        "count": float(number),
        "count_unit": "trucks",
    } | changes


def observed(*rows: dict[str, Any]) -> pl.DataFrame:
    base = {"time_meaning": "throughout", "source_zone": ZONE, "kind": "delivery", "role": "context", "blob": "00",
            "kinds": [{"kind": "delivery", "p": 1.0}], "flags": []}  # fmt: skip
    full = [base | {"observation_id": f"o:{n}", "row": n} | row for n, row in enumerate(rows)]
    names = {name for row in full for name in row}
    return OBSERVATION.fill(pl.DataFrame(full, schema={n: t for n, t in OBSERVATION.schema.items() if n in names}))


def told(*rows: dict[str, Any], agreed: Agreement | None = None, days: float = 3) -> pl.DataFrame:
    return tallies(observed(*rows), [agreed or quota()], SOURCES, FIRST, FIRST + days * DAY, AREAS).sort("start")


def p(tally: pl.DataFrame, agreed: Agreement | None = None) -> list[float]:
    """P(in scope) of each tally; one that has no finding has 0."""
    found = judge(NOTHING, ALLEGATION.empty(), [agreed or quota()], ground(), tallies=tally).findings
    of = dict(found.select("subject_id", "p_in_scope").iter_rows())
    return [of.get(name, 0.0) for name in tally["tally_id"]]


def test_counts_of_places_are_summed_within_a_source_and_a_local_day() -> None:
    tally = told(count(0, 250, lon=34.0, lat=31.0), count(0, 100.5), count(1, 700), count(2, 600))
    assert tally["start"].to_list() == [FIRST, FIRST + DAY, FIRST + 2 * DAY]
    assert [[(one["source_id"], one["count"]) for one in row] for row in tally["counts"]] == [
        [("un", 350.5)], [("un", 700)], [("un", 600)],
    ]  # fmt: skip
    assert p(tally) == [1, 0, 0]
    assert p(tally, quota("more_than")) == [0, 1, 0]


def test_a_day_that_nobody_counted_is_a_row_that_says_so_and_never_a_zero() -> None:
    tally = told(count(0, 10), count(2, 0), count(1, 5, count_unit="flights"))
    assert tally["state"].to_list() == ["counted", "nobody_counted", "counted"]
    assert tally["counts"].list.len().to_list() == [1, 0, 1]
    assert p(tally) == [1, 0, 1]


def test_sources_that_differ_share_the_worlds_and_those_of_a_group_share_a_voice() -> None:
    tally = told(count(0, 500), count(0, 700, "port"), days=1)
    assert p(tally) == [0.5]
    three = told(count(0, 500), count(0, 700, "port"), count(0, 800, "gate"), days=1)
    assert [one["p"] for one in three["counts"][0]] == [0.25, 0.25, 0.5]
    assert p(three) == [0.5]
    assert p(three, quota("more_than", count=750)) == [0.25]


def test_a_period_is_judged_only_once_it_is_over_within_the_data() -> None:
    seen = observed(count(0, 1), count(1, 1, days=0.5))
    until = over_by(seen, FIRST + 30 * DAY)
    assert until == FIRST + 1.5 * DAY
    assert tallies(seen, [quota()], SOURCES, FIRST, until, AREAS).height == 1
    assert tallies(
        seen, [quota()], SOURCES, FIRST + DAY / 2, until, AREAS
    ).is_empty()  # nor one that began before the data
    assert over_by(OBSERVATION.empty(), FIRST) == FIRST
    assert tallies(OBSERVATION.empty(), [quota()], SOURCES, FIRST, FIRST, AREAS).is_empty()


def test_what_was_counted_on_some_days_of_a_week_alone_is_more_than_but_not_fewer_than() -> None:
    some = [count(day, 100) for day in (0, 1, 3)]
    week = told(*some, agreed=quota(per="week"), days=7)
    assert week["state"].to_list() == ["counted_in_part"]
    assert p(week, quota(per="week")) == [0]
    assert p(week, quota("more_than", per="week", count=299)) == [1]
    assert p(week, quota("more_than", per="week", count=300)) == [0]
    whole = told(*[count(day, 50) for day in range(7)], *(row | {"source_id": "port"} for row in some),
                 agreed=quota(per="week"), days=7)  # fmt: skip
    assert whole["state"].to_list() == ["counted"]
    assert {one["source_id"]: one["p"] for one in whole["counts"][0]} == {"un": 1, "port": 0}
    assert p(whole, quota(per="week")) == [1]


def test_one_count_of_the_whole_week_counted_all_of_it_and_tells_of_no_day() -> None:
    rows = [count(0, 3000, days=7)]
    assert told(*rows, agreed=quota(per="week"), days=7)["state"].to_list() == ["counted"]
    assert set(told(*rows, days=7)["state"]) == {"nobody_counted"}


def test_a_week_s_count_beside_those_of_its_days_counts_once() -> None:
    """Of one place; what another place counted is added as ever, also where it counted the week alone."""
    days = [count(d, 100) for d in range(7)]
    agreed = quota(per="week")
    for rows, number in (
        (days, 700.0),
        ([*days, count(0, 700, days=7)], 700.0),
        ([*days, count(0, 310, days=3)], 710.0),
        ([*days, count(0, 50, days=7, area_id="north")], 750.0),
        ([*days, *days], 1400.0),
    ):
        (week,) = told(*rows, agreed=agreed, days=7).iter_rows(named=True)
        assert [one["count"] for one in week["counts"]] == [number]
        assert week["state"] == "counted"


NORTH, SOUTH, STRIP = ({"area_id": name} for name in ("north", "south", "strip"))


@pytest.mark.parametrize(
    ("rows", "total"),
    [
        ([count(0, 400, **STRIP), count(0, 250, **NORTH), count(0, 150, **SOUTH)], 400),
        ([count(0, 400, **STRIP), count(0, 250, lon=34.5, lat=31.2), count(0, 9, lon=36.5, lat=31.2)], 409),
        ([count(0, 400, **STRIP, place_name="Strip"), count(0, 250, **NORTH, place_name="Gate")], 400),
        ([count(0, 250, **NORTH), count(0, 150, **NORTH, place_name="Gate"), count(0, 10, **SOUTH)], 260),
        ([count(0, 400), count(0, 250, **NORTH), count(0, 150, **SOUTH)], 400),
        ([count(0, 400), count(0, 400, **STRIP), count(0, 250, **NORTH), count(0, 150, place_name="Gate")], 950),
        ([count(0, 20), count(0, 250, **NORTH), count(0, 150, **SOUTH)], 420),
        ([count(0, 400, **STRIP), count(0, 250, **NORTH, kind="aid")], 650),
    ],
    ids=("regions", "points", "named", "part of a region", "everywhere", "more than everywhere", "not placed", "kind"),
)
def test_counts_of_regions_are_parts_of_that_of_the_zone_around_them(rows: list[dict[str, Any]], total: float) -> None:
    (counts,) = told(*rows, days=1)["counts"]
    assert [(one["source_id"], one["count"]) for one in counts] == [("un", total)]


def test_a_region_counted_over_hours_is_part_of_the_day_of_the_zone_and_a_day_is_no_part_of_hours() -> None:
    hours = told(count(0, 400, **STRIP), count(0.5, 100, days=0.25, **NORTH), days=1)
    days = told(count(0, 400, **NORTH), count(0.5, 100, days=0.25, **STRIP), days=1)
    assert [tally["counts"][0][0]["count"] for tally in (hours, days)] == [400, 500]


def test_another_source_s_count_of_a_region_is_no_part_of_this_one_s() -> None:
    (counts,) = told(count(0, 400, **STRIP), count(0, 250, "port", **NORTH), days=1)["counts"]
    assert {one["source_id"]: one["count"] for one in counts} == {"un": 400, "port": 250}


EAST, WEST = {"place_name": "East Gate", "area_id": "north"}, {"place_name": "West Gate", "area_id": "north"}


def test_a_day_on_which_a_gate_that_the_source_counts_was_left_out_is_counted_in_part() -> None:
    """It is no zero: 400 at the one gate are not fewer than 600, and 700 there are more."""
    rows = [count(0, 700, **EAST), count(1, 400, **EAST), count(1, 300, **WEST), count(2, 400, **EAST)]
    tally = told(*rows)
    assert tally["state"].to_list() == ["counted", "counted", "counted_in_part"]
    assert p(tally) == [0, 0, 0]
    assert p(told(*rows, count(2, 0, **WEST))) == [0, 0, 1]
    assert p(told(*rows), quota("more_than", count=300)) == [1, 1, 1]
    assert p(told(*rows, count(2, 500, "port"))) == [0, 0, 1]


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ({"area_id": "north"}, "counted"),
        ({}, "counted"),
        ({"lon": 34.51, "lat": 31.7, **EAST}, "counted_in_part"),
        ({"place_name": "Harbour"}, "counted_in_part"),
        ({"area_id": "south"}, "counted_in_part"),
    ],
    ids=("of the area around", "of everywhere", "another spot of one gate", "a place besides", "another area"),
)
def test_a_gate_is_counted_with_the_area_around_it_and_not_with_another_place(row: dict[str, Any], state: str) -> None:
    tally = told(count(0, 300, lon=34.5, lat=31.7, **EAST), count(0, 300, **WEST), count(1, 500, **row))
    assert tally["state"].to_list() == ["counted", state, "nobody_counted"]


def test_spots_where_a_telephone_was_held_are_no_places_that_a_source_leaves_out() -> None:
    tally = told(*(count(day, 500, lon=34.5 + day / 1000, lat=31.7) for day in range(3)))
    assert tally["state"].to_list() == ["counted"] * 3


def test_a_week_is_whole_if_each_place_was_counted_on_each_day_since_it_first_was() -> None:
    agreed = quota(per="week", count=9000)
    east, west = [count(day, 100, **EAST) for day in range(7)], [count(day, 100, **WEST) for day in range(3, 7)]
    assert told(*east, *west, agreed=agreed, days=7)["state"].to_list() == ["counted"]
    assert told(*east, *west[:-1], agreed=agreed, days=7)["state"].to_list() == ["counted_in_part"]


def test_of_what_stays_the_last_count_of_each_place_stands_and_one_of_each_is_enough() -> None:
    agreed = quota(per="week", count=36, stays="true")
    monday, friday = count(0, 24, **EAST), count(4, 22, **EAST)
    week = told(monday, count(2, 12, **WEST), friday, agreed=agreed, days=7)
    assert [(one["count"], one["p"]) for one in week["counts"][0]] == [(34, 1)]
    assert week["state"].to_list() == ["counted"]
    assert p(week, agreed) == [1]
    flowing = told(monday, count(2, 12, **WEST), friday, agreed=quota(per="week"), days=7)
    assert flowing["counts"][0][0]["count"] == 58
    twice = told(
        count(0.3, 24, days=0, **EAST), count(0.6, 24, days=0, **EAST), agreed=quota(count=36, stays="true"), days=1
    )
    assert twice["counts"][0][0]["count"] == 24


def test_of_what_stays_a_storage_site_that_was_not_inspected_in_a_period_leaves_it_open() -> None:
    agreed = quota(per="week", count=36, stays="true")
    rows = [count(0, 24, **EAST), count(2, 12, **WEST), count(8, 24, **EAST)]
    both = told(*rows, agreed=agreed, days=14)
    assert both["state"].to_list() == ["counted", "counted_in_part"]
    assert p(both, agreed) == [0, 0]
    assert p(told(*rows, count(9, 11, **WEST), agreed=agreed, days=14), agreed) == [0, 1]


def test_a_party_s_own_count_is_heard_where_nobody_else_counted_and_kept_beside_it_where_somebody_did() -> None:
    rows = [count(0, 700), count(0, 500, "party-a"), count(1, 500, "party-a"), count(1, 700, "party-b")]
    tally = told(*rows, days=2)
    assert [{one["source_id"]: (one["count"], one["p"]) for one in row} for row in tally["counts"]] == [
        {"un": (700, 1), "party-a": (500, 0)},
        {"party-a": (500, 0.5), "party-b": (700, 0.5)},
    ]
    assert p(tally) == [0, 0.5]


def test_an_allegation_of_what_stays_is_of_one_count_however_long_its_window() -> None:
    agreed = quota(count=36, stays="true")
    said = stated(30, days=3)
    found = judge(NOTHING, said, [agreed], ground()).findings
    assert found["p_in_scope"].to_list() == [1]
    assert judge(NOTHING, stated(40, days=3), [agreed], ground()).findings.is_empty()


def test_a_window_is_the_one_beside_the_quota() -> None:
    beside = ", {during: {from: 2025-04-07, to: 2025-04-09, zone: Asia/Tokyo}}"
    agreed = quota(per="window", beside=beside)
    tally = told(count(0, 300), count(1, 250), count(2, 900), agreed=agreed)
    assert tally.select("start", "end").rows() == [(FIRST, FIRST + 2 * DAY)]
    assert p(tally, agreed) == [1]
    own = quota(per="window", window="{from: 2025-04-07, to: 2025-04-10, zone: Asia/Tokyo}")
    assert p(told(count(0, 300), count(1, 250), count(2, 900), agreed=own), own) == [0]
    assert told(count(0, 300), agreed=quota(per="window")).is_empty()  # over nothing


def test_days_outside_the_window_are_not_asked_about_and_a_day_half_in_it_is_in_scope_by_half() -> None:
    agreed = quota(beside=", {during: {from: 2025-04-08T12:00, to: 2025-04-10, zone: Asia/Tokyo}}")
    tally = told(*[count(day, 100) for day in range(3)], agreed=agreed)
    assert tally["start"].to_list() == [FIRST + DAY, FIRST + 2 * DAY]
    assert p(tally, agreed) == [0.5, 1]


def test_a_finding_of_a_tally_says_so_and_names_nobody() -> None:
    found = judge(NOTHING, ALLEGATION.empty(), [quota()], ground(), tallies=told(count(0, 10), days=1)).findings
    row = found.row(0, named=True)
    assert (row["subject"], row["p_violation"], row["attribution"]) == ("tally", 1, [])
    assert row["reasons"][0]["says"] == "fewer than 600 trucks were counted in a day"


def test_rules_without_a_quota_have_nothing_to_say_of_tallies_nor_quotas_of_incidents() -> None:
    plain = agreement("{all_of: [{during: {from: 2025-04-01, zone: UTC}}, {bound_party: }]}")
    assert p(told(count(0, 10), days=1), plain) == [0]
    assert judge(incidents(incident()), ALLEGATION.empty(), [quota()], ground()).findings.is_empty()


def stated(number: float | None, day: float = 0, days: float = 1, unit: str | None = "trucks") -> pl.DataFrame:
    start = FIRST + day * DAY
    return allegations(allegation(start=start, end=start + days * DAY, quantity=number, unit=unit))


@pytest.mark.parametrize(
    ("said", "rule", "held"),
    [
        (stated(599), "fewer_than", True),
        (stated(600), "fewer_than", False),
        (stated(None), "fewer_than", False),
        (stated(10, unit="strikes"), "fewer_than", False),
        (stated(10, unit=None), "fewer_than", False),
        (stated(10, day=0.25, days=0.5), "fewer_than", False),  # half a day may be the poorer half
        (stated(601, day=0.25, days=0.5), "more_than", True),
        (stated(1799, days=3), "fewer_than", True),  # on one of three days at least
        (stated(1800, days=3), "fewer_than", False),
        (stated(1801, days=3), "more_than", True),
        (stated(1201, day=0.5, days=1), "more_than", True),  # it touches two days
        (stated(1200, day=0.5, days=1), "more_than", False),
    ],
)
def test_an_allegation_states_a_number_for_a_window_of_its_own(said: pl.DataFrame, rule: str, held: bool) -> None:
    found = judge(NOTHING, said, [quota(rule)], ground()).findings
    assert found["p_in_scope"].to_list() == ([1] if held else [])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.randoms(use_true_random=True))
def test_p_agrees_with_many_draws_and_a_higher_quota_never_lowers_it(random: Random) -> None:
    names = [f"s{n}" for n in range(random.randint(1, 6))]
    groups = {name: random.choice(("x", "y", name)) for name in names}
    numbers = {name: float(random.randint(0, 12) * 100) for name in names}
    sources: dict[str, Source] = {name: source(name, group=group) for name, group in groups.items()}
    seen = observed(*(count(0, number, name) for name, number in numbers.items()))
    hour = random.randint(0, 24)
    until = (FIRST + timedelta(hours=9 + hour)).isoformat()[:16]
    beside = f", {{during: {{from: 2025-04-07, to: '{until}', zone: {ZONE}}}}}"
    limit = random.randint(0, 12) * 100
    kept = [quota(count=limit + more, beside=beside if hour else "") for more in (0, 100)]
    tally = tallies(seen, kept[:1], sources, FIRST, FIRST + DAY, AREAS)
    rng = np.random.default_rng(random.randrange(1 << 30))
    group = rng.choice(sorted(set(groups.values())), DRAWS)
    held = np.zeros(DRAWS)
    for one in set(groups.values()):
        of = [numbers[name] for name in names if groups[name] == one]
        held[group == one] = rng.choice(of, int((group == one).sum())) < limit
    held *= rng.random(DRAWS) * 24 < (hour or 24)
    low, high = (p(tally, agreed)[0] for agreed in kept)
    assert low == pytest.approx(held.mean(), abs=0.02)
    assert high >= low


def test_local_days_weeks_and_months_begin_at_local_midnight() -> None:
    start, end = datetime(2025, 3, 29, 12, tzinfo=UTC), datetime(2025, 3, 31, 12, tzinfo=UTC)
    days = periods("day", "Europe/Paris", start, end)
    assert [(last - first) / timedelta(hours=1) for first, last in days] == [24, 23, 24]  # the clock goes forward
    assert periods("week", "Europe/Paris", start, start)[0][0] == datetime(2025, 3, 23, 23, tzinfo=UTC)
    months = periods("month", "UTC", datetime(2024, 1, 31, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC))
    assert [(last - first).days for first, last in months] == [31, 29]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{fewer_than: {count: 1, unit: trucks, per: day}}", "give its `zone:`"),
        ("{fewer_than: {count: -1, unit: trucks, per: day, zone: UTC}}", "greater than or equal to 0"),
        ("{more_than: {count: 1, unit: trucks, per: day, zone: UTC, window: {from: 2025-04-01}}}", "goes with"),
    ],
)
def test_a_quota_that_says_too_little_or_too_much_is_refused(text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        agreement(text)


def test_order_of_observations_decides_nothing() -> None:
    rows = [
        count(day, 0.1 * number, name) for day in range(3) for number, name in enumerate(("un", "port", "gate", "un"))
    ]
    one, two = observed(*rows), observed(*rows).reverse()
    made = [tallies(seen, [quota()], SOURCES, FIRST, FIRST + 3 * DAY, AREAS) for seen in (one, two)]
    assert made[0].equals(made[1])
    assert TALLY.check(made[0]).height == 3
