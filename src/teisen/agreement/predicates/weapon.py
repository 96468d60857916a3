"""Predicates on what it was done with."""

from __future__ import annotations

from pydantic import Field, model_validator

from teisen.agreement.predicates.base import Leaf
from teisen.agreement.vocabulary import Some, WeaponClass, titles
from teisen.agreement.worlds import Sets, Worlds
from teisen.documents import Strict
from teisen.languages import ENGLISH, Words
from teisen.observation import in_weapons, vocabulary


class Calibre(Strict):
    """Bounds on a calibre, millimetres; at most one from below and one from above."""

    at_least: float | None = Field(default=None, gt=0)
    over: float | None = Field(default=None, gt=0)
    at_most: float | None = Field(default=None, gt=0)
    below: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _sound(self) -> Calibre:
        lower = [bound for bound in (self.at_least, self.over) if bound is not None]
        upper = [bound for bound in (self.at_most, self.below) if bound is not None]
        if len(lower) > 1 or len(upper) > 1 or not lower + upper:
            raise ValueError("give `at_least:` or `over:`, and `at_most:` or `below:`, or one of them alone")
        empty = bool(lower and upper) and (
            upper[0] < lower[0] or (upper[0] == lower[0] and (self.over is not None or self.below is not None))
        )
        if empty:
            raise ValueError("no calibre lies between these bounds")
        return self

    def holds(self, calibre_mm: float | None) -> bool:
        """Whether a calibre lies within the bounds; one that is not told doesn't."""
        if calibre_mm is None:
            return False
        return (
            (self.at_least is None or calibre_mm >= self.at_least)
            and (self.over is None or calibre_mm > self.over)
            and (self.at_most is None or calibre_mm <= self.at_most)
            and (self.below is None or calibre_mm < self.below)
        )

    def says(self, words: Words) -> str:
        """The bounds as a phrase: 'at least 100 mm and below 152 mm'."""
        said = []
        if self.at_least is not None:
            said.append(words("at least {calibre} mm", calibre=f"{self.at_least:g}"))
        if self.over is not None:
            said.append(words("over {calibre} mm", calibre=f"{self.over:g}"))
        if self.at_most is not None:
            said.append(words("at most {calibre} mm", calibre=f"{self.at_most:g}"))
        if self.below is not None:
            said.append(words("below {calibre} mm", calibre=f"{self.below:g}"))
        return words.listed(said, "and")


class Arms(Strict):
    """Classes of weapons, bounds on their calibre, or both; left out: any class, any calibre."""

    classes: Some[WeaponClass] | None = None
    calibre_mm: Calibre | None = None

    @model_validator(mode="after")
    def _something(self) -> Arms:
        if self.classes is None and self.calibre_mm is None:
            raise ValueError("give `classes:` or `calibre_mm:` or both")
        return self

    @property
    def weapons(self) -> tuple[str, ...]:
        """The words of the vocabulary that are meant, in its order."""
        return tuple(
            name
            for name, weapon in vocabulary().weapons.items()
            if (self.classes is None or any(in_weapons(name, wide) for wide in self.classes))
            and (self.calibre_mm is None or self.calibre_mm.holds(weapon.calibre_mm))
        )


class WithWeapon(Leaf):
    """A weapon of a class or calibre is stated to have been used or seen.

    A weapon that is stated by a wide class alone has no calibre, and no bound on calibres holds for it.
    """

    about = "weapon"
    with_weapon: Arms

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        arms = self.with_weapon
        classes = titles(arms.classes or (), words)
        if arms.calibre_mm is None:
            return words("the weapon is stated to be of class {classes}", classes=classes)
        calibre = arms.calibre_mm.says(words)
        if arms.classes is None:
            return words("the weapon is stated to have a calibre of {calibre}", calibre=calibre)
        return words(
            "the weapon is stated to be of class {classes}, with a calibre of {calibre}",
            classes=classes,
            calibre=calibre,
        )

    def holds(self, worlds: Worlds) -> Sets:  # noqa: D102
        return worlds.with_weapon(self.with_weapon.weapons)
