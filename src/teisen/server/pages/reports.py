"""Reports: every day of the case as a report, made from what is released, and its files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from teisen.case import Publication
from teisen.case.publication import publications
from teisen.languages import ENGLISH
from teisen.release.report import Report, daily_report
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
POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]*)"')


@dataclass(frozen=True)
class ReportRow:
    """One day: incidents recorded, and the answer of each reading (label, word)."""

    day: date
    incidents: int
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Out:
    """A report that was prepared and let out by two people; names are for those inside."""

    id: str
    name: str
    audience: str
    state: str
    time: datetime
    prepared_by: str
    released_by: str
    href: str


@dataclass(frozen=True)
class Reports:
    """The archive: what was let out, and days by week, the newest first."""

    title: str
    out: tuple[Out, ...]
    audiences: tuple[str, ...]
    first: date
    last: date
    weeks: tuple[tuple[str, tuple[ReportRow, ...]], ...]
    readings: tuple[Reading, ...]


def reports(view: View, shown: Sequence[Publication], *, inside: bool) -> Reports:
    """The page's model.

    Args:
        view: what may be shown.
        shown: publications, in the order in which they were prepared.
        inside: for people of the mission, who also see who prepared and released them.
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
        year, week, _ = day.isocalendar()
        told = tuple(sorted(answers.get(day, []), key=lambda a: (len(a[0]), a[0])))
        weeks.setdefault(f"{year}-W{week:02}", []).append(ReportRow(day, counts.get(day, 0), told))
        day -= timedelta(days=1)
    out = tuple(
        Out(
            one.id, one.name, one.audience, one.state, one.time, one.prepared_by if inside else "",
            one.released_by if inside else "", f"{PREFIX}/reports/{one.id}/index.html",
        )
        for one in reversed(shown)
    )  # fmt: skip
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


class _Made:
    """Reports by view and day, the newest kept: a day's report takes about half a second."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._of: dict[tuple[str, str, date], Report] = {}

    def get(self, view: View, day: date, language: str) -> Report:
        key = (view.case.id, f"{view.tag}{view.manifest.get('inputs', '')}{language}", day)
        if key not in self._of:
            while len(self._of) >= self.most:
                self._of.pop(next(iter(self._of)))
            self._of[key] = daily_report(view.tables, day, replace(view.about, language=language))
        return self._of[key]


@lru_cache(maxsize=1)
def _made() -> _Made:
    return _Made(24)


@router.get("", dependencies=[allowed("read")])
def page(request: Request, view: CurrentView, visitor: CurrentVisitor) -> Response:
    """The archive."""
    inside = visitor.may("read-inside")
    record = desk(request).case.ledger  # inside one sees at once what one prepared a moment ago
    shown = publications(record.entries()) if inside else letting_out.shown(view, inside=False)
    return render(request, "reports.html.j2", reports(view, shown, inside=inside), view=view)


@router.get("/{day}/", dependencies=[allowed("read")])
def daily(view: CurrentView, visitor: CurrentVisitor, day: str) -> Response:
    """A day's report: one file that can be saved and sent on; its styles stand in it, named in its policy by hash."""
    html = _made().get(view, day_chosen(view, day).day, visitor.language).html
    found = POLICY.search(html)
    policy = (found[1].replace("&#39;", "'") if found else "default-src 'none'") + "; frame-ancestors 'none'"
    return HTMLResponse(html, headers={"content-security-policy": policy})


@router.get("/{day}/{name}", dependencies=[allowed("read")])
def file(view: CurrentView, day: str, name: str) -> Response:
    """A file beside a report.

    Raises:
        Refusal: there is none of that name (404).
    """
    report = _made().get(view, day_chosen(view, day).day, ENGLISH.language)
    if name == "incidents.geojson":
        return Response(report.geojson, media_type="application/geo+json")
    if name.endswith(".csv") and name[:-4] in report.csv:
        kind = {"content-disposition": f'attachment; filename="{day}-{name}"'}
        return Response(report.csv[name[:-4]], media_type="text/csv; charset=utf-8", headers=kind)
    raise Refusal(404, "The report has no such file.")
