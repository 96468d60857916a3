"""Names that sources write, as areas and places that the ground knows; what it does not know is never guessed."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

import polars as pl
import shapely

from teisen.sources.reader import Ground
from teisen.sources.rows import Rows

SAME_PLACE_DEG = 0.1
"""Rows of one name within this many degrees are one place (about 10 km: a gazetteer's differences about a town)."""
EDGE_DEG = 0.1
"""An area reaches this much beyond its boundary when a place is looked for in it (coarse boundaries)."""


def area_of(name: pl.Expr, known: Mapping[str, str]) -> pl.Expr:
    """Area id of a name in any case; null where it is not known."""
    return name.str.strip_chars().str.to_lowercase().replace_strict(dict(known), default=None, return_dtype=pl.String)


def set_aside_unknown(rows: Rows, column: str, area: str, known: Mapping[str, str], *, heading: str = "") -> None:
    """Set rows aside whose ``column`` names no known area (``area`` is null), with the known names closest to it.

    ``heading`` is what the file calls the column, for messages; empty: the same.
    """
    names = rows.frame.filter(pl.col(area).is_null())[column].drop_nulls().unique()
    near = {name: difflib.get_close_matches(name.strip().lower(), known, n=3, cutoff=0.5) for name in names}
    says = {
        name: f"'{name[:60]}' names no known area; closest: {', '.join(found) or 'none'}"
        for name, found in near.items()
    }
    rows.set_aside(
        pl.col(area).is_null(),
        heading or column,
        pl.when(pl.col(column).fill_null("") == "")
        .then(pl.lit("it is empty"))
        .otherwise(pl.col(column).replace_strict(says, default="", return_dtype=pl.String)),
        "Correct the name, or add it to the case's names of areas.",
    )


def set_aside_unplaced(rows: Rows, column: str, ground: Ground, *, heading: str) -> None:
    """Set rows aside whose ``column`` names no place that is known (``lon`` is null), or one of several of its name.

    Rows have ``area_id``, the area that is told beside the name (null: none).
    """
    lost = pl.col(column).is_not_null() & pl.col("lon").is_null()
    names = rows.frame.filter(lost).select(column, "area_id").unique()
    places = _known(ground)
    known = places["name"].unique()
    there = set(known)
    strange = {name for name in names[column].unique() if name.lower() not in there}
    near = {name: difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.5) for name in strange}
    says = []
    for name, area in names.iter_rows():
        if name in strange:
            what = f"names no known place; closest: {', '.join(near[name]) or 'none'}"
        else:
            here = _elsewhere(places.filter(pl.col("name") == name.lower()).with_columns(area_id=pl.lit(area)), ground)
            away = here.len() > 0 and here.all()
            what = f"names a place, but none in '{area}'" if away else "names places far from each other"
        says.append(f"'{name[:60]}' {what}")
    told = names.with_columns(_says=pl.Series(says, dtype=pl.String))
    rows.frame = rows.frame.join(told, on=[column, "area_id"], how="left", nulls_equal=True, maintain_order="left")
    rows.set_aside(
        lost,
        heading,
        pl.col("_says"),
        "Correct the name, give the area that it lies in (`area`), or add the place to the case's names (reader "
        "`names`).",
    )
    rows.frame = rows.frame.drop("_says")


def towns(ground: Ground) -> pl.DataFrame:
    """Places by lower-case ``name``: ``lon``, ``lat``, ``place_error_m``, ``area_id``.

    A name that stands for places more than :data:`SAME_PLACE_DEG` apart names none; of rows for one place the one with
    the smallest error is used.
    """
    return _one_place(_known(ground), "name").rename({"town_area": "area_id"})


def placed(named: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    """Places by name and the area that is told beside it, which says which of several of that name is meant.

    Args:
        named: lower-case ``name`` and ``area_id`` (null: no area is told), each pair once.
        ground: what is known of areas and names.

    Returns:
        Of those pairs that name one place: ``name``, ``area_id``, ``lon``, ``lat``, ``place_error_m``, ``town_area``.
    """
    rows = named.join(_known(ground), on="name", maintain_order="left")
    return _one_place(rows.filter(~_elsewhere(rows, ground)), "name", "area_id")


def _known(ground: Ground) -> pl.DataFrame:
    """Every place that has a name: lower-case ``name``, ``lon``, ``lat``, ``place_error_m``, ``town_area``."""
    return ground.names.filter(pl.col("lon").is_not_null()).select(
        pl.col("name").str.strip_chars().str.to_lowercase(), "lon", "lat", "place_error_m", town_area="area_id"
    )


def _one_place(rows: pl.DataFrame, *by: str) -> pl.DataFrame:
    """The row with the smallest error of each ``by`` whose rows lie together; none of those whose rows do not."""
    apart = [(pl.col(c).max() - pl.col(c).min()).over(by) <= SAME_PLACE_DEG for c in ("lon", "lat")]
    return (
        rows.filter(*apart)
        .sort(*by, "place_error_m", "lon", "lat", "town_area", nulls_last=True)
        .unique(by, keep="first", maintain_order=True)
    )


def _elsewhere(rows: pl.DataFrame, ground: Ground) -> pl.Series:
    """Whether a place is known to lie outside ``area_id``: outside its shape, or in another area where it has none."""
    told, its = rows["area_id"], rows["town_area"]
    away = (its != told).fill_null(False)
    for area in told.drop_nulls().unique().sort():
        shapes = ground.areas.filter((pl.col("area_id") == area) & (pl.col("level") != "line"))["geometry"]
        if shapes.len():
            shape = shapely.buffer(shapely.union_all(shapely.from_wkb(shapes.to_list())), EDGE_DEG)
            inside = pl.Series(shapely.contains_xy(shape, rows["lon"].to_numpy(), rows["lat"].to_numpy()))
            away = (~inside & its.ne_missing(told)).zip_with(told.eq_missing(area), away)
    return away
