"""The command compare: what changed between two derivations, and because of what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from teisen.case import Case, size_at
from teisen.case.difference import publish_difference
from teisen.case.sides import Side, compared
from teisen.cli.moments import moment
from teisen.cli.publish import Audience, Language
from teisen.cli.secret import tells_of_secret
from teisen.cli.terminal import HERE, AsJson, CaseFolder, progress, result
from teisen.release.difference import CHANGES, by_cause, by_change, by_level, largest

NOW = "now"
SHOWN = 12
"""Causes, changes of level and findings that the text lists; the JSON has all rows."""
A = Annotated[str, typer.Argument(help="Before: a folder of derived tables, a size or moment of the ledger, or now.")]
B = Annotated[str, typer.Argument(help="After: likewise.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Folder to publish the difference into.")]
AsOf = Annotated[
    datetime | None,
    typer.Option(parser=moment, help="Moment of release, UTC. Default: that of the ledger's newest entry."),
]


def compare(
    before: A,
    after: B,
    *,
    out: Out = None,
    audience: Audience = "public",
    as_of: AsOf = None,
    language: Language = "en",
    case: CaseFolder = HERE,
    as_json: AsJson = False,
) -> None:
    """Say what differs between two derivations, from what to what, because of what; with --out, publish it."""
    sides = _side(before, case), _side(after, case)
    rows = compared(*sides)
    states = [side.stated() for side in sides]
    values = {
        "before": states[0],
        "after": states[1],
        "changes": dict(by_change(rows)),
        "causes": by_cause(rows).to_dicts(),
        "rows": rows.to_dicts(),
    }
    text = _text(rows, states)
    if out is not None:
        opened = Case.open(case)
        with tells_of_secret(opened):
            page = publish_difference(opened, sides, rows, out, audience=audience, as_of=as_of, language=language)
        values["page"], text = str(page), f"{text}\n\n{page}"
    result(values, text, as_json)


def _side(text: str, case: Path) -> Side:
    if Path(text).is_dir():
        return Side.of_folder(Path(text))
    opened = Case.open(case)
    with progress() as told:
        if text == NOW:
            return Side.of_ledger(opened, None, progress=told)
        size = int(text) if text.isdecimal() else size_at(opened, _moment(text))
        return Side.of_ledger(opened, size, progress=told)


def _moment(text: str) -> datetime:
    try:
        return moment(text)
    except typer.BadParameter:
        raise typer.BadParameter(
            f"{text!r} is no folder, no size and no moment; write a folder of derived tables, a number of entries, "
            f"2025-03-25T18:00, or {NOW}"
        ) from None


def _text(rows: pl.DataFrame, states: Sequence[Mapping[str, Any]]) -> str:
    lines = [f"{name:5} {_state(state)}" for name, state in zip(("From", "To"), states, strict=True)]
    if rows.is_empty():
        return "\n".join([*lines, "No incident, finding or outcome differs."])
    lines += ["", f"{'':10}" + "".join(f"{change:>10}" for change in CHANGES)]
    for subject, counts in by_change(rows):
        lines.append(f"{subject:10}" + "".join(f"{counts[change]:>10,}" for change in CHANGES))
    lines += ["", "Because of (incidents, findings, outcomes that name it; alone: with no other)"]
    causes = [
        f"{i:>8,}{f:>8,}{o:>8,}  {cause or 'no cause found'} (alone {alone:,})"
        for cause, i, f, o, alone in by_cause(rows).iter_rows()
    ]
    lines += _first(causes, "causes")
    levels = [
        f"{n:>8,}  {'/'.join((agreement, provision, reading))}: {old or 'none'} -> {new or 'none'}"
        for agreement, provision, reading, old, new, n in by_level(rows).iter_rows()
    ]
    if levels:
        lines += ["", "Findings whose level is another", *_first(levels, "changes of level")]
    findings = [_finding(row) for row in largest(rows, "finding").iter_rows(named=True)]
    if findings:
        lines += ["", "Findings that changed most", *_first(findings, "findings")]
    return "\n".join(lines)


def _first(lines: list[str], what: str) -> list[str]:
    rest = len(lines) - SHOWN
    return [*lines[:SHOWN], f"          ... and {rest:,} more {what} (--json has all rows)"] if rest > 0 else lines


def _state(state: Mapping[str, Any]) -> str:
    of = f"ledger at {state['size']} entries" if state["size"] is not None else f"inputs {str(state['inputs'])[:12]}"
    known = f", known by {state['known_by']}" if state["known_by"] else ""
    return f"{of}{known}, code {state['version']} ({str(state['code'])[:12]})"


def _finding(row: Mapping[str, Any]) -> str:
    kind = "p" if row["p_before"] is not None or row["p_after"] is not None else "scope"
    p = [row[f"{kind}_{side}"] for side in ("before", "after")]
    says = " -> ".join("none" if value is None else f"{value:.2f}" for value in p)
    reading = "/".join((row["agreement_id"], row["provision_id"], row["reading_id"]))
    return f"  {row['start']:%Y-%m-%d %H:%M}  {row['about']}  {reading}: {says}; {', '.join(row['because'])}"


COMMANDS = (compare,)
