"""Predicates that hang on something else in the agreement: an event, a notice, another provision.

As written they name it by its id; :meth:`Relative.resolved` gives the predicate that can be asked of worlds. It keeps
the name of the written one, so that readings and amendments may override it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Annotated, NamedTuple, Protocol

import numpy as np
from pydantic import Field, model_validator

from teisen.agreement.events import Event, Notice
from teisen.agreement.predicates.base import Composite, Failure, Leaf, Predicate, Span
from teisen.agreement.predicates.time import Stretch, clocked, outside
from teisen.agreement.vocabulary import Id, kinds_of
from teisen.agreement.worlds import Sets, Worlds
from teisen.documents import Strict
from teisen.languages import ENGLISH, Words

DAY_US = 86_400_000_000


class Timed(NamedTuple):
    """A provision under one of its readings: titles of both, and the time conditions; None: it holds at any time."""

    provision: str
    reading: str
    timing: Predicate | None


class Terms(Protocol):
    """What an agreement tells a predicate that hangs on something else in it."""

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Every notice that was given."""
        ...

    def event(self, event_id: str) -> Event:
        """The event of that id."""
        ...

    def timed(self, provision_id: str, reading_id: str) -> Timed:
        """The time conditions of a reading, with the changes that it recognises."""
        ...


class Relative(Leaf):
    """A predicate that hangs on something else in the agreement. Only what it is resolved to is asked of worlds."""

    def resolved(self, terms: Terms) -> Predicate:
        """The predicate that it stands for under the agreement's terms."""
        raise NotImplementedError


class Delay(Strict):
    """From so many days of 24 hours after an event up to so many; ``to_days`` left out is open."""

    event: Id
    from_days: Annotated[float, Field(ge=0)] = 0
    to_days: Annotated[float, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Delay:
        if self.to_days is not None and self.to_days <= self.from_days:
            raise ValueError("`to_days:` has to be more than `from_days:` (the window ends just before it)")
        return self


class After(Relative):
    """It happened so many days after an event; never, if the event is not known to have happened."""

    about = "window"
    after: Delay

    def resolved(self, terms: Terms) -> Predicate:  # noqa: D102
        event = terms.event(self.after.event)
        known = Awaited if event.us is None else Since
        return known(after=self.after, event=event)


class Since(Stretch):
    """``after`` of an event that happened."""

    after: Delay
    event: Event

    @property
    def span(self) -> Span:  # noqa: D102
        delay, happened = self.after, self.event.us or 0
        end = None if delay.to_days is None else happened + round(delay.to_days * DAY_US)
        return Span(happened + round(delay.from_days * DAY_US), end)

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        gaps = {**clocked(self.span, self.event.clock, words), "event": self.event.title}
        if self.span.end_us is None:
            return words("it happened from {start} on ({zone}), counted from '{event}'", **gaps)
        return words("it happened from {start} up to {end} ({zone}), counted from '{event}'", **gaps)

    def fails(self, words: Words = ENGLISH) -> tuple[Failure, ...]:  # noqa: D102
        gaps = {**clocked(self.span, self.event.clock, words), "event": self.event.title}
        early = words("Outside the window counted from '{event}': it began on {start} ({zone}).", **gaps)
        late = words("Outside the window counted from '{event}': it ended on {end} ({zone}).", **gaps)
        return outside(self.span, early, late)


class Awaited(Leaf):
    """``after`` of an event that is not known to have happened: what isn't known is not counted."""

    about, timely = "condition", True
    after: Delay
    event: Event

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        return words("it happened after '{event}' (not known to have happened)", event=self.event.title)

    def fails(self, words: Words = ENGLISH) -> tuple[Failure, ...]:  # noqa: D102
        return ((None, words("Out of scope: '{event}' is not known to have happened.", event=self.event.title)),)

    def holds(self, worlds: Worlds) -> Sets:  # noqa: D102
        return np.zeros(worlds.shape, np.bool_)


class Lead(Strict):
    """How long before its window a notice has to be given, in hours."""

    hours_before: Annotated[float, Field(ge=0)]


class Notified(Relative):
    """Whoever did it gave notice of it early enough: of its time, its place and its kind. For use under ``unless``."""

    about, cheap = "condition", False
    notified: Lead

    def resolved(self, terms: Terms) -> Predicate:  # noqa: D102
        early = tuple(one for one in terms.notices if one.hours_before >= self.notified.hours_before)
        return Covered(notified=self.notified, notices=early)


class Covered(Leaf):
    """``notified`` with the notices that were given early enough."""

    about, cheap = "condition", False
    notified: Lead
    notices: tuple[Notice, ...]

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        hours = f"{self.notified.hours_before:g}"
        return words("whoever did it gave notice of it at least {hours} hours before", hours=hours)

    def holds(self, worlds: Worlds) -> Sets:  # noqa: D102
        covered = [_covers(notice, worlds) for notice in self.notices]
        return reduce(np.bitwise_or, covered) if covered else np.zeros(worlds.shape, np.bool_)


def _covers(notice: Notice, worlds: Worlds) -> Sets:
    """In which worlds the one who gave the notice did what it covers."""
    covers = worlds.during(notice.window.start_us, notice.window.end_us) & worlds.done_by((notice.by,))
    if notice.areas:
        covers = covers & worlds.within(notice.areas)
    return covers & worlds.is_kind(kinds_of(notice.kinds)) if notice.kinds else covers


class Other(Strict):
    """A reading of another provision."""

    provision: Id
    reading: Id


class InForce(Relative):
    """It happened while another provision was in force, by the time conditions of one of its readings."""

    about, timely = "window", True
    in_force: Other

    def resolved(self, terms: Terms) -> Predicate:  # noqa: D102
        other = terms.timed(self.in_force.provision, self.in_force.reading)
        return Standing(
            in_force=self.in_force, provision=other.provision, reading=other.reading, when=other.timing or Always()
        )


class Always(Stretch):
    """It happened at any time."""

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        return words("it happened at any time")


class Standing(Composite):
    """``in_force`` with the time conditions of the other provision's reading."""

    about = "window"
    in_force: Other
    provision: str
    reading: str
    when: Predicate

    @property
    def parts(self) -> tuple[Predicate, ...]:  # noqa: D102
        return (self.when,)

    @property
    def span(self) -> Span:  # noqa: D102
        return self.when.span

    @property
    def timing(self) -> Predicate:  # noqa: D102
        return self

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        return words("'{provision}' was in force, as '{reading}' has it", **self._gaps)

    def fails(self, words: Words = ENGLISH) -> tuple[Failure, ...]:  # noqa: D102
        not_then = words("Out of scope: '{provision}' was not in force, as '{reading}' has it.", **self._gaps)
        return tuple((us, words("{one} {other}", one=not_then, other=why)) for us, why in self.when.fails(words))

    @property
    def _gaps(self) -> dict[str, str]:
        return {"provision": self.provision, "reading": self.reading}

    def bound(self, parties: tuple[str, ...]) -> Predicate:  # noqa: D102
        return self  # times alone, which bind nobody

    def combine(self, answers: Sequence[Sets]) -> Sets:  # noqa: D102
        return answers[0]
