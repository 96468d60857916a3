"""The mapping of a generic table: which column, or which fixed value, is which field; what was watched.

A mapping is a YAML document of format ``teisen-table/1``; ``docs/adding-a-source.md`` shows one.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, RootModel, field_validator, model_validator

from teisen.documents import Strict, fit, parse
from teisen.errors import BadInput, Problem
from teisen.observation import vocabulary
from teisen.observation.schema import ROLES
from teisen.sources.moments import ISO
from teisen.sources.positions import degrees_of
from teisen.sources.reach import Reach
from teisen.sources.reader import Source
from teisen.zones import zones

TIMES = ("start", "end", "stated", "reported")
"""Fields that are times."""
SUM_ERROR = 1e-6
"""By how much shares may miss 1."""


class From(Strict):
    """Where a field's value comes from.

    Attributes:
        column: heading of the file; a bare word in the mapping means this.
        columns: headings of which the field is put together, with a blank between, as of a date and a time of day.
        constant: the same value in every row, in place of a column.
        values: the word for each value of the column, of kinds also several with a share each; a value that is not here
            is ``otherwise``, or is set aside.
        apart: what stands between several values in one cell, each of which is a row of its own; of places, areas and
            kinds. Other fields of the same column are read from the same value.
        zone: of a time that states none, where its column has another than the rest (KoboToolbox's ``_submission_time``
            is UTC).
        empty: what a cell says that holds nothing, as ``N/K``.
    """

    column: str | None = None
    columns: tuple[str, ...] = ()
    constant: str | float | None = None
    values: dict[str, str | dict[str, float]] | None = None
    otherwise: str | None = None
    apart: str | None = Field(default=None, min_length=1)
    empty: tuple[str, ...] = ()
    zone: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, data: Any) -> Any:
        if data is not None and not isinstance(data, str | dict | From):
            raise ValueError("a heading that YAML takes for a number, a date, yes or no: put it in quotes")
        return {"column": data} if isinstance(data, str) else data

    @field_validator("values", mode="before")
    @classmethod
    def _quoted(cls, values: Any) -> Any:
        if isinstance(values, dict) and not all(isinstance(key, str) for key in values):
            raise ValueError("a value that YAML takes for a number, a date, yes or no: put those on the left in quotes")
        return values

    @model_validator(mode="after")
    def _one(self) -> From:
        if sum((self.column is not None, bool(self.columns), self.constant is not None)) != 1:
            raise ValueError("give one of column, columns and constant")
        if self.empty and not self.headings:
            raise ValueError("empty stands beside a column only")
        if self.zone is not None and self.zone not in zones():
            raise ValueError("no time zone; write an IANA name such as UTC or Asia/Tokyo")
        if self.values is None and self.otherwise is not None:
            raise ValueError("otherwise stands beside values only")
        return self

    @property
    def headings(self) -> tuple[str, ...]:
        """Headings of the file that it is read from; none where it is a constant."""
        return self.columns or (() if self.column is None else (self.column,))

    def words(self) -> list[str]:
        """Words that the mapping itself can put into the field."""
        fixed = [self.constant, self.otherwise, *(self.values or {}).values()]
        each = [word if isinstance(word, dict) else [str(word)] for word in fixed if word is not None]
        return [word for words in each for word in words]

    @property
    def shares(self) -> dict[str, dict[str, float]]:
        """Values that stand for several words, and the share of each."""
        return {value: word for value, word in (self.values or {}).items() if isinstance(word, dict)}

    @property
    def likeliest(self) -> dict[str, str]:
        """The word for each value; of several the one with the largest share, the first of equals."""
        each = (self.values or {}).items()
        return {value: max(word, key=word.__getitem__) if isinstance(word, dict) else word for value, word in each}


def _kinds(field: From) -> From:
    unknown = sorted(set(field.words()) - set(vocabulary().kinds))
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: no kind; kinds are {', '.join(vocabulary().kinds)}")
    return field


def _whole_shares(field: From) -> From:
    off = [value for value, shares in field.shares.items() if not abs(sum(shares.values()) - 1) <= SUM_ERROR]  # nan too
    if off or any(share <= 0 for shares in field.shares.values() for share in shares.values()):
        raise ValueError(f"shares of {', '.join(off) or 'a value'} have to be above nought and sum to 1")
    return field


def _classes(field: From) -> From:
    unknown = sorted(set(field.words()) - set(vocabulary().target_classes))
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: no class; classes are {', '.join(vocabulary().target_classes)}")
    return field


def _weapons(field: From) -> From:
    unknown = sorted(set(field.words()) - set(vocabulary().weapons))
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: no weapon; weapons are {', '.join(vocabulary().weapons)}")
    return field


def _zone(name: str) -> str:
    if name not in zones():
        raise ValueError("no time zone; write an IANA name such as UTC or Asia/Tokyo")
    return name


def _grid(code: int) -> int:
    degrees_of(code)
    return code


def _roles(field: From) -> From:
    unknown = sorted(set(field.words()) - set(ROLES))
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: no role; roles are {', '.join(ROLES)}")
    return field


KindFrom = Annotated[From, AfterValidator(_kinds)]
SharedKindFrom = Annotated[From, AfterValidator(_kinds), AfterValidator(_whole_shares)]
ClassFrom = Annotated[From, AfterValidator(_classes)]
WeaponFrom = Annotated[From, AfterValidator(_weapons)]
RoleFrom = Annotated[From, AfterValidator(_roles)]
Zone = Annotated[str, AfterValidator(_zone)]
Grid = Annotated[int, AfterValidator(_grid)]
Share = Annotated[float, Field(ge=0, le=1)]


class Placed(Strict):
    """Fields of a place: degrees, a position as written (MGRS and the like), numbers of a grid, or a known place or
    area by name."""

    lon: From | None = None
    lat: From | None = None
    position: From | None = None
    easting: From | None = None
    northing: From | None = None
    place: From | None = None
    area: From | None = None

    @model_validator(mode="after")
    def _both(self) -> Placed:
        if (self.lon is None) != (self.lat is None):
            raise ValueError("lon and lat go together")
        if (self.easting is None) != (self.northing is None):
            raise ValueError("easting and northing go together")
        if sum(told is not None for told in (self.lon, self.position, self.easting, self.place)) > 1:
            raise ValueError("give one of lon and lat, a position, easting and northing, and a place by its name")
        several = [name for name, field in self if isinstance(field, From) and field.apart]
        if several not in ([], ["place"], ["area"], ["kind"]):
            raise ValueError(f"{', '.join(several)}: `apart` is for place, area or kind, one of them")
        return self

    @model_validator(mode="after")
    def _timed(self) -> Placed:
        strange = [n for n, field in self if isinstance(field, From) and field.zone and n not in TIMES]
        if strange:
            raise ValueError(f"{', '.join(strange)}: `zone` is for times")
        return self

    @model_validator(mode="after")
    def _plain(self) -> Placed:
        several = [name for name, field in self if isinstance(field, From) and field.shares]
        if set(several) - ({"kind"} if isinstance(self, ObservationFields) else set()):
            raise ValueError(f"{', '.join(several)}: several words with shares are for kinds of observations")
        return self


class Stated(Placed):
    """Fields that observations and allegations share."""

    start: From
    end: From | None = None
    native_id: From | None = None
    away: From | None = None
    place_error_m: From | None = None
    place_name: From | None = None
    target_class: ClassFrom | None = None
    weapon: WeaponFrom | None = None
    language: From | None = None
    text: From | None = None
    link: From | None = None


class ObservationFields(Stated):
    """Fields of an observation; its role is the profile's where no field gives it."""

    kind: SharedKindFrom
    role: RoleFrom | None = None
    reported: From | None = None
    strength: From | None = None
    strength_unit: From | None = None
    count: From | None = None
    count_unit: From | None = None
    actor_stated: From | None = None


