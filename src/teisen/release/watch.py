"""What could be seen, in words by region and day: for those who may not learn where a watch has its gaps."""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl
import shapely

from teisen.geodesy import area_m2
from teisen.observation import EXPOSURE

PROBABLY, PERHAPS = 0.5, 0.1
"""From which probability on an incident would probably, or may, be reported."""
DAY_S = 86400.0
CHANCE_DECIMALS = 6


def covered(exposure: pl.DataFrame, region: pl.Series, areas: pl.DataFrame) -> pl.Series:
    """How much of its region each row watches: the share of the region's ground that its circle could cover at most.

    Args:
        exposure: EXPOSURE.
        region: of each row, id of an area, empty or null.
        areas: AREA, those of level region.

    Returns:
        Shares of 0 to 1; null where a row watches no circle or lies in no region.
    """
    shapes = areas.sort("area_id", "source_id", "blob", "row").unique("area_id", keep="first", maintain_order=True)
    ground = pl.Series("ground", area_m2(shapely.from_wkb(shapes["geometry"].to_list())))
    known = shapes.select(pl.col("area_id").alias("region"), ground)
    circle = exposure.select("radius_m", region.alias("region"), placed=pl.col("lon").is_not_null())
    return (
        circle.join(known, on="region", how="left", maintain_order="left")
        .select(
            pl.when(pl.col("placed") & pl.col("radius_m").is_not_null() & (pl.col("ground") > 0)).then(
                (np.pi * pl.col("radius_m") ** 2 / pl.col("ground")).clip(upper_bound=1.0)
            )
        )
        .to_series()
        .alias("covers")
    )


def over_all(whole_s: float) -> tuple[pl.Expr, pl.Expr]:
    """Least and greatest P(reported | an attack in the region on the day), to be aggregated over rows of one kind.

    A row that watches the region counts with its own P. Circles count together: with the share of ground and time that
    they watch, as an attack is as likely anywhere in the region and at any time of the day. A camera that sees ten
    kilometres surely sees next to nothing of a region of four hundred.

    Args:
        whole_s: seconds of the day.

    Returns:
        Expressions over ``p_detect``, ``covers`` (:func:`covered`) and ``seconds``: null where no P is known.
    """
    p, circle = pl.col("p_detect"), pl.col("covers").is_not_null() & pl.col("p_detect").is_not_null()
    told = (p * pl.col("covers") * pl.col("seconds") / whole_s).filter(circle).sum()
    circles = pl.when(circle.any()).then(pl.min_horizontal(told, p.filter(circle).max()))
    regions = p.filter(pl.col("covers").is_null())
    least, most = pl.min_horizontal(regions.min(), circles), pl.max_horizontal(regions.max(), circles)
    return least.round(CHANCE_DECIMALS), most.round(CHANCE_DECIMALS)


def in_words(exposure: pl.DataFrame, areas: pl.DataFrame | None) -> pl.DataFrame:
    """Exposure (EXPOSURE) by source, region, day (UTC) and kind, with a word for how well, and no place or figure.

    A row that watches a place counts for the region of ``areas`` that holds it; in none, for no area.
    """
    if exposure.is_empty():
        return EXPOSURE.empty()
    last = pl.max_horizontal("start", pl.col("end") - pl.duration(microseconds=1))
    days = pl.datetime_ranges(pl.col("start").dt.truncate("1d"), last.dt.truncate("1d"), "1d")
    region = _region(exposure, areas)
    regions = None if areas is None else areas.filter(pl.col("level") == "region")
    covers = pl.lit(None, pl.Float64) if regions is None else covered(exposure, region, regions)
    by_day = exposure.with_columns(area_id=region, covers=covers, day=days).explode("day")
    until = pl.min_horizontal("end", pl.col("day").dt.offset_by("1d"))
    spent = (until - pl.max_horizontal("start", "day")).dt.total_seconds().clip(1)
    by_day = by_day.with_columns(seconds=spent)
    watched = (pl.col("state") == "watched").any()
    words = by_day.group_by("source_id", "area_id", "kind", "day").agg(
        state=pl.when(watched).then(pl.lit("watched")).otherwise(pl.col("state").mode().min()),
        p=over_all(DAY_S)[1],
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
