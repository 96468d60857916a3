"""Coverage: what each source could have seen of a place and time, from its exposure rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import shapely

from teisen.fusion.kinds import by_trace, kind_names
from teisen.fusion.near import Spots, by_day, containing, near_between
from teisen.geodesy import MEAN_RADIUS_M, Floats, distance_m, geod, unit_vectors

NEGLIGIBLE = 0.005
"""A probability to detect below this is "could not see"."""
P_STEPS = 10_000
"""Probabilities to detect are kept to 0.0001, as EXPOSURE states them."""


@dataclass(frozen=True)
class Watch:
    """Exposure laid out to be asked many times.

    ``places`` are those watched, ``rows`` hold for one place, day and pair of source and kind (``what``), ``post`` the
    place again where it is a circle, with a pair of state and reason (``why``); sums over them are of whole
    milliseconds, so that their order decides nothing.
    """

    places: pl.DataFrame
    rows: pl.DataFrame
    what: pl.DataFrame
    why: pl.DataFrame


def watch(exposure: pl.DataFrame) -> Watch:
    """``exposure`` (EXPOSURE) by place and day."""
    exposure = exposure.with_columns(
        from_s=pl.col("start").dt.epoch("us") / 1e6,
        to_s=pl.max_horizontal(pl.col("end").dt.epoch("us") / 1e6, pl.col("start").dt.epoch("us") / 1e6 + 1.0),
    )
    where, who, words = ["area_id", "lon", "lat", "radius_m"], ["source_id", "kind"], ["state", "reason"]
    for keys, index in ((where, "place"), (who, "what"), (words, "why")):
        distinct = exposure.select(keys).unique().sort(keys, nulls_last=True).with_row_index(index)
        exposure = exposure.join(distinct, on=keys, nulls_equal=True, maintain_order="left")
    looks = pl.col("state") == "watched"
    rows = exposure.select(
        *("place", "what", "why", "from_s", "to_s"),
        post=pl.when(pl.col("lon").is_not_null()).then("place"),
        looks=looks,
        p=(pl.col("p_detect").fill_null(0.0) * P_STEPS).round().cast(pl.Int64),
        known=looks & pl.col("p_detect").is_not_null(),
        unknown=(looks & pl.col("p_detect").is_null()) | (pl.col("state") == "unknown"),
    )
    tables = (exposure.select(index, *keys).unique(index).sort(index)
              for keys, index in ((where, "place"), (who, "what"), (words, "why")))  # fmt: skip
    places, what, why = tables
    return Watch(places, by_day(rows), what.drop("what"), why.drop("why"))


def coverage(
    places: pl.DataFrame, exposure: pl.DataFrame | Watch, areas: pl.DataFrame, inside: pl.DataFrame | None = None
) -> pl.DataFrame:
    """What each source could have seen of each place, by kind.

    Args:
        places: ``id``, ``lon``, ``lat``, ``area_id`` (a point, an area or both) and ``from_s``, ``to_s`` in seconds.
        exposure: EXPOSURE. Rows of an area hold for the places in it, rows with a radius for the points within it (for
            an area alone: for the share of it that the circle covers), rows with neither for every place.
        areas: AREA, to tell which places lie in which areas.
        inside: where that is known already: ``at`` (index of the place) and ``area_id``.

    Returns:
        One row for ``id``, ``source_id``, ``kind``: ``p``, the time-weighted probability to detect over the place's
        whole interval (time without a row counts as not watched; empty: never known), by any of the source's circles
        that hold there; ``watched`` and ``blind``, shares
        of the interval; ``state`` and ``reason`` of the row that holds longest.
    """
    watched = exposure if isinstance(exposure, Watch) else watch(exposure)
    spans = by_day(_links(places, watched.places, areas, inside)).rename({"from_s": "a", "to_s": "b"})
    met = (
        spans.join(watched.rows, on=["place", "day"])
        .with_columns(shared=pl.min_horizontal("to_s", "b") - pl.max_horizontal("from_s", "a"))
        .filter(pl.col("shared") > 0)
        .select(
            *("id", "what", "post", "why", "looks", "known", "unknown", "p"),
            ms=(pl.col("shared") * pl.col("share") * 1_000).round().cast(pl.Int64),
            length=(pl.col("length") * 1_000).round().cast(pl.Int64),
        )
    )
    key = ["id", "what"]
    each = met.group_by(*key, "post").agg(
        length=pl.max_horizontal(pl.col("length").max(), pl.col("ms").sum()),
        weight=pl.col("ms").sum(),
        seen=(pl.col("ms") * pl.col("p") * pl.col("known")).sum(),
        looked=(pl.col("ms") * pl.col("looks")).sum(),
        unknown=(pl.col("ms") * pl.col("unknown")).sum(),
        why=pl.col("why").min(),
        other=pl.col("why").max(),
    )
    sums = _together(each, key)
    several = sums.filter(pl.col("why") != pl.col("other")).select(key)
    longest = (
        met.join(several, on=key, how="semi")
        .group_by(*key, "why")
        .agg(pl.col("ms").sum())
        .sort([*key, "ms", "why"], descending=[False, False, True, False])
        .unique(key, keep="first", maintain_order=True)
        .select(*key, longest="why")
    )
    sums = sums.join(longest, on=key, how="left").with_columns(why=pl.coalesce("longest", "why")).sort(key)
    full = pl.col("length").cast(pl.Float64)
    return sums.select(
        "id",
        *(watched.what[name].gather(sums["what"]) for name in ("source_id", "kind")),
        p=pl.when(pl.col("unknown") < pl.col("weight")).then((pl.col("seen") / P_STEPS / full).round(6)),
        watched=(pl.col("looked") / full).round(6),
        blind=((pl.col("weight") - pl.col("looked")) / full).round(6),
        state=watched.why["state"].gather(sums["why"]),
        reason=watched.why["reason"].gather(sums["why"]),
    )


def _together(each: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Sums of all posts of a source at a place: one that two posts could report is missed if both miss it.

    Posts that several circles stand for are taken as independent of each other; what is not stated as circles counts as
    one post.
    """
    alone = pl.len().over(key) == 1
    sums = ["length", "weight", "seen", "looked", "unknown"]
    one = each.filter(alone).select(*key, *sums, "why", "other")
    many = each.filter(~alone).sort(*key, "post")
    if many.is_empty():
        return one
    miss = 1 - pl.col("seen") / P_STEPS / pl.col("length")
    longest = pl.col("length").max()
    joined = many.group_by(key, maintain_order=True).agg(
        length=longest,
        weight=pl.min_horizontal(pl.col("weight").sum(), longest),
        seen=((1 - miss.product()) * P_STEPS * longest).round().cast(pl.Int64),
        looked=pl.min_horizontal(pl.col("looked").sum(), longest),
        unknown=pl.col("unknown").min(),
        why=pl.col("why").min(),
        other=pl.col("other").max(),
    )
    return pl.concat([one, joined.select(one.columns)])


