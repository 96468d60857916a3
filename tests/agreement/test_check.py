from __future__ import annotations

import pytest

from teisen.agreement import gaps, load_agreement
from teisen.errors import BadInput
from tests.agreement.cases import document

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


def test_what_no_count_can_answer_beside_a_quota_is_a_warning() -> None:
    quota = "            - more_than: {count: 3, unit: shots, per: day, zone: Europe/Paris}\n"
    asked = GOOD.replace("            - is_kind: [attack]\n", "            - is_kind: [attack]\n" + quota, 1)
    told = [gap.what for gap in gaps(load_agreement(asked, "test.yaml")) if "beside a quota" in gap.what]
    assert len(told) == 2  # under the reading that inherits it too
    assert "is_kind" in told[0]
    alone = load_agreement(asked.replace("            - is_kind: [attack]\n", "", 1), "test.yaml")
    assert not [gap for gap in gaps(alone) if "beside a quota" in gap.what]


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
        ("binds: [a, b]", "binds: a", "binds:", "a list is needed"),
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
        ("from: 2025-03-18", "from: 2025-03-30T02:30", "never shows that time"),
        ("from: 2025-03-18, to: 2025-04-18", "from: 2025-10-26T02:30, to: 2025-11-18", "shows that time twice"),
        (
            "            - during: {from: 2025-03-18, to: 2025-04-18, zone: Europe/Paris}\n",
            "            - more_than: {count: 2, unit: trucks, per: window}\n",
            "it counts over nothing",
        ),
    ],
)
def test_gaps_are_warned_of(old: str, new: str, says: str) -> None:
    assert gaps(load_agreement(GOOD, "test.yaml"), areas=["somewhere"]) == []
    found = gaps(load_agreement(GOOD.replace(old, new, 1), "test.yaml"), areas=["somewhere"])
    assert any(says in problem.what for problem in found), found


FULL = """\
format: teisen-agreement/1
id: full
title: Full
summary: A made-up agreement with everything.
parties: [{id: a, name: A}, {id: b, name: B}]
severities: [minor, grave]
clocks: {inquiry_hours: 24, finding_hours: 72}
statements:
  - {id: s, who: mediator, date: 2025-01-01, language: en, text: T, citation: C, mark: sourced}
events:
  - {id: start, title: The start, at: 2025-03-18, zone: UTC, source: s}
notices:
  - {id: n, by: a, given: 2025-03-18, zone: UTC, what: W, window: {from: 2025-04-01, zone: UTC}, source: s}
provisions:
  - id: p
    title: P
    text:
      - {language: en, words: W, source: s, from: 2025-03-18, zone: UTC}
      - {language: en, words: X, source: s, from: 2025-03-25, zone: UTC}
    binds: [a, b]
    severity: grave
    changes:
      - {id: longer, what: extends, until: 2025-05-18, zone: UTC, by: [a, mediator], source: s}
      - {id: other, what: amends, at: 2025-04-01, zone: UTC, by: [b], source: s, rule: {is_kind: [attack]}}
    readings:
      - id: one
        title: One
        held_by: a
        sources: [s]
        recognises: [longer, other]
        rule:
          all_of:
            - after: {event: start, to_days: 30}
            - is_kind: [attack]
            - unless: {notified: {hours_before: 24}}
            - bound_party:
      - {id: two, title: Two, held_by: b, sources: [s], recognises: [], inherits: one}
  - id: q
    title: Q
    text: {language: en, words: W, source: s}
    binds: [a, b]
    severity: minor
    readings:
      - id: qa
        title: QA
        held_by: a
        sources: [s]
        rule: {all_of: [{in_force: {provision: p, reading: one}}, {bound_party: }]}
      - {id: qb, title: QB, held_by: b, sources: [s], inherits: qa}
"""


def row(old: str) -> int:
    """The line on which a text of FULL stands, or ends."""
    return FULL[: FULL.index(old) + len(old.rstrip())].count("\n") + 1


