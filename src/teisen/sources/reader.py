"""What a source module is: a :class:`Reader` that turns one file into tables, and tells what could have been seen.

A reader is pure: bytes and declarations in, tables out; no files, no clock, no network. Whatever row it can't read it
sets aside with the reason (:func:`set_aside`), and keeps the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, Protocol

import polars as pl

from teisen.observation import (
    ALLEGATION,
    AREA,
    BACKGROUND,
    CONDITION,
    EXPOSURE,
    NAME,
    OBSERVATION,
    ORBIT,
    SET_ASIDE,
    SITE,
    Profile,
)
from teisen.tables import Table

READ_TABLES: Mapping[str, Table] = {
    t.name: t for t in (OBSERVATION, ALLEGATION, AREA, NAME, SITE, CONDITION, BACKGROUND, ORBIT, EXPOSURE, SET_ASIDE)
}
"""The tables that a reader may fill."""


@dataclass(frozen=True)
class SourceFile:
    """A file as it was received: its name, the SHA-256 of its bytes in hex, and the bytes."""

    name: str
    blob: str
    content: bytes


@dataclass(frozen=True)
class Source:
    """A source as a case declares it.

    ``reported_by`` is the party that speaks through the source (empty: none); ``about`` the party it speaks of: who is
    said to act, whom it accuses. ``options`` are the reader's own, checked by its ``options`` model.
    ``parties`` are the words that may stand for a party (ids that the case or its agreements know, ``undetermined``);
    empty: any.
    """

    source_id: str
    reader: str
    profile: Profile
    reported_by: str | None = None
    about: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    parties: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scope:
    """The time and the box that a case covers: from ``start`` up to but without ``end`` (UTC), degrees of WGS84."""

    start: datetime
    end: datetime
    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True)
class Ground:
    """What is known before anything is observed, from ``ground`` readers."""

    areas: pl.DataFrame = field(default_factory=AREA.empty)
    names: pl.DataFrame = field(default_factory=NAME.empty)
    sites: pl.DataFrame = field(default_factory=SITE.empty)
    conditions: pl.DataFrame = field(default_factory=CONDITION.empty)
    background: pl.DataFrame = field(default_factory=BACKGROUND.empty)
    orbits: pl.DataFrame = field(default_factory=ORBIT.empty)

    @cached_property
    def area_by_name(self) -> dict[str, str]:
        """Area id by name in any language, folded to lower case; places (rows with ``lon``) are left out.

        A name that stands for two areas names neither.
        """
        rows = self.names.filter(pl.col("lon").is_null() & pl.col("area_id").is_not_null())
        unique = (
            rows.select(pl.col("name").str.to_lowercase().str.strip_chars(), "area_id")
            .unique()
            .group_by("name")
            .agg(pl.col("area_id").n_unique().alias("n"), pl.col("area_id").min())
            .filter(pl.col("n") == 1)
        )
        return dict(unique.select("name", "area_id").iter_rows())


@dataclass(frozen=True)
class Intake:
    """What was read from one file: tables by name, those of :data:`READ_TABLES`; absent means empty.

    ``out_of_scope`` counts sound rows that lie outside the case's scope and were left out.
    """

    tables: Mapping[str, pl.DataFrame]
    out_of_scope: int = 0

    def table(self, name: str) -> pl.DataFrame:
        """The table of that name; empty where the reader gave none."""
        return self.tables.get(name, READ_TABLES[name].empty())

    @property
    def rows_read(self) -> int:
        """Rows that were understood."""
        return sum(frame.height for name, frame in self.tables.items() if name != "set_aside")

    @property
    def rows_set_aside(self) -> int:
        """Rows that were not."""
        return self.table("set_aside").height


class Reader(Protocol):
    """One source format.

    Attributes:
        name: what a case writes as ``reader:``.
        phase: ``ground`` readers fill what :class:`Ground` holds, and run first; ``watch`` readers see it.
    """

    name: str
    phase: Literal["ground", "watch"]

    def read(self, file: SourceFile, source: Source, ground: Ground, scope: Scope) -> Intake:
        """Tables read from one file. Rows outside ``scope`` may be dropped, unread rows are set aside.

        Raises:
            BadInput: the file as a whole can't be read (truncated, another format, wrong encoding).
        """
        ...

    def expose(self, source: Source, seen: Mapping[str, pl.DataFrame], ground: Ground, scope: Scope) -> pl.DataFrame:
        """Exposure rows of the whole source (EXPOSURE), once all its files are read into ``seen``."""
        ...
