"""Texts to moments on the clock of a zone, and a moment as a form writes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

import polars as pl

SHOWN_TIME = datetime(2025, 4, 19, 21, 14, tzinfo=UTC)
"""What messages write out to show a form of times."""

OFFSET = "2025-10-26T03:30+03:00, with the offset from UTC"
"""How messages show a time that no clock shows twice, or never."""
GROUP = "DTG"
"""The form of a military date-time group, beside those of strptime: 041200ZAPR25, 041200Z APR 25, 041200 APR 25."""
HOURS = (GROUP, "%H", "%I", "%T", "%R", "%X", "%c", "%s", "%+")
"""Marks of forms that tell a time of day."""


_GROUP = r"^(\d{2})(\d{4}) ?([A-Z])?'? ?(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC) ?(?:20)?(\d{2})$"
ZONES = {letter: n for n, letter in enumerate("ABCDEFGHIKLM", 1)} | {
    letter: -n for n, letter in enumerate("NOPQRSTUVWXY", 1)
}
ZONES |= {"Z": 0}
"""Hours that the clock of a lettered zone is ahead of UTC (ACP 121). J is the local time of whoever writes."""
LOCAL = {"J": "the local time of whoever wrote it", "L": "UTC+11, or local time as many write it"}
"""Letters of zones that say more than one time."""
LETTER = "Write the letter of the clock that it was read from (Z is UTC, B is UTC+2, C is UTC+3)."
"""What to do about them."""


def _group(text: pl.Expr) -> list[pl.Expr]:
    """Day, hours and minutes, letter, month and year of a date-time group; null: it is none."""
    plain = text.str.to_uppercase().str.strip_chars().str.replace_all(r"\s+", " ")
    return [plain.str.extract(_GROUP, n) for n in range(1, 6)]


def lettered(text: pl.Expr, zone: str) -> pl.Expr:
    """The letter of a date-time group that leaves open which time it is: J, and L but where ``zone`` is 11 hours ahead.

    Null where the text is no such group.
    """
    day, hours, letter, month, year = _group(text)
    clock = _clock(day, hours, month, year).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    ahead = clock.dt.base_utc_offset() + clock.dt.dst_offset() == timedelta(hours=ZONES["L"])
    said = (letter == "J") | ((letter == "L") & ~ahead.fill_null(False))
    return pl.when(said).then(letter)


def _clock(day: pl.Expr, hours: pl.Expr, month: pl.Expr, year: pl.Expr) -> pl.Expr:
    return pl.concat_str(day, month, pl.lit("20"), year, hours).str.to_datetime(
        "%d%b%Y%H%M", strict=False, time_unit="us"
    )


def _of_group(text: pl.Expr, zone: str, ambiguous: Literal["earliest", "latest"]) -> pl.Expr:
    """The UTC time of a date-time group; one without a letter is on the clock of ``zone``."""
    day, hours, letter, month, year = _group(text)
    clock = _clock(day, hours, month, year)
    ahead = pl.duration(hours=letter.replace_strict(ZONES, default=None, return_dtype=pl.Int64))
    lettered_ = (clock - ahead).dt.replace_time_zone("UTC")
    bare = clock.dt.replace_time_zone(zone, ambiguous=ambiguous, non_existent="null").dt.convert_time_zone("UTC")
    return pl.when(letter.is_null()).then(bare).when(lettered(text, zone).is_null()).then(lettered_)


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
            tries.append(_of_group(text, zone, ambiguous))
            continue
        stated = text.str.to_datetime(form, strict=False, time_unit="us")
        if is_date(form):
            stated = day_begins(stated, zone)
        elif "%z" not in form:
            stated = stated.dt.replace_time_zone(zone, ambiguous=ambiguous, non_existent="null")
        tries.append(stated.dt.convert_time_zone("UTC"))
    return pl.coalesce(tries)


def skipped(text: pl.Expr, formats: Sequence[str], zone: str) -> pl.Expr:
    """Whether a text states a time in one of the formats that the clock of ``zone`` never showed."""
    stated = [text.str.to_datetime(form, strict=False) for form in formats if "%z" not in form and form != GROUP]
    if GROUP in formats:
        day, hours, letter, month, year = _group(text)
        stated.append(pl.when(letter.is_null()).then(_clock(day, hours, month, year)))
    return pl.coalesce([pl.lit(None, pl.Datetime), *stated]).is_not_null() & moment(text, formats, zone).is_null()


def as_in(formats: Sequence[str]) -> str:
    """A time as the first of the formats writes it, of those that need no offset if there are any."""
    plain = [form for form in formats if "%z" not in form]
    if (plain or [*formats])[0] == GROUP:
        return SHOWN_TIME.strftime("%d%H%MZ%b%y").upper()
    return SHOWN_TIME.strftime((plain or list(formats))[0].replace("%.f", ""))
