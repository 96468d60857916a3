"""Coverage: what each source could have seen of a place and time, from its exposure rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import shapely

from teisen.fusion.kinds import by_trace, kind_names
from teisen.fusion.near import Ints, Spots, by_day, containing, near_between
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
    sums = _watching(places, watched, areas, inside)
    return sums.select(
        "id",
        *(watched.what[name].gather(sums["what"]) for name in ("source_id", "kind")),
        *("p", "watched", "blind"),
        *(watched.why[name].gather(sums["why"]) for name in ("state", "reason")),
    )


def _watching(places: pl.DataFrame, watched: Watch, areas: pl.DataFrame, inside: pl.DataFrame | None) -> pl.DataFrame:
    """What :func:`coverage` gives, by numbers of :class:`Watch`: ``id``, ``what``, ``p``, ``watched``, ``blind``,
    ``why``, in the order of the first two."""
    spans = by_day(_links(places, watched.places, areas, inside)).rename({"from_s": "a", "to_s": "b"})
    many = max(watched.what.height, 1)
    met = (
        spans.join(watched.rows, on=["place", "day"])
        .with_columns(shared=pl.min_horizontal("to_s", "b") - pl.max_horizontal("from_s", "a"))
        .filter(pl.col("shared") > 0)
        .select(
            (pl.col("id").cast(pl.Int64) * many + pl.col("what")).alias("key"),
            *("post", "why", "looks", "known", "unknown", "p"),
            ms=(pl.col("shared") * pl.col("share") * 1_000).round().cast(pl.Int64),
            length=(pl.col("length") * 1_000).round().cast(pl.Int64),
        )
    )
    circles = met["post"].null_count() < met.height
    sums = met.group_by("key", *(["post"] if circles else [])).agg(
        length=pl.max_horizontal(pl.col("length").max(), pl.col("ms").sum()),
        weight=pl.col("ms").sum(),
        seen=(pl.col("ms") * pl.col("p") * pl.col("known")).sum(),
        looked=(pl.col("ms") * pl.col("looks")).sum(),
        unknown=(pl.col("ms") * pl.col("unknown")).sum(),
        why=pl.col("why").min(),
        other=pl.col("why").max(),
    )
    if circles:
        sums = _together(sums)
    several = sums.filter(pl.col("why") != pl.col("other")).select("key")
    if several.height:
        longest = (
            met.join(several, on="key", how="semi")
            .group_by("key", "why")
            .agg(pl.col("ms").sum())
            .sort(["key", "ms", "why"], descending=[False, True, False])
            .unique("key", keep="first", maintain_order=True)
            .select("key", longest="why")
        )
        sums = sums.join(longest, on="key", how="left").with_columns(why=pl.coalesce("longest", "why"))
    full = pl.col("length").cast(pl.Float64)
    return sums.sort("key").select(
        (pl.col("key") // many).cast(places.schema["id"]).alias("id"),
        (pl.col("key") % many).alias("what"),
        p=pl.when(pl.col("unknown") < pl.col("weight")).then((pl.col("seen") / P_STEPS / full).round(6)),
        watched=(pl.col("looked") / full).round(6),
        blind=((pl.col("weight") - pl.col("looked")) / full).round(6),
        why="why",
    )


def _together(each: pl.DataFrame) -> pl.DataFrame:
    """Sums of all posts of a source at a place (``key``): one that two posts could report is missed if both miss it.

    Posts that several circles stand for are taken as independent of each other; what is not stated as circles counts as
    one post.
    """
    alone = pl.len().over("key") == 1
    sums = ["length", "weight", "seen", "looked", "unknown"]
    one = each.filter(alone).select("key", *sums, "why", "other")
    many = each.filter(~alone).sort("key", "post")
    if many.is_empty():
        return one
    miss = 1 - pl.col("seen") / P_STEPS / pl.col("length")
    longest = pl.col("length").max()
    joined = many.group_by("key", maintain_order=True).agg(
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
    sources = seen["source_id"].unique().sort()
    ids = seen["id"].unique().sort()
    names = dict(zip(kind_names(), range(len(kind_names())), strict=True))
    weights = np.zeros((len(ids), len(names)))
    kinds = kinds.filter(pl.col("weight") > 0).filter(pl.col("id").is_in(ids.implode()))
    code = kinds["kind"].replace_strict(names, return_dtype=pl.Int64).to_numpy()
    weights[ids.search_sorted(kinds["id"]).to_numpy(), code] = kinds["weight"].to_numpy()
    at, who = (of.search_sorted(seen[name]).to_numpy() for of, name in ((ids, "id"), (sources, "source_id")))
    order = np.lexsort((who, at))
    seen, at, who = seen[order], at[order].astype(np.int64), who[order].astype(np.int64)
    by = seen["kind"].replace_strict(names, return_dtype=pl.Int64).to_numpy()
    row, p, watched = _over_kinds(seen, at, who, by, weights)
    return seen[row].select("id", "source_id", p, watched, "state", "reason")


def seen_by_each(
    places: pl.DataFrame, watched: Watch, areas: pl.DataFrame, inside: pl.DataFrame | None, weights: Floats
) -> pl.DataFrame:
    """:func:`seen_by_source` of :func:`coverage`, for places whose ``id`` are their numbers: 0, 1, ...

    Args:
        weights: of each kind at each place, shape (places, kinds).

    Returns:
        ``id``, ``source_id`` and ``why`` (numbers), ``p``, ``watched``; and the names of the second.
    """
    seen = _watching(places, watched, areas, inside)
    sources = watched.what["source_id"].unique().sort()
    what = seen["what"].to_numpy()
    who = sources.search_sorted(watched.what["source_id"]).to_numpy().astype(np.int64)[what]
    names = dict(zip(kind_names(), range(len(kind_names())), strict=True))
    by = watched.what["kind"].replace_strict(names, return_dtype=pl.Int64).to_numpy()[what]
    row, p, watched_ = _over_kinds(seen, seen["id"].to_numpy(), who, by, weights)
    return seen[row].select("id", sources.gather(who[row]).alias("source_id"), p, watched_, "why")


def _over_kinds(
    seen: pl.DataFrame, at: Ints, who: Ints, by: Ints, weights: Floats
) -> tuple[Ints, pl.Series, pl.Series]:
    """Of rows ``seen`` (``p``, ``watched``), which are in the order of ``at`` (row of ``weights``) and source, by kind
    watched for: one row for each of these pairs (that of its weightiest kind), ``p`` and ``watched`` over all kinds.

    Of several rows that tell of a kind, that of the kind itself counts, else the one which sees most of it.
    """
    new = np.ones(len(at), np.bool_)
    new[1:] = (at[1:] != at[:-1]) | (who[1:] != who[:-1])
    pair, chance, looks = np.cumsum(new) - 1, seen["p"].fill_null(float("nan")).to_numpy(), seen["watched"].to_numpy()
    many, fit = int(new.sum()), by_trace()
    total, known, most = np.zeros(many, np.int64), np.zeros(many, np.bool_), np.zeros(many)
    heaviest, row = np.zeros(many), np.full(many, -1)
    for kind in np.flatnonzero((weights > 0).any(axis=0)):
        some = np.flatnonzero((weights[:, kind][at] > 0) & (fit[kind][by] > 0))
        part = np.nan_to_num(np.round(chance[some] * fit[kind][by[some]] * 1e8), nan=-1.0).astype(np.int64)
        of = pair[some]
        if (of[1:] == of[:-1]).any():
            order = np.lexsort((by[some], -part, by[some] != kind, of))
            order = order[np.unique(of[order], return_index=True)[1]]
            some, part, of = some[order], part[order], of[order]
        weight = weights[:, kind][at[some]]
        total[of] += np.maximum(part, 0) * np.round(weight * 1e6).astype(np.int64)
        known[of] |= part >= 0
        most[of] = np.maximum(most[of], looks[some])
        more = weight > heaviest[of]
        heaviest[of[more]], row[of[more]] = weight[more], some[more]
    told = np.flatnonzero(row >= 0)
    chances = pl.DataFrame({"p": total[told] / 1e14, "known": known[told]})
    of_all = chances.select(pl.when("known").then(pl.col("p").round(4)).alias("p")).to_series()
    return row[told], of_all, pl.Series("watched", most[told])


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
