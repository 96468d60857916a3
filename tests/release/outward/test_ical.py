"""The calendar against RFC 5545, read again by another program's eyes: windows, deadlines, notices and clocks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import icalendar

from teisen.release.outward import ical
from tests.release.made_up import about
from tests.release.outward.given import agreement, released


def entries(audience: str = "public", kind: str = "VEVENT") -> list[Any]:
    calendar = icalendar.Calendar.from_ical(ical(released(audience), about(), [agreement()]))
    return [one for one in calendar.walk() if one.name == kind]


def named(found: list[Any], words: str) -> Any:
    (one,) = [entry for entry in found if words in str(entry["summary"])]
    return one


def test_lines_end_and_fold_as_the_standard_says() -> None:
    content = ical(released(), about(), [agreement()])
    assert content.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert max(map(len, content.split(b"\r\n"))) <= 75
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_every_entry_has_its_own_id_and_the_moment_of_release() -> None:
    found = entries()
    assert len({str(one["uid"]) for one in found}) == len(found)
    assert {one["dtstamp"].dt for one in found} == {datetime(2030, 5, 7, 12, tzinfo=UTC)}
    assert all(str(one["uid"]).endswith("@teisen.invalid") for one in found)


def test_windows_are_in_utc_from_the_clock_of_the_reading() -> None:
    found = entries()
    window = named([one for one in found if "dtend" in one], "No strikes, as Xland reads it")
    assert window["dtstart"].dt == datetime(2030, 4, 30, 21, tzinfo=UTC)
    assert window["dtend"].dt == datetime(2030, 5, 3, 21, tzinfo=UTC)
    deadline = named(found, "No strikes, as Xland reads it: ends")
    assert deadline["dtstart"].dt == window["dtend"].dt
    begins = named(found, "No strikes, as Yland reads it: begins")
    assert "dtend" not in begins
    assert "no end stated" in str(begins["description"])


def test_events_that_happened_and_notices_stand_in_it_whole() -> None:
    found = entries()
    assert named(found, "The truce was signed")["dtstart"].dt == datetime(2030, 4, 30, 10, tzinfo=UTC)
    assert not [one for one in found if "may not have happened" in str(one["summary"])]
    notice = named(found, "Notice by Xland: an exercise; of two, days")
    assert notice["dtend"].dt == datetime(2030, 5, 6, 15, tzinfo=UTC)


def test_clocks_are_for_those_inside() -> None:
    assert entries(kind="VTODO") == []
    todo = entries("mission", "VTODO")
    assert todo
    assert all(one["due"].dt.tzinfo is not None for one in todo)
