"""Decisions on the small case: recorded, derived from, refused, and never lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from teisen.case import Case, Decided, decide, derive, derive_past, stored, verify, waiting
from teisen.case.acts import acts_of
from teisen.decision import By, founded_by, replay
from teisen.errors import BadInput

ANA, REI = By(name="ana", role="analyst"), By(name="rei", role="reviewer")
LIAISON = By(name="lia", role="party-liaison", party="party-a")

Make = Callable[[str], Case]


def incident(case: Case, text: str) -> str:
    """The incident, as last derived, under the report that says ``text``."""
    tables = stored.read_tables(case.derived)
    seen = tables["evidence"].join(tables["observation"], on="observation_id").filter(pl.col("text") == text)
    return str(seen.filter(pl.col("relation") == "member")["incident_id"].item())


def finding(case: Case, incident_id: str) -> str:
    return str(
        stored.read_tables(case.derived)["finding"].filter(pl.col("subject_id") == incident_id)["finding_id"].item()
    )


def done(case: Case, action: str, subject: str, by: By = ANA, **more: Any) -> Decided:
    return decide(case, action, subject, by, reason=more.pop("reason", "looked at it"), **more)


def review(case: Case, text: str) -> None:
    path = case.folder / "case.yaml"
    path.write_text(f"{path.read_text(encoding='utf-8')}review: {text}\n", encoding="utf-8")


def row(frame: pl.DataFrame, **where: str) -> dict[str, Any]:
    return frame.filter(**where).row(0, named=True)


def test_a_decision_and_a_reply_stand_signed_beside_the_finding(full: Case) -> None:
    about = finding(full, incident(full, "second"))
    confirmed = done(full, "confirm", about)
    replied = done(full, "reply", about, LIAISON, reason="It was not us.", language="en")
    entries = full.ledger.entries()
    assert [entries[d.entry].type for d in (confirmed, replied)] == ["decision", "reply"]
    assert [entries[d.entry].author.name for d in (confirmed, replied)] == ["ana", "lia"]
    tables = derive(full)
    state = row(tables["subject_state"], subject_id=about)
    assert (state["state"], state["ruling"], state["by"], state["history"]) == ("finding", "confirmed", "ana", 2)
    reply = row(tables["decision"], action="reply")
    assert (reply["subject_id"], reply["party"], reply["reason"]) == (about, "party-a", "It was not us.")
    assert not reply["orphaned"]
    verify(full)


def test_tables_are_stale_after_a_decision_and_say_so(full: Case) -> None:
    before = full.inputs()
    done(full, "open", incident(full, "first"))
    assert full.inputs() != before


def test_steps_that_do_not_fit_are_refused_and_nothing_is_recorded(full: Case) -> None:
    one = incident(full, "second")
    about, size = finding(full, one), len(full.ledger)
    for says, action, subject, by, values in (
        ("is not for the role party-liaison. It is for: analyst", "confirm", about, LIAISON, {}),
        ("close does not start there. Possible are open", "close", about, REI, {}),
        ("no finding, incident or allegation 'fnd-no'", "open", "fnd-no", ANA, {}),
        ("no incident inc-000000000000 is derived", "correct", one, ANA, {"merge_with": "inc-000000000000"}),
        ("is no report under", "correct", one, ANA, {"split": "news:0"}),
        ("'party-x' is no party", "correct", one, ANA, {"actors": "party-x:1"}),
        ("'sure' is no level", "correct", about, ANA, {"level": "sure"}),
        ("no name for a key", "open", one, By(name="two words", role="analyst"), {}),
    ):
        with pytest.raises(BadInput, match=says):
            done(full, action, subject, by, values=values)
    assert len(full.ledger) == size


def test_four_eyes_hold_from_when_the_case_asks_for_them(full: Case) -> None:
    one = incident(full, "second")
    about = finding(full, one)
    alone = done(full, "confirm", one)
    review(full, "{four_eyes: [confirm, correct]}")
    first = done(full, "confirm", about)
    assert first.step.standing == "proposed"
    with pytest.raises(BadInput, match="proposed it already"):
        done(full, "confirm", about)
    with pytest.raises(BadInput, match="put in force by a reviewer"):
        done(full, "confirm", about, By(name="dan", role="analyst"))
    assert row(derive(full)["subject_state"], subject_id=about)["state"] == "automatic"
    assert waiting(full)["waits"].to_list()[0] == "second"
    assert done(full, "confirm", about, REI).step.standing == "in_force"
    tables = derive(full)
    assert row(tables["subject_state"], subject_id=about)["state"] == "finding"
    assert row(tables["decision"], decision_id=alone.step.id)["standing"] == "in_force"


def test_the_second_person_need_not_write_the_values_again(full: Case) -> None:
    review(full, "{four_eyes: [correct]}")
    one = incident(full, "second")
    done(full, "correct", one, values={"kind": "shelling"})
    assert row(derive(full)["incident"], incident_id=one)["kind"] == "drone-strike"
    done(full, "correct", one, REI)
    assert row(derive(full)["incident"], incident_id=one)["kind"] == "shelling"


def test_a_person_says_what_was_hit_and_with_what(full: Case) -> None:
    one = incident(full, "first")
    done(full, "correct", one, values={"target": "substation", "weapon": "artillery-152"})
    tables = derive(full)
    found = row(tables["incident"], incident_id=one)
    assert found["targets"] == [{"kind": "substation", "p": 1.0}]
    assert found["weapons"] == [{"kind": "artillery-152", "p": 1.0}]
    said = row(tables["correction"], incident_id=one, field="weapon")
    assert (said["automatic"], said["corrected"]) == ("none", "artillery-152:1")


def test_people_whom_the_case_does_not_name_may_not_act(full: Case) -> None:
    review(full, "{people: [{name: ana, roles: [analyst]}]}")
    one = incident(full, "first")
    with pytest.raises(BadInput, match="names nobody 'rei'"):
        done(full, "open", one, REI)
    assert done(full, "open", one).step.after == "under_inquiry"


def test_an_incident_as_corrected_is_judged_and_can_be_taken_back(full: Case) -> None:
    one = incident(full, "fourth")
    before = stored.read_tables(full.derived)
    assert before["finding"].filter(subject_id=one).is_empty()
    done(full, "correct", one, values={"time": "2025-04-20T10:00Z/2025-04-20T10:10Z", "place": "50.5,30.5,500"})
    tables = derive(full)
    assert row(tables["finding"], subject_id=one)["p_in_scope"] > 0.9
    assert row(tables["incident"], incident_id=one)["area_id"] == "R-1"
    place = row(tables["correction"], incident_id=one, field="place")
    assert (place["corrected"], place["applied"]) == ("50.50000,30.50000,500", True)
    assert place["automatic"] != place["corrected"]
    verify(full)
    done(full, "correct", one, values={"time": "automatic", "place": "automatic"})
    again = derive(full)
    assert again["incident"].equals(before["incident"])
    assert again["finding"].equals(before["finding"])


def test_what_is_no_incident_is_judged_no_more_and_its_decisions_are_not_orphaned(full: Case) -> None:
    one = incident(full, "second")
    done(full, "confirm", finding(full, one))
    done(full, "correct", one, values={"not_an_incident": "true"})
    tables = derive(full)
    assert row(tables["incident"], incident_id=one)["p_conflict"] == 0
    assert tables["finding"].filter(subject_id=one).is_empty()
    assert not tables["decision"]["orphaned"].any()
    assert tables["decision"]["standing"].to_list() == ["in_force", "in_force"]


def test_merged_incidents_are_one_with_the_evidence_of_both_and_can_be_parted(full: Case) -> None:
    one, other = incident(full, "first"), incident(full, "second")
    before = stored.read_tables(full.derived)
    done(full, "correct", one, values={"merge_with": other})
    tables = derive(full)
    assert tables["incident"].height == before["incident"].height - 1
    whole = row(tables["incident"], incident_id=other)
    texts = (
        tables["evidence"]
        .filter(incident_id=other, relation="member")
        .join(tables["observation"], on="observation_id")["text"]
    )
    assert {"first", "second"} <= set(texts)
    assert whole["n_observations"] == len(texts)
    assert not tables["decision"]["orphaned"].any()
    done(full, "correct", one, values={"merge_with": "automatic"})
    assert derive(full)["incident"].equals(before["incident"])


def test_reports_that_tell_of_another_incident_make_one(full: Case) -> None:
    one = incident(full, "second")
    tables = stored.read_tables(full.derived)
    seen = tables["observation"].filter(text="second again")["observation_id"].item()
    members = tables["evidence"].filter(incident_id=one, relation="member")
    assert seen in set(members["observation_id"])
    (founder,) = (name for name in members["observation_id"] if founded_by(name) == one)
    with pytest.raises(BadInput, match="Part the other reports"):
        done(full, "correct", one, values={"split": founder})
    part = next(name for name in members["observation_id"] if name != founder)
    done(full, "correct", one, values={"split": part})
    after = derive(full)
    assert after["incident"].height == tables["incident"].height + 1
    assert incident(full, "second again") != incident(full, "second")
    assert row(after["incident"], incident_id=one)["n_observations"] == members.height - 1


def test_a_decision_on_what_is_not_derived_any_more_is_orphaned_and_counts_again_when_it_is(full: Case) -> None:
    about = finding(full, incident(full, "second"))
    done(full, "confirm", about)
    path = full.folder / "agreements" / "truce.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("id: one\n", "id: other\n"), encoding="utf-8")
    tables = derive(full)
    assert row(tables["decision"], subject_id=about)["orphaned"]
    assert row(tables["subject_state"], subject_id=about)["state"] == "finding"
    assert done(full, "reply", about, LIAISON).step.standing == "in_force"
    path.write_text(text, encoding="utf-8")
    assert not derive(full)["decision"]["orphaned"].any()


def test_who_did_it_as_a_person_says_stands_whatever_the_agreement_allows_of_itself(full: Case) -> None:
    path = full.folder / "agreements" / "truce.yaml"
    text = path.read_text(encoding="utf-8")
    one = incident(full, "second")
    done(full, "correct", one, values={"actors": "party-b:0.9"})
    path.write_text(text.replace("statements:", "attribution: {most: 0.5}\nstatements:"), encoding="utf-8")
    said = row(derive(full)["finding"], subject_id=one)["attribution"]
    assert said == [{"party": "party-b", "p": 0.9}]


def test_the_same_acts_in_a_copy_give_the_same_tables(full: Case) -> None:
    about = finding(full, incident(full, "second"))
    done(full, "open", about)
    done(full, "confirm", about, REI)
    acts = acts_of(full.ledger.entries(), full.ledger.blob, full.ledger.origin)
    assert replay(reversed(acts)).states == replay(acts).states
    assert [s.act.key for s in replay(acts).steps.values()] == [a.key for a in acts]


def test_an_earlier_state_of_the_ledger_knows_no_later_decision(full: Case, tmp_path: Path) -> None:
    size = len(full.ledger)
    done(full, "confirm", finding(full, incident(full, "second")))
    derive_past(full, tmp_path / "then", size=size)
    derive_past(full, tmp_path / "now")
    heights = [stored.read_tables(tmp_path / when, ("decision",))["decision"].height for when in ("then", "now")]
    assert heights == [0, 1]
