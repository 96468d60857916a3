"""Consent: versions of a plan, comments on them, and who signed which version, from the ledger's entries.

A plan is recorded as an entry of type ``plan`` with its canonical JSON as blob; comments and signatures name the hash
of the version that they are of (``teisen-consent/1``), and are signed with their author's own key for this ledger
alone. A
signature covers one version: a new version is signed by nobody.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import polars as pl
from pydantic import Field, ValidationError, model_validator

from teisen.documents import Strict
from teisen.ledger import Entry
from teisen.observation.schema import TEXT
from teisen.tables import UTC_TIME, Column, Table

PLAN_ENTRY = "plan"
COMMENT_ENTRY = "plan-comment"
SIGNATURE_ENTRY = "plan-signature"
MEDIATOR = "mediator"

SIGNATURE = Table(
    "signature",
    "Who signed which version of a plan, or took a signature back.",
    (
        Column("entry", pl.Int64(), "number of the ledger's entry", nullable=False),
        Column("plan_id", TEXT, "id of the plan", nullable=False),
        Column("version", pl.Int64(), "its version; empty: this ledger holds no plan of that hash"),
        Column("sha256", TEXT, "hash of the version that was signed", nullable=False),
        Column("time", UTC_TIME, "when it was recorded", nullable=False),
        Column("name", TEXT, "who signed", nullable=False),
        Column("key", TEXT, "the key that signed, base64", nullable=False),
        Column("for_whom", TEXT, "the party that was signed for, or mediator", nullable=False),
        Column("standing", TEXT, "in_force, withdrawn, or void with the reason", nullable=False),
        Column("reason", TEXT, "what was said with it", nullable=False),
    ),
    key=("entry",),
)


class Said(Strict):
    """The body of a comment or a signature.

    Attributes:
        plan: hash of the version.
        action: ``comment``, ``sign``, or ``withdraw`` (a signature that was given).
        for_whom: the party, or ``mediator``.
        words: the comment, or the reason; a signature may have none.
        about: what of the plan a comment is about (a sector, a sensor, a rule); empty: the whole.
    """

    format: Literal["teisen-consent/1"] = "teisen-consent/1"
    plan: str = Field(pattern="^[0-9a-f]{64}$")
    action: Literal["comment", "sign", "withdraw"]
    for_whom: str = Field(min_length=1)
    words: str = ""
    about: str = ""
    language: str = "en"

    @model_validator(mode="after")
    def _worded(self) -> Said:
        if self.action != "sign" and not self.words.strip():
            raise ValueError(f"a {self.action} has words")
        return self


@dataclass(frozen=True)
class Version:
    """A version of a plan on record: its number and hash, the entry and its time."""

    plan_id: str
    version: int
    sha256: str
    entry: int
    time: datetime


@dataclass(frozen=True)
class Comment:
    """A comment on a version of a plan."""

    entry: int
    time: datetime
    name: str
    said: Said


def versions(entries: Iterable[Entry], plan_id: str | None = None) -> list[Version]:
    """The versions on record, of one plan or of all, in the order of the log."""
    found = []
    for entry in entries:
        if entry.type == PLAN_ENTRY and entry.blob and plan_id in (None, entry.subject):
            number = entry.body.get("version")
            if isinstance(number, int):
                found.append(Version(entry.subject, number, entry.blob.sha256, entry.index, entry.time))
    return found


def comments(entries: Iterable[Entry], plan_id: str) -> list[Comment]:
    """The comments on a plan, in the order of the log; what its author's key did not sign is left out."""
    found = []
    for entry in entries:
        said = _said(entry, COMMENT_ENTRY)
        if said and entry.subject == plan_id and entry.signed_by_author():
            found.append(Comment(entry.index, entry.time, entry.author.name, said))
    return found


def signatures(entries: Sequence[Entry], plan_id: str, parties: Sequence[str], origin: str) -> pl.DataFrame:
    """Signatures of a plan (SIGNATURE), each with what it counts for.

    Args:
        entries: of the ledger.
        plan_id: the plan.
        parties: who may be signed for, besides the mediator.
        origin: the ledger's own name: what its key signs, nobody signs in person.

    Void is what the ledger's own key signed, what is for nobody of the agreement, and what is of a plan that is not on
    record. One key stands for one party: a key that signed for another one before counts for that one alone.
    """
    known = {one.sha256: one for one in versions(entries, plan_id)}
    belongs: dict[str, str] = {}
    rows: list[dict[str, Any]] = []
    for entry in entries:
        said = _said(entry, SIGNATURE_ENTRY)
        if said is None or entry.subject != plan_id:
            continue
        key, whom = entry.author.key, said.for_whom
        if not entry.signed_by_author():
            standing = "void: its author's signature does not verify"
        elif entry.author.name == origin:
            standing = "void: the ledger's own key stands for nobody"
        elif whom not in (*parties, MEDIATOR):
            standing = "void: it is for nobody of this agreement"
        elif said.plan not in known or known[said.plan].entry > entry.index:
            standing = "void: no plan of this hash was on record"
        elif belongs.setdefault(key, whom) != whom:
            standing = f"void: this key signs for {belongs[key]}"
        else:
            standing = "in_force"
        if said.action == "withdraw":
            if standing == "in_force":
                for row in rows:
                    if (row["key"], row["sha256"], row["standing"]) == (key, said.plan, "in_force"):
                        row["standing"] = "withdrawn"
            continue
        version = known.get(said.plan)
        rows.append(
            {
                "entry": entry.index,
                "plan_id": plan_id,
                "version": version.version if version else None,
                "sha256": said.plan,
                "time": entry.time,
                "name": entry.author.name,
                "key": key,
                "for_whom": whom,
                "standing": standing,
                "reason": said.words,
            }
        )
    return SIGNATURE.hand_over(pl.DataFrame(rows, schema=SIGNATURE.schema))


def missing(signed: pl.DataFrame, sha256: str, parties: Sequence[str]) -> list[str]:
    """Whose signature a version lacks, the parties in the agreement's order, then the mediator; none: it is agreed."""
    there = set(signed.filter(sha256=sha256, standing="in_force")["for_whom"])
    return [whom for whom in (*parties, MEDIATOR) if whom not in there]


def _said(entry: Entry, kind: str) -> Said | None:
    if entry.type != kind:
        return None
    try:
        said = Said.model_validate(json.loads(json.dumps(entry.body)))
    except ValidationError:
        return None
    return said if (said.action == "comment") == (kind == COMMENT_ENTRY) else None
