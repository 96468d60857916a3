"""Texts to moments on the clock of a zone, and a moment as a form writes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

import polars as pl

SHOWN_TIME = datetime(2025, 4, 19, 21, 14, tzinfo=UTC)
"""What messages write out to show a form of times."""


def moment(
    text: pl.Expr, formats: Sequence[str], zone: str, ambiguous: Literal["earliest", "latest"] = "earliest"
) -> pl.Expr:
    """The UTC time that a text states in the first of the formats that fits, on the clock of ``zone``; null: none.

    ``ambiguous`` says which of the two is meant where a clock change makes a time stand for two; one that it skips is
    none.
    """
    tries = []
    for form in formats:
        stated = text.str.to_datetime(form, strict=False, time_unit="us")
        if "%z" not in form:
            stated = stated.dt.replace_time_zone(zone, ambiguous=ambiguous, non_existent="null")
        tries.append(stated.dt.convert_time_zone("UTC"))
    return pl.coalesce(tries)


def as_in(formats: Sequence[str]) -> str:
    """A time as the first of the formats writes it, of those that need no offset if there are any."""
    plain = [form for form in formats if "%z" not in form]
    return SHOWN_TIME.strftime((plain or list(formats))[0].replace("%.f", ""))
