"""Reports let out by two people: one prepares what an audience may have of a day, another releases it."""

from __future__ import annotations

from datetime import date, timedelta

from teisen import case as room
from teisen.case import Publication
from teisen.languages import text
from teisen.release.report import daily_report
from teisen.server.access.visitor import Visitor
from teisen.server.problems import Refusal
from teisen.server.view import State, View
from teisen.server.writing.desk import WAIT_S, Desk

DAILY = "daily"


def prepare(desk: Desk, visitor: Visitor, state: State, day: date, audience: str) -> Publication:
    """Prepare the report of a day, as ``audience`` may have it.

    Raises:
        Refusal: no such day or audience (422). BadInput: the same report is on record.
    """
    file = state.definitions.case
    if not file.period.start <= day < file.period.end:
        last = file.period.end - timedelta(days=1)
        raise Refusal(422, f"The case covers the days from {file.period.start} to {last}.")
    if audience not in file.release.root:
        raise Refusal(422, f"An audience is one of {', '.join(sorted(file.release.root))}.")
    view = state.view(audience)
    page = daily_report(view.tables, day, view.about)
    files = {f"{name}.csv": text.encode() for name, text in page.csv.items()}
    files |= {"index.html": page.html.encode(), "incidents.geojson": page.geojson.encode()}
    return desk.act(
        lambda case: room.prepare(case, DAILY, day.isoformat(), audience, files, by=visitor.name, wait_s=WAIT_S)
    )


def release(desk: Desk, visitor: Visitor, id_: str) -> Publication:
    """Release a report that another person prepared.

    Raises:
        BadInput: it does not wait, or the same person prepared it.
    """
    return desk.act(lambda case: room.release_publication(case, id_, by=visitor.name, role=visitor.role, wait_s=WAIT_S))


def withdraw(desk: Desk, visitor: Visitor, id_: str, reason: str) -> Publication:
    """Take a report back.

    Raises:
        BadInput: there is none, or the role may not.
    """
    return desk.act(
        lambda case: room.withdraw_publication(
            case, id_, by=visitor.name, role=visitor.role, reason=reason, wait_s=WAIT_S
        )
    )


def shown(view: View, *, inside: bool) -> list[Publication]:
    """The publications that a view shows: those released to its audience or the public; inside, all."""
    every = room.publications(view.ledger.entries()[: view.size])
    return [one for one in every if inside or (one.state == "released" and one.audience in (view.audience, "public"))]


def files(view: View, id_: str, *, inside: bool) -> dict[str, bytes]:
    """The files of a publication that a view shows.

    Raises:
        Refusal: it shows none of that id (404).
    """
    for one in shown(view, inside=inside):
        if one.id == id_:
            return room.files_of(view.ledger.blob(one.blob))
    raise Refusal(404, text("No such report is released to you."))
