"""A nought under a provision that binds one side, where nobody is ever named, is told before it is taken for calm."""

from __future__ import annotations

import pytest

from teisen.case import parse_definitions, unnamed
from tests.case.test_definitions import TEXTS
from tests.compliance.test_assess import incidents

PATH = "agreements/truce.yaml"
BOTH = "binds: [party-a, party-b]"


def told(binds: str, *actors: str, kind: str = "missile-strike") -> list[str]:
    text = TEXTS[PATH].replace(BOTH.encode(), binds.encode(), 1)
    assert (text != TEXTS[PATH]) is (binds != BOTH)
    happened = incidents({"kind": kind, "actors": [{"party": party, "p": 0.6} for party in actors]}, {"kind": kind})
    texts = TEXTS | {PATH: text}
    return [str(problem) for problem in unnamed(parse_definitions(texts), texts, happened)]


@pytest.mark.parametrize("party", ["party-a", "party-b"])
def test_a_provision_that_binds_one_party_whom_no_source_names_is_told(party: str) -> None:
    other = "party-b" if party == "party-a" else "party-a"
    (found,) = told(f"binds: [{party}]", other)
    assert found.startswith("agreements/truce.yaml, line ")
    assert f"binds {party} alone, and of 2 uses of force no source says that {party} did it" in found
    assert told(f"binds: [{party}]", party) == []


def test_where_every_party_is_bound_or_no_force_was_used_nothing_is_told() -> None:
    assert told(BOTH) == []
    assert told("binds: [party-a]", kind="fire") == []
