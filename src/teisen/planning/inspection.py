"""Inspections of what was declared: how many in a period, what they guarantee, how many false alarms they cost.

An inspection errs in two ways: it raises a false alarm where all is as declared (probability ``false_alarm``) or misses
what is not (``missed``). After Avenhaus and Canty, *Compliance Quantified* (Cambridge University Press, 1996), and
Avenhaus, von Stengel and Zamir, "Inspection games", Handbook of Game Theory 3 (2002), chapter 51.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np
import scipy

from teisen.geodesy import Floats
from teisen.planning.mixture import Asked, Mixture

MOST_SETS = 20_000
"""Sets of inspections that are listed one by one at most."""


def missed(false_alarm: float, separation: float) -> float:
    """P(missed) of the best test with that P(false alarm), by the lemma of Neyman and Pearson.

    The evidence is normal with one variance, and ``separation`` is how far apart its means are with and without a
    violation, in standard deviations (assumed; fitted to two known points of an instrument's curve).
    """
    _share(false_alarm)
    return float(scipy.stats.norm.cdf(scipy.stats.norm.isf(false_alarm) - separation))


def guaranteed(inspections: int, slots: int, missed: float) -> float:
    """P(found) of one violation in one of ``slots``, when so many of them are inspected, drawn evenly.

    The violator knows the number, and may wait and see: what is left is still drawn evenly, so that waiting gains it
    nothing (:func:`value_to_a_watcher` is the same number). At most one inspection a slot.
    """
    _counts(inspections, slots)
    _share(missed)
    return min(inspections, slots) / slots * (1 - missed)


def value_to_a_watcher(inspections: int, slots: int, missed: float) -> float:
    """P(found) against a violator that sees each inspection and acts once, at the latest in the last slot.

    Solved slot by slot as in Dresher (RAND RM-2972, 1962): in each slot a game of inspect or not against act or wait.
    """
    _counts(inspections, slots)

    @cache
    def value(n: int, m: int) -> float:
        if m == 0 or n == 0:
            return 0.0
        if m >= n:
            return 1 - missed
        return _two_by_two(1 - missed, value(n - 1, m - 1), 0.0, value(n - 1, m))

    return value(slots, inspections)


def gain_of_violating(inspections: int, slots: int, penalty: float, missed: float = 0.0) -> float:
    """What a violator that may also stay legal expects: 1 for a violation not found, ``-penalty`` for one found, 0 for
    none.

    It sees each inspection. With no misses the value is C(slots - 1, inspections) over the sum of C(slots, i) *
    penalty^(inspections - i) for i from 0 to ``inspections`` (Avenhaus, von Stengel and Zamir 2002, section 4). Above 0
    it is not deterred: inspections that can run out before the period does leave it a gain.
    """
    _counts(inspections, slots)
    if penalty <= 0:
        raise ValueError("the penalty is above 0")

    @cache
    def value(n: int, m: int) -> float:
        if n == 0:
            return 0.0
        if m == 0:
            return 1.0
        caught = missed - penalty * (1 - missed)
        if m >= n:
            return max(0.0, caught)
        # The violator chooses rows of gain; the inspector columns: written as its loss, so the signs turn.
        return -_two_by_two(-caught, -value(n - 1, m - 1), -1.0, -value(n - 1, m))

    return value(slots, inspections)


def deterring(gain: float, penalty: float, false_alarm: float, cost_of_alarm: float) -> float:
    """P(found) from which a party has more from keeping to the agreement, told beforehand how it is inspected.

    Keeping to it costs ``cost_of_alarm`` with probability ``false_alarm``; a violation gains ``gain`` where it is
    missed and loses ``penalty`` where it is found. False alarms make violations cheaper: they raise the probability
    that is needed. May lie above 1: then no inspection deters. (Inspector leadership, Avenhaus and Canty 1996, chapter
    9.)
    """
    if min(gain, penalty) <= 0:
        raise ValueError("gain and penalty are above 0")
    return (gain + false_alarm * cost_of_alarm) / (gain + penalty)


def fewest(slots: int, missed: float, wanted: float) -> int | None:
    """The fewest inspections that guarantee ``wanted``; None: not even one in every slot does."""
    _share(missed)
    if wanted > 1 - missed + 1e-12:
        return None
    return math.ceil(wanted * slots / (1 - missed) - 1e-9) if wanted > 0 else 0


@dataclass(frozen=True)
class Regime:
    """So many inspections in a period, at one P(false alarm), and what they give.

    ``false_alarms`` is their mean number in a period without violations; ``found`` is guaranteed.
    """

    inspections: int
    false_alarm: float
    missed: float
    found: float
    false_alarms: float


def within_false_alarms(slots: int, inspections: int, separation: float, false_alarms: float) -> Regime:
    """The regime of ``inspections`` in ``slots`` that raises at most ``false_alarms`` a period on average."""
    _counts(inspections, slots)
    if inspections == 0:
        return Regime(0, 0.0, 1.0, 0.0, 0.0)
    alpha = min(false_alarms / inspections, 0.5)
    beta = missed(alpha, separation)
    return Regime(inspections, alpha, beta, guaranteed(inspections, slots, beta), alpha * inspections)


def believed(prior: float, found: float, false_alarm: float) -> float:
    """P(there is a violation | an alarm), by Bayes, with P(violation) ``prior``."""
    alarm = prior * found + (1 - prior) * false_alarm
    return 0.0 if alarm <= 0 else prior * found / alarm


def confirmed(first: tuple[float, float], second: tuple[float, float]) -> tuple[float, float]:
    """P(found) and P(false alarm) where a second, independent means has to confirm the first one's alarm."""
    return first[0] * second[0], first[1] * second[1]


@dataclass(frozen=True)
class Timely:
    """Sets of slots to inspect with their probabilities, and the greatest mean number of slots until a violation is
    found.

    A violation begins at the beginning of some slot and goes on; each inspection stands at the end of its slot; what is
    left is found after the last slot, when the period is settled. ``bound``: no mixture has a lower greatest mean.
    """

    sets: tuple[tuple[int, ...], ...]
    chance: tuple[float, ...]
    mean_slots: float
    bound: float


def timely(slots: int, inspections: int, missed: float = 0.0) -> Timely:
    """The mixture of sets of inspections with the least greatest mean time to detection, unseen by the violator.

    With one inspection, no misses and slots that get finer the greatest mean tends to 1/e of the period (Diamond,
    Mathematics of Operations Research 7, 1982).

    Raises:
        ValueError: there are more sets than can be listed.
    """
    _counts(inspections, slots)
    _share(missed)
    if math.comb(slots, inspections) > MOST_SETS:
        raise ValueError(f"more than {MOST_SETS} sets of inspections: take longer slots")
    sets = list(combinations(range(slots), inspections))
    saved = np.array([1 - _slots_until(one, slots, missed) / slots for one in sets])
    nothing = np.zeros(slots)
    mixture = Mixture(Asked(np.ones(slots), nothing, nothing))
    for row in saved:
        mixture.add(row, 0)
    answer = mixture.solve()
    kept = np.flatnonzero(answer.weights > 1e-9)
    chance = np.round(answer.weights[kept], 9)
    chance /= chance.sum()
    worst = float((slots * (1 - chance @ saved[kept])).max())
    best_against = float((saved @ answer.worth).max() / answer.worth.sum())
    return Timely(tuple(sets[i] for i in kept), tuple(chance.tolist()), worst, slots * (1 - best_against))


def _slots_until(inspected: tuple[int, ...], slots: int, missed: float) -> Floats:
    """Mean slots until a violation that begins in each slot is found, shape (slots,)."""
    until, after = np.empty(slots), 0.0
    for slot in range(slots - 1, -1, -1):
        after = 1 + after * (missed if slot in inspected else 1.0)
        until[slot] = after
    return until


def _two_by_two(a: float, b: float, c: float, d: float) -> float:
    """The value to the row player of the game [[a, b], [c, d]]."""
    low, high = max(min(a, b), min(c, d)), min(max(a, c), max(b, d))
    return low if low >= high else (a * d - b * c) / (a + d - b - c)


def _counts(inspections: int, slots: int) -> None:
    if slots < 1 or inspections < 0:
        raise ValueError("there is at least one slot, and no fewer than no inspections")


def _share(value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError("a probability lies between 0 and 1")
