"""What leaves of a difference, and its page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from teisen.release import TABLES, Policy, release
from teisen.release.difference import DIFFERENCE
from teisen.release.report.changes import MOST, Stand, difference_page
from tests.outward import outside, secret
from tests.release.made_up import about, allegation, at, incident, rows
from tests.release.made_up import tables as made_up
from tests.release.test_report import Page

POLICY: dict[str, Any] = {"public": {"delay_hours": 24, "time": "hour"}}


def row(subject: str, id_: str, day: int, **more: Any) -> dict[str, Any]:
    values = {
        "subject": subject,
        "id": id_,
        "change": "changed",
        "start": at(day, 6, 20),
        "end": at(day, 7, 40),
        "fields": ["level"],
        "others": [],
        "p_before": 0.2,
        "p_after": 0.9,
        "word_before": "unlikely",
        "word_after": "likely",
        "because": ["reading"],
        "causes": ["truce/halt: reading read-x changed"],
    }
    under = {"agreement_id": None, "provision_id": None, "reading_id": None, "about": None}
    if subject == "finding":
        under = {"agreement_id": "truce", "provision_id": "halt", "reading_id": "read-x", "about": "inc-1"}
    return values | under | more


def differing(*given: dict[str, Any]) -> pl.DataFrame:
    return rows(DIFFERENCE, *given)


ALL = differing(
    row("incident", "inc-1", 1, word_before="shelling", word_after="missile-strike"),
    row("finding", "fnd-1", 1),
    row("finding", "fnd-2", 3),
    row("outcome", "all-1", 1, word_before="partly", word_after="corroborated"),
)


def let_out(policy: dict[str, Any], hours: float = 0) -> pl.DataFrame | None:
    done = release(
        {"difference": ALL},
        Policy.model_validate(policy),
        "public",
        at(3, 8) + timedelta(hours=hours),
        {},
        secret=secret,
    )
    return done.tables.get("difference")


def test_it_is_a_table_that_can_leave() -> None:
    assert TABLES["difference"] is DIFFERENCE


def test_no_row_leaves_before_the_delay_after_all_that_it_speaks_of() -> None:
    early, late = let_out(POLICY), let_out(POLICY, hours=24)
    assert early is not None
    assert late is not None
    assert early["id"].to_list() == [outside(one) for one in ("fnd-1", "inc-1", "all-1")]
    assert late.height == ALL.height
    assert set(late["start"].dt.minute()) | set(late["end"].dt.minute()) == {0}


@pytest.mark.parametrize("subject", ["incident", "finding", "outcome"])
def test_what_a_policy_hides_does_not_leave_as_a_difference(subject: str) -> None:
    out = let_out({"public": {"delay_hours": 0, "hide": [subject]}})
    assert out is not None
    assert set(out["subject"]) == {"incident", "finding", "outcome"} - {subject}


def test_a_hidden_column_does_not_leave_under_another_name() -> None:
    out = let_out({"public": {"delay_hours": 0, "hide": ["finding.p_violation"]}})
    assert out is not None
    empty = out.filter(pl.col("p_before").is_null() & pl.col("p_after").is_null())
    assert set(empty["subject"]) == {"finding"}
    assert empty.height == 2


@pytest.mark.parametrize("hidden", ["decision", "subject_state"])
def test_what_people_decided_does_not_leave_as_a_difference_where_it_is_hidden(hidden: str) -> None:
    ruled = row("finding", "fnd-3", 1, fields=["level", "ruling"], because=["decision"], word_after="dismissed")
    policy = Policy.model_validate({"public": {"delay_hours": 0, "hide": [hidden]}})
    out = release({"difference": pl.concat([ALL, differing(ruled)])}, policy, "public", at(9), {}, secret=secret)
    assert set(out.tables["difference"]["id"]) == {outside(one) for one in ALL["id"]}


def test_a_policy_can_hide_all_of_it() -> None:
    assert let_out({"public": {"hide": ["difference"]}}) is None


def stand(size: int) -> Stand:
    return Stand(size, f"root{size}", None, "1.0", "c" * 64, "inputs")


def page(frame: pl.DataFrame, **more: Any) -> Page:
    side = {name: made_up()[name] for name in ("incident", "allegation")}
    side["incident"] = rows(TABLES["incident"], incident("inc-1", 1, 6, (31.0, 49.0), 0.5, title="A & B <i>"))
    return Page(difference_page(frame, (side, side), (stand(20), stand(21)), about(**more)))


def test_the_page_says_from_what_to_what_because_of_what() -> None:
    found = page(ALL)
    text = " ".join("".join(found.text).split())
    assert "teisen compare 20 21" in text
    assert found.row("C1") == ["C1", "truce/halt: reading read-x changed", "1", "2", "1", "4"]
    assert found.row("Findings") == ["Findings", "0", "0", "2", "0", "0"]
    (first,) = [r for r in found.cells if "fnd-1" in r[0]]
    assert first[0].startswith("A & B <i>")
    assert first[2:] == ["unlikely 0.20", "likely 0.90", "another value: level", "C1"]
    inner = {address[1:] for _, _, address in found.addresses if address.startswith("#")}
    assert inner <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))


def test_allegations_are_told_as_stated_and_stand_behind_incidents() -> None:
    given = row("finding", "fnd-3", 1, about="says:1", p_before=None, p_after=None, scope_before=0.0, scope_after=1.0)
    own = row("outcome", "says:2", 1, word_before="partly", word_after="corroborated")
    side = {name: made_up()[name] for name in ("incident", "allegation")}
    side["allegation"] = rows(
        TABLES["allegation"],
        allegation("says:1", "party-x", "party-y"),
        allegation("says:2", "party-y", "party-y", quantity=None, components=[], components_gap=None),
    )
    frame = differing(given, row("finding", "fnd-1", 1, p_before=0.5, p_after=0.6), own)
    found = Page(difference_page(frame, (side, side), (stand(1), stand(2)), about()))
    findings = [r for r in found.cells if "fnd-" in r[0]]
    assert ["fnd-1" in findings[0][0], "fnd-3" in findings[1][0]] == [True, True]
    names = {party.id: party.name for party in about().parties}
    assert findings[1][0].startswith(f"{names['party-x']} against {names['party-y']}: 100 violations, ")
    assert findings[1][2:4] == ["unlikely (in scope 0.00)", "likely (in scope 1.00)"]
    (outcome,) = [r for r in found.cells if "says:2" in r[0]]
    assert outcome[0].startswith(f"{names['party-y']} of its own side: ")


def test_the_page_of_no_difference_says_so() -> None:
    text = "".join(page(DIFFERENCE.empty()).text)
    assert text.count("None differs.") == 3


def test_a_long_list_is_cut_and_says_where_all_of_it_is() -> None:
    many = differing(*(row("finding", f"fnd-{n}", 1) for n in range(MOST + 5)))
    found = page(many, simulated=True)
    assert f"The {MOST} that changed most, of {MOST + 5}; simulated-difference.csv has all." in "".join(found.text)
    assert "SIMULATED" in "".join(found.text)
    assert sum(i.startswith("fnd-") for i in found.ids) == MOST


def test_same_input_gives_the_same_bytes() -> None:
    side = {name: made_up()[name] for name in ("incident", "allegation")}
    pages = {difference_page(ALL, (side, side), (stand(1), stand(2)), about()) for _ in range(2)}
    assert len(pages) == 1
