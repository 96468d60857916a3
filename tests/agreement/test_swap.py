"""Exchange two parties' ids and names in what goes in: the same are exchanged in what comes out, and nothing else."""

from __future__ import annotations

import json
from itertools import combinations

import polars as pl
import pytest
import yaml

from teisen.agreement import contradictions, load_agreement, matrix, stated_allegations
from teisen.library import library
from tests.agreement import lawyers
from tests.whole_way.cases import exchanged

Pairs = dict[str, str]


def pairs(name: str) -> list[Pairs]:
    """Every pair of parties of an agreement: what is to be exchanged, ids and names."""
    parties = yaml.safe_load(lawyers.text(name))["parties"]
    return [{one["id"]: other["id"], one["name"]: other["name"]} for one, other in combinations(parties, 2)]


EVERY = [(name, pair) for name in lawyers.names() for pair in pairs(name)]


def as_text(frame: pl.DataFrame, swap: Pairs) -> list[str]:
    """Rows as text, exchanged."""
    rows = [json.dumps(row, default=str, ensure_ascii=False, sort_keys=True) for row in frame.to_dicts()]
    return [exchanged(row, swap) for row in rows]


def said(name: str, swap: Pairs) -> dict[str, pl.DataFrame]:
    """Everything that comes of an agreement and its cases, with ids and names exchanged in all that goes in."""
    agreement = load_agreement(exchanged(lawyers.text(name), swap), name)
    put = [case | {"by": exchanged(case["by"], swap)} if case.get("by") else case for case in lawyers.cases(name)]
    stated = stated_allegations(agreement, "00")
    judged = lawyers.judged(agreement, put, lawyers.ground(name, swap), stated)
    return {
        "findings": judged.findings,
        "partings": judged.partings,
        "allegations": stated,
        "matrix": matrix([agreement]),
        "contradictions": contradictions(agreement),
    }


@pytest.mark.parametrize(("name", "swap"), EVERY, ids=lambda v: v if isinstance(v, str) else "/".join(list(v)[:1]))
def test_names_exchanged_in_are_names_exchanged_out_and_nothing_else(name: str, swap: Pairs) -> None:
    ours, theirs = said(name, {}), said(name, swap)
    for table in ours:
        assert as_text(ours[table], {}) == as_text(theirs[table], swap), table


def test_every_agreement_of_the_library_has_cases_to_exchange() -> None:
    shipped = {path.stem for path in library("agreements").glob("*.yaml")}
    assert set(lawyers.names()) == shipped
