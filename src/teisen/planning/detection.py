"""The probability that a sensor detects a violation and reports it in time.

One look detects with p = near x (1 - (distance / reach)^2) x the condition's factors, as in the simulation. Within a
window of W hours a sensor that passes every R hours has n = (dwell + min(lasting, W - latency)) / R looks at what lasts
so long: fewer than one look is a look with that probability, n p; more are independent, 1 - (1 - p)^n. One that looks
all the time has one look. Its uptime multiplies the whole: a sensor that is broken misses every look.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from teisen.geodesy import Floats
from teisen.planning.catalogue import Seeing, Sensor
from teisen.planning.plan import Condition


def looks(sensor: Sensor, seen: Seeing, window_h: float) -> float:
    """How many looks at a violation the sensor has whose report arrives within the window."""
    left = window_h - sensor.latency_h.value
    if left < 0:
        return 0.0
    if sensor.revisit_h.value == 0:
        return 1.0
    return (sensor.dwell_h.value + min(seen.lasts_h.value, left)) / sensor.revisit_h.value


def factor(sensor: Sensor, condition: Condition) -> float:
    """Factor on one look of the hour and the weather."""
    by = sensor.by
    weather = {"clear": 1.0, "cloud": by.cloud, "wind": by.wind, "rain": by.rain}[condition.weather]
    return weather * (by.night if condition.night else 1.0)


def at_distance(seen: Seeing, distance_m: Floats) -> Floats:
    """P(detected in one look) by distance, in clear weather by day."""
    if seen.reach_m is None:
        return np.full(np.shape(distance_m), seen.near.value)
    return np.asarray(seen.near.value * np.clip(1 - (distance_m / seen.reach_m.value) ** 2, 0, 1))


def within(look: Any, many: float, uptime: float) -> Any:
    """P(detected and reported within the window), from P(detected in one look) and how many looks there are."""
    found = many * look if many <= 1 else 1 - (1 - look) ** many
    return uptime * found
