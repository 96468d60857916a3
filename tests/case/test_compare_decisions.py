"""What people decided, as a cause of what changed."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from teisen.case import Case, decide, stored
from teisen.case.sides import Side, compared
from teisen.decision import By
from teisen.release.difference import by_cause

ANA = By(name="ana", role="analyst")
AT = datetime(2025, 4, 19, 7, tzinfo=UTC)


def second(case: Case) -> tuple[str, str]:
    """The incident of the second report, and the finding about it."""
    tables = stored.read_tables(case.derived)
    here = (pl.col("start") < AT) & (pl.col("end") > AT)
    (incident,) = tables["incident"].filter(here)["incident_id"]
    (finding,) = tables["finding"].filter(pl.col("subject_id") == incident)["finding_id"]
    return incident, finding


def since(case: Case, size: int) -> pl.DataFrame:
    return compared(Side.of_ledger(case, size), Side.of_ledger(case, None))


def test_a_finding_that_was_dismissed(full: Case) -> None:
    size, (_, finding) = len(full.ledger), second(full)
    did = decide(full, "dismiss", finding, ANA, reason="a training site")
    (row,) = since(full, size).to_dicts()
    assert (row["id"], row["word_before"], row["word_after"]) == (finding, "very likely", "dismissed")
    assert row["causes"] == [f"decision {did.step.id}: dismiss"]
    assert row["because"] == ["decision"]


def test_a_comment_changes_nothing(full: Case) -> None:
    size, (_, finding) = len(full.ledger), second(full)
    decide(full, "comment", finding, ANA, reason="looked at it")
    assert since(full, size).is_empty()


def test_an_incident_that_was_corrected_and_all_that_follows(full: Case) -> None:
    size, (incident, finding) = len(full.ledger), second(full)
    did = decide(full, "correct", incident, ANA, reason="a glide bomb", values={"kind": "air-strike"})
    rows = since(full, size)
    told = rows.filter(pl.col("id") == incident).row(0, named=True)
    assert (told["word_before"], told["word_after"]) == ("drone-strike", "air-strike")
    assert set(by_cause(rows)["cause"]) == {f"decision {did.step.id}: correct"}
    assert finding not in set(rows.filter(pl.col("fields").list.contains("level"))["id"])


def test_what_people_say_is_no_incident(full: Case) -> None:
    size, (incident, finding) = len(full.ledger), second(full)
    did = decide(full, "correct", incident, ANA, reason="a fire", values={"not_an_incident": "true"})
    rows = since(full, size)
    told = rows.filter(pl.col("id") == finding).row(0, named=True)
    assert (told["change"], told["word_before"]) == ("vanished", "very likely")
    assert set(by_cause(rows)["cause"]) == {f"decision {did.step.id}: correct"}


def test_a_decision_is_not_there_before_it_was_made(full: Case) -> None:
    _, finding = second(full)
    decide(full, "dismiss", finding, ANA, reason="a training site")
    evening = Side.of_ledger(full, None, known=datetime(2025, 4, 23, tzinfo=UTC))
    rows = compared(evening, Side.of_ledger(full, None)).filter(pl.col("id") == finding)
    assert rows["word_after"].to_list() == ["dismissed"]
    assert rows["because"].to_list() == [["decision", "known_by"]]
