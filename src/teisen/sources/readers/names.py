"""Names of areas and places from a CSV gazetteer: one row a name, or one row an area with its names in columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl
from pydantic import Field

from teisen.documents import Strict
from teisen.observation import EXPOSURE, NAME
from teisen.sources.options import options
from teisen.sources.reader import Ground, Intake, Scope, Source, SourceFile
from teisen.sources.rows import ROW, Rows, read_csv

LARGEST_ERROR_M = 1_000_000


class Rewritten(Strict):
    """Ids that a file writes in another form: a regular expression that fits them, and what to write (``${1}``)."""

    match: str = "^(.*)$"
    write: str = "${1}"

    def apply(self, rows: Rows, column: str) -> None:
        """Rewrite ``column``; rows whose id does not fit are set aside. Empty stays empty."""
        text = pl.col(column).str.strip_chars()
        given = text.fill_null("") != ""
        rows.set_aside(
            given & ~text.str.contains(self.match),
            column,
            pl.format("'{}' is no id of the form {}", pl.col(column).str.slice(0, 40), pl.lit(self.match)),
            f"Correct the id, or check that the columns stand under their own headings ({column}).",
        )
        rows.frame = rows.frame.with_columns(
            pl.when(given).then(text.str.replace(self.match, self.write)).alias(column)
        )


class NameOptions(Strict):
    """What the columns of a gazetteer mean.

    Attributes:
        names: columns that hold names, with their language; empty: the column ``name``, its language in ``language``.
        area_id: column with the id of the area that is named or that the place lies in; ``form`` its form.
        lon, lat, place_error_m: columns of places; rows without a place name an area.
    """

    names: dict[str, str] = Field(default_factory=dict)
    area_id: str = "area_id"
    form: Rewritten = Rewritten()
    lon: str = "lon"
    lat: str = "lat"
    place_error_m: str = "place_error_m"
    delimiter: str = ","


@dataclass(frozen=True)
class Names:
    """Reads NAME rows."""

    name: str = "names"
    phase: Literal["ground", "watch"] = "ground"

    def read(self, file: SourceFile, source: Source, ground: Ground, scope: Scope) -> Intake:
        """Names of one file; see :class:`NameOptions`. Places outside the case's box are kept: they are names too.

        Raises:
            BadInput: the file or an option can't be read.
        """
        wanted = options(source, NameOptions)
        columns = dict(wanted.names) or {"name": ""}
        place = [wanted.lon, wanted.lat, wanted.place_error_m]
        rows = read_csv(
            file, source, [*columns, wanted.area_id], delimiter=wanted.delimiter, optional=["language", *place]
        )
        rows.once()
        rows.number(wanted.lon, -180, 180, required=False)
        rows.number(wanted.lat, -90, 90, required=False)
        rows.number(wanted.place_error_m, 0, LARGEST_ERROR_M, required=False)
        half = pl.col(wanted.lon).is_null() != pl.col(wanted.lat).is_null()
        rows.set_aside(half, wanted.lon, "one of longitude and latitude is empty", "Give both, or neither.")
        wanted.form.apply(rows, wanted.area_id)
        nothing = pl.col(wanted.area_id).is_null() & pl.col(wanted.lon).is_null()
        rows.set_aside(nothing, wanted.area_id, "it names no area and no place", "Give an area id or a place.")
        for column in columns:
            empty = pl.col(column).str.strip_chars().fill_null("") == ""
            rows.set_aside(empty, column, "it is empty", f"Write a name in {column}.")
        names = [_names(rows.frame, column, language, wanted) for column, language in columns.items()]
        found = pl.concat(names).with_columns(source_id=pl.lit(source.source_id), blob=pl.lit(file.blob))
        found = found.unique(["row", "name"], keep="first", maintain_order=True)
        return Intake({"name": NAME.fill(found), "set_aside": rows.set_aside_table()})

    def expose(self, source: Source, seen: Mapping[str, pl.DataFrame], ground: Ground, scope: Scope) -> pl.DataFrame:
        """None: the ground sees nothing."""
        return EXPOSURE.empty()


def _names(frame: pl.DataFrame, column: str, language: str, wanted: NameOptions) -> pl.DataFrame:
    spoken = pl.lit(language) if language else pl.col("language").str.strip_chars()
    return frame.select(
        name=pl.col(column).str.strip_chars(),
        language=pl.when(spoken != "").then(spoken),
        area_id=pl.col(wanted.area_id),
        lon=pl.col(wanted.lon),
        lat=pl.col(wanted.lat),
        place_error_m=pl.col(wanted.place_error_m),
        row=pl.col(ROW),
    )


READER = Names()
