from __future__ import annotations

import pytest

from teisen.agreement import gaps, load_agreement
from teisen.errors import BadInput

GOOD = """\
format: teisen-agreement/1
id: test
title: Test
summary: A made-up agreement.
parties: [{id: a, name: A}, {id: b, name: B}]
statements:
  - {id: s, who: a, date: 2025-01-01, language: en, text: T, citation: C, mark: sourced}
provisions:
  - id: p
    title: P
    text: {language: en, words: W, source: s}
    binds: [a, b]
    readings:
      - id: one
        title: One
        held_by: a
        sources: [s]
        rule:
          all_of:
            - during: {from: 2025-03-18, to: 2025-04-18, zone: Europe/Paris}
            - is_kind: [attack]
            - bound_party:
      - {id: two, title: Two, held_by: b, sources: [s], inherits: one}
"""


def line(text: str) -> int:
    return next(n for n, row in enumerate(GOOD.splitlines(), 1) if text in row)


@pytest.mark.parametrize(
    ("old", "new", "where", "says"),
    [
        ("during:", "durring:", "during:", "write `during:`"),
        ("[attack]", "[atack]", "[attack]", "write `attack`"),
        ("Europe/Paris", "Europe/Pariss", "Europe/Paris", "IANA"),
        ("to: 2025-04-18", "to: 2025-02-18", "during:", "later than `from:`"),
        ("from: 2025-03-18", "from: 18 March", "during:", "write a date as"),
        ("inherits: one", "inherits: ones", "id: p", "no reading of this provision"),
        ("held_by: a", "heldby: a", "held_by: a", "Write `held_by:`"),
        ("binds: [a, b]", "binds: [a, c]", "binds:", "'c' is no party"),
        ("source: s}", "source: t}", "text: {", "'t' is no statement"),
        ("id: two", "id: one", "id: p", "stands twice"),
    ],
)
def test_a_mistake_is_answered_with_its_line_and_what_to_write(old: str, new: str, where: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        load_agreement(GOOD.replace(old, new, 1), "test.yaml")
    assert any(says in str(problem) for problem in caught.value.problems), caught.value
    assert line(where) in {problem.row for problem in caught.value.problems}, caught.value
    assert all(problem.file == "test.yaml" and problem.do for problem in caught.value.problems)


def test_a_rule_that_joins_two_predicates_without_saying_how_is_refused() -> None:
    text = GOOD.replace("            - bound_party:\n", "              bound_party:\n")
    with pytest.raises(BadInput, match="join several under `all_of:`"):
        load_agreement(text, "test.yaml")


def test_readings_may_not_inherit_in_a_circle() -> None:
    rule = GOOD[GOOD.index("        rule:") : GOOD.index("      - {id: two")]
    text = GOOD.replace(rule, "        inherits: two\n")
    with pytest.raises(BadInput, match="in a circle"):
        load_agreement(text, "test.yaml")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("binds: [a, b]", "binds: []", "nobody is bound"),
        (", zone: Europe/Paris", "", "names no zone"),
        ("        sources: [s]\n", "", "no source"),
        ("            - during: {from: 2025-03-18, to: 2025-04-18, zone: Europe/Paris}\n", "", "no window"),
        (", to: 2025-04-18", "", "no end"),
        ("      - {id: two, title: Two, held_by: b, sources: [s], inherits: one}\n", "", "no reading stated by b"),
        ("            - bound_party:\n", "", "does not ask who did it"),
        ("- is_kind: [attack]", "- within: {areas: [nowhere]}", "knows no area 'nowhere'"),
    ],
)
def test_gaps_are_warned_of(old: str, new: str, says: str) -> None:
    assert gaps(load_agreement(GOOD, "test.yaml"), areas=["somewhere"]) == []
    found = gaps(load_agreement(GOOD.replace(old, new, 1), "test.yaml"), areas=["somewhere"])
    assert any(says in problem.what for problem in found), found
