"""A scenario: the ceasefire that is simulated, written as YAML (``format: teisen-scenario/2``).

Lengths along the line are kilometres in scenarios (``_km``), errors and ranges metres; hours are hours of UTC.
"""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from teisen.documents import Strict, parse
from teisen.observation import vocabulary

Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Share = Annotated[float, Field(ge=0, le=1)]
Factor = Annotated[float, Field(ge=0)]
Hour = Annotated[int, Field(ge=0, le=23)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
Season = tuple[int, int, int, int]


def _kinds(weights: dict[str, float]) -> dict[str, float]:
    if unknown := sorted(set(weights) - set(vocabulary().kinds)):
        raise ValueError(f"{', '.join(unknown)}: no kind; kinds are {', '.join(vocabulary().kinds)}")
    if weights and (min(weights.values()) < 0 or sum(weights.values()) <= 0):
        raise ValueError("weights are 0 or more, and one of them is more")
    return weights


def _classes(name: str) -> str:
    if name not in vocabulary().target_classes:
        raise ValueError(f"no class of target; classes are {', '.join(vocabulary().target_classes)}")
    return name


Kinds = Annotated[dict[str, float], AfterValidator(_kinds)]
Class = Annotated[str, AfterValidator(_classes)]


class Days(Strict):
    """Whole days, UTC, from ``start`` up to but without ``end``."""

    start: date = Field(alias="from")
    end: date = Field(alias="to")

    @model_validator(mode="after")
    def _forward(self) -> Days:
        if self.end <= self.start:
            raise ValueError("`to` is not after `from`")
        return self


class Region(Strict):
    """A region of the made-up ground: a box [west, south, east, north] in degrees."""

    id: str
    name: str
    box: tuple[float, float, float, float]


class Town(Strict):
    """A town that reports name."""

    name: str
    lon: float
    lat: float


class Site(Town):
    """A protected site."""

    target_class: Class


class Ground(Strict):
    """The made-up ground: what is listed, and what is made along the line by the scenario's seed.

    ``reach_km`` is how far made regions, towns and sites go from the line; ``every_km`` how far apart they are along it
    (on each side of it; 0: none are made).
    """

    reach_km: float = Field(default=60, gt=0)
    towns: tuple[Town, ...] = ()
    sites: tuple[Site, ...] = ()
    regions: tuple[Region, ...] = ()
    towns_every_km: Factor = 0
    sites_every_km: Factor = 0
    regions_every_km: Factor = 0

    @model_validator(mode="after")
    def _something(self) -> Ground:
        if not (self.regions or self.regions_every_km):
            raise ValueError("give regions, or regions_every_km")
        if not (self.towns or self.towns_every_km):
            raise ValueError("give towns, or towns_every_km")
        return self


class HotSpot(Strict):
    """A stretch of the line with a share of all incidents, spread in metres (standard deviation along it)."""

    at_km: Factor
    share: Share
    spread_m: float = Field(gt=0)


class Clusters(Strict):
    """How incidents set off others: a branching process in space and time (Hawkes; ETAS without magnitudes).

    Each incident sets off ``branching`` others on average, each after a time that is exponential with mean ``decay_h``
    hours, at a distance that is normal with ``spread_m`` per axis; ``retaliation`` of them are by the other side.
    """

    branching: float = Field(ge=0, le=0.95)
    decay_h: float = Field(default=12, gt=0)
    spread_m: float = Field(default=3000, ge=0)
    retaliation: Share = 0.0


class Bursts(Strict):
    """Days on which more or less happens than on others: each day on each stretch of the line by a gamma factor.

    Its mean is 1 and its ``shape`` the smaller the wilder. Stretches are about ``every_km`` long. It is a factor on
    what comes by itself.
    """

    shape: float = Field(gt=0)
    every_km: float = Field(default=20, gt=0)


class Phase(Strict):
    """A point of the intensity over time: between two points the factor runs straight; two at one moment: a jump."""

    at: AwareDatetime
    factor: Factor


class Violence(Strict):
    """What happens: ``per_day`` incidents on average where the phases' factor is 1, whatever the branching.

    ``by_hour`` gives weights from that hour on until the next one named, ``by_weekday`` those of Monday to Sunday;
    both are weights, their mean does not count. ``depth_m`` is the mean distance from the line (exponential).
    """

    per_day: float = Field(gt=0)
    kinds: Kinds = Field(min_length=1)
    kinds_by_actor: dict[str, Kinds] = Field(default_factory=dict)
    actors: dict[str, Factor] = Field(default_factory=dict)
    depth_m: float = Field(default=8000, gt=0)
    at_sites: Share = 0.1
    clusters: Clusters | None = None
    bursts: Bursts | None = None
    hot_spots: tuple[HotSpot, ...] = ()
    by_hour: dict[Hour, Factor] = Field(default_factory=dict)
    by_weekday: tuple[Factor, Factor, Factor, Factor, Factor, Factor, Factor] = (1, 1, 1, 1, 1, 1, 1)
    phases: tuple[Phase, ...] = ()

    @model_validator(mode="after")
    def _sound(self) -> Violence:
        if sum(spot.share for spot in self.hot_spots) > 1:
            raise ValueError("shares of hot spots sum to more than 1")
        if any(after.at < before.at for before, after in pairwise(self.phases)):
            raise ValueError("phases stand in the order of time")
        if self.phases and max(phase.factor for phase in self.phases) <= 0:
            raise ValueError("one phase has a factor above 0")
        if max(self.by_weekday) <= 0 or (self.by_hour and max(self.by_hour.values()) <= 0):
            raise ValueError("one weight of by_hour and of by_weekday is above 0")
        return self


class Weather(Strict):
    """Weather by region and day: means of cloud (0 to 1; by month 1 to 12 where it differs) and wind."""

    cloud: Share = 0.5
    cloud_by_month: dict[int, Share] = Field(default_factory=dict)
    wind_m_s: float = Field(default=5, gt=0)


class Background(Strict):
    """What happens and is no incident of the conflict, with its own pattern.

    - ``harvest``: fires by day on ``places`` fields, most in the middle of ``season`` (month, day, month, day).
    - ``industry``: ``places`` fixed places that burn all day, each on a share of days.
    - ``quarry``: blasts at ``places`` fixed places, on working days and in working hours.
    - ``exercise``: ``places`` grounds; each event is a day's firing of some ``shots`` within ``hours`` from 8 on.

    ``per_day`` is their number a day over all places (of exercises: of firing days).
    """

    pattern: Literal["harvest", "industry", "quarry", "exercise"]
    per_day: float = Field(gt=0)
    places: int = Field(default=5, gt=0)
    season: Season = (1, 1, 12, 31)
    shots: int = Field(default=40, gt=0)
    hours: float = Field(default=5, gt=0, le=16)


class Outage(Strict):
    """When, where and how much a source delivers less: ``left`` is the share that still comes through.

    ``regions``: ids (empty: everywhere); ``days`` weekdays from 0, Monday (empty: all). ``stated``: false: the source
    does not say so, and its exposure reads as if it watched.
    """

    start: datetime | None = Field(default=None, alias="from")
    end: datetime | None = Field(default=None, alias="to")
    regions: tuple[str, ...] = ()
    days: tuple[int, ...] = ()
    hours: tuple[float, float] | None = None
    left: Share = 0.0
    state: Literal["outage", "refused", "jammed", "no_data"] = "outage"
    reason: str = Field(min_length=1)
    stated: bool = True

    @model_validator(mode="after")
    def _forward(self) -> Outage:
        if self.start and self.end and self.end <= self.start:
            raise ValueError("`to` is not after `from`")
        return self


class Posts(Strict):
    """Fixed sensors: each hears or sees up to ``range_m``, less with the square of the distance.

    Listed as [lon, lat], or made every ``every_km`` along the line, alternately on either side, ``depth_m`` from it.
    """

    range_m: float = Field(gt=0)
    at: tuple[tuple[float, float], ...] = ()
    every_km: Factor = 0
    depth_m: Factor = 3000

    @model_validator(mode="after")
    def _some(self) -> Posts:
        if bool(self.at) == bool(self.every_km):
            raise ValueError("give either at or every_km")
        return self


class Patrol(Strict):
    """A patrol that goes to and fro along the line at ``speed_km_h``, in hours of days of the week (0: Monday)."""

    from_km: Factor
    to_km: Factor
    range_m: float = Field(default=6000, gt=0)
    speed_km_h: float = Field(default=25, gt=0)
    hours: tuple[float, float] = (8, 17)
    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)


