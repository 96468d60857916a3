"""Simulated ceasefires with the true rate of every area and day, as the benchmarks of rates and of change see them.

The process sets off what comes next, so the rate of a day is not a figure of the scenario: it is what the process lets
expect of that area and day, given all that happened (its compensator). What comes by itself comes at the scenario's
rate, spread over areas as many draws of it are; what each incident sets off is spread over areas and days as its
offspring would be. A strike on a protected site may have come by itself on any stretch of the line, so that what falls
at sites bursts as all stretches do together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from teisen.agreement import Agreement, load_agreement
from teisen.case.casefile import LineEntry
from teisen.case.derivation import line_of
from teisen.compliance import activity, estimated, lines, recalibrated, standing
from teisen.compliance.instruments import working
from teisen.compliance.level import follow
from teisen.compliance.watched import DETECTION_ERROR
from teisen.fusion import fuse
from teisen.fusion.fuse import Fused
from teisen.judgement import judge
from teisen.observation import ALLEGATION
from teisen.planning import sector_areas, sectors
from teisen.simulation import Observed, Scenario, observe, simulate
from teisen.simulation.bursts import burst_factors
from teisen.simulation.figures import declared
from teisen.simulation.ground import make_ground
from teisen.simulation.intensity import DAY, HOUR, since_1970
from teisen.simulation.line import Line
from teisen.simulation.scenario import Clusters
from teisen.simulation.scene import chance_of
from teisen.simulation.truth import happen
from teisen.sources import Scope
from teisen.sources.profiles import load_profile

Floats = NDArray[np.float64]
DRAWS = 64
"""Places that what an incident sets off is drawn at."""
BY_THEMSELVES = 20_000
"""Draws of incidents that come by themselves."""


@dataclass(frozen=True)
class Ceasefire:
    """A scenario as its sources saw it, put together and judged as a case would."""

    scenario: Scenario
    scope: Scope
    seen: Observed
    fused: Fused
    findings: pl.DataFrame
    exposure: pl.DataFrame
    detection: pl.DataFrame
    working: pl.DataFrame
    agreement: Agreement


def in_sectors(seen: Observed, sector_km: float, reach_km: float) -> pl.DataFrame:
    """The ground's areas (AREA) and the sectors of its line of contact."""
    line = line_of(LineEntry(land=("*",)), seen.ground.areas)
    return pl.concat([seen.ground.areas, sector_areas(sectors(line, sector_km), reach_km)])


def ceasefire(scenario: Scenario) -> Ceasefire:
    """Simulate, read, fuse, judge and estimate detection, the whole way of a case."""
    simulated = simulate(scenario, load_profile)
    seen = observe(simulated)
    fused = fuse(seen.observations, seen.exposure, seen.ground, seen.sources)
    text = simulated.definitions()["agreements/simulated.yaml"]
    agreement = load_agreement(text, "simulated.yaml")
    findings = judge(fused.incidents, ALLEGATION.empty(), [agreement], seen.ground).findings
    period = scenario.period
    start, end = (datetime(d.year, d.month, d.day, tzinfo=UTC) for d in (period.start, period.end))
    scope = Scope(start, end, -180, -90, 180, 90)
    of = lines(
        standing(fused.incidents, [agreement], seen.ground), fused.incidents, fused.evidence,
        activity(seen.observations, "UTC"), seen.exposure, [agreement], seen.ground.areas, scope, "UTC", seen.sources,
    )  # fmt: skip
    silent = working(of, follow(of.counts, of.effort, of.weekday, of.begins))
    detection = estimated(
        fused.incidents,
        fused.evidence,
        seen.exposure,
        seen.observations,
        ground=seen.ground,
        sources=seen.sources,
        working=silent,
    )
    return Ceasefire(
        scenario, scope, seen, fused, findings, recalibrated(seen.exposure, detection), detection, silent, agreement
    )


