"""How much happens when: phases as straight pieces over time, and the rhythm of day and week as a stretched clock.

Rhythm: the process runs on an even clock, and its times are then read off a clock that runs by the weights of hours and
weekdays. So every incident keeps the rhythm, those that were set off by others as well, and the mean rate stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from teisen.geodesy import Floats
from teisen.simulation.scenario import Days, Violence

HOUR = 3600.0
DAY = 86_400.0


def since_1970(day: date) -> float:
    """Seconds since 1970 of the start of a UTC day."""
    return datetime.combine(day, time(), UTC).timestamp()


def steps_by_hour(by_hour: Mapping[int, float]) -> Floats:
    """24 values from those of the hours named, each holding until the next one (around midnight); 1 if none is."""
    if not by_hour:
        return np.ones(24)
    named = sorted(by_hour)
    return np.array([by_hour[max((h for h in named if h <= hour), default=named[-1])] for hour in range(24)])


class Intensity:
    """The phases and the rhythm of a scenario, in seconds since 1970."""

    def __init__(self, violence: Violence, period: Days, before_s: float) -> None:
        self.start, self.end = since_1970(period.start), since_1970(period.end)
        self._phase_at = np.array([phase.at.timestamp() for phase in violence.phases])
        self._phase = np.array([phase.factor for phase in violence.phases])
        hours = int(np.ceil(before_s / HOUR))
        first = datetime.fromtimestamp(self.start, UTC) - timedelta(hours=hours)
        count = hours + round((self.end - self.start) / HOUR)
        number = np.arange(count) + first.hour
        week = (first.weekday() + number // 24) % 7
        weekdays = np.array(violence.by_weekday, float)
        by_hour = steps_by_hour(violence.by_hour)
        weight = by_hour[number % 24] / by_hour.mean() * weekdays[week] / weekdays.mean()
        self._real = self.start + (np.arange(count + 1) - hours) * HOUR
        run = np.concatenate([[0.0], np.cumsum(weight)]) * HOUR
        self._even = self.start + run - run[hours]

    @property
    def even_span(self) -> tuple[float, float]:
        """First and last moment of the even clock."""
        return float(self._even[0]), float(self._even[-1])

    def real(self, even: Floats) -> Floats:
        """Real times of times on the even clock."""
        return np.asarray(np.interp(even, self._even, self._real), np.float64)

    def factor(self, real: Floats) -> Floats:
        """The phases' factor at real times; before the first and after the last point it stays."""
        if not len(self._phase):
            return np.ones(len(real))
        return np.asarray(np.interp(real, _apart(self._phase_at), self._phase), np.float64)

    @property
    def highest(self) -> float:
        """The largest factor of the phases."""
        return float(self._phase.max()) if len(self._phase) else 1.0


def _apart(at: Floats) -> Floats:
    """Points of time with those that coincide set a millisecond apart, so that a jump is one."""
    same = np.concatenate([[0], np.cumsum(np.diff(at) <= 0)])
    return at + same * 1e-3
