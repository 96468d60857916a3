"""Predicates on lines, and on the side of a line."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from teisen.agreement.predicates.base import Leaf
from teisen.agreement.vocabulary import AreaId, Some
from teisen.agreement.worlds import Sets, Worlds
from teisen.documents import Strict
from teisen.languages import ENGLISH, Words

LONGEST_M = 500_000
"""The longest distance from a line that may be asked for, metres; Minsk II has 140 km."""


class Lines(Strict):
    """Ids of lines and a distance from them; ``line-of-contact`` is the case's own, as it ran at the time."""

    lines: Some[AreaId]
    distance_m: float = Field(gt=0, le=LONGEST_M)


class NearLine(Leaf):
    """It happened at most a distance from a line, as the line ran at the time."""

    about, cheap = "place", False
    near_line: Lines

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        return words(
            "it happened within {distance} m of the line {lines}",
            distance=f"{self.near_line.distance_m:,.0f}",
            lines=words.listed(self.near_line.lines),
        )

    def holds(self, worlds: Worlds) -> Sets:  # noqa: D102
        return worlds.near_line(self.near_line.lines, self.near_line.distance_m)


class OnSide(Leaf):
    """It lies on ground held by whoever did it (``own``), or by another party (``other``).

    Asked in each world of the actor and the place of that world. Where nobody is said to have done it, or nobody is
    known to hold the ground, neither holds.
    """

    about, cheap = "side", False
    on_side: Literal["own", "other"]

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        if self.on_side == "own":
            return words("it lies on ground held by whoever did it")
        return words("it lies on ground held by another party than the one who did it")

    def holds(self, worlds: Worlds) -> Sets:  # noqa: D102
        return worlds.on_side(own=self.on_side == "own")
