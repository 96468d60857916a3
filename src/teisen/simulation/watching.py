"""Who could see what: outages, weather and hours as factors on detection, and the same as a mapping's exposure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from teisen.geodesy import Floats
from teisen.simulation.figures import World
from teisen.simulation.ground import Ints, MadeGround
from teisen.simulation.intensity import DAY, HOUR, since_1970, steps_by_hour
from teisen.simulation.scenario import Outage, Scenario, Watcher
from teisen.simulation.weather import WeatherDays

WIND_FULL = 2.0
"""Wind of so many times the scenario's mean takes ``in_wind`` in full (assumed)."""
STEP = 0.05
"""Exposure states factors of the weather to this: finer would be a row a day and region for no gain."""
BLIND = 0.05
"""Below this share of a day a source has not watched it."""
MIDDAY = 0.5 * DAY


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
    return hour * _through(watcher, scenario, weather, seconds, region)


def _through(watcher: Watcher, scenario: Scenario, weather: WeatherDays, seconds: Floats, region: Ints) -> Floats:
    cloud = weather.at(weather.cloud, seconds, region)
    wind = np.minimum(weather.at(weather.wind, seconds, region) / (WIND_FULL * scenario.weather.wind_m_s), 1.0)
    return (1 - (1 - watcher.under_cloud) * cloud) * (1 - (1 - watcher.in_wind) * wind)


def watched(
    watcher: Watcher, scenario: Scenario, ground: MadeGround, weather: WeatherDays, told: World,
    units: Sequence[dict[str, Any]], regions: Ints, factor: Floats,
) -> list[dict[str, Any]]:  # fmt: skip
    """The ``watched`` of a mapping: chances to report by unit and run of days, with outages and weather as stated.

    Args:
        told: what the source's declared profile says.
        units: what is watched, as a mapping writes it: an area id, or ``around`` a place.
        regions: the region that each unit lies in, for outages and weather.
        factor: mean factor of distance on detection in each unit.
    """
    days = (scenario.period.end - scenario.period.start).days
    start = since_1970(scenario.period.start)
    hours = start + np.arange(days * 24) * HOUR + HOUR / 2
    by_hour = float(steps_by_hour(watcher.by_hour).mean())
    stated = [outage for outage in watcher.outages if outage.stated]
    runs: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    noon = start + np.arange(days) * DAY + MIDDAY
    cache: dict[int, tuple[Floats, Floats]] = {}
    for unit, region, near in zip(units, regions.tolist(), factor.tolist(), strict=True):
        if region not in cache:
            up = left(stated, hours, np.full(len(hours), region), ground).reshape(days, 24).mean(axis=1)
            seen = _through(watcher, scenario, weather, noon, np.full(days, region))
            cache[region] = np.round(up, 3), np.round(seen / STEP) * STEP
        up, seen = cache[region]
        edges = np.flatnonzero((np.diff(up) != 0) | (np.diff(seen) != 0)) + 1
        for first, last in zip([0, *edges.tolist()], [*edges.tolist(), days], strict=True):
            outage = _main(stated, start + first * DAY, ground, region) if up[first] < 1 else None
            key = (first, last, float(up[first]), round(float(seen[first]), 2), round(near * by_hour, 4), outage)
            runs.setdefault(key, []).append(unit)
    return [block for key, members in runs.items() for block in _blocks(key, members, scenario, told)]


def _main(outages: Iterable[Outage], day: float, ground: MadeGround, region: int) -> Outage | None:
    """The outage that takes most of a day in a region."""
    hours = day + np.arange(24) * HOUR + HOUR / 2
    at = np.full(24, region)
    lost = [(float(1 - left([o], hours, at, ground).mean()), o) for o in outages]
    return max(lost, key=lambda one: one[0])[1] if lost else None


def _blocks(
    key: tuple[Any, ...], members: list[dict[str, Any]], scenario: Scenario, told: World
) -> Iterable[dict[str, Any]]:
    first, last, up, seen, near, outage = key
    kinds = {kind: round(min(p * near * seen * up, 1.0), 4) for kind, p in told.detection.items()}
    reason = "at work" if seen >= 1 else f"at work; weather leaves {seen:.0%}"
    block: dict[str, Any] = {}
    if outage is not None:
        reason = f"{outage.reason}: {1 - up:.0%} of the time"
        if up < BLIND:
            block["state"] = outage.state
            kinds = {}
    block |= {"from": _day(scenario, first), "to": _day(scenario, last - 1)}
    if kinds:
        block["kinds"] = kinds
    block |= {"reason": reason, "basis": "declared"}
    areas = [member["area"] for member in members if "area" in member]
    if areas:
        yield {"areas": areas, **block}
    for member in members:
        if "around" in member:
            yield {"around": member["around"], **block}


def _day(scenario: Scenario, number: int) -> date:
    return scenario.period.start + timedelta(days=number)
