"""What people decided and the parties replied stands beside what it is about, every party alike."""

from __future__ import annotations

import csv
import io

import polars as pl

from teisen.decision import DECISION, SUBJECT_STATE
from teisen.release.report import daily_report
from tests.release.made_up import DAY, about, at, rows, tables
from tests.release.test_people import decision


def given(finding: str) -> dict[str, pl.DataFrame]:
    made = tables()
    state = {"subject": "finding", "subject_id": finding, "state": "finding", "ruling": "confirmed", "level": "likely"}
    reply = {"subject": "finding", "action": "reply", "role": "party-liaison", "author": None}
    made["subject_state"] = rows(SUBJECT_STATE, state | {"since": at(9), "role": "analyst", "history": 3})
    made["decision"] = rows(
        DECISION,
        decision(1, finding, subject="finding", author=None, reason="Photographs <b>seen</b>."),
        decision(2, finding, **reply, party="party-x", reason="It was not us."),
        decision(
            3, "inc-one", subject="incident", action="comment", state_to="automatic", reason="A crater was found."
        ),
        decision(4, finding, subject="finding", standing="void", note="no", reason="does not count"),
        decision(5, "fnd-gone", subject="finding", orphaned=True, reason="of something that is gone"),
        decision(6, "inc-far", reason="of another day"),
    )
    return made


def test_state_and_replies_stand_beside_the_finding() -> None:
    found = tables()["finding"].filter(pl.col("subject_id") == "inc-one", pl.col("p_in_scope") > 0)
    report = daily_report(given(found["finding_id"][0]), DAY, about())
    page = report.html
    assert "People confirmed it" in page
    assert "Level that people gave it: <b>likely</b>" in page
    assert "Photographs &lt;b&gt;seen&lt;/b&gt;." in page
    assert page.index('id="inc-one"') < page.index("A crater was found.") < page.index("It was not us.")
    assert page.count('href="#dec-2"') == 1
    assert page.count("No reply about this day is on record") == len(about().parties) - 1
    assert "does not count" not in page
    assert "of another day" not in page
    assert page.index("not derived any more") < page.index("of something that is gone")
    listed = list(csv.DictReader(io.StringIO(report.csv["decisions"])))
    assert [row["decision_id"] for row in listed if row["standing"] != "void"] == ["dec-1", "dec-2", "dec-3", "dec-5"]


def test_nothing_is_said_of_people_where_nobody_acted() -> None:
    page = daily_report(tables(), DAY, about()).html
    assert page.count("No reply about this day is on record") == len(about().parties)
    assert "People confirmed" not in page
    assert "not derived any more" not in page
