"""What changed between two versions of a plan, as sentences, in the language that is being spoken."""

from __future__ import annotations

import polars as pl

from teisen.languages import say
from teisen.planning.difference import PLAN_CHANGE


def sentences(changes: pl.DataFrame) -> list[str]:
    """A sentence for each change (PLAN_CHANGE), in the order of the table."""
    return [_sentence(**row) for row in changes.select(PLAN_CHANGE.schema.names()).iter_rows(named=True)]


def part_title(part: str) -> str:
    """A part of the document in words."""
    return {
        "placement": say("placement"),
        "promises": say("promises"),
        "rules": say("rules"),
        "watched": say("what is watched"),
        "conditions": say("hours and weather"),
        "assumptions": say("figures without a source"),
        "catalogue": say("sensor catalogue"),
        "line": say("line"),
        "ground": say("ground"),
        "margins": say("worth of one more"),
        "title": say("title"),
    }.get(part, part)


def _sentence(*, part: str, item: str, change: str, field: str, before: str | None, after: str | None) -> str:
    where = part_title(part)
    if change == "added":
        return say("New in {part}: {item} ({what}).", part=where, item=item or part, what=after)
    if change == "removed":
        return say("Gone from {part}: {item} ({what}).", part=where, item=item or part, what=before)
    what = f"{item}, {field}" if item else field
    return say("In {part}, {what} is {after}; it was {before}.", part=where, what=what, after=after or "–",
               before=before or "–")  # fmt: skip
