"""A released case for the formats: the made-up truce, with an agreement that has windows, events and notices."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl

from teisen.agreement import Agreement, load_agreement
from teisen.release import Policy, Released, release
from tests.outward import secret
from tests.release.made_up import about, tables

LATER = datetime(2030, 5, 7, 12, tzinfo=UTC)
TERMS = """
format: teisen-agreement/1
id: truce
title: The truce
summary: Both cease fire.
parties:
  - {id: party-x, name: Xland}
  - {id: party-y, name: Yland}
statements: [{id: both, who: party-x, date: 2030-04-30, language: en, text: T, citation: C, mark: sourced}]
clocks: {inquiry_hours: 12, finding_hours: 48}
events:
  - {id: signed, title: The truce was signed, at: 2030-04-30T10:00, source: both}
  - {id: unknown, title: Something that may not have happened, source: both}
notices:
  - id: exercise
    by: party-x
    given: 2030-05-01
    what: an exercise; of two, days
    window: {from: 2030-05-05T06:00, to: 2030-05-06T18:00, zone: Europe/Kyiv}
    source: both
provisions:
  - id: halt
    title: No strikes
    text: {language: en, words: "Let there be none, from 1 May; on either side.", source: both}
    binds: [party-x, party-y]
    readings:
      - id: read-x
        held_by: party-x
        title: From the first day
        sources: [both]
        rule: {during: {from: 2030-05-01, to: 2030-05-04, zone: Europe/Kyiv}}
      - id: read-y
        held_by: party-y
        title: From the third day, without end
        sources: [both]
        rule: {during: {from: 2030-05-03}}
"""


def agreement() -> Agreement:
    return load_agreement(TERMS, "truce.yaml")


def released(audience: str = "public", **more: Any) -> Released:
    given = tables() | more
    return release(given, Policy.model_validate({}), audience, LATER, about().sources, secret=secret)


def hostile(frame: pl.DataFrame) -> pl.DataFrame:
    """Incidents whose title would break out of every format."""
    return frame.with_columns(title=pl.lit('<b>&amp;"]]>\x07\r\nBEGIN:VEVENT, =cmd|"; \u2028 вибух 停戦'))
