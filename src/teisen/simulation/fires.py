"""Fires that satellites see at overpasses through gaps in the cloud: of incidents and of the background (FIRMS CSV)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.random import Generator

from teisen.geodesy import Floats, moved
from teisen.simulation.ground import Ints
from teisen.simulation.happenings import BURNS_H
from teisen.simulation.intensity import DAY, HOUR, since_1970
from teisen.simulation.scene import Delivered, Looker, Objects, Scene, links_of_ids
from teisen.simulation.watching import left
from teisen.sources.readers.firms import Options, facts

BURNS_AFTER_ATTACK_H = float(Options.model_fields["fire_hours"].default)
"""Mean hours that a fire burns after an attack: what the reader's exposure takes it to be."""
SATELLITES = {"viirs": ("N", "N20", "N21"), "modis": ("T", "A")}
PIXEL_KM = {"viirs": (0.39, 0.72), "modis": (1.0, 1.84)}
"""Scan and track of pixels, uniform between these (assumed): pixel / sqrt(12) is the profiles' error on average."""
WORDS = {
    "viirs": {
        "hot": "bright_ti4", "cool": "bright_ti5", "instrument": "VIIRS", "confidence": "n", "version": "2.0NRT",
    },
    "modis": {
        "hot": "brightness", "cool": "bright_t31", "instrument": "MODIS", "confidence": "80", "version": "6.1NRT",
    },
}  # fmt: skip
"""Headings and words of the two products."""
NEXT_PIXEL_M = 375.0
"""Further pixels of one fire lie this far around it, standard deviation per axis (one pixel of VIIRS)."""
LEAVES_FIRE = {"harvest": 0.5, "industry": 0.3, "exercise": 0.02}
"""P(such a thing leaves a fire that is seen), where the scenario does not say (assumed)."""
BLOCKS = 2
"""Days after its start in which a fire may be seen: hardly any burns longer."""


class _Seen(NamedTuple):
    """Fires as they were seen: what lit them (empty: nothing known), moment, place and index of the satellite."""

    ids: Objects
    at: Floats
    lon: Floats
    lat: Floats
    satellite: Ints


def fires(scene: Scene, looker: Looker, rng: Generator) -> Delivered:
    """A FIRMS file and the list of daily snapshots, which says on which days it was collected."""
    lit, true = _lit(scene, looker, rng)
    false = _scattered(scene, looker, rng, true, len(lit.ids) - true)
    seen = _Seen(*(np.concatenate(both) for both in zip(lit, false, strict=True)))
    rows = _rows(looker, seen, rng)
    name, snapshots = f"{looker.watcher.id}.csv", f"{looker.watcher.id}-snapshots.csv"
    files = {name: rows.drop("id").write_csv(), snapshots: _snapshots(scene, looker).write_csv()}
    return Delivered(files, links_of_ids(name, rows["id"]))


def _lit(scene: Scene, looker: Looker, rng: Generator) -> tuple[_Seen, int]:
    """Fires that something lit, one a pixel, and how many of them an incident lit."""
    watcher, world, seen = looker.watcher, looker.world, scene.happenings
    visible = world.chance(seen.kind) * seen.true
    for pattern, share in (watcher.mistakes or LEAVES_FIRE).items():
        visible[seen.pattern == pattern] = share
    event = np.flatnonzero(rng.random(len(visible)) < visible)
    mean_h = np.full(len(event), BURNS_AFTER_ATTACK_H)
    for pattern, hours in BURNS_H.items():
        mean_h[seen.pattern[event] == pattern] = hours
    burns_h = np.where(seen.pattern[event] == "industry", mean_h, rng.exponential(mean_h))
    of, at, satellite = _passes(scene, looker, rng, event, burns_h)
    pixels = 1 + rng.poisson(max(world["detections"] - 1, 0.0), len(of))
    more = np.repeat(np.arange(len(of)), pixels)
    again = np.concatenate([[False], more[1:] == more[:-1]]) if len(more) else np.zeros(0, bool)
    event = event[of][more]
    step = np.where(again, rng.normal(0, NEXT_PIXEL_M, (2, len(more))), 0.0)
    lon, lat = moved(seen.lon[event], seen.lat[event], step[0], step[1])
    return _Seen(seen.ids[event], at[more], lon, lat, satellite[more]), int(seen.true[event].sum())


def _hours(looker: Looker) -> tuple[Floats, Ints]:
    """Local hours of the daily passes, and which satellite each is of; those of one cluster share their cloud."""
    sensor = looker.watcher.sensor
    names = SATELLITES[sensor]
    if sensor == "modis":
        hours = [one.hour for one in facts().passes[sensor]]
        return np.array(hours), np.array([1, 0, 1, 0])
    found = [
        (one.hour + one.width_h * n / (len(names) - 1), n) for one in facts().passes[sensor] for n in range(len(names))
    ]
    return np.array([hour for hour, _ in found]), np.array([n for _, n in found])


