"""The one check of every route: what it does, whether whoever asks may do that, and whether they asked themselves."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.params import Depends as Dependency
from fastapi.routing import iter_route_contexts
from fastapi.staticfiles import StaticFiles
from starlette.routing import Mount

from teisen.languages import text
from teisen.server.access.roles import roles
from teisen.server.access.visitor import CurrentVisitor, Visitor
from teisen.server.problems import Refusal

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf"
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class Allowed:
    """A dependency that lets through who may do ``action``; of a route it tells what it does."""

    def __init__(self, action: str) -> None:
        if action not in roles().actions:
            raise ValueError(f"roles.yaml knows no action {action!r}")
        self.action = action

    async def __call__(self, request: Request, visitor: CurrentVisitor) -> None:
        """Refuse who may not, and what another site sent in somebody's name.

        Raises:
            Refusal: 401 where signing in may help, else 403.
        """
        if not visitor.may(self.action):
            said = (
                text("Sign in first.")
                if not visitor.name
                else text("The role {role} may not do that.").format(role=visitor.role)
            )
            raise Refusal(403 if visitor.name else 401, said)
        if request.method not in SAFE and visitor.scopes is None:
            _check_origin(request)
            await _check_token(request, visitor)


def allowed(action: str) -> Any:
    """What a route writes: ``@router.get("/", dependencies=[allowed("read")])``."""
    return Depends(Allowed(action))


def action_of(route: Any) -> str | None:
    """The action that a route declares; None: it declares none."""
    found = [d.dependency for d in getattr(route, "dependencies", ()) if isinstance(d, Dependency)]
    actions = [one.action for one in found if isinstance(one, Allowed)]
    return actions[-1] if actions else None


@dataclass(frozen=True)
class Declared:
    """A route as it is reached: its path, its methods, and the action that it declares, if it does."""

    path: str
    methods: tuple[str, ...]
    action: str | None


def declared(routes: Sequence[Any]) -> Iterator[Declared]:
    """All routes, those of included routers among them; files that are served to everybody are none."""
    for route in iter_route_contexts(routes):
        if isinstance(route.original_route, Mount) and isinstance(route.original_route.app, StaticFiles):
            continue
        yield Declared(route.path or "", tuple(sorted(route.methods or ())), action_of(route))


def undeclared(routes: Sequence[Any]) -> list[str]:
    """Paths of routes that do not say which action they are."""
    return sorted(one.path for one in declared(routes) if one.action is None)


def _check_origin(request: Request) -> None:
    """A browser says which site a request comes from; only the server's own may change anything."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "same-origin")
    own = request.headers.get("host", "")
    if site not in ("same-origin", "none") or (origin is not None and urlsplit(origin).netloc != own):
        raise Refusal(403, text("That was sent from another site."))


async def _check_token(request: Request, visitor: Visitor) -> None:
    given = request.headers.get(CSRF_HEADER, "")
    if not given and request.headers.get("content-type", "").partition(";")[0].strip().lower() in _FORMS:
        given = str((await request.form()).get(CSRF_FIELD, ""))
    if not visitor.csrf or not secrets.compare_digest(given.encode(), visitor.csrf.encode()):
        raise Refusal(
            403, text("The form is too old, or was not sent from here. Load the page again and send it once more.")
        )
