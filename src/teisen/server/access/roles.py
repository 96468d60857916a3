"""The table of roles and actions, read from ``roles.yaml`` beside this file."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from importlib.resources import files

from pydantic import Field, model_validator

from teisen.documents import Strict, parse

PUBLIC = "public"
LIAISON = "party-liaison"


class RoleEntry(Strict):
    """A role: its title, and the audiences of the release policy whose terms hold for it, the first that there is."""

    title: str
    audiences: tuple[str, ...] = Field(min_length=1)


class ActionEntry(Strict):
    """An action: its title, and the roles that may do it."""

    title: str
    by: tuple[str, ...] = Field(min_length=1)


class Roles(Strict):
    """Roles and actions by name, in the file's order."""

    roles: dict[str, RoleEntry]
    actions: dict[str, ActionEntry]

    @model_validator(mode="after")
    def _sound(self) -> Roles:
        for name, action in self.actions.items():
            if unknown := sorted(set(action.by) - set(self.roles)):
                raise ValueError(f"the action {name!r} is for {unknown[0]!r}, which is no role")
        return self

    def may(self, role: str, action: str) -> bool:
        """Whether ``role`` may do ``action``; a word that is not in the table may nothing."""
        return action in self.actions and role in self.actions[action].by

    def audience(self, role: str, known: Collection[str]) -> str:
        """The audience whose terms hold for ``role``, of those that a case has."""
        return next(name for name in (*self.roles[role].audiences, PUBLIC) if name in known)


@cache
def roles() -> Roles:
    """The table that ships with Teisen."""
    text = files("teisen.server.access").joinpath("roles.yaml").read_text(encoding="utf-8")
    return parse(text, Roles, "roles.yaml")
