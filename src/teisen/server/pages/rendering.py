"""A page's model through its template: the one place that makes HTML."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from teisen.languages import LANGUAGES, speaking, text
from teisen.server.access.roles import roles
from teisen.server.access.visitor import LANGUAGE, Visitor, current_visitor
from teisen.server.pages.saying import FILTERS
from teisen.server.view import View

NATIVE = {"en": "English", "ja": "日本語", "uk": "Українська", "ru": "Русский"}
"""Languages as their readers call them."""


@dataclass(frozen=True)
class Link:
    """A page in the navigation; ``action`` is what one has to be allowed to do to be shown it."""

    path: str
    title: str
    action: str
    apart: bool = False
    current: bool = False


LINKS = (
    Link("/", text("Situation"), "read"),
    Link("/incidents", text("Incidents"), "read"),
    Link("/provisions", text("Provisions"), "read"),
    Link("/allegations", text("Allegations"), "read"),
    Link("/positions", text("Positions"), "read"),
    Link("/compliance", text("Compliance"), "read"),
    Link("/plan", text("Watch plan"), "read"),
    Link("/reports", text("Reports"), "read"),
    Link("/ledger", text("Ledger"), "read"),
    Link("/review", text("Review"), "read-inside", apart=True),
    Link("/intake", text("Report"), "report"),
    Link("/allege", text("Allege"), "allege"),
)


@pass_context
def _words(context: Context, text: str, **values: object) -> str:
    """``text`` in the visitor's language, with its gaps filled."""
    visitor: Visitor = context["visitor"]
    return visitor.words(text, **values)


@pass_context
def _counted(context: Context, n: float, one: str, many: str, **gaps: object) -> str:
    """The form for a number of things in the visitor's language; ``{n}`` is the number."""
    visitor: Visitor = context["visitor"]
    return visitor.words.counted(n, one, many, **gaps)


@pass_context
def _same(context: Context, **changes: str | int | None) -> str:
    """The address of this page with some parameters changed; None takes one away, the rest stays as it is."""
    request: Request = context["request"]
    gone = [name for name, value in changes.items() if value is None]
    url = request.url.remove_query_params(gone).include_query_params(
        **{name: value for name, value in changes.items() if value is not None}
    )
    return str(url.replace(scheme="", netloc=""))


@pass_context
def _to(context: Context, path: str) -> str:
    """Another page, in the language that the address of this one asks for."""
    asked = context["request"].query_params.get(LANGUAGE)
    if asked not in LANGUAGES:
        return path
    return f"{path}{'&' if urlsplit(path).query else '?'}{LANGUAGE}={asked}"


@cache
def asset(name: str) -> str:
    """The address of a file under ``static``, with its digest: a new file has a new address."""
    file = files("teisen.server").joinpath("static", *name.split("/"))
    try:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()[:10]
    except OSError:
        return ""
    return f"/static/{name}?{digest}"


def once() -> str:
    """A new text that makes a form one act however often it is sent."""
    return secrets.token_urlsafe(18)


ENVIRONMENT = Environment(
    loader=PackageLoader("teisen.server.pages", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
ENVIRONMENT.globals.update(once=once, words=_words, counted=_counted, same=_same, to=_to, asset=asset)
ENVIRONMENT.globals.update(languages=LANGUAGES, native=NATIVE)
ENVIRONMENT.filters.update(FILTERS)


@dataclass(frozen=True)
class Release:
    """What the foot of a page says of its numbers: for whom, as of when, and what they rest on."""

    audience: str
    as_of: object
    size: int
    policy: tuple[str, ...]


def render(
    request: Request,
    template: str,
    model: object,
    *,
    view: View | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The page of ``template``, which knows ``page`` (the model), ``visitor``, ``request``, ``words`` and ``same``.

    ``view`` is the view that the page was made from, for its foot.
    """
    visitor = current_visitor(request)
    values: dict[str, Any] = {"page": model, "visitor": visitor, "request": request} | _around(request, visitor, view)
    with speaking(visitor.words):
        html = ENVIRONMENT.get_template(template).render(values)
    return HTMLResponse(html, status, headers=dict(headers or {}))


def _around(request: Request, visitor: Visitor, view: View | None) -> dict[str, Any]:
    """What stands around every page."""
    state = request.app.state.current.state
    case = state.definitions.case if state else None
    here = request.url.path
    links = [
        Link(one.path, one.title, one.action, one.apart, _within(here, one.path))
        for one in LINKS
        if visitor.may(one.action)
    ]
    released = Release(view.audience, view.as_of, view.size, tuple(view.released.terms.says)) if view else None
    return {
        "case_title": case.title if case else "",
        "simulated": bool(case and case.simulated),
        "zone": case.zone if case else "UTC",
        "links": links,
        "role_title": roles().roles[visitor.role].title,
        "released": released,
    }


def _within(here: str, path: str) -> bool:
    return here == path if path == "/" else here == path or here.startswith(f"{path}/")
