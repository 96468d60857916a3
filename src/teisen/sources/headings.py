"""What messages say about the headings of a file."""

from __future__ import annotations

from collections.abc import Sequence

MOST_TOLD = 30
"""Headings that a message lists."""


def some(headings: Sequence[str]) -> str:
    """Headings one after another, no more than :data:`MOST_TOLD` of them."""
    more = f" and {len(headings) - MOST_TOLD} more" if len(headings) > MOST_TOLD else ""
    return ", ".join(headings[:MOST_TOLD]) + more


def separated(names: Sequence[str], delimiter: str) -> str:
    """What to do where a heading that stayed one field seems to be separated otherwise; else nothing."""
    for sign, written in ((",", '","'), (";", '";"'), ("\t", '"\\t"')):
        if len(names) == 1 and sign != delimiter and sign in names[0]:
            return f"Its fields seem to be separated by {written}: write `delimiter: {written}` into the mapping."
    return ""
