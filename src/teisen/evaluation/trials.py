"""Trials: the ceasefires that a watch plan is tried on (``teisen-trials/1``), and what happens in one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any, Literal
from zlib import crc32

import numpy as np
import polars as pl
from numpy.random import Generator
from numpy.typing import NDArray
from pydantic import Field

from teisen.agreement.vocabulary import Id, PlainKind
from teisen.documents import Strict, fit, parse
from teisen.errors import BadInput, Problem
from teisen.geodesy import Floats, unit_vectors
from teisen.planning.catalogue import Catalogue
from teisen.planning.light import at_night
from teisen.planning.plan import Condition, Plan, Share
from teisen.planning.solve import Setting
from teisen.simulation.ground import make_ground
from teisen.simulation.line import Line
from teisen.simulation.scenario import Scenario
from teisen.simulation.truth import happen

Ints = NDArray[np.int64]
HOUR = 3600.0
START = date(2025, 4, 7)
DAYS = 28


class Jammed(Strict):
    """A share of the devices of these means is deaf on a share of the days, drawn by device and day."""

    means: tuple[str, ...]
    share: Share
    days: Share


class Trial(Strict):
    """A ceasefire that plans are tried on.

    Attributes:
        holds: whether the plan's assumptions hold in it.
        where: ``as-planned``: at the plan's own places, as it weighs them; ``as-drawn``: where the simulation puts
            them; ``least-seen``: where and when the plan finds a kind least.
        violence: of a scenario (:class:`teisen.simulation.scenario.Violence`); ``kinds`` empty: all that the plan
            watches for alike; a hot spot may stand ``at_share`` of the line.
        season: conditions of the catalogue that hold in place of the plan's.
    """

    id: Id
    title: str
    says: str
    holds: bool
    where: Literal["as-planned", "as-drawn", "least-seen"]
    violence: dict[str, Any]
    jammed: Jammed | None = None
    season: str | None = None


class Trials(Strict):
    """The trials that ship, or a file of them."""

    format: Literal["teisen-trials/1"]
    trials: tuple[Trial, ...] = Field(min_length=1)


def load_trials(text: str | None = None, file: str = "trials.yaml") -> tuple[Trial, ...]:
    """The trials that ship, or those of a file.

    Raises:
        BadInput: the file is wrong.
    """
    shipped = files("teisen.evaluation").joinpath("trials.yaml").read_text(encoding="utf-8")
    return parse(shipped if text is None else text, Trials, file).trials


@dataclass(frozen=True)
class Happened:
    """What happened in a trial, as arrays of shape (n,): seconds since its beginning, places, and what the plan calls
    it.

    ``condition`` indexes ``conditions``; ``demand`` is the row of the plan's demand that lies nearest, of its kind.
    """

    seconds: Floats
    lon: Floats
    lat: Floats
    kind: NDArray[np.object_]
    condition: Ints
    demand: Ints
    conditions: tuple[Condition, ...]


def chance_of(trial: Trial, seed: int, purpose: str) -> Generator:
    """The random numbers of one purpose in one run of a trial."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, crc32(f"{trial.id} {purpose}".encode())])))


def happened(trial: Trial, here: Setting, plan: Plan, least: pl.DataFrame, seed: int) -> Happened:
    """Draw what happens in a trial along the plan's line.

    Args:
        trial: the trial.
        here: the plan's ground.
        plan: the plan.
        least: what the plan promises (:func:`teisen.evaluation.promised.promised`), for a violator who knows it.
        seed: of this run.

    Raises:
        BadInput: the trial's violence is none, or nothing that the plan watches for happens in it.
    """
    truth = _truth(trial, here, plan, seed)
    rng = chance_of(trial, seed, "where")
    watched = here.ground.demand["kind"].to_numpy()
    truth = truth.filter(pl.col("kind").is_in(sorted(set(watched))))
    if truth.is_empty():
        what = "nothing that the plan watches for happens in it"
        raise BadInput(Problem("trials", 0, trial.id, what, "Write kinds that the plan watches for."))
    kind = truth["kind"].to_numpy().astype(object)
    seconds = (truth["time"].dt.epoch("s").to_numpy() - truth_start()).astype(float)
    lon, lat = truth["lon"].to_numpy().copy(), truth["lat"].to_numpy().copy()
    conditions = _conditions(trial, here)
    demand = np.zeros(len(kind), np.int64)
    weight = here.ground.demand["weight"].to_numpy()
    places = here.ground.demand.select("lon", "lat").to_numpy()
    for name in sorted(set(kind)):
        mine, rows = np.flatnonzero(kind == name), np.flatnonzero(watched == name)
        if trial.where == "as-planned":
            demand[mine] = rng.choice(rows, len(mine), p=weight[rows] / weight[rows].sum())
        else:
            near = unit_vectors(lon[mine], lat[mine]) @ unit_vectors(*places[rows].T).T
            demand[mine] = rows[near.argmax(axis=1)]
    condition = _weather(conditions, here, demand, seconds, rng)
    if trial.where == "least-seen":
        demand, condition, seconds = _least(kind, seconds, here, least, rng)
    if trial.where != "as-drawn":
        lon, lat = places[demand].T
    return Happened(seconds, lon, lat, kind, condition, demand, conditions)


