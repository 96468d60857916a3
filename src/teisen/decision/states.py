"""The life cycle, read from ``states.yaml`` beside this file: states, roles, and who may take which step."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import Field, model_validator

from teisen.documents import Strict, parse

AUTOMATIC = "automatic"
"""The state of whatever nobody has decided about."""
SAME = "same"
LIAISON = "party-liaison"
"""The role that speaks for a party; it may reply, comment and appeal, and never decides."""
Kind = Literal["finding", "incident", "allegation"]


class StateEntry(Strict):
    """A state: its title in words, and whether it waits for people."""

    title: str
    waits: bool


class Action(Strict):
    """What can be done: on which kinds of subject, by which roles, from which states to which, and what it rules."""

    title: str
    about: tuple[Kind, ...]
    by: tuple[str, ...]
    start: tuple[str, ...] | Literal["any"] = Field(alias="from")
    to: str
    ruling: Literal["confirmed", "corrected", "dismissed"] | None = None

    def starts_from(self, state: str) -> bool:
        """Whether it can be taken in ``state``."""
        return self.start == "any" or state in self.start

    def leads(self, state: str) -> str:
        """The state after it."""
        return state if self.to == SAME else self.to


class LifeCycle(Strict):
    """States, roles and actions by name, in the file's order."""

    states: dict[str, StateEntry]
    roles: dict[str, str]
    actions: dict[str, Action]

    @model_validator(mode="after")
    def _sound(self) -> LifeCycle:
        for name, action in self.actions.items():
            states = {*(() if action.start == "any" else action.start), *(() if action.to == SAME else (action.to,))}
            if unknown := sorted((states - set(self.states)) | (set(action.by) - set(self.roles))):
                raise ValueError(f"the action {name!r} speaks of {unknown[0]!r}, which is not declared")
        return self

    def possible(self, kind: str, state: str) -> list[str]:
        """Names of the actions that can be taken on a subject of ``kind`` in ``state``, by whomever."""
        return [name for name, a in self.actions.items() if kind in a.about and a.starts_from(state)]


@cache
def life_cycle() -> LifeCycle:
    """The life cycle that ships with Teisen."""
    text = files("teisen.decision").joinpath("states.yaml").read_text(encoding="utf-8")
    return parse(text, LifeCycle, "states.yaml")
