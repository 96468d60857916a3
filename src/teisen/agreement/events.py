"""What happened beside the text that rules hang on: events, and notices that parties gave each other."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from teisen.agreement.stances import Text
from teisen.agreement.vocabulary import AreaId, Id, Kind, PartyId
from teisen.agreement.windows import DEFAULT_ZONE, LocalTime, Window, Zone, to_us
from teisen.documents import Strict

HOUR_US = 3_600_000_000


class Event(Strict):
    """Something that a rule may count from; without ``at`` it is not known to have happened."""

    id: Id
    title: Text
    at: LocalTime | None = None
    zone: Zone | None = None
    source: Id
    note: str | None = None

    @property
    def clock(self) -> str:
        """The zone whose clock is meant."""
        return self.zone or DEFAULT_ZONE

    @property
    def us(self) -> int | None:
        """When it happened, in microseconds since 1970, UTC; None: not known to have."""
        return None if self.at is None else to_us(self.at, self.zone)


class Announced(Window):
    """The time for which something is announced: ``from`` is needed, ``to`` left out is open."""

    start: LocalTime = Field(alias="from")


class Notice(Strict):
    """A notification under the agreement: who gave it when, and what it covers. No ``areas`` or ``kinds``: all."""

    id: Id
    by: PartyId
    given: LocalTime
    zone: Zone | None = None
    what: Text
    window: Announced
    areas: tuple[AreaId, ...] = ()
    kinds: tuple[Kind, ...] = ()
    source: Id
    note: str | None = None

    @property
    def hours_before(self) -> float:
        """How long before its window it was given; below 0: after the window had begun."""
        return (to_us(self.window.start, self.window.zone) - to_us(self.given, self.zone)) / HOUR_US


class Clocks(Strict):
    """How soon a matter has to be taken up, and decided, in hours from when it is on record; empty: not agreed."""

    inquiry_hours: Annotated[float, Field(gt=0)] | None = None
    finding_hours: Annotated[float, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Clocks:
        if self.inquiry_hours and self.finding_hours and self.finding_hours < self.inquiry_hours:
            raise ValueError("`finding_hours:` may not be less than `inquiry_hours:`; both count from one moment")
        return self