def truth_start() -> int:
    """The beginning of every trial, seconds since 1970."""
    return (START.toordinal() - date(1970, 1, 1).toordinal()) * 86_400


def _truth(trial: Trial, here: Setting, plan: Plan, seed: int) -> pl.DataFrame:
    """What the simulation makes happen along the plan's line (TRUTH)."""
    violence = dict(trial.violence)
    kinds: dict[PlainKind, float] = violence.get("kinds") or {one.kind: 1.0 for one in here.brief.watched}
    violence["kinds"] = kinds
    violence["at_sites"] = 0.0
    length_km = here.line.length_m / 1000
    spots = [dict(spot) for spot in violence.get("hot_spots", ())]
    for spot in spots:
        if "at_share" in spot:
            spot["at_km"] = spot.pop("at_share") * length_km
    violence["hot_spots"] = spots
    nodes = [tuple(map(float, at)) for at in here.line.lonlat]
    kept = [at for n, at in enumerate(nodes) if n == 0 or at != nodes[n - 1]]
    values = {
        "format": "teisen-scenario/2", "id": trial.id, "title": trial.title, "shows": trial.says, "seed": seed,
        "period": {"from": START, "to": date.fromordinal(START.toordinal() + DAYS)}, "parties": plan.parties,
        "line": kept, "ground": {"reach_km": 30, "towns_every_km": 50, "regions_every_km": max(length_km / 8, 20)},
        "violence": violence, "sources": [{"id": "none", "profile": "none", "writes": "reports"}],
    }  # fmt: skip
    scenario = fit(values, Scenario, f"trial {trial.id}")
    line = Line(np.array(kept))
    ground = make_ground(scenario, line, chance_of(trial, seed, "ground"))
    return happen(scenario, line, ground, chance_of(trial, seed, "truth"))


def _conditions(trial: Trial, here: Setting) -> tuple[Condition, ...]:
    """The plan's conditions, in the order of its coverage, with the shares that hold in the trial."""
    if trial.season is None:
        return here.conditions
    share = _season(trial.season, here.catalogue)
    return tuple(one.model_copy(update={"share": share.get((one.night, one.weather), 0.0)}) for one in here.conditions)


def _season(name: str, catalogue: Catalogue) -> dict[tuple[bool, str], float]:
    if name not in catalogue.seasons:
        do = f"Write one of {', '.join(catalogue.seasons)}."
        raise BadInput(Problem("trials", 0, "season", f"{catalogue.id} has no season {name!r}", do))
    return {(one.night, one.weather): one.share for one in catalogue.seasons[name]}


def _weather(conditions: tuple[Condition, ...], here: Setting, demand: Ints, seconds: Floats, rng: Generator) -> Ints:
    """The condition of each event: night by the hour around midnight, the weather alike in a sector on a day."""
    shares = np.array([one.share for one in conditions])
    dark = np.array([one.night for one in conditions])
    night = at_night(conditions, seconds % 86_400 / HOUR)
    sector = _numbers(here.ground.demand["sector_id"])
    luck = rng.random((int(sector.max()) + 1, DAYS + 1, 2))
    mine = luck[sector[demand], (seconds // 86_400).astype(int), night.astype(int)]
    condition = np.zeros(len(demand), np.int64)
    for of_night in (False, True):
        these = np.flatnonzero(dark == of_night)
        if len(these):
            steps = np.cumsum(shares[these]) / shares[these].sum()
            chosen = these[np.minimum(np.searchsorted(steps, mine, side="right"), len(these) - 1)]
            condition = np.where(night == of_night, chosen, condition)
    return condition


def _numbers(names: pl.Series) -> Ints:
    """Equal names as equal numbers from 0."""
    return names.rank("dense").to_numpy().astype(np.int64) - 1


def _least(
    kind: NDArray[np.object_], seconds: Floats, here: Setting, least: pl.DataFrame, rng: Generator
) -> tuple[Ints, Ints, Floats]:
    """For each event a place, a condition and a time of its day with the least detection of its kind.

    Among equals by chance, and within the hours of a slot at any moment; where a plan promises alike at all hours, the
    time stays.
    """
    order = {one.id: n for n, one in enumerate(here.conditions)}
    rows = here.ground.demand.with_row_index("at").select("at", "demand_id", "kind")
    cells = least.join(rows, on=["demand_id", "kind"], how="left")
    demand, condition, moment = np.zeros(len(kind), np.int64), np.zeros(len(kind), np.int64), seconds.copy()
    for name in sorted(set(kind)):
        own, mine = cells.filter(kind=name), kind == name
        lowest = own.filter(pl.col("detection") == pl.col("detection").min()).sort("at", "condition", "begin_h")
        chosen = rng.integers(0, lowest.height, int(mine.sum()))
        demand[mine] = lowest["at"].to_numpy()[chosen]
        condition[mine] = np.array([order[one] for one in lowest["condition"]], np.int64)[chosen]
        if lowest["begin_h"].null_count() == 0:
            begin, end = (lowest[name].to_numpy()[chosen] for name in ("begin_h", "end_h"))
            at_h = begin + rng.random(len(chosen)) * (end - begin)
            moment[mine] = seconds[mine] // 86_400 * 86_400 + at_h * HOUR
    return demand, condition, moment
