"""Days, weeks and months of local time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Period = tuple[datetime, datetime]


def periods(per: str, zone: str, start: datetime, end: datetime) -> list[Period]:
    """Local days, weeks (from Monday) or months that share time with ``start`` to ``end``; a moment lies in one.

    Args:
        per: day, week or month.
        zone: IANA name.
        start: aware.
        end: aware; the period that begins there is left out.

    Returns:
        First moment, and moment at which it is over, in UTC, one after the other.
    """
    clock = ZoneInfo(zone)
    day = _first(per, start.astimezone(clock).date())
    found: list[Period] = []
    while not found or _midnight(day, clock) < end:
        after = _next(per, day)
        found.append((_midnight(day, clock), _midnight(after, clock)))
        day = after
    return found


def _first(per: str, day: date) -> date:
    return {"day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1)}[per]


def _next(per: str, day: date) -> date:
    if per == "month":
        return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return day + timedelta(days={"day": 1, "week": 7}[per])


def _midnight(day: date, clock: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=clock).astimezone(UTC)
