"""How right fusion is on simulated ceasefires with known truth: against an oracle and what one would use instead.

    python benchmarks/fusing.py               every scenario of the gallery, rewrites docs/benchmarks.md
    python benchmarks/fusing.py hot-spots     some alone, no page
    python benchmarks/fusing.py shares        shares of the oracle on three more seeds each, rewrites their table
    python benchmarks/fusing.py calibration   calibration over all four seeds of each together, rewrites its table

Seeds are held out: each scenario is simulated with its own seed plus 1,000, on which nothing was chosen. F1 is that of
pairs of reports that are of one thing: reports of sources that make incidents, with a place. Rivals and oracle are
tuned on the truth in their favour (``rivals.py``, ``oracle.py``); fusion is not told it. Calibration is over what
fusion states of each incident.
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

HELD_OUT = 1_000
MORE = (3_001, 3_002, 3_003)
"""Seeds, off their own, over which calibration is taken besides: seeds differ by some points."""
FRESH = (5_001, 5_002, 5_003)
"""Seeds, off their own, on which shares of the oracle are taken: no change of fusing was weighed on any."""
DAYS = {"long-front": 1}
"""Days simulated where sixty would be too many for the oracle, which looks at one report after the other."""
LONGEST = 60
NAMES = ("Teisen", "oracle", *rivals.RIVALS)


@dataclass(frozen=True)
class Tried:
    """What came of one scenario: reports with ``truth``, ``density`` and a label by everybody; calibration errors."""

    name: str
    incidents: int
    reports: pl.DataFrame
    scores: dict[str, tuple[float | None, int]]
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
    """Fuse a scenario with a seed that is held out, and let everybody put its reports together."""
    one = world(name, HELD_OUT)
    seen, placed, told, fused = one.seen, one.placed, one.told, one.fused
    labels = {"oracle": _oracle(placed, told, seen)}
    for rival, way in rivals.RIVALS.items():
        labels[rival] = rivals.best(told["truth"], way(placed))
    told = told.with_columns(pl.Series(key, label) for key, label in labels.items())
    found = evaluate(fused.incidents, fused.evidence, seen.observations, seen.truth, seen.links)
    whole = found.scores.filter(by="all")
    scores = {row["measure"]: (row["value"], row["n"]) for row in whole.iter_rows(named=True)}
    return Tried(name, seen.truth.height, told.select("truth", "density", *NAMES), scores, one.seconds)


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


def _scenarios(every: Sequence[Tried]) -> Iterator[str]:
    yield "| scenario | incidents | reports | Teisen | oracle | share | " + " | ".join(rivals.RIVALS) + " |"
    yield "|---|---:|---:|---:|---:|---:|" + "---:|" * len(rivals.RIVALS)
    for one in every:
        f1 = {name: _f1(one.reports, name) for name in NAMES}
        share = f1["Teisen"] / f1["oracle"] if f1["oracle"] else float("nan")
        others = " | ".join(f"{f1[name]:.3f}" for name in rivals.RIVALS)
        yield (
            f"| {one.name} | {one.incidents:,} | {one.reports.height:,} | {f1['Teisen']:.3f} | {f1['oracle']:.3f} "
            f"| {share:.1%} | {others} |"
        )


def shares() -> Iterator[str]:
    """F1 of Teisen over that of the oracle, on each of some more seeds, and of all of them."""
    yield "| scenario | reports | each | all |"
    yield "|---|---:|---|---:|"
    for name in gallery():
        count, each = 0, []
        for off in FRESH:
            one = world(name, off)
            told = one.told.with_columns(pl.Series("oracle", _oracle(one.placed, one.told, one.seen)))
            each.append((_f1(told, "Teisen"), _f1(told, "oracle")))
            count += told.height
        mean = sum(ours for ours, _ in each) / sum(best for _, best in each)
        yield f"| {name} | {count:,} | {', '.join(f'{ours / best:.1%}' for ours, best in each)} | {mean:.1%} |"


def pooled() -> Iterator[str]:
    """Calibration errors over the reports of four seeds of each scenario together, and of all: one seed shows more of
    chance."""
    yield "| scenario | P(conflict) | by chance | kind | by chance | actor | by chance |"
    yield "|---|" + "---:|" * 6
    key, every = ["probability", "low"], []
    for name in gallery():
        tables = []
        for off in (HELD_OUT, *MORE):
            one = world(name, off)
            seen, fused = one.seen, one.fused
            tables.append(
                evaluate(fused.incidents, fused.evidence, seen.observations, seen.truth, seen.links).calibration
            )
        n = pl.col("n")
        rows = pl.concat(tables).group_by(key).agg(
            n.sum(),
            *((pl.col(name) * n).sum() / n.sum() for name in ("stated", "true")),
            by_chance=((pl.col("by_chance") * n) ** 2).sum().sqrt() / n.sum(),
        )  # fmt: skip
        every.append([expected_error(rows.filter(probability=what)) for what in ("conflict", "kind", "actor")])
        yield f"| {name} | {_errors(every[-1:])} |"
    yield f"| all | {_errors(every)} |"


def _errors(every: Sequence[Sequence[tuple[float | None, float | None, int]]]) -> str:
    """Cells of errors and of what chance makes of them, means of some scenarios by the number of probabilities."""
    cells = []
    for of_one in zip(*every, strict=True):
        total = sum(n for _, _, n in of_one)
        sums = (sum((one[at] or 0) * one[2] for one in of_one) for at in (0, 1))
        cells.extend(f"{value / total:.3f}" if total else "-" for value in sums)
    return " | ".join(cells)


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
    "ece_conflict": "P(conflict)",
    "ece_conflict_by_chance": "by chance",
    "ece_kind": "kind",
    "ece_kind_by_chance": "by chance",
    "ece_actor": "actor",
    "ece_actor_by_chance": "by chance",
    "place_in_90_region_share": "place in its 90 % region",
    "time_in_interval_share": "time in its interval",
    "merged_share": "merged",
    "split_share": "split",
    "invented_and_called_share": "invented and called",
}


def _calibration(every: Sequence[Tried]) -> Iterator[str]:
    yield "| scenario | " + " | ".join(MEASURES.values()) + " | CPU s |"
    yield "|---|" + "---:|" * (len(MEASURES) + 1)
    for one in every:
        values = [one.scores[name][0] for name in MEASURES]
        cells = " | ".join("-" if value is None else f"{value:.3f}" for value in values)
        yield f"| {one.name} | {cells} | {one.seconds:.1f} |"
    totals = []
    for name in MEASURES:
        known = [one.scores[name] for one in every if one.scores[name][0] is not None]
        n = sum(count for _, count in known)
        totals.append(f"{sum((value or 0) * count for value, count in known) / n:.3f}" if n else "-")
    yield f"| all | {' | '.join(totals)} | {sum(one.seconds for one in every):.1f} |"


def main(names: Sequence[str]) -> None:
    if names == ["shares"]:
        rewrite("fusing-shares", list(shares()))
        return
    if names == ["calibration"]:
        rewrite("fusing-pooled", list(pooled()))
        return
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
