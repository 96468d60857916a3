"""What a source could reach: whole regions, or what lies around posts and on the way of patrols, less with distance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.random import Generator

from teisen.geodesy import Floats, chord, chord_to_m, distance_m, moved, unit_vectors
from teisen.simulation.ground import Ints, MadeGround
from teisen.simulation.happenings import Happenings
from teisen.simulation.intensity import DAY, HOUR
from teisen.simulation.line import Line
from teisen.simulation.scenario import Patrol, Watcher

POSTS_THAT_HEAR = 6
"""At most so many posts report one incident: the nearest ones."""
MEAN_OVER_DISC = 0.5
"""Mean of 1 - (distance / range)^2 over a disc: how detection falls with distance (assumed), averaged."""
FALSE_NEAR_M = 4_000.0
"""False reports of sources without a place of their own lie around towns with this spread (assumed)."""
TRIES = 12
"""Moments that are drawn for one at which a patrol is out: it may be out for a few hours of the week."""


@dataclass(frozen=True)
class Reach:
    """Pairs of a happening and who could report it: ``event`` (index) and ``factor`` on detection, shape (pairs,).

    ``units``, ``regions``, ``factors`` and ``active`` are what exposure says of it, one a watched area or circle: the
    region it lies in, the mean of the factor over it, and for each hour of the day (24) whether anybody is there.
    """

    event: Ints
    factor: Floats
    units: list[dict[str, Any]]
    regions: Ints
    factors: Floats
    active: Floats


def reach(watcher: Watcher, happenings: Happenings, line: Line, ground: MadeGround) -> Reach:
    """Who could report what, by distance alone."""
    if watcher.posts:
        return _posts(watcher, happenings, line, ground)
    if watcher.patrols:
        return _patrols(watcher, happenings, line, ground)
    n = len(happenings.seconds)
    factor = np.ones(n) if watcher.near_towns_m is None else np.exp(-happenings.town_m / watcher.near_towns_m)
    mean = float(factor[happenings.true].mean()) if happenings.true.any() else 1.0
    regions = np.arange(len(ground.region_ids))
    units = [{"area": name} for name in ground.region_ids]
    return Reach(np.arange(n), factor, units, regions, np.full(len(units), mean), np.ones((len(units), 24)))


def post_places(watcher: Watcher, line: Line) -> tuple[Floats, Floats]:
    """Longitudes and latitudes of a source's posts."""
    assert watcher.posts is not None  # noqa: S101 - callers have looked
    if watcher.posts.at:
        at = np.array(watcher.posts.at, float)
        return at[:, 0], at[:, 1]
    every = watcher.posts.every_km * 1000
    along = np.arange(every / 2, max(line.length_m, every), every)
    return line.place(along, np.where(np.arange(len(along)) % 2 == 0, 1.0, -1.0) * watcher.posts.depth_m)


def _posts(watcher: Watcher, happenings: Happenings, line: Line, ground: MadeGround) -> Reach:
    assert watcher.posts is not None  # noqa: S101 - the caller has looked
    lon, lat = (np.round(values, 5) for values in post_places(watcher, line))
    range_m = watcher.posts.range_m
    tree = scipy.spatial.cKDTree(unit_vectors(lon, lat))
    k = min(POSTS_THAT_HEAR, len(lon))
    points = unit_vectors(happenings.lon, happenings.lat)
    far = np.asarray(tree.query(points, k=[*range(1, k + 1)], distance_upper_bound=float(chord(range_m)))[0])
    event, rank = np.nonzero(np.isfinite(far))
    factor = np.clip(1 - (chord_to_m(far[event, rank]) / range_m) ** 2, 0, 1)
    units = [
        {"around": {"lon": x, "lat": y, "radius_m": range_m}} for x, y in zip(lon.tolist(), lat.tolist(), strict=True)
    ]
    return Reach(
        event, factor, units, ground.region_of(lon, lat), np.full(len(units), MEAN_OVER_DISC), np.ones((len(units), 24))
    )


