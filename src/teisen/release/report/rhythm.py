"""When: after a reading began against before, and days of the week and hours of the day against the average."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from markupsafe import Markup

from teisen.languages import say, spoken
from teisen.release.report import words
from teisen.release.report.days import Days
from teisen.release.report.drawing import tag
from teisen.release.report.terms import ReadingOfDay, beside, under

WIDTH, LEFT, RIGHT, GAP, PANEL, HEAD, TITLE = 960, 190, 12, 22, 84, 20, 18
MOST = 4.0
"""Times the average at which an interval is cut in the drawing; the CSV has its ends."""
A_MONDAY = date(2024, 1, 1)
Row = dict[str, Any]
Bar = tuple[str, float | None, float | None, float | None]
"""What is held against what, and how many times it is: its name, low, middle and high."""


@dataclass(frozen=True)
class Rhythm:
    """The drawing, the numbers of weekdays and hours, and those of after against before: one row each."""

    svg: Markup
    profile: tuple[tuple[object, ...], ...]
    around: tuple[tuple[object, ...], ...]


def draw(days: Days, readings: list[ReadingOfDay]) -> Rhythm:
    """Weekdays and hours of the readings in force, over the whole case, and after against before they began."""
    parts: list[Markup] = []
    said: list[str] = []
    profile: list[tuple[object, ...]] = []
    around: list[tuple[object, ...]] = []
    for one in readings:
        mine = days.table("profile").filter(under(one.key)).sort("by", "value")
        since = days.table("interruption").filter(under(one.key)).sort("at")
        if not one.in_force or (mine.is_empty() and since.is_empty()):
            continue
        columns = ("by", "value", "expected", "even", "low", "middle", "high")
        profile += [(one.label, *row) for row in mine.select(columns).iter_rows()]
        told = ("days_before", "days_after", "plain", "ratio_low", "ratio", "ratio_high", "controls", "word")
        around += [(one.label, row["at"].isoformat(), *(row[c] for c in told)) for row in since.iter_rows(named=True)]
        groups = _groups(mine, since)
        parts.append(_panel(one, groups, len(parts) * (HEAD + PANEL + TITLE + 12)))
        said.append(_says(one, groups))
    if not parts:
        return Rhythm(Markup(""), (), ())
    whole = [tag("title", say("After against before, weekdays and hours")), tag("desc", " ".join(said)), *parts]
    height = len(parts) * (HEAD + PANEL + TITLE + 12)
    svg = tag("svg", *whole, viewBox=f"0 0 {WIDTH} {height}", role="img", class_="chart")
    return Rhythm(svg, tuple(profile), tuple(around))


def _groups(profile: pl.DataFrame, since: pl.DataFrame) -> list[list[Bar]]:
    """After against before (one bar), weekdays (7), hours (24); a bar without numbers: not known."""
    last = since.row(-1, named=True) if since.height else {}
    known = {(row["by"], row["value"]): row for row in profile.iter_rows(named=True)}

    def bar(name: str, row: Row) -> Bar:
        return name, row.get("low"), row.get("middle"), row.get("high")

    after = (say("after"), last.get("ratio_low"), last.get("ratio"), last.get("ratio_high"))
    weekdays = [bar(spoken().dated(A_MONDAY.replace(day=n), "EEE"), known.get(("weekday", n), {})) for n in range(1, 8)]
    return [[after], weekdays, [bar(f"{hour}", known.get(("hour", hour), {})) for hour in range(24)]]


def _panel(one: ReadingOfDay, groups: list[list[Bar]], top: float) -> Markup:
    base = top + HEAD + PANEL
    title = f"{one.label} {one.held_by}: {one.provision.title}"
    even = base - PANEL / MOST
    parts = [
        tag("text", tag("title", title), Markup.escape(beside(one, 30)), x=4, y=top + 14, class_="name"),
        tag("text", say("times the average, 5 % to 95 %"), x=4, y=top + 30, class_="note"),
        tag("text", say("line: as often as on average"), x=4, y=top + 44, class_="note"),
        tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=even, y2=even, class_="axis"),
        tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=base, y2=base, class_="axis"),
    ]
    step = (WIDTH - LEFT - RIGHT - 2 * GAP) / sum(len(group) * _steps(group) for group in groups)
    x = float(LEFT)
    for group in groups:
        wide = step * _steps(group)
        for bar in group:
            parts.append(_bar(bar, (x, base), wide))
            x += wide
        x += GAP
    return tag("g", *parts)


def _steps(group: list[Bar]) -> float:
    """How much wider than an hour a bar is, so that its name has room beneath it."""
    return {1: 3.0, 7: 1.6}.get(len(group), 1.0)


def _bar(bar: Bar, at: tuple[float, float], wide: float) -> Markup:
    (name, low, middle, high), (x, base) = bar, at
    cells = [tag("title", _told(bar))]
    if low is not None and high is not None:
        bottom, upper = (PANEL * min(value, MOST) / MOST for value in (low, high))
        box = {"x": x + 1, "width": wide - 2}
        cells.append(tag("rect", **box, y=base - upper, height=max(upper - bottom, 1.0), class_="band"))
        if middle is not None and middle <= MOST:
            cells.append(tag("rect", **box, y=base - PANEL * middle / MOST - 1, height=2, class_="bar"))
    else:
        cells.append(tag("text", "–", x=x + wide / 2, y=base - 4, class_="tick"))
    cells.append(tag("text", Markup.escape(name), x=x + wide / 2, y=base + 13, class_="tick"))
    return tag("g", *cells)


def _told(bar: Bar) -> str:
    return f"{bar[0]}: {_times(bar)}"


def _times(bar: Bar) -> str:
    _, low, middle, high = bar
    if low is None or high is None:
        return say("not known")
    return f"{words.number(middle, 2)} ({words.number(low, 2)} – {words.number(high, 2)})"


def _says(one: ReadingOfDay, groups: list[list[Bar]]) -> str:
    """The drawing in words: after against before, and the weekdays and hours that surely differ from the average."""
    [after], weekdays, hours = groups
    parts = [say("after against before {times}", times=_times(after))]
    for group in (weekdays, hours):
        parts += [_told(bar) for bar in group if (bar[1] or 0.0) > 1 or (bar[3] is not None and bar[3] < 1)]
    if len(parts) == 1:
        parts.append(say("no weekday and no hour surely differs from the average"))
    return words.sentence(f"{one.label} {one.provision.title}: {words.listing(parts)}")
