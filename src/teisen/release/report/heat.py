"""Where and when: rates by area and day, and beside them how far what is known of them leaves them open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from markupsafe import Markup

from teisen.languages import say
from teisen.release.report import words
from teisen.release.report.days import Days, day_of
from teisen.release.report.drawing import tag
from teisen.release.report.terms import ALL, ReadingOfDay, beside, under

WIDTH, LEFT, GAP, RIGHT, ROW, HEAD, TITLE = 960, 150, 24, 8, 15, 34, 22
MOST_ROWS = 40
"""Areas drawn of a reading, those with the highest rates; the CSV has all."""
OPEN_FROM, OPEN_TO = 1.5, 20.0
"""How many times its lower end an interval's upper end is: drawn from empty to full between these."""
Row = dict[str, Any]


@dataclass(frozen=True)
class Heat:
    """The drawing, and its numbers: one row a reading, area and day.

    ``each`` is the drawing in parts, one a reading, for pages that cannot hold it whole.
    """

    svg: Markup
    rows: tuple[tuple[object, ...], ...]
    each: tuple[Markup, ...] = ()


def draw(days: Days, readings: list[ReadingOfDay]) -> Heat:
    """Rates by area and day of the readings in force, by sector of the line where sectors were released."""
    sectors = days.table("sector_rate")
    table = (days.table("rate").filter(pl.col("area_id") != ALL) if sectors.is_empty() else sectors).with_columns(
        day_of(days.about.zone)
    )
    shown = days.drawn
    parts, rows, top, said, each = [], [], 0.0, [], []
    for one in readings:
        mine = table.filter(under(one.key) & pl.col("day").is_in(shown) & (pl.col("word") != "out_of_window"))
        if not one.in_force or mine.is_empty():
            continue
        by_area: dict[str, dict[date, Row]] = {}
        for row in mine.sort("area_id", "day").iter_rows(named=True):
            by_area.setdefault(row["area_id"], {})[row["day"]] = row
            numbers = (row[c] for c in ("rate_low", "rate", "rate_high"))
            rows.append((one.label, row["area_id"], row["day"].isoformat(), *numbers, row["word"]))
        drawn, height = _panel(one, by_area, shown, days.region_names, top)
        parts.append(drawn)
        said.append(_says(one, by_area, days))
        each.append(_whole([_panel(one, by_area, shown, days.region_names, 0.0)[0]], said[-1], height))
        top += height
    if not parts:
        return Heat(Markup(""), ())
    return Heat(_whole(parts, " ".join(said), top), tuple(rows), tuple(each))


def _whole(parts: list[Markup], said: str, height: float) -> Markup:
    title = tag("title", say("Rates by area and day, and how far they are open"))
    box = f"0 0 {WIDTH} {int(height)}"
    return tag("svg", title, tag("desc", said), *parts, viewBox=box, role="img", class_="chart")


def _panel(
    one: ReadingOfDay, by_area: dict[str, dict[date, Row]], shown: list[date], names: dict[str, str], top: float
) -> tuple[Markup, float]:
    """Rates on the left, openness on the right, one row an area; and how high it is."""
    highest = {area: max((row["rate"] or 0.0) for row in of.values()) for area, of in by_area.items()}
    kept = sorted(highest, key=lambda area: (-highest[area], area))[:MOST_ROWS]
    kept = [area for area in by_area if area in kept]
    most = max(highest.values()) or 1.0
    wide = (WIDTH - LEFT - GAP - RIGHT) / 2
    step = wide / len(shown)
    title = f"{one.label} {one.held_by}: {one.provision.title}"
    parts = [
        tag("text", tag("title", title), Markup.escape(beside(one, 90)), x=4, y=top + 14, class_="name"),
        tag(
            "text",
            say("violations a day; darkest {number}", number=words.number(most, 2)),
            x=LEFT,
            y=top + 30,
            class_="note",
        ),
        tag("text", say("how open it is: upper over lower end"), x=LEFT + wide + GAP, y=top + 30, class_="note"),
    ]
    for n, area in enumerate(kept):
        y = top + HEAD + n * ROW
        name = names.get(area, area)
        label = name if len(name) <= 22 else name[:21].rstrip() + "…"
        parts.append(tag("text", tag("title", name), Markup.escape(label), x=4, y=y + 11, class_="note"))
        for at, d in enumerate(shown):
            row = by_area[area].get(d)
            if row is not None:
                said = f"{name}, {words.day(d)}: {says(row)}"
                parts.append(_cell(said, row, (LEFT + at * step, y), (step, wide + GAP), most))
    return tag("g", *parts), HEAD + len(kept) * ROW + TITLE


def _cell(said: str, row: Row, at: tuple[float, float], size: tuple[float, float], most: float) -> Markup:
    """One area and day, twice: its rate, and how open it is."""
    (x, y), (step, across) = at, size
    rate = row["rate"]
    box = {"y": y, "width": max(step - 0.5, 0.5), "height": ROW - 2}
    if rate is None:
        left = tag("rect", x=x, **box, class_="ex-none")
        right = tag("rect", x=x + across, **box, class_="ex-cloud")
    else:
        part = min(max((openness(row) - OPEN_FROM) / (OPEN_TO - OPEN_FROM), 0.0), 1.0)
        left = tag("rect", x=x, **box, class_="bar", fill_opacity=f"{rate / most:.2f}")
        right = tag("rect", x=x + across, **box, class_="ex-cloud", fill_opacity=f"{part:.2f}")
    return tag("g", tag("title", said), left, right)


def openness(row: Row) -> float:
    """How many times its lower end the upper end of a rate's interval is, both at least 0.01 a day."""
    return float((row["rate_high"] or 0.01) / max(row["rate_low"] or 0.0, 0.01))


def says(row: Row) -> str:
    """The rate of an area on a day in words."""
    low, rate, high = row["rate_low"], row["rate"], row["rate_high"]
    if rate is None:
        ends = {"low": words.number(low), "high": words.number(high)}
        return say("nobody could see; from what is known elsewhere {low} to {high} violations", **ends)
    return f"{words.number(rate)} ({words.number(low)} – {words.number(high)})"


def _says(one: ReadingOfDay, by_area: dict[str, dict[date, Row]], days: Days) -> str:
    """The drawing in words: where most is on the day, and where nobody could see."""
    today = {area: of[days.day] for area, of in by_area.items() if days.day in of}
    seen = sorted((-row["rate"], area) for area, row in today.items() if row["rate"] is not None)
    names = days.region_names
    most = [f"{names.get(area, area)} {says(today[area])}" for _, area in seen[:3]]
    blind = len(today) - len(seen)
    told = f"{one.label} {one.provision.title}, {words.day(days.day)}."
    if most:
        told += " " + say("Most violations: {places}.", places=words.listing(most))
    return told + (" " + say("Areas that nobody could see: {n} of {all}.", n=blind, all=len(today)) if blind else "")
