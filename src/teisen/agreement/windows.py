"""Windows of time as agreements state them: local clock time in a named zone, from the first moment up to the last."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from teisen.documents import Strict

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DEFAULT_ZONE = "UTC"


def _local(value: Any) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("write a date as 2025-03-18 or a local time as 2025-03-18T18:00") from None
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            raise ValueError("write the local time without an offset, and its zone under `zone:`")
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001  local midnight; the zone stands beside it
    raise ValueError("write a date as 2025-03-18 or a local time as 2025-03-18T18:00")


def _zone(value: Any) -> str:
    try:
        return ZoneInfo(str(value)).key
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("no such time zone; write an IANA name such as Europe/Paris or UTC") from None


LocalTime = Annotated[
    datetime,
    BeforeValidator(_local),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?)?$"}),
]
"""A local time without offset; a bare date is local midnight."""
Zone = Annotated[str, BeforeValidator(_zone)]
"""An IANA time zone."""


def to_utc(local: datetime, zone: str | None) -> datetime:
    """The moment in UTC; of two moments that a clock change makes the same, the earlier one."""
    return local.replace(tzinfo=ZoneInfo(zone or DEFAULT_ZONE)).astimezone(UTC)


def at_a_clock_change(local: datetime, zone: str | None) -> Literal["skipped", "twice"] | None:
    """Whether the clock of ``zone`` skips this local time, or shows it twice; None: it shows it once."""
    moment = local.replace(tzinfo=ZoneInfo(zone or DEFAULT_ZONE))
    if moment.utcoffset() == moment.replace(fold=1).utcoffset():
        return None
    return "twice" if to_utc(local, zone).astimezone(moment.tzinfo).replace(tzinfo=None) == local else "skipped"


def to_us(local: datetime, zone: str | None) -> int:
    """The moment in microseconds since 1970, UTC."""
    return (to_utc(local, zone) - EPOCH) // timedelta(microseconds=1)


def to_local(us: int, zone: str | None) -> datetime:
    """The clock time in ``zone`` of a moment in microseconds since 1970, UTC."""
    moment = EPOCH + timedelta(microseconds=us)
    return moment.astimezone(ZoneInfo(zone or DEFAULT_ZONE)).replace(tzinfo=None)


class Moment(Strict):
    """A moment on the clock of ``zone``, or of UTC."""

    at: LocalTime
    zone: Zone | None = None

    @property
    def clock(self) -> str:
        """The zone whose clock is meant."""
        return self.zone or DEFAULT_ZONE

    @property
    def us(self) -> int:
        """The moment in microseconds since 1970, UTC."""
        return to_us(self.at, self.zone)


class Window(Strict):
    """From ``from`` up to but without ``to``; a side that is left out is open. Without a zone the clock is UTC's."""

    start: LocalTime | None = Field(default=None, alias="from")
    end: LocalTime | None = Field(default=None, alias="to")
    zone: Zone | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Window:
        if self.start is None and self.end is None:
            raise ValueError("a window needs `from:` or `to:` or both")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError("`to:` has to be later than `from:` (the window ends just before it)")
        return self

    @property
    def clock(self) -> str:
        """The zone whose clock is meant."""
        return self.zone or DEFAULT_ZONE

    @property
    def start_us(self) -> int | None:
        """First moment in microseconds since 1970; none: open."""
        return None if self.start is None else to_us(self.start, self.zone)

    @property
    def end_us(self) -> int | None:
        """Moment at which it is over, in microseconds since 1970; none: open."""
        return None if self.end is None else to_us(self.end, self.zone)


class ClosedWindow(Window):
    """A window with both sides and a zone."""

    start: LocalTime = Field(alias="from")
    end: LocalTime = Field(alias="to")
    zone: Zone
