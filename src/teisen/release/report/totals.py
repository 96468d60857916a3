"""How many violations there were in all, those that everybody missed included: each way of telling it, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from teisen.compliance.missed import WARNINGS
from teisen.languages import say, say_again, text
from teisen.release.report import words
from teisen.release.report.days import Days
from teisen.release.report.terms import ReadingOfDay, as_read, under

METHODS = {
    "capture": text("By who saw what (capture and recapture)"),
    "floor": text("At least (lower bound)"),
    "latent": text("By classes of how easily violations are seen (latent classes)"),
    "effort": text("By how well one looked (detection)"),
}
"""The ways, in the order in which they are told."""
ELSEWHERE = 0.5
"""Violations found beyond what a way of telling counts, from which on that is said."""
OF_WATCHED = text(
    "It is of places and days that some source watched; {rest} of the {found} found lie where next to nobody could see "
    "one, and are not in it."
)
"""Of a way of telling that leaves out what was found where nobody watched."""
COLUMNS = ("method", "start", "end", "seen", "low", "middle", "high", "word", "warnings")


@dataclass(frozen=True)
class Totals:
    """What is told of one reading: ``lines`` of a way and what it says, and rows of numbers, one a way."""

    label: str
    title: str
    span: str
    lines: tuple[tuple[str, str], ...]
    rows: tuple[tuple[object, ...], ...]


def of_readings(days: Days, readings: list[ReadingOfDay]) -> tuple[Totals, ...]:
    """Of each reading in force of which totals were released, over all its days in force that the case covers."""
    found = []
    for one in readings:
        rows = days.table("missed").filter(under(one.key)).sort("method").rows(named=True)
        rows.sort(key=lambda row: list(METHODS).index(row["method"]))
        if one.in_force and rows:
            start, end = rows[0]["start"], rows[0]["end"]
            start, end = max(start, one.reading.start or start), min(end, one.reading.end or end)
            span = words.window(start, end, days.about.zone)
            found_in_all = max((row["seen"] for row in rows if row["seen"] is not None), default=None)
            lines = tuple((say(METHODS[row["method"]]), _says(row, found_in_all)) for row in rows)
            found.append(Totals(one.label, as_read(one), span, lines, tuple(_numbers(one, row) for row in rows)))
    return tuple(found)


def elsewhere(seen: float | None, found: float | None) -> float:
    """Violations found that a way of telling leaves out; 0: none worth the word, or not known."""
    rest = 0.0 if seen is None or found is None else found - seen
    return rest if rest >= ELSEWHERE else 0.0


def _says(row: dict[str, Any], found: float | None) -> str:
    """One way in one sentence, and what speaks against it.

    Detection counts where some source says that it looks, and there alone: where more was ``found`` in all, it says so.
    """
    against = "; ".join(say_again(WARNINGS.get(word, word)) for word in row["warnings"] or [])
    if row["middle"] is None:
        return words.sentence(f"{say('cannot say')}: {against}" if against else say("cannot say"))
    told = say(
        "{middle} in all ({low} to {high}, 90 %); {seen} of them were found.",
        middle=words.number(row["middle"], 0),
        low=words.number(row["low"], 0),
        high=words.number(row["high"], 0),
        seen=words.estimate(row["seen"]),
    )
    rest = elsewhere(row["seen"], found)
    if rest:
        beyond = say(OF_WATCHED, rest=words.estimate(rest), found=words.estimate(found))
        told = f"{told} {beyond}"
    if not against:
        return told
    doubt = f"{say('doubtful')}: " if row["word"] == "doubtful" else ""
    return f"{told} {words.sentence(doubt + against)}"


def _numbers(one: ReadingOfDay, row: dict[str, Any]) -> tuple[object, ...]:
    values = {**row, "start": row["start"].isoformat(), "end": row["end"].isoformat()}
    return one.label, *({**values, "warnings": "; ".join(row["warnings"] or [])}[name] for name in COLUMNS)
