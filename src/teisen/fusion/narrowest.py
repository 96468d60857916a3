"""One source's word on an area and on a wider one around it: the narrowest holds, for the time that it speaks of.

A source that states its exposure of a zone and of a region in it tells of one look twice, roughly and closely. The rows
of the wider area are what it says of places and times that no narrower row speaks of. Circles are no such statements:
each is a post or a patrol, and looks by itself.
"""

from __future__ import annotations

import numpy as np
import polars as pl
import shapely

from teisen.fusion.exposed import Rows, runs, starts
from teisen.fusion.near import Ints
from teisen.fusion.span import Flags
from teisen.geodesy import Floats, area_m2

US = 1_000_000
"""Microseconds in a second."""


def left_of_wider(  # noqa: PLR0917  pairs as columns, and what they point at
    key: Ints, place: Ints, from_s: Floats, to_s: Floats, row: Ints, rows: Rows, rank: Ints
) -> Ints:
    """What is left of the time of rows of areas, where rows of narrower ones of the same key speak.

    Args:
        key: of each pair of an asked place and a row that holds there: which place, source and kind.
        place: number of the place of :class:`~teisen.fusion.exposed.Watch` that the row is of.
        from_s: start of the time asked about, seconds. to_s: its end.
        row: of ``rows``.
        rows: exposure by place and day.
        rank: of each place, narrow ones first.

    Returns:
        Microseconds of each pair's time of which no narrower row of its key speaks.
    """
    piece, pair, length = pieces(key, from_s, to_s, row, rows)
    kept = narrowest(piece, rank[place[pair]])
    left = np.zeros(len(key), np.int64)
    np.add.at(left, pair[kept], length[kept])
    return left


def pieces(key: Ints, from_s: Floats, to_s: Floats, row: Ints, rows: Rows) -> tuple[Ints, Ints, Ints]:
    """The time of pairs cut wherever a pair of the same key begins or ends, arguments as of :func:`left_of_wider`.

    Returns:
        The piece (numbered over all keys, in their order), the pair that holds for it, and its length in microseconds.
    """
    start = np.round(np.maximum(rows.from_s[row], from_s) * US).astype(np.int64)
    end = np.round(np.minimum(rows.to_s[row], to_s) * US).astype(np.int64)
    of = np.repeat(key, 2)
    edge = np.column_stack([start, end]).ravel()
    order = np.lexsort((edge, of))
    begins = starts(of[order], edge[order])
    first, at = order[begins], np.empty(len(order), np.int64)
    at[order] = np.searchsorted(begins, np.arange(len(order)), side="right") - 1
    length = np.diff(edge[first], append=0)
    piece, pair = runs(at[0::2], at[1::2])
    return piece, pair, length[piece]


def narrowest(piece: Ints, rank: Ints) -> Flags:
    """Which of what holds for a ``piece`` has the least ``rank`` there."""
    least = np.full(int(piece.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(least, piece, rank)
    return np.asarray(rank == least[piece])


def ranks(places: pl.DataFrame, areas: pl.DataFrame) -> Ints:
    """Rank of each place of :class:`~teisen.fusion.exposed.Watch`: areas by size, the smallest first, then those
    without a shape, then everywhere; equal ones by id."""
    sizes = area_sizes(areas.filter(pl.col("area_id").is_in(places["area_id"].drop_nulls().unique().implode())))
    sized = places.with_row_index("nth").join(sizes, on="area_id", how="left", maintain_order="left")
    order = sized.sort(pl.col("area_id").is_null(), "size_m2", "area_id", "nth", nulls_last=True)["nth"].to_numpy()
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank


def area_sizes(areas: pl.DataFrame) -> pl.DataFrame:
    """``area_id`` and ``size_m2`` on the ellipsoid; of areas with several rows the largest."""
    areas = areas.filter(pl.col("level") != "control")
    sizes = area_m2(shapely.from_wkb(areas["geometry"].to_list()))
    frame = pl.DataFrame({"area_id": areas["area_id"], "size_m2": pl.Series(sizes)})
    return frame.group_by("area_id").agg(pl.col("size_m2").max().round(0)).sort("area_id")
