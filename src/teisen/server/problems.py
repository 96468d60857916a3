"""Refusals and mistakes as answers: problem details (RFC 9457) for programs, a page for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from teisen.languages import ENGLISH, again, text, words

MEDIA_TYPE = "application/problem+json"
KINDS: Mapping[int, tuple[str, str]] = {
    400: ("bad-request", text("Bad request")),
    401: ("sign-in-needed", text("Sign-in needed")),
    403: ("not-allowed", text("Not allowed")),
    404: ("not-found", text("Not found")),
    405: ("method-not-allowed", text("Method not allowed")),
    406: ("not-acceptable", text("Not acceptable")),
    409: ("conflict", text("In conflict with what is on record")),
    412: ("changed-meanwhile", text("Changed meanwhile")),
    413: ("too-large", text("Too large")),
    415: ("unsupported-media-type", text("Unsupported media type")),
    421: ("other-host", text("Another host")),
    422: ("does-not-fit", text("Does not fit")),
    429: ("too-many-requests", text("Too many requests")),
    503: ("not-ready", text("Not ready")),
}
"""The stable name of each kind of problem, whose ``type`` is ``/problems/<name>``, and its title in English."""
OTHER = ("problem", text("Problem"))


class Refusal(HTTPException):
    """An answer other than what was asked for.

    ``detail`` says what is wrong and what to do, in words for people, without anything that was not released.
    ``errors`` names places: each a mapping with ``where`` and ``what``.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: list[dict[str, str]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.status, self.errors = status, errors or []


def problem(refusal: Refusal, language: str = ENGLISH.language) -> dict[str, Any]:
    """The problem details of a refusal. What is for people is in ``language``; ``type`` and ``where`` are the same in
    every language."""
    name, title = KINDS.get(refusal.status, OTHER)
    body: dict[str, Any] = {
        "type": f"/problems/{name}",
        "title": words(language)(title),
        "status": refusal.status,
        "detail": again(refusal.detail, language),
    }
    errors = [one | {"what": again(one["what"], language)} for one in refusal.errors]
    return body | ({"errors": errors} if errors else {})


def wants_page(request: Request) -> bool:
    """Whether a browser asks for a page, not a program for data."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def answer(request: Request, refusal: Refusal) -> Response:
    """The answer to a refusal."""
    from teisen.server.access.visitor import current_visitor  # noqa: PLC0415  visitors need roles, which need problems

    if wants_page(request):
        from teisen.server.pages.refused import refused  # noqa: PLC0415  pages need problems themselves

        return refused(request, refusal)
    language = current_visitor(request).language
    headers = {"Content-Language": language, "Vary": "Accept-Language, Cookie", **(refusal.headers or {})}
    return JSONResponse(problem(refusal, language), refusal.status, media_type=MEDIA_TYPE, headers=headers)
