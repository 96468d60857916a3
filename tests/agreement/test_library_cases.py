"""The cases that a lawyer would put to each agreement of the library, with the answer of every reading."""

from __future__ import annotations

from typing import Any

import pytest

from tests.agreement import lawyers

CASES = [(name, case) for name in lawyers.names() for case in lawyers.cases(name)]
FEWEST = 8


@pytest.mark.parametrize(("name", "case"), CASES, ids=lambda v: v["id"] if isinstance(v, dict) else v)
def test_each_reading_answers_as_a_lawyer_expects(name: str, case: dict[str, Any]) -> None:
    found = lawyers.answers(name)[case["id"]]
    for provision, readings in case["expect"].items():
        for reading, expected in readings.items():
            answer = found[provision, reading]
            if expected == "in":
                assert answer.p == 1, (case["id"], provision, reading, answer)
            else:
                assert answer.p == 0, (case["id"], provision, reading, answer)
                assert expected.removeprefix("out by ") in answer.decides, (case["id"], provision, reading, answer)


@pytest.mark.parametrize("name", lawyers.names())
def test_a_file_puts_enough_cases_and_every_reading_is_asked_on_both_sides(name: str) -> None:
    cases = lawyers.cases(name)
    assert len(cases) >= FEWEST
    assert len({case["id"] for case in cases}) == len(cases)
    assert all(case["why"] for case in cases)
    asked: dict[tuple[str, str], set[bool]] = {}
    for case in cases:
        for provision, readings in case["expect"].items():
            for reading, expected in readings.items():
                asked.setdefault((provision, reading), set()).add(expected == "in")
    agreement = lawyers.agreement(name)
    every = {(provision.id, reading.id) for provision in agreement.provisions for reading in provision.readings}
    assert {key for key, sides in asked.items() if len(sides) == 2} == every