def _patrols(watcher: Watcher, happenings: Happenings, line: Line, ground: MadeGround) -> Reach:
    events, factors, units, shares, active = [], [], [], [], []
    for patrol in watcher.patrols:
        out = np.flatnonzero(on_the_way(patrol, happenings.seconds))
        at = line.place(_gone(patrol, happenings.seconds[out]), np.zeros(len(out)))
        factor = 1 - (distance_m(*at, happenings.lon[out], happenings.lat[out]) / patrol.range_m) ** 2
        events.append(out[factor > 0])
        factors.append(factor[factor > 0])
        low, high = sorted((patrol.from_km * 1000, patrol.to_km * 1000))
        radius = (high - low) / 2 + patrol.range_m
        middle = line.place(np.array([(low + high) / 2]), np.zeros(1))
        spot = {"lon": round(float(middle[0][0]), 5), "lat": round(float(middle[1][0]), 5), "radius_m": float(radius)}
        units.append({"around": spot})
        shares.append(MEAN_OVER_DISC * (patrol.range_m / radius) ** 2 * len(set(patrol.days)) / 7)
        hour = np.arange(24)
        active.append(np.clip(np.minimum(patrol.hours[1], hour + 1) - np.maximum(patrol.hours[0], hour), 0, 1))
    lon, lat = (np.array([unit["around"][name] for unit in units]) for name in ("lon", "lat"))
    order = np.argsort(np.concatenate(events), kind="stable")
    return Reach(
        np.concatenate(events)[order],
        np.concatenate(factors)[order],
        units,
        ground.region_of(lon, lat),
        np.array(shares),
        np.array(active),
    )


def somewhere(
    watcher: Watcher, line: Line, ground: MadeGround, rng: Generator, *, n: int, span: tuple[float, float]
) -> tuple[Floats, Floats, Floats]:
    """Moments (within ``span``, since 1970) and places of ``n`` things that never happened, within a source's reach."""
    seconds = np.floor(rng.uniform(*span, n))
    if watcher.posts:
        lon, lat = post_places(watcher, line)
        post = rng.integers(0, len(lon), n)
        angle, far = rng.uniform(0, 2 * np.pi, n), watcher.posts.range_m * np.sqrt(rng.random(n))
        return seconds, *moved(lon[post], lat[post], far * np.sin(angle), far * np.cos(angle))
    if watcher.patrols:
        seconds = np.floor(rng.uniform(*span, n * TRIES))
        which = rng.integers(0, len(watcher.patrols), len(seconds))
        along = np.full(len(seconds), np.nan)
        for number, patrol in enumerate(watcher.patrols):
            out = (which == number) & on_the_way(patrol, seconds)
            along[out] = _gone(patrol, seconds[out])
        kept = np.flatnonzero(np.isfinite(along))[:n]
        off = rng.normal(0, watcher.patrols[0].range_m / 2, len(kept))
        return seconds[kept], *line.place(along[kept], off)
    town = ground.towns[rng.integers(0, len(ground.towns), n)]
    off_town = rng.normal(0, FALSE_NEAR_M, (2, n))
    return seconds, *moved(town[:, 0], town[:, 1], off_town[0], off_town[1])


def on_the_way(patrol: Patrol, seconds: Floats) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Whether the patrol is out at moments (since 1970)."""
    hour = seconds % DAY / HOUR
    day = (seconds // DAY + 3) % 7  # 1 January 1970 was a Thursday
    return np.isin(day, patrol.days) & (hour >= patrol.hours[0]) & (hour < patrol.hours[1])


def _gone(patrol: Patrol, seconds: Floats) -> Floats:
    """Metres along the line that the patrol has reached at moments, going to and fro from ``from_km``."""
    span = max(abs(patrol.to_km - patrol.from_km), 1e-6)
    gone = (seconds % DAY / HOUR - patrol.hours[0]) * patrol.speed_km_h % (2 * span)
    step = np.where(gone > span, 2 * span - gone, gone)
    forth = 1.0 if patrol.to_km >= patrol.from_km else -1.0
    return np.asarray(1000 * (patrol.from_km + forth * step), np.float64)
