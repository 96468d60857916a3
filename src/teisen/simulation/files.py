"""What sources make of the truth, in the formats that real sources deliver."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.random import Generator

from teisen.geodesy import distance_m, moved
from teisen.observation import Profile, vocabulary
from teisen.simulation.scenario import Observer, Scenario

OVERPASS_LOCAL_HOURS = (1.5, 13.5)
"""Local solar hours of the two daily passes of a polar fire satellite (VIIRS, S-NPP: 01:30 and 13:30)."""
SHORTEST_FIRE_H, LONGEST_FIRE_H = 0.5, 6.0
"""Assumed range of how long a fire after a strike burns."""
ALERTED_KINDS = ("missile-strike", "drone-strike", "air-strike")
MEANS_IN_REPORTS: Mapping[str, str] = {name: kind.title for name, kind in vocabulary().kinds.items()}


class Statement(NamedTuple):
    """A row of a party's statements."""

    day: date
    unit: str
    quantity: int
    lon: float | None = None
    lat: float | None = None
    kind: str = "other"
    target_class: str | None = None


def fires(truth: pl.DataFrame, scenario: Scenario, profile: Profile, rng: Generator) -> str:
    """A FIRMS file (VIIRS columns): fires seen at an overpass through gaps in the cloud, and harvest fires."""
    burn_h = rng.uniform(SHORTEST_FIRE_H, LONGEST_FIRE_H, truth.height)
    seconds = truth["time"].dt.epoch("s").to_numpy()
    lon, lat = truth["lon"].to_numpy(), truth["lat"].to_numpy()
    pass_s, wait_h = _next_pass(seconds, lon)
    leaves_fire = np.array([_detection(profile, kind) for kind in truth["kind"]])
    seen = (rng.random(truth.height) < leaves_fire * (1 - scenario.cloud)) & (wait_h < burn_h)
    share = min(profile.false_share.value, 0.95)
    n_false = int(rng.poisson(max(seen.sum(), 5) * share / (1 - share)))
    days = (scenario.period.end - scenario.period.start).days
    west, south, east, north = bounds(scenario)
    false_lon, false_lat = rng.uniform(west, east, n_false), rng.uniform(south, north, n_false)
    start = int(datetime.combine(scenario.period.start, datetime.min.time(), UTC).timestamp())
    false_s, _ = _next_pass(start + rng.integers(0, days * 86_400, n_false), false_lon)
    all_lon, all_lat = np.concatenate([lon[seen], false_lon]), np.concatenate([lat[seen], false_lat])
    scatter = rng.normal(0, profile.place_error_m.value, (2, len(all_lon)))
    out_lon, out_lat = moved(all_lon, all_lat, scatter[0], scatter[1])
    when = pl.Series(np.concatenate([pass_s[seen], false_s])).cast(pl.Int64)
    frame = pl.DataFrame(
        {
            "latitude": np.round(out_lat, 5),
            "longitude": np.round(out_lon, 5),
            "bright_ti4": np.round(rng.uniform(330, 367, len(out_lon)), 2),
            "scan": 0.4,
            "track": 0.4,
            "moment": pl.from_epoch(when, "s").dt.replace_time_zone("UTC"),
            "satellite": "N",
            "instrument": "VIIRS",
            "confidence": "n",
            "version": "2.0NRT",
            "bright_ti5": np.round(rng.uniform(270, 300, len(out_lon)), 2),
            "frp": np.round(rng.lognormal(1.5, 0.7, len(out_lon)), 2),
            "daynight": "N",
        }
    ).sort("moment", "longitude", "latitude")
    return frame.select(
        "latitude", "longitude", "bright_ti4", "scan", "track",
        pl.col("moment").dt.strftime("%Y-%m-%d").alias("acq_date"),
        pl.col("moment").dt.strftime("%H%M").alias("acq_time"),
        "satellite", "instrument", "confidence", "version", "bright_ti5", "frp", "daynight",
    ).write_csv()  # fmt: skip


