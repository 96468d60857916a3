"""The state that readers see now, swapped whole; and the dependencies by which routes get their view of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from teisen.case import stored
from teisen.case.folder import Case
from teisen.languages import text
from teisen.server.access.roles import LIAISON, PUBLIC, roles
from teisen.server.access.visitor import CurrentVisitor, Visitor
from teisen.server.problems import Refusal
from teisen.server.view import State, View


class Current:
    """Holds the newest whole state of a case. Readers take it once a request; a swap is one assignment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._state: State | None = None
        self.refresh()

    @property
    def state(self) -> State | None:
        """The newest state; None: nothing is derived yet."""
        return self._state

    @property
    def stale(self) -> bool:
        """Whether there is more on record than was derived, or nothing was."""
        return self._state is None or self._state.manifest.get("inputs") != self._state.case.inputs()

    def refresh(self) -> State | None:
        """Put what is derived now in place of what was there, once what the public may have of it is ready."""
        case = Case.open(self.folder)
        if stored.read_manifest(case.derived) is not None:
            state = State(case)
            state.view(roles().audience(PUBLIC, state.definitions.case.release.root))
            self._state = state
        return self._state

    def view(self, visitor: Visitor) -> View:
        """What ``visitor`` may see.

        Raises:
            Refusal: nothing is derived yet (503).
        """
        state = self._state
        if state is None:
            raise Refusal(503, text("Nothing is derived yet. Come back in a while."), headers={"Retry-After": "10"})
        audience = roles().audience(visitor.role, state.definitions.case.release.root)
        return state.view(audience, visitor.party if visitor.role == LIAISON else "")


def current(request: Request) -> Current:
    """The holder of the app."""
    found: Current = request.app.state.current
    return found


def current_view(request: Request, visitor: CurrentVisitor) -> View:
    """What whoever asks may see."""
    return current(request).view(visitor)


CurrentView = Annotated[View, Depends(current_view)]
