"""What leaves of what people decided: with what it concerns, no finer than that, and nameless where the policy says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from teisen.decision import CORRECTION, DECISION, SUBJECT_STATE
from teisen.release import Policy, Released, release
from teisen.release.tables import TABLES
from tests.outward import outside, secret
from tests.release.made_up import at, incident, rows

OLD, NEW = "inc-old", "inc-new"


def decision(number: int, about: str, **more: Any) -> dict[str, Any]:
    values = {
        "decision_id": f"dec-{number}",
        "decided": at(9, number),
        "number": number,
        "subject": "incident",
        "subject_id": about,
        "incident_id": about,
        "action": "confirm",
        "state_from": "automatic",
        "state_to": "finding",
        "standing": "in_force",
        "fields": [],
        "reason": "looked at it",
        "language": "en",
        "author": "ana",
        "role": "analyst",
        "orphaned": False,
    }
    return values | more


def released(audience: str) -> Released:
    fields = [("place", "49.1,31.2,10"), ("time", "2030-05-01T06:00:00Z/2030-05-01T06:00:00Z"), ("kind", "shelling")]
    corrections = [
        {"incident_id": OLD, "field": f, "automatic": v, "corrected": v, "decision_id": "dec-1", "applied": True}
        for f, v in fields
    ]
    state = {
        "subject": "finding",
        "subject_id": "fnd-1",
        "proposed": "close",
        "history": 1,
        "state": "finding",
        "ruling": "confirmed",
        "since": at(9),
        "by": "ana",
        "role": "analyst",
    }
    tables = {
        "incident": rows(
            TABLES["incident"], incident(OLD, 1, 6, (31.0, 49.0), 0.5), incident(NEW, 9, 6, (31.0, 49.0), 0.5)
        ),
        "decision": rows(
            DECISION,
            decision(1, OLD),
            decision(2, NEW),
            decision(3, OLD, standing="proposed"),
            decision(4, OLD, standing="void", note="ana proposed it already"),
            decision(5, "inc-gone", orphaned=True),
        ),
        "finding": TABLES["finding"].empty(),
        "subject_state": rows(
            SUBJECT_STATE, {"subject": "finding", "subject_id": "fnd-1", "proposed": "close", "history": 1} | state
        ),
        "correction": rows(CORRECTION, *corrections),
    }
    return release(tables, Policy.model_validate({}), audience, datetime(2030, 5, 9, 12, tzinfo=UTC), {}, secret=secret)


def test_the_public_gets_what_counts_of_what_is_released_without_names() -> None:
    out = released("public")
    assert out.tables["decision"]["decision_id"].to_list() == [outside("dec-1")]
    assert out.tables["decision"]["author"].to_list() == [None]
    assert out.tables["subject_state"].is_empty()
    shown = {row["field"]: row["corrected"] for row in out.tables["correction"].iter_rows(named=True)}
    assert shown == {"place": None, "time": None, "kind": "shelling"}
    assert "names of people stay inside" in out.log["reason"].to_list()


def test_the_mission_gets_all_and_orphaned_ones_too() -> None:
    out = released("mission")
    assert out.tables["decision"].height == 5
    assert out.tables["decision"]["author"].to_list() == ["ana"] * 5
    assert out.tables["subject_state"]["proposed"].to_list() == ["close"]
    assert out.tables["correction"]["corrected"].null_count() == 0


@pytest.mark.parametrize("audience", ["public", "mission"])
def test_releasing_twice_changes_nothing(audience: str) -> None:
    once = released(audience)
    again = release(once.tables, Policy.model_validate({}), audience, once.as_of, {}, secret=secret)
    for name in ("decision", "subject_state", "correction"):
        assert once.tables[name].equals(again.tables[name])
