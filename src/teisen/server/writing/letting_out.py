"""Reports let out by two people: one prepares what an audience may have of a day or week, another releases it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from teisen import case as room
from teisen.case import Publication
from teisen.languages import ENGLISH, LANGUAGES, text
from teisen.release.report import daily_pdf, daily_report, weekly_pdf, weekly_report
from teisen.server.access.visitor import Visitor
from teisen.server.problems import Refusal
from teisen.server.view import State, View
from teisen.server.writing.desk import WAIT_S, Desk

DAILY, WEEKLY = "daily", "weekly"


def prepare(
    desk: Desk,
    visitor: Visitor,
    state: State,
    day: date,
    audience: str,
    *,
    week: bool = False,
    languages: Sequence[str] = (),
) -> Publication:
    """Prepare the report of a day, or of the week that holds it, as ``audience`` may have it: pages, papers, tables.

    Args:
        desk: of the case.
        visitor: who prepares it.
        state: whose tables it is made from.
        day: a day of the case.
        audience: one of the case's release policy.
        week: report the week, Monday to Sunday.
        languages: beside English.

    Raises:
        Refusal: no such day or audience (422). BadInput: the same report is on record.
    """
    file = state.definitions.case
    if not file.period.start <= day < file.period.end:
        last = file.period.end - timedelta(days=1)
        raise Refusal(422, text("The case covers {first} to {last}.").format(first=file.period.start, last=last))
    if audience not in file.release.root:
        raise Refusal(
            422, text("An audience is one of {columns}.").format(columns=", ".join(sorted(file.release.root)))
        )
    view = state.view(audience)
    spoken = [one for one in LANGUAGES if one == ENGLISH.language or one in languages]
    files: dict[str, bytes] = {}
    for language in spoken:
        about = replace(view.about, language=language)
        page = (weekly_report if week else daily_report)(view.tables, day, about)
        files[file_name("index", language, "html")] = page.html.encode()
        files[file_name("report", language, "pdf")] = (weekly_pdf if week else daily_pdf)(view.tables, day, about)
        if language == ENGLISH.language:
            files |= {f"{name}.csv": table.encode() for name, table in page.csv.items()}
            files |= {"incidents.geojson": page.geojson.encode()} if page.geojson else {}
    kind, name = (WEEKLY, week_name(day)) if week else (DAILY, day.isoformat())
    return desk.act(
        lambda case: room.prepare(case, kind, name, audience, files, by=visitor.name, languages=spoken, wait_s=WAIT_S)
    )


def file_name(name: str, language: str, ending: str) -> str:
    """What a file of a report is called in a language: ``report.pdf``, ``report.uk.pdf``."""
    return f"{name}.{ending}" if language == ENGLISH.language else f"{name}.{language}.{ending}"


def week_name(day: date) -> str:
    """The week that holds a day, as ISO 8601 names it: 2025-W16."""
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02}"


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
