"""A rule asked of possible worlds: its answer, and that of each condition in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from teisen.agreement import Composite, Leaf, Predicate, conditions, leaves
from teisen.judgement.bits import Bits, pack, share
from teisen.judgement.worlds import PossibleWorlds

Bools = NDArray[np.bool_]
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


def holds(rule: Predicate, worlds: PossibleWorlds) -> Bits:
    """In which worlds of which subjects the rule holds; shape (subjects, words)."""
    if isinstance(rule, Composite):
        return rule.combine([holds(part, worlds) for part in rule.parts])
    if isinstance(rule, Leaf):
        answer = rule.holds(worlds)
        return pack(answer) if answer.dtype == np.bool_ else answer
    raise TypeError(f"{rule.name} is neither a leaf nor made of parts")


def may_hold(rule: Predicate, worlds: PossibleWorlds) -> Bools:
    """Whether the rule may hold in some world, as far as cheap predicates tell; shape (subjects,)."""
    if isinstance(rule, Composite):
        return rule.may([may_hold(part, worlds) for part in rule.parts])
    if isinstance(rule, Leaf) and rule.cheap:
        return np.asarray(holds(rule, worlds).any(axis=1))
    return np.ones(worlds.shape[0], dtype=np.bool_)


def answer(rule: Predicate, worlds: PossibleWorlds) -> Answer:
    """Shares of possible worlds in which the rule, its leaves and its conditions hold."""
    return Answer(
        share(holds(rule, worlds)),
        [(leaf, share(holds(leaf, worlds))) for leaf in leaves(rule)],
        [(part, share(holds(part, worlds))) for part in conditions(rule)],
    )
