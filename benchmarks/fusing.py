"""How right fusion is on simulated ceasefires with known truth: against an oracle and what one would use instead.

    python benchmarks/fusing.py               every scenario of the gallery, rewrites docs/benchmarks.md
    python benchmarks/fusing.py hot-spots     some alone, no page

Each scenario is simulated with four seeds that are held out: nothing was chosen on them. F1 is that of pairs of reports
that are of one thing: reports of sources that make incidents, with a place; of all four seeds together, for one differs
from another by some points. Rivals and oracle are tuned on the truth of each seed in their favour (``rivals.py``,
``oracle.py``); fusion is not told it. Calibration is over what fusion states of each incident.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import oracle
import polars as pl
import rivals
from page import rewrite

from teisen.evaluation import evaluate
from teisen.evaluation.calibration import expected_error
from teisen.evaluation.evaluate import crowds
from teisen.evaluation.partitions import pairwise
from teisen.fusion import Fused, fuse
from teisen.fusion.reports import Reports, reports
from teisen.simulation import Observed, gallery, load_scenario, observe, simulate
from teisen.sources.profiles import load_profile

HELD_OUT = (1_000, 6_001, 6_002, 6_003)
"""Seeds, off each scenario's own, on which no change of fusing was weighed."""
DAYS = {"long-front": 1}
"""Days simulated where sixty would be too many for the oracle, which looks at one report after the other."""
LONGEST = 60
NAMES = ("Teisen", "oracle", *rivals.RIVALS)


@dataclass(frozen=True)
class Tried:
    """What came of one scenario: reports of all seeds with ``seed``, ``truth``, ``density`` and a label by everybody;
    ``scores`` (value and how many it is of), and ``calibration`` by tenths of each probability."""

    name: str
    incidents: int
    reports: pl.DataFrame
    scores: pl.DataFrame
    calibration: pl.DataFrame
    seconds: float


@dataclass(frozen=True)
class World:
    """One simulated ceasefire: what was seen of it, its reports that have a place, and what each is of."""

    name: str
    seen: Observed
    placed: Reports
    told: pl.DataFrame
    fused: Fused
    seconds: float


def world(name: str, off: int) -> World:
    """Simulate a scenario with a seed so far off its own, and fuse it."""
    scenario = load_scenario(name)
    end = min(scenario.period.end, scenario.period.start + timedelta(days=DAYS.get(name, LONGEST)))
    period = scenario.period.model_copy(update={"end": end})
    scenario = scenario.model_copy(update={"seed": scenario.seed + off, "period": period})
    seen = observe(simulate(scenario, load_profile))
    began = time.process_time()
    fused = fuse(seen.observations, seen.exposure, seen.ground, seen.sources)
    took = time.process_time() - began
    every = reports(seen.observations.filter(pl.col("role") == "makes"), seen.sources)
    placed = every.take(np.flatnonzero(~np.isnan(every.lon)))
    member = fused.evidence.filter(relation="member").select("observation_id", Teisen="incident_id")
    told = (
        placed.frame.select("observation_id")
        .join(seen.links, on="observation_id", how="left", maintain_order="left")
        .join(member, on="observation_id", how="left", maintain_order="left")
        .with_columns(pl.col("truth_id", "other_id", "copy_of").replace("", None))
        .with_columns(truth=pl.coalesce("truth_id", "other_id"))
    )
    crowd = seen.truth.select(truth="truth_id", density=crowds(seen.truth))
    return World(name, seen, placed, told.join(crowd, on="truth", how="left", maintain_order="left"), fused, took)


def tried(name: str) -> Tried:
    """Fuse a scenario with each seed that is held out, and let everybody put its reports together."""
    told, scores, calibration, incidents, seconds = [], [], [], 0, 0.0
    for off in HELD_OUT:
        one = world(name, off)
        seen, fused = one.seen, one.fused
        labels = {"oracle": _oracle(one.placed, one.told, seen)}
        for rival, way in rivals.RIVALS.items():
            labels[rival] = rivals.best(one.told["truth"], way(one.placed))
        everybody = one.told.with_columns(pl.Series(key, label) for key, label in labels.items())
        told.append(
            everybody.select(
                pl.lit(off).alias("seed"),
                "density",
                *(pl.format("{}:{}", pl.lit(off), of).alias(of) for of in ("truth", *NAMES)),
            )
        )
        found = evaluate(fused.incidents, fused.evidence, seen.observations, seen.truth, seen.links)
        scores.append(found.scores.filter(by="all"))
        calibration.append(found.calibration)
        incidents, seconds = incidents + seen.truth.height, seconds + one.seconds
    return Tried(name, incidents, pl.concat(told), _mean(scores), _pooled(calibration), seconds)


