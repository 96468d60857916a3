"""The timeline's drawing: what a reading is called stands where there is room for it."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from teisen.languages import words
from teisen.server.pages.timeline import OneDay, Timeline, Window, draw


@pytest.mark.parametrize(
    ("start", "end", "anchor"),
    [(0.0, 4.0, "start"), (8.0, 16.0, "end"), (16.0, 20.0, "end"), (0.0, 20.0, "start"), (4.0, 18.0, "end")],
)
def test_a_label_stands_on_the_side_with_room(start: float, end: float, anchor: str) -> None:
    first = date(2025, 4, 1)
    days = tuple(OneDay(first + timedelta(days=n), n, 0, 0.5) for n in range(20))
    line = Timeline(days, (Window("R1", "Nothing is fired on the line of contact (mediator)", start, end),), "UTC")
    drawn = draw(line, first, str, words("en"))
    (found,) = re.findall(r"<text([^>]*)>R1 Nothing", drawn)
    assert f'text-anchor="{anchor}"' in found
