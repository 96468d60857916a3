"""What people do from a page: each form's address, which leads back to the page that it was sent from.

A form has the fields ``csrf``, ``follow`` (a path here) and, where it makes something new, ``once`` (new each time a
page is made, :func:`once`). Values of corrections and forms are fields named ``set.<field>``.
"""

from __future__ import annotations

import secrets
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from starlette.concurrency import run_in_threadpool

from teisen.languages import text
from teisen.server.access import CurrentVisitor, allowed
from teisen.server.current import CurrentView, current
from teisen.server.pages.forms import led_to
from teisen.server.pages.rendering import render
from teisen.server.problems import Refusal
from teisen.server.writing import acts, letting_out
from teisen.server.writing.desk import desk

router = APIRouter()
Text = Annotated[str, Form(max_length=20_000)]
Short = Annotated[str, Form(max_length=300)]
Once = Annotated[str, Form(max_length=64)]
SET = "set."


def once() -> str:
    """A new text for the field ``once``."""
    return secrets.token_urlsafe(18)


async def _values(request: Request) -> dict[str, str]:
    """What a form sets, by field; of several boxes that are ticked the values joined by commas."""
    form = await request.form()
    found: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if name.startswith(SET) and str(value) != "":
            found.setdefault(name[len(SET) :], []).append(str(value))
    return {name: ",".join(values) for name, values in found.items()}


@router.post("/acts/decide", dependencies=[allowed("review")])
async def decide(
    *,
    request: Request,
    visitor: CurrentVisitor,
    view: CurrentView,
    subject_id: Short,
    action: Short,
    reason: Text,
    once: Once = "",
    seen: Annotated[int | None, Form()] = None,
    follow: Short = "/",
) -> Response:
    """Open, invite, confirm, correct, dismiss, close or reopen."""
    if action in ("comment", "assign", "reply", "appeal"):
        raise Refusal(422, text("That has an address of its own."))
    values = await _values(request)
    await _do(request, visitor, view, action, subject_id, reason, once, seen, values)
    return led_to(request, follow)


@router.post("/acts/comment", dependencies=[allowed("comment")])
async def comment(
    *,
    request: Request,
    visitor: CurrentVisitor,
    view: CurrentView,
    subject_id: Short,
    text: Text,
    once: Once = "",
    follow: Short = "/",
) -> Response:
    """Comment."""
    await _do(request, visitor, view, "comment", subject_id, text, once)
    return led_to(request, follow)


@router.post("/acts/assign", dependencies=[allowed("assign")])
async def assign(
    *,
    request: Request,
    visitor: CurrentVisitor,
    view: CurrentView,
    subject_id: Short,
    to: Short,
    once: Once = "",
    follow: Short = "/",
) -> Response:
    """Say who looks at it."""
    await _do(request, visitor, view, "assign", subject_id, to, once)
    return led_to(request, follow)


@router.post("/acts/reply", dependencies=[allowed("reply")])
async def reply(
    *,
    request: Request,
    visitor: CurrentVisitor,
    view: CurrentView,
    subject_id: Short,
    text: Text,
    once: Once = "",
    follow: Short = "/",
) -> Response:
    """Reply for a party."""
    await _do(request, visitor, view, "reply", subject_id, text, once)
    return led_to(request, follow)


@router.post("/acts/appeal", dependencies=[allowed("reply")])
async def appeal(
    *,
    request: Request,
    visitor: CurrentVisitor,
    view: CurrentView,
    subject_id: Short,
    text: Text,
    once: Once = "",
    follow: Short = "/",
) -> Response:
    """Appeal for a party."""
    await _do(request, visitor, view, "appeal", subject_id, text, once)
    return led_to(request, follow)


@router.post("/acts/report/{source_id}", dependencies=[allowed("report")])
async def report(
    request: Request, visitor: CurrentVisitor, source_id: str, once: Once, follow: Short = "/"
) -> Response:
    """File an observer's report."""
    values = await _values(request)
    await run_in_threadpool(acts.file_report, desk(request), visitor, source_id, values, once)
    return led_to(request, follow)


@router.post("/acts/allege", dependencies=[allowed("allege")])
async def allege(request: Request, visitor: CurrentVisitor, once: Once, follow: Short = "/") -> Response:
    """File an allegation of one's party."""
    values = await _values(request)
    await run_in_threadpool(acts.file_allegation, desk(request), visitor, values, once)
    return led_to(request, follow)


@router.post("/acts/upload/{source_id}", dependencies=[allowed("upload")])
def upload(
    request: Request,
    visitor: CurrentVisitor,
    source_id: str,
    files: Annotated[list[UploadFile], File(max_length=20)],
) -> Response:
    """Send files of a source; the page says what became of each, row by row."""
    sent = [(one.filename or "file", one.file.read()) for one in files]
    done = acts.upload(desk(request), visitor, source_id, sent)
    return render(request, "uploaded.html.j2", {"title": "Files", "files": done})


@router.post("/acts/withdraw-file", dependencies=[allowed("withdraw-file")])
def withdraw_file(
    *,
    request: Request,
    visitor: CurrentVisitor,
    source_id: Short,
    file: Short,
    reason: Text = "",
    undo: Annotated[bool, Form()] = False,
    once: Once = "",
    follow: Short = "/ledger",
) -> Response:
    """Let a file that a source sent count no more, or with ``undo`` again."""
    acts.withdraw(desk(request), visitor, source_id, [file.strip()], reason, undo=undo, once=once)
    return led_to(request, follow)


@router.post("/acts/prepare", dependencies=[allowed("prepare-publication")])
def prepare(
    *,
    request: Request,
    visitor: CurrentVisitor,
    day: Annotated[date, Form()],
    of: Annotated[Literal["day", "week"], Form()] = "day",
    audience: Short = "public",
    languages: Annotated[list[str], Form(max_length=4)] = [],  # noqa: B006  FastAPI copies it
    follow: Short = "/",
) -> Response:
    """Prepare the report of a day, or of the week that holds it."""
    state = current(request).state
    if state is None:
        raise Refusal(503, text("Nothing is derived yet. Come back in a while."))
    letting_out.prepare(desk(request), visitor, state, day, audience, week=of == "week", languages=languages)
    return led_to(request, follow)


@router.post("/acts/release/{report_id}", dependencies=[allowed("release-publication")])
def release(request: Request, visitor: CurrentVisitor, report_id: str, follow: Short = "/") -> Response:
    """Release a report that another person prepared."""
    letting_out.release(desk(request), visitor, report_id)
    return led_to(request, follow)


@router.post("/acts/withdraw/{report_id}", dependencies=[allowed("release-publication")])
def withdraw(request: Request, visitor: CurrentVisitor, report_id: str, reason: Text, follow: Short = "/") -> Response:
    """Take a report back."""
    letting_out.withdraw(desk(request), visitor, report_id, reason)
    return led_to(request, follow)


@router.post("/acts/derive", dependencies=[allowed("derive")])
def derive(request: Request, follow: Short = "/") -> Response:
    """Have everything derived again."""
    request.app.state.deriving.ask()
    return led_to(request, follow)


async def _do(  # noqa: PLR0917  as it stands in the routes
    request: Request,
    visitor: CurrentVisitor,
    view: CurrentView,
    action: str,
    subject_id: str,
    words: str,
    once: str,
    seen: int | None = None,
    values: dict[str, str] | None = None,
) -> None:
    await run_in_threadpool(
        acts.decide,
        desk(request),
        visitor,
        view,
        action=action,
        subject_id=subject_id,
        reason=words,
        values=values,
        once=once,
        seen=seen,
    )
