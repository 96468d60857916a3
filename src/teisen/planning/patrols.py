"""From a plan to its patrol programme: a game in each sector, played on the plan's own ground, sensors and figures.

Crews are the plan's patrols of a sector. They watch places on both sides of the line; what is placed besides finds with
its own chance. The violator is held to see the weather: every chance is that of the worst weather of the hour,
and where it may be day or night in a slot, of the worse of the two.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from pydantic import Field, model_validator

from teisen.agreement.vocabulary import Id
from teisen.documents import Strict
from teisen.geodesy import Floats, distance_m
from teisen.planning.catalogue import Sensor
from teisen.planning.choices import Choices, in_time, patrol_game
from teisen.planning.detection import at_distance, factor
from teisen.planning.game import GAP, Game, Mix, solve
from teisen.planning.guarantees import WINDOWS_H, guarantees
from teisen.planning.light import lights, pieces
from teisen.planning.patrol import Bools, Crew, Network, travel_steps
from teisen.planning.placed import detection
from teisen.planning.plan import Placed, Plan
from teisen.planning.programme import Place, Programme, sector_mix
from teisen.planning.solve import Setting

DETOUR = 1.3
"""Ways on roads are so much longer than straight ones (assumed; usual in studies of rural roads)."""
NEAR_M = 10_000.0
"""What is expected at a place counts within about so far of it (assumed: half a sector)."""


class Shifts(Strict):
    """How patrols work.

    Attributes:
        sensor: id of the patrol in the catalogue.
        slot_h: length of a slot; a day is cut into whole slots.
        watch_h: of each slot, hours that a crew watches; the rest is for the way.
        speed_km_h: on the way, with stops at checkpoints.
        crossing_h: hours to cross the line; empty: crews stay on the side of their base.
        shift_h: from leaving the base to being back. ``rest_h``: at least so long until the next one.
        hours: between which crews may be out (UTC).
        night: hours (UTC) besides the season's own between which it may be night.
        depth_m: how far from the line they watch. ``stops``: places on each side of a sector.
        even: equal effort on both sides in every sector in which a crew can be on both.
        goes_on_h: every violation goes on, or leaves traces, for so long at least; what is guaranteed is then that it
            is found within this time.
    """

    sensor: Id = "patrol"
    slot_h: float = Field(default=1, gt=0, le=12)
    watch_h: float = Field(default=0.5, gt=0)
    speed_km_h: float = Field(default=30, gt=0)
    crossing_h: float | None = Field(default=0.5, ge=0)
    shift_h: float = Field(default=9, gt=0, le=24)
    rest_h: float = Field(default=11, ge=0, lt=24)
    hours: tuple[float, float] = (6, 20)
    night: tuple[float, float] | None = None
    depth_m: float = Field(default=500, ge=0)
    stops: int = Field(default=4, ge=1, le=20)
    even: bool = True
    goes_on_h: float = Field(default=0, ge=0, le=168)

    @model_validator(mode="after")
    def _sound(self) -> Shifts:
        if abs(24 / self.slot_h - round(24 / self.slot_h)) > 1e-9 or self.watch_h > self.slot_h:
            raise ValueError("a day is a whole number of slots, and a crew watches at most a slot")
        if self.shift_h > 24 - self.rest_h:
            raise ValueError("a shift and a rest do not fit into a day")
        return self

    @property
    def period(self) -> int:
        """Slots of a day."""
        return round(24 / self.slot_h)


@dataclass(frozen=True)
class Sector:
    """A sector's game with what it was made of.

    ``targets`` are the demand ids of the choices, ``kinds`` their kinds. ``standing``: P(found without patrols) within
    so many hours, each of shape :meth:`Choices.of`; what is not asked for has 1. ``see`` and ``light`` are as
    :func:`teisen.planning.choices.patrol_game` takes them. ``latency_h``: until a crew's report is there.
    """

    sector_id: str
    places: tuple[Place, ...]
    targets: tuple[str, ...]
    kinds: tuple[str, ...]
    choices: Choices
    see: Floats
    light: Floats
    asked: Bools
    standing: dict[float, Floats]
    latency_h: float
    game: Game


def programme(
    here: Setting,
    plan: Plan,
    shifts: Shifts,
    *,
    risk: pl.DataFrame | None = None,
    keep: float = 0.9,
    gap: float = GAP,
    rounds: int = 200,
) -> Programme:
    """The patrol programme of a plan: a mixture for each sector, and what it guarantees.

    Args:
        here: the plan's ground and sensors.
        plan: its placement is used; the patrols in it are the crews.
        shifts: how they work.
        risk: what is expected where (``lon``, ``lat``, ``expected``: a forecast by the middles of its areas). Then
            ``keep`` of every guarantee is kept, and the rest of the effort goes where most is expected.
        keep: share of each guarantee that is kept for that.
        gap, rounds: end of the search in each sector; see :func:`teisen.planning.game.solve`.
    """
    solved: dict[bytes, Mix] = {}
    mixes = []
    for sector in sector_games(here, plan, shifts):
        expected = None if risk is None else _expected(here, sector, risk)
        alike = _fingerprint(sector) + (b"" if expected is None else expected.tobytes())
        if alike not in solved:
            both = len({place.side for place in sector.places}) == 2 and shifts.crossing_h is not None
            uneven = 0.0 if shifts.even and both else None
            solved[alike] = solve(sector.game, uneven=uneven, risk=expected, keep=keep, gap=gap, rounds=rounds)
        mix = solved[alike]
        said = guarantees(sector, mix, shifts.slot_h)
        slot_h = shifts.slot_h
        mixes.append(sector_mix(sector.sector_id, sector.places, sector.game, mix, guarantees=said, slot_h=slot_h))
    return Programme(
        id=f"{plan.id}-patrols",
        plan=plan.sha256,
        sensor=shifts.sensor,
        slot_h=shifts.slot_h,
        watch_h=shifts.watch_h,
        period=shifts.period,
        rest_h=shifts.rest_h,
        shift_h=shifts.shift_h,
        sectors=tuple(mixes),
    )


def sector_games(here: Setting, plan: Plan, shifts: Shifts) -> Iterator[Sector]:
    """The game of every sector, in the order of the line."""
    windows = {*WINDOWS_H, here.brief.rules.window_h}
    standing = {hours: _standing(here, plan, shifts, hours) for hours in sorted(windows)}
    for sector_id, low, high in zip(here.line.sector_ids, here.line.sector_from_m, _ends(here), strict=True):
        demand = here.ground.demand.filter(sector_id=sector_id)
        crews = [one for one in plan.placement if one.sensor == shifts.sensor and one.sector_id == sector_id]
        places = _places(here, shifts, low, high)
        yield _sector(here, shifts, sector_id, places=places, demand=demand, placed=crews, standing=standing)


def _ends(here: Setting) -> Floats:
    return np.append(here.line.sector_from_m[1:], here.line.length_m)


def _places(here: Setting, shifts: Shifts, low: float, high: float) -> tuple[Place, ...]:
    """Places to watch from: ``stops`` on each side of a sector."""
    along = low + (np.arange(shifts.stops) + 0.5) * (high - low) / shifts.stops
    made = []
    for sign, side in ((1.0, here.brief.parties[0]), (-1.0, here.brief.parties[1])):
        lon, lat = here.line.place(along, sign * shifts.depth_m)
        made += [
            Place(id=f"{side}-{n + 1}", lon=round(float(x), 5), lat=round(float(y), 5), side=side)
            for n, (x, y) in enumerate(zip(lon, lat, strict=True))
        ]
    return tuple(made)


def _sector(
    here: Setting, shifts: Shifts, sector_id: str, *,
    places: tuple[Place, ...], demand: pl.DataFrame, placed: Sequence[Placed], standing: dict[float, pl.DataFrame],
) -> Sector:  # fmt: skip
    patrol = here.catalogue.sensor(shifts.sensor)
    kinds = tuple(sorted(set(demand["kind"]) & {one.kind for one in here.brief.watched}))
    spots = demand.unique("demand_id", keep="first", maintain_order=True).select("demand_id", "lon", "lat")
    targets = tuple(spots["demand_id"])
    lon, lat = (np.array([getattr(place, name) for place in places]) for name in ("lon", "lat"))
    far = distance_m(lon[:, None], lat[:, None], spots["lon"].to_numpy(), spots["lat"].to_numpy())
    at, of = {name: n for n, name in enumerate(targets)}, {name: n for n, name in enumerate(kinds)}
    asked = np.zeros((len(targets), len(kinds)), bool)
    for demand_id, kind in demand.filter(pl.col("kind").is_in(kinds)).select("demand_id", "kind").iter_rows():
        asked[at[demand_id], of[kind]] = True
    see = np.zeros((len(kinds), len(places), len(targets)))
    lasts, begun = np.ones(len(kinds), np.int64), np.ones((shifts.period, len(kinds)))
    spans = pieces(here.conditions, shifts.slot_h, shifts.period)
    for k, kind in enumerate(kinds):
        seen = patrol.sees.get(kind)
        left = here.brief.rules.window_h - patrol.latency_h.value
        if seen is not None and left > 0:
            lasts_h = max(seen.lasts_h.value, shifts.goes_on_h)
            during = min(1.0, (shifts.watch_h + lasts_h) / shifts.slot_h)  # it may begin when they drive
            see[k] = np.floor(at_distance(seen, far) * patrol.uptime.value * during * 1e4 + 1e-6) / 1e4
            see[k, :, ~asked[:, k]] = 0.0
            if lasts_h < shifts.slot_h:  # over before the next visit; who waits for dusk has less than a slot
                met = [min(in_time(shifts.slot_h, shifts.watch_h, lasts_h, one) for one in span) for span in spans]
                begun[:, k] = np.minimum(np.array(met) / during, 1.0)
            lasts[k] = max(1, math.floor(min(lasts_h, left) / shifts.slot_h))
    choices = Choices(len(targets), shifts.period, len(kinds), lasts)
    network, crews = _network(here, shifts, places, far_between(lon, lat), placed)
    day, night = lights(here.conditions, shifts.slot_h, network.slots, shifts.night)
    by_day, by_night = (_worst(here, patrol, night=dark) for dark in (False, True))
    light = np.minimum(np.where(day, by_day, 1.0), np.where(night, by_night, 1.0))
    stands = {}
    for hours, table in standing.items():
        base = np.ones((len(targets), shifts.period, len(kinds)))
        rows = table.filter(pl.col("demand_id").is_in(targets), pl.col("kind").is_in(kinds))
        for demand_id, kind, dark, chance in rows.select("demand_id", "kind", "night", "detection").iter_rows():
            cell = base[at[demand_id], :, of[kind]]
            may = (night if dark else day)[: shifts.period]
            cell[may] = np.minimum(cell[may], chance)
        stands[hours] = base
    game = patrol_game(network, crews, choices, see, stands[here.brief.rules.window_h], light=light, begun=begun)
    late = patrol.latency_h.value
    return Sector(sector_id, places, targets, kinds, choices, see, light, asked, stands, late, game)


def far_between(lon: Floats, lat: Floats) -> Floats:
    """Metres between places, shape (places, places)."""
    return distance_m(lon[:, None], lat[:, None], lon, lat)


def _network(
    here: Setting, shifts: Shifts, places: tuple[Place, ...], far: Floats, placed: Sequence[Placed]
) -> tuple[Network, tuple[Crew, ...]]:
    side = np.array([here.brief.parties.index(place.side) for place in places], np.int64)
    hours = far / 1000 * DETOUR / shifts.speed_km_h
    crossed = side[:, None] != side
    hours = np.where(crossed, np.inf if shifts.crossing_h is None else hours + shifts.crossing_h, hours)
    begin, end = (round(hour / shifts.slot_h) for hour in shifts.hours)
    horizon = max(shifts.period, end)
    safe = np.zeros((len(places), horizon), bool)
    safe[:, begin:end] = True
    network = Network(travel_steps(hours, shifts.slot_h, shifts.watch_h), safe, side)
    window = min(end - begin, math.floor((24 - shifts.rest_h) / shifts.slot_h + 1e-9))
    bases = [one for one in placed for _ in range(one.number)]
    crews = []
    for n, one in enumerate(bases):
        lon, lat = (np.array([getattr(place, name) for place in places]) for name in ("lon", "lat"))
        away = distance_m(one.lon or 0.0, one.lat or 0.0, lon, lat) / 1000 * DETOUR / shifts.speed_km_h
        other = np.array([place.side != one.side for place in places])
        away = np.where(other, np.inf if shifts.crossing_h is None else away + shifts.crossing_h, away)
        free = shifts.slot_h - shifts.watch_h
        lost = np.ceil(np.maximum(np.where(np.isfinite(away), away, 0) - free, 0) / shifts.slot_h - 1e-9)
        reach = np.where(np.isfinite(away), lost, -1).astype(np.int64)
        later = 0 if len(bases) == 1 else (end - begin - window) * n // (len(bases) - 1)
        first = begin + later
        shift = max(1, math.floor(shifts.shift_h / shifts.slot_h + 1e-9))
        crews.append(Crew(f"crew-{n + 1}", first, first + window, shift, reach))
    return network, tuple(crews)


def _standing(here: Setting, plan: Plan, shifts: Shifts, hours: float) -> pl.DataFrame:
    """What is placed besides patrols sees in the worst weather: ``demand_id``, ``kind``, ``night``, ``detection``."""
    night = pl.DataFrame({"condition": [c.id for c in here.conditions], "night": [c.night for c in here.conditions]})
    seen = detection(here, plan, hours, (shifts.sensor,)).join(night, on="condition")
    return seen.group_by("demand_id", "kind", "night").agg(pl.col("detection").min()).sort("demand_id", "kind", "night")


def _worst(here: Setting, sensor: Sensor, *, night: bool) -> float:
    """Factor on one look by day or by night in the season's worst weather, which may be that of other hours."""
    return min(factor(sensor, one.model_copy(update={"night": night})) for one in here.conditions)


