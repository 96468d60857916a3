"""Statements about no single place: a number alleged against the number on record, and what others would have seen."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.judgement import Thresholds, weigh
from teisen.observation import EXPOSURE
from tests.judgement.cases import NOON, allegation, allegations, evidence, exposure, ground, incident, incidents, square
from tests.judgement.test_weigh import member, sources, watching

DAY = timedelta(days=1)
LAND = ground([square(), square("west", geometry=square("west", 0.5)["geometry"])])
NOWHERE: dict[str, Any] = {"lon": None, "lat": None, "place_error_m": None}
SUBSTATION = [{"kind": "substation", "p": 1.0}]


def total(quantity: float, name: str = "alg-total", **changes: Any) -> dict[str, Any]:
    said = {"target_class": "energy", "unit": "strikes", "quantity": quantity, "end": NOON + 10 * DAY}
    return allegation(name, **NOWHERE | said | changes)


def strikes(n: int, **changes: Any) -> list[dict[str, Any]]:
    b = [{"party": "b", "p": 1.0}]
    base = {"p_conflict": 0.95, "targets": SUBSTATION, "actors": b, "area_id": "square"}
    return [incident(f"inc-{k}", start=NOON + k * timedelta(hours=5), **base | changes) for k in range(n)]


def weighed(
    *said: dict[str, Any],
    happened: list[dict[str, Any]],
    by: str = "press",
    watched: pl.DataFrame | None = None,
    **more: Any,
) -> dict[str, Any]:
    stands = evidence(*[row for one in happened for row in member(by, of=one["incident_id"])])
    seen = EXPOSURE.empty() if watched is None else watched
    table = weigh(allegations(*said), incidents(*happened), stands, seen, sources(), LAND, **more)
    return table.filter(pl.col("allegation_id") == "alg-total").row(0, named=True)


@pytest.mark.parametrize(("n", "outcome"), [(6, "corroborated"), (4, "partly"), (1, "not_seen_blind")])
def test_a_total_is_weighed_by_how_many_others_recorded(n: int, outcome: str) -> None:
    row = weighed(total(10.0), happened=strikes(n))
    assert row["outcome"] == outcome
    assert row["matched"] == pytest.approx(0.95 * n)
    assert f"of 10 strikes stated, {round(0.95 * n, 2)} on record" in row["explanation"]
    assert len(row["incident_ids"]) == (0 if outcome == "not_seen_blind" else n)


def test_days_that_touch_share_no_time() -> None:
    """Fifty strikes of the day before and fifty of the day after, each told to the day, and one of the day itself."""
    spans = [-DAY] * 50 + [DAY] * 50 + [timedelta()]
    days = [one | {"start": NOON + by, "end": NOON + by + DAY} for one, by in zip(strikes(101), spans, strict=True)]
    assert weighed(total(4.0, end=NOON + DAY), happened=days)["matched"] == pytest.approx(0.95)


@pytest.mark.parametrize(("hours", "matched"), [(0, 0.95), (23, 0.95), (24, 0.0), (-1, 0.0)])
def test_a_moment_lies_in_the_day_that_begins_with_it(hours: int, matched: float) -> None:
    when = NOON + timedelta(hours=hours)
    happened = [one | {"start": when, "end": when} for one in strikes(1)]
    assert weighed(total(4.0, end=NOON + DAY), happened=happened)["matched"] == pytest.approx(matched)


@pytest.mark.parametrize(
    ("changes", "matched"),
    [
        ({"targets": []}, 0.0),  # weak fits do not add up
        ({"actors": []}, 5.7),  # done by either party, as far as anybody says
        ({"actors": [{"party": "a", "p": 1.0}]}, 0.0),
        ({"targets": [{"kind": "residential", "p": 1.0}]}, 0.0),
        ({"start": NOON - 5 * DAY}, 0.0),
    ],
)
def test_only_incidents_of_what_is_alleged_count(changes: dict[str, Any], matched: float) -> None:
    happened = [row | changes | ({"end": NOON - 4 * DAY} if "start" in changes else {}) for row in strikes(12)]
    assert weighed(total(6.0), happened=happened)["matched"] == pytest.approx(matched)


def test_what_the_accuser_alone_records_does_not_count() -> None:
    assert weighed(total(6.0), happened=strikes(12), by="ours")["matched"] == 0.0


def test_where_a_total_lies_and_what_could_be_seen_there_is_taken_from_the_accuser_s_other_statements() -> None:
    watched = exposure(watching("press", 0.8) | {"kind": "drone-strike", "end": NOON + 20 * DAY})
    here = allegation("alg-here", **NOWHERE | {"area_id": "square", "end": NOON + DAY})
    row = weighed(total(10.0), here, happened=strikes(1), watched=watched)
    assert row["would_record"] == pytest.approx(8.0)
    assert row["p_would_see"] == pytest.approx(1.0, abs=0.001)
    assert row["outcome"] == "not_seen_watched"
    assert "had all of it happened, others would have recorded 8.0" in row["explanation"]
    alone = weighed(total(10.0), happened=strikes(1), watched=watched)
    assert (alone["p_would_see"], alone["would_record"], alone["outcome"]) == (None, None, "not_seen_blind")
    elsewhere = weighed(total(4.0), here, happened=strikes(4, area_id="west"), watched=watched)
    assert elsewhere["matched"] == 0.0
    other = allegation("alg-here", accuser="b", accused="a", **NOWHERE | {"area_id": "square", "end": NOON + DAY})
    assert weighed(total(4.0), other, happened=strikes(4, area_id="west"), watched=watched)["matched"] == 3.8


def test_what_is_seen_may_go_without_its_target() -> None:
    watched = exposure(watching("press", 0.8) | {"kind": "drone-strike", "end": NOON + 20 * DAY})
    here = allegation("alg-here", **NOWHERE | {"area_id": "square", "end": NOON + DAY})
    happened = strikes(2) + [row | {"incident_id": f"{row['incident_id']}-x"} for row in strikes(2, targets=[])]
    assert weighed(total(10.0), here, happened=happened, watched=watched)["would_record"] == pytest.approx(4.0)


def test_regions_are_counted_as_regions() -> None:
    happened = [row | {"area_id": f"r{n % 3}"} for n, row in enumerate(strikes(12))]
    row = weighed(total(6.0, unit="regions"), happened=happened)
    assert row["matched"] == pytest.approx(3.0, abs=0.01)
    assert row["outcome"] == "corroborated"
    assert weighed(total(7.0, unit="regions"), happened=happened)["outcome"] == "partly"


def test_about_a_number_may_be_a_tenth_less() -> None:
    happened = strikes(9, p_conflict=1.0)
    assert weighed(total(20.0), happened=happened)["outcome"] == "partly"
    assert weighed(total(20.0, flags=["about"]), happened=happened)["outcome"] == "corroborated"
    assert weighed(total(18.0, flags=["more_than"]), happened=happened)["outcome"] == "corroborated"


@pytest.mark.parametrize(
    "changes", [{"unit": "drones"}, {"target_class": None, "kind": "other", "quantity": 1.0}, {"quantity": None}]
)
def test_what_counts_no_incidents_is_not_held_against_their_number(changes: dict[str, Any]) -> None:
    row = weighed(total(6.0) | changes, happened=strikes(6))
    assert (row["outcome"], row["matched"]) == ("not_seen_blind", None)


def test_one_incident_stands_for_half_a_number_of_drones_at_most() -> None:
    said = allegation("alg-total", quantity=40.0, unit="drones")
    far = [incident(f"far-{n}", start=NOON + n * DAY, lon=50.0) for n in (-20, 20)]
    row = weighed(said, happened=[incident(), *far])
    assert (row["outcome"], row["p_corroborated"]) == ("partly", 0.45)


OTHER = {"a": "b", "b": "a"}


def statement(random: Random, n: int) -> dict[str, Any]:
    who = random.choice("ab")
    place = random.choice([{}, NOWHERE, NOWHERE | {"area_id": "square"}])
    start = NOON + random.randint(-40, 40) * timedelta(hours=1)
    return allegation(f"alg-{n}", accuser=who, accused=OTHER[who], start=start) | place | {
        "end": start + random.choice([1, 24, 96]) * timedelta(hours=1),
        "quantity": random.choice([None, 1.0, 2.0, 5.0]),
        "unit": random.choice(["strikes", "regions", "drones"]),
        "kind": random.choice(["drone-strike", "shelling", "other"]),
        "target_class": random.choice([None, "energy", "substation"]),
    }  # fmt: skip


def happening(random: Random, n: int) -> dict[str, Any]:
    return incident(
        f"inc-{n:02d}",
        start=NOON + random.randint(-60, 60) * timedelta(hours=1),
        lon=30.0 + random.uniform(-0.02, 0.02),
        area_id="square",
        targets=random.choice([[], SUBSTATION]),
        actors=[{"party": p, "p": 0.3} for p in "ab" if random.random() < 0.5],
    )


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.randoms(use_true_random=True))
def test_parties_exchanged_in_are_parties_exchanged_out(random: Random) -> None:
    said, happened = ([make(random, n) for n in range(12)] for make in (statement, happening))
    of = [(row["incident_id"], name) for row in happened for name in random.sample(["press", "ours", "theirs"], 2)]
    stands = evidence(*[row for one, name in of for row in member(name, of=one)])
    watched = exposure(watching("press", 0.4), watching("ours", 0.9), watching("theirs", 0.8))
    back = [row | {"accuser": row["accused"], "accused": row["accuser"]} for row in said]
    other = [row | {"actors": [{"party": OTHER[x["party"]], "p": x["p"]} for x in row["actors"]]} for row in happened]
    one = weigh(allegations(*said), incidents(*happened), stands, watched, sources(), LAND)
    two = weigh(allegations(*back), incidents(*other), stands, watched, sources(swap=True), LAND)
    assert one.drop("accuser", "accused").equals(two.drop("accuser", "accused"))
    assert one["accuser"].to_list() == two["accused"].to_list()


@pytest.mark.parametrize("n", range(0, 13, 2))
def test_stricter_thresholds_never_corroborate_more(n: int) -> None:
    order = ("not_seen_blind", "partly", "corroborated")
    found = [
        order.index(weighed(total(10.0), happened=strikes(n), thresholds=Thresholds(high, low))["outcome"])
        for high, low in ((0.3, 0.1), (0.5, 0.2), (0.7, 0.4), (0.9, 0.6))
    ]
    assert found == sorted(found, reverse=True)
