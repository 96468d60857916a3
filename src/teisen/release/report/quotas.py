"""What a reading that asks for a count makes of what was counted: on a day, and up to it.

No incident breaks such a reading, so it has no rate and does not hold or fail as one of incidents does. It is told by
its counts, and by the periods that nobody counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from teisen.agreement import Counting
from teisen.languages import counted, say, say_again, text
from teisen.release.report import words
from teisen.release.report.context import ReadingShown
from teisen.release.report.days import Days

NEVER = text("It asks for a count over no period that the case has reached the end of.")


def asked_for(tallies: pl.DataFrame, reading: ReadingShown) -> pl.DataFrame:
    """The tallies (TALLY) that a reading asks for: periods that share time with its window, in order."""
    mine = [tallies.filter(_is_of(what)) for what in reading.counts]
    rows = pl.concat([tallies.clear(), *mine]).unique("tally_id", maintain_order=True)
    begun = pl.lit(value=True) if reading.end is None else pl.col("start") < reading.end
    rows = rows if reading.start is None else rows.filter(pl.col("end") > reading.start)
    return rows.filter(begun).sort("start", "end", "unit", "tally_id")


def _is_of(what: Counting) -> pl.Expr:
    same = pl.all_horizontal(
        pl.col(name) == value
        for name, value in {"unit": what.unit, "per": what.per, "zone": what.zone or "", "stays": what.stays}.items()
    )
    first, last = what.window or (None, None)
    if first is None or last is None:
        return same
    start, end = (pl.col(name).dt.epoch("us") for name in ("start", "end"))
    return same & (start == first) & (end == last)


def found_under(findings: pl.DataFrame, tallies: pl.DataFrame, key: tuple[str, str, str]) -> pl.DataFrame:
    """The findings (FINDING) of some tallies under one reading."""
    agreement, provision, reading = key
    return findings.filter(
        pl.col("subject") == "tally",
        pl.col("agreement_id") == agreement,
        pl.col("provision_id") == provision,
        pl.col("reading_id") == reading,
        pl.col("subject_id").is_in(tallies["tally_id"].implode()),
    )


def so_far(tallies: pl.DataFrame, findings: pl.DataFrame) -> str:
    """How many periods were counted, in part or by nobody, and the violations found in them (``findings``)."""
    if tallies.is_empty():
        return say(NEVER)
    states = [tallies.filter(state=state).height for state in ("counted", "counted_in_part", "nobody_counted")]
    return counted(
        tallies.height,
        "{n} period: {whole} counted as a whole, {part} in part, {none} by nobody; violations found: {found}.",
        "{n} periods: {whole} counted as a whole, {part} in part, {none} by nobody; violations found: {found}.",
        **dict(zip(("whole", "part", "none"), map(words.number, states), strict=True)),
        found=words.estimate(round(float(findings["p_violation"].sum()), 4)),
    )


def until(days: Days, reading: ReadingShown, key: tuple[str, str, str]) -> str:
    """:func:`so_far` of the periods that are over by the end of the day."""
    rows = asked_for(days.table("tally"), reading).filter(pl.col("end") <= days.bounds[1])
    return so_far(rows, found_under(days.table("finding"), rows, key))


def within(days: Days, reading: ReadingShown, key: tuple[str, str, str]) -> str:
    """:func:`so_far` of the periods that share time with what is reported, a day or a week."""
    rows = _shared(days, reading)
    return so_far(rows, found_under(days.table("finding"), rows, key))


def _shared(days: Days, reading: ReadingShown) -> pl.DataFrame:
    start, end = days.bounds
    return asked_for(days.table("tally"), reading).filter((pl.col("start") < end) & (pl.col("end") > start))


def on_day(days: Days, reading: ReadingShown, key: tuple[str, str, str]) -> str:
    """What was counted in the periods that share time with the day, and what that is under the reading."""
    rows = _shared(days, reading)
    if rows.is_empty():
        return say("Its period is not over, or lies outside the case: nothing is said of it yet.")
    return " ".join(_each(days, rows, key))


def every(days: Days, reading: ReadingShown, key: tuple[str, str, str]) -> tuple[str, ...]:
    """:func:`so_far` of all periods, and a sentence for each of them."""
    rows = asked_for(days.table("tally"), reading)
    return so_far(rows, found_under(days.table("finding"), rows, key)), *_each(days, rows, key)


def _each(days: Days, rows: pl.DataFrame, key: tuple[str, str, str]) -> list[str]:
    found = {row["subject_id"]: row for row in found_under(days.table("finding"), rows, key).iter_rows(named=True)}
    return [_told(days, row, found.get(row["tally_id"])) for row in rows.iter_rows(named=True)]


def _told(days: Days, row: Mapping[str, Any], finding: Mapping[str, Any] | None) -> str:
    gaps = {"unit": say_again(row["unit"]), "window": words.window(row["start"], row["end"], days.about.zone)}
    if row["state"] == "nobody_counted":
        return say("Nobody counted {unit}, {window}: that is no zero.", **gaps)
    gaps["counts"] = words.listing(list(counts(days, row["counts"]))) or say("the count is withheld")
    if finding is not None:
        gaps |= {"level": say_again(finding["level"]), "p": words.chance(finding["p_violation"])}
        return say("Counted of {unit}, {window}: {counts}; a violation is {level} ({p}).", **gaps)
    if row["state"] == "counted_in_part":
        return say("Counted of {unit} in part, {window}: {counts}; what was not counted is not in it.", **gaps)
    return say("Counted of {unit}, {window}: {counts}; no violation.", **gaps)


def counts(days: Days, voices: list[Mapping[str, Any]]) -> tuple[str, ...]:
    """Each source's number with its title; those that were not heard last, and named as such."""
    return tuple(
        say("{number} ({source}; not weighed beside the others)", **_voice(days, one))
        if one["p"] == 0
        else say("{number} ({source})", **_voice(days, one))
        for one in sorted(voices, key=lambda one: one["p"] == 0)
    )


def _voice(days: Days, one: Mapping[str, Any]) -> dict[str, str]:
    return {"number": words.number(one["count"]), "source": days.about.source_title(one["source_id"])}
