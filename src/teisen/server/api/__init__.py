"""The API: what the pages show, for programs, under ``/api/v1``; described by ``/api/v1/openapi.json``."""

from __future__ import annotations

from fastapi import APIRouter

from teisen.server.api import acts, allegations, case, incidents, inside, ledger, reports, terms
from teisen.server.api.rows import problems

RESOURCES = (case, incidents, allegations, terms, reports, ledger, inside, acts)
"""Modules of the API, each with a ``router``."""
PREFIX = "/api/v1"
EVERYWHERE = problems(401, 403, 413, 421, 422, 429, 503)
"""Refusals that any route may give."""


def api() -> APIRouter:
    """All of the API."""
    router = APIRouter(prefix=PREFIX, responses=EVERYWHERE)
    for module in RESOURCES:
        router.include_router(module.router)
    return router