def misjudged(scenario: Scenario) -> Scenario:
    """The scenario with sources that detect more or less than they declare, as far off as rates assume.

    The odds of a source's detection are off by one factor, whose log is normal with the standard deviation that stands
    for declared figures.
    """
    rng = np.random.default_rng([scenario.seed, 1])
    sources = []
    for watcher in scenario.sources:
        told = declared(watcher, load_profile)[0].detection
        off = float(np.exp(rng.normal(0, DETECTION_ERROR["declared"])))
        truly = {kind: f.value * off / (1 - f.value + f.value * off) for kind, f in told.items()}
        sources.append(watcher.model_copy(update={"truly": {**watcher.truly, "detection": truly}}))
    return scenario.model_copy(update={"sources": tuple(sources)})


def true_rates(scenario: Scenario, truth: pl.DataFrame, areas: pl.DataFrame) -> tuple[list[str], Floats]:
    """Ids of areas in order, and the true rate by day and area; of scenarios whose rate has neither phases nor
    rhythm."""
    line = Line(pl.DataFrame(scenario.line, schema=["lon", "lat"], orient="row").to_numpy())
    shapes = areas.sort("area_id")
    tree = shapely.STRtree(shapely.from_wkb(shapes["geometry"].to_list()))
    days = (scenario.period.end - scenario.period.start).days
    rng = np.random.default_rng(scenario.seed)
    clusters = scenario.violence.clusters or Clusters(branching=0)

    def shares(lon: Floats, lat: Floats) -> Floats:
        """Which area each place is in: (places, areas), at most one."""
        out = np.zeros((len(lon), shapes.height))
        point, area = tree.query(shapely.points(lon, lat), predicate="intersects")
        first = np.unique(point, return_index=True)[1]
        out[point[first], area[first]] = 1
        return out

    even = scenario.violence.model_copy(update={"clusters": None, "bursts": None, "per_day": BY_THEMSELVES / days})
    ground = make_ground(scenario, line, chance_of(scenario, "ground"))
    drawn = happen(scenario.model_copy(update={"violence": even}), line, ground, rng)
    at = drawn["lon"].to_numpy(), drawn["lat"].to_numpy()
    factors = burst_factors(scenario, line)
    stretch = np.clip(line.along(*at)[0] / line.length_m * factors.shape[1], 0, factors.shape[1] - 1).astype(int)
    spread, there = np.zeros((factors.shape[1], shapes.height)), shares(*at) / drawn.height
    at_site = drawn["target_class"].is_not_null().to_numpy()
    np.add.at(spread, stretch[~at_site], there[~at_site])
    anywhere = np.bincount(stretch[~at_site], minlength=len(spread)) / (~at_site).sum()
    spread += np.outer(anywhere, there[at_site].sum(axis=0))
    rate = np.broadcast_to(
        scenario.violence.per_day * (1 - clusters.branching) * factors @ spread, (days, shapes.height)
    )
    rate = rate.copy()
    along, depth = line.along(truth["lon"].to_numpy(), truth["lat"].to_numpy())
    since = truth["time"].dt.epoch("us").to_numpy() / 1e6 - since_1970(scenario.period.start)
    step = rng.normal(0, clusters.spread_m, (2, DRAWS, len(along)))
    length = line.length_m
    moved = np.mod(along + step[0], 2 * length)
    moved = np.where(moved > length, 2 * length - moved, moved)
    other = rng.random(moved.shape) < clusters.retaliation
    side = np.where(depth >= 0, 1.0, -1.0) * np.where(other, -1.0, 1.0)
    lon, lat = line.place(moved.ravel(), (np.abs(np.abs(depth) + step[1]) * side).ravel())
    there = shares(lon, lat).reshape(DRAWS, len(along), -1).mean(axis=0)
    edges = np.arange(days + 1) * DAY
    gone = 1 - np.exp(-np.maximum(edges[:, None] - since, 0) / (clusters.decay_h * HOUR))
    rate += clusters.branching * np.diff(gone, axis=0) @ there
    return shapes["area_id"].to_list(), rate
