"""A made-up agreement for tests of rules, and worlds that know their time, kind, place and actor exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from teisen.agreement import Agreement, Bools, Composite, Leaf, Predicate, load_agreement

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RULE = "{during: {from: 2030-05-01, to: 2030-05-11, zone: UTC}}"


def document(
    *,
    rule: str = RULE,
    changes: str = "[]",
    recognises: str = "[]",
    events: str = "[]",
    notices: str = "[]",
    other: str = RULE,
    more: str = "",
) -> str:
    """YAML of an agreement: the provision ``p`` with the reading ``one``, and ``q`` with the reading ``other``."""
    return f"""\
format: teisen-agreement/1
id: test
title: Test
summary: A made-up agreement.
parties: [{{id: a, name: A}}, {{id: b, name: B}}]
statements: [{{id: s, who: mediator, date: 2030-05-01, language: en, text: T, citation: C, mark: sourced}}]
events: {events}
notices: {notices}
provisions:
  - id: p
    title: P
    text: {{language: en, words: W, source: s}}
    binds: [a, b]
    changes: {changes}
    readings:
      - {{id: one, title: One, held_by: a, sources: [s], recognises: {recognises}, rule: {rule}}}
{more}
  - id: q
    title: Q
    text: {{language: en, words: W, source: s}}
    binds: [a, b]
    readings: [{{id: other, title: Other, held_by: a, sources: [s], rule: {other}}}]
"""


def agreed(**parts: str) -> Agreement:
    """The agreement of :func:`document`."""
    return load_agreement(document(**parts), "test.yaml")


def rule_of(agreement: Agreement, reading: str = "one") -> Predicate:
    """The whole rule of a reading of the first provision."""
    provision = agreement.provisions[0]
    return agreement.rule(provision, provision.reading(reading))


@dataclass(frozen=True)
class Exact:
    """One world a subject: when it was, what it was, where and who did it."""

    moments: Sequence[datetime]
    kind: str = "shelling"
    area: str = "zone-1"
    actor: str = "a"

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.moments), 1

    def during(self, start_us: int | None, end_us: int | None) -> Bools:
        us = np.array([[(moment - EPOCH) // timedelta(microseconds=1)] for moment in self.moments])
        after = us >= start_us if start_us is not None else np.ones(us.shape, bool)
        return after & (us < end_us) if end_us is not None else after

    def within(self, areas: tuple[str, ...]) -> Bools:
        return np.full(self.shape, self.area in areas)

    def near(self, classes: tuple[str, ...], distance_m: float) -> Bools:
        raise NotImplementedError

    def target_is(self, classes: tuple[str, ...]) -> Bools:
        raise NotImplementedError

    def is_kind(self, kinds: tuple[str, ...]) -> Bools:
        return np.full(self.shape, self.kind in kinds)

    def done_by(self, parties: tuple[str, ...]) -> Bools:
        return np.full(self.shape, self.actor in parties)


def holds(rule: Predicate, worlds: Exact) -> Bools:
    """Whether a rule holds for each subject."""

    def asked(part: Predicate) -> Bools:
        if isinstance(part, Composite):
            return part.combine([asked(inner) for inner in part.parts])
        assert isinstance(part, Leaf)
        return part.holds(worlds)

    return asked(rule)[:, 0]


def utc(text: str) -> datetime:
    """A moment in UTC: 2030-05-01 or 2030-05-01T12:00."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def border(rule: Predicate, moment: str, **of: str) -> tuple[bool, bool]:
    """Whether a rule holds a minute before a moment (UTC), and at it."""
    before, at = holds(rule, Exact([utc(moment) - MINUTE, utc(moment)], **of))
    return bool(before), bool(at)
