"""Reports of news, posts, patrols and parties: a table that the reader ``table`` reads through a mapping."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zlib import crc32

import numpy as np
import polars as pl
from numpy.random import Generator

from teisen.geodesy import Floats, moved
from teisen.observation import vocabulary
from teisen.simulation.exposure import watched
from teisen.simulation.ground import Ints
from teisen.simulation.intensity import since_1970
from teisen.simulation.reach import reach, somewhere
from teisen.simulation.scenario import Watcher
from teisen.simulation.scene import NONE, Delivered, Looker, Objects, Scene, links_of_ids
from teisen.simulation.watching import conditions, left

TITLES: Mapping[str, str] = {name: kind.title for name, kind in vocabulary().kinds.items()}
MISTAKES_AT_POSTS = {"quarry": 0.8, "exercise": 0.8}
"""What posts take for an incident where the scenario does not say: a blast sounds like a shell (assumed)."""
ROW = pl.Schema(
    {
        "key": pl.String, "story": pl.String, "id": pl.String, "seconds": pl.Float64, "day_only": pl.Boolean,
        "lon": pl.Float64, "lat": pl.Float64, "area": pl.String, "place": pl.String, "kind": pl.String,
        "target_class": pl.String, "actor": pl.String, "reported": pl.Float64,
    }
)  # fmt: skip
"""A report before it is written: ``key`` its own, ``story`` the key of the report that it is or copies, ``id`` of what
happened (empty: nothing)."""


def reports(scene: Scene, looker: Looker, earlier: Mapping[str, Delivered], rng: Generator) -> Delivered:
    """What a source that writes reports delivers; ``earlier`` are the sources before it, whose reports it may copy."""
    watcher = looker.watcher
    could = reach(watcher, scene.happenings, scene.line, scene.ground)
    event = _reported(scene, looker, could.event, could.factor, rng)
    own = pl.concat([_told(scene, looker, event, rng), _made_up(scene, looker, event, rng)])
    own = own.with_columns(key=pl.format("{}-{}", pl.lit(watcher.id), pl.int_range(1, pl.len() + 1)))
    own = own.with_columns(story="key").select(ROW.names())
    heard = [own if name == watcher.id else earlier[name].rows for name in watcher.copies_from]
    copies = _copied(scene, looker, pl.concat([frame for frame in heard if frame is not None] or [own.clear()]), rng)
    rows = pl.concat([own, copies]).sort("reported", "key")
    name = f"{watcher.id}.csv"
    named = watcher.names_actor > 0
    return Delivered(
        {name: _written(rows, actor=named).write_csv()},
        links_of_ids(name, rows["id"], _copy_of(rows, name, earlier)),
        _mapping(watched(scene, looker, could), actor=named),
        rows,
    )


def _reported(scene: Scene, looker: Looker, event: Ints, factor: Floats, rng: Generator) -> Ints:
    """Indices of the happenings that are reported, once for each report of each who could."""
    seen, watcher = scene.happenings, looker.watcher
    at, region = seen.seconds[event], seen.region[event]
    mistakes = watcher.mistakes or (MISTAKES_AT_POSTS if watcher.posts else {})
    chance = looker.world.chance(seen.kind[event])
    mistaken = np.zeros(len(event))
    for pattern, share in mistakes.items():
        mistaken[seen.pattern[event] == pattern] = share
    chance = np.where(seen.true[event], chance, mistaken) * factor
    chance *= conditions(watcher, scene.scenario, scene.weather, at, region)
    chance *= left(watcher.outages, at, region, scene.ground)
    if watcher.party:
        chance *= np.where(seen.actor[event] == watcher.party, 1 - watcher.hides, 1.0)
    heard = event[rng.random(len(event)) < chance]
    return np.repeat(heard, 1 + rng.poisson(max(looker.world["detections"] - 1, 0.0), len(heard)))


def _told(scene: Scene, looker: Looker, event: Ints, rng: Generator) -> pl.DataFrame:
    """Reports of happenings, with the source's errors."""
    seen, world, watcher, n = scene.happenings, looker.world, looker.watcher, len(event)
    again = np.concatenate([[False], event[1:] == event[:-1]]) if n else np.zeros(0, bool)
    later = np.where(again, rng.exponential(watcher.repeats_s, n), 0.0)
    seconds = seen.seconds[event] + later + rng.normal(0, world["time_error_s"], n)
    lon, lat = moved(seen.lon[event], seen.lat[event], *rng.normal(0, world["place_error_m"], (2, n)))
    to_town = rng.random(n) < world["town_share"]
    town = np.where(to_town, seen.town[event], scene.ground.nearest_town(lon, lat)[0]) if n else seen.town[event]
    lon, lat = (np.where(to_town, scene.ground.towns[town, axis], at) for axis, at in enumerate((lon, lat)))
    area_only = (rng.random(n) < world["area_only_share"]) & (seen.region[event] >= 0)
    names_actor = rng.random(n) < watcher.names_actor
    to_name = watcher.names_target if watcher.names_target is not None else 0.0 if watcher.posts else 1.0
    names_target = rng.random(n) < to_name
    kind = _kinds(watcher, seen.kind[event], world["wrong_kind_share"], rng)
    return _rows(
        scene, looker, rng, ids=seen.ids[event], seconds=seconds, happened=seen.seconds[event] + later,
        lon=lon, lat=lat, area=np.where(area_only, seen.region[event], -1), town=town, kind=kind,
        target=np.where(names_target, seen.target[event], NONE),
        actor=np.where(names_actor, _named(scene, watcher, seen.actor[event], world["wrong_actor_share"]), NONE),
    )  # fmt: skip


