"""Predicates on when it happened."""

from __future__ import annotations

from teisen.agreement.predicates.base import Leaf
from teisen.agreement.windows import Window
from teisen.agreement.worlds import Sets, Worlds
from teisen.languages import ENGLISH, Words


class During(Leaf):
    """It happened within a window of time."""

    about = "window"
    during: Window

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        window = self.during
        gaps = {
            "start": words.moment(window.start) if window.start else "",
            "end": words.moment(window.end) if window.end else "",
            "zone": window.clock,
        }
        if window.end is None:
            return words("it happened from {start} on ({zone})", **gaps)
        if window.start is None:
            return words("it happened up to {end} ({zone})", **gaps)
        return words("it happened from {start} up to {end} ({zone})", **gaps)

    def holds(self, worlds: Worlds) -> Sets:  # noqa: D102
        return worlds.during(self.during.start_us, self.during.end_us)