class Watcher(Strict):
    """A source: its profile, the format that it writes, and what the world makes of it.

    Figures come from the profile. ``declares`` changes what the case declares (the profile is written beside the case);
    ``truly`` and ``truly_times`` change what holds in the world alone: that is how a profile is declared wrong.

    Attributes:
        party: the party that speaks through it. ``hides``: share of its own acts that it leaves out.
        says: the word it writes for a kind (an acoustic post writes ``explosion``). ``confuses``: words by kind where
            it is wrong; else from the vocabulary's ``seen_as``.
        near_towns_m: chance to report falls as exp(-distance to the nearest town / this).
        by_hour: factor on detection from that hour on. ``under_cloud``, ``in_wind``: factors at full cloud, and in wind
            of twice the mean.
        mistakes: P(it reports such a thing of the background as an incident, if it could have seen it).
        copies_from: sources named before it (or itself) whose reports it repeats with the profile's share and lag.
        repeats_s: mean time from an incident to further reports of it, seconds (assumed: bursts of one fire).
        names_actor: share of reports that say who did it; what a party makes up, the other did.
        names_target: share of reports that say what was hit; 0 for posts, which hear and do not see, else 1.
        exaggerates, invents, hits_stated: of a party's statements: factor on its totals, invented strikes a day, share
            of true strikes on sites that it states one by one.
        false_reports: false: only what the background gives it, and no false reports besides.
    """

    id: Id
    profile: str
    writes: Literal["fires", "reports", "alerts", "tallies", "allegations"]
    sensor: Literal["viirs", "modis"] = "viirs"
    party: str | None = None
    declares: dict[str, float | dict[str, float]] = Field(default_factory=dict)
    truly: dict[str, float | dict[str, float]] = Field(default_factory=dict)
    truly_times: dict[str, float] = Field(default_factory=dict)
    says: dict[str, str] = Field(default_factory=dict)
    confuses: dict[str, Kinds] = Field(default_factory=dict)
    near_towns_m: float | None = Field(default=None, gt=0)
    by_hour: dict[Hour, Factor] = Field(default_factory=dict)
    under_cloud: Share = 1.0
    in_wind: Share = 1.0
    mistakes: dict[Literal["harvest", "industry", "quarry", "exercise"], Share] = Field(default_factory=dict)
    posts: Posts | None = None
    patrols: tuple[Patrol, ...] = ()
    outages: tuple[Outage, ...] = ()
    copies_from: tuple[str, ...] = ()
    repeats_s: float = Field(default=20, gt=0)
    names_actor: Share = 0.0
    names_target: Share | None = None
    hides: Share = 0.0
    exaggerates: Factor = 1.0
    invents: Factor = 0.0
    hits_stated: Share = 1.0
    false_reports: bool = True

    @model_validator(mode="after")
    def _fits(self) -> Watcher:
        if self.writes == "allegations" and self.party is None:
            raise ValueError("allegations are a party's: give party")
        if self.posts and self.patrols:
            raise ValueError("posts and patrols are two sources")
        if (self.posts or self.patrols) and self.writes != "reports":
            raise ValueError("posts and patrols write reports")
        for name in [*self.says, *self.says.values(), *self.confuses]:
            _kinds({name: 1.0})
        return self


