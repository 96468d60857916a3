"""Windows and deadlines of the terms as an iCalendar (RFC 5545): what holds when, under whose reading."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import icalendar
import polars as pl

from teisen.agreement import Agreement, Provision, Reading
from teisen.decision import SUBJECT_STATE, queue
from teisen.fusion.schema import INCIDENT
from teisen.judgement.schema import FINDING
from teisen.languages import say, spoken, text
from teisen.release.outward.notes import SIMULATED, authority, disclaimer
from teisen.release.redaction import Released
from teisen.release.report import words
from teisen.release.report.context import EPOCH, ReportContext

WINDOW = text("{provision}, as {party} reads it")
BEGINS = text("{what}: begins")
ENDS = text("{what}: ends")


def ical(released: Released, about: ReportContext, agreements: Sequence[Agreement]) -> bytes:
    """The calendar of a case, in the language being spoken.

    Args:
        released: what the audience may have. Only an audience that sees all decisions gets what waits for people, with
            the clocks that agreements set.
        about: the case and its moment of release.
        agreements: of the case.

    Returns:
        UTF-8 text with CRLF. A window open at one side is a moment at its other; one of a reading that is open at both
        is not in it.
    """
    calendar = icalendar.Calendar()
    name = f"{say('SIMULATED')} – {about.title}" if about.simulated else about.title
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Teisen//Teisen//EN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("description", " ".join([*([say(SIMULATED)] if about.simulated else []), disclaimer()]))
    for agreement in agreements:
        for entry in _of_agreement(agreement, about):
            calendar.add_component(_signed(entry, released, about))
    if released.terms.decisions == "all":
        for entry in _clocks(released, about, agreements):
            calendar.add_component(_signed(entry, released, about))
    return bytes(calendar.to_ical(sorted=False))


def _of_agreement(agreement: Agreement, about: ReportContext) -> Iterator[icalendar.Component]:
    for provision in agreement.provisions:
        for reading in provision.readings:
            yield from _window(agreement, provision, reading, about)
    for event in agreement.events:
        if event.us is not None:
            said = f"{event.title}. {event.note or ''}".strip()
            yield _event(("event", agreement.id, event.id), event.title, said, _moment(event.us), None)
    for notice in agreement.notices:
        start, end = notice.window.start_us, notice.window.end_us
        if start is not None:
            head = say("Notice by {party}: {what}", party=about.name_of(notice.by), what=notice.what)
            clock = say("On the clock of {zone}.", zone=notice.window.clock)
            until = None if end is None else _moment(end)
            yield _event(("notice", agreement.id, notice.id), head, clock, _moment(start), until)


def _window(
    agreement: Agreement, provision: Provision, reading: Reading, about: ReportContext
) -> Iterator[icalendar.Component]:
    start, end = agreement.rule(provision, reading).span
    key = ("window", agreement.id, provision.id, reading.id)
    head = say(WINDOW, provision=provision.title, party=about.name_of(reading.held_by))
    text_of_it = provision.text[-1]
    said = f"{agreement.title}. {reading.title}. {text_of_it.words}"
    if start is not None and end is not None:
        yield _event(key, head, said, _moment(start), _moment(end))
    if start is not None and end is None:
        yield _event(key, say(BEGINS, what=head), f"{said} {say('no end stated')}.", _moment(start), None)
    if end is not None:
        yield _event(("deadline", *key[1:]), say(ENDS, what=head), said, _moment(end), None)


def _clocks(released: Released, about: ReportContext, agreements: Sequence[Agreement]) -> Iterator[icalendar.Component]:
    """What waits for people with the hour by which the agreement wants it, as to-dos."""
    tables = released.tables
    waiting = queue(
        tables.get("finding", FINDING.empty()),
        tables.get("incident", INCIDENT.empty()),
        tables.get("subject_state", SUBJECT_STATE.empty()),
        {agreement.id: agreement.clocks for agreement in agreements},
    )
    for row in waiting.filter(pl.col("due").is_not_null()).sort("due", "subject_id").iter_rows(named=True):
        todo = icalendar.Todo()
        todo.add("uid", f"{_key('clock', row['subject_id'])}@{authority(about)}")
        title = words.headed(row["title"] or "")
        todo.add("summary", say("To be taken up or decided: {what}", what=title))
        todo.add("due", row["due"])
        todo.add("status", "NEEDS-ACTION")
        yield todo


def _event(key: tuple[str, ...], head: str, said: str, start: datetime, end: datetime | None) -> icalendar.Component:
    event = icalendar.Event()
    event.add("uid", _key(*key))
    event.add("summary", head)
    event.add("description", said)
    event.add("dtstart", start)
    if end is not None and end > start:
        event.add("dtend", end)
    event.add("categories", [key[0]])
    event.add("transp", "TRANSPARENT")
    return event


def _signed(entry: icalendar.Component, released: Released, about: ReportContext) -> icalendar.Component:
    """An entry with what all have: a global id, when it was made, its language, and whether it is simulated."""
    uid = str(entry["uid"])
    if "@" not in uid:
        entry["uid"] = icalendar.vText(f"{uid}@{authority(about)}")
    entry.add("dtstamp", released.as_of.astimezone(UTC))
    entry["summary"] = icalendar.vText(
        f"{say('SIMULATED')} – {entry['summary']}" if about.simulated else str(entry["summary"]),
        params={"LANGUAGE": spoken().language},
    )
    return entry


def _key(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]


def _moment(us: int) -> datetime:
    return EPOCH + timedelta(microseconds=us)
