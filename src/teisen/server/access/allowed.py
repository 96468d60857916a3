"""The one check of every route: what it does, and whether whoever asks may do that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import Depends
from fastapi.params import Depends as Dependency
from fastapi.routing import APIRoute

from teisen.server.access.roles import roles
from teisen.server.access.visitor import CurrentVisitor
from teisen.server.problems import Refusal


class Allowed:
    """A dependency that lets through who may do ``action``; of a route it tells what it does."""

    def __init__(self, action: str) -> None:
        if action not in roles().actions:
            raise ValueError(f"roles.yaml knows no action {action!r}")
        self.action = action

    def __call__(self, visitor: CurrentVisitor) -> None:
        """Refuse who may not.

        Raises:
            Refusal: 401 where signing in may help, else 403.
        """
        if not visitor.may(self.action):
            raise Refusal(403 if visitor.name else 401, f"the role {visitor.role} may not {self.action}")


def allowed(action: str) -> Any:
    """What a route writes: ``@router.get("/", dependencies=[allowed("read")])``."""
    return Depends(Allowed(action))


def action_of(route: APIRoute) -> str | None:
    """The action that a route declares; None: it declares none."""
    found = [d.dependency for d in route.dependencies if isinstance(d, Dependency)]
    actions = [one.action for one in found if isinstance(one, Allowed)]
    return actions[-1] if actions else None


def undeclared(routes: Iterable[Any]) -> Iterator[str]:
    """Paths of routes that do not say which action they are."""
    for route in routes:
        if isinstance(route, APIRoute) and action_of(route) is None:
            yield route.path
