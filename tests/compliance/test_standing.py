"""What a reading forbids at any time: its own clock is left out, however it was written or changed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from teisen.agreement import Agreement
from teisen.compliance.standing import standing
from tests.agreement.cases import agreed
from tests.judgement.cases import NOON, ground, incident, incidents

WINDOW = "{during: {from: 2025-04-10, to: 2025-04-20}}"
CHANGE = "[{{id: c, by: [a], source: s, {}}}]"


def agreement(clock: str, changes: str = "[]", rest: str = "{is_kind: [attack]}") -> Agreement:
    events = "[{id: signed, title: E, at: 2025-04-10, source: s}, {id: awaited, title: E, source: s}]"
    rule, recognises = f"{{all_of: [{rest}, {clock}]}}", "[]" if changes == "[]" else "[c]"
    return agreed(rule=rule, changes=changes, recognises=recognises, events=events, other=WINDOW)


def forbidden(of: Agreement) -> list[float]:
    """P(violation) of what happened long before, within and long after the window."""
    days = (-90, 10, 90)
    happened = incidents(*(incident(f"inc-{n}", start=NOON + timedelta(days=d)) for n, d in enumerate(days)))
    found = {
        row["subject_id"]: row["p_violation"]
        for row in standing(happened, [of], ground()).iter_rows(named=True)
        if row["provision_id"] == "p"
    }
    return [found.get(f"inc-{n}", 0.0) for n in range(len(days))]


@pytest.mark.parametrize(
    "clock",
    [
        WINDOW,
        "{after: {event: signed, to_days: 10}}",
        "{after: {event: awaited}}",
        "{in_force: {provision: q, reading: other}}",
        "{provided: {that: all is well, met: unknown}}",
    ],
)
def test_whatever_tells_when_it_holds_is_left_out(clock: str) -> None:
    assert forbidden(agreement(clock)) == [0.9, 0.9, 0.9]


@pytest.mark.parametrize(
    "what",
    [
        "what: extends, until: 2025-04-25",
        "what: suspends, from: 2025-04-11, to: 2025-04-13",
        "what: terminates, at: 2025-04-15",
        "what: amends, at: 2025-04-15, rule: {during: {from: 2025-04-10, to: 2025-04-30}}",
    ],
)
def test_so_is_the_clock_of_a_change(what: str) -> None:
    assert forbidden(agreement(WINDOW, CHANGE.format(what))) == [0.9, 0.9, 0.9]


def test_an_exception_keeps_its_window_and_an_amendment_its_moment() -> None:
    exception = "{unless: {during: {from: 2025-04-10, to: 2025-04-20}}}"
    assert forbidden(agreement(WINDOW, rest=exception)) == [0.9, 0.0, 0.9]
    amended = CHANGE.format("what: amends, at: 2025-04-15, rule: {is_kind: [shelling]}")
    assert forbidden(agreement(WINDOW, amended)) == [0.9, 0.9, 0.0]
