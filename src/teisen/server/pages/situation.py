"""Situation: is it holding, in words, by provision and reading."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from teisen.server.access import allowed
from teisen.server.current import CurrentView
from teisen.server.pages.rendering import render
from teisen.server.view import View

router = APIRouter()


@dataclass(frozen=True)
class Situation:
    """What the page shows."""

    title: str
    simulated: bool
    as_of: str
    size: int
    incidents: int


def situation(view: View) -> Situation:
    """The page's model, from what is released alone."""
    return Situation(
        title=view.case.title,
        simulated=view.case.simulated,
        as_of=f"{view.as_of:%Y-%m-%d %H:%M} UTC",
        size=view.size,
        incidents=view.table("incident").height,
    )


@router.get("/", dependencies=[allowed("read")])
def page(request: Request, view: CurrentView) -> Response:
    """The first page."""
    return render(request, "situation.html.j2", situation(view))
