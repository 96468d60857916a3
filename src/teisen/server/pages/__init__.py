"""Pages: each a module with a route, a pure function from a view to the page's model, and a template.

The pattern, as :mod:`teisen.server.pages.situation` has it: ``@router.get(path, dependencies=[allowed(action)])`` takes
``CurrentView`` and ``CurrentVisitor``, calls the pure function, and gives its model to :func:`render`. A module that is
listed in ``PAGES`` is served. Every text goes through ``words`` (in Python and in templates alike), so that the
catalogues' test finds it.
"""

from __future__ import annotations

from fastapi import APIRouter

from teisen.server.pages import (
    account,
    acts,
    allegations,
    compliance,
    incidents,
    intake,
    ledger,
    mapping,
    offline,
    plan,
    positions,
    provider,
    provisions,
    reports,
    review,
    sign_in,
    situation,
)

PAGES = (
    situation,
    mapping,
    incidents,
    provisions,
    allegations,
    positions,
    compliance,
    plan,
    reports,
    ledger,
    review,
    intake,
    sign_in,
    provider,
    account,
    acts,
    offline,
)
"""Modules of pages, each with a ``router``."""


def pages() -> APIRouter:
    """All pages."""
    router = APIRouter(include_in_schema=False)
    for module in PAGES:
        router.include_router(module.router)
    return router
