"""What Teisen says when input is wrong: one clear message, and the exit code that goes with it.

A :class:`Problem` is a message about one place in one file. Readers collect problems and go on; commands print them.
A :class:`TeisenError` stops a command. Every user's mistake ends as one of these, never as a traceback.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in one place, and what to do about it.

    ``row`` counts from 1: text lines, or where ``counted`` says so rows of data, of which a heading is none;
    0 means the file as a whole. ``column`` is a column name, a key path or empty.
    """

    file: str
    row: int
    column: str
    what: str
    do: str
    counted: Literal["line", "row"] = "line"

    def __str__(self) -> str:
        at = f"{self.counted} {self.row}" if self.row else ""
        place = ", ".join(part for part in (self.file, at, self.column) if part)
        return f"{place}: {self.what}. {self.do}" if place else f"{self.what[:1].upper()}{self.what[1:]}. {self.do}"


class TeisenError(Exception):
    """Base of everything Teisen raises on purpose. ``exit_code`` is what the command line ends with."""

    exit_code = 1


class BadInput(TeisenError):
    """A file or an option is wrong; carries the problems, in the order in which they stand in the file."""

    exit_code = 2

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class NotACase(TeisenError):
    """The folder that was named holds no case."""

    exit_code = 3


class LedgerBroken(TeisenError):
    """The ledger does not verify; the message says which byte, entry or signature."""

    exit_code = 4


class DerivedDiffers(TeisenError):
    """Deriving again gave other bytes than the case holds; the message says which file and byte."""

    exit_code = 5


class CaseBusy(TeisenError):
    """Another process is writing to this case."""

    exit_code = 6


class NoKey(TeisenError):
    """The private key that may append to this ledger is not on this machine."""

    exit_code = 7


class SchemaError(TeisenError):
    """A stage was handed a table that is not what it declares; a mistake of the caller's code, not of a user."""

    exit_code = 70