def _named(scene: Scene, watcher: Watcher, true: Objects, share: float) -> Objects:
    """Who is said to have done it: for a share another party, drawn apart, so that nothing else is drawn otherwise."""
    rng = np.random.default_rng([scene.scenario.seed, crc32(f"who {watcher.id} names".encode())])
    first, second = scene.scenario.parties[:2]
    other = np.where(true == first, second, first)
    return np.where((rng.random(len(true)) < share) & (true != NONE), other, true)


def _made_up(scene: Scene, looker: Looker, event: Ints, rng: Generator) -> pl.DataFrame:
    """Reports of nothing, so many that the profile's share of reports is false, those of the background among them."""
    watcher, world = looker.watcher, looker.world
    true = int(scene.happenings.true[event].sum())
    share = min(world["false_share"], 0.98)
    wanted = int(rng.poisson(true * share / (1 - share))) - (len(event) - true)
    begin, end = since_1970(scene.scenario.period.start), since_1970(scene.scenario.period.end)
    n = max(wanted, 0) if watcher.false_reports else 0
    seconds, lon, lat = somewhere(watcher, scene.line, scene.ground, rng, n=n, span=(begin, end))
    region = scene.ground.region_of(lon, lat)
    kept = rng.random(len(seconds)) < left(watcher.outages, seconds, region, scene.ground)
    seconds, lon, lat, region = seconds[kept], lon[kept], lat[kept], region[kept]
    n = len(seconds)
    town = scene.ground.nearest_town(lon, lat)[0]
    to_town = rng.random(n) < world["town_share"]
    lon, lat = (np.where(to_town, scene.ground.towns[town, axis], at) for axis, at in enumerate((lon, lat)))
    area_only = (rng.random(n) < world["area_only_share"]) & (region >= 0)
    nothing = np.full(n, None, dtype=object)
    other = next((party for party in scene.scenario.parties if watcher.party and party != watcher.party), None)
    names_actor = rng.random(n) < watcher.names_actor
    return _rows(
        scene, looker, rng, ids=np.full(n, "", dtype=object), seconds=seconds, happened=seconds, lon=lon, lat=lat,
        area=np.where(area_only, region, -1), town=town, kind=_usual_kinds(scene, looker, n, rng), target=nothing,
        actor=np.where(names_actor, np.array(other, dtype=object), NONE),
    )  # fmt: skip


def _usual_kinds(scene: Scene, looker: Looker, n: int, rng: Generator) -> Objects:
    """Words for things that never happened: of the kinds that happen and that the source reports at all."""
    weights = {k: w for k, w in scene.scenario.violence.kinds.items() if w and looker.world.detection.get(k, 0) > 0}
    weights = weights or scene.scenario.violence.kinds
    words = sorted(weights)
    chances = np.array([weights[word] for word in words])
    said = np.array([looker.watcher.says.get(word, word) for word in words], dtype=object)
    return np.asarray(said[rng.choice(len(words), n, p=chances / chances.sum())], dtype=object)


def _rows(
    scene: Scene, looker: Looker, rng: Generator, *, ids: Objects, seconds: Floats, happened: Floats, lon: Floats,
    lat: Floats, area: Ints, town: Ints, kind: Objects, target: Objects, actor: Objects,
) -> pl.DataFrame:  # fmt: skip
    """ROW but key and story. What is published is published after what it says has happened."""
    n, placed = len(seconds), area < 0
    day_only = rng.random(n) < looker.world["date_only_share"]
    delay = rng.exponential(looker.world["delay_s"], n) if looker.world["delay_s"] > 0 else np.zeros(n)
    regions, towns = np.array(scene.ground.region_ids, object), np.array(scene.ground.town_names, object)
    stated = np.round(seconds)
    return pl.DataFrame(
        {
            "id": ids.tolist(),
            "seconds": stated,
            "day_only": day_only,
            "lon": np.where(placed, np.round(lon, 5), np.nan),
            "lat": np.where(placed, np.round(lat, 5), np.nan),
            "area": np.where(placed, NONE, regions[np.maximum(area, 0)]).tolist(),
            "place": np.where(placed, towns[town], NONE).tolist(),
            "kind": kind.tolist(),
            "target_class": target.tolist(),
            "actor": actor.tolist(),
            "reported": np.round(np.where(day_only, happened + delay, np.maximum(happened + delay, stated))),
        },
        schema={name: dtype for name, dtype in ROW.items() if name not in ("key", "story")},
    ).with_columns(pl.col("lon", "lat").fill_nan(None))


