"""Coverage: what each source could have seen of a place and time, from its exposure rows."""

from __future__ import annotations

import numpy as np
import polars as pl
import shapely

from teisen.fusion.kinds import by_trace, kind_names
from teisen.fusion.near import Spots, by_day, containing, near_between
from teisen.geodesy import GEOD, MEAN_RADIUS_M, Floats, distance_m, unit_vectors

NEGLIGIBLE = 0.005
"""A probability to detect below this is "could not see"."""


def coverage(places: pl.DataFrame, exposure: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    """What each source could have seen of each place, by kind.

    Args:
        places: ``id``, ``lon``, ``lat``, ``area_id`` (a point, an area or both) and ``from_s``, ``to_s`` in seconds.
        exposure: EXPOSURE. Rows of an area hold for the places in it, rows with a radius for the points within it (for
            an area alone: for the share of it that the circle covers), rows with neither for every place.
        areas: AREA, to tell which places lie in which areas.

    Returns:
        One row for ``id``, ``source_id``, ``kind``: ``p``, the time-weighted probability to detect over the place's
        whole interval (time without a row counts as not watched; empty: never known); ``watched`` and ``blind``, shares
        of the interval; ``state`` and ``reason`` of the row that holds longest.
    """
    exposure = exposure.with_columns(
        from_s=pl.col("start").dt.epoch("us") / 1e6,
        to_s=pl.max_horizontal(pl.col("end").dt.epoch("us") / 1e6, pl.col("start").dt.epoch("us") / 1e6 + 1.0),
    )
    where = ["area_id", "lon", "lat", "radius_m"]
    watched = exposure.select(where).unique().sort(where, nulls_last=True).with_row_index("place")
    rows = by_day(
        exposure.join(watched, on=where, nulls_equal=True).select(
            "place", "source_id", "kind", "state", "p_detect", "reason", "from_s", "to_s"
        )
    )
    spans = by_day(_links(places, watched, areas)).rename({"from_s": "a", "to_s": "b"})
    met = (
        spans.join(rows, on=["place", "day"])
        .with_columns(shared=pl.min_horizontal("to_s", "b") - pl.max_horizontal("from_s", "a"))
        .filter(pl.col("shared") > 0)
        .with_columns(weight=pl.col("shared") * pl.col("share") / pl.col("length"))
    )
    looks = pl.col("state") == "watched"
    known = looks & pl.col("p_detect").is_not_null()
    key = ["id", "source_id", "kind"]
    reasons = (
        met.group_by(*key, "state", "reason")
        .agg(pl.col("weight").sum().round(6))
        .sort([*key, "weight", "state", "reason"], descending=[False, False, False, True, False, False])
        .group_by(key, maintain_order=True)
        .agg(pl.col("state").first(), pl.col("reason").first())
    )
    sums = met.group_by(key).agg(
        weight=pl.col("weight").sum(),
        seen=(pl.col("weight") * pl.col("p_detect")).filter(known).sum(),
        watched=pl.col("weight").filter(looks).sum(),
        unknown=pl.col("weight").filter((looks & ~known) | (pl.col("state") == "unknown")).sum(),
    )
    full = pl.max_horizontal(pl.lit(1.0), "weight")
    return (
        sums.join(reasons, on=key)
        .select(
            *key,
            p=pl.when(pl.col("unknown") < pl.col("weight") - 1e-9).then((pl.col("seen") / full).round(6)),
            watched=(pl.col("watched") / full).round(6),
            blind=((pl.col("weight") - pl.col("watched")) / full).round(6),
            state="state",
            reason="reason",
        )
        .sort(key)
    )


def seen_by_source(seen: pl.DataFrame, kinds: pl.DataFrame) -> pl.DataFrame:
    """Probability that each source reports each place's incident, over the kinds that it may be.

    Args:
        seen: what :func:`coverage` gave.
        kinds: ``id``, ``kind``, ``weight``: what the incident may be; weights of an id sum to 1.

    A source without rows for a kind of attack is taken to see it by its traces: the best of its rows, times
    compatibility. Of other kinds it says nothing then.

    Returns:
        ``id``, ``source_id``, ``p`` (empty: unknown), ``watched``, ``state``, ``reason``.
    """
    names, fit = kind_names(), by_trace()
    true, trace = np.nonzero(fit)
    fits = pl.DataFrame({"kind": [names[i] for i in true], "by": [names[j] for j in trace], "fit": fit[true, trace]})
    each = (
        kinds.filter(pl.col("weight") > 0)
        .join(fits, on="kind")
        .join(seen.rename({"kind": "by"}), on=["id", "by"])
        .with_columns(own=pl.col("kind") == pl.col("by"), part=pl.col("p") * pl.col("fit"))
        .sort(
            ["id", "source_id", "kind", "own", "part", "by"],
            descending=[False, False, False, True, True, False],
            nulls_last=True,
        )
        .unique(["id", "source_id", "kind"], keep="first", maintain_order=True)
    )
    return (
        each.sort(["id", "source_id", "weight", "kind"], descending=[False, False, True, False])
        .group_by("id", "source_id", maintain_order=True)
        .agg(
            p=pl.when(pl.col("part").is_not_null().any()).then((pl.col("part") * pl.col("weight")).sum().round(4)),
            watched=pl.col("watched").max(),
            state=pl.col("state").first(),
            reason=pl.col("reason").first(),
        )
        .sort("id", "source_id")
    )


def _links(places: pl.DataFrame, watched: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    """Which watched places hold for which ids: columns of ``places`` with ``place`` and ``share``."""
    lon, lat = (places[name].fill_null(float("nan")).to_numpy() for name in ("lon", "lat"))
    at = places.with_row_index("at").with_columns(pl.col("at").cast(pl.Int64))
    inside = containing(areas.filter(pl.col("area_id").is_in(watched["area_id"].drop_nulls().implode())), lon, lat)
    stated = at.filter(pl.col("area_id").is_not_null()).select("at", "area_id")
    whole = pl.lit(1.0).alias("share")
    in_area = (
        pl.concat([inside, stated]).unique().join(watched.filter(pl.col("lon").is_null()), on="area_id", how="inner")
    )
    everywhere = watched.filter(pl.col("area_id").is_null() & pl.col("lon").is_null())
    found = [
        in_area.select("at", "place", whole),
        at.select("at").join(everywhere.select("place"), how="cross").select("at", "place", whole),
    ]
    circles = watched.filter(pl.col("lon").is_not_null())
    if circles.height:
        found += [_within(lon, lat, circles), _covered(at.filter(pl.col("lon").is_null()), circles, areas)]
    return (
        pl.concat(found)
        .join(at.drop("lon", "lat", "area_id"), on="at")
        .drop("at")
        .with_columns(length=(pl.col("to_s") - pl.col("from_s")).clip(1.0))
    )


def _within(lon: Floats, lat: Floats, circles: pl.DataFrame) -> pl.DataFrame:
    """Points within circles."""
    known = np.flatnonzero(~np.isnan(lon))
    x, y, radius = (circles[name].fill_null(0.0).to_numpy() for name in ("lon", "lat", "radius_m"))

    def spots(lam: Floats, phi: Floats, reach: Floats) -> Spots:
        zero = np.zeros(len(lam))
        return Spots(unit_vectors(lam, phi) * MEAN_RADIUS_M, reach, zero, zero + 1)

    i, j = near_between(spots(lon[known], lat[known], np.ones(len(known))), spots(x, y, np.maximum(radius, 1.0)))
    close = distance_m(lon[known][i], lat[known][i], x[j], y[j]) <= radius[j]
    return pl.DataFrame(
        {"at": known[i[close]], "place": circles["place"].gather(j[close])}, schema={"at": pl.Int64, "place": pl.UInt32}
    ).with_columns(share=pl.lit(1.0))


def _covered(alone: pl.DataFrame, circles: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    """Areas that hold the middle of a circle, with the share of them that it covers."""
    inside = containing(areas, circles["lon"].to_numpy(), circles["lat"].to_numpy())
    return (
        inside.with_columns(
            place=circles["place"].gather(inside["at"]),
            radius=circles["radius_m"].fill_null(0.0).gather(inside["at"]),
        )
        .drop("at")
        .join(area_sizes(areas), on="area_id")
        .join(alone.select("at", "area_id"), on="area_id")
        .select("at", "place", share=(np.pi * pl.col("radius") ** 2 / pl.col("size_m2")).clip(0.0, 1.0))
    )


def area_sizes(areas: pl.DataFrame) -> pl.DataFrame:
    """``area_id`` and ``size_m2`` on the ellipsoid; of areas with several rows the largest."""
    areas = areas.filter(pl.col("level") != "control")
    shapes = shapely.from_wkb(areas["geometry"].to_list())
    sizes = [abs(GEOD.geometry_area_perimeter(shape)[0]) for shape in shapes]
    frame = pl.DataFrame({"area_id": areas["area_id"], "size_m2": pl.Series(sizes, dtype=pl.Float64)})
    return frame.group_by("area_id").agg(pl.col("size_m2").max().round(0)).sort("area_id")
