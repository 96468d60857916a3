"""The difference between two derivations: nothing for the same, mirrored when turned round, and the cause named."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.case import Case, ingest
from teisen.case.compare import differences
from teisen.case.sides import Side, compared
from teisen.decision import DECISION, SUBJECT_STATE
from teisen.fusion.schema import EVIDENCE, INCIDENT
from teisen.judgement.schema import FINDING, OUTCOME
from teisen.observation import ALLEGATION, OBSERVATION
from teisen.release.difference import by_cause, by_change, by_level, largest

AT = datetime(2025, 4, 19, 7, tzinfo=UTC)


def edited(case: Case, path: str, old: str, new: str) -> None:
    text = (case.folder / path).read_text(encoding="utf-8")
    assert old in text
    (case.folder / path).write_text(text.replace(old, new), encoding="utf-8")
    case.record_definitions()


def since(case: Case, size: int) -> pl.DataFrame:
    return compared(Side.of_ledger(case, size), Side.of_ledger(case, None))


def causes(rows: pl.DataFrame) -> set[str]:
    return set(by_cause(rows)["cause"])


class TestCauses:
    def test_a_changed_reading_changes_its_findings_and_nothing_else(self, full: Case) -> None:
        size = len(full.ledger)
        window = "- during: {from: 2025-04-19, to: 2025-04-21, zone: UTC}"
        edited(full, "agreements/truce.yaml", window, window.replace("04-19", "04-20"))
        rows = since(full, size)
        assert set(rows["subject"]) == {"finding"}
        assert causes(rows) == {"truce/hostilities: reading one changed"}
        assert set(rows["because"].explode()) == {"reading"}
        (second,) = rows.filter(pl.col("start") < AT, pl.col("end") > AT, pl.col("p_before").is_not_null()).to_dicts()
        assert (second["change"], second["word_before"], second["word_after"]) == ("vanished", "very likely", None)
        assert by_level(rows).rows() == [("truce", "hostilities", "one", "very likely", None, 1)]

    def test_a_comment_in_an_agreement_changes_nothing(self, full: Case) -> None:
        size = len(full.ledger)
        edited(full, "agreements/truce.yaml", "allegations:", "# a comment\nallegations:")
        assert since(full, size).is_empty()

    def test_a_changed_term_of_the_provision_is_told_from_its_readings(self, full: Case) -> None:
        size = len(full.ledger)
        edited(full, "agreements/truce.yaml", "    readings:", "    levels: [{word: calm, at_least: 0}]\n    readings:")
        rows = since(full, size)
        assert rows.height > 0
        assert set(rows["word_after"].drop_nulls()) == {"calm"}
        assert causes(rows) == {"truce/hostilities: text or terms changed"}
        assert set(rows["because"].explode()) == {"agreement"}

    def test_a_new_file_is_named_on_what_it_changed(self, full: Case, tmp_path: Path) -> None:
        size = len(full.ledger)
        (tmp_path / "late.csv").write_text("at,x,y,what,words\n2025-04-20 09:00,30.2,50.9,shelling,late\n")
        ingest(full, "news", [tmp_path / "late.csv"])
        rows = since(full, size)
        (appeared,) = rows.filter(pl.col("subject") == "incident", pl.col("change") == "appeared").to_dicts()
        assert appeared["start"] < datetime(2025, 4, 20, 9, tzinfo=UTC) < appeared["end"]
        assert [cause.partition(" (")[0] for cause in appeared["causes"]] == ["news: late.csv added"]
        assert set(rows["because"].explode()) == {"data"}
        finding = rows.filter(pl.col("about") == appeared["id"])
        assert finding["causes"].to_list() == [appeared["causes"]]
        assert by_cause(rows).select("cause", "alone").rows() == [(appeared["causes"][0], rows.height)]

    def test_a_profile_is_named_where_its_source_speaks(self, full: Case) -> None:
        size = len(full.ledger)
        edited(full, "profiles/news.yaml", "false_share: {value: 0.1", "false_share: {value: 0.4")
        rows = since(full, size)
        assert {"incident", "finding"} <= set(rows["subject"])
        assert causes(rows) == {"profiles/news.yaml changed"}
        assert set(rows["because"].explode()) == {"profile"}

    def test_a_mapping_is_named_where_its_source_speaks(self, full: Case) -> None:
        size = len(full.ledger)
        edited(full, "mappings/news.yaml", "zone: UTC", "zone: Asia/Tokyo")
        rows = since(full, size)
        assert "mappings/news.yaml changed" in causes(rows)
        assert set(rows["because"].explode()) == {"data", "mapping"}

    def test_the_case_file_can_have_done_anything(self, full: Case) -> None:
        size = len(full.ledger)
        edited(full, "case.yaml", "to: 2025-04-23", "to: 2025-04-20")
        rows = since(full, size)
        assert rows.filter(pl.col("subject") == "incident", pl.col("change") == "vanished").height == 2
        assert rows["causes"].list.contains("case.yaml changed").all()

    def test_another_version_of_the_code_or_of_a_library_is_named_on_every_row(self, full: Case) -> None:
        size = len(full.ledger)
        before = Side.of_ledger(full, size)
        edited(full, "agreements/truce.yaml", "is_kind: [attack]", "is_kind: [shelling]")
        after = Side.of_ledger(full, None)
        manifest = {**before.manifest, "code": "0" * 64, "libraries": {**before.manifest["libraries"], "numpy": "0.1"}}
        rows = differences(before.tables, after.tables, manifest, after.manifest)
        assert rows["because"].to_list() == [["code", "library", "reading"]] * rows.height
        assert rows.height > 0

    def test_what_was_known_on_an_evening_and_is_known_now(self, full: Case) -> None:
        evening = Side.of_ledger(full, None, known=datetime(2025, 4, 19, 18, tzinfo=UTC))
        rows = compared(evening, Side.of_ledger(full, None))
        told = "known by: 2025-04-19T18:00:00Z -> all that is recorded"
        assert rows["causes"].list.contains(told).all()
        new = rows.filter(pl.col("subject") == "incident", pl.col("change") == "appeared")
        assert new.height == 2
        assert new["causes"].list.contains("news: observations added").all()
        assert {"claims: statements added", told} in [set(row) for row in rows["causes"]]

    def test_what_a_manifest_does_not_list_is_not_guessed(self, full: Case) -> None:
        size = len(full.ledger)
        edited(full, "agreements/truce.yaml", "is_kind: [attack]", "is_kind: [shelling]")
        both = Side.of_ledger(full, size), Side.of_ledger(full, None)
        bare = [{"inputs": side.manifest["inputs"], "code": side.manifest["code"]} for side in both]
        rows = differences(both[0].tables, both[1].tables, bare[0], bare[1])
        assert rows["because"].to_list() == [["unknown"]] * rows.height
        older = [{k: v for k, v in side.manifest.items() if k != "terms"} for side in both]
        rows = differences(both[0].tables, both[1].tables, older[0], older[1])
        assert causes(rows) == {"truce: text or terms changed"}

    def test_an_allegation_that_the_agreement_records_is_told_from_its_terms(self, full: Case) -> None:
        size = len(full.ledger)
        edited(full, "agreements/truce.yaml", "    window: {from: 2025-04-19, to", "    window: {from: 2025-04-20, to")
        rows = since(full, size)
        assert rows.height > 0
        assert causes(rows) == {"agreements/truce.yaml changed"}
        assert set(rows["because"].explode()) == {"agreement"}


# Made-up derivations: observations o0..o7, each a member of one incident at most, named by its smallest.
GROUPS = st.lists(st.one_of(st.none(), st.integers(0, 3)), min_size=8, max_size=8)
P = st.sampled_from([0.1, 0.5, 0.9])


def derivation(groups: list[int | None], chances: list[float]) -> dict[str, pl.DataFrame]:
    members: dict[int, list[int]] = {}
    for observation, group in enumerate(groups):
        if group is not None:
            members.setdefault(group, []).append(observation)
    incidents = [(f"inc-{ones[0]}", ones, chances[ones[0]]) for ones in members.values()]
    member = [(name, f"o{one}") for name, ones, _ in incidents for one in ones]
    when = {"start": AT, "end": AT}

    def table(declared: Any, rows: list[dict[str, Any]]) -> pl.DataFrame:
        schema = {n: t for n, t in declared.schema.items() if rows and n in rows[0]}
        return declared.hand_over(declared.fill(pl.DataFrame(rows, schema=schema)))

    empty = {"kinds": [], "targets": [], "weapons": [], "actors": []}
    return {
        "incident": table(
            INCIDENT,
            [
                {
                    "incident_id": name,
                    "kind": "shelling",
                    "p_conflict": p,
                    "n_observations": len(ones),
                    "n_groups": 1,
                    "title": name,
                }
                | when
                | empty
                for name, ones, p in incidents
            ],
        ),
        "evidence": table(
            EVIDENCE,
            [
                {"incident_id": i, "source_id": "s", "observation_id": o, "relation": "member", "reason": ""}
                for i, o in member
            ],
        ),
        "finding": table(
            FINDING,
            [
                {
                    "finding_id": f"fnd-{name}",
                    "subject": "incident",
                    "subject_id": name,
                    "agreement_id": "a",
                    "provision_id": "p",
                    "reading_id": "r",
                    "held_by": "x",
                    "p_in_scope": p,
                    "p_violation": p,
                    "level": f"level {p}",
                    "reasons": [],
                    "decides": 1,
                    "explanation": "",
                    "attribution": [],
                }
                for name, _, p in incidents
            ],
        ),
        "allegation": table(
            ALLEGATION,
            [
                {
                    "allegation_id": "all",
                    "accuser": "x",
                    "stated": AT,
                    "source_zone": "UTC",
                    "kind": "other",
                    "unit": "strikes",
                    "components": [],
                    "read": "parsed",
                    "flags": [],
                    "source_id": "s",
                    "blob": "b",
                    "row": 1,
                }
                | when
            ],
        ),
        "outcome": table(
            OUTCOME,
            [
                {
                    "allegation_id": "all",
                    "accuser": "x",
                    "outcome": "partly",
                    "p_corroborated": chances[0],
                    "incident_ids": [name for name, *_ in incidents],
                    "explanation": "",
                }
            ],
        ),
        "observation": OBSERVATION.empty(),
    }


def mirrored(rows: pl.DataFrame) -> set[tuple[Any, ...]]:
    """What findings' and outcomes' rows say, seen from the other side."""
    turned = {"appeared": "vanished", "vanished": "appeared", "changed": "changed"}
    found = set()
    for row in rows.filter(pl.col("subject") != "incident").iter_rows(named=True):
        ids = frozenset([row["id"], *(row["others"] if row["subject"] == "finding" else [])])
        ends = tuple(row[f"{what}_{side}"] for what in ("p", "scope", "word") for side in ("after", "before"))
        found.add((row["subject"], ids, turned[row["change"]], tuple(row["fields"]), *ends))
    return found


def straight(rows: pl.DataFrame) -> set[tuple[Any, ...]]:
    found = set()
    for row in rows.filter(pl.col("subject") != "incident").iter_rows(named=True):
        ids = frozenset([row["id"], *(row["others"] if row["subject"] == "finding" else [])])
        ends = tuple(row[f"{what}_{side}"] for what in ("p", "scope", "word") for side in ("before", "after"))
        found.add((row["subject"], ids, row["change"], tuple(row["fields"]), *ends))
    return found


@settings(max_examples=20, deadline=None)
@given(groups=GROUPS, chances=st.lists(P, min_size=8, max_size=8))
def test_the_same_gives_no_row(groups: list[int | None], chances: list[float]) -> None:
    tables = derivation(groups, chances)
    assert differences(tables, tables, {"code": "1"}, {"code": "2"}).is_empty()


@settings(max_examples=30, deadline=None)
@given(one=GROUPS, two=GROUPS, chances=st.lists(P, min_size=16, max_size=16))
def test_turned_round_it_says_the_same_the_other_way(
    one: list[int | None], two: list[int | None], chances: list[float]
) -> None:
    a, b = derivation(one, chances[:8]), derivation(two, chances[8:])
    there, back = differences(a, b, {}, {}), differences(b, a, {}, {})
    assert straight(there) == mirrored(back)
    incidents = [rows.filter(pl.col("subject") == "incident") for rows in (there, back)]
    mentioned = [set(rows["id"]) | set(rows["others"].explode().drop_nulls()) for rows in incidents]
    assert mentioned[0] == mentioned[1]
    lone = [[set(r.filter(pl.col("change") == c)["id"]) for c in ("appeared", "vanished")] for r in incidents]
    assert lone[0] == lone[1][::-1]


@settings(max_examples=30, deadline=None)
@given(one=GROUPS, two=GROUPS)
def test_every_incident_of_either_side_is_the_same_or_accounted_for(
    one: list[int | None], two: list[int | None]
) -> None:
    a, b = derivation(one, [0.5] * 8), derivation(two, [0.5] * 8)
    rows = differences(a, b, {}, {}).filter(pl.col("subject") == "incident")
    before, after = set(a["incident"]["incident_id"]), set(b["incident"]["incident_id"])
    told = set(rows["id"]) | set(rows["others"].explode().drop_nulls())
    assert before ^ after <= told
    assert told <= before | after
    same = (before & after) - told
    members = [
        {i: set(t["evidence"].filter(pl.col("incident_id") == i)["observation_id"]) for i in same} for t in (a, b)
    ]
    assert {i: len(m) for i, m in members[0].items()} == {i: len(m) for i, m in members[1].items()}


@pytest.mark.parametrize(
    ("one", "two", "says"),
    [
        ([0, 0, 0, 1], [0, 0, 0, 1], {}),
        ([0, 0, None, None], [0, 0, 0, None], {"inc-0": ("changed", [])}),
        ([0, 0, 1, 1], [0, 0, 0, 0], {"inc-0": ("merged", ["inc-2"])}),
        ([0, 0, 0, 0], [0, 0, 1, 1], {"inc-0": ("split", []), "inc-2": ("split", ["inc-0"])}),
        ([None, 0, 0, None], [0, 0, 0, None], {"inc-0": ("changed", ["inc-1"])}),
        ([0, None, None, None], [None, None, None, 0], {"inc-0": ("vanished", []), "inc-3": ("appeared", [])}),
    ],
)
def test_incidents_are_followed_by_the_observations_that_make_them(
    one: list[int | None], two: list[int | None], says: dict[str, tuple[str, list[str]]]
) -> None:
    rest: list[int | None] = [None] * 4
    a, b = derivation([*one, *rest], [0.5] * 8), derivation([*two, *rest], [0.5] * 8)
    rows = differences(a, b, {}, {}).filter(pl.col("subject") == "incident")
    assert {row["id"]: (row["change"], row["others"]) for row in rows.iter_rows(named=True)} == says


def decided(finding: str, action: str, after: str, standing: str = "in_force") -> dict[str, pl.DataFrame]:
    """A ruling on a finding, as the tables of decisions hold it."""
    decision = {
        "decision_id": f"dec-{action}",
        "decided": AT,
        "number": 1,
        "subject": "finding",
        "subject_id": finding,
        "action": action,
        "state_from": "automatic",
        "state_to": after,
        "standing": standing,
        "fields": [],
        "reason": "",
        "language": "en",
        "role": "analyst",
        "orphaned": False,
    }
    state = {"subject": "finding", "subject_id": finding, "state": after, "ruling": after, "since": AT, "history": 1}
    made = {"decision": (DECISION, decision), "subject_state": (SUBJECT_STATE, state)}
    return {
        name: table.fill(pl.DataFrame([row], {n: t for n, t in table.schema.items() if n in row}))
        for name, (table, row) in made.items()
    }


def test_what_people_decided_is_a_cause_where_it_counts() -> None:
    before = derivation([0, 1, *[None] * 6], [0.5] * 8)
    after = before | decided("fnd-inc-1", "dismiss", "dismissed")
    (row,) = differences(before, after, {"inputs": "1"}, {"inputs": "2", "acts": ["x"]}).to_dicts()
    assert (row["id"], row["word_before"], row["word_after"]) == ("fnd-inc-1", "level 0.5", "dismissed")
    assert row["fields"] == ["level", "state", "ruling"]
    assert (row["because"], row["causes"]) == (["decision"], ["decision dec-dismiss: dismiss"])
    waiting = before | {"decision": decided("fnd-inc-1", "dismiss", "dismissed", "proposed")["decision"]}
    assert differences(before, waiting, {}, {}).is_empty()


def test_rows_are_counted_and_the_largest_come_first() -> None:
    a, b = derivation([0, 1, 2, *[None] * 5], [0.1] * 8), derivation([0, 1, *[None] * 6], [0.5, 0.9, *[0.1] * 6])
    rows = differences(a, b, {}, {})
    assert dict(by_change(rows))["finding"] == {"appeared": 0, "vanished": 1, "changed": 2, "merged": 0, "split": 0}
    assert largest(rows, "finding")["id"].to_list() == ["fnd-inc-1", "fnd-inc-0", "fnd-inc-2"]
