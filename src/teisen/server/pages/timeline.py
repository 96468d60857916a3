"""The timeline of a case as a drawing that works without scripts: every day a link, with what it brought and what could
be seen on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from markupsafe import Markup

from teisen.languages import Words
from teisen.release.report.days import Days, span
from teisen.release.report.drawing import label, rounded_up, tag
from teisen.release.report.groups import GROUPS, of_group
from teisen.release.report.terms import under
from teisen.server.pages.chosen import Reading

WIDTH, LEFT, TOP, BARS, STRIP = 960, 44, 6, 84, 8
MOST_TICKS = 14
LETTER = 6.0
"""Width of a letter of a label, about: it is drawn at 11 px."""


@dataclass(frozen=True)
class OneDay:
    """Uses of force, traces and the rest recorded on a day, and the largest share watched under any reading.

    ``watched`` is None where that is unknown.
    """

    day: date
    force: int
    traces: int
    watched: float | None
    rest: int = 0


@dataclass(frozen=True)
class Window:
    """When a reading is in force, in days from the first of the timeline."""

    label: str
    title: str
    start: float
    end: float


@dataclass(frozen=True)
class Timeline:
    """What the drawing shows; ``left`` and ``width`` are those of its days, in shares of the drawing's width."""

    days: tuple[OneDay, ...]
    windows: tuple[Window, ...]
    zone: str
    left: float = LEFT / WIDTH

    @property
    def any_rest(self) -> bool:
        """Whether a day has something that is neither force nor a trace of it."""
        return any(day.rest for day in self.days)


def timeline(days: Days, readings: list[Reading]) -> Timeline:
    """All days of the case."""
    first, last = days.about.first, days.about.last
    counts = days.incidents.group_by("day").agg(**{group: of_group(group).sum() for group in GROUPS})
    found = {row["day"]: row for row in counts.iter_rows(named=True)}
    rates = days.rates.filter(pl.col("area_id") == "*").group_by("day").agg(pl.col("watched").max())
    watched = dict(rates.iter_rows())
    shown = tuple(
        OneDay(d, n.get("force", 0), n.get("trace", 0), watched.get(d), n.get("rest", 0))
        for d in span(first, last)
        for n in [found.get(d, {})]
    )
    midnight = datetime.combine(first, datetime.min.time(), ZoneInfo(days.about.zone)).astimezone(UTC)

    def at(moment: datetime | None, otherwise: float) -> float:
        return otherwise if moment is None else (moment - midnight) / timedelta(days=1)

    windows = tuple(
        Window(
            one.label,
            f"{one.provision.title} ({one.held_by})",
            max(0.0, at(one.reading.start, 0.0)),
            min(float(len(shown)), at(one.reading.end, len(shown))),
        )
        for one in readings
        if not _never(days.rates.filter(under(one.key)))
    )
    return Timeline(shown, tuple(w for w in windows if w.end > w.start), days.about.zone)


def _never(rates: pl.DataFrame) -> bool:
    """Whether a reading is in force on no day though no window says so, as what it waits for is not known to have
    happened; of one without rates its window alone tells."""
    return rates.height > 0 and bool((rates["word"] == "out_of_window").all())


def draw(line: Timeline, chosen: date, link: Callable[[date], str], words: Words) -> Markup:
    """The drawing; ``link`` gives the address of a day."""
    step = (WIDTH - LEFT) / max(len(line.days), 1)
    most = rounded_up(max((d.force + d.traces + d.rest for d in line.days), default=0) or 2)
    base = TOP + BARS
    parts = [tag("title", words("Incidents recorded on each day, what could be seen, and when readings are in force"))]
    for share in (0.5, 1.0):
        y = base - BARS * share
        parts.append(tag("line", x1=LEFT, x2=WIDTH, y1=y, y2=y, class_="axis", opacity="0.35"))
        number = words.number(most * share, 0 if most >= 2 else 1)
        parts.append(tag("text", number, x=LEFT - 5, y=y + 4, text_anchor="end"))
    parts.append(tag("line", x1=LEFT, x2=WIDTH, y1=base, y2=base, class_="axis"))
    every = max(1, -(-len(line.days) // MOST_TICKS))
    height = base + STRIP + 8 + 14 + 14 * len(line.windows) + 4
    for n, one in enumerate(line.days):
        parts.append(_day(one, LEFT + n * step, step, base, most, chosen, link, words))
        if n % every == 0:
            at = LEFT + (n + 0.5) * step
            parts.append(tag("text", words.day_short(one.day), x=at, y=base + STRIP + 18, text_anchor="middle"))
    for n, window in enumerate(line.windows):
        y = base + STRIP + 28 + 14 * n
        x = LEFT + window.start * step
        wide = max(2.0, (window.end - window.start) * step)
        parts.append(tag("rect", tag("title", window.title), x=x, y=y, width=wide, height=7, rx=2, class_="window"))
        says = f"{window.label} {window.title}"
        room, other = WIDTH - x - wide, x - LEFT
        before = other > room and len(says) * LETTER > room
        fitted = _fitted(says, int(((x if before else room) - 5) / LETTER))
        parts.append(
            tag("text", fitted, x=x - 5 if before else x + wide + 5, y=y + 7, text_anchor="end" if before else "start")
        )
    return tag("svg", *parts, viewBox=f"0 0 {WIDTH} {height}", role="group",
               aria_label=words("Timeline"), data_days=len(line.days))  # fmt: skip


def _fitted(says: str, most: int) -> str:
    """A reading in at most so many letters: whose it is, in brackets at its end, stays whole."""
    if len(says) <= most:
        return says
    head, bracket, whose = says.rpartition(" (")
    return label(head, max(most - len(bracket + whose), 12)) + bracket + whose


def _day(  # noqa: PLR0917  one day after the other
    one: OneDay, x: float, step: float, base: float, most: float, chosen: date, link: Callable[[date], str],
    words: Words,
) -> Markup:  # fmt: skip
    gap = min(2.0, step * 0.15)
    force, traces, rest = (BARS * n / most for n in (one.force, one.traces, one.rest))
    seen = words("what could be seen is not known")
    if one.watched is not None:
        seen = words("watched: {share} %", share=f"{one.watched * 100:.0f}")
    says = words(
        "{day}: uses of force {force}, fires and other traces {traces}; {seen}",
        day=words.day(one.day), force=one.force, traces=one.traces, seen=seen,
    )  # fmt: skip
    if one.rest:
        says += "; " + words("movements and other things {n}", n=one.rest)
    strip = {"x": x + gap / 2, "y": base + 4, "width": step - gap, "height": STRIP}
    marks = [
        tag("rect", x=x + gap / 2, y=base - force, width=step - gap, height=force, class_="force"),
        tag("rect", x=x + gap / 2, y=base - force - traces, width=step - gap, height=traces, class_="trace"),
        *(
            [tag("rect", x=x + gap / 2, y=base - force - traces - rest, width=step - gap, height=rest, class_="rest")]
            if rest
            else []
        ),
        tag("rect", **strip, class_="blank"),
    ]
    if one.watched is not None:
        tall = STRIP * one.watched
        marks.append(tag("rect", **{**strip, "y": base + 4 + STRIP - tall, "height": tall}, class_="seen"))
    if one.day == chosen:
        marks.insert(0, tag("rect", x=x, y=0, width=step, height=base + STRIP + 6, class_="today"))
    hit = tag("rect", x=x, y=0, width=step, height=base + STRIP + 6, class_="hit")
    current = "true" if one.day == chosen else None
    return tag("a", tag("title", says), *marks, hit, href=link(one.day), aria_current=current, aria_label=says)