def reports(truth: pl.DataFrame, scenario: Scenario, profile: Profile, observer: Observer, rng: Generator) -> str:
    """News reports: places rounded to towns, half of the times a mere date, copies of reports, and false ones."""
    towns = np.array([(town.lon, town.lat) for town in scenario.towns])
    p_seen = np.array([_detection(profile, kind) for kind in truth["kind"]])
    heard = truth.filter(pl.Series(rng.random(truth.height) < p_seen))
    times = 1 + rng.poisson(observer.copies, heard.height)
    rows = heard[np.repeat(np.arange(heard.height), times)]
    share = min(profile.false_share.value, 0.95)
    n_false = int(rng.poisson(heard.height * share / (1 - share)))
    west, south, east, north = bounds(scenario)
    invented = rows[rng.integers(0, max(rows.height, 1), n_false if rows.height else 0)]
    invented = invented.with_columns(
        lon=pl.Series(rng.uniform(west, east, invented.height)),
        lat=pl.Series(rng.uniform(south, north, invented.height)),
        target_class=pl.lit(None, pl.String),
    )
    rows = pl.concat([rows, invented])
    near = np.array(
        [int(np.argmin(distance_m(towns[:, 0], towns[:, 1], x, y))) for x, y in rows.select("lon", "lat").iter_rows()],
        dtype=int,
    )
    delay = rng.exponential(profile.delay_s.value, rows.height).astype(np.int64)
    date_only = rng.random(rows.height) < 0.5
    place = [scenario.towns[i].name for i in near]
    frame = rows.with_columns(
        published=pl.col("time") + pl.Series(delay * 1_000_000).cast(pl.Duration("us")),
        date_only=pl.Series(date_only),
        place=pl.Series(place, dtype=pl.String),
        lon=pl.Series(towns[near, 0] if len(near) else [], dtype=pl.Float64),
        lat=pl.Series(towns[near, 1] if len(near) else [], dtype=pl.Float64),
        title=pl.col("kind").replace_strict(MEANS_IN_REPORTS),
    )
    return (
        frame.filter(~pl.col("published").dt.date().is_in(list(observer.silent)))
        .select(
            pl.col("published").dt.strftime("%Y-%m-%dT%H:%MZ").alias("published"),
            pl.when("date_only")
            .then(pl.col("time").dt.strftime("%Y-%m-%d"))
            .otherwise(pl.col("time").dt.strftime("%Y-%m-%dT%H:%M"))
            .alias("happened"),
            "lon", "lat", "place", "kind", "target_class",
            pl.format("Simulated report: {} at {}", "title", "place").alias("text"),
        )
        .sort(pl.all())
        .write_csv()
    )  # fmt: skip


def alerts(truth: pl.DataFrame, scenario: Scenario, profile: Profile, rng: Generator) -> str:
    """Alerts over whole regions: before and after strikes from the air, and some for nothing."""
    rows: list[tuple[str, datetime, datetime]] = []
    for time, lon, lat, kind in truth.select("time", "lon", "lat", "kind").iter_rows():
        if kind in ALERTED_KINDS and rng.random() < _detection(profile, kind):
            name = next((r.name for r in scenario.regions if inside(r.box, lon, lat)), None)
            if name:
                begin = time - timedelta(minutes=int(rng.integers(2, 30)))
                rows.append((name, begin, time + timedelta(minutes=int(rng.integers(10, 60)))))
    days = (scenario.period.end - scenario.period.start).days
    for _ in range(int(rng.poisson(0.2 * days * len(scenario.regions)))):
        begin = datetime.combine(scenario.period.start, datetime.min.time(), UTC) + timedelta(
            minutes=int(rng.integers(days * 1440))
        )
        region = scenario.regions[int(rng.integers(len(scenario.regions)))]
        rows.append((region.name, begin, begin + timedelta(minutes=30)))
    merged: list[tuple[str, datetime, datetime]] = []
    for name, begin, end in sorted(rows):
        if merged and merged[-1][0] == name and begin <= merged[-1][2]:
            merged[-1] = (name, merged[-1][1], max(end, merged[-1][2]))
        else:
            merged.append((name, begin, end))
    lines = ["region,started_at,finished_at,n_subalerts,duration_minutes"]
    for name, begin, end in sorted(merged, key=lambda row: (row[1], row[0])):
        minutes = (end - begin).total_seconds() / 60
        lines.append(f"{name},{begin.isoformat(sep=' ')},{end.isoformat(sep=' ')},1,{minutes:g}")
    return "\n".join(lines) + "\n"


