"""The command derive: the tables of a case, as its ledger is now or as it was."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from teisen import case as room
from teisen.case import Case
from teisen.cli.moments import moment
from teisen.cli.terminal import HERE, AsJson, CaseFolder, Wait, progress, result, warn
from teisen.errors import Problem

AsOf = Annotated[datetime | None, typer.Option(parser=moment, help="What the ledger held at this moment (UTC).")]
AtSize = Annotated[int | None, typer.Option(help="What the ledger held when it had so many entries.", min=0)]
KnownBy = Annotated[
    datetime | None, typer.Option(parser=moment, help="Only what could have been known at this moment (UTC).")
]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Folder for the tables of an earlier state.")]


def derive(
    *,
    as_of: AsOf = None,
    at_size: AtSize = None,
    known_by: KnownBy = None,
    out: Out = None,
    case: CaseFolder = HERE,
    wait: Wait = 30,
    as_json: AsJson = False,
) -> None:
    """Derive incidents, findings and rates from the ledger, as it is or (with --out) as it was."""
    if as_of and at_size is not None:
        raise typer.BadParameter("Write --as-of or --at-size, not both.")
    if out is None and (as_of or at_size is not None or known_by):
        raise typer.BadParameter("Name a folder with --out: the case keeps its own tables.")
    opened = Case.open(case)
    if out is not None:
        _past(opened, out, room.size_at(opened, as_of) if as_of else at_size, known_by, as_json)
        return
    with progress() as told:
        tables = room.derive(opened, wait_s=wait, progress=told)
    counts = {name: frame.height for name, frame in tables.items()}
    for source, file, column, what, do in _whole(tables["set_aside"]):
        warn(f"{source}: {Problem(file, 0, column, what, do)}")
    defined, texts = opened.definitions, opened.on_record()
    for problem in (
        *room.unplaced(defined, texts, tables["area"], tables["sector_area"]),
        *room.unnamed(defined, texts, tables["incident"]),
        *room.doubts(defined, texts),
    ):
        warn(str(problem))
    result({"folder": str(opened.derived), "tables": counts}, _table(counts), as_json)


def _whole(aside: pl.DataFrame) -> list[tuple[str, ...]]:
    """What is wrong with files as a whole, of those that were set aside: a mapping may have changed under them."""
    wrong = aside.filter(pl.col("row") == 0).select("source_id", "file", "column", "what", "do")
    return wrong.unique().sort(pl.all()).rows()


def _past(case: Case, out: Path, size: int | None, known: datetime | None, as_json: bool) -> None:
    with progress() as told:
        room.derive_past(case, out, size=size, known=known, progress=told)
    manifest = room.stored.read_manifest(out) or {}
    counts = {name: table["rows"] for name, table in manifest["tables"].items()}
    state = manifest["as_of"]
    lines = [f"Ledger {state['origin']} at {state['size']} entries (the last of {state['time']}), root {state['root']}"]
    if known:
        lines.append(f"Known by {state['known_by']}: what was published, or had happened, by then.")
    for source, rows in state.get("undated", {}).items():
        lines.append(f"  {source} does not say when it published: {rows:,} observations by when they ended")
    later = "rests on statements of later days alone; findings under it are as if it had been known"
    lines += [f"  {reading} {later}" for reading in state.get("said_later", [])]
    if state["taken_out_since"]:
        lines.append(f"Taken out of the ledger since, and missing here: {len(state['taken_out_since'])} files")
    result({"folder": str(out), "tables": counts, "as_of": state}, "\n".join([*lines, _table(counts)]), as_json)


def _table(counts: dict[str, int]) -> str:
    return "\n".join(f"{name:12} {rows:>9,}" for name, rows in counts.items())


COMMANDS = (derive,)