def _expected(here: Setting, sector: Sector, risk: pl.DataFrame) -> Floats | None:
    """What is expected of each choice of a sector, alike in all hours and kinds; None: nothing is, anywhere near."""
    spots = here.ground.demand.unique("demand_id", keep="first").select("demand_id", "lon", "lat")
    at = pl.DataFrame({"demand_id": sector.targets}).join(spots, on="demand_id", how="left", maintain_order="left")
    lon, lat = at["lon"].to_numpy()[:, None], at["lat"].to_numpy()[:, None]
    far = distance_m(lon, lat, risk["lon"].to_numpy(), risk["lat"].to_numpy())
    near = np.exp(-((far / NEAR_M) ** 2)) @ risk["expected"].to_numpy().astype(float)
    each = near[:, None, None] * sector.asked[:, None, :] * np.ones((1, sector.choices.period, 1))
    return np.round(each.ravel(), 6) if each.max() > 1e-6 else None


def _fingerprint(sector: Sector) -> bytes:
    """Equal for sectors with the same game, to the last bit: those of an even line need to be solved once."""
    game = sector.game
    crews = [(crew.start, crew.end, crew.shift, *crew.reach.tolist()) for crew in game.crews]
    parts = (game.sees, game.base, game.network.steps, game.network.safe, game.network.side)
    return repr((crews, sector.kinds)).encode() + b"".join(np.ascontiguousarray(part).tobytes() for part in parts)
