"""What people do, as it goes on record: one function an act, for pages and the API alike.

Each takes the desk, the visitor (who may do it: the route has seen to that) and what was sent, and returns when it is
durable. A repeated act adds nothing and gets the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from teisen import case as room
from teisen.case import Case, CaseFile, FileResult, TakenBack
from teisen.decision import By, replay
from teisen.errors import BadInput, Problem
from teisen.languages import text
from teisen.ledger import person_key
from teisen.server.access.visitor import Visitor
from teisen.server.problems import Refusal
from teisen.server.view import View
from teisen.server.writing.desk import WAIT_S, Desk
from teisen.server.writing.forms import field_of_column, filled
from teisen.server.writing.uploads import MOST_FILES, bounded, plain_name
from teisen.sources import Source

SUBJECTS = ("finding", "incident", "allegation")
Kind = Literal["report", "allegation"]


@dataclass(frozen=True)
class Recorded:
    """What is on record now: the ledger's entry, the id of a decision, its standing and the state of its subject."""

    entry: int
    id: str
    standing: str
    state: str


@dataclass(frozen=True)
class Taken:
    """What became of a form: the ledger's entry of its file, and whether it was there already."""

    entry: int
    new: bool


def decide(
    desk: Desk,
    visitor: Visitor,
    view: View,
    *,
    action: str,
    subject_id: str,
    reason: str,
    values: Mapping[str, str] | None = None,
    once: str = "",
    seen: int | None = None,
) -> Recorded:
    """Decide, comment, assign, reply or appeal.

    Args:
        desk: of the case.
        visitor: who does it.
        view: what they can see; a party acts on what it sees alone.
        action: a word of the life cycle.
        subject_id: a finding, an incident or an allegation.
        reason: why, or the words of a comment or reply.
        values: of a correction.
        once: makes it one act however often it is sent.
        seen: how many acts on the subject they had before them; where there are more now, nothing is done.

    Raises:
        Refusal: the subject is not to be seen (404), or somebody acted on it meanwhile (412). BadInput: as the life
        cycle says.
    """
    if not visitor.may("read-inside") and not _sees(view, subject_id):
        raise Refusal(404, text("There is no such finding, incident or allegation."))
    by = By(name=visitor.name, role=visitor.role, party=visitor.party)

    def do(case: Case) -> room.Decided:
        case.refresh()
        record = replay(case.acts())
        own = room.inside_id(case, subject_id)
        if done := room.done_once(case, by, once, record):
            return done
        if seen is not None and len(record.of(own)) > seen:
            raise Refusal(412, text("Somebody acted on this meanwhile. Look at it again."))
        return room.decide(
            case,
            action,
            own,
            by,
            reason=reason,
            values=values,
            language=visitor.language,
            wait_s=WAIT_S,
            once=once,
        )

    try:
        done = desk.act(do)
    except BadInput as wrong:  # the life cycle names what it is about by the id that it has inside
        raise BadInput(*(replace(p, what=view.said(p.what), do=view.said(p.do)) for p in wrong.problems)) from None
    return Recorded(done.entry, view.shown_id(done.step.id), done.step.standing, done.step.after)


def file_report(desk: Desk, visitor: Visitor, source_id: str, values: Mapping[str, str], once: str) -> Taken:
    """File an observer's report.

    Raises:
        Refusal: the case takes no reports into that source (404), or another was filed under ``once`` (409).
        BadInput: fields that do not fit, each named.
    """
    if source_id not in desk.case.definitions.case.intake.reports:
        raise Refusal(404, text("The case takes no reports into that source. It names them under `intake:`."))
    return _file(desk, visitor, desk.case.definitions.sources[source_id], values, once)


def file_allegation(desk: Desk, visitor: Visitor, values: Mapping[str, str], once: str) -> Taken:
    """File an allegation of the visitor's party.

    Raises:
        As :func:`file_report`.
    """
    definitions = desk.case.definitions
    source_id = definitions.case.intake.allegations.get(visitor.party, "")
    source = definitions.sources.get(source_id)
    if source is None or source.reported_by != visitor.party:
        raise Refusal(
            404, text("The case takes no allegations of your party here. It names the source under `intake:`.")
        )
    return _file(desk, visitor, source, values, once)


