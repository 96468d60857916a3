"""What devices make of what happens: look by look, device by device, without the formula that the plan promises by.

A device is up or down in blocks of eight hours. One that looks all the time looks once at what happens; one that
passes has looks at its own fixed phase, each of which finds what is there while it lasts. A look finds with its chance
by distance, hour and weather. What is found is reported after the device's latency, and counts within the plan's
window.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.random import Generator
from numpy.typing import NDArray

from teisen.evaluation.crews import drive, hits, looked
from teisen.evaluation.mixtures import missed as missed_of
from teisen.evaluation.trials import DAYS, HOUR, Happened, Ints, Jammed
from teisen.geodesy import Floats, chord, distance_m, unit_vectors
from teisen.planning.catalogue import Catalogue, Seeing, Sensor
from teisen.planning.detection import at_distance, factor, looks, within
from teisen.planning.plan import Placed, Plan
from teisen.planning.programme import Programme

BLOCK_H = 8.0
"""A device that fails is down for a shift (assumed)."""
MOST_LOOKS = 64


@dataclass(frozen=True)
class Reports:
    """Reports of true violations, one a device and violation, and what was to be expected.

    Attributes:
        event: index of the violation. ``after_h``: hours until the report. ``error_m``: how far off its place is.
        means: of the device.
        missed: P(no device finds it) of each violation as the plan promises, at its own place, hour and weather.
        missed_up: the same with the devices that were jammed left out.
        missed_driven: the same on the routes that were drawn, in place of the mean over the programme's mixtures.
        devices: how many there are, by means.
    """

    event: Ints
    after_h: Floats
    error_m: Floats
    means: NDArray[np.object_]
    missed: Floats
    missed_up: Floats
    missed_driven: Floats
    devices: dict[str, int]


def watch(
    plan: Plan,
    catalogue: Catalogue,
    seen: Happened,
    *,
    window_h: float,
    jammed: Jammed | None,
    rng: Generator,
    programme: Programme | None = None,
) -> Reports:
    """What the plan's devices report of what happened; with a programme, its crews drive the routes that it draws."""
    parts: list[tuple[Ints, Floats, Floats, str]] = []
    missed, missed_up, missed_driven = np.ones((3, len(seen.seconds)))
    devices: dict[str, int] = {}
    for sensor in catalogue.sensors:
        placed = [one for one in plan.placement if one.sensor == sensor.id]
        each = [one for one in placed for _ in range(one.number)]
        if not each:
            continue
        devices[sensor.means] = devices.get(sensor.means, 0) + len(each)
        up = rng.random((len(each), int(DAYS * 24 / BLOCK_H) + 1)) < sensor.uptime.value
        phase = rng.random(len(each))
        deaf = _deaf(sensor, jammed, len(each), rng)
        driven = None
        if programme is not None and sensor.id == programme.sensor:
            driven = drive(programme, each, rng)
            expected = missed_of(programme, sensor, seen, window_h=window_h)
            missed *= expected
            if deaf.any():
                expected = missed_of(programme, sensor, seen, window_h=window_h, each=each, deaf=deaf)
            missed_up *= expected
        for kind in sorted(sensor.sees):
            if driven is not None:
                looks_at = looked(driven, sensor, sensor.sees[kind], seen, kind, window_h=window_h)
                heard, hit = hits(looks_at, deaf, rng)
                np.multiply.at(missed_driven, heard["event"].to_numpy(), 1 - heard["chance"].to_numpy())
                off = np.hypot(*rng.normal(0, sensor.place_error_m.value, (2, hit.height)))
                parts.append((hit["event"].to_numpy(), hit["after_h"].to_numpy(), off, sensor.means))
                continue
            event, device, look = _pairs(sensor, sensor.sees[kind], each, seen, kind)
            if not len(event):
                continue
            expected = within(look, looks(sensor, sensor.sees[kind], window_h), sensor.uptime.value)
            expected = np.minimum(np.where(look > 0, expected, 0), 0.9999)
            out = deaf[device, (seen.seconds[event] // 86_400).astype(int)]
            np.multiply.at(missed, event, 1 - expected)
            left = np.where(out, 1.0, 1 - expected)
            np.multiply.at(missed_up, event, left)
            np.multiply.at(missed_driven, event, left)
            at_work = up[device, (seen.seconds[event] // (BLOCK_H * HOUR)).astype(int)] & ~out
            after = _first(
                sensor, sensor.sees[kind], look, at_h=seen.seconds[event] / HOUR, phase=phase[device], rng=rng
            )
            found = at_work & (after <= window_h)
            off = np.hypot(*rng.normal(0, sensor.place_error_m.value, (2, int(found.sum()))))
            parts.append((event[found], after[found], off, sensor.means))
    event, after, off = (np.concatenate([part[n] for part in parts] or [np.zeros(0)]) for n in range(3))
    means = np.concatenate([np.full(len(part[0]), part[3], dtype=object) for part in parts] or [np.zeros(0, object)])
    return Reports(event.astype(np.int64), after, off, means, missed, missed_up, missed_driven, devices)


def _deaf(sensor: Sensor, jammed: Jammed | None, count: int, rng: Generator) -> NDArray[np.bool_]:
    """Whether each device is jammed on each day, shape (devices, days)."""
    if jammed is None or sensor.means not in jammed.means:
        return np.zeros((count, DAYS + 1), bool)
    return (rng.random((count, 1)) < jammed.share) & (rng.random((1, DAYS + 1)) < jammed.days)


def _pairs(sensor: Sensor, sees: Seeing, each: list[Placed], seen: Happened, kind: str) -> tuple[Ints, Ints, Floats]:
    """Events (index), devices (index) that could find them, and the chance of one look."""
    mine = np.flatnonzero(seen.kind == kind)
    lon, lat = (np.array([getattr(one, name) or 0.0 for one in each]) for name in ("lon", "lat"))
    if not len(mine):
        return mine, mine, np.zeros(0)
    if sensor.stands == "anywhere" or sees.reach_m is None:
        event, device = np.repeat(mine, len(each)), np.tile(np.arange(len(each)), len(mine))
        far = np.zeros(len(event))
    else:
        here = scipy.spatial.cKDTree(unit_vectors(lon, lat))
        there = scipy.spatial.cKDTree(unit_vectors(seen.lon[mine], seen.lat[mine]))
        found = there.sparse_distance_matrix(here, float(chord(sees.reach_m.value)), output_type="ndarray")
        order = np.lexsort((found["j"], found["i"]))
        event, device = mine[found["i"][order]], found["j"][order].astype(np.int64)
        far = distance_m(lon[device], lat[device], seen.lon[event], seen.lat[event])
    factors = np.array([factor(sensor, one) for one in seen.conditions])
    night = np.array([one.night for one in seen.conditions])
    schedule = np.array([one.schedule for one in each])[device]
    dark = night[seen.condition[event]]
    works = (schedule == "always") | ((schedule == "night") == dark)
    return event, device, np.where(works, at_distance(sees, far) * factors[seen.condition[event]], 0.0)


def _first(sensor: Sensor, sees: Seeing, look: Floats, *, at_h: Floats, phase: Floats, rng: Generator) -> Floats:
    """Hours from each event to the report of the first look that finds it; infinite: none does."""
    latency = sensor.latency_h.value
    every = sensor.revisit_h.value
    if every == 0:
        return np.where(rng.random(len(look)) < look, latency, np.inf)
    dwell, lasts = sensor.dwell_h.value, sees.lasts_h.value
    # Looks [t, t + dwell] with t = (phase + n) * every; the first that can overlap what lasts from at_h on.
    first = np.ceil((at_h - dwell) / every - phase)
    after = np.full(len(look), np.inf)
    for n in range(min(MOST_LOOKS, int((dwell + lasts) / every) + 2)):
        begins = (phase + first + n) * every
        there = begins <= at_h + lasts
        hit = there & (rng.random(len(look)) < look)
        after = np.minimum(after, np.where(hit, np.maximum(begins - at_h, 0) + latency, np.inf))
    return after
