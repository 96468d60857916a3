"""What could be seen, in words by region and day: for those who may not learn where a watch has its gaps."""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl
import shapely

from teisen.observation import EXPOSURE

PROBABLY, PERHAPS = 0.5, 0.1
"""From which probability on an incident would probably, or may, be reported."""


def in_words(exposure: pl.DataFrame, areas: pl.DataFrame | None) -> pl.DataFrame:
    """Exposure (EXPOSURE) by source, region, day (UTC) and kind, with a word for how well, and no place or figure.

    A row that watches a place counts for the region of ``areas`` that holds it; in none, for no area.
    """
    if exposure.is_empty():
        return EXPOSURE.empty()
    last = pl.max_horizontal("start", pl.col("end") - pl.duration(microseconds=1))
    days = pl.datetime_ranges(pl.col("start").dt.truncate("1d"), last.dt.truncate("1d"), "1d")
    by_day = exposure.with_columns(area_id=_region(exposure, areas), day=days).explode("day")
    watched = (pl.col("state") == "watched").any()
    words = by_day.group_by("source_id", "area_id", "kind", "day").agg(
        state=pl.when(watched).then(pl.lit("watched")).otherwise(pl.col("state").mode().min()),
        p=pl.col("p_detect").max(),
        basis=pl.when(pl.col("basis").n_unique() == 1).then(pl.col("basis").min()).otherwise(pl.lit("assumed")),
    )
    says = (
        pl.when(pl.col("p").is_null())
        .then(pl.lit("how well is not known"))
        .when(pl.col("p") >= PROBABLY)
        .then(pl.lit("would probably be seen"))
        .when(pl.col("p") >= PERHAPS)
        .then(pl.lit("may be seen"))
        .when(pl.col("p") > 0)
        .then(pl.lit("would hardly be seen"))
        .otherwise(pl.lit("could not be seen"))
    )
    rows = words.sort("source_id", "area_id", "kind", "day").select(
        "source_id",
        "area_id",
        "kind",
        "state",
        "basis",
        start="day",
        end=pl.col("day").dt.offset_by("1d"),
        reason=says,
    )
    ids = [
        f"{source}:{hashlib.sha256(f'words|{area}|{kind}|{day:%Y-%m-%d}'.encode()).hexdigest()[:16]}"
        for source, area, kind, day in rows.select("source_id", "area_id", "kind", "start").iter_rows()
    ]
    return EXPOSURE.fill(rows.with_columns(exposure_id=pl.Series(ids, dtype=pl.String)))


def _region(exposure: pl.DataFrame, areas: pl.DataFrame | None) -> pl.Series:
    """The area of each row: its own, or the region that holds its place."""
    regions = None if areas is None else areas.filter(pl.col("level") == "region")
    places = exposure["area_id"].is_null() & exposure["lon"].is_not_null()
    if regions is None or regions.is_empty() or not places.any():
        return exposure["area_id"]
    tree = shapely.STRtree(shapely.from_wkb(regions["geometry"].to_list()))
    at = np.flatnonzero(places.to_numpy())
    points = shapely.points(exposure["lon"].gather(at).to_numpy(), exposure["lat"].gather(at).to_numpy())
    point, region = tree.query(points, predicate="intersects")
    ids = exposure["area_id"].to_list()
    names = regions["area_id"].to_list()
    for p, r in sorted(zip(point.tolist(), region.tolist(), strict=True), key=lambda hit: (hit[0], names[hit[1]])):
        if ids[at[p]] is None:
            ids[at[p]] = names[r]
    return pl.Series("area_id", ids, dtype=pl.String)
