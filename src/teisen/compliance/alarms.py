"""The daily watch: from how much evidence it calls a fall, and the return of what fell, and on which days it did.

How much it takes follows what each line has been like. P(low) and P(back) are right by the model, which expects levels
to slip; but a line that stands near the bound of either wanders over it again and again, oftener where its days
scatter. Numbers here were chosen on simulated lines of many levels and scatters, so that a change that was none is
called about once a year and line or less often (docs/benchmarks.md, "Change").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from teisen.compliance.level import HIGH, LOW, OCTAVES, Followed
from teisen.geodesy import Floats

FALL_ODDS = 0.38
"""Odds of low against not from which the watch says that what happens fell, at least."""
FALL_SCATTER = 0.12
"""Scatter of a line beyond which it takes more, with its square."""
FALL_STANDS = 0.75
"""Level, against the reference, below which a line that stands there takes more, with the tenth power: at a half it is
next to low."""
RETURN_ODDS = 4.0
"""Odds of about the reference or more against less from which it says that it is back, at least."""
RETURN_STANDS = 0.2
"""The truce's own level above which it takes more, with its square: from a third a few busy days look like a return."""
RETURN_SCATTER = 0.09
"""Scatter of a line beyond which that takes more, with its square."""
STANDS_DAYS = 14
"""Days before a day that tell where a line stands (assumed; a week or four do as well)."""
OVER = 0.05
"""P(low) below which the watch is ready for the next fall, also where what happens did not come back in whole
(assumed): else a fall that was none, on days that are somewhat quiet, would hide a truce."""


@dataclass(frozen=True)
class Alarm:
    """The daily watch changed its mind on ``found``; the change came on ``day`` (both count days)."""

    line: int
    what: str
    day: int
    found: int


def fall_from(followed: Followed) -> Floats:
    """P(low) from which the watch calls a fall: lines by days."""
    scatters = np.maximum(followed.reference.scatter / FALL_SCATTER, 1.0) ** 2
    stands = np.maximum(FALL_STANDS / _stands(followed.level, OCTAVES > LOW), 1.0) ** 10
    return _probability(FALL_ODDS * scatters * stands)


def return_from(followed: Followed) -> Floats:
    """P(about the reference or more) from which the watch calls a return: lines by days."""
    scatters = np.maximum(followed.reference.scatter / RETURN_SCATTER, 1.0)
    stands = _stands(followed.level, OCTAVES < -HIGH) / RETURN_STANDS
    return _probability(RETURN_ODDS * np.maximum(stands * scatters, 1.0) ** 2)


def _stands(level: Floats, where: NDArray[np.bool_]) -> Floats:
    """Where a line stood before each day (lines by days), as far as it was ``where``: 1 is the reference.

    The geometric mean of the levels of the last days, each day weighing with its P(``where``); so in the first days of
    a truce it is that of the truce.
    """
    weight = level[..., where].sum(axis=-1)
    both = np.stack([weight, level[..., where] @ OCTAVES[where]])
    sums = np.cumsum(np.pad(both, ((0, 0), (0, 0), (1, 0))), axis=-1)
    day = np.arange(level.shape[1])
    weights, octaves = sums[..., day] - sums[..., np.maximum(day - STANDS_DAYS, 0)]
    return np.asarray(np.exp2(octaves / np.maximum(weights, 1e-3)))


def _probability(odds: Floats) -> Floats:
    return np.asarray(np.round(odds / (1 + odds), 4))


def watch(low: Floats, back: Floats, falls: Floats, returns: Floats) -> list[tuple[str, int]]:
    """Alarms of one line, each with its day.

    Args:
        low: P(the level is low | up to the day), by day.
        back: P(the level is about half of the reference or more | up to the day).
        falls: ``low`` from which a fall is called (:func:`fall_from`).
        returns: ``back`` from which a return is called (:func:`return_from`).
    """
    rung: list[tuple[str, int]] = []
    fallen, ready = False, True
    for day, (is_low, is_back) in enumerate(zip(low >= falls, back >= returns, strict=True)):
        if ready and is_low:
            rung.append(("fall", day))
            fallen, ready = True, False
        elif fallen and is_back:
            rung.append(("return", day))
            fallen, ready = False, True
        elif low[day] < OVER:
            ready = True
    return rung


def alarms(followed: Followed) -> list[Alarm]:
    """Alarms of all lines; each is dated by all data: the first day of the spell in which the level had changed."""
    low = np.round(followed.smooth[..., OCTAVES < LOW].sum(axis=-1), 4)
    back = np.round(followed.back, 4)
    sunk, falls, returns = np.round(followed.low, 4), fall_from(followed), return_from(followed)
    found = []
    for line in range(low.shape[0]):
        earliest = 0
        for what, day in watch(sunk[line], back[line], falls[line], returns[line]):
            changed = low[line] >= 0.5 if what == "fall" else low[line] < 0.5
            came = day
            while came > earliest and changed[came] and changed[came - 1]:
                came -= 1
            found.append(Alarm(line, what, came, day))
            earliest = came + 1
    return found
