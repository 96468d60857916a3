"""What forms filled on phones need before their columns are fields: which rows are meant, where the phone was."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from teisen.sources.objects import LAT, LON, SHAPE
from teisen.sources.rows import Rows

ERROR = "@error_m"
"""Column with the place error that a phone's position has."""
_POINT = r"^\s*(-?\d+(?:\.\d+)?)\s+(-?\d+(?:\.\d+)?)(?:\s+(-?\d+(?:\.\d+)?)(?:\s+(\d+(?:\.\d+)?))?)?\s*$"


def only(rows: Rows, wanted: Mapping[str, tuple[str, ...]]) -> int:
    """Keep the rows that have one of the ``wanted`` words in each column (``""``: nothing); return how many others.

    Those are of other sources, or were rejected by who checks the forms: nothing is wrong with them.
    """
    before = rows.frame.height
    for column, words in wanted.items():
        told = pl.col(column).str.strip_chars().fill_null("")
        rows.frame = rows.frame.filter(told.is_in(list(words)))
    return before - rows.frame.height


def phone(rows: Rows, column: str, decimal: str) -> None:
    """Columns of a place (:mod:`teisen.sources.objects`) and :data:`ERROR` from what a phone writes.

    That is ``latitude longitude altitude precision``, the last two in metres and not always there.

    A phone knows to some metres where it is; what its holder heard or saw lies as far off as the source's profile says,
    so the error is the larger of the two. An empty cell is no place.
    """
    text = pl.col(column).str.strip_chars()
    given = text.fill_null("") != ""
    lat, lon, error = (text.str.extract(_POINT, n).cast(pl.Float64) for n in (1, 2, 4))
    sound = lat.is_between(-90, 90) & lon.is_between(-180, 180)
    says = pl.format("'{}' is no position of a phone", text.str.slice(0, 40))
    rows.set_aside(
        (given & ~sound.fill_null(False)),
        column,
        says,
        "Write latitude, longitude, altitude and precision, with blanks between: 49.98 36.3 120 5.",
    )
    declared = rows.source.profile.place_error_m.value
    error = pl.max_horizontal(error.fill_null(0.0), pl.lit(declared))
    numbers = {LON: lon, LAT: lat, ERROR: pl.when(lon.is_not_null()).then(error)}
    rows.frame = rows.frame.with_columns(
        **{name: value.cast(pl.String).str.replace(".", decimal, literal=True) for name, value in numbers.items()},
        **{SHAPE: pl.format("POINT ({} {})", lon, lat)},
    )
