"""What sources could have seen of what is alleged: exposure over its window, at its place, for its kind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from teisen import geodesy
from teisen.judgement.places import Places
from teisen.judgement.subjects import KIND_NOT_SAID, KIND_OF_FORCE
from teisen.sources import Source

SHORTEST = timedelta(hours=1)
"""A moment stands for the hour after it: few statements are finer. Assumed."""

Floats = NDArray[np.float64]


def would_see(
    allegations: pl.DataFrame, exposure: pl.DataFrame, sources: Mapping[str, Source], places: Places
) -> Floats:
    """P(some source that is not the accuser's would have reported it | it happened as alleged), one an allegation.

    A source's rows over one area or place are averaged over the window by their share of it; of several areas that hold
    the place, and of sources of one group, the best counts; groups are independent: 1 - product(1 - p). Not a number
    where an allegation names no place. A kind for which no row stands counts as not watched. Sources that make no
    incidents (alerts, tallies) are left out: what they see could corroborate nothing.
    """
    n = allegations.height
    silent = [name for name, source in sources.items() if source.profile.role != "makes"]
    named = allegations["lon"].is_not_null() | allegations["area_id"].is_not_null()
    watched = exposure.filter((pl.col("state") == "watched") & (pl.col("p_detect") > 0))
    watched = watched.filter(~pl.col("source_id").is_in(silent))
    seen = np.where(named.to_numpy(), 0.0, np.nan)
    if n and watched.height:
        by_group = _by_group(_asked(allegations), watched, sources, places)
        missed = by_group.group_by("a").agg((1 - pl.col("p")).sort().product().alias("missed")).sort("a")
        seen[missed["a"].to_numpy()] = 1 - missed["missed"].to_numpy()
    return seen


def _asked(allegations: pl.DataFrame) -> pl.DataFrame:
    kind = pl.when(pl.col("kind") == KIND_NOT_SAID).then(pl.lit(KIND_OF_FORCE)).otherwise(pl.col("kind"))
    return allegations.select(
        pl.int_range(pl.len()).alias("a"),
        kind.alias("kind"),
        "accuser",
        "start",
        pl.max_horizontal("end", pl.col("start") + SHORTEST).alias("end"),
        "lon",
        "lat",
        "area_id",
    )


def _by_group(
    asked: pl.DataFrame, watched: pl.DataFrame, sources: Mapping[str, Source], places: Places
) -> pl.DataFrame:
    """P(a group of sources would have reported it), columns ``a``, ``group``, ``p``."""
    watched = watched.select(
        "kind", "source_id", "area_id", "lon", "lat", "radius_m", "p_detect", s="start", e="end"
    ).with_columns(
        group=_declared(watched, {n: source.profile.group for n, source in sources.items()}).fill_null(
            pl.col("source_id")
        ),
        whose=_declared(watched, {n: source.reported_by for n, source in sources.items()}),
        spot=pl.coalesce("area_id", pl.format("{} {} {}", "lon", "lat", "radius_m")),
    )
    here = _spots(asked, watched.unique("spot").sort("spot"), places)
    rows = (
        here.join(asked.select("a", "kind", "accuser", "start", "end"), on="a")
        .join(watched.drop("area_id", "lon", "lat", "radius_m"), on=["spot", "kind"])
        .filter((pl.col("s") < pl.col("end")) & (pl.col("e") > pl.col("start")))
        .filter(pl.col("whose").is_null() | (pl.col("whose") != pl.col("accuser")))
    )
    overlap = (pl.min_horizontal("end", "e") - pl.max_horizontal("start", "s")).dt.total_microseconds()
    length = (pl.col("end") - pl.col("start")).dt.total_microseconds().clip(1)
    return (
        rows.with_columns(p=pl.col("p_detect") * overlap / length)
        .group_by("a", "group", "source_id", "spot")
        .agg(pl.col("p").sort().sum().clip(0.0, 1.0))
        .group_by("a", "group")
        .agg(pl.col("p").max())
    )


def _declared(watched: pl.DataFrame, by_source: Mapping[str, str | None]) -> pl.Expr:
    known = {name: value for name, value in by_source.items() if value is not None}
    if not known:
        return pl.lit(None, dtype=pl.String)
    return pl.col("source_id").replace_strict(known, default=None, return_dtype=pl.String)


def _spots(asked: pl.DataFrame, spots: pl.DataFrame, places: Places) -> pl.DataFrame:
    """Which watched areas and circles hold the place of which allegation, columns ``a`` and ``spot``."""
    points = asked.filter(pl.col("lon").is_not_null())
    lon, lat, a = (points[name].to_numpy() for name in ("lon", "lat", "a"))
    areas = spots.filter(pl.col("area_id").is_not_null())
    held = [asked.filter(pl.col("lon").is_null()).join(areas, on="area_id").select("a", "spot")]
    shapes = [(name, places.shape(name)) for name in areas["area_id"]]
    known = [(name, shape) for name, shape in shapes if shape is not None]
    if known and len(a):
        shapes = [shape for _, shape in known]
        which, shape = shapely.STRtree(shapes).query(shapely.points(lon, lat), predicate="intersects")
        names = pl.Series("spot", [name for name, _ in known], dtype=pl.String)
        held.append(pl.DataFrame({"a": a[which], "spot": names.gather(shape)}))
    circles = spots.filter(pl.col("area_id").is_null() & pl.col("lon").is_not_null())
    for x, y, radius, spot in circles.select("lon", "lat", "radius_m", "spot").iter_rows():
        inside = geodesy.distance_m(lon, lat, x, y) <= (radius or 0.0)
        held.append(pl.DataFrame({"a": a[inside], "spot": np.full(int(inside.sum()), spot)}))
    schema = pl.Schema({"a": pl.Int64, "spot": pl.String})
    return pl.concat([frame.cast(schema) for frame in held]).unique()
