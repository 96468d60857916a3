"""Sites of protected classes from CSV: plants, substations, refineries as points, power lines as lines in WKT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
import shapely
from pydantic import Field, field_validator

from teisen.documents import Strict
from teisen.observation import EXPOSURE, SITE, vocabulary
from teisen.sources.options import options
from teisen.sources.reader import Ground, Intake, Scope, Source, SourceFile
from teisen.sources.rows import ROW, Rows, ids, read_csv

LARGEST_SIZE = 1e9
LARGEST_ERROR_M = 1e6
THOUSANDS = r"^\d{1,3}(,\d{3})+(\.\d+)?$"


class SiteOptions(Strict):
    """What the columns of a file of sites mean.

    Attributes:
        id: column with the source's id; empty: made from name and place.
        name: column with the name, or empty.
        lon, lat: columns of a point; or
        geometry: column of a line, WKT LINESTRING or MULTILINESTRING.
        target_class: class of every site, or of those that ``classes`` does not name.
        class_column, classes: column that tells the class, and the class for its values.
        where: column and the values to keep; others are left out. ``contains``: column and a text that it must hold.
        size, size_unit: column of capacity or voltage, and its unit.
        place_error_m: standard deviation of a place; empty: the profile's. ``error``: column with each row's own.
    """

    id: str | None = None
    name: str | None = None
    lon: str = "lon"
    lat: str = "lat"
    geometry: str | None = None
    target_class: str | None = None
    class_column: str | None = None
    classes: dict[str, str] = Field(default_factory=dict)
    where: dict[str, list[str]] = Field(default_factory=dict)
    contains: dict[str, str] = Field(default_factory=dict)
    size: str | None = None
    size_unit: str | None = None
    place_error_m: float | None = Field(None, ge=0)
    error: str | None = None
    delimiter: str = ","
    quote: str = '"'

    @field_validator("target_class", "classes")
    @classmethod
    def _known(cls, value: Any) -> Any:
        for name in value.values() if isinstance(value, dict) else [value]:
            if name is not None and name not in vocabulary().target_classes:
                raise ValueError(f"{name!r} is no target class; write one of {', '.join(vocabulary().target_classes)}")
        return value


@dataclass(frozen=True)
class Sites:
    """Reads SITE rows."""

    name: str = "sites"
    phase: Literal["ground", "watch"] = "ground"

    def read(self, file: SourceFile, source: Source, ground: Ground, scope: Scope) -> Intake:
        """Sites of one file; see :class:`SiteOptions`. Those outside the case's box are left out.

        Raises:
            BadInput: the file or an option can't be read.
        """
        wanted = options(source, SiteOptions)
        place = [wanted.geometry] if wanted.geometry else [wanted.lon, wanted.lat]
        told = [wanted.id, wanted.name, wanted.size, wanted.error, wanted.class_column, *wanted.where, *wanted.contains]
        needed = list(dict.fromkeys([*place, *(column for column in told if column)]))
        rows = read_csv(file, source, needed, delimiter=wanted.delimiter, quote=wanted.quote)
        rows.once()
        left_out = _chosen(rows, wanted)
        _classes(rows, wanted)
        if wanted.geometry:
            _lines(rows, wanted.geometry)
        else:
            rows.number(wanted.lon, -180, 180)
            rows.number(wanted.lat, -90, 90)
            rows.frame = rows.frame.with_columns(
                site_lon=pl.col(wanted.lon), site_lat=pl.col(wanted.lat), shape=pl.lit(None, dtype=pl.Binary)
            )
        if wanted.size:
            text = pl.col(wanted.size).str.strip_chars()
            grouped = text.str.contains(THOUSANDS)
            rows.frame = rows.frame.with_columns(
                pl.when(grouped).then(text.str.replace_all(",", "")).otherwise(text).alias(wanted.size)
            )
            rows.number(wanted.size, 0, LARGEST_SIZE, required=False)
        if wanted.error:
            rows.number(wanted.error, 0, LARGEST_ERROR_M, required=False)
        always = {"site_start": pl.lit(scope.start), "site_end": pl.lit(scope.end)}
        rows.frame = rows.frame.with_columns(**always)
        left_out += rows.in_scope(scope, start="site_start", end="site_end", lon="site_lon", lat="site_lat")
        rows.frame = rows.frame.with_columns(_ids(rows.frame, source, wanted))
        again = pl.col("site_id").is_duplicated() & ~pl.col("site_id").is_first_distinct()
        rows.set_aside(again, wanted.id or "", "a site with this id stands above", "Give each site its own id.")
        declared = source.profile.place_error_m.value if wanted.place_error_m is None else wanted.place_error_m
        error = pl.lit(float(declared))
        found = rows.frame.select(
            "site_id",
            "target_class",
            name=pl.col(wanted.name).str.strip_chars() if wanted.name else pl.lit(None, dtype=pl.String),
            lon="site_lon",
            lat="site_lat",
            place_error_m=pl.coalesce(wanted.error, error) if wanted.error else error,
            geometry="shape",
            size=pl.col(wanted.size) if wanted.size else pl.lit(None, dtype=pl.Float64),
            size_unit=pl.lit(wanted.size_unit, dtype=pl.String),
            source_id=pl.lit(source.source_id),
            blob=pl.lit(file.blob),
            row=pl.col(ROW),
        )
        return Intake({"site": SITE.check(found), "set_aside": rows.set_aside_table()}, left_out)

    def expose(self, source: Source, seen: Mapping[str, pl.DataFrame], ground: Ground, scope: Scope) -> pl.DataFrame:
        """None: the ground sees nothing."""
        return EXPOSURE.empty()


def _chosen(rows: Rows, wanted: SiteOptions) -> int:
    """Leave out the rows that the options do not ask for; how many."""
    before = rows.frame.height
    for column, values in wanted.where.items():
        rows.frame = rows.frame.filter(pl.col(column).str.strip_chars().is_in(values))
    for column, text in wanted.contains.items():
        rows.frame = rows.frame.filter(pl.col(column).str.contains(text, literal=True))
    return before - rows.frame.height


def _classes(rows: Rows, wanted: SiteOptions) -> None:
    named = pl.lit(wanted.target_class, dtype=pl.String)
    if wanted.class_column:
        value = pl.col(wanted.class_column).str.strip_chars()
        named = value.replace_strict(wanted.classes, default=named, return_dtype=pl.String)
    rows.frame = rows.frame.with_columns(target_class=named)
    column = wanted.class_column or ""
    rows.set_aside(
        pl.col("target_class").is_null(), column, "no target class is given for it", "Add the value to `classes:`."
    )


def _lines(rows: Rows, column: str) -> None:
    """Read lines into ``shape`` (WKB) and their middle into ``site_lon`` and ``site_lat``."""
    shapes = shapely.from_wkt(rows.frame[column].str.strip_chars().to_list(), on_invalid="ignore")
    bounds = shapely.bounds(shapes)
    is_line = np.isin(shapely.get_type_id(shapes), [1, 5]) & ~shapely.is_empty(shapes)
    with np.errstate(invalid="ignore"):
        on_earth = (np.abs(bounds[:, [0, 2]]) <= 180).all(axis=1) & (np.abs(bounds[:, [1, 3]]) <= 90).all(axis=1)
    good = is_line & on_earth
    middle = shapely.line_interpolate_point(np.where(good, shapes, None), 0.5, normalized=True)
    rows.frame = rows.frame.with_columns(
        pl.Series("_line", good, dtype=pl.Boolean),
        pl.Series("site_lon", shapely.get_x(middle), dtype=pl.Float64),
        pl.Series("site_lat", shapely.get_y(middle), dtype=pl.Float64),
        pl.Series("shape", shapely.to_wkb(np.where(good, shapes, None), byte_order=1).tolist(), dtype=pl.Binary),
    )
    what = "it is no line in degrees (WKT LINESTRING, longitude first)"
    rows.set_aside(~pl.col("_line"), column, what, "Correct the line, or check the file's quote character.")


def _ids(frame: pl.DataFrame, source: Source, wanted: SiteOptions) -> pl.Series:
    made = ids(frame, source.source_id, [*([wanted.name] if wanted.name else []), "site_lon", "site_lat"])
    if not wanted.id:
        return made.alias("site_id")
    own = pl.col(wanted.id).str.strip_chars()
    own = pl.when(own.fill_null("") != "").then(pl.format("{}:{}", pl.lit(source.source_id), own)).otherwise(made)
    return frame.select(site_id=own)["site_id"]


READER = Sites()
