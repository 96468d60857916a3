"""Refusals and mistakes as answers: problem details (RFC 9457) for programs, a page for people."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
STABLE = {
    400: "bad-request",
    401: "sign-in-needed",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    409: "conflict",
    412: "changed-meanwhile",
    413: "too-large",
    415: "unsupported-media-type",
    421: "other-host",
    422: "does-not-fit",
    429: "too-many-requests",
    503: "not-ready",
}
"""The stable name of each kind of problem; its ``type`` is ``/problems/<name>``."""


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


def problem(refusal: Refusal) -> dict[str, Any]:
    """The problem details of a refusal."""
    name = STABLE.get(refusal.status, "problem")
    body: dict[str, Any] = {
        "type": f"/problems/{name}",
        "title": HTTPStatus(refusal.status).phrase,
        "status": refusal.status,
        "detail": refusal.detail,
    }
    return body | ({"errors": refusal.errors} if refusal.errors else {})


def wants_page(request: Request) -> bool:
    """Whether a browser asks for a page, not a program for data."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def answer(request: Request, refusal: Refusal) -> Response:
    """The answer to a refusal."""
    if wants_page(request):
        from teisen.server.pages.refused import refused  # noqa: PLC0415  pages need problems themselves

        return refused(request, refusal)
    return JSONResponse(problem(refusal), refusal.status, media_type=MEDIA_TYPE, headers=dict(refusal.headers or {}))
