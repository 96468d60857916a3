"""What a predicate may ask: possible worlds of many subjects at once.

A subject (an incident, an allegation or a tally of what was counted) is known with error; a world is one way it may
have been. Every question is answered by a set of worlds for each subject: an array of booleans, shape (subjects,
worlds), or of their bits, shape (subjects, words). Predicates put sets together by ``&``, ``|`` and ``~`` alone, which
is right for both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Sets = NDArray[Any]

UNDETERMINED = "undetermined"
"""The actor of a world in which nobody is said to have done it."""


@dataclass(frozen=True)
class Counting:
    """What is counted: a unit, per day, week, month or window, in a zone's local time.

    What ``stays`` is found again by the next count of its place, and never added to it.

    ``window`` is that of ``per`` window: first moment and the one at which it is over, microseconds since 1970.
    """

    unit: str
    per: str
    zone: str | None
    window: tuple[int | None, int | None] | None = None
    stays: bool = False


class Worlds(Protocol):
    """Possible worlds of a number of subjects; every answer is a set of worlds for each."""

    @property
    def shape(self) -> tuple[int, int]:
        """Subjects and worlds."""
        ...

    def during(self, start_us: int | None, end_us: int | None) -> Sets:
        """It happened from ``start_us`` up to but without ``end_us`` (microseconds since 1970, UTC; none: open)."""
        ...

    def within(self, areas: tuple[str, ...]) -> Sets:
        """It happened in one of the areas, named by id or by level."""
        ...

    def near(self, classes: tuple[str, ...], distance_m: float) -> Sets:
        """It happened at most ``distance_m`` from a site of one of the target classes, or of a class within one."""
        ...

    def near_line(self, lines: tuple[str, ...], distance_m: float) -> Sets:
        """It happened at most ``distance_m`` from one of the lines, named by id, as it ran at the time."""
        ...

    def on_side(self, *, own: bool) -> Sets:
        """It lies on ground held by the party that did it (``own``), or by another; undetermined: neither."""
        ...

    def target_is(self, classes: tuple[str, ...]) -> Sets:
        """The thing hit is stated to be of one of the target classes, or of a class within one."""
        ...

    def with_weapon(self, weapons: tuple[str, ...]) -> Sets:
        """One of the weapons, each a word of the vocabulary, is stated to have been used or seen."""
        ...

    def is_kind(self, kinds: tuple[str, ...]) -> Sets:
        """It was of one of the kinds."""
        ...

    def done_by(self, parties: tuple[str, ...]) -> Sets:
        """One of the parties did it; :data:`UNDETERMINED` among them stands for nobody being said to have."""
        ...

    def counted(self, what: Counting, *, below: float | None = None, above: float | None = None) -> Sets:
        """It is a count of that, and lies ``below`` a number, or ``above`` one, in some such period."""
        ...
