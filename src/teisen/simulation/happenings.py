"""All that sources may see: the true incidents, and what is none but looks like it (harvest, quarries, exercises)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.random import Generator
from numpy.typing import NDArray

from teisen.geodesy import Floats
from teisen.simulation.ground import Ints, MadeGround
from teisen.simulation.intensity import DAY, HOUR, since_1970
from teisen.simulation.line import Line
from teisen.simulation.scenario import Background, Scenario

KIND = {"harvest": "fire", "industry": "fire", "quarry": "explosion", "exercise": "shelling"}
BURNS_H = {"harvest": 2.0, "industry": 24.0}
"""Mean hours that a fire burns: of a field (assumed), of a plant's flare all day (assumed)."""
WORK_H = (8.0, 17.0)
"""Working hours of quarries, UTC (assumed); they rest on Saturday and Sunday."""
FIELDS_H = (9.0, 19.0)
"""Hours in which fields burn, UTC (assumed)."""
FIELD_M, GROUND_M = 1_500.0, 1_500.0
"""Size of a field and of an exercise ground, standard deviation per axis (assumed)."""
TRUE = ""


@dataclass(frozen=True)
class Happenings:
    """What happened, true incidents first, as arrays of shape (n,).

    ``seconds`` since 1970; ``pattern`` is empty for a true incident. ``ids``: truth_id, or the id of what is none.
    ``region`` and ``town`` are indices into the ground, ``town_m`` the distance to that town.
    """

    ids: NDArray[np.object_]
    pattern: NDArray[np.object_]
    seconds: Floats
    lon: Floats
    lat: Floats
    kind: NDArray[np.object_]
    actor: NDArray[np.object_]
    target: NDArray[np.object_]
    region: Ints
    town: Ints
    town_m: Floats

    @property
    def true(self) -> NDArray[np.bool_]:
        """Which are incidents of the conflict."""
        return np.asarray(self.pattern == TRUE, np.bool_)


def all_that_happens(
    scenario: Scenario, truth: pl.DataFrame, line: Line, ground: MadeGround, rng: Generator
) -> Happenings:
    """The truth, and the background of the scenario drawn beside it."""
    parts = [_background(number, one, scenario, line, rng) for number, one in enumerate(scenario.background)]
    seconds = np.concatenate([truth["time"].dt.epoch("s").to_numpy().astype(float), *(part[0] for part in parts)])
    lon = np.concatenate([truth["lon"].to_numpy(), *(part[1] for part in parts)])
    lat = np.concatenate([truth["lat"].to_numpy(), *(part[2] for part in parts)])
    none = [np.full(len(p[0]), one.pattern, object) for p, one in zip(parts, scenario.background, strict=True)]
    pattern = np.concatenate([np.full(truth.height, TRUE, object), *none])
    more = len(seconds) - truth.height
    others = np.array([f"other-{n:07d}" for n in range(1, more + 1)], dtype=object)
    kinds = np.array([KIND[name] for name in pattern[truth.height :]], dtype=object)
    empty = np.full(more, None, dtype=object)
    town, town_m = ground.nearest_town(lon, lat)
    return Happenings(
        ids=np.concatenate([_objects(truth["truth_id"]), others]),
        pattern=pattern,
        seconds=seconds,
        lon=lon,
        lat=lat,
        kind=np.concatenate([_objects(truth["kind"]), kinds]),
        actor=np.concatenate([_objects(truth["actor"]), empty]),
        target=np.concatenate([_objects(truth["target_class"]), empty]),
        region=ground.region_of(lon, lat),
        town=town,
        town_m=town_m,
    )


def _objects(column: pl.Series) -> NDArray[np.object_]:
    return np.array(column.to_list(), dtype=object)


def _background(
    number: int, one: Background, scenario: Scenario, line: Line, rng: Generator
) -> tuple[Floats, Floats, Floats]:
    """Moments and places of one pattern, in order of time."""
    start = since_1970(scenario.period.start)
    days = (scenario.period.end - scenario.period.start).days
    reach = scenario.ground.reach_km * 1000 * 0.9
    along, depth = rng.uniform(0, line.length_m, one.places), rng.uniform(-reach, reach, one.places)
    dates = np.array([scenario.period.start.toordinal() + n for n in range(days)])
    weight = _season(one, dates)
    weekday = (dates - 1) % 7
    if one.pattern in ("quarry", "exercise"):
        weight = weight * (weekday < 5) * 7 / 5
    count = rng.poisson(one.per_day * weight)
    day = np.repeat(np.arange(days), count)
    where = rng.integers(0, one.places, len(day))
    spread = FIELD_M if one.pattern == "harvest" else 0.0
    if one.pattern == "industry":  # a plant burns once a day
        day, where = np.unique(np.stack([day, where]), axis=1)
        hour = np.zeros(len(day))
    elif one.pattern == "exercise":
        shots = rng.poisson(one.shots, len(day))
        day, where, spread = np.repeat(day, shots), np.repeat(where, shots), GROUND_M
        hour = WORK_H[0] + rng.uniform(0, one.hours, len(day))
    else:
        low, high = WORK_H if one.pattern == "quarry" else FIELDS_H
        hour = rng.uniform(low, high, len(day))
    step = rng.normal(0, 1, (2, len(day))) * spread
    lon, lat = line.place(np.clip(along[where] + step[0], 0, line.length_m), depth[where] + step[1])
    seconds = np.floor(start + day * DAY + hour * HOUR)
    order = np.lexsort((lon, seconds))
    return seconds[order], lon[order], lat[order]


def _season(one: Background, dates: Ints) -> Floats:
    """Weight of each day (ordinal): 1 within the season; of harvest a triangle with mean 1 over the season."""
    from_month, from_day, to_month, to_day = one.season
    whole = one.season == (1, 1, 12, 31)
    day_of_year = np.array([_day_of_year(int(d)) for d in dates], float)
    first, last = _nominal(from_month, from_day), _nominal(to_month, to_day)
    inside = (day_of_year >= first) & (day_of_year <= last)
    if one.pattern != "harvest" or whole:
        return inside.astype(float)
    part = (day_of_year - first + 0.5) / (last - first + 1)
    return np.where(inside, 2 - np.abs(4 * part - 2), 0.0)


def _nominal(month: int, day: int) -> int:
    return (month - 1) * 31 + day


def _day_of_year(ordinal: int) -> int:
    day = date.fromordinal(ordinal)
    return _nominal(day.month, day.day)
