"""What a sector's mixture guarantees, kind by kind: how surely a violation is found, and how soon one that goes on.

Everything is rounded to the safe side.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from teisen.geodesy import Floats
from teisen.planning.elapsed import later, mean_of, slots_until, unseen
from teisen.planning.game import Mix
from teisen.planning.programme import Guarantee

if TYPE_CHECKING:
    from teisen.planning.patrols import Sector

WINDOWS_H = (1.0, 24.0, 168.0)
"""Found within an hour, a day, a week."""
DAYS_AHEAD = 3
"""Days that are reckoned draw by draw; what comes later follows from them."""
SURELY = 0.9


def guarantees(sector: Sector, mix: Mix, slot_h: float) -> tuple[Guarantee, ...]:
    """What ``mix`` guarantees in a sector, for each kind that is watched for there."""
    game = sector.game
    left = _left(sector, mix)
    least, reached = mix.guaranteed(game), mix.reached(game)
    by_window = {hours: _within(sector, left, slot_h, hours) for hours in WINDOWS_H}
    surely, mean = _surely_h(sector, left, slot_h), _mean_h(sector, left, slot_h)
    return tuple(
        Guarantee(
            kind=kind,
            found=math.floor(least[k] * 1e4) / 1e4,
            reached=math.floor(reached[k] * 1e4) / 1e4 if k in reached else None,
            most=min(math.ceil(mix.alone[k] * 1e4) / 1e4, 1.0) if k in mix.alone else None,
            hours=_up(mean[k]),
            within_hour=_down(by_window[1.0][k]),
            within_day=_down(by_window[24.0][k]),
            within_week=_down(by_window[168.0][k]),
            surely_h=_up(surely[k]),
        )
        for k, kind in enumerate(sector.kinds)
    )


def _left(sector: Sector, mix: Mix) -> Floats:
    """P(crews have not found it yet) of :func:`unseen`, for two days and more."""
    choices = sector.choices
    shape = (choices.targets, choices.period, choices.kinds)
    slots = DAYS_AHEAD * choices.period
    if not sector.game.crews:
        return np.ones((slots, *shape))
    nothing = np.zeros(shape)
    return unseen(sector.game, mix, choices, sector.see, base=nothing, slots=slots, light=sector.light)


def _slots(hours: float, sector: Sector, slot_h: float) -> int:
    """Slots in which crews may find what has to be reported within ``hours``."""
    return math.floor((hours - sector.latency_h) / slot_h + 1e-9)


def _within(sector: Sector, left: Floats, slot_h: float, hours: float) -> Floats:
    """Least P(found and reported within ``hours``), by crews or by what stands there, shape (kinds,)."""
    by_crews = later(left, _slots(hours, sector, slot_h), sector.choices.period)
    found = 1 - (1 - sector.standing[hours]) * by_crews
    return np.asarray(np.where(sector.asked[:, None, :], found, 1.0).min(axis=(0, 1)))


def _surely_h(sector: Sector, left: Floats, slot_h: float) -> Floats:
    """Hours after which a violation is found and reported with SURELY, wherever it is, shape (kinds,).

    What stands there counts from the end of a window on with its chance within that window.
    """
    best = np.full(left.shape[1:], np.inf)
    for hours, stands in ((0.0, np.zeros(left.shape[1:])), *sorted(sector.standing.items())):
        missed = (1 - SURELY) / np.maximum(1 - stands, 1e-12)
        slots = slots_until(left, missed, sector.choices.period)
        by_crews = np.where(slots > 0, slots * slot_h + sector.latency_h, 0.0)
        best = np.minimum(best, np.maximum(by_crews, hours))
    return np.asarray(np.where(sector.asked[:, None, :], best, 0.0).max(axis=(0, 1)))


def _mean_h(sector: Sector, left: Floats, slot_h: float) -> Floats:
    """Greatest mean hours until crews have found it and the report is there, shape (kinds,)."""
    hours = mean_of(left, sector.choices.period) * slot_h + sector.latency_h
    return np.asarray(np.where(sector.asked[:, None, :], hours, 0.0).max(axis=(0, 1)))


def _down(share: float) -> float:
    return math.floor(share * 1e4 + 1e-9) / 1e4


def _up(hours: float) -> float | None:
    return math.ceil(hours * 10 - 1e-6) / 10 if np.isfinite(hours) else None
