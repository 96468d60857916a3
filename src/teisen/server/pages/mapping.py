"""The map's data over HTTP, from what is released alone; each answer is named by the view's tag and the same for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from datetime import date
from functools import lru_cache
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from teisen.languages import LANGUAGES, text
from teisen.server import map as room
from teisen.server.access import allowed
from teisen.server.access.visitor import CurrentVisitor
from teisen.server.current import CurrentView
from teisen.server.map.layers import in_order
from teisen.server.pages.chosen import day_chosen
from teisen.server.problems import Refusal
from teisen.server.view import View

router = APIRouter(prefix="/map")
MOST_KEPT = 64
JSON = "application/json"


@router.get("/base.json", dependencies=[allowed("read")])
def base(request: Request, view: CurrentView) -> Response:
    """Land, rivers, borders and towns around the case."""
    return _kept(request, view, "base", (), lambda: _json(room.base_map(room.box_of(view), view.case.map)))


@router.get("/incidents.json", dependencies=[allowed("read")])
def incidents(request: Request, view: CurrentView) -> Response:
    """Incidents as columns."""
    return _kept(request, view, "incidents", (), lambda: _json(room.incident_columns(view)))


@router.get("/regions.json", dependencies=[allowed("read")])
def regions(request: Request, view: CurrentView, day: str = "") -> Response:
    """Areas of the reporting level."""
    chosen = day_chosen(view, day).day
    return _kept(request, view, "regions", (chosen,), lambda: _json(room.regions(view, chosen)))


@router.get("/day.json", dependencies=[allowed("read")])
def of_day(request: Request, view: CurrentView, day: str = "") -> Response:
    """How well one could see in each region on a day, and how much is not known."""
    chosen = day_chosen(view, day).day
    return _kept(request, view, "day", (chosen,), lambda: _json(room.day_layer(view, chosen)))


@router.get("/line.json", dependencies=[allowed("read")])
def line(request: Request, view: CurrentView, day: str = "") -> Response:
    """The line of contact, and zones."""
    chosen = day_chosen(view, day).day
    return _kept(request, view, "line", (chosen,), lambda: _json(room.line(view, chosen)))


@router.get("/sites.json", dependencies=[allowed("read")])
def sites(request: Request, view: CurrentView) -> Response:
    """Protected sites as released."""
    return _kept(request, view, "sites", (), lambda: _json(room.sites(view)))


@router.get("/picture.svg", dependencies=[allowed("read")])
def picture(request: Request, view: CurrentView, visitor: CurrentVisitor, day: str = "") -> Response:
    """A day's map as a picture."""
    chosen, language = day_chosen(view, day).day, visitor.language if visitor.language in LANGUAGES else "en"
    drawn = lambda: room.picture(view, chosen, language).encode()  # noqa: E731
    return _kept(request, view, "picture", (chosen, language), drawn, "image/svg+xml")


@router.get("/incident/{n:int}", dependencies=[allowed("read")])
def nth(view: CurrentView, n: int, tag: str = "") -> Response:
    """The page of the incident that the map numbers so in the state that ``tag`` names."""
    rows = in_order(view)
    if tag and tag != view.tag:
        raise Refusal(409, text("The data is newer than this map. Load the page again."))
    if not 0 <= n < rows.height:
        raise Refusal(404, text("There is no such incident."))
    return RedirectResponse(f"/incidents/{rows['incident_id'][n]}", 303)


class _Answers:
    """Bytes by view and question, the newest kept."""

    def __init__(self) -> None:
        self._of: dict[Hashable, bytes] = {}

    def get(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        found = self._of.get(key)
        if found is None:
            found = make()
            while len(self._of) >= MOST_KEPT:
                self._of.pop(next(iter(self._of)))
            self._of[key] = found
        return found


@lru_cache(maxsize=1)
def _answers() -> _Answers:
    return _Answers()


def _kept(  # noqa: PLR0917  as the routes read
    request: Request,
    view: View,
    what: str,
    about: tuple[date | str, ...],
    make: Callable[[], bytes],
    media_type: str = JSON,
) -> Response:
    """An answer that is made once for a view; a browser that has it already is told so."""
    etag = '"' + "-".join([what, view.case.id, view.tag, *map(str, about)]) + '"'
    kept = {"etag": etag, "cache-control": "private, max-age=60"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=kept)
    body = _answers().get((etag, str(view.manifest.get("inputs", ""))), make)
    return Response(body, media_type=media_type, headers=kept)


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
