"""Numbers alleged, through :func:`~teisen.judgement.weigh`: what they are held against, and what is said of them."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.judgement import FINDING, weigh
from teisen.observation import EXPOSURE
from tests.judgement.cases import NOON, allegation, allegations, evidence, exposure, ground, incident, incidents, square
from tests.judgement.test_weigh import ELSEWHERE, member, sources, watching

DAY = timedelta(days=1)
LAND = ground([square(), square("west", geometry=square("west", 0.5)["geometry"])])
IN_AREA: dict[str, Any] = {"lon": None, "lat": None, "place_error_m": None, "area_id": "square"}
KINDS = ("drone-strike", "shelling", "other")


def said(quantity: float | None, name: str = "alg-1", **changes: Any) -> dict[str, Any]:
    return allegation(name, **IN_AREA | {"unit": "violations", "quantity": quantity, "end": NOON + DAY} | changes)


def strikes(n: int, **changes: Any) -> list[dict[str, Any]]:
    base = {"p_conflict": 0.99, "actors": [{"party": "b", "p": 1.0}], "area_id": "square"} | changes
    times = [{"start": NOON + k * timedelta(minutes=30)} for k in range(n)]
    return [incident(f"inc-{k:02d}", **time | base) for k, time in enumerate(times)]


def watched(p: float, source_id: str = "press") -> pl.DataFrame:
    return exposure(*(watching(source_id, p) | {"kind": kind, "end": NOON + 2 * DAY} for kind in KINDS[:2]))


def table(
    *told: dict[str, Any],
    happened: list[dict[str, Any]],
    by: str = "press",
    seen: pl.DataFrame | None = None,
    **more: Any,
) -> pl.DataFrame:
    stands = evidence(*[row for one in happened for row in member(by, of=one["incident_id"])])
    exposed = EXPOSURE.empty() if seen is None else seen
    return weigh(allegations(*told), incidents(*happened, *ELSEWHERE), stands, exposed, sources(), LAND, **more)


def weighed(*told: dict[str, Any], **more: Any) -> dict[str, Any]:
    return table(*told, **more).filter(pl.col("allegation_id") == "alg-1").row(0, named=True)


@pytest.mark.parametrize(
    ("quantity", "n", "p", "word", "outcome"),
    [
        (4.0, 6, 0.8, "borne_out", "corroborated"),
        (7.0, 6, 0.8, "possible", "partly"),
        (10.0, 6, 0.8, "possible", "partly"),
        (40.0, 6, 0.8, "not_supported", "not_seen_watched"),
        (12.0, 1, 0.2, "cannot_tell", "not_seen_blind"),
        (4.0, 6, 0.01, "borne_out", "corroborated"),
    ],
)
def test_a_number_is_held_against_the_record_and_what_could_be_seen(
    quantity: float, n: int, p: float, word: str, outcome: str
) -> None:
    row = weighed(said(quantity), happened=strikes(n), seen=watched(p))
    assert (row["number"], row["outcome"]) == (word, outcome)
    assert row["record_low"] <= n <= row["record_high"]
    assert row["number_low"] >= row["record_low"]


def test_the_sentence_tells_the_number_stated_that_on_record_and_that_with_what_nobody_recorded() -> None:
    row = weighed(said(40.0), happened=strikes(6), seen=watched(0.8))
    low, high = row["number_low"], row["number_high"]
    says = row["explanation"]
    assert "of 40 violations stated, 5.94 on record without the accuser's sources fit (expected number)" in says
    assert " On record: 6. " in says or " On record: 5 to 6. " in says
    assert f"With what nobody recorded: {low} to {high} (90 % interval)." in says
    assert says.endswith("So many are not supported: the evidence speaks for fewer.")


def test_where_nobody_could_look_nothing_bounds_the_number() -> None:
    row = weighed(said(40.0), happened=strikes(2), seen=watched(0.01))
    assert (row["number"], row["number_high"], row["p_number"]) == ("cannot_tell", None, None)
    assert "With what nobody recorded" not in row["explanation"]
    assert row["explanation"].endswith(
        "Whether there were so many cannot be told: most would probably have gone unseen."
    )


@pytest.mark.parametrize("unit", ["drones", "shells", "people"])
def test_what_counts_no_incidents_is_said_not_to_be_comparable(unit: str) -> None:
    row = weighed(said(40.0, unit=unit), happened=strikes(6), seen=watched(0.8))
    assert row["number"] == "not_comparable"
    assert [row[n] for n in ("p_number", "record_low", "record_high", "number_low", "number_high")] == [None] * 5
    assert row["outcome"] != "corroborated"
    assert f"So many {unit} are no number of incidents" in row["explanation"]


@pytest.mark.parametrize("unit", ["drones", "strikes", None])
@pytest.mark.parametrize("place", [{}, IN_AREA, IN_AREA | {"area_id": None}])
def test_of_one_nothing_is_said_of_a_number(unit: str | None, place: dict[str, Any]) -> None:
    row = weighed(said(1.0, unit=unit) | place, happened=strikes(6), seen=watched(0.8))
    assert (row["number"], row["p_number"], row["under"], row["number_high"]) == (None, None, None, None)
    assert "nobody recorded" not in row["explanation"]


def statement(random: Random, n: int) -> dict[str, Any]:
    start = NOON + random.randint(-20, 20) * timedelta(hours=1)
    return said(random.choice([None, 1.0, 2.0, 3.0, 8.0]), f"alg-{n:02d}", start=start) | {
        "accuser": "a", "accused": random.choice(["b", "b", None]),
        "area_id": random.choice(["square", "square", None]),
        "end": start + random.choice([1, 24, 96]) * timedelta(hours=1),
        "unit": random.choice(["strikes", "violations", "regions", "drones", None]),
        "kind": random.choice(KINDS), "target_class": random.choice([None, None, "energy"]),
        "flags": random.choice([[], ["about"]]),
    }  # fmt: skip


def happening(random: Random, n: int) -> dict[str, Any]:
    return incident(
        f"inc-{n:02d}", start=NOON + random.randint(-30, 30) * timedelta(hours=1),
        lon=30.0 + random.uniform(-0.9, 0.9), area_id="square", p_conflict=random.choice([0.3, 0.8, 1.0]),
        kind=(kind := random.choice(KINDS[:2])), kinds=[{"kind": kind, "p": 1.0}],
        targets=random.choice([[], [{"kind": "substation", "p": 1.0}]]),
        actors=random.choice([[], [{"party": "b", "p": 0.9}], [{"party": "a", "p": 0.6}]]),
    )  # fmt: skip


def world(random: Random) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    happened = [happening(random, n) for n in range(14)]
    stands = [
        row
        for one in happened
        for name in random.sample(["press", "fires", "theirs"], 2)
        for row in member(name, of=one["incident_id"])
    ]
    return [statement(random, n) for n in range(10)], happened, stands


RANDOM = settings(max_examples=15, deadline=None, derandomize=True)
MANY = exposure(*(watching(name, 0.6) | {"kind": kind} for name in ("press", "theirs") for kind in KINDS[:2]))


@RANDOM
@given(st.randoms(use_true_random=True))
def test_of_one_and_of_no_number_the_same_is_made(random: Random) -> None:
    told, happened, stands = world(random)
    placed = [row | {"area_id": "square"} for row in told]
    one, none = (
        weigh(
            allegations(*[row | {"quantity": quantity, "flags": []} for row in placed]),
            incidents(*happened), evidence(*stands), MANY, sources(), LAND,
        )
        for quantity in (1.0, None)
    )  # fmt: skip
    assert one.equals(none)
    assert one["number"].null_count() == one.height


@RANDOM
@given(st.randoms(use_true_random=True))
def test_a_higher_number_is_never_likelier(random: Random) -> None:
    told, happened, stands = world(random)
    found = [
        weigh(
            allegations(*[row | {"quantity": n} for row in told]),
            incidents(*happened), evidence(*stands), MANY, sources(), LAND,
        )
        for n in (2.0, 3.0, 5.0, 9.0, 40.0)
    ]  # fmt: skip
    for less, more in pairwise(found):
        for name in ("p_number", "p_corroborated"):
            both = less.select("allegation_id", "number", name).join(more, on="allegation_id", suffix="_more")
            assert both.filter(pl.col(f"{name}_more") > pl.col(name) + 1e-9).is_empty()
        assert less.select(pl.col("^(number|record)_(low|high)$")).equals(
            more.select(pl.col("^(number|record)_(low|high)$"))
        )


@RANDOM
@given(st.randoms(use_true_random=True))
def test_the_order_of_rows_is_nothing(random: Random) -> None:
    told, happened, stands = world(random)
    one = weigh(allegations(*told), incidents(*happened), evidence(*stands), MANY, sources(), LAND)
    for rows in (told, happened, stands):
        random.shuffle(rows)
    mixed = MANY.sample(fraction=1.0, shuffle=True, seed=1)
    two = weigh(allegations(*told), incidents(*happened), evidence(*stands), mixed, sources(), LAND)
    assert one.equals(two)


@RANDOM
@given(st.randoms(use_true_random=True))
def test_what_the_accuser_alone_records_and_watches_never_counts(random: Random) -> None:
    told, happened, stands = world(random)
    own = [happening(random, n) for n in range(50, 60)]
    theirs = stands + [row for one in own for row in member("ours", of=one["incident_id"])]
    looking = pl.concat([MANY, watched(1.0, "ours").with_columns(exposure_id=pl.format("{}-o", "exposure_id"))])
    one = weigh(allegations(*told), incidents(*happened), evidence(*stands), MANY, sources(), LAND)
    two = weigh(allegations(*told), incidents(*happened, *own), evidence(*theirs), looking, sources(), LAND)
    columns = [
        "number",
        "p_number",
        "record_low",
        "record_high",
        "number_low",
        "number_high",
        "matched",
        "would_record",
    ]
    assert one.select(columns).equals(two.select(columns))


def test_a_total_and_its_parts_are_not_counted_twice() -> None:
    happened, seen = strikes(6), watched(0.8)
    parts = [{"label": "by drones", "quantity": 6.0, "unit": "violations"}] * 2
    alone, told = said(12.0), said(12.0, components=parts)
    assert weighed(alone, happened=happened, seen=seen) == weighed(told, happened=happened, seen=seen)
    each = [said(6.0, f"alg-part{n}") for n in range(2)]
    both = table(alone, *each, happened=happened, seen=seen)
    assert both.filter(allegation_id="alg-1").equals(table(alone, happened=happened, seen=seen))
    assert both["record_high"].to_list() == [6, 6, 6]  # each is held against the same record, and none added up


def test_an_incident_half_in_the_window_counts_for_the_upper_end_alone() -> None:
    happened = strikes(6, start=NOON - DAY, end=NOON + DAY)
    row = weighed(said(6.0), happened=happened, seen=watched(0.8))
    assert row["record_low"] < 3
    assert row["record_high"] == 6
    assert row["number"] != "borne_out"


def test_numbers_are_weighed_under_readings_that_the_statement_would_break() -> None:
    happened = strikes(6)
    reading = {
        "agreement_id": "x",
        "provision_id": "p",
        "held_by": "a",
        "level": "likely",
        "explanation": "made up",
        "decides": 1,
    }
    subjects = [("allegation", "alg-1", 1.0)] + [
        ("incident", row["incident_id"], float(n < 2)) for n, row in enumerate(happened)
    ]
    rows = [
        reading | {
            "finding_id": f"{name}-{of}", "reading_id": of, "subject": subject, "subject_id": name,
            "p_in_scope": 1.0 if of == "wide" else p, "reasons": [], "attribution": [],
        }
        for of in ("wide", "narrow")
        for subject, name, p in subjects
    ]  # fmt: skip
    schema = pl.Schema({n: t for n, t in FINDING.schema.items() if n in rows[0]})
    findings = FINDING.fill(pl.DataFrame(rows, schema=schema))
    row = weighed(said(5.0), happened=happened, seen=watched(0.8), findings=findings)
    narrow, wide = row["under"]
    assert (narrow["reading_id"], narrow["record_high"]) == ("narrow", 2)
    assert (wide["reading_id"], wide["record_high"], wide["p_number"]) == ("wide", 6, row["p_number"])
    assert narrow["p_number"] < wide["p_number"]
    assert weighed(said(5.0), happened=happened, seen=watched(0.8))["under"] == []
