"""Digests of terms: what a finding rests on changes them, what it does not leaves them."""

from __future__ import annotations

import pytest

from teisen.case.terms import digests
from tests.agreement.cases import document

HUNG = document(
    rule="{all_of: [{after: {event: e}}, {unless: {notified: {hours_before: 1}}}]}",
    events="[{id: e, title: Begin, at: 2030-05-01, zone: UTC, source: s}, {id: f, title: Rain, source: s}]",
    notices="""[{id: n, by: a, given: 2030-05-01, zone: UTC, what: Lorries, source: s,
        window: {from: 2030-05-02, zone: UTC}}]""",
    changes="""[{id: x, what: extends, until: 2030-05-21, zone: UTC, by: [a], source: s, note: Why},
        {id: y, what: amends, at: 2030-05-03, zone: UTC, by: [b], source: s, rule: {after: {event: f}}}]""",
    recognises="[x]",
    other="{in_force: {provision: p, reading: two}}",
    more="      - {id: two, title: Two, held_by: b, sources: [s], recognises: [y], inherits: one}",
)
ONE, TWO, OTHER = "p/one", "p/two", "q/other"


def changed(old: str, new: str) -> set[str]:
    """Pieces whose digest another text changes."""
    assert old in HUNG
    before, after = digests(HUNG, "t.yaml"), digests(HUNG.replace(old, new, 1), "t.yaml")
    assert before.keys() == after.keys()
    return {piece for piece in before if before[piece] != after[piece]}


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        ("title: Begin", "title: Start", set()),
        ("at: 2030-05-01", "at: 2030-05-02", {ONE, TWO, OTHER}),
        ("{id: f, title: Rain", "{id: f, at: 2030-05-02, title: Rain", {TWO, OTHER}),
        ("what: Lorries", "what: Tanks", set()),
        ("given: 2030-05-01", "given: 2030-05-02", {ONE, TWO, OTHER}),
        ("note: Why", "note: Why not", set()),
        ("until: 2030-05-21", "until: 2030-05-22", {ONE}),
        ("at: 2030-05-03", "at: 2030-05-04", {TWO, OTHER}),
        ("recognises: [x]", "recognises: [x, y]", {ONE}),
        ("recognises: [x]", "recognises: []", {ONE}),
        ("reading: two", "reading: one", {OTHER}),
        ("events:", "clocks: {inquiry_hours: 24}\nevents:", set()),
        ("events:", "severities: [minor]\nevents:", {""}),
        ("text: T,", "text: Told,", set()),
    ],
)
def test_a_piece_covers_what_its_findings_rest_on_and_no_more(old: str, new: str, pieces: set[str]) -> None:
    assert changed(old, new) == pieces


def test_a_change_that_nobody_recognises_is_in_no_piece() -> None:
    text = HUNG.replace("recognises: [y]", "recognises: []").replace("recognises: [x]", "recognises: []")
    assert digests(text, "t.yaml") == digests(text.replace("2030-05-21", "2031-05-21"), "t.yaml")


PINNED = {
    "allegations:": "4f53cda18c2b",
    "": "05928dc46e70",
    "p": "4b466f593e23",
    "p/one": "e0daa143eb43",
    "p/two": "d51924f271e4",
}
"""As the version before changes and conditions gave them."""


def test_terms_without_changes_and_conditions_keep_the_digests_that_earlier_versions_gave() -> None:
    text = """\
parties: [{id: a, name: A}]
provisions:
  - id: p
    title: P
    readings:
      - {id: one, title: One, rule: {is_kind: [attack]}}
      - {id: two, title: Two, inherits: one}
"""
    assert {piece: digest[:12] for piece, digest in digests(text, "t.yaml").items()} == PINNED
