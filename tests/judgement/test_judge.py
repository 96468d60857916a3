from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.agreement import Agreement, load_agreement
from teisen.fusion.schema import INCIDENT
from teisen.judgement import judge
from teisen.library import library
from teisen.observation import ALLEGATION
from tests.judgement.cases import agreement, allegation, allegations, ground, incident, incidents, shipped, square

NOBODY = ALLEGATION.empty()
SUBSTATION = [{"kind": "substation", "p": 1.0}]


def noon(month: int, day: int) -> datetime:
    return datetime(2025, month, day, 12, tzinfo=UTC)


def scope(row: dict[str, Any], name: str = "energy-2025") -> dict[str, float]:
    found = judge(incidents(row), NOBODY, [shipped(name)], ground()).findings
    return dict(found.select("reading_id", "p_in_scope").iter_rows())


@pytest.mark.parametrize(
    ("day", "target", "reading"),
    [
        (noon(3, 20), "substation", "list-from-18-march"),
        (noon(4, 20), "substation", "text-from-25-march"),
        (noon(4, 2), "bridge", "wording-energy-and-infrastructure"),
    ],
)
def test_a_strike_is_in_scope_under_one_reading_alone(day: datetime, target: str, reading: str) -> None:
    found = scope(incident(start=day, targets=[{"kind": target, "p": 1.0}]))
    assert len(found) == 3
    assert {name for name, p in found.items() if p == 1} == {reading}
    assert {p for name, p in found.items() if name != reading} == {0}


def test_what_parts_readings_is_said_in_one_sentence_and_one_word() -> None:
    rows = [
        incident("inc-mar20", start=noon(3, 20), targets=SUBSTATION),
        incident("inc-apr20", start=noon(4, 20), targets=SUBSTATION),
        incident("inc-bridge", start=noon(4, 2), targets=[{"kind": "bridge", "p": 1.0}]),
        incident("inc-both", start=noon(4, 2), targets=SUBSTATION),
    ]
    judged = judge(incidents(*rows), NOBODY, [shipped("energy-2025")], ground())
    says = {
        (s, r): text for s, r, text in judged.findings.select("subject_id", "reading_id", "explanation").iter_rows()
    }
    early = "Outside the window: it began on 25 March 2025 00:00 (Europe/Kyiv)."
    late = "Outside the window: it ended on 18 April 2025 00:00 (Europe/Moscow)."
    assert says["inc-mar20", "text-from-25-march"] == early
    assert says["inc-apr20", "list-from-18-march"] == late
    assert says["inc-bridge", "text-from-25-march"].startswith("Out of scope: hit, as stated: bridge; no source says")
    assert says["inc-both", "text-from-25-march"] == "In scope under this reading in all possible worlds."
    because = dict(judged.partings.select("subject_id", "because").iter_rows())
    assert because == {"inc-mar20": "window", "inc-apr20": "window", "inc-bridge": "target"}


def test_no_finding_where_no_reading_has_anything_to_say() -> None:
    houses = [{"kind": "residential", "p": 1.0}]
    assert scope(incident(start=noon(4, 2), targets=houses)) == {}


def test_a_condition_that_is_not_known_to_be_met_forbids_nothing() -> None:
    sea = ground([square(level="sea")])
    found = judge(incidents(incident()), NOBODY, [shipped("black-sea-2025")], sea).findings
    assert found.height == 0


def test_one_reading_binds_the_announcer_alone() -> None:
    row = incident(start=noon(5, 9), actors=[{"party": "party-b", "p": 1.0}])
    assert scope(row, "may-2025") == {"both-sides": 1.0, "announcer-alone": 0.0}
    judged = judge(incidents(row), NOBODY, [shipped("may-2025")], ground())
    assert judged.partings["because"].to_list() == ["party"]


def test_violation_is_scope_times_conflict_and_the_level_looks_at_the_rounded_value() -> None:
    levels = "levels: [{word: low, at_least: 0}, {word: high, at_least: 0.45}]"
    rule = "{during: {from: 2025-04-01T12:30, zone: UTC}}"
    half = incident(p_conflict=0.9)  # 12:00 to 13:00, half of it in the window
    row = judge(incidents(half), NOBODY, [agreement(rule, extra=levels)], ground()).findings.row(0, named=True)
    assert (row["p_in_scope"], row["p_violation"], row["level"]) == (0.5, 0.45, "high")
    assert row["reasons"] == [
        {"predicate": "during", "share": 0.5, "says": "it happened from 1 April 2025 12:30 on (UTC)"}
    ]
    assert row["explanation"].startswith("In scope under this reading in 50 % of possible worlds; least sure is that")


def test_who_did_it_stands_apart_and_undetermined_counts_where_all_are_bound() -> None:
    actors = [{"party": "a", "p": 0.25}]
    rows = {
        binds: judge(incidents(incident(actors=actors)), NOBODY, [agreement("{bound_party: }", binds=binds)], ground())
        for binds in ("[a, b]", "[a]", "[b]")
    }
    assert {binds: judged.findings["p_in_scope"].to_list() for binds, judged in rows.items()} == {
        "[a, b]": [1.0],
        "[a]": [0.25],
        "[b]": [],
    }
    assert rows["[a]"].findings["attribution"].to_list() == [actors]