def _mean(scores: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Each measure over all seeds, by how many things it is of."""
    known = pl.concat(scores).drop_nulls("value")
    n = pl.col("n")
    return known.group_by("measure", maintain_order=True).agg((pl.col("value") * n).sum() / n.sum(), n.sum())


def _pooled(tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Tenths of probabilities of all seeds together."""
    n = pl.col("n")
    return pl.concat(tables).group_by("probability", "low", maintain_order=True).agg(
        n.sum(),
        *((pl.col(name) * n).sum() / n.sum() for name in ("stated", "true")),
        by_chance=((pl.col("by_chance") * n) ** 2).sum().sqrt() / n.sum(),
    )  # fmt: skip


def _oracle(placed: Reports, told: pl.DataFrame, seen: Observed) -> np.ndarray:
    """What the oracle makes of reports: it also knows of fires and blasts that are no incidents."""
    rows = told.with_columns(
        lon=placed.lon, lat=placed.lat, at=(placed.start + placed.end) / 2, kind=placed.frame["kind"]
    )
    others = (
        rows.drop_nulls("other_id")
        .group_by("other_id")
        .agg(pl.col("lon", "lat").mean(), pl.col("at").min(), pl.col("kind").first())
        .sort("other_id")
        .select(
            truth_id="other_id",
            time=(pl.col("at") * 1e6).cast(pl.Int64).cast(seen.truth.schema["time"]),
            lon="lon",
            lat="lat",
            kind="kind",
        )
    )
    things = pl.concat([seen.truth.select(others.columns), others])
    at = {name: n for n, name in enumerate(told["observation_id"])}
    lead = np.array([at.get(first, n) for n, first in enumerate(told["copy_of"])])
    while not np.array_equal(lead, lead[lead]):  # copies of copies
        lead = lead[lead]
    return oracle.best(placed, told["truth"], things, lead)


def _f1(rows: pl.DataFrame, name: str) -> float:
    return pairwise(rows.select("truth", incident=name)).f1


def _share(rows: pl.DataFrame) -> float:
    return _f1(rows, "Teisen") / (_f1(rows, "oracle") or float("nan"))


def _scenarios(every: Sequence[Tried]) -> Iterator[str]:
    yield "| scenario | incidents | reports | Teisen | oracle | share | by seed | " + " | ".join(rivals.RIVALS) + " |"
    yield "|---|---:|---:|---:|---:|---:|---|" + "---:|" * len(rivals.RIVALS)
    for one in every:
        f1 = {name: f"{_f1(one.reports, name):.3f}" for name in NAMES}
        by_seed = ", ".join(f"{_share(one.reports.filter(seed=off)):.1%}" for off in HELD_OUT)
        others = " | ".join(f1[name] for name in rivals.RIVALS)
        yield (
            f"| {one.name} | {one.incidents:,} | {one.reports.height:,} | {f1['Teisen']} | {f1['oracle']} "
            f"| {_share(one.reports):.1%} | {by_seed} | {others} |"
        )


def _densities(every: Sequence[Tried]) -> Iterator[str]:
    yield "| others within 10 km and a day | reports | Teisen | " + " | ".join(rivals.RIVALS) + " | margin |"
    yield "|---|---:|---:|" + "---:|" * (len(rivals.RIVALS) + 1)
    rows = pl.concat(
        one.reports.with_columns(pl.format("{}:{}", pl.lit(one.name), name).alias(name) for name in ("truth", *NAMES))
        for one in every
    )
    for stratum in ("alone", "1 to 3 others", "4 to 15 others", "16 and more others"):
        some = rows.filter(density=stratum)
        if some.is_empty():
            continue
        f1 = {name: _f1(some, name) for name in NAMES}
        margin = f1["Teisen"] - max(f1[name] for name in rivals.RIVALS)
        others = " | ".join(f"{f1[name]:.3f}" for name in rivals.RIVALS)
        yield f"| {stratum} | {some.height:,} | {f1['Teisen']:.3f} | {others} | {margin:+.3f} |"


MEASURES = {
    "place_in_90_region_share": "place in its 90 % region",
    "time_in_interval_share": "time in its interval",
    "merged_share": "merged",
    "split_share": "split",
    "invented_and_called_share": "invented and called",
}
PROBABILITIES = {"conflict": "P(conflict)", "kind": "kind", "actor": "actor"}


def _calibration(every: Sequence[Tried]) -> Iterator[str]:
    heads = [*(f"{name} | by chance" for name in PROBABILITIES.values()), *MEASURES.values(), "CPU s"]
    yield f"| scenario | {' | '.join(heads)} |"
    yield "|---|" + "---:|" * (2 * len(PROBABILITIES) + len(MEASURES) + 1)
    all_errors, all_scores = [], []
    for one in every:
        errors = [expected_error(one.calibration.filter(probability=name)) for name in PROBABILITIES]
        all_errors.append(errors)
        all_scores.append(one.scores)
        yield f"| {one.name} | {_errors([errors])} | {_measures(one.scores)} | {one.seconds:.1f} |"
    seconds = sum(one.seconds for one in every)
    yield f"| all | {_errors(all_errors)} | {_measures(_mean(all_scores))} | {seconds:.1f} |"


def _errors(every: Sequence[Sequence[tuple[float | None, float | None, int]]]) -> str:
    """Cells of errors and of what chance makes of them, means of some scenarios by the number of probabilities."""
    cells: list[str] = []
    for of_one in zip(*every, strict=True):
        total = sum(n for _, _, n in of_one)
        sums = (sum((one[at] or 0) * one[2] for one in of_one) for at in (0, 1))
        cells.extend(f"{value / total:.3f}" if total else "-" for value in sums)
    return " | ".join(cells)


def _measures(scores: pl.DataFrame) -> str:
    value = dict(scores.select("measure", "value").iter_rows())
    return " | ".join(f"{value[name]:.3f}" if name in value else "-" for name in MEASURES)


def main(names: Sequence[str]) -> None:
    every = []
    for name in names or gallery():
        one = tried(name)
        every.append(one)
        print(f"{name}: {', '.join(f'{key} {_f1(one.reports, key):.3f}' for key in NAMES)}", flush=True)
    tables = {
        "fusing": _scenarios(every),
        "fusing-density": _densities(every),
        "fusing-calibration": _calibration(every),
    }
    for name, lines in tables.items():
        if names:
            print("\n".join(lines))
        else:
            rewrite(name, list(lines))


if __name__ == "__main__":
    main(sys.argv[1:])
