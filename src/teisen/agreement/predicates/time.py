"""Predicates on when it happened."""

from __future__ import annotations

from teisen.agreement.predicates.base import Failure, Leaf, Span
from teisen.agreement.windows import Window, to_local
from teisen.agreement.worlds import Sets, Worlds
from teisen.languages import ENGLISH, Words


class Stretch(Leaf):
    """It happened in one stretch of time, its :attr:`span`."""

    about, timely = "window", True

    def holds(self, worlds: Worlds) -> Sets:  # noqa: D102
        return worlds.during(*self.span)


class During(Stretch):
    """It happened within a window of time."""

    during: Window

    @property
    def span(self) -> Span:  # noqa: D102
        return Span(self.during.start_us, self.during.end_us)

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        gaps = clocked(self.span, self.during.clock, words)
        if self.during.end is None:
            return words("it happened from {start} on ({zone})", **gaps)
        if self.during.start is None:
            return words("it happened up to {end} ({zone})", **gaps)
        return words("it happened from {start} up to {end} ({zone})", **gaps)

    def fails(self, words: Words = ENGLISH) -> tuple[Failure, ...]:  # noqa: D102
        gaps = clocked(self.span, self.during.clock, words)
        early = words("Outside the window: it began on {start} ({zone}).", **gaps)
        late = words("Outside the window: it ended on {end} ({zone}).", **gaps)
        return outside(self.span, early, late)


def clocked(span: Span, zone: str, words: Words) -> dict[str, str]:
    """What sentences about a stretch of time have gaps for: ``start``, ``end`` (empty: open) and ``zone``."""
    start, end = ("" if us is None else words.moment(to_local(us, zone)) for us in span)
    return {"start": start, "end": end, "zone": zone}


def outside(span: Span, early: str, late: str) -> tuple[Failure, ...]:
    """``early`` before a stretch of time begins and ``late`` once it has ended; a side that is open says nothing."""
    if span.end_us is None:
        return ((None, early),)
    return ((None, late if span.start_us is None else early), (span.end_us, late))
