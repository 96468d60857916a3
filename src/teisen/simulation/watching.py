"""Outages, weather and hours as factors on detection."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import numpy as np

from teisen.geodesy import Floats
from teisen.simulation.ground import Ints, MadeGround
from teisen.simulation.intensity import DAY, HOUR, steps_by_hour
from teisen.simulation.scenario import Outage, Scenario, Watcher
from teisen.simulation.weather import WeatherDays

WIND_FULL = 2.0
"""Wind of so many times the scenario's mean takes ``in_wind`` in full (assumed)."""


def left(outages: Iterable[Outage], seconds: Floats, region: Ints, ground: MadeGround) -> Floats:
    """Share of reports that outages leave at moments (since 1970) in regions."""
    share = np.ones(len(seconds))
    for outage in outages:
        share = np.where(_holds(outage, seconds, region, ground), share * outage.left, share)
    return share


def _holds(outage: Outage, seconds: Floats, region: Ints, ground: MadeGround) -> np.ndarray[Any, np.dtype[np.bool_]]:
    holds = np.ones(len(seconds), bool)
    if outage.start is not None:
        holds &= seconds >= _utc(outage.start)
    if outage.end is not None:
        holds &= seconds < _utc(outage.end)
    if outage.days:
        holds &= np.isin((seconds // DAY + 3) % 7, outage.days)  # 1 January 1970 was a Thursday
    if outage.hours:
        low, high = outage.hours
        hour = seconds % DAY / HOUR
        holds &= (hour >= low) & (hour < high) if low <= high else (hour >= low) | (hour < high)
    if outage.regions:
        holds &= np.isin(region, [n for n, name in enumerate(ground.region_ids) if name in outage.regions])
    return holds


def _utc(moment: datetime) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def conditions(watcher: Watcher, scenario: Scenario, weather: WeatherDays, seconds: Floats, region: Ints) -> Floats:
    """Factor on detection of hour, cloud and wind at moments in regions."""
    hour = steps_by_hour(watcher.by_hour)[((seconds % DAY) // HOUR).astype(np.int64)]
    return hour * through(watcher, scenario, weather, seconds, region)


def through(watcher: Watcher, scenario: Scenario, weather: WeatherDays, seconds: Floats, region: Ints) -> Floats:
    """Factor on detection of cloud and wind alone."""
    cloud = weather.at(weather.cloud, seconds, region)
    wind = np.minimum(weather.at(weather.wind, seconds, region) / (WIND_FULL * scenario.weather.wind_m_s), 1.0)
    return (1 - (1 - watcher.under_cloud) * cloud) * (1 - (1 - watcher.in_wind) * wind)
