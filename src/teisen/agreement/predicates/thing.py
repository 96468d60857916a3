"""Predicates on what it was and what was hit."""

from __future__ import annotations

from teisen.agreement.predicates.base import Leaf
from teisen.agreement.vocabulary import ATTACK, Kind, Some, TargetClass, kinds_of, titles
from teisen.agreement.worlds import Sets, Worlds
from teisen.languages import ENGLISH, Words
from teisen.observation import vocabulary


class TargetIs(Leaf):
    """The thing hit is stated to be of a class."""

    about = "target"
    target_is: Some[TargetClass]

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        return words("a source says that {classes} was hit", classes=titles(self.target_is, words))

    def denies(self, words: Words = ENGLISH) -> str:  # noqa: D102
        return words("no source says that {classes} was hit", classes=titles(self.target_is, words))

    def holds(self, worlds: Worlds) -> Sets:  # noqa: D102
        return worlds.target_is(self.target_is)


class IsKind(Leaf):
    """It was of a kind; ``attack`` stands for every kind that is a use of force."""

    about = "kind"
    is_kind: Some[Kind]

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        titles = {name: words(kind.title).lower() for name, kind in vocabulary().kinds.items()}
        force = words("a use of force")
        said = [force if kind == ATTACK else words("of kind {kind}", kind=titles[kind]) for kind in self.is_kind]
        return words("it was {kinds}", kinds=words.listed(said))

    def holds(self, worlds: Worlds) -> Sets:  # noqa: D102
        return worlds.is_kind(kinds_of(self.is_kind))
