"""Review: the queue, sorted by what a look would change most, and one subject with all that can be done about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from fastapi import APIRouter, Request, Response

from teisen.decision import Record, life_cycle
from teisen.decision.life import IN_FORCE
from teisen.decision.life import Step as LifeStep
from teisen.decision.settings import AUTOMATIC, LEVEL, MERGE, SPLIT, settings
from teisen.languages import text
from teisen.observation import vocabulary
from teisen.server.access import CurrentVisitor, Visitor, allowed
from teisen.server.api.inside import waiting_now
from teisen.server.current import CurrentView
from teisen.server.pages.incidents import Incident, incident
from teisen.server.pages.rendering import render
from teisen.server.problems import Refusal
from teisen.server.view import View
from teisen.server.writing.desk import desk

router = APIRouter(prefix="/review")
MOST_SHOWN = 60
NEAR_KM, NEAR_H = 50.0, 24.0
"""Incidents as near as this may be the same; they are offered for merging (kilometres, hours)."""
UNDONE_BY: Mapping[str, str] = {"correct": "correct", "confirm": "open", "dismiss": "reopen", "close": "reopen"}
"""By which action a decision is taken back; a correction by one that sets its fields back."""
DECIDED = ("open", "invite", "confirm", "correct", "dismiss", "close", "reopen")


@dataclass(frozen=True)
class Waiting:
    """One row of the queue."""

    waits: str
    subject_id: str
    incident_id: str
    title: str
    state: str
    p: float | None
    open: int
    score: float
    due: datetime | None
    assigned: str


@dataclass(frozen=True)
class Step:
    """An act on a subject since ever, also since tables were derived."""

    id: str
    when: datetime
    who: str
    action: str
    reason: str
    values: tuple[tuple[str, str], ...]
    standing: str


@dataclass(frozen=True)
class Undo:
    """The act that takes the newest decision back, as a new entry: what is taken back, by which action and values."""

    of: str
    action: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Subject:
    """What can be done about one finding or incident now; ``seen`` is how many acts on it this page knows."""

    id: str
    kind: str
    title: str
    state: str
    seen: int
    possible: tuple[str, ...]
    proposed: str
    steps: tuple[Step, ...]
    undo: Undo | None


@dataclass(frozen=True)
class FieldShown:
    """A field that a correction can set: its name, the form of its value, what it means, and words to choose from."""

    name: str
    form: str
    doc: str
    words: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Near:
    """An incident that may be the same one."""

    id: str
    title: str
    kind: str
    km: float
    hours: float


@dataclass(frozen=True)
class Review:
    """The page: the queue, and the subject that is open (None: nothing waits, or nothing was chosen)."""

    title: str
    rows: tuple[Waiting, ...]
    total: int
    mine: bool
    chosen: str
    incident: Incident | None
    subjects: tuple[Subject, ...]
    fields: tuple[FieldShown, ...]
    near: tuple[Near, ...]
    reports: tuple[tuple[str, str], ...]
    before: str
    after: str
    people: tuple[str, ...]
    four_eyes: tuple[str, ...]


def review(view: View, record: Record, queue: pl.DataFrame, visitor: Visitor, *, asked: str, mine: bool) -> Review:
    """The page's model.

    Args:
        view: what the visitor may see.
        record: acts on record now.
        queue: of :func:`waiting_now`.
        visitor: who looks.
        asked: id of a finding, an incident or an allegation; empty: the first of the queue.
        mine: only what was given to the visitor.

    Raises:
        Refusal: there is no such subject (404).
    """
    if mine:
        queue = queue.filter(pl.col("assigned") == visitor.name)
    rows = tuple(_waiting(row) for row in queue.head(MOST_SHOWN).iter_rows(named=True))
    chosen = view.own_id(asked) or (rows[0].subject_id if rows else "")
    incident_id = _incident_of(view, chosen) if chosen else ""
    shown = incident(view, incident_id) if incident_id else None
    ids = [row.subject_id for row in rows]
    own = [n for n, row in enumerate(rows) if incident_id and row.incident_id == incident_id]
    at = ids.index(chosen) if chosen in ids else next(iter(own), -1)
    subjects: tuple[Subject, ...] = ()
    if shown:
        subjects = (
            *(
                _subject(view, record, visitor, f.id, "finding", f"{f.reading.provision.title} · {f.reading.held_by}")
                for f in shown.findings
            ),
            _subject(view, record, visitor, shown.id, "incident", ""),
        )
    elif chosen:
        subjects = (_subject(view, record, visitor, chosen, "allegation", ""),)
    case = view.case
    return Review(
        "Review",
        rows,
        queue.height,
        mine,
        chosen,
        shown,
        subjects,
        _fields(view),
        _near(view, incident_id) if incident_id else (),
        _reports(view, incident_id) if incident_id else (),
        rows[at - 1].subject_id if at > 0 else "",
        rows[at + 1].subject_id if 0 <= at < len(rows) - 1 else "",
        tuple(person.name for person in case.review.people if not person.party),
        tuple(case.review.four_eyes),
    )


def _waiting(row: Mapping[str, Any]) -> Waiting:
    return Waiting(
        row["waits"], row["subject_id"], row["incident_id"] or "", row["title"] or "", row["state"], row["p_violation"],
        row["open"], row["score"], row["due"], row["assigned"] or "",
    )  # fmt: skip


def _incident_of(view: View, subject_id: str) -> str:
    """The incident that a subject is about; empty: it is an allegation, or a finding of one."""
    if (view.table("incident")["incident_id"] == subject_id).any():
        return subject_id
    rows = view.table("finding").filter(pl.col("finding_id") == subject_id)
    if rows.height:
        row = rows.row(0, named=True)
        return str(row["subject_id"]) if row["subject"] == "incident" else ""
    if (view.table("allegation")["allegation_id"] == subject_id).any():
        return ""
    raise Refusal(404, text("There is no such finding, incident or allegation."))


def _subject(  # noqa: PLR0917  as it stands in the page
    view: View, record: Record, visitor: Visitor, subject_id: str, kind: str, title: str
) -> Subject:
    own = view.recorded_id(record, subject_id)
    steps, state = record.of(own), record.state(own)
    cycle = life_cycle()
    shown = tuple(
        Step(
            view.shown_id(step.id),
            step.act.time,
            " · ".join(filter(None, (body.by.name, cycle.roles.get(body.by.role, body.by.role),
                                     view.about.name_of(body.by.party) if body.by.party else ""))),
            cycle.actions[body.action].title if body.action in cycle.actions else body.action,
            view.said(body.reason),
            tuple((name, view.said(value)) for name, value in body.values.items()),
            step.standing,
        )
        for step in steps
        for body in [step.act.body]
        if body
    )  # fmt: skip
    possible = tuple(cycle.possible(kind, state.name))
    title_of = cycle.states[state.name].title
    undo = _undo(steps, possible, visitor.role)
    return Subject(subject_id, kind, title, title_of, len(steps), possible, view.shown_id(state.proposal), shown, undo)


def _undo(steps: Sequence[LifeStep], possible: Sequence[str], role: str) -> Undo | None:
    """How the newest decision in force is taken back by whoever has ``role``; None: it cannot be."""
    actions = life_cycle().actions
    for step in reversed(steps):
        body = step.act.body
        if body is None or body.action not in DECIDED or step.standing != IN_FORCE:
            continue
        action = UNDONE_BY.get(body.action, "")
        values = tuple((name, AUTOMATIC) for name, value in body.values.items() if value != AUTOMATIC)
        if action not in possible or role not in actions[action].by or (action == "correct" and not values):
            return None
        return Undo(actions[body.action].title, action, values if action == "correct" else ())
    return None


def _fields(view: View) -> tuple[FieldShown, ...]:
    known = vocabulary()
    words: dict[str, tuple[tuple[str, str], ...]] = {
        "kind": tuple((name, kind.title) for name, kind in known.kinds.items()),
        "target": (("none", ""), *((name, one.title) for name, one in known.target_classes.items())),
        "weapon": (("none", ""), *((name, one.title) for name, one in known.weapons.items())),
        "not_an_incident": (("true", ""), ("false", "")),
        LEVEL: tuple((word, word) for word in dict.fromkeys(level.word for a in view.agreements for level in a.levels)),
    }
    left_out = {MERGE, SPLIT}
    return tuple(
        FieldShown(one.name, one.form, one.doc, words.get(one.name, ()))
        for one in settings().values()
        if one.name not in left_out
    )


def _near(view: View, incident_id: str) -> tuple[Near, ...]:
    """Incidents within :data:`NEAR_KM` and :data:`NEAR_H`, the nearest first."""
    table = view.table("incident")
    row = table.filter(pl.col("incident_id") == incident_id).row(0, named=True)
    if row["lon"] is None:
        return ()
    gap = pl.max_horizontal(pl.col("start") - row["end"], row["start"] - pl.col("end")).dt.total_seconds() / 3600
    x = (pl.col("lon") - row["lon"]) * 111.32 * (pl.lit(row["lat"]).radians().cos())
    y = (pl.col("lat") - row["lat"]) * 110.57
    rows = (
        table.filter(pl.col("incident_id") != incident_id)
        .with_columns(km=(x**2 + y**2).sqrt(), hours=gap.clip(0))
        .filter(pl.col("km") <= NEAR_KM, pl.col("hours") <= NEAR_H)
        .sort("km", "incident_id")
        .head(6)
    )
    return tuple(Near(r["incident_id"], r["title"], r["kind"], r["km"], r["hours"]) for r in rows.iter_rows(named=True))


def _reports(view: View, incident_id: str) -> tuple[tuple[str, str], ...]:
    """Reports under an incident, for parting them: id and a line that tells them apart."""
    mine = view.table("evidence").filter(pl.col("incident_id") == incident_id, pl.col("relation") == "member")
    told = view.table("observation").select("observation_id", "text", "place_name")
    rows = mine.join(told, on="observation_id", how="left")
    return tuple(
        (r["observation_id"], f"{view.about.source_title(r['source_id'])}: {(r['text'] or r['place_name'] or '')[:90]}")
        for r in rows.sort("observation_id").iter_rows(named=True)
        if r["observation_id"]
    )


@router.get("", dependencies=[allowed("read-inside")])
def page(request: Request, view: CurrentView, visitor: CurrentVisitor, subject: str = "", mine: str = "") -> Response:
    """The queue and one subject."""
    at = desk(request)
    model = review(view, at.record(), waiting_now(view, at), visitor, asked=subject[:300], mine=mine == "1")
    return render(request, "review.html.j2", model, view=view)
