"""Watch plan: where sensors and patrols stand, with the detection they give; or what to do while there is none."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from teisen.server.access import allowed
from teisen.server.current import CurrentView
from teisen.server.pages.rendering import render
from teisen.server.view import View

router = APIRouter(prefix="/plan")


@dataclass(frozen=True)
class Plan:
    """The page: the line that a plan would watch (kilometres and since when; None: there is none)."""

    title: str
    length_km: float | None
    pieces: int | None
    source: str


def plan(view: View) -> Plan:
    """The page's model."""
    known = view.table("contact_line").sort("start", "source_id")
    if known.is_empty():
        return Plan("Watch plan", None, None, "")
    row = known.row(-1, named=True)
    return Plan("Watch plan", row["length_km"], row["pieces"], view.about.source_title(row["source_id"]))


@router.get("", dependencies=[allowed("read")])
def page(request: Request, view: CurrentView) -> Response:
    """The plan."""
    return render(request, "plan.html.j2", plan(view), view=view)
