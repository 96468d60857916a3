"""The share of each day on which a reading is in force, asked of the rule's own predicates of time and conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from teisen.agreement import Agreement, Bools, Composite, Counted, Counting, Leaf, Predicate, conditions
from teisen.geodesy import Floats

Key = tuple[str, str, str]
"""Ids of agreement, provision and reading."""
MOMENTS = 288
"""Moments of a day that are asked: one in five minutes of a day of 24 hours."""


def rules_of(agreements: Sequence[Agreement]) -> dict[Key, Predicate]:
    """The whole rule of every reading, by the ids of agreement, provision and reading."""
    return {
        (agreement.id, provision.id, reading.id): agreement.rule(provision, reading)
        for agreement in agreements
        for provision in agreement.provisions
        for reading in provision.readings
    }


def by_count(rule: Predicate) -> bool:
    """Whether a reading asks for a count: no incident can break it, so it has no rate, and no answer from one."""
    return any(isinstance(part, Counted) for part in conditions(rule))


@dataclass(frozen=True)
class Moments:
    """Worlds that know the time alone: subjects are days, worlds are moments; all else may be."""

    us: NDArray[np.int64]

    @property
    def shape(self) -> tuple[int, int]:
        """Days and moments."""
        return self.us.shape[0], self.us.shape[1]

    def during(self, start_us: int | None, end_us: int | None) -> Bools:
        """It is the time asked for."""
        after = self.us >= start_us if start_us is not None else self._anything()
        return after & (self.us < end_us) if end_us is not None else after

    def within(self, areas: tuple[str, ...]) -> Bools:
        """It may be there."""
        return self._anything()

    def near(self, classes: tuple[str, ...], distance_m: float) -> Bools:
        """It may be near."""
        return self._anything()

    def near_line(self, lines: tuple[str, ...], distance_m: float) -> Bools:
        """It may be near."""
        return self._anything()

    def on_side(self, *, own: bool) -> Bools:
        """It may be there."""
        return self._anything()

    def target_is(self, classes: tuple[str, ...]) -> Bools:
        """It may be of the class."""
        return self._anything()

    def with_weapon(self, weapons: tuple[str, ...]) -> Bools:
        """It may be one of them."""
        return self._anything()

    def is_kind(self, kinds: tuple[str, ...]) -> Bools:
        """It may be of the kind."""
        return self._anything()

    def done_by(self, parties: tuple[str, ...]) -> Bools:
        """They may have done it."""
        return self._anything()

    def counted(self, what: Counting, *, below: float | None = None, above: float | None = None) -> Bools:
        """It may have been counted so."""
        return self._anything()

    def _anything(self) -> Bools:
        return np.ones(self.us.shape, bool)


def in_force(rule: Predicate, starts_us: NDArray[np.int64], ends_us: NDArray[np.int64]) -> Floats:
    """Share of each day, shape (days,), in which something could fall under ``rule`` at all."""
    step = (np.arange(MOMENTS) + 0.5) / MOMENTS
    us = starts_us[:, None] + ((ends_us - starts_us)[:, None] * step).astype(np.int64)
    timing = rule.timing
    return np.ones(len(us)) if timing is None else np.asarray(_holds(timing, Moments(us)).mean(axis=1))


def _holds(rule: Predicate, worlds: Moments) -> Bools:
    if isinstance(rule, Composite):
        return rule.combine([_holds(part, worlds) for part in rule.parts])
    if isinstance(rule, Leaf):
        return rule.holds(worlds)
    raise TypeError(f"{rule.name} is neither a leaf nor made of parts")
