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
from teisen.evaluation.evaluate import CROWDS
from teisen.evaluation.known import links_of, read_truth

DENSITIES = [word for _, word in CROWDS]
OF_STRATA = (
    *("unreported_share", "invented_share", "merged_share", "split_share"),
    *("place_error_median_m", "ece_conflict", "ece_kind"),
)
"""Measures of each stratum that the text tells beside pairs; those it has."""
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
    lines += ["", "By stratum (scores.csv of --out has all measures):"]
    strata = found.scores.filter(pl.col("by") != "all").partition_by("by", "stratum", maintain_order=True, as_dict=True)
    for by, stratum in sorted(strata, key=_nth):
        known = {row["measure"]: row for row in strata[by, stratum].iter_rows(named=True)}
        f1 = known.get("pairs_f1", {"value": None, "n": 0})
        told = [f"pairs_f1 {_value(f1['value'])} of {f1['n']:,}"]
        measured = {name: known[name]["value"] for name in OF_STRATA if name in known}
        told += [f"{name} {_value(value)}" for name, value in measured.items() if value is not None]
        lines.append(f"{by} {stratum}: {', '.join(told)}")
    lines += ["", "Reliability of what is stated, by tenths:"]
    lines += [
        f"{row['probability']:<10}{row['low']:.1f} to {row['high']:.1f}: stated {row['stated']:.3f}, "
        f"true {row['true']:.3f} of {row['n']:,}"
        for row in found.calibration.iter_rows(named=True)
    ]
    return "\n".join(lines)


def _nth(of: tuple[object, ...]) -> tuple[object, int, object]:
    """Densities from the emptiest on, other strata by name."""
    by, stratum = of
    return by, DENSITIES.index(str(stratum)) if by == "density" else 0, stratum


def _value(value: float | None) -> str:
    return "-" if value is None else f"{value:,.3f}" if abs(value) < 100 else f"{value:,.0f}"


COMMANDS = (evaluate,)
