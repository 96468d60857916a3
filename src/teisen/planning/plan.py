"""The plan as a document: what it was made from, by which rules, what stands where, and what that promises.

The format ``teisen-plan/1``. It is data alone: the same line, ground, catalogue and rules give the same document.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

import rfc8785
from pydantic import Field, model_validator

from teisen.agreement.vocabulary import Id, PlainKind
from teisen.documents import Strict
from teisen.observation.profile import Basis

Share = Annotated[float, Field(ge=0, le=1)]
Schedule = Literal["always", "day", "night"]


class Reference(Strict):
    """A file that the plan was made from, by name and content."""

    name: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Condition(Strict):
    """A condition that sensors watch under, and its share of the time of the year; the shares sum to 1."""

    id: Id
    share: Share
    night: bool
    weather: Literal["clear", "cloud", "wind", "rain"]


class Watched(Strict):
    """A kind of violation to be watched: how far from the line, how long its traces last, and how much it counts."""

    kind: PlainKind
    weight: float = Field(default=1, gt=0)
    depths_m: tuple[float, ...] = Field(default=(0,), min_length=1)
    two_means: bool = False


class AtLeast(Strict):
    """So many of a sensor, or of all together, in a sector, or in each of the line's: a presence that is agreed."""

    number: int = Field(gt=0)
    sensor: Id | None = None
    sector: str | None = None


class InTime(Strict):
    """A kind is to be detected and reported within so many hours with at least this probability, over the year.

    ``where``: at every place that is watched, or on the mean of every sector.
    """

    kind: PlainKind
    within_h: float = Field(gt=0)
    detection: float = Field(gt=0, lt=1)
    where: Literal["place", "sector"] = "place"


class Rules(Strict):
    """What the placement has to keep to.

    Attributes:
        budget: US dollars a year; purchase is spread over the life of what is bought.
        people: most people in the field; empty: no bound.
        window_h: what is detected has to be reported within so many hours.
        refused: parties that do not let sites on their ground be used.
        effort_share: on no side's ground is more than this share of the budget spent; 1: no such rule.
        floor: detection that every sector should have, of every kind, before more is bought elsewhere.
        at_least: numbers of sensors that stand in sectors whatever they see.
        in_time: what has to be detected within an hour, a day, a week, everywhere.
    """

    budget: float = Field(gt=0)
    people: float | None = Field(default=None, gt=0)
    window_h: float = Field(default=24, gt=0)
    refused: tuple[Id, ...] = ()
    effort_share: float = Field(default=1, ge=0.5, le=1)
    floor: Share = 0
    at_least: tuple[AtLeast, ...] = ()
    in_time: tuple[InTime, ...] = ()


class Placed(Strict):
    """So many of a sensor at a place; a satellite has none."""

    option_id: str
    site_id: str
    sector_id: str
    sensor: Id
    schedule: Schedule
    number: int = Field(gt=0)
    lon: float | None = None
    lat: float | None = None
    side: str
    cost: float
    people: float


class Promise(Strict):
    """What the plan promises of one kind within a window: the mean along the line, and the least of any sector.

    ``by_two`` is the mean probability that two independent means see it.
    """

    kind: PlainKind
    window_h: float
    mean: Share
    least: Share
    least_sector: str
    by_two: Share


class Assumption(Strict):
    """A figure without a source, with the range it was varied in.

    ``at_low``, ``at_high``: the plan's value when it is so and nothing is placed anew; ``cost_low``, ``cost_high``:
    what the plan costs then. Empty: it makes no difference.
    """

    id: str
    value: float
    low: float
    high: float
    basis: Basis
    origin: str
    at_low: float | None = None
    at_high: float | None = None
    cost_low: float | None = None
    cost_high: float | None = None


class Bound(Strict):
    """The value that was reached, and one that nothing can pass by the same rules: proven, not estimated."""

    value: float
    bound: float
    method: str

    @property
    def gap(self) -> float:
        """How far below the bound the value may lie, as a share of the bound."""
        return 0.0 if self.bound <= 0 else max(0.0, 1 - self.value / self.bound)


class Margin(Strict):
    """What one more unit of a rule's bound is worth: no plan by the rules passes ``bound`` by more than this for it.

    ``of``: the rule; or ``site``, and ``unit`` is then the site that is worth most: without it no plan passes the bound
    less ``worth``.
    """

    of: str
    unit: str
    worth: float = Field(ge=0)


class Plan(Strict):
    """A watch plan. ``parties`` in the agreement's order; :attr:`sha256` is what signatures are put under.

    With ``line_km`` 0 there is sea alone, and ``line`` names it.
    """

    format: Literal["teisen-plan/1"] = "teisen-plan/1"
    id: Id
    version: int = Field(default=1, ge=1)
    title: str
    parties: tuple[Id, Id]
    line: Reference
    line_km: float = Field(ge=0)
    sectors: int = Field(gt=0)
    agreement: Reference | None = None
    ground: tuple[Reference, ...] = ()
    catalogue: tuple[Reference, ...] = Field(min_length=1)
    conditions: tuple[Condition, ...] = Field(min_length=1)
    watched: tuple[Watched, ...] = Field(min_length=1)
    rules: Rules
    placement: tuple[Placed, ...] = ()
    promises: tuple[Promise, ...] = ()
    bound: Bound | None = None
    margins: tuple[Margin, ...] = ()
    assumptions: tuple[Assumption, ...] = ()

    @model_validator(mode="after")
    def _sound(self) -> Plan:
        if abs(sum(one.share for one in self.conditions) - 1) > 1e-6:
            raise ValueError("the shares of the conditions do not sum to 1")
        return self

    def canonical(self) -> bytes:
        """The document as canonical JSON (RFC 8785): the same plan gives the same bytes."""
        return rfc8785.dumps(self.model_dump(mode="json"))

    @property
    def sha256(self) -> str:
        """The hash of :meth:`canonical`, hexadecimal."""
        return hashlib.sha256(self.canonical()).hexdigest()
