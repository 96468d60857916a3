"""Where in each area violations lie: what a source watches elsewhere in the area says nothing of them.

Violence keeps to strips and spots, and so do posts and patrols. Exposure is therefore asked for at the places of what
was found, and at places spread evenly over the area for what was not. Places at which the same exposure holds are one.
Each weighs what is expected to have happened there: what was found over how well it was watched, drawn to an even
spread by :data:`EVEN` violations' worth of evidence (a gamma prior of the even share).
"""

from __future__ import annotations

import numpy as np
import polars as pl
import scipy
import shapely

from teisen.fusion.coverage import reached
from teisen.fusion.exposed import Watch
from teisen.fusion.near import containing
from teisen.geodesy import moved, on_globe

EVEN = 0.5
"""Violations' worth of evidence that an area's violations are spread evenly over it (assumed)."""
A_SIDE = 12
"""Places along each side of an area's box; those outside the area are dropped."""
RINGS = 2
"""Rings of a circle whose detection falls with distance within which places count as watched alike. On a line of posts
two leave 3 % at sectors and days, three 1 % and take half as long again."""
DRAWS = 16
"""Places that an incident may be at, drawn from its error."""
LEAST_OF_MEAN = 0.25
"""A spot counts as watched no less than this share of the mean over what was found in its area, when what was found
there is held against it (assumed): a report from where nobody looks is sooner misplaced than one of very many."""
LEAST_WATCHED = 0.01
"""Nor less than this."""


def located(incidents: pl.DataFrame, areas: pl.DataFrame, level: str) -> pl.DataFrame:
    """In which areas of a level each incident lies.

    Of regions it is the one that fusion says. In smaller areas an incident's place is uncertain: it is divided over
    them by sixteen fixed draws from its error.

    Args:
        incidents: INCIDENT.
        areas: AREA.
        level: of the areas.

    Returns:
        ``incident_id``, ``area_id``, ``share``; what lies in none has less than 1 in all, or no row.
    """
    if level == "region":
        return incidents.select("incident_id", "area_id", share=pl.lit(1.0)).drop_nulls("area_id")
    placed = incidents.filter(pl.col("lon").is_not_null())
    east, north = scipy.special.ndtri(scipy.stats.qmc.Halton(2, scramble=False).random(DRAWS + 1)[1:]).T
    major = placed["place_error_m"].fill_null(0.0).to_numpy()
    minor = placed["place_error_minor_m"].fill_null(placed["place_error_m"]).fill_null(0.0).to_numpy()
    azimuth = np.radians(placed["place_azimuth_deg"].fill_null(0.0).to_numpy())
    along, across = major[:, None] * north, minor[:, None] * east
    x = along * np.sin(azimuth)[:, None] + across * np.cos(azimuth)[:, None]
    y = along * np.cos(azimuth)[:, None] - across * np.sin(azimuth)[:, None]
    lon, lat = (np.repeat(placed[name].to_numpy(), DRAWS) for name in ("lon", "lat"))
    lon, lat = moved(lon, lat, x.ravel(), y.ravel())
    inside = containing(areas.filter(pl.col("level") == level), on_globe(lon), lat).unique(
        "at", keep="first", maintain_order=True
    )
    return (
        inside.select("area_id", incident_id=placed["incident_id"].gather(inside["at"] // DRAWS))
        .group_by("incident_id", "area_id")
        .agg(share=pl.len() / DRAWS)
        .sort("incident_id", "area_id")
    )


def spots(found: pl.DataFrame, incidents: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    """Places of each area at which exposure is asked for.

    Args:
        found: ``incident_id``, ``area_id``, ``n``: how many violations are expected of an incident there.
        incidents: INCIDENT.
        areas: AREA, those asked about.

    Returns:
        ``area_id``, ``lon``, ``lat``, ``n`` (found there) and ``even`` (share of the area that it stands for).
    """
    own = found.join(incidents.select("incident_id", "lon", "lat").drop_nulls(), on="incident_id")
    own = own.select("area_id", "lon", "lat", "n", even=pl.lit(0.0))
    frames = [own.filter(pl.col("area_id").is_in(areas["area_id"].implode()))]
    wanted = areas.sort("area_id", "source_id", "blob", "row").unique("area_id", keep="first", maintain_order=True)
    for area_id, wkb in wanted.select("area_id", "geometry").iter_rows():
        shape = shapely.from_wkb(wkb)
        west, south, east, north = shape.bounds
        step = (np.arange(A_SIDE) + 0.5) / A_SIDE
        lon, lat = (g.ravel() for g in np.meshgrid(west + step * (east - west), south + step * (north - south)))
        inside = shapely.contains_xy(shape, lon, lat)
        if not inside.any():
            middle = shapely.point_on_surface(shape)
            lon, lat, inside = np.array([middle.x]), np.array([middle.y]), np.array([True])
        frames.append(
            pl.DataFrame({"lon": lon[inside], "lat": lat[inside]}).select(
                pl.lit(area_id).alias("area_id"), "lon", "lat", n=pl.lit(0.0), even=pl.lit(1.0 / inside.sum())
            )
        )
    return pl.concat(frames)


def alike(asked: pl.DataFrame, watched: Watch, areas: pl.DataFrame) -> pl.DataFrame:
    """:func:`spots` with those of one area put together at which the same exposure holds, within
    :data:`RINGS` of circles; the first stands for all."""
    numbered = asked.with_row_index("id").with_columns(pl.col("id").cast(pl.Int64))
    holds = reached(numbered, watched, areas).sort("id", "place")
    ring = (pl.col("near") * RINGS).ceil().cast(pl.Int64)
    signed = holds.group_by("id", maintain_order=True).agg(what=pl.format("{}:{}", "place", ring).str.join(","))
    return (
        numbered.join(signed, on="id", how="left", maintain_order="left")
        .with_columns(pl.col("what").fill_null(""))
        .group_by("area_id", "what", maintain_order=True)
        .agg(pl.col("lon", "lat").first(), pl.col("n", "even").sum().round(6))
        .drop("what")
    )


def weighed(spot: pl.DataFrame) -> pl.DataFrame:
    """Spots (``area_id``, ``spot``, ``n``, ``even``, ``watched``: on average) with ``weight``, 1 in each area in
    all."""
    of = pl.col("n") + EVEN * pl.col("even")
    mean = ((of * pl.col("watched")).sum() / of.sum()).over("area_id")
    kept = pl.max_horizontal("watched", mean * LEAST_OF_MEAN, pl.lit(LEAST_WATCHED))
    weight = of / (kept + EVEN * mean / of.sum().over("area_id"))
    return spot.with_columns(weight=weight).with_columns(
        weight=(pl.col("weight") / pl.col("weight").sum().over("area_id")).round(6)
    )
