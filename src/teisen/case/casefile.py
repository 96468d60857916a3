"""What a case declares: the model of ``case.yaml``."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from teisen.decision import Review
from teisen.documents import Strict
from teisen.release.policy import Policy
from teisen.sources import Scope
from teisen.zones import zones

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
"""Lower-case letters, digits, dot, dash and underscore: also a file's name and a part of ids."""


class Period(Strict):
    """Whole days in the case's zone, from ``start`` up to but without ``end``."""

    start: date = Field(alias="from")
    end: date = Field(alias="to")

    @model_validator(mode="after")
    def _forward(self) -> Period:
        if self.end <= self.start:
            raise ValueError("`to` is not after `from`")
        return self


class Party(Strict):
    """A party: its neutral id and its name."""

    id: Id
    name: str = Field(min_length=1)


class SourceEntry(Strict):
    """A source as the case declares it: who reads it, whose errors it has, and which files belong to it.

    ``each_file`` says what a further file does: it ``adds`` to those before, or, where each holds all that there is, as
    an export of all forms, ``replaces`` them: the one received last counts alone.
    """

    id: Id
    reader: str
    profile: str
    files: tuple[str, ...] = ()
    shipped: tuple[str, ...] = ()
    each_file: Literal["adds", "replaces"] = "adds"
    reported_by: str | None = None
    about: str | None = None
    options: dict[str, Any] = Field(default_factory=dict)

    @field_validator("files", "shipped")
    @classmethod
    def _inside(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in value:
            if pattern.startswith("/") or ".." in pattern.split("/"):
                raise ValueError(f"{pattern!r} leads out of its folder")
        return value


class ReportEntry(Strict):
    """How reports are laid out: the level of area that the tables are by."""

    level: Literal["region", "district", "sea", "zone", "sector"] = "region"


class SectorEntry(Strict):
    """Sectors of the line by which rates are told besides regions: about ``length_km`` long, ``reach_km`` deep a side.

    They are cut from the line as it runs on the first day of the case, and stay.
    """

    length_km: float = Field(default=10, gt=0)
    reach_km: float = Field(default=15, gt=0)


class LineEntry(Strict):
    """How the line of contact is drawn from areas of control.

    ``land``: shell patterns of ids of the regions on which control is contested. ``tolerance_m``: what is nearer to
    their border or to the sea is no contact; empty: as :mod:`teisen.planning` has it. ``sectors``: into which pieces it
    is cut; empty: none.
    """

    land: tuple[str, ...] = Field(min_length=1)
    tolerance_m: float | None = Field(default=None, gt=0)
    sectors: SectorEntry | None = None


class MapEntry(Strict):
    """How the base map draws borders and names, which people contest.

    ``borders``: ``sourced``: as its source draws them, dashed where sources differ on whose a territory is;
    ``contested``: all dashed, none as settled; ``none``: no border at all. ``contested``: boxes (west, south, east,
    north) in which borders are contested besides. ``names`` of towns: ``both`` (the reader's, and beside it that of the
    place), ``reader``, ``local`` (that of the place alone), or ``none``.
    """

    borders: Literal["sourced", "contested", "none"] = "sourced"
    contested: tuple[tuple[float, float, float, float], ...] = ()
    names: Literal["both", "reader", "local", "none"] = "both"

    @field_validator("contested")
    @classmethod
    def _sound_boxes(
        cls, value: tuple[tuple[float, float, float, float], ...]
    ) -> tuple[tuple[float, float, float, float], ...]:
        for west, south, east, north in value:
            if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
                raise ValueError("each box is [west, south, east, north] in degrees")
        return value


class IntakeEntry(Strict):
    """What people may send through a server: sources that officers' reports and each party's allegations go into.

    ``reports``: sources for the form of observers, each with the reader ``table`` and a mapping of observations.
    ``allegations``: a source by party id, with a mapping of allegations. ``files``: sources whose files may be sent;
    empty: all.
    """

    reports: tuple[str, ...] = ()
    allegations: dict[str, str] = Field(default_factory=dict)
    files: tuple[str, ...] = ()


class CaseFile(Strict):
    """``case.yaml``: what is monitored, with which agreements and sources, and what may leave.

    ``box`` is west, south, east and north in degrees of WGS84. ``agreements`` are names of files in the case's folder
    ``agreements``.
    """

    format: Literal["teisen-case/1"]
    id: Id
    title: str = Field(min_length=1)
    simulated: bool = False
    period: Period
    zone: str = "UTC"
    box: tuple[float, float, float, float]
    parties: tuple[Party, ...] = ()
    agreements: tuple[str, ...] = ()
    sources: tuple[SourceEntry, ...] = ()
    line: LineEntry | None = None
    report: ReportEntry = ReportEntry()
    review: Review = Field(default_factory=Review)
    intake: IntakeEntry = Field(default_factory=IntakeEntry)
    map: MapEntry = MapEntry()
    release: Policy = Field(default_factory=lambda: Policy.model_validate({}))

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in zones():
            raise ValueError("it is no time zone; write a name such as UTC or Asia/Tokyo")
        return value

    @field_validator("box")
    @classmethod
    def _sound_box(cls, value: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        west, south, east, north = value
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise ValueError(
                "the box is [west, south, east, north] in degrees; across 180 write west -180 and east 180"
            )
        return value

    @field_validator("agreements")
    @classmethod
    def _plain_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if "/" in name or not name.endswith(".yaml"):
                raise ValueError(f"{name!r} is no name of a YAML file in the folder agreements")
        return value

    @model_validator(mode="after")
    def _references(self) -> CaseFile:
        for what, ids in (("source", [s.id for s in self.sources]), ("party", [p.id for p in self.parties])):
            if twice := sorted({i for i in ids if ids.count(i) > 1}):
                raise ValueError(f"the {what} {twice[0]!r} stands twice")
        known = {party.id for party in self.parties}
        for person in self.review.people:
            if person.party and person.party not in known:
                raise ValueError(f"{person.name!r} speaks for {person.party!r}, which is no party of this case")
        declared = {source.id for source in self.sources}
        for name in (*self.intake.reports, *self.intake.files, *self.intake.allegations.values()):
            if name not in declared:
                raise ValueError(f"intake names {name!r}, which is no source of this case")
        whole = {one.id for one in self.sources if one.each_file == "replaces"}
        for name in sorted(whole.intersection((*self.intake.reports, *self.intake.allegations.values()))):
            raise ValueError(f"people fill {name!r} one by one: with `each_file: replaces` each would undo the last")
        for accuser in self.intake.allegations:
            if accuser not in known:
                raise ValueError(f"intake names {accuser!r}, which is no party of this case")
        for source in self.sources:
            for key, party in (("reported_by", source.reported_by), ("about", source.about)):
                if party is not None and party not in known:
                    raise ValueError(f"source {source.id!r}: {key} names {party!r}, which is no party of this case")
        return self

    @property
    def scope(self) -> Scope:
        """Time and box that the case covers; the days are those of its zone."""
        zone = ZoneInfo(self.zone)
        start, end = (datetime.combine(day, time(), zone) for day in (self.period.start, self.period.end))
        return Scope(start.astimezone(UTC), end.astimezone(UTC), *self.box)

    def party_name(self, party: str) -> str:
        """The name of a party id; the id itself where the case does not name it."""
        return next((p.name for p in self.parties if p.id == party), party)
