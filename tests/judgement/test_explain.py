"""The sentence of a finding where a change or something that the rule hangs on decides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from teisen.judgement import judge
from tests.agreement.cases import RULE, agreed
from tests.judgement.cases import allegations, ground, incident, incidents

START = "[{id: start, title: The start, at: 2030-05-01, zone: UTC, source: s}, {id: open, title: Rain, source: s}]"
HEIR = "      - {id: all, title: All, held_by: b, sources: [s], recognises: [], rule: {during: {from: 2030-01-01}}}"
"""A reading under which everything is in scope, so that findings are kept under each."""


@pytest.mark.parametrize(
    ("rule", "change", "day", "says"),
    [
        (RULE, "", "2030-04-30", "Outside the window: it began on 1 May 2030 00:00 (UTC)."),
        (RULE, "", "2030-05-12", "Outside the window: it ended on 11 May 2030 00:00 (UTC)."),
        (
            RULE,
            "what: extends, until: 2030-05-21",
            "2030-05-22",
            "Outside the window: extended by a, it ended on 21 May 2030 00:00 (UTC).",
        ),
        (
            RULE,
            "what: extends, until: 2030-05-21",
            "2030-04-30",
            "Outside the window: it began on 1 May 2030 00:00 (UTC).",
        ),
        (RULE, "what: extends, until: 2030-05-21", "2030-05-20", "In scope under this reading in all possible worlds."),
        (
            RULE,
            "what: suspends, from: 2030-05-03, to: 2030-05-05",
            "2030-05-04",
            "Out of scope: the provision was suspended from 3 May 2030 00:00 up to 5 May 2030 00:00 (UTC) by a.",
        ),
        (
            RULE,
            "what: terminates, at: 2030-05-03",
            "2030-05-04",
            "Out of scope: the provision was terminated on 3 May 2030 00:00 (UTC) by a.",
        ),
        (
            RULE,
            "what: amends, at: 2030-05-03, rule: {during: {to: 2030-05-05, zone: UTC}}",
            "2030-05-06",
            "Outside the window: it ended on 5 May 2030 00:00 (UTC).",
        ),
        (
            "{after: {event: start, from_days: 2, to_days: 3}}",
            "",
            "2030-05-02",
            "Outside the window counted from 'The start': it began on 3 May 2030 00:00 (UTC).",
        ),
        (
            "{after: {event: start, from_days: 2, to_days: 3}}",
            "",
            "2030-05-05",
            "Outside the window counted from 'The start': it ended on 4 May 2030 00:00 (UTC).",
        ),
        ("{after: {event: open}}", "", "2030-05-05", "Out of scope: 'Rain' is not known to have happened."),
        (
            "{in_force: {provision: q, reading: other}}",
            "",
            "2030-05-12",
            (
                "Out of scope: 'Q' was not in force, as 'Other' has it. "
                "Outside the window: it ended on 11 May 2030 00:00 (UTC)."
            ),
        ),
        (
            "{unless: {notified: {hours_before: 24}}}",
            "",
            "2030-05-05",
            "Out of scope by an exception: whoever did it gave notice of it at least 24 hours before.",
        ),
    ],
)
def test_it_names_what_decides(rule: str, change: str, day: str, says: str) -> None:
    changes = f"[{{id: x, {change}, zone: UTC, by: [a], source: s}}]" if change else "[]"
    notice = "{id: n, by: a, given: 2030-05-01, what: W, window: {from: 2030-05-05, to: 2030-05-06}, source: s}"
    known = "[x]" if change else "[]"
    agreement = agreed(rule=rule, changes=changes, recognises=known, events=START, notices=f"[{notice}]", more=HEIR)
    start = datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(hours=6)
    row = incident(start=start, actors=[{"party": "a", "p": 1.0}])
    found = judge(incidents(row), allegations(), [agreement], ground()).findings
    assert found.filter(reading_id="one")["explanation"].to_list() == [says]
