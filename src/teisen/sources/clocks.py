"""Texts to moments on the clock of a zone, and a moment as a form writes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

import polars as pl

from teisen.sources.groups import GROUP, clock_of_group, is_group, moment_of_group

SHOWN_TIME = datetime(2025, 4, 19, 21, 14, tzinfo=UTC)
"""What messages write out to show a form of times."""

OFFSET = "2025-10-26T03:30+03:00, with the offset from UTC"
"""How messages show a time that no clock shows twice, or never."""
HOURS = (GROUP, "%H", "%I", "%T", "%R", "%X", "%c", "%s", "%+")
"""Marks of forms that tell a time of day."""


def fitting(texts: pl.Series, formats: Sequence[str]) -> list[str]:
    """Those of the formats that some text fits, in their order: the others need not be tried again and again."""
    return [form for form in formats if _fits(texts, form)]


def _fits(texts: pl.Series, form: str) -> bool:
    if form == GROUP:
        return is_group(texts).any()
    return texts.str.to_datetime(form, strict=False).is_not_null().any()


def is_date(form: str) -> bool:
    """Whether a form tells a day and no time of it."""
    return not any(mark in form for mark in HOURS)


def day_begins(midnight: pl.Expr, zone: str) -> pl.Expr:
    """The first moment of a day of ``zone``, from its midnight without a zone: some clocks are put forward over it."""
    return pl.coalesce(
        stated.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        for stated in (midnight, midnight.dt.offset_by("1h"))
    )


def moment(
    text: pl.Expr, formats: Sequence[str], zone: str, ambiguous: Literal["earliest", "latest"] = "earliest"
) -> pl.Expr:
    """The UTC time that a text states in the first of the formats that fits, on the clock of ``zone``; null: none.

    ``ambiguous`` says which of the two is meant where a clock change makes a time stand for two; one that it skips is
    none. A day without an hour is its first moment.
    """
    tries = []
    for form in formats:
        if form == GROUP:
            tries.append(moment_of_group(text, zone, ambiguous))
            continue
        stated = text.str.to_datetime(form, strict=False, time_unit="us")
        if is_date(form):
            stated = day_begins(stated, zone)
        elif "%z" not in form:
            stated = stated.dt.replace_time_zone(zone, ambiguous=ambiguous, non_existent="null")
        tries.append(stated.dt.convert_time_zone("UTC"))
    return pl.coalesce([pl.lit(None, pl.Datetime("us", "UTC")), *tries])


def skipped(text: pl.Expr, formats: Sequence[str], zone: str) -> pl.Expr:
    """Whether a text states a time in one of the formats that the clock of ``zone`` never showed."""
    stated = [text.str.to_datetime(form, strict=False) for form in formats if "%z" not in form and form != GROUP]
    if GROUP in formats:
        stated.append(clock_of_group(text))
    return pl.coalesce([pl.lit(None, pl.Datetime), *stated]).is_not_null() & moment(text, formats, zone).is_null()


def as_in(formats: Sequence[str]) -> str:
    """A time as the first of the formats writes it, of those that need no offset if there are any."""
    plain = [form for form in formats if "%z" not in form]
    if (plain or [*formats])[0] == GROUP:
        return SHOWN_TIME.strftime("%d%H%MZ%b%y").upper()
    return SHOWN_TIME.strftime((plain or list(formats))[0].replace("%.f", ""))
