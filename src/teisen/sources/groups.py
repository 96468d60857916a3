"""Military date-time groups, 041200ZAPR25: day, hour and minute, letter of the zone, month and year."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import polars as pl

GROUP = "DTG"
"""The form of a date-time group, beside those of strptime: 041200ZAPR25, 041200Z APR 25, 041200 APR 25."""
ZONES = {
    "Z": 0,
    **{letter: n for n, letter in enumerate("ABCDEFGHIKLM", 1)},
    **{letter: -n for n, letter in enumerate("NOPQRSTUVWXY", 1)},
}
"""Hours that the clock of a lettered zone is ahead of UTC (ACP 121). J is the local time of whoever writes."""
LOCAL = {"J": "the local time of whoever wrote it", "L": "UTC+11, or local time as many write it"}
"""Letters of zones that say more than one time."""
LETTER = "Write the letter of the clock that it was read from (Z is UTC, B is UTC+2, C is UTC+3)."
"""What to do about them."""
_MONTHS = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
_FORM = rf"(?i)^\s*(\d{{2}})(\d{{4}})\s*([A-Z])?\s*({_MONTHS})\s*(?:20)?(\d{{2}})\s*$"
_ORDERED = 13
"""Characters of a group without its letter, in the order of :func:`_ordered`."""


def is_group(texts: pl.Series) -> pl.Series:
    """Whether each text is a date-time group."""
    return texts.str.contains(_FORM)


def _ordered(text: pl.Expr) -> pl.Expr:
    """A group as 04APR20251200Z: its clock has a length of its own, and the letter, if any, comes last."""
    return pl.when(text.str.contains(_FORM)).then(text.str.replace(_FORM, "${1}${4}20${5}${2}${3}").str.to_uppercase())


def _clock(ordered: pl.Expr) -> pl.Expr:
    return ordered.str.head(_ORDERED).str.to_datetime("%d%b%Y%H%M", strict=False, time_unit="us")


def clock_of_group(text: pl.Expr) -> pl.Expr:
    """What the clock showed, of a group without a letter; null: another text."""
    ordered = _ordered(text)
    return pl.when(ordered.str.len_chars() == _ORDERED).then(_clock(ordered))


def lettered(text: pl.Expr, zone: str) -> pl.Expr:
    """The letter of a group that leaves open which time it is: J, and L but where ``zone`` is 11 hours ahead.

    Null where there is none, or the text is no group.
    """
    ordered = _ordered(text)
    letter = ordered.str.slice(_ORDERED)
    clock = _clock(ordered).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    ahead = clock.dt.base_utc_offset() + clock.dt.dst_offset() == timedelta(hours=ZONES["L"])
    return pl.when((letter == "J") | ((letter == "L") & ~ahead.fill_null(False))).then(letter)


def moment_of_group(text: pl.Expr, zone: str, ambiguous: Literal["earliest", "latest"]) -> pl.Expr:
    """The UTC time of a group; one without a letter is on the clock of ``zone``; null: none, or left open."""
    ordered = _ordered(text)
    letter, clock = ordered.str.slice(_ORDERED), _clock(ordered)
    bare = clock.dt.replace_time_zone(zone, ambiguous=ambiguous, non_existent="null").dt.convert_time_zone("UTC")
    ahead = pl.duration(hours=letter.replace_strict(ZONES, default=None, return_dtype=pl.Int64))
    there = (clock - ahead).dt.replace_time_zone("UTC")
    return pl.when(letter == "").then(bare).when(lettered(text, zone).is_null()).then(there)
