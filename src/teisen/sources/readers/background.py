"""Places and days of what was seen in ordinary years, to tell what is unusual: CSV, one row a sighting.

The file may be of any time and is read whole, whatever the case's period and box. Sightings in the same cell on the
same day count once: neighbouring pixels, satellites and passes of one fire are one day of fire.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import polars as pl
from pydantic import field_validator

from teisen.documents import Strict
from teisen.observation import BACKGROUND, CELL_DEG, EXPOSURE, SEASONS, SET_ASIDE, vocabulary
from teisen.sources.moments import interval
from teisen.sources.options import options as options_of
from teisen.sources.reader import Ground, Intake, Scope, Source, SourceFile
from teisen.sources.rows import ROW, read_csv


class Options(Strict):
    """Options of the source.

    Attributes:
        kind: what was seen, a word of the vocabulary.
        lon, lat: columns of the place, degrees.
        day: column of the day, YYYY-MM-DD, of ``zone``.
    """

    kind: str = "fire"
    lon: str = "LONGITUDE"
    lat: str = "LATITUDE"
    day: str = "ACQ_DATE"
    zone: str = "UTC"

    @field_validator("kind")
    @classmethod
    def _known(cls, kind: str) -> str:
        if kind not in vocabulary().kinds:
            raise ValueError(f"there is no kind {kind!r}; write one of {', '.join(vocabulary().kinds)}")
        return kind


class Background:
    """Reads BACKGROUND rows."""

    name = "background"
    phase: Literal["ground"] = "ground"

    def read(self, file: SourceFile, source: Source, ground: Ground, scope: Scope) -> Intake:
        """Days of sightings by cell and season of the year; see the module.

        Raises:
            BadInput: a column is missing, or an option is wrong.
        """
        options = options_of(source, Options)
        rows = read_csv(file, source, (options.lon, options.lat, options.day))
        rows.number(options.lon, -180, 180)
        rows.number(options.lat, -90, 90)
        interval(rows, options.day, ["%Y-%m-%d"], options.zone, start="start", end="end")
        day = pl.col("start").dt.convert_time_zone(options.zone)
        table = (
            rows.frame.select(
                ROW,
                x=(pl.col(options.lon) / CELL_DEG).floor().cast(pl.Int32),
                y=(pl.col(options.lat) / CELL_DEG).floor().cast(pl.Int32),
                year=day.dt.year(),
                of_year=day.dt.ordinal_day(),
            )
            .with_columns(season=((pl.col("of_year") - 1) // 10).clip(0, SEASONS - 1).cast(pl.Int32))
            .group_by("x", "y", "year", "season")
            .agg(days=pl.col("of_year").n_unique().cast(pl.Int32), row=pl.col(ROW).min())
            .with_columns(kind=pl.lit(options.kind), source_id=pl.lit(source.source_id), blob=pl.lit(file.blob))
            .sort("year", "season", "y", "x")
        )
        return Intake({BACKGROUND.name: BACKGROUND.fill(table), SET_ASIDE.name: rows.set_aside_table()})

    def expose(self, source: Source, seen: Mapping[str, pl.DataFrame], ground: Ground, scope: Scope) -> pl.DataFrame:
        """None: other years tell nothing of what could be seen in this one."""
        return EXPOSURE.empty()


READER = Background()
