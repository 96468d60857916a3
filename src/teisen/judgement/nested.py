"""Counts of one source that are parts of a wider one: of the same place over a longer time, or of a place within.

A count stands for those of its parts, which are not added to it. A place lies within an area if the shapes say so. A
count that names no place is one of everywhere, unless the places that were counted in its time come to more: then it
cannot be their total, and is what could not be placed.
"""

from __future__ import annotations

import numpy as np
import polars as pl
import shapely

from teisen.fusion.near import containing

PLACE = ("area_id", "lon", "lat", "place_name")
"""Columns of OBSERVATION that tell which place was counted."""
WITHIN = 0.9
"""Share of an area that lies in another which holds it: borders of two sources are never quite the same (assumed)."""
_OF = ("first", "last", "source_id", "kind")
_ROW = "row"


def counted_once(counts: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    """``counts`` without those that are parts of others.

    Args:
        counts: ``first``, ``last`` (the period), ``source_id``, ``kind``, ``start``, ``end``, ``count``, :data:`PLACE`.
        areas: AREA.
    """
    rows = _without(counts.with_row_index(_ROW), _longer(counts.with_row_index(_ROW)))
    places = rows.select(PLACE).unique().sort(PLACE, nulls_last=True).with_row_index("place")
    rows = rows.join(places, on=PLACE, nulls_equal=True, maintain_order="left")
    rows = _without(rows, _wider(rows, places, areas))
    return _without(rows, _total(rows)).select(counts.columns)


def _without(rows: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    return rows.join(parts, on=_ROW, how="anti", maintain_order="left")


def _pairs(parts: pl.DataFrame, wholes: pl.DataFrame, on: tuple[str, ...]) -> pl.DataFrame:
    """Rows with those of ``wholes`` whose time holds theirs; what is of the latter alone has ``_of`` at its end."""
    pairs = parts.join(wholes, on=on, nulls_equal=True, suffix="_of")
    return pairs.filter(pl.col("start_of") <= pl.col("start"), pl.col("end_of") >= pl.col("end"))


def _longer(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of which the same source counted the same place over a longer time in the period too."""
    spans = rows.select("first", "last", "source_id", *PLACE, "start", "end").unique()
    pairs = _pairs(rows, spans, ("first", "last", "source_id", *PLACE))
    return pairs.filter((pl.col("start_of") != pl.col("start")) | (pl.col("end_of") != pl.col("end"))).select(_ROW)


def _wider(rows: pl.DataFrame, places: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    """Rows of which the same source counted an area around their place too."""
    held = holding(places, areas)
    spans = rows.select(*_OF, "start", "end", "place").unique()
    return _pairs(rows.join(held, on="place"), spans.rename({"place": "whole"}), (*_OF, "whole")).select(_ROW)


def _total(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of places in the time of a count of no place that is no less than they are together."""
    nowhere = pl.all_horizontal(pl.col(name).is_null() for name in PLACE)
    whole = rows.filter(nowhere).group_by(*_OF, "start", "end").agg(pl.col("count").sort().sum())
    pairs = _pairs(rows.filter(~nowhere), whole, _OF)
    sums = pl.col("count").sort().sum().over(*_OF, "start_of", "end_of").round(6)
    return pairs.filter(sums <= pl.col("count_of")).select(_ROW)


def holding(places: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    """``place`` and ``whole``: which of the places, an area without a point or a name of its own, holds which other."""
    point = pl.col("lon").is_not_null() & pl.col("lat").is_not_null()
    called = areas.select("area_id", place_name="name").unique()
    unnamed = pl.col("place_name").is_null()
    whole = pl.concat(
        [places.filter(~point & unnamed), places.filter(~point).join(called, on=called.columns, how="semi")]
    )
    whole = whole.drop_nulls("area_id").select("area_id", whole="place")
    points, alone = places.filter(point), places.filter(~point).drop_nulls("area_id")
    areas = areas.filter((pl.col("level") != "control") & pl.col("area_id").is_in(alone["area_id"].implode()))
    inside = containing(areas, points["lon"].to_numpy(), points["lat"].to_numpy())
    parts = places.join(whole, left_on="place", right_on="whole", how="anti")
    named = parts.join(whole, on="area_id").select("place", "whole")
    at = inside.select("area_id", place=points["place"].gather(inside["at"])).join(whole, on="area_id")
    areas_in = (
        alone.join(_areas_within(areas), on="area_id").select("place", area_id="around").join(whole, on="area_id")
    )
    return pl.concat([named, at.select("place", "whole"), areas_in.select("place", "whole")]).unique()


def _areas_within(areas: pl.DataFrame) -> pl.DataFrame:
    """``area_id`` and ``around``: areas that lie in larger ones."""
    shapes = {
        area_id: shapely.union_all(shapely.make_valid(shapely.from_wkb(part["geometry"].to_list())))
        for (area_id,), part in areas.sort("area_id").group_by("area_id", maintain_order=True)
    }
    names, every = list(shapes), list(shapes.values())
    small, large = shapely.STRtree(every).query(np.array(every, dtype=object), predicate="intersects")
    pairs = [
        (names[a], names[b])
        for a, b in sorted(zip(small.tolist(), large.tolist(), strict=True))
        if every[a].area < every[b].area and every[a].intersection(every[b]).area >= WITHIN * every[a].area
    ]
    return pl.DataFrame(pairs, schema={"area_id": pl.String, "around": pl.String}, orient="row")
