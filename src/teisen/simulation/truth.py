"""What truly happens in a scenario: incidents with time, place, kind, actor and target."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import numpy as np
import polars as pl
from numpy.random import Generator

from teisen.geodesy import METRES_PER_DEGREE, Floats, moved
from teisen.simulation.scenario import Scenario
from teisen.tables import PLACE_DECIMALS, UTC_TIME, Column, Table

TRUTH = Table(
    "truth",
    "What happened in a simulated ceasefire.",
    (
        Column("truth_id", pl.String(), "true-, running number", nullable=False),
        Column("time", UTC_TIME, "moment it happened", nullable=False),
        Column("lon", pl.Float64(), "longitude, degrees", nullable=False, decimals=PLACE_DECIMALS),
        Column("lat", pl.Float64(), "latitude, degrees", nullable=False, decimals=PLACE_DECIMALS),
        Column("kind", pl.String(), "kind", nullable=False),
        Column("actor", pl.String(), "party id of who did it", nullable=False),
        Column("target_class", pl.String(), "protected class hit; empty: none"),
    ),
    key=("truth_id",),
)

AT_SITE = 0.15
"""Share of incidents aimed at a protected site (assumed)."""


def happen(scenario: Scenario, rng: Generator) -> pl.DataFrame:
    """Draw the incidents of a scenario (TRUTH), in order of time.

    Days are Poisson with the scenario's rate; an incident within a truce is kept with the share that the truce leaves.
    Each lies behind the line on the side of the party that suffers it, at a hot spot, or at a protected site.
    """
    start = datetime.combine(scenario.period.start, time(), UTC)
    days = (scenario.period.end - scenario.period.start).days
    n = int(rng.poisson(scenario.incidents_per_day * days))
    seconds = np.sort(rng.uniform(0, days * 86_400, n)).astype(np.int64)
    actor = rng.integers(0, 2, n)
    lon, lat = _places(scenario, rng, n, actor)
    names = sorted(scenario.kinds)
    weights = np.array([scenario.kinds[name] for name in names])
    kind = rng.choice(names, n, p=weights / weights.sum())
    sites = [town for town in scenario.towns if town.target_class]
    target: list[str | None] = [None] * n
    if sites:
        for i in np.flatnonzero(rng.random(n) < AT_SITE):
            site = sites[int(rng.integers(len(sites)))]
            lon[i], lat[i], target[i] = site.lon, site.lat, site.target_class
    frame = pl.DataFrame(
        {
            "time": pl.Series([start + timedelta(seconds=int(s)) for s in seconds], dtype=UTC_TIME),
            "lon": lon,
            "lat": lat,
            "kind": kind,
            "actor": [scenario.parties[int(side)] for side in actor],
            "target_class": pl.Series(target, dtype=pl.String),
            "luck": rng.random(n),
        }
    )
    for truce in scenario.truces:
        inside = (pl.col("time") >= truce.start) & (pl.col("time") < truce.end)
        frame = frame.filter(~inside | (pl.col("luck") < truce.leaves))
    number = pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(6)
    return TRUTH.hand_over(frame.select(pl.format("true-{}", number).alias("truth_id"), pl.exclude("luck")))


def _places(scenario: Scenario, rng: Generator, n: int, actor: np.ndarray) -> tuple[Floats, Floats]:
    """Places along the line, moved to the side of the party that did not act; a share of them at hot spots."""
    nodes = np.array(scenario.line)
    steps = np.diff(nodes, axis=0)
    shrink = np.cos(np.radians(nodes[:-1, 1]))
    east, north = steps[:, 0] * METRES_PER_DEGREE * shrink, steps[:, 1] * METRES_PER_DEGREE
    length = np.hypot(east, north)
    piece = rng.choice(len(length), n, p=length / length.sum())
    along = rng.random(n)[:, None]
    base = nodes[piece] + along * steps[piece]
    side = np.where(actor == 0, 1.0, -1.0)
    depth = rng.exponential(scenario.depth_m, n) * side
    lon, lat = moved(base[:, 0], base[:, 1], -north[piece] / length[piece] * depth, east[piece] / length[piece] * depth)
    luck, edge = rng.random(n), 0.0
    for spot in scenario.hot_spots:
        here = (luck >= edge) & (luck < edge + spot.share)
        scatter = rng.normal(0, spot.spread_m, (2, n))
        spot_lon, spot_lat = moved(np.full(n, spot.lon), np.full(n, spot.lat), scatter[0], scatter[1])
        lon, lat = np.where(here, spot_lon, lon), np.where(here, spot_lat, lat)
        edge += spot.share
    return lon, lat
