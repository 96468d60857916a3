"""The command simulate: a case with known truth, made up from a scenario."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from teisen.case import Case
from teisen.cli.terminal import AsJson, result
from teisen.errors import BadInput, Problem
from teisen.simulation import gallery, load_scenario, write
from teisen.simulation import simulate as simulated
from teisen.sources.profiles import load_profile

DATA = "data"
"""Folder in the case that the simulated files lie in."""


def simulate(
    scenario: Annotated[str | None, typer.Argument(help="Name of a scenario of the gallery, or a file.")] = None,
    *,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder to make the case in.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed than the scenario's.", min=0)] = None,
    days: Annotated[int | None, typer.Option(help="Only the first so many days.", min=1)] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the scenarios of the gallery.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make up a ceasefire with known truth, as a case that sources' files lie in."""
    if list_:
        shows = {name: load_scenario(name).shows for name in gallery()}
        result(shows, "\n".join(f"{name:<18}{says}" for name, says in shows.items()), as_json)
        return
    if scenario is None or out is None:
        raise typer.BadParameter("Write a scenario and --out FOLDER, or --list.")
    if out.exists() and any(out.iterdir()):
        raise BadInput(Problem(str(out), 0, "", "the folder is not empty", "Choose another folder."))
    profile = partial(load_profile, named_in=scenario)
    made = simulated(load_scenario(scenario).changed(seed=seed, days=days), profile)
    with tempfile.TemporaryDirectory(prefix="teisen-") as temporary:
        template = Path(temporary)
        for name, text in made.definitions(DATA).items():
            (template / name).parent.mkdir(parents=True, exist_ok=True)
            (template / name).write_text(text, encoding="utf-8", newline="")
        write(made, template / DATA)
        Case.create(out, template)
        (out / "truth").mkdir()
        for path in sorted((template / DATA / "truth").iterdir()):
            (out / "truth" / path.name).write_bytes(path.read_bytes())
    rows = dict(made.links.group_by("file").len().sort("file").iter_rows())
    true = made.links.filter(pl.col("truth_id") != "")["truth_id"].n_unique()
    values = {
        "folder": str(out),
        "case": made.scenario.id,
        "incidents": made.truth.height,
        "reported": true,
        "rows": rows,
    }
    lines = [
        f"Made {out}: {made.scenario.title}",
        f"{made.truth.height:,} incidents in truth/truth.csv, {true:,} of them behind some row",
        *(f"  {name}: {count:,} rows" for name, count in rows.items()),
        f"Go on with `teisen ingest --all -c {out}`, `derive`, `evaluate`.",
    ]
    result(values, "\n".join(lines), as_json)


COMMANDS = (simulate,)