def test_everything_an_agreement_can_say_loads_without_gaps() -> None:
    assert gaps(load_agreement(FULL, "full.yaml"), text=FULL) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("{event: start,", "{event: started,", "'started' is no event"),
        ("in_force: {provision: p,", "in_force: {provision: o,", "'o' is no provision"),
        ("p, reading: one}", "p, reading: three}", "'three' is no reading of the provision 'p'"),
        ("recognises: [longer, other]", "recognises: [longer, another]", "'another' is no change"),
        ("severity: minor", "severity: heavy", "'heavy' is no severity"),
        ("by: a, given", "by: c, given", "'c' is no party"),
        ("zone: UTC}, source: s}", "zone: UTC}, source: t}", "'t' is no statement"),
        ("at: 2025-03-18, zone: UTC, source: s", "at: 2025-03-18, zone: UTC, source: t", "'t' is no statement"),
        ("words: X, source: s", "words: X, source: t", "'t' is no statement"),
        ("by: [a, mediator], source: s", "by: [a, mediator], source: t", "'t' is no statement"),
        ("by: [a, mediator]", "by: [a, court]", "'court' is no party or speaker"),
        ("rule: {is_kind: [attack]}}", "rule: {bound_party: [c]}}", "'c' is no party"),
        ("rule: {is_kind: [attack]}}", "rule: {after: {event: end}}}", "'end' is no event"),
        ("what: extends, until", "what: extends, at", "`until:` is missing, `at:` does not belong here"),
        ("what: extends, until", "what: terminates, until", "needs `at:`"),
        ("what: extends, until", "what: suspends, until", "needs `from:`, and may have `to:`"),
        ("what: extends, until", "what: stretches, until", "write one of extends, suspends, terminates, amends"),
        ("s, rule: {is_kind", "s, ruel: {is_kind", "`rule:` is missing"),
        ("start, to_days: 30}", "start, from_days: 30, to_days: 30}", "has to be more than `from_days:`"),
        ("what: extends, until: 2025", "what: suspends, from: 2025-06-01, to: 2025", "has to be later than `from:`"),
        ("inquiry_hours: 24", "inquiry_hours: 100", "may not be less"),
        ("id: other, what", "id: longer, what", "the change id 'longer' stands twice"),
        (", from: 2025-03-25", "", "each needs `from:`"),
        ("from: 2025-03-25", "from: 2025-03-18", "the oldest first"),
    ],
)  # fmt: skip
def test_a_mistake_in_what_rules_hang_on_is_answered_with_its_line(old: str, new: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        load_agreement(FULL.replace(old, new, 1), "full.yaml")
    (problem,) = (one for one in caught.value.problems if says in str(one))
    of_the_whole = says.endswith(("stands twice", "each needs `from:`", "the oldest first"))
    assert problem.row == row("- id: p" if of_the_whole else old), problem


def test_a_change_with_wrong_keys_gets_one_message() -> None:
    with pytest.raises(BadInput) as caught:
        load_agreement(FULL.replace("what: extends, until", "what: terminates, until", 1), "full.yaml")
    assert len(caught.value.problems) == 1


def test_provisions_may_not_be_in_force_by_each_other() -> None:
    text = FULL.replace("after: {event: start, to_days: 30}", "in_force: {provision: q, reading: qb}")
    with pytest.raises(BadInput, match="p/one, q/qb: each is in force by another in a circle") as caught:
        load_agreement(text, "full.yaml")
    assert caught.value.problems[0].row == row("- id: one")
    assert caught.value.problems[0].do == "Give one of them its own window."


def test_an_amendment_may_make_a_circle_too() -> None:
    text = FULL.replace("rule: {is_kind: [attack]}}", "rule: {in_force: {provision: q, reading: qa}}}")
    with pytest.raises(BadInput, match="in a circle"):
        load_agreement(text, "full.yaml")
    load_agreement(text.replace("recognises: [longer, other]", "recognises: [longer]"), "full.yaml")


def test_an_amendment_of_what_stands_twice_is_refused() -> None:
    text = FULL.replace("- bound_party:\n      - {id: two", "- is_kind: [fire]\n      - {id: two")
    with pytest.raises(
        BadInput, match="the change 'other' amends 'is_kind', which stands there more than once"
    ) as caught:
        load_agreement(text, "full.yaml")
    assert caught.value.problems[0].row == row("- id: one")


@pytest.mark.parametrize(
    ("old", "new", "where", "says"),
    [
        ("binds: [a, b]", "binds: []", "binds: [", "nobody is bound"),
        ("    severity: grave\n", "", "- id: p", "no severity"),
        ("at: 2025-03-18, zone: UTC, ", "", "id: start", "not known to have happened"),
        ("at: 2025-03-18, zone: UTC, ", "at: 2025-03-18, ", "id: start", "names no zone"),
        ("given: 2025-03-18, zone: UTC", "given: 2025-03-18", "{id: n,", "names no zone"),
        ("            - unless: {notified: {hours_before: 24}}\n", "", "{id: n,", "no rule asks for notices"),
        ("until: 2025-05-18, zone: UTC", "until: 2025-05-18", "{id: longer", "names no zone"),
        ("recognises: [longer, other]", "recognises: [other]", "{id: longer", "no reading recognises"),
        ("recognises: [], ", "", "{id: two", "whether it recognises longer, other"),
        ("until: 2025-05-18", "until: 2025-04-10", "recognises: [longer", "'longer' changes nothing"),
        ("- after: {event: start, to_days: 30}", "- during: {from: 2025-03-18, to: 2025-04-18}", "- after:", "no zone"),
        ("sources: [s], inherits: qa", "inherits: qa", "{id: qb", "no source"),
        (FULL[FULL.index("    readings:\n      - id: qa") :], "", "- id: q\n", "it has no reading"),
        (", to_days: 30", "", "rule:\n", "no end"),
        ("from: 2025-03-25, zone: UTC}", "from: 2025-03-25}", "    text:\n", "names no zone"),
    ],
)
def test_gaps_carry_their_line(old: str, new: str, where: str, says: str) -> None:
    text = FULL.replace(old, new, 1)
    found = [gap for gap in gaps(load_agreement(text, "full.yaml"), file="full.yaml", text=text) if says in gap.what]
    at = text if where in text else FULL
    assert at[: at.index(where)].count("\n") + 1 in {gap.row for gap in found}, found
    assert all(str(gap).startswith(f"full.yaml, line {gap.row}, ") for gap in found)


def test_a_call_that_one_position_describes_carries_its_line() -> None:
    more = """\
terms: [{id: t, title: T}]
positions:
  - {id: x, who: a, term: t, stance: accepts, statement: s, about_call: call}
"""
    (gap,) = gaps(load_agreement(FULL + more, "full.yaml"), text=FULL + more)
    assert (gap.row, gap.column) == (FULL.count("\n") + 3, "x")


def test_an_event_that_no_rule_counts_from_may_be_open() -> None:
    text = document(events="[{id: e, title: E, source: s}]")
    assert not [gap for gap in gaps(load_agreement(text, "test.yaml")) if "happened" in gap.what]