def _passes(
    scene: Scene, looker: Looker, rng: Generator, event: Ints, burns_h: Floats
) -> tuple[Ints, Floats, Ints]:  # fmt: skip
    """Fires of happenings as seen: index into ``event``, moment of the pass and satellite."""
    if not len(event):
        return np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64)
    seen = scene.happenings
    hours, satellites = _hours(looker)
    start, east_h = seen.seconds[event][:, None], seen.lon[event][:, None] / 15
    first = (hours - start / HOUR - east_h) % 24
    waits = np.concatenate([first + 24 * block for block in range(BLOCKS)], axis=1)
    at = start + waits * HOUR
    # Satellites that pass within an hour or so meet the same cloud: one draw for each half of a day.
    half = ((at / HOUR + east_h + 6) // 12).astype(np.int64)
    luck = rng.random((len(event), 2 * BLOCKS + 2))
    draw = np.take_along_axis(luck, half - half.min(axis=1, keepdims=True), axis=1)
    where = np.repeat(seen.region[event][:, None], at.shape[1], axis=1)
    cloud = scene.weather.at(scene.weather.cloud, at.ravel(), where.ravel()).reshape(at.shape)
    up = left(looker.watcher.outages, at.ravel(), where.ravel(), scene.ground).reshape(at.shape)
    clear = (draw >= cloud) & (rng.random(at.shape) < up) & (at < since_1970(scene.scenario.period.end))
    of, which = np.nonzero((waits < burns_h[:, None]) & clear)
    return of, _minute(at[of, which]), np.concatenate([satellites] * BLOCKS)[which]


def _minute(at: Floats) -> Floats:
    """Moments to the minute, as the files have them."""
    return np.asarray(np.floor(at / 60) * 60, np.float64)


def _scattered(scene: Scene, looker: Looker, rng: Generator, true: int, others: int) -> _Seen:
    """Fires that nothing in the scenario lit, so many that the profile's share of all rows is false."""
    share = min(looker.world["false_share"], 0.98)
    wanted = max(int(rng.poisson(true * share / (1 - share))) - others, 0) if looker.watcher.false_reports else 0
    n = round(wanted / max(float(1 - scene.weather.cloud.mean()), 0.01))
    start, end = since_1970(scene.scenario.period.start), since_1970(scene.scenario.period.end)
    reach = scene.scenario.ground.reach_km * 1000
    lon, lat = scene.line.place(rng.uniform(0, scene.line.length_m, n), rng.uniform(-reach, reach, n))
    hours, satellites = _hours(looker)
    which = rng.integers(0, len(hours), n)
    day = rng.integers(0, round((end - start) / DAY), n)
    at = _minute(start + day * DAY + ((hours[which] - lon / 15) % 24) * HOUR)
    region = scene.ground.region_of(lon, lat)
    cloud = scene.weather.at(scene.weather.cloud, at, region)
    kept = rng.random(n) < (1 - cloud) * left(looker.watcher.outages, at, region, scene.ground)
    nothing = np.full(int(kept.sum()), "", dtype=object)
    return _Seen(nothing, at[kept], lon[kept], lat[kept], satellites[which[kept]])


def _rows(looker: Looker, seen: _Seen, rng: Generator) -> pl.DataFrame:
    """The rows of the file and ``id``: places off by what a row's pixel states, times what the profile is wrong by."""
    sensor, n = looker.watcher.sensor, len(seen.ids)
    scan, track = (np.round(rng.uniform(*PIXEL_KM[sensor], n), 2) for _ in range(2))
    error = np.sqrt((scan**2 + track**2) / 2) * 1000 / np.sqrt(12)
    error *= looker.world["place_error_m"] / max(looker.told["place_error_m"], 1.0)
    step = rng.normal(0, 1, (2, n)) * error
    lon, lat = moved(seen.lon, seen.lat, step[0], step[1])
    frame = pl.DataFrame(
        {
            "latitude": np.round(lat, 5),
            "longitude": np.round(lon, 5),
            "hot": np.round(rng.uniform(330, 367, n), 2),
            "scan": scan,
            "track": track,
            "moment": pl.from_epoch(pl.Series(seen.at.astype(np.int64)), "s"),
            "satellite": np.array(SATELLITES[sensor], dtype=object)[seen.satellite].tolist(),
            "frp": np.round(rng.lognormal(1.5, 0.7, n), 2),
            "id": seen.ids.tolist(),
        },
        schema_overrides={"satellite": pl.String, "id": pl.String},
    )
    one_fire = ["moment", "longitude", "latitude", "satellite"]
    words = WORDS[sensor]
    by_day = pl.col("moment").dt.hour().is_between(8, 20)
    return frame.sort(*one_fire, "id").unique(one_fire, keep="first", maintain_order=True).select(
        "latitude", "longitude", pl.col("hot").alias(words["hot"]), "scan", "track",
        pl.col("moment").dt.strftime("%Y-%m-%d").alias("acq_date"),
        pl.col("moment").dt.strftime("%H%M").alias("acq_time"),
        "satellite",
        *(pl.lit(words[name]).alias(name) for name in ("instrument", "confidence", "version")),
        (pl.col("hot") - 55).round(2).alias(words["cool"]),
        "frp",
        pl.when(by_day).then(pl.lit("D")).otherwise(pl.lit("N")).alias("daynight"),
        "id",
    )  # fmt: skip


def _snapshots(scene: Scene, looker: Looker) -> pl.DataFrame:
    """One snapshot for each day that was collected, at its end; none for a day of a stated outage."""
    start = since_1970(scene.scenario.period.start)
    days = (scene.scenario.period.end - scene.scenario.period.start).days
    noon = np.asarray(start + np.arange(days) * DAY + DAY / 2, np.float64)
    stated = [outage for outage in looker.watcher.outages if outage.stated and not outage.regions]
    up = left(stated, noon, np.full(days, -1, np.int64), scene.ground) > 0
    taken = [datetime.fromtimestamp(moment + DAY / 2, UTC) for moment in noon[up].tolist()]
    return pl.DataFrame({"snapshot_committed_utc": [moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in taken]})
