"""When readings are in force, as reports show it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from teisen.agreement import load_agreement
from teisen.release.report import shown

AGREEMENT = """
format: teisen-agreement/1
id: truce
title: The truce
summary: A made-up truce.
parties:
  - {id: party-x, name: Xland}
  - {id: party-y, name: Yland}
statements:
  - {id: text, who: both, date: 2030-05-01, language: en, text: Let there be none., citation: made up, mark: background}
provisions:
  - id: halt
    title: No strikes
    text: {language: en, words: Let there be none., source: text}
    binds: [party-x, party-y]
    readings:
      - id: read-x
        title: As x reads it
        held_by: party-x
        rule:
          all_of:
            - during: {from: 2030-05-01, to: 2030-05-04T18:00, zone: Europe/Moscow}
            - is_kind: [attack]
      - id: read-y
        title: As y reads it
        held_by: party-y
        inherits: read-x
        rule:
          any_of:
            - during: {from: 2030-05-01, to: 2030-05-02}
            - during: {from: 2030-05-03}
"""


def test_windows_are_read_from_rules() -> None:
    (provision,) = shown(load_agreement(AGREEMENT, "truce.yaml")).provisions
    x, y = provision.readings
    start = datetime(2030, 4, 30, 21, tzinfo=UTC)
    assert (x.start, x.end) == (start, start + timedelta(days=3, hours=18))
    assert y.start == datetime(2030, 5, 1, tzinfo=UTC)
    assert [r.held_by for r in provision.readings] == ["party-x", "party-y"]
