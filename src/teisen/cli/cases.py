"""Commands on a case: new, ingest, withdraw, status, verify."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from teisen import case as room
from teisen.case import Case, IngestResult, stored
from teisen.cli.terminal import HERE, AsJson, CaseFolder, Wait, progress, result, warn
from teisen.errors import BadInput, Problem
from teisen.library import data_folder

SHOWN = 5
"""Problems of one file that the text of `ingest` lists."""


def new(
    folder: Annotated[Path, typer.Argument(help="Folder to make the case in.")],
    template: Annotated[str, typer.Option("--template", "-t", help="Name of a shipped template, or a case.yaml.")],
    as_json: AsJson = False,
) -> None:
    """Make a case from a template."""
    made = Case.create(folder, template)
    file = made.definitions.case
    values = {"folder": str(folder), "case": file.id, "title": file.title, "ledger": made.ledger.origin}
    result(values, f"Made {folder}: {file.title}\nLedger {made.ledger.origin}", as_json)


def ingest(
    source: Annotated[str | None, typer.Argument(help="Source that the files belong to.")] = None,
    files: Annotated[list[Path] | None, typer.Argument(help="Files of that source.")] = None,
    *,
    all_: Annotated[bool, typer.Option("--all", help="All files that case.yaml names.")] = False,
    data: Annotated[Path | None, typer.Option(help="Folder that case.yaml's files lie in.")] = None,
    case: CaseFolder = HERE,
    wait: Wait = 30,
    as_json: AsJson = False,
) -> None:
    """Take files into the ledger."""
    if all_ == bool(source) or (source and not files):
        raise typer.BadParameter("Write a source and its files, or --all.")
    opened = Case.open(case)
    opened.record_definitions()
    with progress() as told:
        if all_:
            done = room.ingest_all(opened, data or data_folder(), wait_s=wait, progress=told)
        else:
            done = room.ingest(opened, str(source), files or [], wait_s=wait, progress=told)
    result(ingest_values(done), ingest_text(done), as_json)
    if done.refused:
        raise BadInput(*(problem for file in done.refused for problem in file.problems))


def ingest_values(done: IngestResult) -> dict[str, Any]:
    """An ingestion as plain values."""
    files = [asdict(file) for file in done.files]
    return {"files": files, "new": done.new, "refused": len(done.refused)}


def ingest_text(done: IngestResult) -> str:
    """An ingestion in lines: a file each, with what is wrong with it below."""
    lines = []
    for file in done.files:
        state = "refused" if file.entry is None else f"entry {file.entry}" + ("" if file.new else ", already there")
        state += f", withdrawn ({file.withdrawn})" if file.withdrawn else ""
        state += f", in place of {file.replaces}" if file.replaces else ""
        counts = f"{file.rows_read} read, {file.rows_set_aside} set aside, {file.out_of_scope} out of scope"
        lines.append(f"{file.source_id}: {file.name}: {state}" + (f"; {counts}" if file.entry is not None else ""))
        if file.entry is not None:
            lines += [f"  {problem}" for problem in file.problems[:SHOWN]]
            if file.rows_set_aside > SHOWN:
                lines.append(
                    f"  ... and {file.rows_set_aside - SHOWN} more, in derived/set_aside after `teisen derive`"
                )
    lines.append(f"{done.new} new, {len(done.files) - done.new - len(done.refused)} known, {len(done.refused)} refused")
    return "\n".join(lines)


def withdraw(
    source: Annotated[str, typer.Argument(help="Source that the files came from.")],
    files: Annotated[list[str], typer.Argument(help="Names they came under, or first digits of their SHA-256.")],
    *,
    reason: Annotated[str, typer.Option("--reason", "-r", help="Why; it stands in the ledger.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Let files count again that were withdrawn.")] = False,
    case: CaseFolder = HERE,
    wait: Wait = 30,
    as_json: AsJson = False,
) -> None:
    """Let files that a source sent count no more; they stay in the ledger."""
    if not reason.strip():
        raise BadInput(Problem("", 0, "--reason", "no reason is given", "Write why."))
    opened = Case.open(case)
    done = room.withdraw(opened, source, files, reason, undo=undo, wait_s=wait)
    says = "counts again" if undo else "counts no more"
    lines = [f"{one.source_id}: {one.name} ({one.blob[:12]}): {says}, entry {one.entry}" for one in done]
    result({"files": [asdict(one) for one in done]}, "\n".join([*lines, "Now run `teisen derive`."]), as_json)


def status(case: CaseFolder = HERE, as_json: AsJson = False) -> None:
    """Say what the case holds and whether its tables are up to date."""
    opened = Case.open(case)
    file, entries, manifest = opened.definitions.case, opened.entries(), stored.read_manifest(opened.derived)
    files = {source: sum(e.subject == source for e in entries) for source in sorted(opened.definitions.sources)}
    back = opened.taken_back()
    changed = room.unrecorded(opened)
    state = "none" if manifest is None else "stale" if manifest["inputs"] != opened.inputs() or changed else "current"
    if state == "current" and manifest and manifest["code"] != stored.code_digest():
        state = "other code"
    head = opened.ledger.checkpoint
    values = {
        "case": file.id,
        "title": file.title,
        "simulated": file.simulated,
        "period": {"from": file.period.start, "to": file.period.end},
        "ledger": {"origin": head.origin, "size": head.size, "root": head.root.hex()},
        "files": files,
        "withdrawn": [asdict(one) for one in back],
        "changed_definitions": changed,
        "derived": state,
        "tables": {n: t["rows"] for n, t in (manifest or {}).get("tables", {}).items()},
    }
    said = {
        "none": "Nothing is derived yet: run `teisen derive`.",
        "stale": "The tables are older than the ledger or the definitions: run `teisen derive`.",
        "other code": "The tables were derived with another version of the code: run `teisen derive`.",
        "current": "The tables are up to date.",
    }[state]
    lines = [
        f"{file.title}{' (simulated)' if file.simulated else ''}",
        f"{file.period.start} up to {file.period.end}, {file.zone}",
        f"Ledger {head.origin}: {head.size} entries, root {head.root.hex()}",
        *(f"  {source}: {count} file{'' if count == 1 else 's'}" for source, count in files.items()),
        *(f"Withdrawn: {one.source_id}: {one.name} ({one.blob[:12]}): {one.reason}" for one in back),
        *(f"Changed and not recorded: {path}" for path in changed),
        said,
    ]
    result(values, "\n".join(lines), as_json)


def verify(case: CaseFolder = HERE, as_json: AsJson = False) -> None:
    """Check every hash and signature, derive again, and compare byte by byte."""
    opened = Case.open(case)
    with progress() as told:
        done = room.verify(opened, progress=told)
    values = {"ledger": asdict(done.ledger), "tables": done.tables}
    text = (
        f"Ledger {done.ledger.origin}: {done.ledger.size} entries and {done.ledger.blobs} files verify "
        f"(root {done.ledger.root}).\n{done.tables} tables were derived again, byte for byte the same."
    )
    result(values, text, as_json)
    if not as_json:
        warn(f"Key of the ledger: {done.ledger.key}. Compare it with the one you were given.")


COMMANDS = (new, ingest, withdraw, status, verify)
