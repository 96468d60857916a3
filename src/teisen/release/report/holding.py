"""Is it holding? The answer of the day under each reading, and the days before it in one drawing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from markupsafe import Markup

from teisen.languages import say, say_again, text
from teisen.release.report import words
from teisen.release.report.days import Days, day_of
from teisen.release.report.drawing import label, tag
from teisen.release.report.terms import ALL, ReadingOfDay, as_read, beside, under

ANSWERS = {
    "holding": text("holding"),
    "eroding": text("eroding"),
    "collapsed": text("collapsed"),
    "cannot_tell": text("cannot tell"),
}
EXPLAINED = {
    "behaviour": text("less happened"),
    "instrument": text("one source alone changed"),
    "access": text("less could be seen"),
    "scatter": text("a quiet day among others"),
    "cannot_tell": text("it cannot be told why"),
}
MARKS = {"fall": text("fall"), "return": text("return")}
"""What a change is, as the table names it."""
WIDTH, LEFT, RIGHT, PANEL, ROW, HEAD = 960, 272, 12, 84, 14, 22
COLUMNS = ("rate_low", "rate", "rate_high", "watched")


@dataclass(frozen=True)
class Held:
    """One reading in force on the day: its answer (a key of ANSWERS) with ``p``, None where none was released."""

    label: str
    title: str
    answer: str
    p: float | None
    says: str


@dataclass(frozen=True)
class Holding:
    """Answers of the day, the drawing, and its numbers: one row a reading and day."""

    answers: tuple[Held, ...]
    svg: Markup
    rows: tuple[tuple[object, ...], ...]


def of_day(days: Days, readings: list[ReadingOfDay]) -> Holding:
    """Answers and drawing; readings that have an answer on some day shown."""
    verdicts = days.table("verdict").with_columns(day_of(days.about.zone))
    marks = days.table("change").with_columns(day_of(days.about.zone)).sort("day", "what")
    shown = days.drawn
    answers, panels, rows = [], [], []
    for one in readings:
        mine = verdicts.filter(under(one.key))
        if one.in_force:
            answers.append(_held(one, mine.filter(pl.col("day") == days.day)))
        told = {row["day"]: row for row in mine.iter_rows(named=True) if row["day"] in set(shown)}
        if not told:
            continue
        of_all = days.rates.filter(under(one.key) & (pl.col("area_id") == ALL))
        rates = {row["day"]: row for row in of_all.iter_rows(named=True)}
        own = [r for r in marks.filter(under(one.key)).iter_rows(named=True) if r["day"] in set(shown)]
        panels.append((one, told, rates, own))
        rows += [_numbers(one, d, rates.get(d), told.get(d), own) for d in shown]
    return Holding(tuple(answers), _draw(days, shown, panels), tuple(rows))


def _held(one: ReadingOfDay, verdict: pl.DataFrame) -> Held:
    title = as_read(one)
    if one.counted:
        return Held(one.label, title, say("Told by counts"), None, one.so_far)
    if verdict.is_empty():
        return Held(one.label, title, say("not answered"), None, say("Not answered for this day in this release."))
    row = verdict.row(0, named=True)
    return Held(one.label, title, row["word"], row["p"], say_again(row["says"]))


def sentence(one: Held) -> str:
    """The answer with its probability and its reason."""
    if one.p is None:
        return one.says
    answer = say(ANSWERS[one.answer])
    if one.answer == "cannot_tell":
        return f"{words.sentence(answer)} {one.says}"
    word = f"{answer[0].upper()}{answer[1:]}"
    said = say("{answer}, with probability {p}.", answer=word, p=words.chance(one.p))
    return f"{said} {one.says}"


Row = dict[str, Any]
Panel = tuple[ReadingOfDay, dict[date, Row], dict[date, Row], list[Row]]


def _numbers(one: ReadingOfDay, d: date, rate: Row | None, told: Row | None, marks: list[Row]) -> tuple[object, ...]:
    changes = "; ".join(f"{m['what']}: {EXPLAINED[str(m['word'])]}" for m in marks if m["day"] == d)
    answer = (told["word"], told["p"], told["ratio_low"], told["ratio"], told["ratio_high"]) if told else (None,) * 5
    return (one.label, d.isoformat(), *((rate or {}).get(c) for c in COLUMNS), *answer, changes)


def _draw(days: Days, shown: list[date], panels: list[Panel]) -> Markup:
    height = HEAD + len(panels) * (PANEL + 3 * ROW + 20)
    step = (WIDTH - LEFT - RIGHT) / len(shown)
    titles = ", ".join(f"{p[0].label} {p[0].provision.title}" for p in panels)
    parts = [
        tag("title", say("Is it holding, day by day: {readings}", readings=titles or say("no reading is answered"))),
        tag("desc", " ".join(_text(p, shown) for p in panels)),
        tag("rect", x=LEFT + shown.index(days.reported[0]) * step, y=0, width=len(days.reported) * step, height=height,
            class_="today"),
        *(
            tag("text", f"{d.day}" if n and d.day != 1 else words.day_short(d), x=LEFT + (n + 0.5) * step, y=14,
                class_="tick")
            for n, d in enumerate(shown)
        ),
    ]  # fmt: skip
    for n, panel in enumerate(panels):
        parts.append(_panel(panel, shown, step, HEAD + n * (PANEL + 3 * ROW + 20)))
    return tag("svg", *parts, viewBox=f"0 0 {WIDTH} {int(height)}", role="img", class_="chart")


def _text(panel: Panel, shown: list[date]) -> str:
    """The drawing in words: spells of one answer, and the changes."""
    one, told, _, marks = panel
    spells: list[tuple[str, date, date]] = []
    for d in shown:
        word = say(ANSWERS[str(told[d]["word"])]) if d in told else ""
        if word and spells and spells[-1][0] == word:
            spells[-1] = (word, spells[-1][1], d)
        elif word:
            spells.append((word, d, d))
    said = [f"{w} {words.day_short(a)}" + (f" – {words.day_short(b)}" if a != b else "") for w, a, b in spells]
    seen = [_mark(m, words.day_short(m["day"])) for m in marks]
    spelt = words.sentence(f"{one.label} {one.provision.title}: {words.listing(said)}")
    return f"{spelt} {words.sentence(words.listing(seen))}" if seen else spelt


def _panel(panel: Panel, shown: list[date], step: float, top: float) -> Markup:
    one, told, rates, marks = panel
    highs = [_float(rates[d], "rate_high") for d in shown if d in rates]
    most = max([h for h in highs if h is not None] or [1.0]) or 1.0
    base = top + PANEL
    title = f"{one.label} {one.held_by}, {one.agreement}: {one.provision.title}"
    parts = [
        tag("text", tag("title", title), Markup.escape(beside(one, 40)), x=4, y=top + 22, class_="name"),
        tag(
            "text",
            say("violations a day, 5 % to 95 %; top {number}", number=words.number(most)),
            x=4,
            y=top + 52,
            class_="note",
        ),
        tag(
            "text", tag("title", one.agreement), Markup.escape(label(one.agreement, 48)), x=4, y=top + 37, class_="note"
        ),
        tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=base, y2=base, class_="axis"),
        tag("text", say("share watched"), x=4, y=base + ROW - 2, class_="note"),
        tag("text", say("answer"), x=4, y=base + 2 * ROW + 2, class_="note"),
    ]
    for n, d in enumerate(shown):
        x = LEFT + n * step
        rate, verdict = rates.get(d), told.get(d)
        cells: list[Markup] = []
        said = words.day(d)
        if rate:
            low, middle, high = (_float(rate, c) for c in COLUMNS[:3])
            if low is not None and high is not None:
                y, tall = base - (PANEL - 14) * high / most, (PANEL - 14) * (high - low) / most
                cells.append(tag("rect", x=x + 1, y=y, width=step - 2, height=max(tall, 1.0), class_="band"))
                said += ": " + say("{low} to {high} violations", low=words.number(low), high=words.number(high))
            if middle is not None:
                y = base - (PANEL - 14) * middle / most
                cells.append(tag("rect", x=x + 1, y=y - 1, width=step - 2, height=2, class_="bar"))
            watched = _float(rate, "watched")
            class_ = "ex-none" if watched is None else "share"
            tall = (ROW - 4) * (1.0 if watched is None else watched)
            cells.append(tag("rect", x=x + 0.5, y=base + ROW - tall, width=step - 1, height=tall, class_=class_))
            said += "; " + say("watched {share}", share=words.share(watched))
        if verdict:
            word = str(verdict["word"])
            at = {"x": x + 0.5, "y": base + ROW + 4, "width": step - 1, "height": ROW - 2}
            cells.append(tag("rect", **at, class_=f"v-{word}"))
            said += f"; {say(ANSWERS[word])}"
        parts.append(tag("g", tag("title", said), *cells))
    for mark in marks:
        x = LEFT + shown.index(mark["day"]) * step
        says = _mark(mark, words.day(mark["day"]))
        class_ = "mark" if mark["word"] == "behaviour" else "mark doubt"
        parts.append(tag("line", tag("title", says), x1=x, x2=x, y1=top + 4, y2=base, class_=class_))
    return tag("g", *parts)


def _mark(mark: Row, day: str) -> str:
    what, why = str(mark["what"]), say(EXPLAINED[str(mark["word"])])
    return say("{what} on {day}: {why}", what=say(MARKS.get(what, what)), day=day, why=why)


def _float(row: Row, column: str) -> float | None:
    value = row[column]
    return float(value) if isinstance(value, int | float) else None
