"""Received files to tables: ground readers first, then those that watch, then what each source could have seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from teisen.case.known import known_by
from teisen.errors import BadInput
from teisen.observation import EXPOSURE, SET_ASIDE
from teisen.sources import READ_TABLES, Ground, Intake, Scope, Source, SourceFile
from teisen.sources.readers import reader
from teisen.tables import Table

Content = Callable[[str], bytes]
"""Gives the bytes of a blob by its SHA-256."""
Progress = Callable[[str, int, int], None]
"""Is told what is being done, how many steps are done and how many there are."""
GROUND_TABLES = ("area", "name", "site", "condition", "background", "orbit")


def silent(step: str, done: int, total: int) -> None:
    """A progress that nobody sees."""


@dataclass(frozen=True, order=True)
class Received:
    """A file that a case received: for which source, with which bytes, under which name."""

    source_id: str
    blob: str
    name: str


def in_order(received: Iterable[Received], sources: Mapping[str, Source]) -> list[Received]:
    """The files in the order they are read in, whatever order they came in: ground first, then by source and blob."""
    known = {r for r in received if r.source_id in sources}
    return sorted(known, key=lambda r: (reader(sources[r.source_id].reader).phase != "ground", r))


def ground_of(tables: Mapping[str, pl.DataFrame]) -> Ground:
    """The ground that tables by name hold."""
    return Ground(*(tables.get(name, READ_TABLES[name].empty()) for name in GROUND_TABLES))


def read_files(
    received: Iterable[Received],
    content: Content,
    sources: Mapping[str, Source],
    scope: Scope,
    progress: Progress = silent,
    *,
    known: datetime | None = None,
) -> dict[str, pl.DataFrame]:
    """Read files into the tables of READ_TABLES, each thing once however many files state it.

    Args:
        received: the files, in any order. Files of a source that the case no longer declares are passed over.
        content: gives a file's bytes.
        sources: by id.
        scope: time and box of the case.
        progress: told file by file.
        known: leave out what could not have been known at this moment (:func:`teisen.case.known.known_by`).
    """
    files = in_order(received, sources)
    parts: dict[str, list[pl.DataFrame]] = {name: [] for name in READ_TABLES}
    ground: Ground | None = None
    for done, one in enumerate(files):
        source = sources[one.source_id]
        progress(f"reading {one.name}", done, len(files))
        if ground is None and reader(source.reader).phase == "watch":
            ground = ground_of({name: once(READ_TABLES[name], parts[name]) for name in GROUND_TABLES})
        intake = read_file(one, content, source, ground or Ground(), scope)
        for name in READ_TABLES:
            if (table := intake.table(name)).height:
                parts[name].append(table)
    tables = {name: once(table, parts[name]) for name, table in READ_TABLES.items()}
    if known:
        tables = known_by(tables, known)
    tables["exposure"] = expose(tables, sources, scope)
    return known_by(tables, known) if known else tables


def read_file(one: Received, content: Content, source: Source, ground: Ground, scope: Scope) -> Intake:
    """Read one received file; one that can't be read as a whole (by the code as it is now) is set aside, row 0."""
    try:
        return reader(source.reader).read(SourceFile(one.name, one.blob, content(one.blob)), source, ground, scope)
    except BadInput as error:
        return Intake({"set_aside": SET_ASIDE.gather(_whole(one, error))})


def _whole(one: Received, error: BadInput) -> Iterable[pl.DataFrame]:
    for problem in error.problems:
        yield SET_ASIDE.build(
            {
                "source_id": [one.source_id],
                "file": [one.name],
                "blob": [one.blob],
                "row": [0],
                "column": [problem.column],
                "what": [problem.what],
                "do": [problem.do],
            }
        )


def once(table: Table, frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Gather frames of a table; of rows with the same key that with the smallest file hash and row stays."""
    frame = table.gather(frames)
    order = [name for name in ("blob", "row", "file") if name in frame.columns]
    return table.hand_over(
        frame.sort(*table.key, *order, maintain_order=True).unique(table.key, keep="first", maintain_order=True)
    )


def expose(tables: Mapping[str, pl.DataFrame], sources: Mapping[str, Source], scope: Scope) -> pl.DataFrame:
    """What every declared source could have seen, also of those that delivered nothing (EXPOSURE)."""
    ground = ground_of(tables)
    rows = [tables["exposure"]]
    for source_id, source in sources.items():
        seen = {name: frame.filter(pl.col("source_id") == source_id) for name, frame in tables.items()}
        rows.append(reader(source.reader).expose(source, seen, ground, scope))
    return once(EXPOSURE, rows)
