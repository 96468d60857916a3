"""Days that burst: on each stretch of the line a day has more or less than the days before and after it."""

from __future__ import annotations

from zlib import crc32

import numpy as np

from teisen.geodesy import Floats
from teisen.simulation.ground import Ints
from teisen.simulation.intensity import DAY, since_1970
from teisen.simulation.line import Line
from teisen.simulation.scenario import Scenario


def burst_factors(scenario: Scenario, line: Line) -> Floats:
    """The factor of each day on each stretch of the line: (days, stretches), 1 everywhere without bursts."""
    bursts = scenario.violence.bursts
    if bursts is None:
        return np.ones((1, 1))
    days = (scenario.period.end - scenario.period.start).days
    stretches = max(1, round(line.length_m / (bursts.every_km * 1000)))
    rng = np.random.default_rng([scenario.seed, crc32(b"bursts")])
    return rng.gamma(bursts.shape, 1 / bursts.shape, (days, stretches))


def bursts_at(scenario: Scenario, line: Line, real: Floats, along: Floats) -> tuple[Ints, Ints]:
    """Day and stretch of :func:`burst_factors` for times (since 1970) and metres along the line.

    What comes before the first day has its factor.
    """
    days, stretches = burst_factors(scenario, line).shape
    day = np.clip((real - since_1970(scenario.period.start)) // DAY, 0, days - 1).astype(np.int64)
    return day, np.clip(along / line.length_m * stretches, 0, stretches - 1).astype(np.int64)