def _kinds(watcher: Watcher, true: Objects, share: float, rng: Generator) -> Objects:
    """What is said for each true kind: the source's word for it, or a wrong one for a share of them."""
    luck, wrong = rng.random(len(true)), rng.random(len(true)) < share
    said = np.empty(len(true), dtype=object)
    for word in sorted(set(true)):
        mine = true == word
        own = watcher.says.get(word, word)
        said[mine] = own
        others = watcher.confuses.get(word) or {
            kind: fit for kind, fit in vocabulary().kinds[word].seen_as.items() if vocabulary().kinds[kind].attack
        }
        others = {kind: weight for kind, weight in others.items() if kind != own and weight > 0}
        if others:
            words = sorted(others)
            steps = np.cumsum([others[kind] for kind in words])
            chosen = np.searchsorted(steps / steps[-1], luck, side="right").clip(0, len(words) - 1)
            said[mine & wrong] = np.array(words, object)[chosen[mine & wrong]]
    return said


def _copied(scene: Scene, looker: Looker, heard: pl.DataFrame, rng: Generator) -> pl.DataFrame:
    """Copies of a share of the reports heard: the same words, place and time, published later."""
    n = heard.height
    lag = rng.exponential(looker.world["copy_lag_s"], n)
    taken = rng.random(n) < looker.world["copy_share"]
    rows = heard.with_columns(reported=pl.Series(np.round(heard["reported"].to_numpy() + lag)))
    reported = rows["reported"].to_numpy()
    lon, lat = (rows[name].fill_null(0.0).to_numpy() for name in ("lon", "lat"))
    taken &= rng.random(n) < left(looker.watcher.outages, reported, scene.ground.region_of(lon, lat), scene.ground)
    return rows.filter(pl.Series(taken)).with_columns(
        key=pl.format("{}-c{}", pl.lit(looker.watcher.id), pl.int_range(1, pl.len() + 1))
    )


def _copy_of(rows: pl.DataFrame, name: str, earlier: Mapping[str, Delivered]) -> pl.Series:
    """``file:row`` of the first report of each row's story; empty where it is that itself."""
    known = [(file, one.rows) for source, one in earlier.items() if one.rows is not None for file in [f"{source}.csv"]]
    places = pl.concat(
        frame.select(story="key", at=pl.format("{}:{}", pl.lit(file), pl.int_range(1, pl.len() + 1)))
        for file, frame in [*known, (name, rows)]
    )
    own = pl.col("key") == pl.col("story")
    found = rows.join(places, on="story", how="left", maintain_order="left")
    return found.select(pl.when(own).then(pl.lit("")).otherwise(pl.col("at").fill_null("")).alias("copy_of"))["copy_of"]


def _written(rows: pl.DataFrame, *, actor: bool) -> pl.DataFrame:
    """The reports as their file has them."""
    moment = pl.from_epoch(pl.col("seconds").cast(pl.Int64), "s")
    where = pl.coalesce("place", "area")
    return rows.select(
        pl.from_epoch(pl.col("reported").cast(pl.Int64), "s").dt.strftime("%Y-%m-%dT%H:%M:%SZ").alias("published"),
        pl.when("day_only")
        .then(moment.dt.strftime("%Y-%m-%d"))
        .otherwise(moment.dt.strftime("%Y-%m-%dT%H:%M:%S"))
        .alias("happened"),
        "lon", "lat", "area", "place", "kind", "target_class", *(["actor"] if actor else []), "story",
        pl.format("Simulated report: {} at {}", pl.col("kind").replace_strict(TITLES, return_dtype=pl.String), where)
        .alias("text"),
    )  # fmt: skip


def _mapping(units: list[dict[str, Any]], *, actor: bool) -> dict[str, Any]:
    """How the file is read, and what was watched."""
    fields: dict[str, Any] = {
        "start": "happened", "reported": "published", "lon": "lon", "lat": "lat", "area": "area", "place_name": "place",
        "kind": "kind", "target_class": "target_class", "native_id": "story", "language": {"constant": "en"},
        "text": "text",
    }  # fmt: skip
    if actor:
        fields["actor_stated"] = "actor"
    return {"format": "teisen-table/1", "fills": "observation", "zone": "UTC", "fields": fields, "watched": units}
