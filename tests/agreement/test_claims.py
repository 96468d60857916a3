"""Every claim of the parties that was reported stands in the library, as stated, with its source and its arithmetic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from teisen.agreement import stated_allegations
from teisen.library import library
from tests.agreement import lawyers

EVERY: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("claims.yaml").read_text(encoding="utf-8"))
CLAIMS = [claim for claim in EVERY if "statement" not in claim]
OTHERS = [claim for claim in EVERY if "statement" in claim]
OTHER = {"party-a": "party-b", "party-b": "party-a"}


def stated(name: str) -> tuple[list[dict[str, Any]], dict[str, str]]:
    agreement = lawyers.agreement(name)
    citations = {statement.id: statement.citation for statement in agreement.statements}
    return stated_allegations(agreement, "00").to_dicts(), {a.id: citations[a.source] for a in agreement.allegations}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: f"{c['agreement']} {c['by']} {c['quantity']}")
def test_it_is_kept_as_stated_with_its_arithmetic(claim: dict[str, Any]) -> None:
    rows, citations = stated(claim["agreement"])
    unit = claim.get("unit", "violations")
    (row,) = [
        row for row in rows if (row["accuser"], row["quantity"], row["unit"]) == (claim["by"], claim["quantity"], unit)
    ]
    assert row["accused"] == claim.get("against", OTHER.get(claim["by"]))
    assert {part["label"]: part["quantity"] for part in row["components"]} == claim.get("parts", {})
    assert row["components_gap"] == claim.get("gap")
    assert ("more_than" in row["flags"]) == (claim.get("is") == "more_than")
    assert "party_total" in row["flags"]
    assert claim["source"] in citations[row["native_id"]]
    notes = {allegation.id: allegation.note for allegation in lawyers.agreement(claim["agreement"]).allegations}
    assert claim.get("note", "") in (notes[row["native_id"]] or "")


@pytest.mark.parametrize("claim", OTHERS, ids=lambda c: f"{c['agreement']} {c['statement']}")
def test_a_count_of_one_who_is_no_party_stands_as_a_statement_and_accuses_nobody(claim: dict[str, Any]) -> None:
    agreement = lawyers.agreement(claim["agreement"])
    statement = next(one for one in agreement.statements if one.id == claim["statement"])
    assert (statement.who, statement.mark) == (claim["by"], "sourced")
    assert [figure for figure in claim["says"] if figure not in statement.text] == []
    assert claim["source"] in statement.citation
    assert claim["statement"] not in {allegation.source for allegation in agreement.allegations}


def test_the_library_states_no_other() -> None:
    names = [path.stem for path in library("agreements").glob("*.yaml")]
    assert sum(len(stated(name)[0]) for name in names) == len(CLAIMS)
