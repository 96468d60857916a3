"""What authorities and parties say: alerts over regions, tallies of launches, statements about the other side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.random import Generator

from teisen.simulation.figures import World
from teisen.simulation.intensity import DAY, HOUR, since_1970
from teisen.simulation.scene import Delivered, Looker, Scene, links_of_ids
from teisen.simulation.watching import left

ALERT_BEFORE_MIN, ALERT_AFTER_MIN = (2, 30), (10, 60)
"""An alert begins and ends so many minutes before and after a strike, uniform (assumed)."""
FALSE_ALERT_MIN = 30
MODELS = {"missile-strike": "Unknown Missile", "drone-strike": "Shahed-136/131", "air-strike": "Aerial Bomb"}
"""What tallies call each kind: words that the reader knows."""
LAUNCHED_PER_HIT = 4.0
"""Launches behind one strike that arrives; the others are shot down (assumed)."""
ALLEGED_KIND = "drone-strike"
"""What invented strikes are said to be."""
STATEMENT_HOUR = 20
"""Hour of the day, UTC, at which a party states the day's sum."""


def alerts(scene: Scene, looker: Looker, rng: Generator) -> Delivered:
    """Alerts over whole regions around strikes from the air, and as many for nothing as the profile says."""
    seen, world = scene.happenings, looker.world
    chance = world.chance(seen.kind) * seen.true * (seen.region >= 0)
    chance = chance * left(looker.watcher.outages, seen.seconds, seen.region, scene.ground)
    event = np.flatnonzero(rng.random(len(chance)) < chance)
    start, end = since_1970(scene.scenario.period.start), since_1970(scene.scenario.period.end)
    share = min(world["false_share"], 0.98)
    n = int(rng.poisson(len(event) * share / (1 - share))) if looker.watcher.false_reports else 0
    begin = np.concatenate(
        [seen.seconds[event] - 60 * rng.integers(*ALERT_BEFORE_MIN, len(event)), np.floor(rng.uniform(start, end, n))]
    )
    over = np.concatenate(
        [
            seen.seconds[event] + 60 * rng.integers(*ALERT_AFTER_MIN, len(event)),
            begin[len(event) :] + 60 * FALSE_ALERT_MIN,
        ]
    )
    region = np.concatenate([seen.region[event], rng.integers(0, len(scene.ground.region_ids), n)])
    rows = pl.DataFrame(
        {
            "region": np.array(scene.ground.region_names, dtype=object)[region].tolist(),
            "begin": np.round(begin),
            "end": np.round(over),
            "id": [*seen.ids[event].tolist(), *[""] * n],
        },
        schema={"region": pl.String, "begin": pl.Float64, "end": pl.Float64, "id": pl.String},
    ).sort("region", "begin", "end", "id")
    before = pl.col("end").cum_max().shift(1).over("region")
    merged = (
        rows.with_columns(run=(pl.col("begin") > before).fill_null(True).cast(pl.Int64).cum_sum().over("region"))
        .group_by("region", "run", maintain_order=True)
        .agg(
            pl.col("begin").min(), pl.col("end").max(), pl.len().alias("n"),
            pl.col("id").filter(pl.col("id") != "").first().fill_null(""),
        )
        .sort("begin", "region")
    )  # fmt: skip
    name = f"{looker.watcher.id}.csv"
    text = merged.select(
        "region",
        _moment("begin", "%Y-%m-%d %H:%M:%S+00:00").alias("started_at"),
        _moment("end", "%Y-%m-%d %H:%M:%S+00:00").alias("finished_at"),
        pl.col("n").alias("n_subalerts"),
        ((pl.col("end") - pl.col("begin")) / 60).round(2).alias("duration_minutes"),
    ).write_csv()
    return Delivered({name: text}, links_of_ids(name, merged["id"]))


def _moment(column: str, form: str) -> pl.Expr:
    return pl.from_epoch(pl.col(column).cast(pl.Int64), "s").dt.strftime(form)


def tallies(scene: Scene, looker: Looker, rng: Generator) -> Delivered:
    """Tallies by day, model and region of what the other side launched, with the party's factor on the numbers."""
    heard = _acts(scene, looker, rng, looker.world).filter(pl.col("kind").is_in(list(MODELS)), pl.col("region") >= 0)
    rows = (
        heard.group_by("day", "kind", "region")
        .agg(pl.len().alias("hits"), pl.col("id").min())
        .sort("day", "kind", "region")
    )
    hits = rows["hits"].to_numpy().astype(float)
    launched = np.maximum(np.round(rng.poisson(hits * LAUNCHED_PER_HIT) * looker.watcher.exaggerates), hits)
    name = f"{looker.watcher.id}.csv"
    names = dict(enumerate(scene.ground.region_names))
    day = pl.from_epoch(pl.col("day").cast(pl.Int64), "s")
    text = rows.select(
        day.dt.strftime("%Y-%m-%d 00:00").alias("time_start"),
        day.dt.strftime("%Y-%m-%d 23:59").alias("time_end"),
        pl.col("kind").replace_strict(MODELS, return_dtype=pl.String).alias("model"),
        pl.col("region").replace_strict(names, return_dtype=pl.String).alias("target"),
        pl.Series("launched", launched.astype(np.int64)),
        pl.Series("destroyed", (launched - hits).astype(np.int64)),
        pl.lit("simulated").alias("source"),
    ).write_csv()
    return Delivered({name: text}, links_of_ids(name, rows["id"]))


