"""Put what a person does on record, if it may be done; nothing that was recorded before is touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, Literal
from weakref import WeakKeyDictionary

import polars as pl

from teisen.case import stored
from teisen.case.folder import WAIT_S, Case
from teisen.case.once import done_before, sealed
from teisen.decision import (
    DECISION_ENTRY,
    REPLY,
    REPLY_ENTRY,
    Act,
    Body,
    By,
    Record,
    Refused,
    Step,
    founded_by,
    life_cycle,
    queue,
    replay,
    subject_states,
)
from teisen.decision.settings import ACTORS, AUTOMATIC, LEVEL, MERGE, SPLIT
from teisen.errors import BadInput, Problem
from teisen.ledger import Draft, Signer, person_key
from teisen.ledger.note import ED25519, to_base64
from teisen.release import Ids, is_outside

PLACE = "the decision"
TOLD = ("finding", "incident", "allegation", "evidence")
"""Tables that tell what there is to decide about."""
_READ: WeakKeyDictionary[Case, tuple[Any, dict[str, pl.DataFrame]]] = WeakKeyDictionary()
"""What was read of each open case last, with its digests: a server decides often between two derivations."""
Kind = Literal["finding", "incident", "allegation"]


@dataclass(frozen=True)
class Decided:
    """What became of it: the ledger's entry, and the step with its standing."""

    entry: int
    step: Step


def decide(
    case: Case,
    action: str,
    subject_id: str,
    by: By,
    *,
    reason: str,
    values: Mapping[str, str] | None = None,
    language: str = "en",
    now: datetime | None = None,
    wait_s: float = WAIT_S,
    keys_folder: Path | None = None,
    once: str = "",
) -> Decided:
    """Record an action on a finding, an incident or an allegation, signed with the author's own key.

    Where the case asks for two people, the first one's act is a proposal, and the same act of another puts it in force.

    Args:
        case: the case; its tables have to be derived.
        action: a word of the life cycle.
        subject_id: id of a finding, an incident or an allegation, as it is inside or where it left.
        by: who; with an empty name, the case's own key signs, and nobody stands for it in person.
        reason: the reason, the comment or the reply.
        values: what a correction sets, as written; to second one they may be left out.
        language: of the reason (BCP 47).
        now: the time; by default the clock.
        wait_s: seconds to wait for another command.
        keys_folder: where people's keys are; by default the user's folder of keys.
        once: a text of the author's choice: an act that they recorded with it before is what they get, and nothing is
            added. Only its hash goes on record.

    Raises:
        BadInput: it cannot be done; the message says why, and what can. NoKey: this machine may not append to the
        ledger. CaseBusy: another command is at it.
    """
    with case.busy(wait_s):
        case.record_definitions()
        record = replay(case.acts())
        if done := done_once(case, by, once, record):
            return done
        tables, subject_id = _tables(case), inside_id(case, subject_id)
        subject, incident = _subject(subject_id, tables, record)
        signer = _signer(by, keys_folder)
        verifier = signer.verifier if signer else case.ledger.key
        key = to_base64(ED25519 + verifier.public)
        state = record.state(subject_id)
        given, seconds = {name: _inside(case, name, value) for name, value in (values or {}).items()}, ""
        review = case.definitions.case.review
        if action in review.four_eyes and state.proposal:
            first = record.steps[state.proposal].act.body
            if first and first.action == action and given in ({}, first.values) and first.by.name != by.name:
                seconds, given = state.proposal, first.values
        known = life_cycle().actions.get(action)
        body = Body.model_validate(
            {
                "number": record.next_number,
                "subject": subject,
                "incident": incident,
                "action": action,
                "from": state.name,
                "to": known.leads(state.name) if known else state.name,
                "proposal": action in review.four_eyes and not seconds,
                "seconds": seconds,
                "reason": reason,
                "language": language,
                "by": by,
                "set": given,
            }
        )
        act = Act(now or datetime.now(UTC), subject_id, body, key, by.name, review)
        try:
            _, read = record.check(act)
        except Refused as refused:
            raise _bad(refused.what, refused.do) from None
        _fits(case, subject_id, incident, read, tables)
        kind = REPLY_ENTRY if action == REPLY else DECISION_ENTRY
        draft = Draft(kind, subject_id, body=body.model_dump(by_alias=True), commitments=sealed(by.name, once))
        added = case.ledger.append([draft], now=now, author=signer, wait_s=wait_s)[0]
        steps = replay(case.acts()).of(subject_id)
        return Decided(added.index, max(steps, key=lambda step: step.act.body.number if step.act.body else 0))


def inside_id(case: Case, given: str) -> str:
    """The id inside of a finding, incident, allegation or report that was named by the one that it has outside; any
    other text as it is.

    Raises:
        BadInput: nothing is derived. NoKey: the secret under which ids leave cannot be read.
    """
    if not is_outside(given):
        return given
    tables = _tables(case)
    columns = [tables[name][f"{name}_id"] for name in ("finding", "incident", "allegation")]
    acted = (act.subject_id for act in case.acts())
    known = chain(*columns, tables["evidence"]["observation_id"].unique(), acted)
    return Ids(case.ledger.secret()).inside(given, known)


