"""What a predicate is: a leaf looks at the worlds, a composite puts answers of its parts together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from teisen.agreement.worlds import Bools, Sets, Worlds
from teisen.documents import Strict
from teisen.languages import ENGLISH, Words


class Span(NamedTuple):
    """From a moment up to but without another, in microseconds since 1970, UTC; None: open."""

    start_us: int | None = None
    end_us: int | None = None


Failure = tuple[int | None, str]
"""A sentence, and the moment (microseconds since 1970, UTC) from which on it is the right one; None: from ever."""


class Predicate(Strict):
    """A condition on what happened. ``about`` is the word for what it looks at, used where readings part."""

    about: ClassVar[str]

    @property
    def name(self) -> str:
        """Its name in YAML."""
        return next(iter(type(self).model_fields))

    def says(self, words: Words = ENGLISH) -> str:
        """What it asks for, as a clause: 'it happened from ... to ...'."""
        raise NotImplementedError

    def denies(self, words: Words = ENGLISH) -> str:
        """That it does not hold, as a clause: 'no source says that ...'."""
        return words("it is not shown that {clause}", clause=self.says(words))

    def fails(self, words: Words = ENGLISH) -> tuple[Failure, ...]:
        """What to say of a subject for which it does not hold, by the subject's time; the first has no moment."""
        return ((None, words("Out of scope: {clause}.", clause=self.denies(words))),)

    @property
    def span(self) -> Span:
        """The time outside of which it can't hold, as far as it tells."""
        return Span()

    @property
    def timing(self) -> Predicate | None:
        """What of it is told by the time alone, or asks for nothing that happened; all else may be. None: nothing."""
        return None

    @property
    def parts(self) -> tuple[Predicate, ...]:
        """The predicates it is made of; none: it is a leaf."""
        return ()

    def bound(self, parties: tuple[str, ...]) -> Predicate:
        """The same predicate with ``parties`` wherever it leaves open who is bound."""
        return self


class Leaf(Predicate):
    """A predicate that looks at the worlds itself. ``cheap`` ones are asked first, to leave out what can't hold."""

    cheap: ClassVar[bool] = True
    timely: ClassVar[bool] = False
    """Whether the time alone tells if it holds, or nothing that happened does: then it says when a rule is in force."""

    @property
    def timing(self) -> Predicate | None:
        """Itself, if it is timely."""
        return self if self.timely else None

    def holds(self, worlds: Worlds) -> Sets:
        """In which worlds of which subjects it holds: what ``worlds`` answers, or booleans (subjects, worlds)."""
        raise NotImplementedError


class Composite(Predicate):
    """A predicate over other predicates, which it holds under its own name."""

    def of(self, parts: Sequence[Predicate]) -> Predicate:
        """The same over other parts."""
        return self.model_copy(update={next(iter(type(self).model_fields)): tuple(parts)})

    def bound(self, parties: tuple[str, ...]) -> Predicate:  # noqa: D102
        return self.of([part.bound(parties) for part in self.parts])

    def combine(self, answers: Sequence[Sets]) -> Sets:
        """Put the answers of its parts, in their order, together."""
        raise NotImplementedError

    def may(self, answers: Sequence[Bools]) -> Bools:
        """Whether it may hold, given for each part whether that may hold; used to leave out what can't."""
        return self.combine(answers)
