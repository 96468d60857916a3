"""Do intervals of rates cover the truth, and how long do rates take?

    python benchmarks/rates.py            all three tables, and rewrites docs/benchmarks.md
    python benchmarks/rates.py gallery    that table alone
    python benchmarks/rates.py coverage   that table alone
    python benchmarks/rates.py speed      that table alone

Coverage: ceasefires as counts, from known rates. A common level walks, breaks and half recovers; sectors depart from
it and come back; each day in each sector bursts by a gamma factor (the truth is that day's rate, bursts included).
Three groups of sources watch, with cloud, outages and places of no access; their declared probabilities to detect are
off by a factor for each group. Findings are uncertain with calibrated p; false ones come at the usual rate of a day, as
they know of no burst. Seeds are held out: none was used while the
model was made. The rival: the count of all sectors by day with its exact Poisson interval (Garwood 1936).

Gallery: the simulator's ceasefires, the whole way from files through fusion and judgement (``ceasefires.py``), in
sectors of 20 km. Sources detect more or less than they declare. Days burst by a gamma factor on each stretch of the
line, as rates assume; strikes on protected sites burst as the whole line does. A row without these, and one of days as
they are in the gallery, self-exciting, stand beside.

Speed: sectors of 10 km, five years of days, ten kinds; the daily update is of the newest 90 days. One process each.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from time import perf_counter, process_time

import numpy as np
from ceasefires import ceasefire, in_sectors, misjudged, true_rates
from numpy.typing import NDArray
from page import rewrite
from scipy.stats import chi2

from teisen.compliance.basis import basis
from teisen.compliance.counts import Cells
from teisen.compliance.rates import day_rates, fit, update, whole_rates
from teisen.compliance.together import reported
from teisen.simulation import Scenario, load_scenario
from teisen.simulation.scenario import Bursts, Outage

Floats = NDArray[np.float64]
SECTORS, DAYS = 24, 180
SEEDS = range(1000, 1012)
SIZES = (50, 100, 200)
FIVE_YEARS, KINDS, NEWEST = 1826, 10, 90
BASE, BURST, DRIFT, APART, MEMORY, ERROR = 0.5, 1.5, 0.07, 0.8, 0.98, 0.3
SURE, UNSURE = 4.0, 1.3
"""Shapes of the beta distribution of p of findings: three in four are violations."""


@dataclass(frozen=True)
class Drawn:
    """A drawn ceasefire: true rates, (days, sectors), and what the model is given."""

    rate: Floats
    cells: Cells


def satellites(rng: np.random.Generator, winter: bool) -> Floats:
    season = 0.75 if winter else 0.4
    cloud = np.clip(season + rng.normal(0, 0.3, (DAYS, SECTORS)), 0, 1)
    return 0.35 * (1 - cloud)


def drawn(seed: int, scenario: str) -> Drawn:
    """One ceasefire."""
    rng = np.random.default_rng(seed)
    common = np.log(BASE) + np.cumsum(rng.normal(0, DRIFT, DAYS))
    common[DAYS // 3 :] -= 1.2
    common[2 * DAYS // 3 :] += 0.8
    own = np.empty((DAYS, SECTORS))
    own[0] = rng.normal(0, APART, SECTORS)
    for t in range(1, DAYS):
        own[t] = MEMORY * own[t - 1] + rng.normal(0, APART * np.sqrt(1 - MEMORY**2), SECTORS)
    usual = np.exp(common[:, None] + own)
    rate = usual * rng.gamma(BURST, 1 / BURST, (DAYS, SECTORS))
    fires = satellites(rng, scenario == "winter cloud")
    news = np.tile(rng.uniform(0.1, 0.6, SECTORS), (DAYS, 1))
    patrols = np.tile(rng.choice([0.0, 0.3, 0.6], SECTORS), (DAYS, 1))
    if scenario == "outages":
        news[rng.random((DAYS, SECTORS)) < 0.25] = 0
        fires[rng.random(DAYS) < 0.2] = 0
        for sector in range(SECTORS):
            begins = rng.integers(0, DAYS - 20)
            patrols[begins : begins + 20, sector] = 0
    if scenario == "refused access":
        refused = rng.permutation(SECTORS)[: SECTORS // 3]
        patrols[DAYS // 3 :, refused] = 0
        news[DAYS // 3 :, refused] *= 0.3
    if scenario == "a source stops":
        news[DAYS // 2 :] = 0
    if scenario == "sectors nobody sees":
        for source in (fires, news, patrols):
            source[:, : SECTORS // 4] = 0
    true = [fires, news, patrols]
    error = 0.0 if scenario == "detection known" else ERROR
    declared = [p * off / (1 - p + p * off) for p in true for off in [np.exp(rng.normal(0, error))]]
    seen, watched = (1 - np.prod([1 - p for p in some], axis=0) for some in (true, declared))
    loads = []
    for p in declared:
        missed = np.prod([1 - q for q in declared], axis=0)
        loads.append(np.divide(p * missed, watched, out=np.zeros_like(p), where=watched > 0)[:, None, :] * error)
    found, doubt = np.zeros((DAYS, SECTORS)), np.zeros((DAYS, SECTORS))
    real = rng.binomial(rng.poisson(rate), seen)
    false = rng.poisson(usual * seen * UNSURE / SURE)
    for counts, shapes in ((real, (SURE + 1, UNSURE)), (false, (SURE, UNSURE + 1))):
        for at in zip(*np.nonzero(counts), strict=True):
            p = rng.beta(*shapes, counts[at])
            found[at] += p.sum()
            doubt[at] += (p * (1 - p)).sum()
    return Drawn(rate, Cells(found[:, None], doubt[:, None], watched[:, None], tuple(loads)))


GALLERY = ("outages", "refused access", "winter-cloud", "falls-silent")
GALLERY_SEEDS = range(2000, 2008)
SECTOR_KM, REACH_KM, SETTLED = 20.0, 30.0, 5
"""Sectors of the gallery; days at the beginning that are not scored, as what sets off the first incidents is no row."""


def of_gallery(name: str, seed: int, *, bursts: bool, sites: bool = True) -> Scenario:
    """A scenario of the gallery with another seed and sources that are not quite as declared, without ``sites`` one in
    which no strike falls on a protected site."""
    scenario = load_scenario("outages" if name == "refused access" else name)
    if name == "refused access":  # from the third week on one side lets nobody in
        since = datetime.combine(scenario.period.start + timedelta(days=15), time(), UTC)
        regions = tuple(f"SIM-R{n:02d}" for n in range(1, 4))
        closed = Outage(**{"from": since, "regions": regions, "state": "refused", "reason": "no access"})
        sources = tuple(
            one.model_copy(update={"outages": (closed,) if one.writes == "reports" else ()}) for one in scenario.sources
        )
        scenario = scenario.model_copy(update={"sources": sources})
    if bursts:
        wild = {"clusters": None, "bursts": Bursts(shape=BURST, every_km=SECTOR_KM)}
        scenario = scenario.model_copy(update={"violence": scenario.violence.model_copy(update=wild)})
    if not sites:
        anywhere = scenario.violence.model_copy(update={"at_sites": 0.0})
        scenario = scenario.model_copy(update={"violence": anywhere})
    return misjudged(scenario.changed(seed=seed))


def gallery() -> list[str]:
    lines = [
        "| scenario | sector-days | covered | below, above | all sectors | count: all sectors | count: share |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    every: list[tuple[Floats, int]] = []
    for name in GALLERY:
        rows = [_simulated(of_gallery(name, seed, bursts=True)) for seed in GALLERY_SEEDS]
        lines.append(_line(name, [row for row, _ in rows], sum(n for _, n in rows)))
        every += rows
        print(lines[-1], flush=True)
    each, sizes = [row for row, _ in every], [n for _, n in every]
    lines.append(_line("all, each sector-day alike", each, sum(sizes), sizes))
    lines.append(_line("all, each ceasefire alike", each, sum(sizes)))
    for more, seeds, changes in (
        ("no strikes at sites", GALLERY_SEEDS, {"bursts": True, "sites": False}),
        ("self-exciting", GALLERY_SEEDS[:2], {"bursts": False}),
    ):
        some = [_simulated(of_gallery(name, seed, **changes)) for name in GALLERY for seed in seeds]
        lines.append(_line(f"each alike, {more}", [row for row, _ in some], sum(n for _, n in some)))
    return lines


def _simulated(scenario: Scenario) -> tuple[Floats, int]:
    """Coverage of one ceasefire, and its sector-days."""
    one = ceasefire(scenario)
    areas = in_sectors(one.seen, SECTOR_KM, REACH_KM)
    rests_on = basis(
        one.findings, one.fused.incidents, one.exposure, [one.agreement], areas, one.scope, "UTC",
        sources=one.seen.sources, level="sector", detection=one.detection, working=one.working,
        reported=reported(one.fused.incidents, one.fused.evidence, one.seen.sources),
    )  # fmt: skip
    ids, rates = true_rates(scenario, one.seen.truth, areas.filter(level="sector"))
    rate = rates[:, [ids.index(area) for area in rests_on.area_ids]][SETTLED:]
    cells = rests_on.cells()
    return _covered(Drawn(rate, cells), SETTLED), rate.size


def poisson_interval(found: Floats) -> tuple[Floats, Floats]:
    """The exact 90 % interval of a Poisson mean."""
    return chi2.ppf(0.05, np.maximum(2 * found, 1e-9)) / 2, chi2.ppf(0.95, 2 * found + 2) / 2


def coverage() -> list[str]:
    scenarios = ("all watch", "detection known", "outages", "winter cloud", "refused access", "a source stops",
                 "sectors nobody sees")  # fmt: skip
    lines = [
        "| scenario | sector-days | covered | below, above | all sectors | count: all sectors | count: share |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    every = []
    for scenario in scenarios:
        rows = [_covered(drawn(seed, scenario)) for seed in SEEDS]
        lines.append(_line(scenario, rows, len(rows) * SECTORS * DAYS))
        every += rows
    return [*lines, _line("all", every, len(every) * SECTORS * DAYS)]


def _covered(one: Drawn, since: int = 0) -> Floats:
    """How often intervals cover true rates; these begin with the day ``since`` of the cells."""
    fitted = fit(one.cells)
    low, _, high = (part[since:, 0] for part in day_rates(fitted))
    first, _, last = (part[since:, 0] for part in whole_rates(fitted, np.zeros(1)))
    total = one.rate.sum(axis=1)
    inside = (one.rate >= low) & (one.rate <= high)
    return np.array(
        [
            inside.mean(),
            (one.rate > high).mean(),
            (one.rate < low).mean(),
            ((total >= first) & (total <= last)).mean(),
            *rivals(Drawn(one.rate, one.cells.since(since))),
        ]
    )


def rivals(one: Drawn) -> tuple[float, float]:
    """The count of all sectors with its Poisson interval: how often it covers; and its share of what happened."""
    found, total = one.cells.found[:, 0].sum(axis=1), one.rate.sum(axis=1)
    low, high = poisson_interval(found)
    return float(((total >= low) & (total <= high)).mean()), float(found.sum() / total.sum())


def _line(name: str, rows: list[Floats], days: int, weights: list[int] | None = None) -> str:
    inside, above, below, whole, naive, share = np.average(rows, axis=0, weights=weights) * 100
    cells = f"{inside:.1f}% | {below:.1f}%, {above:.1f}% | {whole:.1f}% | {naive:.1f}% | {share:.0f}%"
    return f"| {name} | {days:,} | {cells} |"


def large(sectors: int) -> Cells:
    """Counts of ten kinds, each with a level, sectors and effort of its own."""
    rng = np.random.default_rng(sectors)
    shape = (FIVE_YEARS, KINDS, sectors)
    common = np.cumsum(rng.normal(0, 0.03, (FIVE_YEARS, KINDS, 1)), axis=0) + rng.normal(-1.5, 1, (1, KINDS, 1))
    rate = np.exp(common + rng.normal(0, 0.8, (1, KINDS, sectors))) * rng.gamma(1.5, 1 / 1.5, shape)
    effort = np.clip(rng.beta(2, 4, shape), 0, 1)
    found = rng.poisson(np.minimum(rate, 50) * effort).astype(float)
    return Cells(found, found * 0.1, effort, (np.full(shape, 0.2),))


def one_size(sectors: int) -> None:
    cells = large(sectors)
    begun, clock = process_time(), perf_counter()
    fitted = fit(cells)
    day_rates(fitted)
    whole_rates(fitted, np.zeros(KINDS))
    whole = process_time() - begun, perf_counter() - clock
    begun = process_time()
    newest = update(cells.since(FIVE_YEARS - NEWEST), fitted.manner, fitted.before(FIVE_YEARS - NEWEST))
    quantiles = day_rates(newest)
    whole_rates(newest, np.zeros(KINDS))
    daily = process_time() - begun
    off = np.abs(np.log(quantiles[1][-1] / day_rates(fitted)[1][-1])).max()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(*whole, daily, off, peak)


def speed() -> list[str]:
    lines = [
        "| sectors | sector-days by kind | full refit s | clock s | x | daily update s | last day off by | peak MiB |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    before = None
    for sectors in SIZES:
        run = subprocess.run(
            [sys.executable, __file__, "size", str(sectors)], check=True, capture_output=True, text=True
        )
        whole, clock, daily, off, peak = (float(value) for value in run.stdout.split())
        grown = "" if before is None else f"{whole / before:.1f}"
        rows = sectors * FIVE_YEARS * KINDS
        lines.append(
            f"| {sectors} | {rows:,} | {whole:.1f} | {clock:.1f} | {grown} | {daily:.2f} | {off:.1%} | {peak:,.0f} |"
        )
        before = whole
    return lines


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["size"]:
        one_size(int(arguments[1]))
        return
    wanted = arguments[:1] or ["gallery", "coverage", "speed"]
    for name, table in (("gallery", gallery), ("coverage", coverage), ("speed", speed)):
        if name in wanted:
            rewrite(f"rates-{name}", table())


if __name__ == "__main__":
    main(sys.argv[1:])
