"""A scenario: the ceasefire that is simulated, written as YAML (``format: teisen-scenario/1``)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, Field

from teisen.observation.profile import Strict


class Days(Strict):
    """Whole days, UTC, from ``start`` up to but without ``end``."""

    start: date = Field(alias="from")
    end: date = Field(alias="to")


class Truce(Strict):
    """A truce and how much of the violence it leaves (0: none, 1: all of it)."""

    start: AwareDatetime = Field(alias="from")
    end: AwareDatetime = Field(alias="to")
    leaves: float = Field(ge=0)


class Region(Strict):
    """A region of the fictional ground: a box [west, south, east, north] in degrees."""

    id: str
    name: str
    box: tuple[float, float, float, float]


class Town(Strict):
    """A town that reports name, or a protected site if ``target_class`` is given."""

    name: str
    lon: float
    lat: float
    target_class: str | None = None


class HotSpot(Strict):
    """A place on or near the line with a share of all incidents, spread in metres (standard deviation per axis)."""

    lon: float
    lat: float
    share: float = Field(ge=0, le=1)
    spread_m: float = Field(gt=0)


class Observer(Strict):
    """A simulated source: a profile, and the format of file it writes.

    ``party`` speaks through it, where it is a party's. ``exaggerates`` multiplies what a party counts; ``invents`` is
    the share of its allegations that never happened; ``silent`` are days on which the source delivers nothing.
    """

    source_id: str
    profile: str
    writes: Literal["fires", "reports", "alerts", "allegations"]
    party: str | None = None
    exaggerates: float = 1.0
    invents: float = Field(default=0.0, ge=0, le=1)
    copies: float = Field(default=0.0, ge=0)
    silent: tuple[date, ...] = ()


class Scenario(Strict):
    """What happens, where, and who watches it with what."""

    format: Literal["teisen-scenario/1"]
    id: str
    title: str
    seed: int
    period: Days
    parties: tuple[str, str]
    line: tuple[tuple[float, float], ...] = Field(min_length=2)
    depth_m: float = Field(gt=0)
    regions: tuple[Region, ...]
    towns: tuple[Town, ...]
    incidents_per_day: float = Field(gt=0)
    hot_spots: tuple[HotSpot, ...] = ()
    kinds: dict[str, float]
    cloud: float = Field(ge=0, le=1)
    truces: tuple[Truce, ...] = ()
    observers: tuple[Observer, ...]