class AllegationFields(Stated):
    """Fields of an allegation; accuser and accused are the source's parties where no field gives them."""

    stated: From
    kind: KindFrom | None = None
    accuser: From | None = None
    accused: From | None = None
    quantity: From | None = None
    unit: From | None = None


class ExposureFields(Placed):
    """Fields of an exposure row."""

    start: From
    end: From | None = None
    kind: KindFrom
    radius_m: From | None = None
    state: From = From(constant="watched")
    p_detect: From | None = None
    reason: From = From(constant="as the file states")
    basis: From = From(constant="declared")


class Part(Strict):
    """One part of an allegation's quantity: its label, the column that holds it, what it counts."""

    label: str
    column: str
    unit: str


class Around(Strict):
    """A place that was watched, up to ``radius_m`` around it.

    With ``falls``, chances to report are those at the place itself and fall to none at the radius, as
    1 - (distance / radius)^2; without it they are the same all over.
    """

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    radius_m: float = Field(gt=0)
    falls: bool = False


class Watched(Strict):
    """What was watched: ``areas`` (shell patterns of area ids) or ``around`` a place, on the days ``from`` to ``to``.

    Both are days of the mapping's zone and count whole.

    ``kinds`` gives P(reported | happened) by kind; without it the profile's figures count. ``reach`` says where
    distance, access, language and curfew keep reporters from it (:mod:`teisen.sources.reach`; of areas only).
    """

    areas: list[str] = Field(default_factory=list)
    around: Around | None = None
    first: date | None = Field(default=None, alias="from")
    last: date | None = Field(default=None, alias="to")
    kinds: dict[str, Share] = Field(default_factory=dict)
    state: Literal["watched", "outage", "cloud", "refused", "jammed", "no_data", "unknown"] = "watched"
    reason: str = Field(min_length=1)
    basis: Literal["measured", "declared", "assumed"] = "declared"
    reach: Reach = Reach()

    @model_validator(mode="after")
    def _where(self) -> Watched:
        if bool(self.areas) == (self.around is not None):
            raise ValueError("give either areas or around")
        if self.first and self.last and self.last < self.first:
            raise ValueError("`to` is before `from`")
        unknown = sorted(set(self.kinds) - set(vocabulary().kinds))
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: no kind; kinds are {', '.join(vocabulary().kinds)}")
        return self


