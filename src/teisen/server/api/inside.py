"""For those inside: the queue, decisions as they stand now, and derivation."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import polars as pl
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from teisen.decision import life_cycle, queue, subject_states
from teisen.server.access import CurrentVisitor, allowed, roles
from teisen.server.api.rows import Page, Paging, listed, problems
from teisen.server.current import CurrentView
from teisen.server.live import live
from teisen.server.view import View
from teisen.server.writing.deriving import Deriving
from teisen.server.writing.desk import Desk, desk

router = APIRouter(tags=["inside"])
REFUSALS = problems(401, 403, 422, 503)


class Me(BaseModel):
    """Who asks, and what they may do."""

    name: str
    role: str
    party: str
    language: str
    audience: str
    actions: list[str]


class Waiting(BaseModel):
    """What waits for a person (see `teisen queue`)."""

    waits: Literal["second", "appeal", "state", "doubt"]
    subject_id: str
    incident_id: str | None
    title: str | None
    state: str
    proposed: str | None
    p_violation: float | None
    open: int
    score: float
    due: datetime | None
    assigned: str | None = Field(description="Name of who was said to look at it last.")


class QueueQuery(Paging):
    """Filters of the queue."""

    waits: Literal["second", "appeal", "state", "doubt"] | None = None
    assigned: str | None = Field(default=None, max_length=64, description="Name; empty: nobody.")


class StepShown(BaseModel):
    """An act on a subject, with what became of it."""

    id: str
    entry_time: datetime
    action: str
    standing: str
    before: str
    after: str
    author: str
    role: str
    party: str
    reason: str
    values: dict[str, str]
    note: str


class History(BaseModel):
    """What was done with a subject, also since tables were derived, and what can be done now.

    ``seen`` is the number of acts: sent along with the next one, it makes sure that nobody acted meanwhile.
    """

    subject_id: str
    state: str
    seen: int
    possible: list[str]
    steps: list[StepShown]


class Work(BaseModel):
    """Whether tables are being derived, and the last step that was told."""

    state: str
    step: str | None


@router.get("/me", dependencies=[allowed("read")])
def me(visitor: CurrentVisitor, view: CurrentView) -> Me:
    """Who asks."""
    return Me(
        name=visitor.name,
        role=visitor.role,
        party=visitor.party,
        language=visitor.language,
        audience=view.audience,
        actions=[action for action in roles().actions if visitor.may(action)],
    )


@router.get("/queue", dependencies=[allowed("read-inside")], response_model=Page[Waiting], responses=REFUSALS)
def waiting(request: Request, view: CurrentView, query: Annotated[QueueQuery, Query()]) -> Response:
    """What waits for people, in the order in which a look would change most; acts since the derivation count."""
    rows = waiting_now(view, desk(request))
    if query.waits:
        rows = rows.filter(pl.col("waits") == query.waits)
    if query.assigned is not None:
        rows = rows.filter(pl.col("assigned").fill_null("") == query.assigned)
    return listed(request, view, rows, query)


@router.get("/history/{subject_id}", dependencies=[allowed("read-inside")], responses=REFUSALS)
def history(request: Request, view: CurrentView, subject_id: Annotated[str, Path(max_length=300)]) -> History:
    """What was done with a finding, an incident or an allegation, and what can be done now."""
    record = desk(request).record()
    own = view.recorded_id(record, view.own_id(subject_id))
    steps, state = record.of(own), record.state(own)
    kind = next((step.act.body.subject for step in steps if step.act.body), None) or _kind(subject_id)
    shown = [
        StepShown(
            id=view.shown_id(step.id),
            entry_time=step.act.time,
            action=step.act.body.action,
            standing=step.standing,
            before=step.before,
            after=step.after,
            author=step.act.body.by.name,
            role=step.act.body.by.role,
            party=step.act.body.by.party,
            reason=view.said(step.act.body.reason),
            values={name: view.said(value) for name, value in step.act.body.values.items()},
            note=step.note,
        )
        for step in steps
        if step.act.body
    ]
    possible = life_cycle().possible(kind, state.name)
    return History(subject_id=subject_id, state=state.name, seen=len(steps), possible=possible, steps=shown)


@router.post("/derivation", status_code=202, dependencies=[allowed("derive")], responses=REFUSALS)
def derive(request: Request) -> Work:
    """Have everything derived again, beside the readers; /events tells how far it is."""
    deriving: Deriving = request.app.state.deriving
    deriving.ask()
    return Work(state="asked", step=None)


@router.get("/derivation", dependencies=[allowed("read-inside")], responses=REFUSALS)
def work(request: Request) -> Work:
    """How far the derivation is."""
    told = live(request).last
    return Work(state=told[0], step=str(told[1]["step"]) if "step" in told[1] else None)


def waiting_now(view: View, at: Desk) -> pl.DataFrame:
    """What waits, by the tables of ``view`` and the acts on record now, with who was said to look at it last."""
    record = at.record()
    clocks = {agreement.id: agreement.clocks for agreement in view.agreements}
    rows = queue(view.table("finding"), view.table("incident"), view.shown_ids(subject_states(record)), clocks)
    assigned = {
        view.shown_id(step.act.subject_id): step.act.body.reason
        for step in record.steps.values()
        if step.act.body and step.act.body.action == "assign" and step.standing != "void"
    }
    names = pl.DataFrame(
        {"subject": list(assigned), "assigned": list(assigned.values())},
        schema={"subject": pl.String, "assigned": pl.String},
    )
    by_incident = names.rename({"subject": "incident_id", "assigned": "of_incident"})
    return (
        rows.join(names, left_on="subject_id", right_on="subject", how="left", maintain_order="left")
        .join(by_incident, on="incident_id", how="left", maintain_order="left")
        .with_columns(assigned=pl.coalesce("assigned", "of_incident"))
        .drop("of_incident")
    )


def _kind(subject_id: str) -> str:
    return {"fnd": "finding", "inc": "incident"}.get(subject_id.partition("-")[0], "allegation")
