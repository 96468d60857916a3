"""When it is night: around midnight (UTC), for so much of a day as the conditions have of night."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from teisen.geodesy import Floats
from teisen.planning.patrol import Bools
from teisen.planning.plan import Condition

TOUCHES_H = 1e-6
"""Hours that overlap by less are taken as not overlapping."""


def night_h(conditions: Sequence[Condition]) -> float:
    """Hours of night in a day, by the conditions' shares."""
    shares = np.array([one.share for one in conditions])
    return float(24 * shares[[one.night for one in conditions]].sum() / shares.sum())


def at_night(conditions: Sequence[Condition], hour: Floats) -> NDArray[np.bool_]:
    """Whether it is night at hours of a day: so much of it around midnight as the conditions have of night."""
    return np.asarray(np.abs((hour + 12) % 24 - 12) <= night_h(conditions) / 2, np.bool_)


def lights(
    conditions: Sequence[Condition], slot_h: float, slots: int, night: tuple[float, float] | None = None
) -> tuple[Bools, Bools]:
    """Whether each slot from midnight on may have day in it, and whether it may have night; each of shape (slots,).

    Args:
        conditions: of the season.
        slot_h: length of a slot, hours.
        slots: how many; they may run into the next day.
        night: hours (UTC) between which somebody else says that it is night; then what either says may be.
    """
    half = night_h(conditions) / 2
    begin = np.asarray(np.arange(slots) * slot_h, np.float64)
    dark = [_hours_in(begin, begin + slot_h, low, high) for low, high in ((-half, half), *((night,) if night else ()))]
    touched = [hours > TOUCHES_H for hours in dark]
    whole = [hours > slot_h - TOUCHES_H for hours in dark]
    return ~np.logical_and.reduce(whole), np.logical_or.reduce(touched)


def pieces(conditions: Sequence[Condition], slot_h: float, slots: int) -> list[list[tuple[float, float]]]:
    """Each slot from midnight on in pieces of one light: cut at the season's dusk and dawn, in hours of the slot."""
    half = night_h(conditions) / 2
    out = []
    for slot in range(slots):
        cuts = [(hour - slot * slot_h) % 24 for hour in (half, 24 - half)]
        edges = [0.0, *sorted(cut for cut in cuts if TOUCHES_H < cut < slot_h - TOUCHES_H), slot_h]
        out.append(list(pairwise(edges)))
    return out


def _hours_in(begin: Floats, end: Floats, low: float, high: float) -> Floats:
    """Hours of each span that lie in a span of every day, which may go past midnight."""
    length = 24.0 if high - low > 24 - TOUCHES_H else (high - low) % 24

    def until(hour: Floats) -> Floats:
        days, rest = np.divmod(hour - low, 24)
        return days * length + np.minimum(rest, length)

    return np.asarray(until(end) - until(begin), np.float64)
