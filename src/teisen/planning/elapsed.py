"""How long until a violation that goes on is first found, under a mixture drawn anew for each period.

A violation begins at a target in a slot and goes on (a weapon that stays, a trench that grows, fire that is repeated).
In each slot what stands there finds it with its own chance, and visits find it with theirs. Periods are independent
draws; within one draw the routes are what they are, and nothing is averaged before chances are multiplied.
"""

from __future__ import annotations

import numpy as np

from teisen.geodesy import Floats
from teisen.planning.choices import Choices
from teisen.planning.game import Game, Mix
from teisen.planning.patrol import Ints

SETTLED = 1e-9
"""Below this share not found the rest of the time is summed in closed form."""


def unseen(
    game: Game, mix: Mix, choices: Choices, see: Floats, *, base: Floats, slots: int, light: Floats | None = None
) -> Floats:
    """P(a violation that goes on is not found yet) after 1, 2, ... slots; shape (slots, targets, period, kinds).

    Args:
        game, mix, choices: the game, its mixture and what the violator may choose.
        see, light: as :func:`teisen.planning.choices.patrol_game` takes them.
        base: P(found in a slot without patrols), shape (targets, period, kinds).
        slots: how far to look.

    A draw is met in two parts, its own period's slots and those that its crews still work in the next one; the two
    parts of one draw stay together.
    """
    period, horizon = choices.period, game.network.slots
    chance, missing = mix.chance(), _missing(game, mix, see, np.ones(horizon) if light is None else light)
    kinds, targets = see.shape[0], see.shape[2]
    out = np.ones((slots, targets, period, kinds))
    for begin in range(period):
        # For each draw that is met: what its routes have missed so far, by joint route.
        draws = [np.ones((len(chance), targets, kinds)) for _ in range(slots // period + 3)]
        left = np.ones((targets, kinds))
        for after in range(slots):
            slot = begin + after
            day, hour = divmod(slot, period)
            left = left * (1 - base[:, hour, :])
            draws[day + 1] = draws[day + 1] * missing[:, :, hour, :]
            if hour + period < horizon:
                draws[day] = draws[day] * missing[:, :, hour + period, :]
            found = left
            for draw in draws[: day + 2]:
                found = found * np.tensordot(chance, draw, axes=1)
            out[after, :, begin, :] = found
    return out


def mean_slots(game: Game, mix: Mix, choices: Choices, see: Floats, *, base: Floats, periods: int = 3) -> Floats:
    """Mean slots until a violation that goes on is found, shape (targets, period, kinds); infinite: it never is.

    The slots of ``periods`` periods, at least two, are summed; the rest is a geometric sum (:func:`later`).
    """
    slots = periods * choices.period
    return mean_of(unseen(game, mix, choices, see, base=base, slots=slots), choices.period)


def mean_of(left: Floats, period: int) -> Floats:
    """The mean of :func:`mean_slots`, from what :func:`unseen` gave for two periods or more."""
    last, ratio = left[-1], _ratio(left, period)[-1]
    tail = left[-period:].sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = np.where(last <= SETTLED, 0.0, np.where(ratio < 1 - SETTLED, tail * ratio / (1 - ratio), np.inf))
    # Slot 0 counts: what is found in the slot in which it begins takes no time.
    return np.asarray(left.sum(axis=0) + rest, np.float64)


def within(left: Floats, slots: int) -> Floats:
    """P(found within ``slots`` slots), from what :func:`unseen` gave, shape (targets, period, kinds)."""
    return np.asarray(1 - left[slots - 1], np.float64)


def later(left: Floats, slots: int, period: int) -> Floats:
    """P(not found yet) after any number of slots, from what :func:`unseen` gave for two periods or more.

    From the second period on each further one is a draw more like the last one, and leaves the same share.
    """
    if slots <= 0:
        return np.ones(left.shape[1:])
    if slots <= len(left):
        return np.asarray(left[slots - 1], np.float64)
    more = -(-(slots - len(left)) // period)
    at = slots - more * period - 1
    return np.asarray(left[at] * _ratio(left, period)[at - len(left)] ** more, np.float64)


def slots_until(left: Floats, missed: Floats, period: int) -> Floats:
    """Slots after which no more than ``missed`` of a violation is not found yet; infinite: it never comes to that.

    Args:
        left: what :func:`unseen` gave for two periods or more.
        missed: shape (targets, period, kinds); 1 and above: nothing has to be found.
        period: slots of a period.
    """
    early = left <= missed
    found = np.where(early.any(axis=0), early.argmax(axis=0) + 1.0, np.inf)
    ratio, last = _ratio(left, period), left[-period:]
    with np.errstate(divide="ignore", invalid="ignore"):
        draws = np.ceil(np.log(missed / last) / np.log(ratio) - SETTLED)
    there = (ratio > 0) & (ratio < 1 - SETTLED) & (missed > 0)
    slot = np.arange(len(left) - period + 1, len(left) + 1)[:, None, None, None]
    by_slot = np.where(there, slot + np.maximum(draws, 1) * period, np.inf).min(axis=0)
    return np.where(missed >= 1, 0.0, np.minimum(found, by_slot))


def _ratio(left: Floats, period: int) -> Floats:
    """What a further draw leaves of what is not found yet, by slot of the last period."""
    last, before = left[-period:], left[-2 * period : -period]
    return np.where(before > SETTLED, last / np.maximum(before, SETTLED), 0.0)


def _missing(game: Game, mix: Mix, see: Floats, light: Floats) -> Floats:
    """P(the crews of a joint route miss a violation in a slot), shape (joints, targets, horizon, kinds)."""
    (kinds, _, targets), horizon = see.shape, len(light)
    missing = np.ones((len(mix.joints), targets, horizon, kinds))
    for n, joint in enumerate(mix.joints):
        for route in joint:
            place, slot = np.divmod(np.array(route, np.int64), horizon)
            for at, when in zip(place, slot, strict=True):
                missing[n, :, when, :] *= 1 - see[:, at, :].T * light[when]
    return missing


def worst(values: Floats) -> Ints:
    """Target and slot of the greatest value of each kind, shape (kinds, 2)."""
    flat = values.reshape(-1, values.shape[-1]).argmax(axis=0)
    return np.stack(np.divmod(flat, values.shape[1]), axis=1)