def reached(places: pl.DataFrame, watched: Watch, areas: pl.DataFrame) -> pl.DataFrame:
    """Which of the places that are watched hold for each of ``places`` (``id``, ``lon``, ``lat``, ``area_id``).

    Returns:
        ``id`` and ``place``, a number of :class:`Watch`. Places for which the same ones hold are watched alike.
    """
    whole = places.with_columns(from_s=pl.lit(0.0), to_s=pl.lit(0.0))
    return _links(whole, watched.places, areas, None).select("id", "place").unique()


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
    code = pl.col("kind").replace_strict(list(names), range(len(names)), return_dtype=pl.Int8)
    who = seen["source_id"].unique().sort()
    true, trace = np.nonzero(fit)
    fits = pl.DataFrame({"kind": true, "by": trace, "fit": fit[true, trace]}).cast({"kind": pl.Int8, "by": pl.Int8})
    rows = seen.with_row_index("row").select(
        *("id", "row", "p", "watched"), by=code, who=pl.Series(who.search_sorted(seen["source_id"]), dtype=pl.Int32)
    )
    key = ["id", "who", "kind"]
    each = (
        kinds.filter(pl.col("weight") > 0)
        .select("id", "weight", kind=code)
        .join(fits, on="kind")
        .join(rows, on=["id", "by"])
        .with_columns(
            worse=pl.col("kind") != pl.col("by"), part=(pl.col("p") * pl.col("fit") * 1e8).round().cast(pl.Int64)
        )
        .sort([*key, "worse", "part", "by"], descending=[False, False, False, False, True, False], nulls_last=True)
        .unique(key, keep="first", maintain_order=True)
        .sort(["id", "who", "weight", "kind"], descending=[False, False, True, False])
    )
    weight = (pl.col("weight") * 1e6).round().cast(pl.Int64)
    first = each.group_by("id", "who", maintain_order=True).agg(
        p=pl.when(pl.col("part").is_not_null().any()).then(((pl.col("part") * weight).sum() / 1e14).round(4)),
        watched=pl.col("watched").max(),
        row=pl.col("row").first(),
    )
    return first.select(
        "id",
        who.gather(first["who"]).alias("source_id"),
        "p",
        "watched",
        seen["state"].gather(first["row"]),
        seen["reason"].gather(first["row"]),
    )


def _links(
    places: pl.DataFrame, watched: pl.DataFrame, areas: pl.DataFrame, inside: pl.DataFrame | None
) -> pl.DataFrame:
    """Which watched places hold for which ids: columns of ``places`` with ``place`` and ``share``."""
    lon, lat = (places[name].fill_null(float("nan")).to_numpy() for name in ("lon", "lat"))
    at = places.with_row_index("at").with_columns(pl.col("at").cast(pl.Int64))
    named = pl.col("area_id").is_in(watched["area_id"].drop_nulls().unique().implode())
    inside = containing(areas.filter(named), lon, lat) if inside is None else inside.filter(named)
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
    sizes = [abs(geod().geometry_area_perimeter(shape)[0]) for shape in shapes]
    frame = pl.DataFrame({"area_id": areas["area_id"], "size_m2": pl.Series(sizes, dtype=pl.Float64)})
    return frame.group_by("area_id").agg(pl.col("size_m2").max().round(0)).sort("area_id")
