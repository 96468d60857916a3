"""The command claims: what each party alleged, whether its arithmetic holds, and what became of it."""

from __future__ import annotations

from typing import Any

import polars as pl

from teisen.case import Case, stored
from teisen.cli.terminal import HERE, AsJson, CaseFolder, result
from teisen.errors import BadInput, Problem
from teisen.release.report import claims as shown
from teisen.release.report import words
from teisen.release.report.amounts import amount

TOLD = ("start", "end", "quantity", "unit", "components", "components_gap", "flags", "source_id", "native_id")


def claims(case: CaseFolder = HERE, as_json: AsJson = False) -> None:
    """Say what each party alleged: totals with their arithmetic, and what became of all of it, given who could look."""
    opened = Case.open(case)
    tables = stored.read_tables(opened.derived)
    if "corroboration" not in tables:
        problem = Problem(str(opened.derived), 0, "", "no allegation is weighed there", "Run `teisen derive` first.")
        raise BadInput(problem)
    file, overall = opened.definitions.case, tables["corroboration"].sort("nth")
    weighed = (
        tables["outcome"]
        .select("allegation_id", "outcome", "explanation")
        .join(tables["allegation"], on="allegation_id")
    )
    order = ("start", "end", "quantity", "allegation_id")
    totals = weighed.filter(pl.col("flags").list.contains("party_total")).sort(order)
    gaps = weighed.filter(pl.col("components_gap").is_not_null() & (pl.col("components_gap") != 0)).sort(order)
    values = {
        "corroboration": overall.to_dicts(),
        "totals": totals.select("accuser", "accused", *TOLD, "outcome", "explanation").to_dicts(),
        "gaps": gaps.select("accuser", "accused", *TOLD).to_dicts(),
    }
    parts: list[str] = []
    for party in file.parties:
        mine = pl.col("accuser") == party.id
        row = overall.filter(mine, pl.col("reading_id") == "*").row(0, named=True)
        says = shown.overall_says(row) or "No statement against others is on record."
        mentioned = totals["allegation_id"].implode()
        lines = [f"{_stated(one, file.zone)} {one['explanation']}" for one in totals.filter(mine).iter_rows(named=True)]
        lines += [
            f"{_stated(one, file.zone)} Read from {one['source_id']}."
            for one in gaps.filter(mine & ~pl.col("allegation_id").is_in(mentioned)).iter_rows(named=True)
        ]
        parts.append("\n".join([f"{party.name} alleges", f"  {says}", *(f"  - {line}" for line in lines)]))
    result(values, "\n\n".join(parts), as_json)


def _stated(row: dict[str, Any], zone: str) -> str:
    """What was stated, with its arithmetic where the parts don't add up to the total."""
    gap = shown.gap_says(row["components_gap"])
    number = amount(row["quantity"], row["unit"]) or "no number"
    return f"{words.window(row['start'], row['end'], zone)}: {number}{f'; {gap}' if gap else ''}."


COMMANDS = (claims,)
