"""What people do: decide, comment, assign, reply, appeal, file reports and allegations, send files, withdraw them.

An answer of 201 says that it is on record, durable. Sent again with the same ``Idempotency-Key`` it adds nothing.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, File, Header, Path, Request, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from teisen.case import FileResult
from teisen.languages import ENGLISH, again
from teisen.server.access import CurrentVisitor, allowed
from teisen.server.api.rows import problems
from teisen.server.current import CurrentView
from teisen.server.writing import acts
from teisen.server.writing.desk import desk
from teisen.server.writing.forms import ONCE, fields_of
from teisen.sources import Source

router = APIRouter(tags=["acts"])
Key = Annotated[
    str, Header(alias="Idempotency-Key", max_length=64, description="A text of one's choice, new each time.")
]
FormKey = Annotated[
    str,
    Header(alias="Idempotency-Key", pattern=f"^{ONCE.pattern}$", description="16 to 64 letters, digits, - or _."),
]
REFUSALS = problems(400, 401, 403, 404, 409, 412, 422, 503)
Words = Annotated[str, Field(min_length=1, max_length=20_000)]


class Body(BaseModel):
    """What every act takes."""

    model_config = ConfigDict(extra="forbid")

    subject_id: str = Field(min_length=1, max_length=300, description="A finding, an incident or an allegation.")
    seen: int | None = Field(
        default=None, ge=0, le=1_000_000, description="Acts on it that were seen before; more by now: 412."
    )


class Decision(Body):
    """A decision; ``values`` is what a correction sets (split and merge among them)."""

    action: Literal["open", "invite", "confirm", "correct", "dismiss", "close", "reopen"]
    reason: Words
    values: dict[str, str] = Field(default_factory=dict, max_length=20)


class Said(Body):
    """A comment or a reply."""

    text: Words


class Assignment(Body):
    """Who looks at it."""

    to: str = Field(min_length=1, max_length=64, pattern=r"^[^\s+]+$")


class Appeal(Body):
    """An appeal of a party."""

    reason: Words


class OnRecord(BaseModel):
    """The ledger's entry, the decision's id, its standing (in_force or proposed), and the state that it leads to."""

    entry: int
    id: str
    standing: str
    state: str


class FormTaken(BaseModel):
    """The ledger's entry of a form, and whether it was new."""

    entry: int
    new: bool


class Filled(BaseModel):
    """A filled form: texts by field."""

    model_config = ConfigDict(extra="forbid")

    values: dict[str, Annotated[str, Field(max_length=10_000)]] = Field(max_length=60)


class Wrong(BaseModel):
    """What is wrong with a row of a file, and what to do; row 0: the file as a whole."""

    row: int
    column: str
    what: str
    do: str


class FileTaken(BaseModel):
    """What became of a file; ``entry`` is null where it was refused, and ``withdrawn`` says why a file that was there
    already counts no more (empty: it counts)."""

    name: str
    entry: int | None
    new: bool
    rows_read: int
    rows_set_aside: int
    out_of_scope: int
    withdrawn: str
    problems: list[Wrong]


class FilesWithdrawn(BaseModel):
    """Files to withdraw, each by its name or at least six first digits of its SHA-256, and why.

    With ``undo`` they count again."""

    model_config = ConfigDict(extra="forbid")

    files: list[Annotated[str, Field(min_length=1, max_length=300)]] = Field(min_length=1, max_length=20)
    reason: str = Field(max_length=20_000)
    undo: bool = False


class FileWithdrawn(BaseModel):
    """What became of a file: whether it counts now, and the ledger's entry that says so."""

    name: str
    sha256: str
    counts: bool
    entry: int


class FormField(BaseModel):
    """One field of a form."""

    name: str
    form: Literal["moment", "number", "word", "text"]
    required: bool
    words: list[str]


class FormShown(BaseModel):
    """A form: the source that it goes into, and its fields."""

    source_id: str
    title: str
    fields: list[FormField]


@router.post("/decisions", status_code=201, dependencies=[allowed("review")], responses=REFUSALS)
def decide(request: Request, visitor: CurrentVisitor, view: CurrentView, body: Decision, once: Key = "") -> OnRecord:
    """Open, invite, confirm, correct (split and merge among it), dismiss, close or reopen."""
    done = acts.decide(
        desk(request),
        visitor,
        view,
        action=body.action,
        subject_id=body.subject_id,
        reason=body.reason,
        values=body.values,
        once=once,
        seen=body.seen,
    )
    return OnRecord(**asdict(done))


@router.post("/comments", status_code=201, dependencies=[allowed("comment")], responses=REFUSALS)
def comment(request: Request, visitor: CurrentVisitor, view: CurrentView, body: Said, once: Key = "") -> OnRecord:
    """Comment."""
    return _said(request, visitor, view, "comment", body.subject_id, body.text, once, body.seen)


@router.post("/assignments", status_code=201, dependencies=[allowed("assign")], responses=REFUSALS)
def assign(request: Request, visitor: CurrentVisitor, view: CurrentView, body: Assignment, once: Key = "") -> OnRecord:
    """Say who looks at it."""
    return _said(request, visitor, view, "assign", body.subject_id, body.to, once, body.seen)


