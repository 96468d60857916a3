"""Chance that a fire burns when a satellite passes, from the moments of passing or a schedule of times of day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from pydantic import Field

from teisen.documents import Strict
from teisen.geodesy import Floats
from teisen.tables import UTC_TIME

SURE = 1 - 1e-9
"""Largest weight of a pass: its logarithm has to be a number."""
HOUR_S, DAY_S = 3600.0, 86_400.0
LOOKS = pl.Schema([("area_id", pl.String()), ("start", UTC_TIME), ("end", UTC_TIME), ("weight", pl.Float64())])
"""What the union is made of: a place is looked at, at a moment or at some moment of a cluster, and ``weight`` is the
chance to see a fire that burns then, against that under the track."""


class Pass(Strict):
    """A daily cluster of overpasses: from ``hour`` (local mean solar time) for ``width_h`` hours."""

    hour: float = Field(ge=0, lt=24)
    width_h: float = Field(ge=0, lt=24)


def p_overpass(passes: Sequence[Pass], fire_hours: float) -> float:
    """P(a fire that starts at any time of the day and burns ``fire_hours`` burns at some overpass), 0 to 1.

    It is the share of the day from which a fire reaches an overpass: the union of the spans from ``fire_hours``
    before each cluster to its end, around the clock. With two clusters of 1.2 h half a day apart that is
    min(1, (fire_hours + 1.2) / 12).
    """
    spans = [((p.hour - fire_hours) % 24, fire_hours + p.width_h) for p in passes]
    if any(length >= 24 for _, length in spans):
        return 1.0
    flat = [(start, min(start + length, 24.0)) for start, length in spans]
    flat += [(0.0, start + length - 24) for start, length in spans if start + length > 24]
    total, reached = 0.0, 0.0
    for start, end in sorted(flat):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return min(1.0, total / 24)


def scheduled(middles: pl.DataFrame, days: pl.DataFrame, passes: Sequence[Pass]) -> pl.DataFrame:
    """Looks (:data:`LOOKS`) that a schedule promises: each cluster on each UTC day, at the areas' own solar time.

    Args:
        middles: ``area_id``, ``lon``. days: ``start`` of UTC days; those before and after are added.
        passes: the clusters of a day.
    """
    clusters = pl.DataFrame(
        {"hour": [p.hour for p in passes], "width": [p.width_h for p in passes]},
        schema={"hour": pl.Float64, "width": pl.Float64},
    )
    around = pl.concat([days.select(pl.col("start").dt.offset_by(by)) for by in ("-1d", "0d", "1d", "2d")]).unique()
    grid = middles.select("area_id", "lon").join(around, how="cross").join(clusters, how="cross")
    begins = pl.col("start") + _hours(pl.col("hour") - pl.col("lon") / 15)
    looks = grid.select("area_id", begins.alias("start"), (begins + _hours(pl.col("width"))).alias("end"), weight=1.0)
    return looks.cast(LOOKS).sort("area_id", "start")


def weighed(passes: pl.DataFrame, edge: Sequence[tuple[float, float]]) -> pl.DataFrame:
    """Looks (:data:`LOOKS`) of passes (:data:`teisen.sources.orbits.PASSES`).

    ``edge`` gives the weight by distance from the track (kilometres, rising), straight between its points: towards the
    edge of the swath pixels grow and small fires are lost in them.
    """
    distance, weight = zip(*edge, strict=True)
    off = passes["off_track_m"].to_numpy() / 1000
    return passes.select(
        "area_id", pl.col("time").alias("start"), pl.col("time").alias("end"),
        pl.Series("weight", np.interp(off, distance, weight)),
    ).cast(LOOKS)  # fmt: skip


def within(looks: pl.DataFrame, runs: pl.DataFrame) -> pl.DataFrame:
    """The part of ``looks`` that lies in one of ``runs`` (``start``, ``end``, apart): what files can hold."""
    known = runs.select(pl.col("start").alias("from"), pl.col("end").alias("until")).sort("from")
    met = looks.sort("end").join_asof(known, left_on="end", right_on="from")
    met = met.with_columns(pl.max_horizontal("start", "from"), pl.min_horizontal("end", "until"))
    return met.filter((pl.col("start") <= pl.col("end")) & (pl.col("start") < pl.col("until"))).select(LOOKS.names())


def seen_by_day(looks: pl.DataFrame, areas: pl.Series, days: pl.DataFrame, fire_hours: float) -> pl.DataFrame:
    """P(a fire that starts at any time of the day, burns ``fire_hours`` and could be seen, is seen at some pass).

    It is exact: over the starts of the day, the mean of 1 - product(1 - weight) over the looks that the fire reaches:
    looks that the same fire reaches overlap, and a look after midnight counts for the evening before.

    Args:
        looks: :data:`LOOKS`. areas: ids, in order. days: ``start`` of consecutive UTC days, in order.

    Returns:
        ``area_id``, ``start``, ``overpass`` (0 to 1) and ``looks`` (passes of the day), one row an area and day.
    """
    n, size = days.height, len(areas)
    first = float(days["start"].dt.epoch("us").min() or 0) / 1e6  # type: ignore[arg-type]
    number = {area: at for at, area in enumerate(areas)}
    looks = looks.filter(pl.col("area_id").is_in(areas.implode()))
    area = (
        looks["area_id"].replace_strict(number, return_dtype=pl.Int64).to_numpy() if looks.height else np.empty(0, int)
    )
    opens, closes = (looks[name].dt.epoch("us").to_numpy() / 1e6 - first for name in ("start", "end"))
    missed = np.log1p(-np.minimum(looks["weight"].to_numpy(), SURE))
    bounds = np.tile(np.arange(n + 1) * DAY_S, size)
    at = np.concatenate([opens - fire_hours * HOUR_S, closes, bounds])
    who = np.concatenate([area, area, np.repeat(np.arange(size), n + 1)])
    change = np.concatenate([missed, -missed, np.zeros(len(bounds))])
    order = np.lexsort((at, who))
    at, who = at[order], who[order]
    reached = np.cumsum(change[order])
    length = np.where(who[1:] == who[:-1], np.diff(at), 0.0)
    day = np.floor(at[:-1] / DAY_S).astype(np.int64)
    inside = (day >= 0) & (day < n) & (length > 0)
    seen: Floats = -np.expm1(np.minimum(reached[:-1], 0.0)) * length
    cell = (who[:-1] * n + day)[inside]
    share = np.bincount(cell, seen[inside], size * n) / DAY_S
    of_day = np.floor((opens + closes) / 2 / DAY_S).astype(np.int64)
    held = (of_day >= 0) & (of_day < n)
    count = np.bincount((area * n + of_day)[held], minlength=size * n)
    grid = pl.DataFrame({"area_id": areas}).join(days.select("start"), how="cross", maintain_order="left_right")
    return grid.with_columns(
        overpass=pl.Series(np.round(np.clip(share, 0.0, 1.0), 6)), looks=pl.Series(count, dtype=pl.Int64)
    )


def _hours(value: pl.Expr) -> pl.Expr:
    return pl.duration(microseconds=(value * HOUR_S * 1e6).round(0).cast(pl.Int64))
