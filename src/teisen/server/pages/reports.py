"""Reports: every day and week of the case as a report, made from what is released, and its files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from threading import Lock

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from teisen.case import Publication
from teisen.case.publication import publications
from teisen.languages import ENGLISH, text
from teisen.release.report import Report, daily_pdf, daily_report, weekly_pdf, weekly_report
from teisen.release.report.days import day_of
from teisen.server.access import allowed
from teisen.server.access.visitor import CurrentVisitor
from teisen.server.api import PREFIX
from teisen.server.current import CurrentView
from teisen.server.pages.chosen import Reading, day_chosen, readings
from teisen.server.pages.rendering import render
from teisen.server.problems import Refusal
from teisen.server.view import View
from teisen.server.writing import letting_out
from teisen.server.writing.desk import desk

router = APIRouter(prefix="/reports")
WEEK = re.compile(r"(\d{4})-W(\d{2})")
PAPER = "report.pdf"
POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]*)"')


@dataclass(frozen=True)
class ReportRow:
    """One day: incidents recorded, and the answer of each reading (label, word)."""

    day: date
    incidents: int
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Out:
    """A report that was prepared and let out by two people; names are for those inside.

    ``href`` is its page and ``pdf`` its paper, in the reader's language where it is written in that.
    """

    id: str
    kind: str
    name: str
    audience: str
    state: str
    time: datetime
    prepared_by: str
    released_by: str
    href: str
    pdf: str


@dataclass(frozen=True)
class Reports:
    """The archive: what was let out, and weeks with their days, the newest first."""

    title: str
    out: tuple[Out, ...]
    audiences: tuple[str, ...]
    first: date
    last: date
    weeks: tuple[tuple[str, tuple[ReportRow, ...]], ...]
    readings: tuple[Reading, ...]


def reports(view: View, shown: Sequence[Publication], *, inside: bool, language: str = ENGLISH.language) -> Reports:
    """The page's model.

    Args:
        view: what may be shown.
        shown: publications, in the order in which they were prepared.
        inside: for people of the mission, who also see who prepared and released them.
        language: the reader's.
    """
    known = readings(view)
    labels = {one.key: one.label for one in known}
    zone = view.about.zone
    counts = dict(view.table("incident").group_by(day_of(zone)).len().iter_rows())
    answers: dict[date, list[tuple[str, str]]] = {}
    for row in view.table("verdict").with_columns(day_of(zone)).iter_rows(named=True):
        label = labels.get((row["agreement_id"], row["provision_id"], row["reading_id"]))
        if label:
            answers.setdefault(row["day"], []).append((label, row["word"]))
    weeks: dict[str, list[ReportRow]] = {}
    day = view.about.last
    while day >= view.about.first:
        told = tuple(sorted(answers.get(day, []), key=lambda a: (len(a[0]), a[0])))
        weeks.setdefault(letting_out.week_name(day), []).append(ReportRow(day, counts.get(day, 0), told))
        day -= timedelta(days=1)
    out = tuple(_out(one, inside=inside, language=language) for one in reversed(shown))
    audiences, about = tuple(sorted(view.case.release.root)), view.about
    return Reports(
        "Reports",
        out,
        audiences,
        about.first,
        about.last,
        tuple((name, tuple(rows)) for name, rows in weeks.items()),
        tuple(known),
    )


def _out(one: Publication, *, inside: bool, language: str) -> Out:
    spoken = language if language in one.languages else ENGLISH.language
    page, paper = (letting_out.file_name(*what) for what in (("index", spoken, "html"), ("report", spoken, "pdf")))
    return Out(
        one.id, one.kind, one.name, one.audience, one.state, one.time, one.prepared_by if inside else "",
        one.released_by if inside else "", f"{PREFIX}/reports/{one.id}/{page}", f"{PREFIX}/reports/{one.id}/{paper}",
    )  # fmt: skip


@dataclass(frozen=True)
class Span:
    """What a report is of: a day, or the week that holds it, and its name in an address."""

    day: date
    week: bool
    name: str


def span_chosen(view: View, asked: str) -> Span:
    """The day, or the week as ISO 8601 names it, that an address asks for.

    Raises:
        Refusal: it is none of the case (404).
    """
    found = WEEK.fullmatch(asked)
    if not found:
        return Span(day_chosen(view, asked).day, week=False, name=asked)
    try:
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError:
        raise Refusal(404, text("There is no such week.")) from None
    first, last = view.about.first, view.about.last
    if monday > last or monday + timedelta(days=6) < first:
        raise Refusal(404, text("The case covers {first} to {last}.").format(first=first, last=last))
    return Span(max(monday, first), week=True, name=asked)


class _Made:
    """Reports by view and span, the newest kept: a day's report takes about half a second."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._of: dict[tuple[str, str, Span], Report] = {}
        self._lock = Lock()

    def get(self, view: View, span: Span, language: str) -> Report:
        key = (view.case.id, f"{view.tag}{view.manifest.get('inputs', '')}{language}", span)
        found = self._of.get(key)
        if found is None:
            made = weekly_report if span.week else daily_report
            found = made(view.tables, span.day, replace(view.about, language=language))
            with self._lock:  # several readers at once make room, and none takes what another is about to hand out
                while len(self._of) >= self.most:
                    self._of.pop(next(iter(self._of)))
                self._of[key] = found
        return found


@lru_cache(maxsize=1)
def _made() -> _Made:
    return _Made(24)


@router.get("", dependencies=[allowed("read")])
def page(request: Request, view: CurrentView, visitor: CurrentVisitor) -> Response:
    """The archive."""
    inside = visitor.may("read-inside")
    record = desk(request).case.ledger  # inside one sees at once what one prepared a moment ago
    shown = publications(record.entries()) if inside else letting_out.shown(view, inside=False)
    model = reports(view, shown, inside=inside, language=visitor.language)
    return render(request, "reports.html.j2", model, view=view)


@router.get("/{span}/", dependencies=[allowed("read")])
def whole(view: CurrentView, visitor: CurrentVisitor, span: str) -> Response:
    """A day's or a week's report: one file that can be saved and sent on; its policy names its styles by hash."""
    html = _made().get(view, span_chosen(view, span), visitor.language).html
    found = POLICY.search(html)
    policy = (found[1].replace("&#39;", "'") if found else "default-src 'none'") + "; frame-ancestors 'none'"
    return HTMLResponse(html, headers={"content-security-policy": policy})


@router.get("/{span}/{name}", dependencies=[allowed("read")])
def file(view: CurrentView, visitor: CurrentVisitor, span: str, name: str) -> Response:
    """A file beside a report: its paper in the reader's language, or a table.

    Raises:
        Refusal: there is none of that name (404).
    """
    asked = span_chosen(view, span)
    if name == PAPER:
        made = weekly_pdf if asked.week else daily_pdf
        paper = made(view.tables, asked.day, replace(view.about, language=visitor.language))
        named = {"content-disposition": f'inline; filename="{view.case.id}-{asked.name}.pdf"'}
        return Response(paper, media_type="application/pdf", headers=named)
    report = _made().get(view, asked, ENGLISH.language)
    if name == "incidents.geojson" and report.geojson:
        return Response(report.geojson, media_type="application/geo+json")
    if name.endswith(".csv") and name[:-4] in report.csv:
        named = {"content-disposition": f'attachment; filename="{asked.name}-{name}"'}
        return Response(report.csv[name[:-4]], media_type="text/csv; charset=utf-8", headers=named)
    raise Refusal(404, text("The report has no such file."))
