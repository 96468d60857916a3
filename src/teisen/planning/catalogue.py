"""The sensor catalogue: what sensors there are, what they see, cost and need, each figure with its range and origin.

The format ``teisen-sensors/1``; ``sensors/basic.yaml`` ships. A figure whose origin is ``background`` or
``assumed`` is an assumption: it is varied within its range, and a plan names the ones that its conclusions hang on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from teisen.agreement.vocabulary import Id, PlainKind
from teisen.documents import Strict, parse
from teisen.errors import BadInput, Problem
from teisen.library import library
from teisen.observation.profile import Basis
from teisen.planning.plan import Condition, Reference, Schedule

Factor = Annotated[float, Field(ge=0, le=1)]
Means = Literal["sight", "hearing", "vibration", "radar", "orbit", "signals"]
UNSOURCED: tuple[Basis, ...] = ("background", "assumed")


class Origin(Strict):
    """Where figures come from, and how good that is."""

    basis: Basis
    says: str
    link: str | None = None


class Estimate(Strict):
    """A figure, the range it is varied in, and the id of its origin."""

    value: float
    range: tuple[float, float]
    origin: str

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not self.range[0] <= self.value <= self.range[1]:
            raise ValueError("the value lies outside its range")
        return self


class Seeing(Strict):
    """How a sensor sees one kind of violation.

    Attributes:
        near: P(detected in one look) at no distance, by day in clear weather.
        reach_m: distance at which that has fallen to nothing; empty: everywhere alike.
        lasts_h: how long there is something left to detect.
    """

    near: Estimate
    reach_m: Estimate | None = None
    lasts_h: Estimate


class By(Strict):
    """Factors on detection in one look at night and by weather."""

    night: Factor = 1
    cloud: Factor = 1
    wind: Factor = 1
    rain: Factor = 1


class Sensor(Strict):
    """A sensor or a patrol, with all that one piece of it costs and needs.

    Attributes:
        means: what fails together; two means are independent of each other.
        stands: at a ``site``, or ``anywhere`` (a satellite: no site, no consent, everything within reach).
        depth_m: least and greatest distance from the line at which it stands.
        needs_sight: sees only what is in line of sight, where elevation is given; from ``height_m`` above ground.
        at_sea: stands only where sea areas are watched.
        buy, life_years, run, people: US dollars of 2025; run is a year's, without the people.
        revisit_h, dwell_h: hours between two looks at a place, and how long one look lasts; 0 and 0: all the time.
        latency_h: from the look to the report.
        uptime: share of the time in working order.
        by, forest: factors on detection.
        most: how many may stand at one site.
    """

    id: Id
    title: str
    means: Means
    stands: Literal["site", "anywhere"]
    depth_m: tuple[float, float] = (0, 1e6)
    needs_sight: bool = False
    height_m: float = Field(default=2, ge=0)
    at_sea: bool = False
    safety: str
    buy: Estimate
    life_years: float = Field(gt=0)
    run: Estimate
    people: Estimate
    revisit_h: Estimate
    dwell_h: Estimate
    latency_h: Estimate
    uptime: Estimate
    place_error_m: Estimate
    by: By = By()
    forest: Factor = 1
    schedules: tuple[Schedule, ...] = ("always",)
    most: int = Field(default=1, gt=0)
    sees: dict[PlainKind, Seeing] = Field(min_length=1)

    def cost(self, person_cost: float, share: float = 1) -> float:
        """US dollars a year of one; ``share`` of the running cost and people, for a schedule of part of the day."""
        return self.buy.value / self.life_years + share * (self.run.value + self.people.value * person_cost)

    @property
    def reach_m(self) -> float:
        """The greatest distance at which it sees anything, metres; 0: it stands nowhere and sees everywhere."""
        return max(seen.reach_m.value if seen.reach_m else 0.0 for seen in self.sees.values())


class Catalogue(Strict):
    """Sensors, the cost of a year of one person, the conditions by season, and the origins of all figures."""

    format: Literal["teisen-sensors/1"]
    id: Id
    title: str
    person_cost: Estimate
    origins: dict[str, Origin]
    sensors: tuple[Sensor, ...] = Field(min_length=1)
    seasons: dict[str, tuple[Condition, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        ids = [sensor.id for sensor in self.sensors]
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise ValueError(f"the sensor id {twice[0]!r} stands twice; give each sensor its own")
        unknown = sorted({figure.origin for _, figure in self.figures()} - set(self.origins))
        if unknown:
            raise ValueError(f"the origin {unknown[0]!r} is not among the catalogue's origins")
        return self

    def sensor(self, sensor_id: str) -> Sensor:
        """The sensor of that id.

        Raises:
            KeyError: there is none.
        """
        return next((one for one in self.sensors if one.id == sensor_id), None) or _missing(sensor_id)

    def only(self, sensor_ids: Sequence[str]) -> Catalogue:
        """The catalogue with these sensors alone.

        Raises:
            KeyError: one of them is not in it.
        """
        return self.model_copy(update={"sensors": tuple(self.sensor(one) for one in sensor_ids)})

    def figures(self) -> Iterator[tuple[str, Estimate]]:
        """Every figure by its path: ``person_cost``, ``post.run``, ``post.sees.shelling.near``."""
        yield "person_cost", self.person_cost
        for sensor in self.sensors:
            for name in _NAMES:
                yield f"{sensor.id}.{name}", getattr(sensor, name)
            for kind, seen in sensor.sees.items():
                yield f"{sensor.id}.sees.{kind}.near", seen.near
                yield f"{sensor.id}.sees.{kind}.lasts_h", seen.lasts_h
                if seen.reach_m is not None:
                    yield f"{sensor.id}.sees.{kind}.reach_m", seen.reach_m

    def with_figure(self, path: str, value: float) -> Catalogue:
        """The catalogue with one figure changed, by its path as :meth:`figures` has it."""
        if path == "person_cost":
            return self.model_copy(update={"person_cost": self.person_cost.model_copy(update={"value": value})})
        sensor_id, *rest = path.split(".")
        sensor = self.sensor(sensor_id)
        if len(rest) == 1:
            new = sensor.model_copy(update={rest[0]: getattr(sensor, rest[0]).model_copy(update={"value": value})})
        else:
            _, kind, name = rest
            seen = sensor.sees[kind]
            figure = getattr(seen, name).model_copy(update={"value": value})
            new = sensor.model_copy(update={"sees": sensor.sees | {kind: seen.model_copy(update={name: figure})}})
        return self.model_copy(update={"sensors": tuple(new if one.id == sensor_id else one for one in self.sensors)})

    def assumed(self) -> list[str]:
        """Paths of the figures that have no source and are not fixed by their range."""
        return [
            path
            for path, figure in self.figures()
            if self.origins[figure.origin].basis in UNSOURCED and figure.range[0] < figure.range[1]
        ]


_NAMES = ("buy", "run", "people", "revisit_h", "dwell_h", "latency_h", "uptime", "place_error_m")


def _missing(sensor_id: str) -> Sensor:
    raise KeyError(sensor_id)


def load_catalogue(name: str = "basic", text: str | None = None) -> tuple[Catalogue, Reference]:
    """A catalogue and its hash: one that ships, by name, or ``text`` of a file called ``name``.

    Raises:
        BadInput: there is none of that name, or the file is wrong.
    """
    if text is None:
        path = library("sensors") / f"{name}.yaml"
        if not path.is_file():
            shipped = ", ".join(sorted(one.stem for one in library("sensors").glob("*.yaml")))
            do = f"Write the path of a catalogue, or one of {shipped}."
            raise BadInput(Problem(name, 0, "", "there is no such sensor catalogue", do))
        text = path.read_text(encoding="utf-8")
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return parse(text, Catalogue, name), Reference(name=name, sha256=sha256)