def _inside(case: Case, field: str, value: str) -> str:
    return ",".join(inside_id(case, one.strip()) for one in value.split(",")) if field in (MERGE, SPLIT) else value


def done_once(case: Case, by: By, once: str, record: Record) -> Decided | None:
    """What an author recorded with the text ``once`` before; ``record`` is that of the case's acts."""
    for entry in reversed(done_before(case.ledger.entries(), (DECISION_ENTRY, REPLY_ENTRY), by.name, once)):
        number = entry.body.get("number")
        steps = (step for step in record.of(entry.subject) if step.act.body and step.act.body.number == number)
        return Decided(entry.index, next(steps))
    return None


def waiting(case: Case) -> pl.DataFrame:
    """What waits for people (:func:`teisen.decision.queue`), by the tables as they are derived and the acts since.

    Raises:
        BadInput: nothing is derived yet.
    """
    tables = _tables(case)
    record = replay(case.acts())
    clocks = {agreement.id: agreement.clocks for agreement in case.definitions.agreements}
    return queue(tables["finding"], tables["incident"], subject_states(record), clocks)


def _tables(case: Case) -> dict[str, pl.DataFrame]:
    manifest = stored.read_manifest(case.derived)
    if manifest is None:
        raise BadInput(Problem(str(case.derived), 0, "", "nothing is derived yet", "Run `teisen derive` first."))
    known = _READ.get(case)
    if known is None or known[0] != manifest["tables"]:
        known = (manifest["tables"], stored.read_tables(case.derived, TOLD))
        _READ[case] = known
    return known[1]


def _subject(subject_id: str, tables: Mapping[str, pl.DataFrame], record: Record) -> tuple[Kind, str]:
    """What kind of thing an id is of, and the incident that it concerns; also of what only the record knows."""
    finding = tables["finding"].filter(pl.col("finding_id") == subject_id)
    if finding.height:
        row = finding.row(0, named=True)
        return "finding", row["subject_id"] if row["subject"] == "incident" else ""
    if (tables["incident"]["incident_id"] == subject_id).any():
        return "incident", subject_id
    if (tables["allegation"]["allegation_id"] == subject_id).any():
        return "allegation", ""
    for step in record.of(subject_id):
        if step.act.body:
            return step.act.body.subject, step.act.body.incident
    what = f"no finding, incident or allegation {subject_id!r} is derived or on record"
    raise _bad(what, "Take an id from `teisen queue`, a report or an export; run `teisen derive` if the tables are old")


def _signer(by: By, keys_folder: Path | None) -> Signer | None:
    if not by.name:
        return None
    try:
        return person_key(by.name, keys_folder)
    except ValueError as error:
        raise _bad(str(error), "Write a short name in one word") from None


def _fits(
    case: Case, subject_id: str, incident: str, values: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]
) -> None:
    """Refuse values that speak of what there is not. (On record they would change nothing.)"""
    given = {name: value for name, value in values.items() if value != AUTOMATIC}
    parties = {party.id for party in case.definitions.case.parties}
    for party, _ in given.get(ACTORS, ()):
        if party not in parties:
            raise _bad(f"{party!r} is no party of this case", f"Write one of {', '.join(sorted(parties))}, or none")
    if MERGE in given and not (tables["incident"]["incident_id"] == given[MERGE]).any():
        raise _bad(f"no incident {given[MERGE]} is derived", "Take its id from a report or an export")
    if SPLIT in given:
        own = pl.col("incident_id") == incident
        members = set(tables["evidence"].filter(own, pl.col("relation") == "member")["observation_id"])
        if absent := sorted(set(given[SPLIT]) - members):
            raise _bad(f"{absent[0]} is no report under {incident}", f"Its reports are {', '.join(sorted(members))}")
        if founder := next((one for one in given[SPLIT] if founded_by(one) == incident), None):
            raise _bad(f"{founder} founds {incident}, whose id comes from it", "Part the other reports")
    if LEVEL in given:
        words = _levels(case, subject_id, tables["finding"])
        if given[LEVEL] not in words:
            raise _bad(f"{given[LEVEL]!r} is no level of this agreement", f"Write one of {', '.join(words)}")


def _levels(case: Case, finding_id: str, findings: pl.DataFrame) -> list[str]:
    """Words of the standard of proof that holds for a finding; none where it is not derived any more."""
    row = next(findings.filter(pl.col("finding_id") == finding_id).iter_rows(named=True), None)
    for agreement in case.definitions.agreements:
        for provision in agreement.provisions:
            if row and (agreement.id, provision.id) == (row["agreement_id"], row["provision_id"]):
                return [level.word for level in agreement.standard(provision)]
    return []


def _bad(what: str, do: str) -> BadInput:
    return BadInput(Problem(PLACE, 0, "", what, f"{do}."))
