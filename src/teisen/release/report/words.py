"""How a report writes numbers, times, places and words of the vocabulary."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from teisen.observation import vocabulary

OUTCOMES = {
    "corroborated": "corroborated",
    "partly": "partly corroborated",
    "not_seen_blind": "not corroborated; it could not have been seen",
    "unplaced": "not corroborated; it names no place to look at",
    "not_seen_watched": "not corroborated, although it would probably have been seen",
    "unread": "not read",
}
STATES = {
    "watched": "watched",
    "cloud": "cloud",
    "no_data": "no data",
    "outage": "outage",
    "refused": "access refused",
    "jammed": "jammed",
    "unknown": "not known",
}
"""Exposure states in the words and the order of a report."""
RELATIONS = {
    "member": "reported it",
    "supports": "supports it",
    "missed": "missed it",
    "could_not_see": "could not have seen it",
}
UNSTATED = "no effort stated"


def number(value: float | None, decimals: int = 1) -> str:
    """A number with at most ``decimals`` decimals and thousands apart; a dash for what is not known."""
    if value is None:
        return "–"
    text = f"{value:,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text.replace("-", "−").replace(",", " ")


def estimate(value: float | None) -> str:
    """An expected number: one decimal, and never a bare 0 for a small one."""
    return "below 0.1" if value is not None and 0 < value < 0.05 else number(value)


def change(now: float, then: float) -> str:
    """The signed difference of two counts."""
    return "±0" if now == then else ("+" if now > then else "") + number(now - then)


def chance(p: float | None) -> str:
    """A probability to two decimals; never 0.00 or 1.00 for what is between."""
    if p is None:
        return "not known"
    if 0 < p < 0.005:
        return "<0.01"
    if 0.995 < p < 1:
        return ">0.99"
    return f"{p:.2f}"


def share(p: float | None) -> str:
    """A share in per cent."""
    if p is None:
        return "not known"
    return "below 1 %" if 0 < p < 0.005 else f"{p * 100:.0f} %"


def plural(n: float, one: str, many: str = "") -> str:
    """A count with its noun."""
    return f"{number(n)} {one if n == 1 else many or one + 's'}"


def day(d: date) -> str:
    """A day in words."""
    return f"{d.day} {d:%B %Y}"


def moment(t: datetime | None, zone: str) -> str:
    """A moment in the reporting zone."""
    if t is None:
        return "not told"
    local = t.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%b %Y %H:%M}"


def window(start: datetime, end: datetime, zone: str) -> str:
    """An interval in the reporting zone; the day is left out where both ends share it."""
    a, b = start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
    if a == b:
        return f"{a.day} {a:%b %H:%M}"
    if a.date() == b.date():
        return f"{a.day} {a:%b %H:%M}–{b:%H:%M}"
    return f"{a.day} {a:%b %H:%M} – {b.day} {b:%b %H:%M}"


def metres(m: float | None) -> str:
    """A distance, in kilometres from one on."""
    if m is None:
        return "not told"
    return f"{number(m, 0)} m" if m < 1000 else f"{number(m / 1000, 1 if m < 10_000 else 0)} km"


def kind(word: str) -> str:
    """Title of a kind."""
    known = vocabulary().kinds.get(word)
    return known.title if known else word


def target(word: str | None) -> str:
    """Title of a target class."""
    if word is None:
        return "not told"
    known = vocabulary().target_classes.get(word)
    return known.title if known else word


def weapon(word: str) -> str:
    """Title of a weapon."""
    known = vocabulary().weapons.get(word)
    return known.title if known else word


def listing(items: list[str], last: str = "and") -> str:
    """Items as a phrase: a, b and c."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else ""
