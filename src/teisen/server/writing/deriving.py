"""Everything derived again in a process of its own, beside the readers; told step by step."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Condition, Thread
from typing import Literal

Word = Literal["deriving", "derived", "failed"]
Tell = Callable[[Word, dict[str, object]], None]
LINES = 200
"""Lines of a mistake that are kept."""


class Deriving:
    """A thread that derives whenever :meth:`ask` was called since it last began.

    Args:
        folder: the case.
        done: called after each derivation that came to its end, with the new tables in place.
        tell: called with a word and what goes with it: ``deriving`` (step, done, total), ``derived``, ``failed`` (why).
    """

    def __init__(self, folder: Path, done: Callable[[], object], tell: Tell) -> None:
        self.folder, self.done, self.tell = folder, done, tell
        self._asked, self._ended, self._busy = False, False, False
        self._turn = Condition()
        self._process: subprocess.Popen[str] | None = None
        self._thread = Thread(target=self._run, name="deriving", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def ask(self) -> None:
        """Have everything derived again, once what goes on now has ended."""
        with self._turn:
            self._asked = True
            self._turn.notify_all()

    def settled(self, timeout_s: float) -> bool:
        """Wait until nothing is asked for and nothing goes on."""
        with self._turn:
            return self._turn.wait_for(lambda: not (self._asked or self._busy), timeout_s)

    def end(self) -> None:
        """Stop; a derivation that goes on is broken off, and the tables stay as they are."""
        with self._turn:
            self._ended = True
            self._turn.notify_all()
            if self._process:
                self._process.kill()
        if self._thread.is_alive():
            self._thread.join(10)

    def _run(self) -> None:
        while True:
            with self._turn:
                self._turn.wait_for(lambda: self._asked or self._ended)
                if self._ended:
                    return
                self._asked, self._busy = False, True
            try:
                self._derive()
            except Exception as error:
                self.tell("failed", {"why": f"{type(error).__name__}: {error}"})
            finally:
                with self._turn:
                    self._busy = False
                    self._turn.notify_all()

    def _derive(self) -> None:
        command = [sys.executable, "-m", "teisen.server.writing.derive_once", str(self.folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
            with self._turn:
                self._process = process
                if self._ended:
                    process.kill()
            assert process.stdout is not None  # noqa: S101
            assert process.stderr is not None  # noqa: S101
            for line in process.stdout:
                self.tell("deriving", json.loads(line))
            why = "\n".join(process.stderr.read().splitlines()[-LINES:])
        with self._turn:
            self._process = None
            if self._ended:
                return
        if process.returncode:
            self.tell("failed", {"why": why})
            return
        self.done()
        self.tell("derived", {})
