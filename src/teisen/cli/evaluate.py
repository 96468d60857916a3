"""The command evaluate: how right a case is whose truth is known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from teisen.case import Case, stored
from teisen.cli.terminal import HERE, AsJson, CaseFolder, result
from teisen.errors import BadInput, Problem
from teisen.evaluation import Evaluation
from teisen.evaluation import evaluate as score
from teisen.evaluation.known import links_of, read_truth

Truth = Annotated[Path | None, typer.Option(help="Folder with truth.csv and links.csv. Default: truth, in the case.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Folder to write scores.csv and calibration.csv into.")]


def evaluate(truth: Truth = None, case: CaseFolder = HERE, out: Out = None, as_json: AsJson = False) -> None:
    """Score the incidents of a simulated case against what truly happened."""
    opened = Case.open(case)
    happened, links = read_truth(truth or case / "truth")
    tables = stored.read_tables(opened.derived, ["incident", "evidence", "observation"])
    if "incident" not in tables:
        raise BadInput(Problem(str(opened.derived), 0, "", "nothing is derived there", "Run `teisen derive` first."))
    observations = tables["observation"]
    names = {one.blob: one.name for one in opened.received()}
    found = score(tables["incident"], tables["evidence"], observations, happened, links_of(observations, links, names))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        found.scores.write_csv(out / "scores.csv")
        found.calibration.write_csv(out / "calibration.csv")
    values = {"scores": found.scores.to_dicts(), "calibration": found.calibration.to_dicts()}
    result(values, _text(found), as_json)


def _text(found: Evaluation) -> str:
    whole = found.scores.filter(by="all")
    lines = [f"{row['measure']:<28}{_value(row['value']):>10}  of {row['n']:,}" for row in whole.iter_rows(named=True)]
    for (by, stratum), rows in found.scores.filter(pl.col("by") != "all").group_by(
        "by", "stratum", maintain_order=True
    ):
        f1 = rows.filter(measure="pairs_f1").row(0, named=True)
        lines.append(f"pairs_f1, {by} {stratum}: {_value(f1['value'])} of {f1['n']:,}")
    return "\n".join(lines)


def _value(value: float | None) -> str:
    return "-" if value is None else f"{value:,.3f}" if abs(value) < 100 else f"{value:,.0f}"


COMMANDS = (evaluate,)
