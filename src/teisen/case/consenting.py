"""Put plans, comments and signatures on a case's record, each signed with its author's own key."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Literal

import polars as pl

from teisen.case.folder import WAIT_S, Case
from teisen.errors import BadInput, Problem
from teisen.ledger import Draft, Signer, person_key
from teisen.planning.beside import FRONTIER_ENTRY, NEXT_ENTRY, PATROLS_ENTRY, Beside
from teisen.planning.consent import (
    COMMENT_ENTRY,
    MEDIATOR,
    PLAN_ENTRY,
    SIGNATURE_ENTRY,
    Said,
    signatures,
    versions,
)
from teisen.planning.plan import Plan

PLACE = "the plan"


def record_plan(case: Case, plan: Plan, *, now: datetime | None = None, wait_s: float = WAIT_S) -> int:
    """Put a version of a plan on record; the entry's number, also where it stands there already.

    Raises:
        BadInput: another document has this id and version.
    """
    for one in versions(case.ledger.entries(), plan.id):
        if one.sha256 == plan.sha256:
            return one.entry
        if one.version == plan.version:
            what = f"version {plan.version} of {plan.id} is on record with another content"
            raise _bad(what, f"Give it `version: {plan.version + 1}`")
    name = f"{plan.id}-v{plan.version}.json"
    draft = Draft(PLAN_ENTRY, plan.id, name, plan.canonical(), "application/json", {"version": plan.version})
    return case.ledger.append([draft], now=now, wait_s=wait_s)[0].index


def record_beside(case: Case, plan: Plan, what: Beside, *, now: datetime | None = None, wait_s: float = WAIT_S) -> int:
    """Put what stands beside a version of a plan on record, the version first; how many entries were added.

    Raises:
        BadInput: it is of another version.
    """
    before = len(case.ledger.entries())
    record_plan(case, plan, now=now, wait_s=wait_s)
    there = {one.blob.sha256 for one in case.ledger.entries() if one.blob and one.subject == plan.id}
    drafts = []
    for kind, name, document in (
        (FRONTIER_ENTRY, "frontier", what.frontier),
        (PATROLS_ENTRY, "patrols", what.programme),
        (NEXT_ENTRY, "next", what.next_one),
    ):
        if document is None:
            continue
        if document.plan != plan.sha256:
            raise _bad(f"its {name} are of another version", "Make them again from this one")
        content = document.canonical()
        if hashlib.sha256(content).hexdigest() not in there:
            file = f"{plan.id}-v{plan.version}-{name}.json"
            drafts.append(Draft(kind, plan.id, file, content, "application/json", {"plan": plan.sha256}))
    if drafts:
        case.ledger.append(drafts, now=now, wait_s=wait_s)
    return len(case.ledger.entries()) - before


def say(
    case: Case,
    plan: Plan,
    action: Literal["comment", "sign", "withdraw"],
    *,
    name: str,
    for_whom: str,
    words: str = "",
    about: str = "",
    language: str = "en",
    now: datetime | None = None,
    keys_folder: Path | None = None,
    wait_s: float = WAIT_S,
) -> int:
    """Comment on a version of a plan, sign it or take a signature back; the entry's number.

    Args:
        case: the case; the version is put on record first, if it is not.
        plan: the version.
        action: what is done.
        name: who does it; the key of this name signs.
        for_whom: the party that is spoken for, or ``mediator``.
        words: the comment or the reason.
        about: what of the plan a comment is about.
        language: of the words (BCP 47).
        now: the time; by default the clock.
        keys_folder: where people's keys are.
        wait_s: seconds to wait for another command.

    Raises:
        BadInput: it would stand for nobody, has no words, or nothing was signed that could be taken back.
    """
    if for_whom not in (*plan.parties, MEDIATOR):
        raise _bad(f"{for_whom!r} is no party of this plan", f"Write one of {', '.join((*plan.parties, MEDIATOR))}")
    if action != "sign" and not words.strip():
        raise _bad(f"a {action} has no words", "Write them with --reason")
    signer = _signer(name, keys_folder)
    record_plan(case, plan, now=now, wait_s=wait_s)
    if action != "comment":
        _may(case, plan, action, signer, for_whom)
    said = Said(plan=plan.sha256, action=action, for_whom=for_whom, words=words.strip(), about=about, language=language)
    kind = COMMENT_ENTRY if action == "comment" else SIGNATURE_ENTRY
    draft = Draft(kind, plan.id, body=said.model_dump())
    return case.ledger.append([draft], now=now, author=signer, wait_s=wait_s)[0].index


def signed(case: Case, plan: Plan) -> pl.DataFrame:
    """The signatures of all versions of a plan (SIGNATURE)."""
    return signatures(case.ledger.entries(), plan.id, plan.parties, case.ledger.origin)


def plan_on_record(case: Case, plan_id: str, version: int | None = None) -> Plan:
    """A version of a plan from the ledger; by default the newest.

    Raises:
        BadInput: there is none.
    """
    found = [one for one in versions(case.ledger.entries(), plan_id) if version in (None, one.version)]
    if not found:
        raise _bad(f"no such version of {plan_id} is on record", "Put it there with `teisen plan sign`")
    return Plan.model_validate_json(case.ledger.blob(found[-1].sha256))


def _may(case: Case, plan: Plan, action: str, signer: Signer, for_whom: str) -> None:
    rows = signed(case, plan)
    mine = rows.filter(pl.col("name") == signer.name, ~pl.col("standing").str.starts_with("void"))
    others = set(mine["for_whom"]) - {for_whom}
    if others:
        raise _bad(f"{signer.name} signs for {others.pop()}", "Sign with another person's key")
    here = mine.filter(sha256=plan.sha256, standing="in_force")
    if action == "sign" and here.height:
        raise _bad(f"{signer.name} has signed this version already", "Nothing is left to do")
    if action == "withdraw" and here.is_empty():
        raise _bad(f"{signer.name} has no signature under this version", "Take its hash from `teisen plan signed`")


def _signer(name: str, keys_folder: Path | None) -> Signer:
    try:
        return person_key(name, keys_folder)
    except ValueError as error:
        raise _bad(str(error), "Write a short name in one word") from None


def _bad(what: str, do: str) -> BadInput:
    return BadInput(Problem(PLACE, 0, "", what, f"{do}."))