class Term(Strict):
    """The time that the made-up agreement forbids attacks in; the whole period where a scenario gives none."""

    start: AwareDatetime = Field(alias="from")
    end: AwareDatetime = Field(alias="to")


class Scenario(Strict):
    """What happens, where, and who watches it with what.

    The first party holds the left of the line as one goes along it (the north of a line that runs east), the second the
    right; what a party does falls on the other's side.
    """

    format: Literal["teisen-scenario/2"]
    id: Id
    title: str = Field(min_length=1)
    shows: str = Field(min_length=1)
    seed: int = Field(ge=0)
    period: Days
    parties: tuple[Id, Id]
    names: tuple[str, str] = ("Left Side (simulated)", "Right Side (simulated)")
    line: tuple[tuple[Longitude, Latitude], ...] = Field(min_length=2)
    ground: Ground
    violence: Violence
    weather: Weather = Weather()
    background: tuple[Background, ...] = ()
    truce: Term | None = None
    sources: tuple[Watcher, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _references(self) -> Scenario:
        if self.parties[0] == self.parties[1]:
            raise ValueError("the two parties are one")
        for where, named in (("actors", self.violence.actors), ("kinds_by_actor", self.violence.kinds_by_actor)):
            if unknown := sorted(set(named) - set(self.parties)):
                raise ValueError(f"violence.{where} names {unknown[0]!r}, which is no party here")
        seen: list[str] = [*GROUND_SOURCES]
        for source in self.sources:
            if source.id in seen:
                raise ValueError(f"the source {source.id!r} stands twice, or is one of {', '.join(GROUND_SOURCES)}")
            seen.append(source.id)
            if source.party is not None and source.party not in self.parties:
                raise ValueError(f"source {source.id!r} speaks for {source.party!r}, which is no party here")
            if later := sorted(set(source.copies_from) - set(seen)):
                raise ValueError(f"source {source.id!r} copies from {later[0]!r}, which does not stand before it")
        return self

    def changed(self, *, seed: int | None = None, days: int | None = None) -> Scenario:
        """The scenario with another seed, or only its first ``days`` days."""
        changes: dict[str, object] = {} if seed is None else {"seed": seed}
        if days is not None:
            end = min(self.period.end.toordinal(), self.period.start.toordinal() + days)
            changes["period"] = Days.model_validate({"from": self.period.start, "to": date.fromordinal(end)})
        return self.model_copy(update=changes)

    def text(self) -> str:
        """The scenario as YAML that reads back as the same."""
        values = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)


GROUND_SOURCES = ("regions", "sites", "weather", "control")
"""Ids of the sources of the ground, which every simulated case has."""


def parse_scenario(text: str, file: str) -> Scenario:
    """A scenario from its YAML text.

    Raises:
        BadInput: with one problem, and its line, for each thing wrong.
    """
    return parse(text, Scenario, file)