@router.post("/replies", status_code=201, dependencies=[allowed("reply")], responses=REFUSALS)
def reply(request: Request, visitor: CurrentVisitor, view: CurrentView, body: Said, once: Key = "") -> OnRecord:
    """Put a party's reply beside a finding, an incident or an allegation."""
    return _said(request, visitor, view, "reply", body.subject_id, body.text, once, body.seen)


@router.post("/appeals", status_code=201, dependencies=[allowed("reply")], responses=REFUSALS)
def appeal(request: Request, visitor: CurrentVisitor, view: CurrentView, body: Appeal, once: Key = "") -> OnRecord:
    """Appeal, for a party."""
    return _said(request, visitor, view, "appeal", body.subject_id, body.reason, once, body.seen)


@router.get("/forms/reports", dependencies=[allowed("report")], responses=problems(401, 403, 503))
def report_forms(request: Request) -> list[FormShown]:
    """The forms of observers."""
    definitions = desk(request).case.definitions
    return [_form(definitions.sources[name]) for name in definitions.case.intake.reports]


@router.get("/forms/allegation", dependencies=[allowed("allege")], responses=problems(401, 403, 503))
def allegation_form(request: Request, visitor: CurrentVisitor) -> list[FormShown]:
    """The form of the visitor's party; none where the case takes no allegations here."""
    definitions = desk(request).case.definitions
    name = definitions.case.intake.allegations.get(visitor.party)
    return [_form(definitions.sources[name])] if name else []


@router.post("/reports/{source_id}", status_code=201, dependencies=[allowed("report")], responses=REFUSALS)
def report(
    request: Request,
    visitor: CurrentVisitor,
    source_id: Annotated[str, Path(max_length=64)],
    body: Filled,
    once: FormKey,
) -> FormTaken:
    """File an observer's report."""
    return FormTaken(**asdict(acts.file_report(desk(request), visitor, source_id, body.values, once)))


@router.post("/allegations", status_code=201, dependencies=[allowed("allege")], responses=REFUSALS)
def allege(request: Request, visitor: CurrentVisitor, body: Filled, once: FormKey) -> FormTaken:
    """File an allegation of the visitor's party."""
    return FormTaken(**asdict(acts.file_allegation(desk(request), visitor, body.values, once)))


@router.post(
    "/files/{source_id}", status_code=201, dependencies=[allowed("upload")], responses={**REFUSALS, **problems(413)}
)
def upload(
    request: Request,
    visitor: CurrentVisitor,
    source_id: Annotated[str, Path(max_length=64)],
    files: Annotated[list[UploadFile], File(max_length=20)],
) -> list[FileTaken]:
    """Send files of a source. Each is recorded or refused by itself; rows that can't be read are told one by one."""
    sent = [(one.filename or "file", one.file.read()) for one in files]
    return [taken(one, visitor.language) for one in acts.upload(desk(request), visitor, source_id, sent)]


@router.post(
    "/files/{source_id}/withdrawals", status_code=201, dependencies=[allowed("withdraw-file")], responses=REFUSALS
)
def withdraw(
    request: Request,
    visitor: CurrentVisitor,
    source_id: Annotated[str, Path(max_length=64)],
    body: FilesWithdrawn,
    once: Key = "",
) -> list[FileWithdrawn]:
    """Let files that a source sent count no more, or again; all of them or none. They stay in the ledger."""
    done = acts.withdraw(desk(request), visitor, source_id, body.files, body.reason, undo=body.undo, once=once)
    return [FileWithdrawn(name=one.name, sha256=one.blob, counts=one.counts, entry=one.entry) for one in done]


def taken(one: FileResult, language: str = ENGLISH.language) -> FileTaken:
    """What became of a file, as it is told."""
    wrong = [
        Wrong(row=p.row, column=p.column, what=again(p.what, language), do=again(p.do, language)) for p in one.problems
    ]
    return FileTaken(
        name=one.name,
        entry=one.entry,
        new=one.new,
        rows_read=one.rows_read,
        rows_set_aside=one.rows_set_aside,
        out_of_scope=one.out_of_scope,
        withdrawn=one.withdrawn,
        problems=wrong,
    )


def _said(  # noqa: PLR0917  as it stands in the routes
    request: Request,
    visitor: CurrentVisitor,
    view: CurrentView,
    action: str,
    subject_id: str,
    words: str,
    once: str,
    seen: int | None,
) -> OnRecord:
    done = acts.decide(
        desk(request), visitor, view, action=action, subject_id=subject_id, reason=words, once=once, seen=seen
    )
    return OnRecord(**asdict(done))


def _form(source: Source) -> FormShown:
    fields = [
        FormField(name=one.name, form=one.form, required=one.required, words=list(one.words))
        for one in fields_of(source)
    ]
    return FormShown(source_id=source.source_id, title=source.profile.title, fields=fields)