def upload(desk: Desk, visitor: Visitor, source_id: str, files: Sequence[tuple[str, bytes]]) -> tuple[FileResult, ...]:
    """Take files of a source; each is recorded or refused by itself, with what is wrong row by row.

    Raises:
        Refusal: the case takes no files into that source (404), or too many came at once (413).
    """
    if source_id not in sent_into(desk.case.definitions.case) or source_id not in desk.case.definitions.sources:
        raise Refusal(404, text("The case takes no files into that source."))
    if len(files) > MOST_FILES:
        raise Refusal(413, text("At most {n} files can be sent at once.").format(n=MOST_FILES))
    refused, sound = [], []
    for name, content in files:
        plain = plain_name(name)
        try:
            bounded(plain, content)
            sound.append((plain, content))
        except BadInput as error:
            refused.append(FileResult(source_id, plain, "", None, False, 0, 0, 0, error.problems))
    if not sound:
        return tuple(refused)
    signer = person_key(visitor.name)
    done = desk.act(lambda one: room.receive(one, source_id, sound, author=signer, wait_s=WAIT_S))
    return (*done.files, *refused)


def withdraw(
    desk: Desk,
    visitor: Visitor,
    source_id: str,
    files: Sequence[str],
    reason: str,
    *,
    undo: bool = False,
    once: str = "",
) -> tuple[TakenBack, ...]:
    """Let files that a source sent count no more, or with ``undo`` again; all of them or none.

    Args:
        desk: of the case.
        visitor: who does it, and signs it.
        source_id: the source that the files came from.
        files: each its name, or at least six first digits of its SHA-256.
        reason: why.
        undo: they count again.
        once: makes it one act however often it is sent.

    Raises:
        Refusal: no file of that source can be withdrawn here (404). BadInput: as :func:`teisen.case.withdraw` says.
    """
    if source_id not in withdrawn_from(desk.case.definitions.case):
        raise Refusal(404, text("No file of that source can be withdrawn here."))
    signer = person_key(visitor.name)
    return desk.act(
        lambda case: room.withdraw(case, source_id, files, reason, undo=undo, author=signer, once=once, wait_s=WAIT_S)
    )


def sent_into(case: CaseFile) -> tuple[str, ...]:
    """Sources whose files may be sent."""
    return case.intake.files or tuple(source.id for source in case.sources)


def withdrawn_from(case: CaseFile) -> tuple[str, ...]:
    """Sources whose files may be withdrawn: those that people of the mission send into. What a party stated through
    its own form is not theirs to withdraw."""
    stated = set(case.intake.allegations.values())
    return tuple(name for name in dict.fromkeys((*sent_into(case), *case.intake.reports)) if name not in stated)


def _file(desk: Desk, visitor: Visitor, source: Source, values: Mapping[str, str], once: str) -> Taken:
    name, content = filled(source, values, once)
    signer = person_key(visitor.name)

    def do(case: Case) -> Taken:
        case.refresh()
        for entry in reversed(case.ledger.entries()):
            if entry.subject == source.source_id and entry.blob and entry.blob.name == name:
                if case.ledger.blob(entry.blob.sha256) != content or entry.author.name != visitor.name:
                    raise Refusal(409, text("Another report was filed under this text (once)."))
                return Taken(entry.index, new=False)
        found = room.examine(case, source.source_id, name, content)
        if found.problems:
            raise BadInput(
                *(Problem("form", 0, field_of_column(source, one.column), one.what, one.do) for one in found.problems)
            )
        if found.out_of_scope:
            raise BadInput(
                Problem("form", 0, "", "it lies outside of the case's time or box", "Correct time or place.")
            )
        done = room.receive(case, source.source_id, [(name, content)], author=signer, wait_s=WAIT_S).files[0]
        if done.entry is None:
            raise BadInput(*done.problems)
        return Taken(done.entry, done.new)

    return desk.act(do)


def _sees(view: View, subject_id: str) -> bool:
    return any((view.table(name)[f"{name}_id"] == subject_id).any() for name in SUBJECTS)
