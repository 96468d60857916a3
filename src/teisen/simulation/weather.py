"""Weather of the simulated ground by region and day: cloud and wind, alike in regions on the same day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
import scipy
from numpy.random import Generator

from teisen.geodesy import Floats
from teisen.simulation.ground import Ints, MadeGround
from teisen.simulation.intensity import DAY, since_1970
from teisen.simulation.scenario import Scenario

LIKENESS = 0.6
"""Correlation of the weather of two regions on one day, on a normal scale (assumed)."""
CLOUD_WEIGHT = 2.0
"""Sum of the parameters of the beta distribution of daily cloud: days are clear or overcast, not half (assumed)."""


@dataclass(frozen=True)
class WeatherDays:
    """``cloud`` (0 to 1) and ``wind`` (m/s), shape (days, regions); the first day starts at ``start`` (since 1970)."""

    start: float
    cloud: Floats
    wind: Floats

    def at(self, values: Floats, seconds: Floats, region: Ints) -> Floats:
        """Those of ``values`` that hold at moments in regions; of no region: the day's mean."""
        day = np.clip(((seconds - self.start) // DAY).astype(np.int64), 0, len(values) - 1)
        return np.where(region >= 0, values[day, np.maximum(region, 0)], values.mean(axis=1)[day])


def make_weather(scenario: Scenario, ground: MadeGround, rng: Generator) -> WeatherDays:
    """Weather of each day of the period (and one more) and region, with the means that the scenario gives."""
    days = _days(scenario, more=1)
    shape = (len(days), len(ground.region_ids))
    cloud_luck, wind_luck = (
        scipy.special.ndtr(
            np.sqrt(LIKENESS) * rng.normal(size=(shape[0], 1)) + np.sqrt(1 - LIKENESS) * rng.normal(size=shape)
        )
        for _ in range(2)
    )
    given = scenario.weather
    mean = np.array([given.cloud_by_month.get(day.month, given.cloud) for day in days])[:, None]
    mean = np.clip(mean, 0.005, 0.995)
    cloud = scipy.stats.beta.ppf(cloud_luck, CLOUD_WEIGHT * mean, CLOUD_WEIGHT * (1 - mean))
    wind = given.wind_m_s * np.sqrt(-np.log1p(-np.clip(wind_luck, 0, 1 - 1e-9)) * 4 / np.pi)
    return WeatherDays(since_1970(scenario.period.start), np.round(cloud, 3), np.round(wind, 1))


def weather_file(scenario: Scenario, ground: MadeGround, weather: WeatherDays) -> str:
    """Cloud and wind by region and day as CSV."""
    days = _days(scenario)
    n = len(ground.region_ids)
    return pl.DataFrame(
        {
            "REGION_ID": list(ground.region_ids) * len(days),
            "DATE": np.repeat([day.isoformat() for day in days], n),
            "CLOUD_COVER (%)": np.round(weather.cloud[: len(days)].ravel() * 100, 1),
            "WIND (m/s)": weather.wind[: len(days)].ravel(),
        }
    ).write_csv()


def _days(scenario: Scenario, more: int = 0) -> list[date]:
    count = (scenario.period.end - scenario.period.start).days + more
    return [scenario.period.start + timedelta(days=n) for n in range(count)]
