"""The patrol programme: the mixtures that routes are drawn from, as a document with a hash, and a day's routes by its
key.

The format ``teisen-patrols/1``. Whoever has the document, the openings and this page can draw the same routes again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

import numpy as np
import polars as pl
import rfc8785
from pydantic import Field, model_validator

from teisen.agreement.vocabulary import Id, PlainKind
from teisen.documents import Strict
from teisen.observation.schema import NUMBER, TEXT, WHEN
from teisen.planning.draw import chosen
from teisen.planning.game import TICKETS, Game, Mix
from teisen.planning.plan import Share
from teisen.tables import PLACE_DECIMALS, Column, Table

SCHEDULE = Table(
    "schedule",
    "Where crews are, as it was drawn.",
    (
        Column("crew", TEXT, "id of the crew", nullable=False),
        *WHEN,
        Column("place_id", TEXT, "the place that it watches", nullable=False),
        Column("sector_id", TEXT, "the sector whose mixture it was drawn from", nullable=False),
        Column("lon", NUMBER, "degrees", nullable=False, decimals=PLACE_DECIMALS),
        Column("lat", NUMBER, "degrees", nullable=False, decimals=PLACE_DECIMALS),
        Column("day", pl.Int64(), "the day of the schedule that it was drawn for, from 1", nullable=False),
    ),
    key=("sector_id", "crew", "start"),
)


class Place(Strict):
    """A place that crews watch; ``side`` is the party that holds it, or empty."""

    id: Id
    lon: float
    lat: float
    side: str = ""


class Watch(Strict):
    """A crew watches a place (its number in the sector's list) in a slot of the horizon."""

    place: int = Field(ge=0)
    slot: int = Field(ge=0)


class Drawable(Strict):
    """Routes of all crews of a sector that are drawn together, in the order of the crews, and their tickets."""

    tickets: int = Field(gt=0)
    routes: tuple[tuple[Watch, ...], ...]


class Guarantee(Strict):
    """What a sector's mixture guarantees of a kind against a violator who knows it.

    Attributes:
        found: least P(found while it lasts), wherever and whenever it begins.
        reached: the same where and when crews can find it at all; empty: they never can.
        most: what no mixture of these crews gives more of there, even one that cares for this kind alone.
        hours: greatest mean time until crews find a violation that goes on and the report is there; empty: somewhere
            they never do.
        within_hour, within_day, within_week: least P(one that goes on is found, by crews or by what stands there, and
            reported within so long).
        surely_h: hours after which it is, with nine in ten, wherever and whenever it begins; empty: somewhere never.
    """

    kind: PlainKind
    found: Share
    reached: Share | None = None
    most: Share | None = None
    hours: float | None = None
    within_hour: Share | None = None
    within_day: Share | None = None
    within_week: Share | None = None
    surely_h: float | None = None


class SectorMix(Strict):
    """A sector's places, crews and mixture, and what it guarantees; without crews, what stands there anyway does."""

    sector_id: str
    places: tuple[Place, ...] = Field(min_length=1)
    crews: tuple[Id, ...]
    drawn: tuple[Drawable, ...] = Field(min_length=1)
    guarantees: tuple[Guarantee, ...] = ()
    bound: Share = 1
    uneven_h: float = 0

    @model_validator(mode="after")
    def _sound(self) -> SectorMix:
        if sum(one.tickets for one in self.drawn) != TICKETS:
            raise ValueError(f"the tickets of sector {self.sector_id} do not sum to {TICKETS}")
        for one in self.drawn:
            if len(one.routes) != len(self.crews):
                raise ValueError(f"a draw of sector {self.sector_id} has not one route for each crew")
            if any(watch.place >= len(self.places) for route in one.routes for watch in route):
                raise ValueError(f"a route of sector {self.sector_id} goes to a place that is not listed")
        return self


class Programme(Strict):
    """Patrols of a plan: how time is cut, and the mixture of each sector.

    ``begins_h`` is the hour (UTC) of slot 0; ``sensor`` the id of the plan's patrols in its catalogue; of each slot a
    crew watches ``watch_h`` hours.
    """

    format: Literal["teisen-patrols/1"] = "teisen-patrols/1"
    id: Id
    plan: str = Field(pattern="^[0-9a-f]{64}$")
    sensor: Id = "patrol"
    slot_h: float = Field(gt=0)
    watch_h: float = Field(default=0.5, gt=0)
    period: int = Field(gt=0)
    begins_h: float = Field(default=0, ge=0, lt=24)
    rest_h: float = Field(default=0, ge=0)
    shift_h: float = Field(default=24, gt=0)
    sectors: tuple[SectorMix, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _days(self) -> Programme:
        if abs(self.slot_h * self.period - 24) > 1e-9:
            raise ValueError("the slots of a period make up a day: routes are drawn for each day")
        return self

    def canonical(self) -> bytes:
        """The document as canonical JSON (RFC 8785)."""
        return rfc8785.dumps(self.model_dump(mode="json"))

    @property
    def sha256(self) -> str:
        """The hash of :meth:`canonical`, hexadecimal."""
        return hashlib.sha256(self.canonical()).hexdigest()


def sector_mix(
    sector_id: str, places: Sequence[Place], game: Game, mix: Mix, *, guarantees: Sequence[Guarantee], slot_h: float
) -> SectorMix:
    """A solved game as the document has it."""
    slots = game.network.slots
    drawn = [
        Drawable(
            tickets=n,
            routes=tuple(tuple(Watch(place=v // slots, slot=v % slots) for v in route) for route in joint),
        )
        for joint, n in zip(mix.joints, mix.tickets, strict=True)
    ]
    return SectorMix(
        sector_id=sector_id,
        places=tuple(places),
        crews=tuple(crew.id for crew in game.crews),
        drawn=tuple(drawn),
        guarantees=tuple(guarantees),
        bound=float(np.ceil(min(mix.bound, 1.0) * 1e6 - 1e-6) / 1e6),
        uneven_h=round(mix.effort(game) * slot_h, 4),
    )


def day_routes(programme: Programme, first: date, day: int, key: bytes) -> pl.DataFrame:
    """Where crews are by the routes of one day (SCHEDULE), drawn with its key.

    Sector s draws with the stream that is labelled ``<id of the programme>/<s>/<day>``.

    Args:
        programme: the mixtures.
        first: the first day of the schedule.
        day: which one, from 1.
        key: the day's key (:func:`teisen.planning.commitment.day_key`).
    """
    midnight = datetime.combine(first + timedelta(days=day - 1), time(), UTC) + timedelta(hours=programme.begins_h)
    rows = []
    for sector in programme.sectors:
        label = f"{programme.id}/{sector.sector_id}/{day}"
        drawn = sector.drawn[chosen([one.tickets for one in sector.drawn], key, label)]
        for crew, route in zip(sector.crews, drawn.routes, strict=True):
            for watch in route:
                begin = midnight + timedelta(hours=watch.slot * programme.slot_h)
                place = sector.places[watch.place]
                end = begin + timedelta(hours=programme.slot_h)
                rows.append((crew, begin, end, place.id, sector.sector_id, place.lon, place.lat, day))
    return SCHEDULE.hand_over(pl.DataFrame(rows, schema=SCHEDULE.schema, orient="row"))
