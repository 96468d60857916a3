"""The day in plain words: every sentence with its numbers, what could be seen beside them, and where they stand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from teisen.languages import counted, say, text
from teisen.release.report import who, words
from teisen.release.report.claims import Claims
from teisen.release.report.days import Days
from teisen.release.report.groups import GROUPS, REST, Group
from teisen.release.report.holding import Holding
from teisen.release.report.holding import sentence as sentence_of
from teisen.release.report.incidents import Incident
from teisen.release.report.regions import Region
from teisen.release.report.terms import WEEK, ReadingOfDay, as_read, sentence
from teisen.release.report.watching import Watch

NOTHING_SEEN = {
    "probably": text("an attack of the kind seen best would probably have been recorded"),
    "perhaps": text("even an attack of the kind seen best may have gone unrecorded"),
    "hardly": text("even an attack of the kind seen best would hardly have been recorded"),
    "unknown": text("it is not known whether an attack would have been recorded"),
    "blind": text("nobody could see"),
    "unstated": text("no source says that it looked"),
}
"""What a region without a recorded use of force is worth, by how well an attack would have been seen."""


@dataclass(frozen=True)
class Line:
    """One sentence; ``head`` is what it speaks of and links to ``anchor``."""

    head: str
    anchor: str
    says: str
    label: str = ""


@dataclass(frozen=True)
class Summary:
    """What was recorded, whether it holds and what that was under each reading, what was alleged, what was not seen."""

    recorded: tuple[Line, ...]
    holding: tuple[Line, ...]
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
    held: Holding,
) -> Summary:
    """The summary of the day."""
    told = who.of_days(days)
    ids = {group: [i.id for i in incidents if i.group == group] for group in GROUPS}
    lines = [
        Line(
            as_read(one),
            one.anchor,
            sentence(days, one, ids),
            one.label,
        )
        for one in readings
        if one.in_force
    ]
    asleep = [
        f"{one.label} ({one.agreement}: {one.provision.title}, {one.held_by})" for one in readings if not one.in_force
    ]
    if asleep:
        lines.append(
            Line(
                say("Not in force on this day"),
                "readings",
                say("{readings}: nothing of it is judged by them.", readings=words.listing(asleep)),
            )
        )
    lines += [
        Line(as_read(one), one.anchor, say("Its time is over. {counted}", counted=one.so_far), one.label)
        for one in readings
        if one.so_far and not one.in_force and one.reading.end is not None and one.reading.end <= days.bounds[0]
    ]
    if partings:
        says = counted(
            partings,
            "On {n} incident or allegation of this day the readings part: in scope under one, not under another.",
            "On {n} incidents and allegations of this day the readings part: in scope under one, not under another.",
        )
        lines.append(Line(say("Where readings part"), "partings", says))
    return Summary(
        tuple(_recorded(days, incidents, regions, told)),
        tuple(
            Line(one.title, "holding" if held.rows else "readings", sentence_of(one), one.label) for one in held.answers
        ),
        tuple(lines),
        tuple(_alleged(days, c, told) for c in claims),
        tuple(Line(w.title, "exposure", w.told) for w in watches),
    )


def _recorded(days: Days, incidents: list[Incident], regions: list[Region], told: who.Told) -> list[Line]:
    lines = [_counted(days, incidents, "force")]
    if told.of:
        lines.append(Line(say("Who did it"), "incidents", who.sentence(days, told)))
    lines.append(_counted(days, incidents, "trace"))
    rest = _counted(days, incidents, "rest")
    lines += [rest] if any(i.group == "rest" for i in incidents) else []
    if incidents:
        kinds = Counter(i.kind_title for i in incidents)
        ranked = sorted(kinds.items(), key=lambda k: (-k[1], k[0]))
        listed = words.listing([f"{kind} {n}" for kind, n in ranked[:6]])
        lines.append(Line(say("By likeliest kind"), "incidents", words.sentence(listed)))
    empty = Counter(r.verdict for r in regions if r.id and r.force == 0)
    parts = [
        counted(empty[s], "in {n} region {says}", "in {n} regions {says}", says=say(says))
        for s, says in NOTHING_SEEN.items()
        if empty[s]
    ]
    withheld = sum(r.withheld for r in regions)
    if withheld:
        parts.append(counted(withheld, "for {n} region the count is withheld", "for {n} regions the count is withheld"))
    if parts:
        says = words.listing(parts)
        lines.append(Line(say("Where no use of force was recorded"), "regions", words.sentence(says)))
    return lines


def _counted(days: Days, incidents: list[Incident], group: Group) -> Line:
    """Incidents of a group against the day before and the mean of the week before."""
    then = days.recorded(days.day - timedelta(days=WEEK), days.before, group)
    known = {d: n for d, n in then.items() if d >= days.about.first}
    before = say("the day before lies outside the case")
    if days.before in known:
        before = say("the day before {number}", number=known[days.before])
    if len(known) > 1:
        mean = words.number(sum(known.values()) / len(known))
        before += say(", mean of the {days} days before {number}", days=len(known), number=mean)
    mine = [i for i in incidents if i.group == group]
    if group == "rest":
        says = say("{number} recorded; {before}.", number=words.number(len(mine)), before=before)
        return Line(say(REST), "regions", says)
    if group == "trace":
        says = say(
            "{number} recorded; {before}. A field on fire and a strike's fire look alike from above.",
            number=words.number(len(mine)),
            before=before,
        )
        return Line(say("Fires and other traces, cause not told"), "regions", says)
    conflict = words.estimate(round(sum(i.p for i in mine), 4))
    says = say(
        "{number} recorded, {conflict} expected to be of the conflict; {before}.",
        number=words.number(len(mine)),
        conflict=conflict,
        before=before,
    )
    return Line(say("Uses of force"), "regions", says)


def _alleged(days: Days, claims: Claims, told: who.Told) -> Line:
    """How many statements and what became of them; totals as stated, one after the other, never added up."""
    name = claims.party.name
    named = who.alleged(days, told, claims.party.id, [c.accused_id for c in claims.claims])
    if not claims.claims:
        says = say("No statement about this day is on record.")
        return Line(name, "allegations", f"{says} {named}".strip())
    outcomes = words.listing([f"{n} {title}" for title, n in claims.outcomes])
    says = counted(
        len(claims.claims),
        "{n} statement about this day or made on it: {outcomes}.",
        "{n} statements about this day or made on it: {outcomes}.",
        outcomes=outcomes,
    )
    says += "".join(
        " " + say("Total stated for {window}: {total}.", window=c.window, total=c.total)
        for c in claims.claims
        if c.total
    )
    return Line(name, "allegations", f"{says} {named}".strip())