class Mapped(Strict):
    """What every mapping states: the form of times (strptime; if empty ISO 8601 and date-time groups), their zone, the
    CSV's delimiter, what stands before decimals, and the EPSG code of the grid of ``easting`` and ``northing``.

    Of forms filled on phones also the ``sheet`` of a workbook or ZIP that is read, the words that a row must have in
    some columns (``only``), and the column that tells where the ``phone`` was.
    """

    format: Literal["teisen-table/1"]
    fields: Placed
    zone: Zone = "UTC"
    times: list[str] = Field(default_factory=lambda: list(ISO), min_length=1)
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    decimal: Literal[".", ","] = "."
    grid: Grid | None = None
    sheet: str | None = Field(default=None, min_length=1)
    only: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    phone: str | None = Field(default=None, min_length=1)
    watched: list[Watched] = Field(default_factory=list)

    @model_validator(mode="after")
    def _gridded(self) -> Mapped:
        if (self.grid is None) != (self.fields.easting is None):
            raise ValueError("easting, northing and their grid's EPSG code (`grid: 32636`) go together")
        return self


class ObservationMapping(Mapped):
    """A mapping of a file of observations."""

    fills: Literal["observation"]
    time_meaning: Literal["within", "throughout"] = "within"
    fields: ObservationFields


class AllegationMapping(Mapped):
    """A mapping of a file of allegations."""

    fills: Literal["allegation"]
    fields: AllegationFields
    components: list[Part] = Field(default_factory=list)

    @model_validator(mode="after")
    def _apart(self) -> AllegationMapping:
        labels = [part.label for part in self.components]
        if len({*labels, *AllegationFields.model_fields}) < len(labels) + len(AllegationFields.model_fields):
            raise ValueError("components: each part has a label of its own that is no field's name")
        return self


class ExposureMapping(Mapped):
    """A mapping of a file that tells what was watched."""

    fills: Literal["exposure"]
    fields: ExposureFields


AnyMapping = ObservationMapping | AllegationMapping | ExposureMapping


class MappingDocument(RootModel[Annotated[AnyMapping, Field(discriminator="fills")]]):
    """A mapping of any of the three."""


def parse_mapping(text: str, file: str) -> AnyMapping:
    """A mapping from its YAML text.

    Raises:
        BadInput: with one problem, and its line, for each thing wrong.
    """
    return parse(text, MappingDocument, file).root


def mapping_of(source: Source) -> AnyMapping:
    """The mapping that the source's option ``mapping`` holds: YAML text, or its values.

    Raises:
        BadInput: there is none, or it is wrong.
    """
    given = source.options.get("mapping")
    place = f"mapping of source {source.source_id}"
    unknown = sorted(set(source.options) - {"mapping"})
    if given is None or unknown:
        what = f"option {unknown[0]!r} is not known" if unknown else "option mapping is missing"
        raise BadInput(Problem("case.yaml", 0, f"options of source {source.source_id}", what, "Write `mapping: FILE`."))
    if isinstance(given, str):
        return parse_mapping(given, place)
    return fit(given, MappingDocument, place).root
