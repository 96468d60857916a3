"""The desk: the one place from which this process writes to its case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import TypeVar

from fastapi import Request

from teisen import case as room
from teisen.case import Case
from teisen.decision import Record, replay
from teisen.ledger import Entry

Done = TypeVar("Done")
WAIT_S = 20.0
"""Seconds that a write waits for another, of this process or of a command."""


class Desk:
    """Writes to a case, one act at a time, and calls ``changed`` after each from which something is derived.

    Other commands may write to the same case meanwhile; the case's lock keeps them apart.
    """

    def __init__(self, folder: Path, changed: Callable[[], None] = lambda: None) -> None:
        self.case = Case.open(folder)
        self.changed = changed
        self._lock = Lock()
        self._record: tuple[int, Record] | None = None

    def act(self, what: Callable[[Case], Done], *, derives: bool = True) -> Done:
        """Do ``what`` with the case; it is durable when this returns.

        Raises:
            TeisenError: what the act raises; nothing is on record then.
        """
        with self._lock:
            done = what(self.case)
        if derives:
            self.changed()
        return done

    def recorded(self, what: room.Coming, name: str, *, by: str = "", role: str = "", party: str = "") -> int:
        """Put on record what happened with an account."""
        return self.act(
            lambda case: room.record_access(case, what, name, role=role, party=party, by=by, wait_s=WAIT_S),
            derives=False,
        )

    def entries(self) -> Sequence[Entry]:
        """All entries of the ledger as it is now."""
        with self._lock:
            self.case.refresh()
            return self.case.ledger.entries()

    def record(self) -> Record:
        """What people decided so far, also what is not derived yet. To be read alone."""
        with self._lock:
            self.case.refresh()
            size = len(self.case.ledger)
            if self._record is None or self._record[0] != size:
                self._record = (size, replay(self.case.acts()))
            return self._record[1]


def desk(request: Request) -> Desk:
    """The desk of the app."""
    found: Desk = request.app.state.desk
    return found
