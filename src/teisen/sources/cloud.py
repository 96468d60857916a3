"""Cloud over each area and day, by the best that is known: measured that day, a normal of the month, a stated mean."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
import scipy
import shapely

from teisen.geodesy import chord, unit_vectors
from teisen.sources.reader import Ground

FRACTION = "cloud_fraction"
NORMAL = "cloud_fraction_normal"
NEAR_M = 300_000.0
"""A place's cloud stands for areas whose middle lies within this distance; assumed: about the size of a front's cloud
field, so that a neighbouring region is served and a far one is not."""


def cloud_over(grid: pl.DataFrame, areas: pl.DataFrame, ground: Ground, monthly: Mapping[int, float]) -> pl.DataFrame:
    """Add ``cloud`` (0 to 1; empty: unknown), ``cloud_from`` (words) and ``basis`` to ``grid``.

    Args:
        grid: ``area_id``, ``start`` (UTC day).
        areas: ``area_id``, ``geometry`` (WKB), as :func:`teisen.sources.effort.regions` gives them.
        ground: its conditions ``cloud_fraction`` (of an area or a place, for a day) and ``cloud_fraction_normal`` (of
            an area, for a month) are used, in this order.
        monthly: mean cloud of the whole box by month, where the ground knows none.
    """
    day = pl.col("start") + (pl.col("end") - pl.col("start")) / 2
    stated = ground.conditions.filter(pl.col("value").is_between(0, 1)).with_columns(
        day=day.dt.truncate("1d"), month=day.dt.month()
    )
    own = stated.filter((pl.col("quantity") == FRACTION) & pl.col("area_id").is_not_null())
    own = own.group_by("area_id", start="day").agg(own=pl.col("value").mean())
    near = _near(stated.filter((pl.col("quantity") == FRACTION) & pl.col("lon").is_not_null()), areas)
    normal = stated.filter((pl.col("quantity") == NORMAL) & pl.col("area_id").is_not_null())
    normal = normal.group_by("area_id", "month").agg(normal=pl.col("value").mean())
    mean = pl.DataFrame(
        {"month": list(monthly), "mean": list(monthly.values())}, schema={"month": pl.Int8, "mean": pl.Float64}
    )
    known = (
        grid.with_columns(month=pl.col("start").dt.month())
        .join(own, on=["area_id", "start"], how="left")
        .join(near, on=["area_id", "start"], how="left")
        .join(normal, on=["area_id", "month"], how="left")
        .join(mean, on="month", how="left")
    )
    says = ["of the day", "of the day at the nearest place", "normal of the month", "mean of the month over all areas"]
    bases = ["measured", "measured", "declared", "assumed"]
    names = ["own", "near", "normal", "mean"]

    def first(words: list[str]) -> pl.Expr:
        return pl.coalesce(
            *[pl.when(pl.col(n).is_not_null()).then(pl.lit(w)) for n, w in zip(names, words, strict=True)],
            pl.lit("unknown" if words is says else "assumed"),
        )

    return known.with_columns(cloud=pl.coalesce(names), cloud_from=first(says), basis=first(bases)).drop(
        "month", *names
    )


def _near(stated: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    """Cloud of each area and day at the nearest place within :data:`NEAR_M`: ``area_id``, ``start``, ``near``."""
    none = pl.DataFrame(schema={"area_id": pl.String, "start": stated.schema["day"], "near": pl.Float64})
    if not stated.height or not areas.height:
        return none
    places = stated.select("lon", "lat").unique().sort("lon", "lat")
    middle = shapely.point_on_surface(shapely.from_wkb(areas["geometry"].to_list()))
    tree = scipy.spatial.KDTree(unit_vectors(places["lon"], places["lat"]))
    reach = float(chord(NEAR_M))
    k = min(4, places.height)
    points = unit_vectors(shapely.get_x(middle), shapely.get_y(middle))
    far, which = (np.asarray(found) for found in tree.query(points, k=[*range(1, k + 1)]))
    pairs = pl.DataFrame(
        {
            "area_id": np.repeat(areas["area_id"].to_numpy(), k),
            "far": far.ravel(),
            "place": np.where(which.ravel() < places.height, which.ravel(), 0),
        }
    ).filter(pl.col("far") <= reach)
    places = places.with_row_index("place").with_columns(pl.col("place").cast(pl.Int64))
    days = stated.group_by("lon", "lat", start="day").agg(near=pl.col("value").mean())
    return (
        pairs.join(places, on="place")
        .join(days, on=["lon", "lat"])
        .sort("area_id", "start", "far", "place")
        .group_by("area_id", "start", maintain_order=True)
        .agg(pl.col("near").first())
    )
