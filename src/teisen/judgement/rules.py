"""A rule asked of possible worlds: its answer, and that of each condition in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from teisen.agreement import Bools, Composite, Leaf, Predicate, conditions, leaves
from teisen.judgement.worlds import PossibleWorlds

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Answer:
    """What a rule answered for some subjects; each array has shape (subjects,) and holds shares of possible worlds.

    ``leaves`` are shares by leaf in the rule's order, ``conditions`` by what the rule asks for at its top.
    """

    share: Floats
    leaves: list[tuple[Leaf, Floats]]
    conditions: list[tuple[Predicate, Floats]]

    def of(self, rows: Bools) -> Answer:
        """The answer for some of the subjects."""
        return Answer(
            self.share[rows],
            [(leaf, share[rows]) for leaf, share in self.leaves],
            [(part, share[rows]) for part, share in self.conditions],
        )


class Asked:
    """Possible worlds with the answers already given: readings share most of their predicates."""

    def __init__(self, worlds: PossibleWorlds) -> None:
        self.worlds = worlds
        self._given: dict[Predicate, Bools] = {}

    def holds(self, rule: Predicate) -> Bools:
        """In which worlds of which subjects the rule holds; shape (subjects, worlds)."""
        if rule not in self._given:
            if isinstance(rule, Composite):
                self._given[rule] = rule.combine([self.holds(part) for part in rule.parts])
            elif isinstance(rule, Leaf):
                self._given[rule] = rule.holds(self.worlds)
        return self._given[rule]

    def may_hold(self, rule: Predicate) -> Bools:
        """Whether the rule may hold in some world, as far as cheap predicates tell; shape (subjects,)."""
        if isinstance(rule, Composite):
            return rule.may([self.may_hold(part) for part in rule.parts])
        if isinstance(rule, Leaf) and rule.cheap:
            return np.asarray(self.holds(rule).any(axis=1))
        return np.ones(self.worlds.shape[0], dtype=np.bool_)

    def answer(self, rule: Predicate) -> Answer:
        """Shares of possible worlds in which the rule, its leaves and its conditions hold."""
        return Answer(
            self.holds(rule).mean(axis=1),
            [(leaf, self.holds(leaf).mean(axis=1)) for leaf in leaves(rule)],
            [(part, self.holds(part).mean(axis=1)) for part in conditions(rule)],
        )