def allegations(truth: pl.DataFrame, scenario: Scenario, observer: Observer, rng: Generator) -> str:
    """What a party states each evening of the other's acts: a day's total, and the strikes on sites by place."""
    other = next(party for party in scenario.parties if party != observer.party)
    acts = truth.filter(pl.col("actor") == other).with_columns(day=pl.col("time").dt.date())
    rows: list[Statement] = []
    day = scenario.period.start
    while day < scenario.period.end:
        today = acts.filter(pl.col("day") == day)
        total = round(today.height * observer.exaggerates * rng.uniform(0.9, 1.1))
        site = scenario.towns[int(rng.integers(len(scenario.towns)))]
        invented = rng.random() < observer.invents
        if day not in observer.silent:
            hits = today.drop_nulls("target_class").select("lon", "lat", "kind", "target_class").iter_rows()
            rows += [Statement(day, "violations", total)] if total else []
            rows += [Statement(day, "strikes", 1, lon, lat, kind, target) for lon, lat, kind, target in hits]
            if invented:
                rows.append(Statement(day, "strikes", 1, site.lon, site.lat, "drone-strike", site.target_class))
        day += timedelta(days=1)
    frame = pl.DataFrame(rows, schema=list(Statement._fields), orient="row", infer_schema_length=None)
    return frame.select(
        pl.format("{}T20:00Z", "day").alias("stated"),
        pl.format("{}T00:00", "day").alias("start"),
        pl.format("{}T20:00", "day").alias("end"),
        pl.exclude("day"),
        pl.format("Simulated statement: {} {}", "quantity", "unit").alias("text"),
    ).write_csv()


def weather(scenario: Scenario, rng: Generator) -> str:
    """Daily cloud cover by region, around the scenario's mean."""
    lines = ["OBLAST_ID,ACQ_DATE,CLOUD_COVER (%)"]
    day = scenario.period.start
    while day < scenario.period.end:
        for region in scenario.regions:
            cover = float(np.clip(rng.normal(scenario.cloud, 0.2), 0, 1)) * 100
            lines.append(f"{region.id},{day},{cover:.1f}")
        day += timedelta(days=1)
    return "\n".join(lines) + "\n"


def regions(scenario: Scenario) -> str:
    """The fictional regions as GeoJSON."""
    return _collection([({"id": r.id, "name": r.name}, [_ring(r.box)]) for r in scenario.regions])


def sites(scenario: Scenario) -> str:
    """The protected sites as CSV."""
    lines = ["id,name,class,lon,lat"]
    lines += [f"{t.name},{t.name},{t.target_class},{t.lon},{t.lat}" for t in scenario.towns if t.target_class]
    return "\n".join(lines) + "\n"


def bounds(scenario: Scenario) -> tuple[float, float, float, float]:
    """West, south, east and north of the fictional ground, degrees."""
    boxes = np.array([region.box for region in scenario.regions])
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


def inside(box: tuple[float, float, float, float], lon: float, lat: float) -> bool:
    """Whether a place lies in a box; western and southern edges belong to it."""
    west, south, east, north = box
    return west <= lon < east and south <= lat < north


def _detection(profile: Profile, kind: str) -> float:
    figure = profile.detection.get(kind)
    return figure.value if figure else 0.0


def _next_pass(seconds: np.ndarray, lon: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Moment of the next overpass after each moment (epoch seconds), and the wait in hours."""
    local_h = seconds / 3600 + lon / 15
    waits = np.stack([(hour - local_h) % 24 for hour in OVERPASS_LOCAL_HOURS])
    wait_h = waits.min(axis=0)
    return (seconds + wait_h * 3600).astype(np.int64), wait_h


def _ring(box: tuple[float, float, float, float]) -> list[list[float]]:
    west, south, east, north = box
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def _collection(features: list[tuple[dict[str, str], list[list[list[float]]]]]) -> str:
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "properties": p, "geometry": {"type": "Polygon", "coordinates": c}}
                for p, c in features
            ],
        },
        sort_keys=True,
    )
