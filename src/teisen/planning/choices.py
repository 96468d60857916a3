"""What the violator may choose, and what visits find of it: the game's arrays from chances by place and kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from teisen.geodesy import Floats
from teisen.planning.game import Game
from teisen.planning.patrol import Crew, Ints, Network

MOMENTS = 1000
"""Moments of a slot over which a mean is taken."""


@dataclass(frozen=True)
class Choices:
    """The violator's choices: every target, in every slot of a period, with every kind.

    They are numbered ``(target * period + slot) * kinds + kind``.

    Attributes:
        targets, period, kinds: how many of each there are.
        lasts: slots for which a violation of each kind, or its traces, can be found from its beginning on, (kinds,).
    """

    targets: int
    period: int
    kinds: int
    lasts: Ints

    def __len__(self) -> int:
        return self.targets * self.period * self.kinds

    def of(self, values: Floats) -> Floats:
        """Values of choices as an array (targets, period, kinds)."""
        return values.reshape(self.targets, self.period, self.kinds)

    @property
    def target(self) -> Ints:
        """The target of each choice."""
        return np.arange(len(self)) // (self.period * self.kinds)

    @property
    def slot(self) -> Ints:
        """The slot of each choice."""
        return np.arange(len(self)) // self.kinds % self.period

    @property
    def kind(self) -> Ints:
        """The kind of each choice."""
        return np.arange(len(self)) % self.kinds


def patrol_game(
    network: Network,
    crews: Sequence[Crew],
    choices: Choices,
    see: Floats,
    base: Floats | None = None,
    *,
    light: Floats | None = None,
    begun: Floats | None = None,
) -> Game:
    """The game of crews on a network against these choices.

    Args:
        network: where crews can be; its horizon holds the period and what crews reach into the next one.
        crews: who patrols; the rest of each is at least what is left of the period beside its window.
        choices: the violator's.
        see: P(a crew at a place finds in one slot | a violation at a target while it lasts), shape (kinds, places,
            targets).
        base: P(found without any patrol) by target, slot and kind, shape of :meth:`Choices.of`; by default 0.
        light: factor on ``see`` of a visit in each slot of the horizon, shape (slots,); by default 1.
        begun: factor on ``see`` of what begins in each slot of a period, by kind, shape (period, kinds); by default 1.

    Periods are drawn independently. A violation can be met by crews of this period's draw, by those of the last one's
    that are still out, and by those of the next one's while it lasts; what is guaranteed counts the draw that can see
    most of it, and leaves out the others: no more is promised than one draw delivers. :mod:`teisen.planning.elapsed`
    counts all.

    Raises:
        ValueError: shapes do not fit, or a crew's window is longer than a period.
    """
    period, horizon = choices.period, network.slots
    if see.shape != (choices.kinds, network.places, choices.targets):
        raise ValueError("see is not (kinds, places, targets)")
    if any(crew.end > horizon or crew.end - crew.start > period for crew in crews):
        raise ValueError("a crew's window lies in the horizon and is not longer than a period")
    out = working(network, crews) > 0
    there = out * (np.ones(horizon) if light is None else light)
    chance = np.ones((period, choices.kinds)) if begun is None else begun
    sees = _seen(choices, see, there, chance, 0)
    for draw in (period, -period):  # the last period's draw counts its slots so much higher, the next one's lower
        other = _seen(choices, see, there, chance, draw)
        sees = np.where(other.sum(axis=0) > sees.sum(axis=0) + 1e-12, other, sees)
    flat = np.zeros(len(choices)) if base is None else np.asarray(base, float).reshape(len(choices))
    return Game(network, tuple(crews), sees, flat, choices.kind)


def in_time(slot_h: float, watch_h: float, lasts_h: float, between: tuple[float, float]) -> float:
    """P(a visit in a slot is in time for a violation that begins in it and lasts so many hours).

    The visit begins at any moment of the slot that leaves time for the watch; the violation at any moment ``between``
    two hours of the slot.
    """
    free = slot_h - watch_h
    if free <= 0:
        return 1.0
    low, high = between
    begins = low + (np.arange(MOMENTS) + 0.5) / MOMENTS * (high - low)
    met = np.minimum(free, begins + lasts_h) - np.maximum(0.0, begins - watch_h)
    return float(np.maximum(met, 0.0).mean() / free)


def working(network: Network, crews: Sequence[Crew]) -> Ints:
    """How many crews could be at each place in each slot, shape (places, slots): by window, way and safety alone."""
    slot = np.arange(network.slots)
    out = np.zeros((network.places, network.slots), np.int64)
    for crew in crews:
        reach = crew.reach[:, None]
        out += (reach >= 0) & (slot >= crew.start + reach) & (slot + 1 + reach <= crew.end)
    return out * network.safe


def _seen(choices: Choices, see: Floats, there: Floats, begun: Floats, shift: int) -> Floats:
    """P(a visit finds | choice), where the draw's slots are counted ``shift`` higher than the choice's.

    ``there``: factor on what is seen from each place in each slot, 0 where no crew comes, shape (places, slots).
    """
    places, horizon = there.shape
    seen = np.zeros((places, horizon, choices.targets, choices.period, choices.kinds))
    for slot in range(choices.period):
        for k in range(choices.kinds):
            first = slot + shift
            when = slice(max(first, 0), max(min(first + int(choices.lasts[k]), horizon), 0))
            seen[:, when, :, slot, k] = see[k][:, None, :] * there[:, when, None] * begun[slot, k]
    return seen.reshape(places * horizon, len(choices))
