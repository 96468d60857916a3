"""The API: what the pages show, for programs, under ``/api/v1``; described by ``/api/v1/openapi.json``."""

from __future__ import annotations

from fastapi import APIRouter

from teisen.server.api import case

RESOURCES = (case,)
"""Modules of the API, each with a ``router``."""
PREFIX = "/api/v1"


def api() -> APIRouter:
    """All of the API."""
    router = APIRouter(prefix=PREFIX)
    for module in RESOURCES:
        router.include_router(module.router)
    return router
