"""Weather by day from CSV: one row an area and day, or one row a day with the places in columns.

A day is the local day of ``zone``. Of days before the case's time the reader makes normals, quantity
``<quantity>_normal``: for each area and each calendar month of the scope, the mean over all days of that month in the
file, valid throughout that month of the scope. A file gives its own normals, so files of several years give several
rows for the same month: take their mean. Days after the case's time are left out, so that a later download does not
change what was normal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl
from pydantic import Field

from teisen.documents import Strict
from teisen.observation import CONDITION, EXPOSURE
from teisen.sources.options import options
from teisen.sources.reader import Ground, Intake, Scope, Source, SourceFile
from teisen.sources.readers.names import Rewritten
from teisen.sources.rows import ROW, read_csv

Unit = Literal["%", "1", "mm", "m/s", "km/h"]
FACTORS: Mapping[Unit, float] = {"%": 0.01, "1": 1, "mm": 1, "m/s": 1, "km/h": 1 / 3.6}
"""What a value in that unit is multiplied by to be a fraction, millimetres or metres a second."""
LIMITS = {"cloud_fraction": (0.0, 1.0), "precipitation_mm": (0.0, 2000.0), "wind_m_s": (0.0, 113.3)}
"""Possible values: the records of the WMO's archive of weather extremes (rain in a day 1,825 mm, gust 113.3 m/s)."""


class Quantity(Strict):
    """A column and its unit; with ``places`` the column's name is put behind the place's."""

    column: str
    unit: Unit


class Where(Strict):
    """What a place of the file is: the area that its weather stands for, or where it was measured, or both."""

    area_id: str | None = None
    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)


class WeatherOptions(Strict):
    """What the columns of a file of weather mean.

    Attributes:
        day: column with the local day, YYYY-MM-DD, in ``zone``.
        quantities: by name of the quantity.
        area_id: column with the area, of the form ``form``; or
        places: by prefix of the columns, where that is.
        normals: quantities whose normals are made from days before the case's time.
    """

    day: str
    zone: str
    quantities: dict[Literal["cloud_fraction", "precipitation_mm", "wind_m_s"], Quantity]
    area_id: str | None = None
    form: Rewritten = Rewritten()
    places: dict[str, Where] = Field(default_factory=dict)
    normals: list[Literal["cloud_fraction", "precipitation_mm", "wind_m_s"]] = Field(default_factory=list)


Cell = tuple[str, str, Unit, Where]
"""A column, what it measures, in which unit, where."""


@dataclass(frozen=True)
class Weather:
    """Reads CONDITION rows."""

    name: str = "weather"
    phase: Literal["ground", "watch"] = "ground"

    def read(self, file: SourceFile, source: Source, ground: Ground, scope: Scope) -> Intake:
        """Conditions of one file; see :class:`WeatherOptions`.

        Raises:
            BadInput: the file or an option can't be read.
        """
        wanted = options(source, WeatherOptions)
        cells: list[Cell] = [
            (column, quantity, given.unit, where)
            for quantity, given in wanted.quantities.items()
            for column, where in _columns(given.column, wanted.places)
        ]
        needed = [wanted.day, *([wanted.area_id] if wanted.area_id else []), *(cell[0] for cell in cells)]
        rows = read_csv(file, source, needed)
        rows.once()
        rows.time(wanted.day, ["%Y-%m-%d"], wanted.zone, into="start")
        if wanted.area_id:
            wanted.form.apply(rows, wanted.area_id)
            empty = pl.col(wanted.area_id).is_null()
            rows.set_aside(empty, wanted.area_id, "it is empty", "Give each row its area.")
        for column, quantity, unit, _ in cells:
            low, high = LIMITS[quantity]
            rows.number(column, low / FACTORS[unit], high / FACTORS[unit], required=False)
        rows.frame = rows.frame.with_columns(
            end=pl.col("start").dt.convert_time_zone(wanted.zone).dt.offset_by("1d").dt.convert_time_zone("UTC")
        )
        area = pl.col(wanted.area_id) if wanted.area_id else pl.lit(None, dtype=pl.String)
        long = pl.concat(_long(rows.frame, cell, area) for cell in cells)
        long = long.filter(pl.col("value").is_not_null())
        inside = (pl.col("end") > scope.start) & (pl.col("start") < scope.end)
        earlier = long.filter((pl.col("end") <= scope.start) & pl.col("quantity").is_in(wanted.normals))
        days = long.filter(inside)
        found = pl.concat([days, _normals(earlier, wanted.zone, scope)])
        found = found.with_columns(source_id=pl.lit(source.source_id), blob=pl.lit(file.blob))
        left_out = rows.frame.filter(~inside).height
        return Intake({"condition": CONDITION.fill(found), "set_aside": rows.set_aside_table()}, left_out)

    def expose(self, source: Source, seen: Mapping[str, pl.DataFrame], ground: Ground, scope: Scope) -> pl.DataFrame:
        """None: weather is what others see through."""
        return EXPOSURE.empty()


def _columns(column: str, places: Mapping[str, Where]) -> list[tuple[str, Where]]:
    if not places:
        return [(column, Where())]
    return [(f"{prefix}_{column}", where) for prefix, where in places.items()]


def _long(frame: pl.DataFrame, cell: Cell, area: pl.Expr) -> pl.DataFrame:
    """The values of one column, one row a value."""
    column, quantity, unit, where = cell
    return frame.select(
        "start",
        "end",
        area_id=pl.lit(where.area_id, dtype=pl.String) if where.area_id else area,
        lon=pl.lit(where.lon, dtype=pl.Float64),
        lat=pl.lit(where.lat, dtype=pl.Float64),
        quantity=pl.lit(quantity),
        value=pl.col(column) * FACTORS[unit],
        row=pl.col(ROW),
    )


def _normals(earlier: pl.DataFrame, zone: str, scope: Scope) -> pl.DataFrame:
    """Means by area, place, quantity and calendar month, put on the months of the scope."""
    months = pl.DataFrame(
        {"start": pl.datetime_range(scope.start, scope.end, "1h", closed="left", time_zone="UTC", eager=True)}
    ).select(start=pl.col("start").dt.convert_time_zone(zone).dt.truncate("1mo"))
    months = months.unique().sort("start").with_columns(end=pl.col("start").dt.offset_by("1mo"))
    months = months.select(
        pl.col("start", "end").dt.convert_time_zone("UTC").dt.cast_time_unit("us"), month=pl.col("start").dt.month()
    )
    where = ["area_id", "lon", "lat", "quantity"]
    means = (
        earlier.with_columns(month=pl.col("start").dt.convert_time_zone(zone).dt.month())
        .sort([*where, "month", "start", "row"])
        .group_by([*where, "month"], maintain_order=True)
        .agg(pl.col("value").mean(), pl.col("row").min())
    )
    return (
        months.join(means, on="month")
        .with_columns(quantity=pl.format("{}_normal", "quantity"))
        .select("start", "end", "area_id", "lon", "lat", "quantity", "value", "row")
    )


READER = Weather()
