"""The page of whoever asked for what is not there, or not for them."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request, Response

from teisen.server.pages.rendering import render
from teisen.server.problems import Refusal


@dataclass(frozen=True)
class Refused:
    """What the page says."""

    title: str
    says: str
    sign_in: bool


def refused(request: Request, refusal: Refusal) -> Response:
    """The page of a refusal."""
    model = Refused("Not shown", refusal.detail, refusal.status == 401)
    return render(request, "refused.html.j2", model, status=refusal.status, headers=refusal.headers)
