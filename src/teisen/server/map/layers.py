"""What is drawn on the base map, from what is released: incidents as columns, regions, a day's sight, line, sites."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import shapely

from teisen.observation import attack_kinds
from teisen.release.report import watching
from teisen.release.report.days import Days, bounds
from teisen.server.view import View

DEGREES = 4
"""Decimals of a place: about 10 m."""
MOST_SITES = 3000
TOLERANCE = 0.004
"""Degrees by which borders of regions may be off."""


def in_order(view: View) -> pl.DataFrame:
    """Released incidents in the order in which the map numbers them: by start, then by id."""
    return view.table("incident").sort("start", "incident_id")


def incident_columns(view: View) -> dict[str, Any]:
    """Placed incidents as columns, so that 100,000 stay small; they are numbered as in :func:`in_order`.

    ``n``: number; ``x``, ``y``: degrees times 10^4; ``e``: place error in metres; ``t``: middle, minutes from the
    case's first midnight; ``k``: index into ``kinds``; ``p``: P(of the conflict) in per cent; ``v``: the highest
    P(violation) under any reading in per cent, -1 where no finding is released.
    """
    zero, _ = bounds(view.about.first, view.about.zone)
    judged = (
        view.table("finding")
        .filter(pl.col("subject") == "incident")
        .group_by("subject_id")
        .agg(pl.col("p_violation").max())
    )
    rows = (
        in_order(view)
        .with_row_index("n")
        .drop_nulls(["lon", "lat"])
        .join(judged, left_on="incident_id", right_on="subject_id", how="left", maintain_order="left")
    )
    kinds = sorted(rows["kind"].unique().to_list())
    middle = pl.col("start") + (pl.col("end") - pl.col("start")) / 2
    out = rows.select(
        "n",
        x=(pl.col("lon") * 10**DEGREES).round().cast(pl.Int32),
        y=(pl.col("lat") * 10**DEGREES).round().cast(pl.Int32),
        e=pl.col("place_error_m").fill_null(0).round().cast(pl.Int32),
        t=(middle - pl.lit(zero)).dt.total_minutes().cast(pl.Int32),
        k=pl.col("kind").replace_strict(kinds, list(range(len(kinds))), return_dtype=pl.Int16),
        p=(pl.col("p_conflict") * 100).round().cast(pl.Int16),
        v=(pl.col("p_violation") * 100).round().fill_null(-1).cast(pl.Int16),
    )
    force = [kind in attack_kinds() for kind in kinds]
    columns = {name: out[name].to_list() for name in out.columns}
    return {"kinds": kinds, "force": force, "zero": zero.isoformat(), **columns}


def regions(view: View, day: date) -> dict[str, Any]:
    """GeoJSON of the areas of the reporting level that hold on the day, with ``id`` and ``name``."""
    days = Days(view.tables, day, view.about)
    features = [
        {
            "type": "Feature",
            "properties": {"id": row["area_id"], "name": row["name"]},
            "geometry": _geometry(shape.simplify(TOLERANCE)),
        }
        for row, shape in zip(days.regions.iter_rows(named=True), days.shapes, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def day_layer(view: View, day: date) -> dict[str, Any]:
    """Of each region on the day: ``sight`` (how well an attack would have been recorded) and ``ignorance``.

    Ignorance is the width of the 90 % interval of violations a day, against one more than its middle; None: no number.
    """
    days = Days(view.tables, day, view.about)
    watches = watching.of_day(days)
    widths = (
        days.rates_today.filter(pl.col("area_id") != "*")
        .with_columns(width=(pl.col("rate_high") - pl.col("rate_low")) / (1 + pl.col("rate").fill_null(0)))
        .group_by("area_id")
        .agg(pl.col("width").min().round(2))
    )
    width = dict(widths.iter_rows())
    return {
        region: {"sight": watching.verdict(days, watches, region), "ignorance": width.get(region)}
        for region in days.region_names
    }


def line(view: View, day: date) -> dict[str, Any]:
    """GeoJSON of the line of contact on the day (the newest before its end, at most a week old), and areas with a level
    other than the reporting one, such as zones and seas."""
    _, end = bounds(day, view.about.zone)
    known = view.table("contact_line").filter(
        (pl.col("start") < end) & (pl.col("start") > pl.lit(end) - timedelta(days=7))
    )
    features = []
    for row in known.sort("start", "source_id").tail(1).iter_rows(named=True):
        shape = shapely.from_wkb(row["geometry"]).simplify(0.002)
        features.append({"type": "Feature", "properties": {"layer": "line"}, "geometry": _geometry(shape)})
    days = Days(view.tables, day, view.about)
    levels = set(view.table("area")["level"]) - {view.about.level, "control", "sea"}
    for level in sorted(levels):
        for row in days.areas(level).iter_rows(named=True):
            shape = shapely.from_wkb(row["geometry"]).simplify(TOLERANCE)
            properties = {"layer": "zone", "name": row["name"]}
            features.append({"type": "Feature", "properties": properties, "geometry": _geometry(shape)})
    return {"type": "FeatureCollection", "features": features}


def sites(view: View) -> dict[str, Any]:
    """GeoJSON of protected sites as released, the largest classes' points first."""
    placed = view.table("site").drop_nulls(["lon", "lat"]).sort("target_class", "site_id").head(MOST_SITES)
    features = [
        {
            "type": "Feature",
            "properties": {"class": row["target_class"], "name": row["name"] or ""},
            "geometry": {"type": "Point", "coordinates": [round(row["lon"], 4), round(row["lat"], 4)]},
        }
        for row in placed.iter_rows(named=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def _geometry(shape: shapely.Geometry) -> dict[str, Any]:
    rounded = shapely.transform(shape, lambda points: np.round(points, 3))
    found: dict[str, Any] = shapely.geometry.mapping(rounded)
    return found
