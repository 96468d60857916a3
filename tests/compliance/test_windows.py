from __future__ import annotations

import numpy as np
import pytest

from teisen.agreement.predicates import AllOf, During
from teisen.compliance.windows import in_force
from tests.agreement.cases import agreed, rule_of

DAY_US = 86_400_000_000
STARTS = np.array([0, DAY_US], dtype=np.int64)


@pytest.mark.parametrize(("met", "share"), [("yes", 1.0), ("no", 0.0), ("unknown", 0.0)])
def test_a_condition_that_is_not_met_keeps_a_reading_out_of_force(met: str, share: float) -> None:
    rule = AllOf.model_validate({"all_of": [{"is_kind": ["attack"]}, {"provided": {"that": "it rains", "met": met}}]})
    assert in_force(rule, STARTS, STARTS + DAY_US).tolist() == [share, share]


def test_a_window_of_half_a_day_is_in_force_for_half_of_it() -> None:
    window = {"from": "1970-01-01T12:00", "to": "1970-01-02T00:00", "zone": "UTC"}
    rule = During.model_validate({"during": window})
    assert in_force(rule, STARTS, STARTS + DAY_US).tolist() == [0.5, 0.0]


MAY = np.array([(np.datetime64("2030-05-01") + n).astype("datetime64[us]").astype(np.int64) for n in range(31)])
"""Midnights (UTC) of May 2030."""
RULE = "{all_of: [{during: {from: 2030-05-01, to: 2030-05-11, zone: UTC}}, {is_kind: [attack]}]}"
START = (
    "[{id: start, title: The start, at: 2030-05-01T12:00, zone: UTC, source: s}, {id: open, title: Open, source: s}]"
)


@pytest.mark.parametrize(
    ("rule", "change", "share"),
    [
        (RULE, "", {1: 1, 10: 1, 11: 0}),
        (RULE, "what: extends, until: 2030-05-21T12:00", {10: 1, 11: 1, 21: 0.5, 22: 0}),
        (RULE, "what: suspends, from: 2030-05-03T18:00, to: 2030-05-05", {2: 1, 3: 0.75, 4: 0, 5: 1}),
        (RULE, "what: terminates, at: 2030-05-03", {2: 1, 3: 0}),
        (RULE, "what: amends, at: 2030-05-03, rule: {during: {to: 2030-05-05, zone: UTC}}", {3: 1, 4: 1, 5: 0}),
        (RULE, "what: amends, at: 2030-05-03, rule: {is_kind: [movement]}", {3: 1, 10: 1, 11: 0}),
        ("{after: {event: start, from_days: 1, to_days: 3}}", "", {1: 0, 2: 0.5, 3: 1, 4: 0.5, 5: 0}),
        ("{after: {event: open}}", "", {1: 0, 31: 0}),
        ("{in_force: {provision: q, reading: other}}", "", {1: 1, 10: 1, 11: 0}),
        ("{unless: {in_force: {provision: q, reading: other}}}", "", {1: 0, 10: 0, 11: 1}),
        ("{all_of: [{is_kind: [attack]}, {unless: {notified: {hours_before: 1}}}]}", "", {1: 1, 31: 1}),
        ("{any_of: [{after: {event: open}}, {is_kind: [attack]}]}", "", {1: 1, 31: 1}),
    ],
)
def test_days_in_force_follow_changes_events_and_other_provisions(
    rule: str, change: str, share: dict[int, float]
) -> None:
    changes = f"[{{id: x, {change}, zone: UTC, by: [a], source: s}}]" if change else "[]"
    known = "[x]" if change else "[]"
    days = in_force(rule_of(agreed(rule=rule, changes=changes, recognises=known, events=START)), MAY, MAY + DAY_US)
    assert {day: round(days[day - 1], 3) for day in share} == share
