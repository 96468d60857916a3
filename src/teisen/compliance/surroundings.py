"""What may decide whether an incident is seen: cloud over it, whether it was dark, how far the next town is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import scipy

from teisen.geodesy import Floats, chord_to_m, unit_vectors
from teisen.sources import Ground
from teisen.sources.cloud import cloud_over
from teisen.sources.effort import regions

NIGHT = (6.0, 18.0)
"""Local mean solar time before and after which it counts as night, hours; the mean of the year."""
LONGEST = timedelta(hours=12)
"""An incident whose interval is longer has no hour."""


@dataclass(frozen=True)
class Feature:
    """A number that an effect is estimated for, and levels to show: word, from, up to, and the value it is shown at."""

    name: str
    levels: tuple[tuple[str, float, float, float], ...]


FEATURES = (
    Feature("cloud", (("under 50 %", -math.inf, 0.5, 0.25), ("50 % and more", 0.5, math.inf, 0.75))),
    Feature("hour", (("day", -math.inf, 0.5, 0.0), ("night", 0.5, math.inf, 1.0))),
    Feature(
        "town",
        (
            ("within 10 km", -math.inf, math.log1p(10), math.log1p(5)),
            ("10 km and more", math.log1p(10), math.inf, math.log1p(20)),
        ),
    ),
)
"""Cloud fraction of the day; 1 in the dark; log(1 + kilometres to the nearest town that the ground names)."""


def surroundings(incidents: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """``incident_id`` and the features of :data:`FEATURES`; null where they are not known."""
    middle = pl.col("start") + (pl.col("end") - pl.col("start")) / 2
    hours = middle.dt.hour() + middle.dt.minute() / 60 + pl.col("lon") / 15
    solar = ((hours % 24) + 24) % 24
    dark = (solar < NIGHT[0]) | (solar >= NIGHT[1])
    frame = incidents.select(
        "incident_id",
        "area_id",
        "lon",
        "lat",
        day=middle.dt.truncate("1d").dt.cast_time_unit("us"),
        hour=pl.when(pl.col("end") - pl.col("start") <= LONGEST).then(dark.cast(pl.Float64)),
    )
    grid = frame.select("area_id", start="day").drop_nulls().unique().sort("area_id", "start")
    areas = regions(ground).filter(pl.col("area_id").is_in(grid["area_id"].implode()))
    cloud = cloud_over(grid, areas, ground, {}).select("area_id", "cloud", day="start")
    frame = frame.join(cloud, on=["area_id", "day"], how="left", maintain_order="left")
    return frame.with_columns(town=pl.Series(_to_town(frame, ground)).fill_nan(None)).select(
        "incident_id", *[feature.name for feature in FEATURES]
    )


def daily_cloud(ground: Ground, starts: Sequence[datetime]) -> Floats:
    """Mean cloud over all regions, by day; NaN: unknown. ``starts`` are first moments of days and, last, the end."""
    days = pl.Series("start", list(starts[:-1])).dt.cast_time_unit("us").dt.truncate("1d")
    areas = regions(ground)
    grid = pl.DataFrame({"start": days.unique(maintain_order=True)}).join(areas.select("area_id"), how="cross")
    if grid.is_empty():
        return np.full(len(days), np.nan)
    cloud = cloud_over(grid.select("area_id", "start"), areas, ground, {})
    mean = cloud.group_by("start").agg(pl.col("cloud").cast(pl.Float64).mean().round(4))
    found = pl.DataFrame({"start": days}).join(mean, on="start", how="left", maintain_order="left")
    return found["cloud"].fill_null(float("nan")).to_numpy()


def _to_town(frame: pl.DataFrame, ground: Ground) -> Floats:
    towns = ground.names.filter(pl.col("lon").is_not_null()).select("lon", "lat").unique().sort("lon", "lat")
    out = np.full(frame.height, np.nan)
    placed = np.flatnonzero(frame["lon"].is_not_null().to_numpy())
    if towns.height and len(placed):
        tree = scipy.spatial.KDTree(unit_vectors(towns["lon"], towns["lat"]))
        far, _ = tree.query(unit_vectors(frame["lon"].gather(placed), frame["lat"].gather(placed)))
        out[placed] = np.log1p(np.round(chord_to_m(np.asarray(far)) / 1000, 1))
    return out
