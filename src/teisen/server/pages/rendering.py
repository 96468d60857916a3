"""A page's model through its template: the one place that makes HTML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from teisen.languages import LANGUAGES
from teisen.server.access.visitor import Visitor, current_visitor


@pass_context
def _words(context: Context, text: str, **values: object) -> str:
    """``text`` in the visitor's language, with its gaps filled."""
    visitor: Visitor = context["visitor"]
    return visitor.words(text, **values)


@pass_context
def _same(context: Context, **changes: str) -> str:
    """The address of this page with some parameters changed; everything else of the view stays as it is."""
    request: Request = context["request"]
    return str(request.url.include_query_params(**changes).replace(scheme="", netloc=""))


ENVIRONMENT = Environment(
    loader=PackageLoader("teisen.server.pages", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
ENVIRONMENT.globals.update(words=_words, same=_same, languages=LANGUAGES)


def render(
    request: Request, template: str, model: object, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """The page of ``template``, which knows ``page`` (the model), ``visitor``, ``request``, ``words`` and ``same``."""
    values: dict[str, Any] = {"page": model, "visitor": current_visitor(request), "request": request}
    html = ENVIRONMENT.get_template(template).render(values)
    return HTMLResponse(html, status, headers=dict(headers or {}))
