"""Names that sources write, as areas and places that the ground knows; what it does not know is never guessed."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

import polars as pl

from teisen.sources.reader import Ground
from teisen.sources.rows import Rows

SAME_PLACE_DEG = 0.1
"""Rows of one name within this many degrees are one place (about 10 km: a gazetteer's differences about a town)."""


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
    """Set rows aside whose ``column`` names no place that is known (``lon`` is null), or one of several of its name."""
    names = rows.frame.filter(pl.col(column).is_not_null() & pl.col("lon").is_null())[column].unique()
    known = ground.names.filter(pl.col("lon").is_not_null())["name"].str.strip_chars().str.to_lowercase().unique()
    several = set(known) & set(names.str.to_lowercase())
    says = {}
    for name in names:
        near = difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.5)
        lost = f"names no known place; closest: {', '.join(near) or 'none'}"
        says[name] = f"'{name[:60]}' {'names places far from each other' if name.lower() in several else lost}"
    rows.set_aside(
        pl.col(column).is_not_null() & pl.col("lon").is_null(),
        heading,
        pl.col(column).replace_strict(says, default="", return_dtype=pl.String),
        "Correct the name, or add the place to the case's names (reader `names`).",
    )


def towns(ground: Ground) -> pl.DataFrame:
    """Places by lower-case ``name``: ``lon``, ``lat``, ``place_error_m``, ``area_id``.

    A name that stands for places more than :data:`SAME_PLACE_DEG` apart names none; of rows for one place the one with
    the smallest error is used.
    """
    rows = ground.names.filter(pl.col("lon").is_not_null()).select(
        pl.col("name").str.strip_chars().str.to_lowercase(), "lon", "lat", "place_error_m", "area_id"
    )
    apart = [(pl.col(c).max() - pl.col(c).min()).over("name") <= SAME_PLACE_DEG for c in ("lon", "lat")]
    return (
        rows.filter(*apart)
        .sort("name", "place_error_m", "lon", "lat", "area_id", nulls_last=True)
        .unique("name", keep="first", maintain_order=True)
    )