def test_allegations_are_judged_as_stated_and_unread_ones_are_not() -> None:
    said = allegations(
        allegation("alg-1", accuser="party-a", accused="party-b", target_class="refinery", kind="other"),
        allegation("alg-2", accuser="party-a", accused="party-b", target_class="refinery", read="unread"),
    )
    found = judge(INCIDENT.empty(), said, [shipped("energy-2025")], ground()).findings
    assert found["subject_id"].unique().to_list() == ["alg-1"]
    assert found["subject"].unique().to_list() == ["allegation"]
    assert found["p_in_scope"].to_list() == [1.0, 1.0, 1.0]
    assert found["p_violation"].null_count() == 3
    assert found["level"].unique().to_list() == ["alleged"]


def test_what_an_allegation_does_not_say_to_be_force_is_not_judged_as_force() -> None:
    said = allegations(
        allegation("alg-1", target_class=None, weapon=None, kind="other", unit="violations", quantity=3.0),
        allegation("alg-2", target_class=None, weapon=None, kind="other", unit="strikes", quantity=3.0),
    )
    found = judge(INCIDENT.empty(), said, [agreement("{is_kind: [attack]}")], ground()).findings
    assert found["subject_id"].unique().to_list() == ["alg-2"]


def random_incidents() -> st.SearchStrategy[list[dict[str, Any]]]:
    def chances(field: str, words: list[str]) -> st.SearchStrategy[list[dict[str, Any]]]:
        one = st.sampled_from(words)
        return st.lists(one, max_size=2, unique=True).map(lambda ws: [{field: w, "p": 0.5} for w in ws])

    return st.lists(
        st.fixed_dictionaries(
            {
                "start": st.integers(0, 70 * 24).map(lambda h: datetime(2025, 3, 10, tzinfo=UTC) + timedelta(hours=h)),
                "lon": st.floats(29, 31).map(lambda x: round(x, 4)),
                "lat": st.floats(49, 51).map(lambda x: round(x, 4)),
                "kinds": chances("kind", ["drone-strike", "fire"]),
                "targets": chances("kind", ["substation", "bridge", "residential"]),
                "actors": st.sampled_from([0.0, 0.3, 0.5]).map(
                    lambda p: [{"party": "party-a", "p": p}, {"party": "party-b", "p": 0.5}]
                ),
            }
        ),
        min_size=1,
        max_size=8,
    )


@cache
def library_agreements(*, swap: bool) -> list[Agreement]:
    texts = [path.read_text(encoding="utf-8") for path in sorted(library("agreements").glob("*.yaml"))]
    return [load_agreement(swapped(text) if swap else text, "x.yaml") for text in texts]


def swapped(text: str) -> str:
    return text.replace("party-a", "party-x").replace("party-b", "party-a").replace("party-x", "party-b")


GROUND = ground(
    [square(half=0.5, level="sea")],
    [{"target_class": "substation", "lon": 30.0, "lat": 50.0, "place_error_m": 2000.0}],
)


@settings(max_examples=15, deadline=None)
@given(random_incidents())
def test_parties_swapped_in_are_parties_swapped_out_and_nothing_else(rows: list[dict[str, Any]]) -> None:
    named = [incident(f"inc-{n}", **row) for n, row in enumerate(rows)]
    other = [
        row | {"actors": [{"party": swapped(actor["party"]), "p": actor["p"]} for actor in row["actors"]]}
        for row in named
    ]
    one = judge(incidents(*named), NOBODY, library_agreements(swap=False), GROUND)
    two = judge(incidents(*other), NOBODY, library_agreements(swap=True), GROUND)
    back = two.findings.with_columns(held_by=pl.col("held_by").replace({"party-a": "party-b", "party-b": "party-a"}))
    same = [name for name in back.columns if name not in {"attribution", "reasons", "explanation"}]
    assert one.findings.select(same).equals(back.select(same))
    assert one.partings.equals(two.partings)
    for column in ("attribution", "reasons", "explanation"):
        assert swapped(repr(one.findings[column].to_list())) == repr(back[column].to_list())


@settings(max_examples=15, deadline=None)
@given(random_incidents(), st.randoms(use_true_random=False), st.integers(1, 3))
def test_neither_order_nor_chunks_decide_anything(rows: list[dict[str, Any]], random: Any, chunk: int) -> None:
    named = [incident(f"inc-{n}", **row) for n, row in enumerate(rows)]
    agreements = library_agreements(swap=False)
    one = judge(incidents(*named), NOBODY, agreements, GROUND)
    random.shuffle(named)
    for row in named:
        random.shuffle(row["kinds"])
    shuffled = incidents(*named).sample(fraction=1, shuffle=True, seed=1)
    two = judge(shuffled, NOBODY, agreements, GROUND, chunk=chunk)
    assert one.findings.equals(two.findings)
    assert one.partings.equals(two.partings)
