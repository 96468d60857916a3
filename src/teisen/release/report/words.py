"""How a report writes numbers, times, places and words of the vocabulary, in the language it is written in."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from teisen.languages import counted, say, spoken, text
from teisen.observation import vocabulary

OUTCOMES = {
    "corroborated": text("corroborated"),
    "partly": text("partly corroborated"),
    "not_seen_blind": text("not corroborated; it would probably have gone unseen"),
    "unplaced": text("not corroborated; it names no place to look at"),
    "not_seen_watched": text("not corroborated, although it would probably have been seen"),
    "unread": text("not read"),
}
NUMBERS = {
    "borne_out": text("so many are on record"),
    "possible": text("so many can have been"),
    "not_supported": text("so many are not supported"),
    "cannot_tell": text("whether there were so many cannot be told"),
    "not_comparable": text("the number is none of incidents"),
}
"""How a number alleged is met."""
STATES = {
    "watched": text("watched"),
    "cloud": text("cloud"),
    "no_data": text("no data"),
    "outage": text("outage"),
    "refused": text("access refused"),
    "jammed": text("jammed"),
    "unknown": text("not known"),
}
"""Exposure states in the words and the order of a report."""
RELATIONS = {
    "member": text("reported it"),
    "supports": text("supports it"),
    "missed": text("missed it"),
    "could_not_see": text("could not have seen it"),
}
UNSTATED = text("no effort stated")
RATES = {
    "seen": text("seen"),
    "nothing_seen": text("nothing seen"),
    "nobody_could_see": text("nobody could see"),
}
ROLES = {
    "makes": text("makes incidents"),
    "supports": text("supports incidents"),
    "context": text("background"),
}
"""What a source's rows do, as a report says it."""
MAP_DISCLAIMER = text(
    "The boundaries and names shown and the designations used on this map do not imply the expression of any opinion "
    "whatsoever concerning the legal status of any country, territory, city or area or of its authorities, or "
    "concerning the delimitation of its frontiers or boundaries."
)
"""What the United Nations put under their maps."""


def outcome(word: str) -> str:
    """An outcome in words; what is no outcome stands for itself."""
    return say(OUTCOMES[word]) if word in OUTCOMES else word


def number_met(word: str | None) -> str:
    """How a number alleged is met; empty where none of two and more is stated."""
    return say(NUMBERS[word]) if word in NUMBERS else ""


def interval(low: int | None, high: int | None) -> str:
    """Two counts as "3 to 8", one where they are the same; a dash where an end is not known or not released."""
    if low is None or high is None:
        return "–"
    return number(low) if low == high else say("{low} to {high}", low=number(low), high=number(high))


def state(word: str) -> str:
    """An exposure state in words."""
    return say(STATES[word]) if word in STATES else word


def rate_word(word: str) -> str:
    """What a rate rests on, in a word."""
    return say(RATES[word]) if word in RATES else word


def role(word: str) -> str:
    """What a source's rows do."""
    return say(ROLES[word]) if word in ROLES else word


def number(value: float | None, decimals: int = 1) -> str:
    """A number with at most ``decimals`` decimals and thousands apart; a dash for what is not known."""
    return "–" if value is None else spoken().number(value, decimals)


def estimate(value: float | None) -> str:
    """An expected number: one decimal, and never a bare 0 for a small one."""
    if value is not None and 0 < value < 0.05:
        return say("below {number}", number=spoken().signs("0.1"))
    return number(value)


def change(now: float, then: float) -> str:
    """The signed difference of two counts."""
    return "±0" if now == then else ("+" if now > then else "") + number(now - then)


def chance(p: float | None) -> str:
    """A probability to two decimals; never 0.00 or 1.00 for what is between."""
    if p is None:
        return say("not known")
    if 0 < p < 0.005:
        return spoken().signs("<0.01")
    if 0.995 < p < 1:
        return spoken().signs(">0.99")
    return spoken().signs(f"{p:.2f}")


def share(p: float | None) -> str:
    """A share in per cent."""
    if p is None:
        return say("not known")
    return say("below {number}", number="1 %") if 0 < p < 0.005 else f"{p * 100:.0f} %"


def incidents(n: float) -> str:
    """A count of incidents."""
    return counted(n, "{n} incident", "{n} incidents")


def region_count(n: float) -> str:
    """A count of regions."""
    return counted(n, "{n} region", "{n} regions")


def entries(n: float) -> str:
    """A count of ledger entries."""
    return counted(n, "{n} ledger entry", "{n} ledger entries")


def other_reasons(n: float) -> str:
    """A count of reasons that are not listed."""
    return counted(n, "{n} other reason", "{n} other reasons")


def day(d: date) -> str:
    """A day in words."""
    return spoken().day(d)


def day_short(d: date) -> str:
    """A day without its year: 2 May."""
    return spoken().day_short(d)


def moment(t: datetime | None, zone: str) -> str:
    """A moment in the reporting zone."""
    if t is None:
        return say("not told")
    return spoken().dated(t.astimezone(ZoneInfo(zone)), text("d MMM y HH:mm"))


def window(start: datetime, end: datetime, zone: str) -> str:
    """An interval in the reporting zone; the day is left out where both ends share it."""
    a, b = start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
    first, last = (spoken().dated(t, text("d MMM HH:mm")) for t in (a, b))
    if a == b:
        return first
    if a.date() == b.date():
        return f"{first}–{b:%H:%M}"
    return f"{first} – {last}"


def metres(m: float | None) -> str:
    """A distance, in kilometres from one on."""
    if m is None:
        return say("not told")
    if m < 1000:
        return say("{n} m", n=number(m, 0))
    return say("{n} km", n=number(m / 1000, 1 if m < 10_000 else 0))


def place(lon: float, lat: float) -> str:
    """Coordinates as a sentence writes them."""
    north, east = "N" if lat >= 0 else "S", "E" if lon >= 0 else "W"
    return spoken().signs(f"{abs(lat):.2f}° {north} {abs(lon):.2f}° {east}")


def kind(word: str) -> str:
    """Title of a kind."""
    known = vocabulary().kinds.get(word)
    return say(known.title) if known else word


def headed(title: str) -> str:
    """A title that begins with that of a kind, as fusion writes it where no source has words of its own."""
    head, comma, place = title.rpartition(", ")
    known = {one.title for one in vocabulary().kinds.values()}
    if title in known:
        return say(title)
    return f"{say(head)}{comma}{place}" if head in known else title


def target(word: str | None) -> str:
    """Title of a target class."""
    if word is None:
        return say("not told")
    known = vocabulary().target_classes.get(word)
    return say(known.title) if known else word


def weapon(word: str) -> str:
    """Title of a weapon."""
    known = vocabulary().weapons.get(word)
    return say(known.title) if known else word


def sentence(words_of_it: str) -> str:
    """A sentence of words that begins with a capital letter, with the stop of the language."""
    return say("{sentence}.", sentence=f"{words_of_it[:1].upper()}{words_of_it[1:]}")


def listing(items: list[str]) -> str:
    """Items as a phrase: a, b and c."""
    return spoken().listed(items, "and") if items else ""
