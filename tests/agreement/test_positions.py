from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.agreement import Agreement, contradictions, gaps, load_agreement, matrix, positions
from teisen.errors import BadInput
from teisen.library import library
from tests.agreement.test_check import GOOD

SAID = """
terms: [{id: scope, title: Scope}, {id: start, title: Start}]
positions:
  - {id: a-1, who: a, term: scope, stance: accepts, value: bridges, statement: s, about_call: c}
  - {id: m-1, who: mediator, term: scope, stance: accepts, value: roads, date: 2025-01-02, statement: s, about_call: c}
  - {id: a-2, who: a, term: scope, stance: rejects, date: 2025-01-03, zone: Asia/Tokyo, statement: s}
  - {id: m-2, who: mediator, term: start, stance: silent, date: 2025-01-02, statement: s, about_call: c}
  - {id: a-3, who: a, term: start, stance: conditional, condition: thaw, date: 2025-01-02, statement: s, about_call: c}
"""


def agreement(said: str = SAID) -> Agreement:
    return load_agreement(GOOD + said, "test.yaml")


def cell(frame: pl.DataFrame, who: str, term: str) -> dict[str, object]:
    return frame.row(by_predicate=(pl.col("who") == who) & (pl.col("term_id") == term), named=True)


def pairs(one: Agreement) -> set[tuple[str, ...]]:
    return set(contradictions(one).select("what", "differ_in", "position_a", "position_b").iter_rows())


def test_a_position_takes_over_what_its_statement_says_and_keeps_its_own() -> None:
    rows = {row["position_id"]: row for row in positions(agreement()).iter_rows(named=True)}
    assert rows["a-1"]["stated"] == datetime(2025, 1, 1, tzinfo=UTC)
    assert (rows["a-1"]["text"], rows["a-1"]["citation"], rows["a-1"]["mark"]) == ("T", "C", "sourced")
    assert rows["a-2"]["stated"] == datetime(2025, 1, 2, 15, tzinfo=UTC)


def test_a_position_of_its_own_needs_no_statement() -> None:
    own = (
        "  - {id: b-1, who: b, term: start, stance: accepts, citation: D, language: fr, text: Oui., mark: background}\n"
    )
    row = positions(agreement(SAID + own)).row(by_predicate=pl.col("position_id") == "b-1", named=True)
    assert (row["stated"], row["language"], row["citation"], row["mark"]) == (None, "fr", "D", "background")


def test_the_matrix_holds_the_latest_stance_of_parties_first_and_then_of_others() -> None:
    frame = matrix([agreement()])
    assert frame.select("who", "term_id").rows() == [
        (who, term) for who in ("a", "b", "mediator") for term in ("scope", "start")
    ]
    assert (cell(frame, "a", "scope")["position_id"], cell(frame, "a", "scope")["n_positions"]) == ("a-2", 2)
    assert cell(frame, "b", "scope")["stance"] == "not_stated"


def test_as_of_a_moment_what_was_said_later_does_not_count() -> None:
    first = datetime(2025, 1, 1, tzinfo=UTC)
    before = matrix([agreement()], first - timedelta(microseconds=1))
    assert set(before["stance"]) == {"not_stated"}
    assert cell(matrix([agreement()], first), "a", "scope")["stance"] == "accepts"
    assert cell(matrix([agreement()], first + timedelta(days=2)), "a", "scope")["stance"] == "rejects"


def test_a_position_of_unknown_day_comes_before_the_others_and_into_no_past() -> None:
    undated = "  - {id: a-0, who: a, term: %s, stance: accepts, citation: D, language: en, text: T, mark: sourced}\n"
    assert cell(matrix([agreement(SAID + undated % "scope")]), "a", "scope")["position_id"] == "a-2"
    late = agreement(SAID[: SAID.index("  - {id: m-2")] + undated % "start")
    assert cell(matrix([late]), "a", "start")["stance"] == "accepts"
    assert cell(matrix([late], datetime(2030, 1, 1, tzinfo=UTC)), "a", "start")["stance"] == "not_stated"


def test_differing_statements_of_one_speaker_and_about_one_call_are_marked_with_both_ids() -> None:
    assert pairs(agreement()) == {
        ("same_party", "stance", "a-1", "a-2"),
        ("same_call", "value", "a-1", "m-1"),
        ("same_call", "silence", "m-2", "a-3"),
    }


