"""Commands on agreements: check, schema."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from teisen.agreement import gaps, json_schema, load_agreement
from teisen.cli.terminal import AsJson, result, say
from teisen.errors import BadInput, Problem

app = typer.Typer(help="Check agreements.", no_args_is_help=True)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="YAML file of an agreement.")],
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with an agreement (exit code 2) and what it leaves open."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(Problem(str(file), 0, "", f"it cannot be read: {error}", "Name a UTF-8 text file.")) from None
    agreement = load_agreement(text, str(file))
    found = gaps(agreement, file=str(file), text=text)
    readings = sum(len(provision.readings) for provision in agreement.provisions)
    head = f"{agreement.title}: {len(agreement.provisions)} provisions, {readings} readings, {len(found)} gaps"
    values = {"agreement": agreement.id, "title": agreement.title, "gaps": [asdict(gap) for gap in found]}
    result(values, "\n".join([head, *map(str, found)]), as_json)


@app.command()
def schema() -> None:
    """Print the JSON Schema of agreements, for editors."""
    say(json.dumps(json_schema(), indent=2, ensure_ascii=False))
