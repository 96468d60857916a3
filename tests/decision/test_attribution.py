from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from teisen.agreement import Agreement, load_agreement
from teisen.decision import limited
from teisen.judgement.schema import FINDING
from tests.case.small import AGREEMENT


def agreement(most: float | None) -> Agreement:
    text = AGREEMENT if most is None else f"{AGREEMENT}attribution: {{most: {most}}}\n"
    return load_agreement(text, "truce.yaml")


def findings(*attributions: dict[str, float], agreement_id: str = "truce") -> pl.DataFrame:
    rows: list[dict[str, Any]] = [
        {
            "finding_id": f"fnd-{n}",
            "subject": "incident",
            "subject_id": f"inc-{n}",
            "agreement_id": agreement_id,
            "provision_id": "hostilities",
            "reading_id": "one",
            "held_by": "party-a",
            "p_in_scope": 1.0,
            "p_violation": 1.0,
            "level": "likely",
            "reasons": [],
            "decides": 1,
            "explanation": "",
            "attribution": [{"party": party, "p": p} for party, p in given.items()],
        }
        for n, given in enumerate(attributions)
    ]
    return FINDING.hand_over(pl.DataFrame(rows, schema=FINDING.schema))


def said(frame: pl.DataFrame) -> list[dict[str, float]]:
    return [{a["party"]: a["p"] for a in row} for row in frame["attribution"]]


def test_what_is_above_the_limit_is_undetermined() -> None:
    frame = findings({"party-a": 0.9}, {"party-a": 0.2, "party-b": 0.6}, {})
    assert said(limited(frame, [agreement(0.5)], [])) == [{"party-a": 0.5}, {"party-a": 0.2, "party-b": 0.5}, {}]
    assert said(limited(frame, [agreement(0)], [])) == [{}, {}, {}]
    assert limited(frame, [agreement(None)], []).equals(frame)


def test_a_limit_holds_for_its_own_agreement_and_not_for_what_people_said() -> None:
    frame = findings({"party-a": 0.9})
    assert said(limited(frame, [agreement(0.5)], ["inc-0"])) == [{"party-a": 0.9}]
    other = findings({"party-a": 0.9}, agreement_id="other")
    assert said(limited(other, [agreement(0.5)], [])) == [{"party-a": 0.9}]


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_no_limit_makes_anybody_surer_and_parties_are_treated_alike(most: float, a: float, b: float) -> None:
    a, b = a / 2, b / 2
    one, other = said(
        limited(findings({"party-a": a, "party-b": b}, {"party-a": b, "party-b": a}), [agreement(most)], [])
    )
    assert all(one.get(party, 0) <= min(most, p) for party, p in (("party-a", a), ("party-b", b)))
    assert one.get("party-a") == other.get("party-b")
