"""How pages write numbers, times and words of the vocabulary: filters of the templates, in the visitor's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from teisen.languages import Words, again, text
from teisen.release.report import words as written
from teisen.release.report.amounts import amount
from teisen.release.report.drawing import OTHER, SHAPES, SYMBOLS, tag

TOLD = (
    *(text("the public"), text("observer"), text("analyst"), text("reviewer"), text("duty officer")),
    *(text("party liaison"), text("mediator"), text("administrator")),
    *(text("window"), text("place"), text("target"), text("kind"), text("party"), text("several")),
    *(text("seconded"), text("lapsed"), text("void"), text("proposed")),
    *(text("what it was, a word of the vocabulary"), text("when: two moments with their zone"), text("what was hit")),
    *(text("with which weapon"), text("it is no incident of the conflict")),
    text("where: degrees, and the standard deviation in metres"),
    text("who; what is missing to 1 is undetermined"),
    text("the level of the finding, a word of the agreement's standard of proof"),
)
"""Words that tables and other rooms hold, and that pages say."""


def _words(context: Context) -> Words:
    known: Words = context["visitor"].words
    return known


@pass_context
def moment(context: Context, time: datetime | None, zone: str = "UTC") -> str:
    """A moment on the clock of ``zone``, which is named."""
    if time is None:
        return _words(context)("not told")
    return f"{_words(context).moment(time.astimezone(ZoneInfo(zone)))} {zone}"


@pass_context
def span(context: Context, start: datetime | None, end: datetime | None, zone: str = "UTC") -> str:
    """From when to when, on the clock of ``zone``; the day once where both ends share it."""
    words = _words(context)
    if start is None or end is None:
        return words("not told")
    a, b = start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
    if a == b:
        return f"{words.moment(a)} {zone}"
    last = f"{b:%H:%M}" if a.date() == b.date() else words.moment(b)
    if a.date() < b.date() and b.time() == datetime.min.time() and (b - a) <= timedelta(days=1):
        last = "24:00"
    return f"{words.moment(a)} – {last} {zone}"


@pass_context
def day(context: Context, when: date) -> str:
    """A day in words."""
    return _words(context).day(when)


@pass_context
def short_day(context: Context, when: date) -> str:
    """A day as few signs."""
    return _words(context).day_short(when)


@pass_context
def number(context: Context, value: float | None, decimals: int = 1) -> str:
    """A number; a dash for what is not known."""
    return "–" if value is None else _words(context).number(value, decimals)


@pass_context
def estimate(context: Context, value: float | None) -> str:
    """An expected number, never a bare 0 for a small one."""
    small = value is not None and 0 < value < 0.05
    return f"<{number(context, 0.1)}" if small else number(context, value)


def chance(p: float | None) -> str:
    """A probability in per cent, never 0 or 100 for what lies between."""
    if p is None:
        return "–"
    if 0 < p < 0.005:
        return "<1 %"
    return ">99 %" if 0.995 < p < 1 else f"{p * 100:.0f} %"


@pass_context
def interval(context: Context, row: Any, decimals: int = 1) -> Markup:
    """Middle, low and high as a number with its 90 % interval; ``row`` is (low, middle, high)."""
    low, middle, high = row
    words = _words(context)
    if low is None or high is None:
        return Markup('<span class="iv">{}</span>').format(words("no number"))
    ends = words("{low} to {high}", low=number(context, low, decimals), high=number(context, high, decimals))
    if middle is None:
        return Markup('<span class="iv">{}</span>').format(ends)
    return Markup('<span class="iv">{} <small>({})</small></span>').format(number(context, middle, decimals), ends)


@pass_context
def metres(context: Context, value: float | None) -> str:
    """A distance, in kilometres from one on."""
    if value is None:
        return _words(context)("not told")
    return (
        f"{number(context, value, 0)} m"
        if value < 1000
        else f"{number(context, value / 1000, 1 if value < 10_000 else 0)} km"
    )


@pass_context
def kind(context: Context, word: str | None) -> str:
    """The title of a kind."""
    return written.kind(word) if word else _words(context)("not told")


@pass_context
def target(context: Context, word: str | None) -> str:
    """The title of a class of target."""
    return written.target(word) if word else _words(context)("not told")


@pass_context
def weapon(context: Context, word: str | None) -> str:
    """The title of a weapon."""
    return written.weapon(word) if word else _words(context)("not told")


@pass_context
def said(context: Context, sentence: str | None) -> str:
    """A sentence that a stage wrote in English, in the visitor's language where the catalogue has it."""
    return again(sentence, _words(context).language) if sentence else ""


def headed(title: str | None) -> str:
    """A title, the kind that it begins with in the visitor's language."""
    return written.headed(title) if title else ""


def symbol(word: str) -> Markup:
    """The symbol of a kind, as the map draws it."""
    shape, colour = SYMBOLS.get(word, OTHER)
    path = tag("path", d=SHAPES[shape], class_=colour)
    return tag("svg", path, viewBox="-8 -8 16 16", class_="sym", aria_hidden="true", focusable="false")


def web(link: str | None) -> str:
    """A plain web address; anything else is no link."""
    return link if link and link.startswith(("https://", "http://")) else ""


FILTERS: Mapping[str, Callable[..., Any]] = {
    "moment": moment,
    "span": span,
    "day": day,
    "short_day": short_day,
    "number": number,
    "estimate": estimate,
    "chance": chance,
    "interval": interval,
    "metres": metres,
    "kind": kind,
    "target": target,
    "weapon": weapon,
    "amount": amount,
    "said": said,
    "headed": headed,
    "symbol": symbol,
    "web": web,
}
"""Filters by name."""
