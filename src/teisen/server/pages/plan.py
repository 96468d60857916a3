"""Watch plan: versions on record, who signed them, what they see and cost; or what to do while there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from markupsafe import Markup

from teisen.languages import Words, speaking, spoken, text
from teisen.planning.consent import Comment
from teisen.release.annex import content, markup, sentences
from teisen.release.paper import Block, Grid
from teisen.release.report.drawing import tag
from teisen.server.access import allowed
from teisen.server.access.visitor import CurrentVisitor
from teisen.server.current import CurrentView
from teisen.server.map import marks, plan_picture
from teisen.server.pages.chosen import day_chosen
from teisen.server.pages.plan_chart import Point, chart, points
from teisen.server.pages.rendering import render
from teisen.server.plans import OnRecord, Plans
from teisen.server.problems import Refusal
from teisen.server.view import View

router = APIRouter(prefix="/plan")
Asked = Annotated[str, Query(alias="plan")]
MOST_ROWS = 16
"""Rows of a table that stand open."""
NONE = text("No such version of a plan is on record.")


@dataclass(frozen=True)
class Chosen:
    """A version as the page shows it, among the others of its plan.

    Attributes:
        versions: all of them, the newest first.
        here: the one that is shown.
        before: the one that it is compared with; None: it is the first.
        changes: what differs, as sentences.
        comments: those that leave, in their order, each with the number of its version (0: none on record).
        held: comments that stay inside.
        blocks: what the version says, as HTML.
        legend: each sensor that is drawn, with its symbol; empty: no place leaves.
        picture: the address of the map.
    """

    versions: tuple[OnRecord, ...]
    here: OnRecord
    before: OnRecord | None
    changes: tuple[str, ...]
    comments: tuple[tuple[Comment, int], ...]
    held: int
    blocks: Markup
    points: tuple[Point, ...]
    chart: Markup
    legend: tuple[tuple[str, Markup], ...]
    picture: str


@dataclass(frozen=True)
class Plan:
    """The page: plans on record by id, the one that is shown, the line to watch (km; None: there is none), and the
    ``names`` of the case's parties by id.
    """

    title: str
    length_km: float | None
    pieces: int | None
    source: str
    ids: tuple[str, ...]
    shown: Chosen | None
    names: Mapping[str, str]


def plan(view: View, words: Words, asked: str = "", version: str = "", before: str = "") -> Plan:
    """The page's model.

    Args:
        view: the view.
        words: of the reader's language.
        asked: id of the plan; empty: the one with the newest version.
        version: number of the version; empty: the newest.
        before: number of the version to compare with; empty: the one before.

    Raises:
        Refusal: no such version is on record (404).
    """
    plans = Plans(view)
    shown = _chosen(view, words, asked, version, before) if asked or plans.ids else None
    names = {party.id: party.name for party in view.about.parties}
    known = view.table("contact_line").sort("start", "source_id")
    if known.is_empty():
        return Plan("Watch plan", None, None, "", tuple(plans.ids), shown, names)
    row = known.row(-1, named=True)
    source = view.about.source_title(row["source_id"])
    return Plan("Watch plan", row["length_km"], row["pieces"], source, tuple(plans.ids), shown, names)


def _chosen(view: View, words: Words, asked: str, version: str, before: str) -> Chosen:
    plans = Plans(view)
    every = tuple(plans.versions(asked or plans.ids[0]))
    here = _numbered(every, version) if version or not every else every[0]
    older = [one for one in every if one.version.entry < here.version.entry]
    other = _numbered(every, before) if before else next(iter(older), None)
    comments, held = plans.comments(here.version.plan_id)
    numbers = {one.version.sha256: one.version.version for one in every}
    seen = points(every)
    with speaking(words):
        blocks = Markup("\n").join(map(_block, content(here.cut)))
        differs = tuple(sentences(plans.changes(other.version, here.version))) if other else ()
        drawn = chart(seen, here.version.version, here.frontier)
    legend = tuple(
        (name, tag("svg", tag("path", d=shape, fill=colour), viewBox="-8 -8 16 16", class_="sym", aria_hidden="true"))
        for name, (shape, colour) in marks(here.cut.placed).items()
    )
    address = urlencode({"plan": here.version.plan_id, "version": here.version.version, "tag": view.tag})
    return Chosen(
        every,
        here,
        other,
        differs,
        tuple((one, numbers.get(one.said.plan, 0)) for one in comments),
        held,
        blocks,
        seen,
        drawn,
        legend,
        f"/plan/map.svg?{address}",
    )


def _block(block: Block) -> Markup:
    """A block of the plan in HTML; a table that would fill screens is folded."""
    html = Markup(markup(block, 2))  # noqa: S704 - escaped there
    if isinstance(block, Grid) and len(block.rows) > MOST_ROWS:
        told = Markup.escape(f"{block.caption} ({spoken().number(len(block.rows), 0)})")
        return tag("details", tag("summary", told), html, class_="more")
    return html


def _numbered(every: tuple[OnRecord, ...], number: str) -> OnRecord:
    found = next((one for one in every if str(one.version.version) == number), None)
    if found is None:
        raise Refusal(404, NONE)
    return found


@router.get("", dependencies=[allowed("read")])
def page(  # noqa: PLR0917  what an address may ask for
    request: Request, view: CurrentView, visitor: CurrentVisitor, asked: Asked = "", version: str = "", before: str = ""
) -> Response:
    """The plan."""
    return render(request, "plan.html.j2", plan(view, visitor.words, asked, version, before), view=view)


@router.get("/map.svg", dependencies=[allowed("read")])
def picture(view: CurrentView, visitor: CurrentVisitor, asked: Asked = "", version: str = "") -> Response:
    """The line and, where they leave, the places of sensors."""
    here = _numbered(tuple(Plans(view).versions(asked)), version)
    svg = plan_picture(view, day_chosen(view, "").day, here.cut, visitor.language)
    kept = {"cache-control": "private, max-age=60"}
    return Response(svg, media_type="image/svg+xml", headers=kept)
