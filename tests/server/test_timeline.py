"""The timeline's drawing: what a reading is called stands where there is room for it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any, cast

import polars as pl
import pytest

from teisen.languages import words
from teisen.server.pages.timeline import OneDay, Timeline, Window, draw, timeline


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


def test_a_label_without_room_on_either_side_is_cut_and_keeps_whose_reading_it_is() -> None:
    first = date(2025, 4, 1)
    days = tuple(OneDay(first + timedelta(days=n), n, 0, 0.5) for n in range(20))
    title = "No strikes on facilities of energy and of all other infrastructure (mediator)"
    drawn = draw(Timeline(days, (Window("R1", title, 5.0, 13.0),), "UTC"), first, str, words("en"))
    [(at, said)] = re.findall(r'<text x="([0-9.]+)"[^>]*>(R1 No strikes[^<]*)<', drawn)
    assert said.endswith("… (mediator)")
    assert float(at) + len(said) * 6 <= 960


def test_a_day_is_told_without_a_number_before_a_noun_that_it_may_not_fit() -> None:
    day = date(2025, 4, 1)
    drawn = draw(Timeline((OneDay(day, 1, 1, None),), (), "UTC"), day, str, words("en"))
    assert "1 April 2025: uses of force 1, fires and other traces 1; what could be seen is not known" in drawn


def test_a_reading_that_waits_for_what_is_not_known_to_have_happened_is_in_force_on_no_day() -> None:
    day = date(2025, 4, 1)

    def reading(label: str) -> Any:
        window = SimpleNamespace(start=None, end=None)
        key = ("truce", "fire", label)
        return SimpleNamespace(
            label=label, key=key, provision=SimpleNamespace(title="No fire"), reading=window, held_by="A"
        )

    rates = pl.DataFrame(
        [
            {"agreement_id": "truce", "provision_id": "fire", "reading_id": label, "area_id": "*", "day": day,
             "watched": 0.5, "word": word}
            for label, word in (("R1", "nothing_seen"), ("R2", "out_of_window"))
        ]
    )  # fmt: skip
    incidents = pl.DataFrame(schema={"day": pl.Date, "kind": pl.String})
    about = SimpleNamespace(first=day, last=day, zone="UTC")
    days = cast("Any", SimpleNamespace(about=about, incidents=incidents, rates=rates))
    drawn = timeline(days, [reading("R1"), reading("R2"), reading("R3")])
    assert [window.label for window in drawn.windows] == ["R1", "R3"]  # of R3 no rate was released
