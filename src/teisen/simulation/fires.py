"""Fires that satellites see at overpasses through gaps in the cloud: of incidents and of the background (FIRMS CSV)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from numpy.random import Generator

from teisen.geodesy import Floats, moved
from teisen.simulation.ground import Ints
from teisen.simulation.happenings import BURNS_H
from teisen.simulation.intensity import DAY, HOUR, since_1970
from teisen.simulation.scene import Delivered, Looker, Scene, links_of_ids
from teisen.simulation.watching import left
from teisen.sources.readers.firms import Options, facts

BURNS_AFTER_ATTACK_H = float(Options.model_fields["fire_hours"].default)
"""Mean hours that a fire burns after an attack: what the reader's exposure takes it to be."""
SATELLITES = {"viirs": ("N", "N20", "N21"), "modis": ("T", "A")}
PIXEL_KM = {"viirs": (0.39, 0.72), "modis": (1.0, 1.84)}
"""Scan and track of pixels, uniform between these (assumed): pixel / sqrt(12) is the profiles' place error on average."""
NEXT_PIXEL_M = 375.0
"""Further pixels of one fire lie this far around it, standard deviation per axis (one pixel of VIIRS)."""
LEAVES_FIRE = {"harvest": 0.5, "industry": 0.3, "exercise": 0.02}
"""P(such a thing leaves a fire that is seen), where the scenario does not say (assumed)."""
BLOCKS = 2
"""Days after its start in which a fire may be seen: hardly any burns longer."""


def fires(scene: Scene, looker: Looker, rng: Generator) -> Delivered:
    """A FIRMS file and the list of daily snapshots, which says on which days it was collected."""
    watcher, world, seen = looker.watcher, looker.world, scene.happenings
    visible = world.chance(seen.kind) * seen.true
    for pattern, share in (watcher.mistakes or LEAVES_FIRE).items():
        visible[seen.pattern == pattern] = share
    event = np.flatnonzero(rng.random(len(visible)) < visible)
    mean_h = np.full(len(event), BURNS_AFTER_ATTACK_H)
    for pattern, hours in BURNS_H.items():
        mean_h[seen.pattern[event] == pattern] = hours
    steady = seen.pattern[event] == "industry"
    burns_h = np.where(steady, mean_h, rng.exponential(mean_h))
    of, at, satellite = _passes(scene, looker, seen.seconds[event], seen.lon[event], seen.region[event], burns_h, rng)
    event = event[of]
    pixels = 1 + rng.poisson(max(world["detections"] - 1, 0.0), len(event))
    more = np.repeat(np.arange(len(event)), pixels)
    lon, lat = seen.lon[event][more], seen.lat[event][more]
    again = np.concatenate([[False], more[1:] == more[:-1]]) if len(more) else np.zeros(0, bool)
    lon, lat = moved(lon, lat, *np.where(again, rng.normal(0, NEXT_PIXEL_M, (2, len(more))), 0.0))
    ids, at, satellite = seen.ids[event][more], at[more], satellite[more]
    false = _scattered(scene, looker, seen.true[event][more], rng)
    ids = np.concatenate([ids, np.full(len(false[0]), "", dtype=object)])
    at, satellite = np.concatenate([at, false[2]]), np.concatenate([satellite, false[3]])
    lon, lat = np.concatenate([lon, false[0]]), np.concatenate([lat, false[1]])
    rows = _rows(looker, ids, at, lon, lat, satellite, rng)
    name, snapshots = f"{watcher.id}.csv", f"{watcher.id}-snapshots.csv"
    collected = _snapshots(scene, looker)
    no_links = links_of_ids(snapshots, pl.Series([""] * collected.height, dtype=pl.String)).clear()
    files = {name: rows.drop("id").write_csv(), snapshots: collected.write_csv()}
    return Delivered(files, pl.concat([links_of_ids(name, rows["id"]), no_links]))


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
    scene: Scene, looker: Looker, start: Floats, lon: Floats, region: Ints, burns_h: Floats, rng: Generator
) -> tuple[Ints, Floats, Ints]:
    """Fires as seen: index of the fire, moment of the pass and satellite."""
    hours, satellites = _hours(looker)
    local_h = (start / HOUR + lon / 15)[:, None]
    first = (hours - local_h) % 24
    waits = np.concatenate([first + 24 * block for block in range(BLOCKS)], axis=1)
    names = np.concatenate([satellites] * BLOCKS)
    # Satellites that pass within an hour or so meet the same cloud: one draw for each half of a day.
    at = start[:, None] + waits * HOUR
    half = ((at / HOUR + lon[:, None] / 15 + 6) // 12).astype(np.int64)
    luck = rng.random((len(start), 2 * (BLOCKS + 1)))
    draw = np.take_along_axis(luck, half - half.min(axis=1, keepdims=True), axis=1) if len(start) else luck[:, :0]
    where = np.repeat(region[:, None], at.shape[1], axis=1)
    cloud = scene.weather.at(scene.weather.cloud, at.ravel(), where.ravel()).reshape(at.shape)
    up = left(looker.watcher.outages, at.ravel(), where.ravel(), scene.ground).reshape(at.shape)
    end = since_1970(scene.scenario.period.end)
    if not len(start):
        return np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64)
    clear = (draw >= cloud) & (rng.random(at.shape) < up) & (at < end)
    of, which = np.nonzero((waits < burns_h[:, None]) & clear)
    return of, np.floor(at[of, which] / 60) * 60, names[which]