def test_silence_and_sameness_contradict_nothing_of_one_s_own() -> None:
    said = SAID + "  - {id: a-4, who: a, term: start, stance: silent, date: 2025-01-04, statement: s}\n"
    said += "  - {id: a-5, who: a, term: scope, stance: rejects, date: 2025-01-04, statement: s}\n"
    new = {pair for pair in pairs(agreement(said)) if {"a-4", "a-5"} & set(pair)}
    assert new == {("same_party", "stance", "a-1", "a-5")}


@settings(deadline=None, max_examples=20)
@given(st.permutations(SAID.strip().splitlines()[2:]))
def test_what_differs_does_not_depend_on_the_order_in_the_file(lines: list[str]) -> None:
    head = "\n".join(SAID.splitlines()[:3])
    found = {(what, why, frozenset(both)) for what, why, *both in pairs(agreement("\n".join([head, *lines, ""])))}
    assert found == {(what, why, frozenset(both)) for what, why, *both in pairs(agreement())}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("term: start, stance: silent", "term: strat, stance: silent", "'strat' is no term"),
        ("stance: rejects", "stance: refuses", "'rejects'"),
        ("date: 2025-01-03, zone: Asia/Tokyo, statement: s", "statement: t", "'t' is no statement"),
        ("conditional, condition: thaw", "conditional", "that stance needs one"),
        ("stance: rejects, ", "stance: rejects, condition: c, ", "`condition:` goes with"),
        ("stance: silent, ", "stance: silent, value: x, ", "states no `value:`"),
        ("id: a-2", "id: a-1", "the position id 'a-1' stands twice"),
        ("zone: Asia/Tokyo, statement: s", "zone: Asia/Tokyo", "needs `statement:`"),
        ("zone: Asia/Tokyo", "link: 'javascript:x'", "pattern"),
    ],
)
def test_a_mistake_is_answered_with_its_line(old: str, new: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        agreement(SAID.replace(old, new, 1))
    found = [problem for problem in caught.value.problems if says in str(problem)]
    assert found, caught.value
    if "twice" not in says:
        line = next(
            n
            for n, row in enumerate((GOOD + SAID.replace(old, new, 1)).splitlines(), 1)
            if new in row and row.startswith("  - {id")
        )
        assert found[0].row == line


def test_a_call_that_one_account_alone_describes_is_warned_of() -> None:
    alone = agreement(SAID.replace("about_call: c}", "about_call: d}", 1))
    assert [gap.what for gap in gaps(alone) if "alone" in gap.what] == ["'d' is described by one position alone"]
    assert not [gap for gap in gaps(agreement()) if "alone" in gap.what]


def shipped(name: str) -> Agreement:
    return load_agreement((library("agreements") / f"{name}.yaml").read_text(encoding="utf-8"), name)


def test_the_two_readouts_of_18_march_differ_on_scope_and_on_aid() -> None:
    found = contradictions(shipped("energy-2025")).filter(pl.col("what") == "same_call")
    told = set(found.select("term_id", "differ_in").iter_rows())
    assert {("scope", "value"), ("aid", "stance"), ("start", "silence"), ("duration", "silence")} == told


def test_nobody_is_taken_to_agree_who_stated_nothing() -> None:
    frame = matrix([shipped("energy-2025")])
    assert cell(frame, "party-b", "aid")["stance"] == "not_stated"
    assert cell(frame, "party-b", "start")["value"] == "from the text of 25 March"


def test_on_20_march_one_party_had_named_a_start_and_the_other_had_not() -> None:
    frame = matrix([shipped("energy-2025")], datetime(2025, 3, 20, tzinfo=UTC))
    assert cell(frame, "party-a", "start")["value"] == "from 18 March"
    assert cell(frame, "party-b", "start")["stance"] == "not_stated"


def test_conditions_for_the_black_sea_stand_in_the_matrix() -> None:
    frame = matrix([shipped("black-sea-2025")])
    assert cell(frame, "party-a", "start")["stance"] == "conditional"
    assert cell(frame, "party-b", "maritime")["stance"] == "rejects"
    assert pairs(shipped("black-sea-2025")) >= {("same_call", "silence", "start-mediator-25-march", "start-a-25-march")}
