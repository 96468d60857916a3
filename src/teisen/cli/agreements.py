"""Commands on agreements: check, positions, schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from teisen.agreement import (
    Agreement,
    contradictions,
    gaps,
    json_schema,
    load_agreement,
    matrix,
    positions,
)
from teisen.cli.moments import moment
from teisen.cli.terminal import AsJson, result, say
from teisen.documents import parse
from teisen.errors import BadInput, Problem

File = Annotated[Path, typer.Argument(help="YAML file of an agreement.")]
AsOf = Annotated[str, typer.Option(help="Only what was said up to this moment, e.g. 2025-03-25 (UTC). Default: all.")]

app = typer.Typer(help="Check agreements.", no_args_is_help=True)


@app.command()
def check(file: File, as_json: AsJson = False) -> None:
    """Say what is wrong with an agreement (exit code 2), what it leaves open, and who is no party of its case."""
    text = _read(file)
    agreement = load_agreement(text, str(file))
    found = [*gaps(agreement, file=str(file), text=text), *_strangers(agreement, file)]
    readings = sum(len(provision.readings) for provision in agreement.provisions)
    head = f"{agreement.title}: {len(agreement.provisions)} provisions, {readings} readings, {len(found)} gaps"
    values = {"agreement": agreement.id, "title": agreement.title, "gaps": [asdict(gap) for gap in found]}
    result(values, "\n".join([head, *map(str, found)]), as_json)


def _strangers(agreement: Agreement, file: Path) -> list[Problem]:
    """Its parties that the case does not name, if the file lies in the folder of one."""
    path = file.resolve().parent.parent / "case.yaml"
    if file.resolve().parent.name != "agreements" or not path.is_file():
        return []
    from teisen.case import CaseFile, unknown_parties  # noqa: PLC0415  a case is slow to load, and few files lie in one

    text = _read(path)
    try:
        return list(unknown_parties(agreement, parse(text, CaseFile, str(path)), text))
    except BadInput:  # a case.yaml that is wrong says so where the case is used
        return []


@app.command(name="positions")
def say_positions(file: File, *, as_of: AsOf = "", as_json: AsJson = False) -> None:
    """Say who holds what about which term, and where statements differ; never who is right."""
    agreement = load_agreement(_read(file), str(file))
    until = moment(as_of) if as_of else None
    said, latest, differ = positions(agreement), matrix([agreement], until), contradictions(agreement)
    if until is not None:
        early = said.filter(said["stated"] <= until)
        known = early["position_id"].implode()
        said, differ = early, differ.filter(differ["position_a"].is_in(known) & differ["position_b"].is_in(known))
    values = {"matrix": latest.to_dicts(), "positions": said.to_dicts(), "contradictions": differ.to_dicts()}
    result(values, "\n".join(_told(agreement, values)), as_json)


def _told(agreement: Agreement, values: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    if not agreement.terms:
        yield "The agreement names no terms: write them under `terms:`, and what was said of them under `positions:`."
    names = {party.id: party.name for party in agreement.parties}
    said = {one["position_id"]: one for one in values["positions"]}
    for term in agreement.terms:
        yield f"{term.title} ({term.id})"
        for row in (row for row in values["matrix"] if row["term_id"] == term.id):
            what = f": {row['value']}" if row["value"] else ""
            one = said.get(row["position_id"] or "")
            condition = f", if {one['condition']}" if one and one["condition"] else ""
            source = f"  [{_day(one['stated'])}, {one['language']}, {one['citation']}]" if one else ""
            yield f"  {names.get(row['who'], row['who'])}: {row['stance'].replace('_', ' ')}{what}{condition}{source}"
    if values["contradictions"]:
        yield "Where statements differ:"
    for row in values["contradictions"]:
        of = "of one speaker" if row["what"] == "same_party" else f"about {row['about_call']}"
        who = " and ".join(dict.fromkeys(names.get(row[side], row[side]) for side in ("who_a", "who_b")))
        yield f"  {row['term_id']}, {of} ({who}), in {row['differ_in']}: {row['position_a']}, {row['position_b']}"


def _day(stated: datetime | None) -> str:
    return "day not known" if stated is None else f"{stated:%Y-%m-%d}"


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(Problem(str(file), 0, "", f"it cannot be read: {error}", "Name a UTF-8 text file.")) from None


@app.command()
def schema() -> None:
    """Print the JSON Schema of agreements, for editors."""
    say(json.dumps(json_schema(), indent=2, ensure_ascii=False))
