"""Reports as they were released, and the two steps by which they are."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from teisen.case import Publication
from teisen.languages import text
from teisen.server.access import CurrentVisitor, allowed
from teisen.server.api.rows import Page, Paging, page_of, problems
from teisen.server.current import CurrentView, current
from teisen.server.problems import Refusal
from teisen.server.writing import letting_out
from teisen.server.writing.desk import desk

router = APIRouter(tags=["reports"])
Id = Annotated[str, Path(pattern=r"^pub-[0-9a-f]{12}$")]
REFUSALS = problems(400, 401, 403, 404, 409, 422, 503)
TYPES = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
}
NOTHING = "default-src 'none'"
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]{1,2000})">')


class ReportShown(BaseModel):
    """A report: what it is of, for whom, and its state. Names of people are for those inside."""

    id: str
    kind: str
    name: str
    audience: str
    state: Literal["prepared", "released", "withdrawn"]
    time: datetime
    entry: int
    languages: list[str]
    prepared_by: str | None
    released_by: str | None


class ToPrepare(BaseModel):
    """Which report."""

    model_config = ConfigDict(extra="forbid")

    day: date
    week: bool = Field(default=False, description="Report the week, Monday to Sunday, that holds the day.")
    audience: str = Field(default="public", max_length=100)
    languages: list[Literal["en", "ja", "uk", "ru"]] = Field(
        default_factory=list, max_length=4, description="That pages and papers are written in, beside English."
    )


class Why(BaseModel):
    """Why it is withdrawn."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=20_000)


@router.get("/reports", dependencies=[allowed("read")], response_model=Page[ReportShown], responses=problems(422))
def reports(
    request: Request, visitor: CurrentVisitor, view: CurrentView, query: Annotated[Paging, Query()]
) -> Response:
    """Reports that were released, and for those inside those in preparation."""
    inside = visitor.may("read-inside")
    every = [report_shown(one, inside) for one in letting_out.shown(view, inside=inside)]
    part = [one.model_dump(mode="json") for one in every[query.offset : query.offset + query.limit]]
    return page_of(request, view, part, len(every), query)


@router.get(
    "/reports/{report_id}/{name}",
    dependencies=[allowed("read")],
    response_class=Response,
    responses={**problems(404, 422), 200: {"content": {kind.partition(";")[0]: {} for kind in TYPES.values()}}},
)
def file(
    visitor: CurrentVisitor,
    view: CurrentView,
    report_id: Id,
    name: Annotated[str, Path(pattern=r"^[a-z_]{1,40}(\.[a-z]{2})?\.(html|pdf|csv|geojson)$")],
) -> Response:
    """One file of a report, as it was released: index.html, report.pdf (or index.uk.html, ...), CSVs, GeoJSON."""
    found = letting_out.files(view, report_id, inside=visitor.may("read-inside"))
    if name not in found:
        raise Refusal(404, text("The report has no such file."))
    content, kind = found[name], name.rpartition(".")[2]
    headers = {"Content-Security-Policy": f"{_policy(content)}; frame-ancestors 'none'"} if kind == "html" else {}
    return Response(content, media_type=TYPES[kind], headers=headers)


@router.post("/reports", status_code=201, dependencies=[allowed("prepare-publication")], responses=REFUSALS)
def prepare(request: Request, visitor: CurrentVisitor, body: ToPrepare) -> ReportShown:
    """Prepare the report of a day or a week, for another person to release."""
    state = current(request).state
    if state is None:
        raise Refusal(503, text("Nothing is derived yet. Come back in a while."))
    made = letting_out.prepare(
        desk(request), visitor, state, body.day, body.audience, week=body.week, languages=body.languages
    )
    return report_shown(made, True)


@router.post("/reports/{report_id}/release", dependencies=[allowed("release-publication")], responses=REFUSALS)
def release(request: Request, visitor: CurrentVisitor, report_id: Id) -> ReportShown:
    """Release a report that another person prepared."""
    return report_shown(letting_out.release(desk(request), visitor, report_id), True)


@router.post("/reports/{report_id}/withdraw", dependencies=[allowed("release-publication")], responses=REFUSALS)
def withdraw(request: Request, visitor: CurrentVisitor, report_id: Id, body: Why) -> ReportShown:
    """Take a report back."""
    return report_shown(letting_out.withdraw(desk(request), visitor, report_id, body.reason), True)


def report_shown(one: Publication, inside: bool) -> ReportShown:
    """A publication as it is told."""
    return ReportShown(
        id=one.id,
        kind=one.kind,
        name=one.name,
        audience=one.audience,
        state=one.state,
        time=one.time,
        entry=one.prepared if one.released is None else one.released,
        languages=list(one.languages),
        prepared_by=one.prepared_by if inside else None,
        released_by=one.released_by if inside else None,
    )


def _policy(content: bytes) -> str:
    """The page's own policy, which allows what is inlined by its hash; without one nothing is allowed."""
    found = _POLICY.search(content[:4000].decode("utf-8", "replace"))
    return found[1].replace("&#39;", "'") if found else NOTHING
