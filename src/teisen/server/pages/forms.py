"""Forms of people: where they came from, and where they are led afterwards."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse

SEE_OTHER = 303


def local(target: str) -> str:
    """A path of this server; of anything else, its first page: nobody is led to another site."""
    plain = target.isascii() and target.isprintable() and "\\" not in target
    return target if plain and target.startswith("/") and not target.startswith("//") else "/"


def led_to(request: Request, target: str) -> RedirectResponse:
    """Lead a browser to a page after it sent a form."""
    return RedirectResponse(request.scope.get("root_path", "") + local(target), SEE_OTHER)
