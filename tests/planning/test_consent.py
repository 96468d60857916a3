"""Consent: a signature covers one version, stands for one party, and can be taken back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from teisen.ledger import Draft, Ledger, person_key
from teisen.planning.consent import COMMENT_ENTRY, PLAN_ENTRY, SIGNATURE_ENTRY, comments, missing, signatures, versions
from teisen.planning.difference import change_map, changes
from tests.planning.plans import placed, plan

PARTIES = ("party-a", "party-b")
NOW = datetime(2025, 5, 1, tzinfo=UTC)


class Book:
    def __init__(self, folder) -> None:
        self.keys = folder / "keys"
        self.ledger = Ledger.create(folder / "ledger", "case", self.keys)

    def plan(self, made) -> str:
        draft = Draft(PLAN_ENTRY, made.id, "plan.json", made.canonical(), "application/json", {"version": made.version})
        self.ledger.append([draft], now=NOW)
        return made.sha256

    def say(self, who, sha256, action="sign", *, for_whom="party-a", words="agreed", kind=SIGNATURE_ENTRY) -> None:
        body = {"format": "teisen-consent/1", "plan": sha256, "action": action, "for_whom": for_whom, "words": words}
        author = person_key(who, self.keys) if who else None
        self.ledger.append([Draft(kind, "line-plan", body=body)], now=NOW, author=author)

    @property
    def signed(self):
        return signatures(self.ledger.entries(), "line-plan", PARTIES, self.ledger.origin)


@pytest.fixture
def book(tmp_path) -> Book:
    return Book(tmp_path)


def test_a_version_is_agreed_when_all_parties_and_the_mediator_signed_it(book):
    first = book.plan(plan())
    assert missing(book.signed, first, PARTIES) == ["party-a", "party-b", "mediator"]
    for who, whom in (("ana", "party-a"), ("bo", "party-b"), ("mia", "mediator")):
        book.say(who, first, for_whom=whom)
    assert missing(book.signed, first, PARTIES) == []
    second = book.plan(plan(version=2, title="Changed"))
    assert missing(book.signed, second, PARTIES) == ["party-a", "party-b", "mediator"]
    assert missing(book.signed, first, PARTIES) == []
    assert [(one.version, one.sha256) for one in versions(book.ledger.entries(), "line-plan")] == [
        (1, first),
        (2, second),
    ]


def test_a_signature_that_was_taken_back_does_not_count(book):
    sha256 = book.plan(plan())
    book.say("ana", sha256)
    book.say("bo", sha256, "withdraw", for_whom="party-b", words="not mine to take")
    assert book.signed["standing"].to_list() == ["in_force"]
    book.say("ana", sha256, "withdraw", words="the government changed")
    assert book.signed["standing"].to_list() == ["withdrawn"]
    book.say("ana", sha256)
    assert missing(book.signed, sha256, PARTIES) == ["party-b", "mediator"]


@pytest.mark.parametrize(
    ("who", "changes", "why"),
    [
        ("", {}, "stands for nobody"),
        ("ana", {"for_whom": "party-c"}, "nobody of this agreement"),
        ("ana", {"sha256": "b" * 64}, "no plan of this hash"),
        ("bo", {"for_whom": "party-a"}, "signs for party-b"),
    ],
)
def test_what_cannot_stand_is_void(book, who, changes, why):
    sha256 = book.plan(plan())
    book.say("bo", sha256, for_whom="party-b")
    book.say(who, changes.pop("sha256", sha256), **changes)
    assert why in book.signed.row(1, named=True)["standing"]


def test_a_plan_that_was_recorded_after_the_signature_is_not_covered(book):
    made = plan()
    book.say("ana", made.sha256)
    book.plan(made)
    assert "void" in book.signed["standing"][0]


def test_comments_name_what_they_are_about(book):
    sha256 = book.plan(plan())
    book.say("ana", sha256, "comment", words="too few at sector-2", kind=COMMENT_ENTRY)
    book.say("ana", sha256, "comment", words=" ", kind=COMMENT_ENTRY)
    book.say("ana", sha256, "sign", words="x", kind=COMMENT_ENTRY)
    found = comments(book.ledger.entries(), "line-plan")
    assert [(one.name, one.said.words) for one in found] == [("ana", "too few at sector-2")]


def test_what_changed_is_told_value_by_value():
    old = plan()
    new = plan(
        version=2,
        placement=[placed(0, number=2), *(placed(n) for n in (1, 2, 3, 5)), placed(7, "camera")],
        rules={"budget": 1200000.0},
    )
    rows = {(r["part"], r["item"], r["field"]): r for r in changes(old, new).iter_rows(named=True)}
    assert rows["placement", "site-0/post/always", "number"]["after"] == "2"
    assert rows["placement", "site-4/post/always", ""]["change"] == "removed"
    assert rows["placement", "site-7/camera/always", ""]["change"] == "added"
    assert (rows["rules", "", "budget"]["before"], rows["rules", "", "budget"]["after"]) == ("1000000", "1200000")
    assert len(rows) == 4
    assert {f["properties"]["change"] for f in change_map(old, new)["features"]} == {"added", "removed", "changed"}


def test_the_same_plan_has_no_changes_whatever_the_order():
    old = plan()
    new = plan(placement=[placed(n) for n in (5, 3, 4, 0, 1, 2)])
    assert changes(old, new).is_empty()
    assert change_map(old, new)["features"] == []