def allegations(scene: Scene, looker: Looker, rng: Generator) -> Delivered:
    """What a party states each evening of the other's acts: a total, strikes on sites by place, and invented ones."""
    watcher = looker.watcher
    acts = _acts(scene, looker, rng, None)
    start = since_1970(scene.scenario.period.start)
    days = (scene.scenario.period.end - scene.scenario.period.start).days
    every = start + np.arange(days) * DAY
    noon = np.asarray(every + DAY / 2, np.float64)
    speaks = left(watcher.outages, noon, np.full(days, -1, np.int64), scene.ground) > 0
    counts = np.bincount(((acts["day"].to_numpy() - start) // DAY).astype(np.int64), minlength=days)[:days]
    total = np.round(counts * watcher.exaggerates * rng.uniform(0.9, 1.1, days)).astype(np.int64)
    totals = pl.DataFrame({"day": every, "unit": "violations", "quantity": total, "id": ""}).filter(
        pl.Series(speaks & (total > 0))
    )
    hits = acts.filter(pl.col("target_class").is_not_null())
    hits = hits.filter(pl.Series(rng.random(hits.height) < watcher.hits_stated))
    strikes = hits.select("day", "lon", "lat", "kind", "target_class", "id", unit=pl.lit("strikes"), quantity=1)
    frames = [totals, strikes, _invented(scene, looker, every, rng)]
    rows = pl.concat(frames, how="diagonal_relaxed").filter(pl.col("day").is_in(every[speaks].tolist()))
    rows = rows.sort("day", "unit", "lon", "lat", "id", nulls_last=True)
    name = f"{watcher.id}.csv"
    day = pl.from_epoch(pl.col("day").cast(pl.Int64), "s")
    written = rows.select(
        day.dt.strftime(f"%Y-%m-%dT{STATEMENT_HOUR}:00Z").alias("stated"),
        day.dt.offset_by(f"-{24 - STATEMENT_HOUR}h").dt.strftime("%Y-%m-%dT%H:%M").alias("start"),
        day.dt.strftime(f"%Y-%m-%dT{STATEMENT_HOUR}:00").alias("end"),
        "unit", "quantity",
        pl.col("lon").round(5), pl.col("lat").round(5),
        pl.col("kind").fill_null("other"), "target_class",
        pl.format("s{}", pl.int_range(1, pl.len() + 1)).alias("statement"),
        pl.format("Simulated statement: {} {}", "quantity", "unit").alias("text"),
    )  # fmt: skip
    return Delivered({name: written.write_csv()}, links_of_ids(name, rows["id"]), STATEMENTS)


def _invented(scene: Scene, looker: Looker, every: np.ndarray, rng: Generator) -> pl.DataFrame:
    """Strikes on sites of its own side that never happened."""
    own = 0 if looker.watcher.party == scene.scenario.parties[0] else 1
    sites = np.flatnonzero((scene.ground.site_depth >= 0) == (own == 0))
    count = rng.poisson(looker.watcher.invents, len(every)) if len(sites) else np.zeros(len(every), np.int64)
    day = np.repeat(every, count)
    site = sites[rng.integers(0, max(len(sites), 1), len(day))] if len(sites) else np.zeros(0, np.int64)
    frame = pl.DataFrame(
        {
            "day": day,
            "lon": scene.ground.sites[site, 0],
            "lat": scene.ground.sites[site, 1],
            "target_class": np.array(scene.ground.site_classes, dtype=object)[site].tolist(),
        },
        schema={"day": pl.Float64, "lon": pl.Float64, "lat": pl.Float64, "target_class": pl.String},
    )
    return frame.with_columns(unit=pl.lit("strikes"), quantity=1, kind=pl.lit(ALLEGED_KIND), id=pl.lit(""))


def _acts(scene: Scene, looker: Looker, rng: Generator, world: World | None) -> pl.DataFrame:
    """True acts of the other side than the one that speaks (of both, if none does), with their day; heard by chance.

    A statement speaks about the day until its hour; what comes later is the next day's.
    """
    seen = scene.happenings
    mine = seen.true if looker.watcher.party is None else seen.true & (seen.actor != looker.watcher.party)
    if world is not None:
        chance = world.chance(seen.kind) * left(looker.watcher.outages, seen.seconds, seen.region, scene.ground)
        mine = mine & (rng.random(len(chance)) < chance)
    at = np.flatnonzero(mine)
    return pl.DataFrame(
        {
            "day": seen.seconds[at] // DAY * DAY,
            "lon": seen.lon[at],
            "lat": seen.lat[at],
            "kind": seen.kind[at].tolist(),
            "target_class": seen.target[at].tolist(),
            "region": seen.region[at],
            "id": seen.ids[at].tolist(),
            "hour": seen.seconds[at] % DAY / HOUR,
        },
        schema={
            "day": pl.Float64, "lon": pl.Float64, "lat": pl.Float64, "kind": pl.String, "target_class": pl.String,
            "region": pl.Int64, "id": pl.String, "hour": pl.Float64,
        },
    ).with_columns(
        day=pl.col("day") + pl.when((pl.col("hour") >= STATEMENT_HOUR) & (world is None)).then(DAY).otherwise(0.0)
    )  # fmt: skip


STATEMENTS: Mapping[str, Any] = {
    "format": "teisen-table/1",
    "fills": "allegation",
    "zone": "UTC",
    "fields": {
        "stated": "stated", "start": "start", "end": "end", "native_id": "statement", "lon": "lon", "lat": "lat",
        "kind": "kind", "target_class": "target_class", "quantity": "quantity", "unit": "unit",
        "language": {"constant": "en"}, "text": "text",
    },
}  # fmt: skip
"""How statements are read."""