def _scattered(
    scene: Scene, looker: Looker, true: np.ndarray, rng: Generator
) -> tuple[Floats, Floats, Floats, Ints]:  # fmt: skip
    """Fires of what no one names, so many that the profile's share is false: places, times, satellites."""
    share = min(looker.world["false_share"], 0.98)
    count = int(true.sum())
    n = int(rng.poisson(count * share / (1 - share))) - (len(true) - count)
    through = float(1 - scene.weather.cloud.mean())
    n = round(max(n, 0) / max(through, 0.01)) if looker.watcher.false_reports else 0
    start, end = since_1970(scene.scenario.period.start), since_1970(scene.scenario.period.end)
    reach = scene.scenario.ground.reach_km * 1000
    lon, lat = scene.line.place(rng.uniform(0, scene.line.length_m, n), rng.uniform(-reach, reach, n))
    hours, satellites = _hours(looker)
    which = rng.integers(0, len(hours), n)
    day = rng.integers(0, round((end - start) / DAY), n)
    at = np.floor((start + day * DAY + ((hours[which] - lon / 15) % 24) * HOUR) / 60) * 60
    region = scene.ground.region_of(lon, lat) if n else np.zeros(0, np.int64)
    cloud = scene.weather.at(scene.weather.cloud, at, region)
    kept = rng.random(n) < (1 - cloud) * left(looker.watcher.outages, at, region, scene.ground)
    return lon[kept], lat[kept], at[kept], satellites[which[kept]]


def _rows(
    looker: Looker, ids: np.ndarray, at: Floats, lon: Floats, lat: Floats, satellite: Ints, rng: Generator
) -> pl.DataFrame:  # fmt: skip
    """The rows of the file, places off by what each row's own pixel states, times what the profile is wrong by."""
    n = len(ids)
    scan, track = (np.round(rng.uniform(*PIXEL_KM[looker.watcher.sensor], n), 2) for _ in range(2))
    error = np.sqrt((scan**2 + track**2) / 2) * 1000 / np.sqrt(12)
    error *= looker.world["place_error_m"] / max(looker.told["place_error_m"], 1.0)
    lon, lat = moved(lon, lat, *(rng.normal(0, 1, (2, n)) * error))
    frame = pl.DataFrame(
        {
            "latitude": np.round(lat, 5),
            "longitude": np.round(lon, 5),
            "bright_ti4": np.round(rng.uniform(330, 367, n), 2),
            "scan": scan,
            "track": track,
            "moment": pl.from_epoch(pl.Series(at.astype(np.int64)), "s"),
            "satellite": np.array(SATELLITES[looker.watcher.sensor], dtype=object)[satellite].tolist(),
            "frp": np.round(rng.lognormal(1.5, 0.7, n), 2),
            "id": ids.tolist(),
        },
        schema_overrides={"satellite": pl.String, "id": pl.String, "moment": pl.Datetime("us")},
    )
    same = ["moment", "longitude", "latitude", "satellite"]
    bright = ("bright_ti4", "bright_ti5") if looker.watcher.sensor == "viirs" else ("brightness", "bright_t31")
    return (
        frame.sort(*same, "id").unique(same, keep="first", maintain_order=True)
        .select(
            "latitude", "longitude", pl.col("bright_ti4").alias(bright[0]), "scan", "track",
            pl.col("moment").dt.strftime("%Y-%m-%d").alias("acq_date"),
            pl.col("moment").dt.strftime("%H%M").alias("acq_time"),
            "satellite",
            pl.lit("VIIRS" if looker.watcher.sensor == "viirs" else "MODIS").alias("instrument"),
            pl.lit("n" if looker.watcher.sensor == "viirs" else "80").alias("confidence"),
            pl.lit("2.0NRT" if looker.watcher.sensor == "viirs" else "6.1NRT").alias("version"),
            (pl.col("bright_ti4") - 55).round(2).alias(bright[1]),
            "frp",
            pl.when(pl.col("moment").dt.hour().is_between(8, 20)).then(pl.lit("D")).otherwise(pl.lit("N")).alias("daynight"),
            "id",
        )
    )  # fmt: skip


def _snapshots(scene: Scene, looker: Looker) -> pl.DataFrame:
    """One snapshot for each day that was collected, at its end; none for a day of a stated outage."""
    start = since_1970(scene.scenario.period.start)
    days = (scene.scenario.period.end - scene.scenario.period.start).days
    noon = start + np.arange(days) * DAY + DAY / 2
    stated = [outage for outage in looker.watcher.outages if outage.stated and not outage.regions]
    up = left(stated, noon, np.full(days, -1), scene.ground) > 0
    taken = [datetime.fromtimestamp(moment + DAY / 2, UTC) - timedelta(seconds=1) for moment in noon[up].tolist()]
    return pl.DataFrame({"snapshot_committed_utc": [moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in taken]})
