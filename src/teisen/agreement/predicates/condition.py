"""Predicates on what has to come first."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from teisen.agreement.predicates.base import Leaf
from teisen.agreement.worlds import Sets, Worlds
from teisen.documents import Strict
from teisen.languages import ENGLISH, Words


def _word(value: Any) -> Any:
    """YAML reads an unquoted yes or no as true or false."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


class Condition(Strict):
    """Something that has to come first. ``met: unknown`` is not met: what isn't known is not counted."""

    that: str = Field(min_length=1)
    met: Annotated[Literal["yes", "no", "unknown"], BeforeValidator(_word)]


class Provided(Leaf):
    """A condition precedent, stated in words."""

    about, timely = "condition", True
    provided: Condition

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        known = {"yes": words("met"), "no": words("not met"), "unknown": words("not known to be met")}
        return words(
            "the condition '{that}' is met (it is {known})", that=self.provided.that, known=known[self.provided.met]
        )

    def holds(self, worlds: Worlds) -> Sets:  # noqa: D102
        return np.full(worlds.shape, self.provided.met == "yes")
