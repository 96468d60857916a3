"""What a predicate is: a leaf looks at the worlds, a composite puts answers of its parts together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from teisen.agreement.worlds import Bools, Sets, Worlds
from teisen.languages import ENGLISH, Words
from teisen.observation.profile import Strict


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

    def holds(self, worlds: Worlds) -> Sets:
        """In which worlds of which subjects it holds: what ``worlds`` answers, or booleans (subjects, worlds)."""
        raise NotImplementedError


class Composite(Predicate):
    """A predicate over other predicates."""

    def combine(self, answers: Sequence[Sets]) -> Sets:
        """Put the answers of its parts, in their order, together."""
        raise NotImplementedError

    def may(self, answers: Sequence[Bools]) -> Bools:
        """Whether it may hold, given for each part whether that may hold; used to leave out what can't."""
        return self.combine(answers)
