"""What is released as a feed, notices, a calendar and files, at addresses that programs can come back to."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from teisen.errors import BadInput
from teisen.languages import speaking, text
from teisen.release.exports import Format, table_bytes
from teisen.release.outward import atom, cap, ical, notable, notices
from teisen.server.access import CurrentVisitor, allowed
from teisen.server.current import CurrentView
from teisen.server.ogc.features import own_address
from teisen.server.problems import Refusal

ATOM, CAP = "application/atom+xml", "application/cap+xml"
MEDIA: dict[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "parquet": "application/vnd.apache.parquet",
}
FORMS: dict[str, Format] = {"csv": "csv", "geojson": "geojson", "parquet": "geoparquet"}
Table = Annotated[str, Path(pattern=r"^[a-z_]{1,40}$")]
Incident = Annotated[str, Path(pattern=r"^[a-z]+-[0-9a-zA-Z-]{1,40}$")]
router = APIRouter(tags=["feeds"], include_in_schema=False)


@router.get("/feeds/incidents.atom", dependencies=[allowed("read")])
def incidents(request: Request, view: CurrentView, visitor: CurrentVisitor) -> Response:
    """The newest released incidents (Atom, RFC 4287)."""
    with speaking(visitor.words):
        return Response(atom(view.released, view.about, address=own_address(request)), media_type=ATOM)


@router.get("/feeds/notices.atom", dependencies=[allowed("read")])
def notices_feed(request: Request, view: CurrentView, visitor: CurrentVisitor) -> Response:
    """Where the safety notices are that stand now (Atom, with links to CAP)."""
    with speaking(visitor.words):
        return Response(notices(view.released, view.about, address=own_address(request)), media_type=ATOM)


@router.get("/feeds/notices/{incident_id}.cap.xml", dependencies=[allowed("read")])
def notice(view: CurrentView, incident_id: Incident) -> Response:
    """A safety notice about an incident (CAP 1.2), in every language."""
    if incident_id not in notable(view.released):
        raise Refusal(404, text("No notice about that stands now."))
    return Response(cap(view.released, view.about, incident_id), media_type=CAP)


@router.get("/feeds/terms.ics", dependencies=[allowed("read")])
def calendar(view: CurrentView, visitor: CurrentVisitor) -> Response:
    """Windows and deadlines of the terms (iCalendar, RFC 5545)."""
    with speaking(visitor.words):
        return Response(ical(view.released, view.about, view.agreements), media_type="text/calendar; charset=utf-8")


@router.get("/files/{table}.{form}", dependencies=[allowed("read")])
def file(
    view: CurrentView,
    table: Table,
    form: Annotated[Literal["csv", "geojson", "parquet"], Path()],
    hxl: Annotated[bool, Query(description="A row of HXL tags under the heading of a CSV.")] = False,
) -> Response:
    """A released table as a file."""
    simulated = view.about.simulated
    try:
        content = table_bytes(view.released, table, FORMS[form], view.sources, hxl=hxl, simulated=simulated)
    except BadInput:
        raise Refusal(404, text("No table of that name is released to you.")) from None
    name = f"{'simulated-' if simulated else ''}{table}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=MEDIA[form], headers=headers)
