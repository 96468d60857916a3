"""An act: one thing that one person did, as its ledger entry states it, and the order in which acts count."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from teisen.decision.review import Review
from teisen.documents import Strict

DECISION_ENTRY = "decision"
REPLY_ENTRY = "reply"
REPLY = "reply"
"""The action that is recorded as an entry of type ``reply``."""
ENTRIES = frozenset({DECISION_ENTRY, REPLY_ENTRY})
"""Types of ledger entries that are acts."""


class By(Strict):
    """Who acts: a name (empty: the case's own key, nobody in person), a role, and a liaison's party."""

    name: str = ""
    role: str
    party: str = ""


class Body(Strict):
    """The body of an entry: what was done, from which state to which, why, and in which words.

    Attributes:
        number: acts are counted in each ledger; it orders those of one second.
        subject: finding, incident or allegation.
        incident: id of the incident that a finding is about, or that is the subject; empty for an allegation.
        proposal: it needs a second person, who names it in ``seconds``.
        values: what a correction sets, as written.
    """

    format: Literal["teisen-decision/1"] = "teisen-decision/1"
    number: int = Field(ge=1)
    subject: Literal["finding", "incident", "allegation"]
    incident: str = ""
    action: str
    before: str = Field(alias="from")
    after: str = Field(alias="to")
    proposal: bool = False
    seconds: str = ""
    reason: str = ""
    language: str = "en"
    by: By
    values: dict[str, str] = Field(alias="set", default_factory=dict)


@dataclass(frozen=True)
class Act:
    """An act with its time (UTC) and the id of its subject.

    ``key`` is its author's public key as text: two names of one key are one person. ``signed_as`` is the name that it
    was signed with, empty for the case's own key. ``review`` is what held when it was recorded. ``body`` is empty
    (None) where the entry's form is not known; ``raw`` is then all there is.
    """

    time: datetime
    subject_id: str
    body: Body | None
    key: str = ""
    signed_as: str = ""
    review: Review = field(default_factory=Review)
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def content(self) -> str:
        """What is said, as canonical text, without who signed it for which ledger."""
        body = self.body.model_dump(by_alias=True) if self.body else dict(self.raw)
        return json.dumps([self.time.isoformat(), self.subject_id, body], sort_keys=True, ensure_ascii=False)

    @property
    def digest(self) -> str:
        """SHA-256 of the content: part of what a derivation rests on, and the last word on order."""
        return hashlib.sha256(self.content.encode()).hexdigest()

    @property
    def id(self) -> str:
        """dec- and 12 hex digits over time, number, subject and action; names of people and parties decide nothing."""
        number, action = (self.body.number, self.body.action) if self.body else (0, self.digest)
        text = "\x1f".join((self.time.isoformat(), str(number), self.subject_id, action))
        return "dec-" + hashlib.sha256(text.encode()).hexdigest()[:12]


def in_order(acts: Iterable[Act]) -> list[Act]:
    """Acts as they count: by time, then by their number in the ledger, then by the digest of their content.

    Whoever holds the same acts has them in the same order, however they came; in one ledger it is that of the log.
    """
    return sorted(acts, key=lambda act: (act.time, act.body.number if act.body else 0, act.digest))
