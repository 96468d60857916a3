"""The day in plain words: every sentence with its numbers, what could be seen beside them, and where they stand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from teisen.release.report import words
from teisen.release.report.claims import Claims
from teisen.release.report.days import Days
from teisen.release.report.incidents import Incident
from teisen.release.report.regions import Region
from teisen.release.report.terms import WEEK, ReadingOfDay, sentence
from teisen.release.report.watching import Watch


@dataclass(frozen=True)
class Line:
    """One sentence; ``head`` is what it speaks of and links to ``anchor``."""

    head: str
    anchor: str
    says: str
    label: str = ""


@dataclass(frozen=True)
class Summary:
    """What was recorded, what that was under each reading, what was alleged, and what could not be seen."""

    recorded: tuple[Line, ...]
    readings: tuple[Line, ...]
    alleged: tuple[Line, ...]
    unseen: tuple[Line, ...]


def summary(
    days: Days,
    incidents: list[Incident],
    regions: list[Region],
    *,
    readings: list[ReadingOfDay],
    claims: list[Claims],
    watches: list[Watch],
    partings: int,
) -> Summary:
    """The summary of the day."""
    lines = [
        Line(
            f"{one.agreement}: {one.provision.title}, as {one.held_by} reads it",
            one.anchor,
            sentence(one, len(incidents)),
            one.label,
        )
        for one in readings
    ]
    if partings:
        on = words.plural(partings, "incident or allegation", "incidents and allegations")
        says = f"On {on} of this day the readings part: in scope under one, not under another."
        lines.append(Line("Where readings part", "partings", says))
    return Summary(
        tuple(_recorded(days, incidents, regions)),
        tuple(lines),
        tuple(_alleged(c) for c in claims),
        tuple(Line(w.title, "exposure", f"{w.says}.") for w in watches),
    )


def _recorded(days: Days, incidents: list[Incident], regions: list[Region]) -> list[Line]:
    first = days.about.first
    then = days.recorded(days.day - timedelta(days=WEEK), days.before)
    known = {d: n for d, n in then.items() if d >= first}
    before = (
        f"{known[days.before]} the day before"
        if days.before in known
        else "the day before, which lies outside the case"
    )
    if len(known) > 1:
        before += f" and a mean of {words.number(sum(known.values()) / len(known))} over the {len(known)} days before"
    conflict = words.estimate(round(sum(i.p for i in incidents), 4))
    recorded = words.plural(len(incidents), "incident")
    says = f"{recorded} recorded; {conflict} of them expected to be of the conflict. Compare {before}."
    lines = [Line("Incidents", "regions", says)]
    if incidents:
        kinds = Counter(i.kind_title for i in incidents)
        ranked = sorted(kinds.items(), key=lambda k: (-k[1], k[0]))
        listed = words.listing([f"{kind} {n}" for kind, n in ranked[:6]])
        lines.append(Line("By likeliest kind", "incidents", f"{listed}."))
    quiet = Counter(r.verdict for r in regions if r.id and r.recorded == 0)
    parts = []
    if quiet["watched"]:
        parts.append(f"in {words.plural(quiet['watched'], 'region')} nothing was seen by sources that watched")
    if quiet["blind"]:
        parts.append(f"in {words.plural(quiet['blind'], 'region')} nobody could see")
    if quiet["unstated"]:
        parts.append(f"for {words.plural(quiet['unstated'], 'region')} no source says that it looked")
    withheld = sum(r.withheld for r in regions)
    if withheld:
        parts.append(f"for {words.plural(withheld, 'region')} the count is withheld")
    if parts:
        says = words.listing(parts)
        lines.append(Line("Where nothing was recorded", "regions", f"{says[0].upper()}{says[1:]}."))
    return lines


def _alleged(claims: Claims) -> Line:
    """How many statements and what became of them; quantities stay with the statements."""
    name = claims.party.name
    if not claims.claims:
        return Line(name, "allegations", "no statement about this day is on record.")
    outcomes = words.listing([f"{n} {title}" for title, n in claims.outcomes])
    says = f"{words.plural(len(claims.claims), 'statement')} about this day or made on it: {outcomes}."
    return Line(name, "allegations", says)
