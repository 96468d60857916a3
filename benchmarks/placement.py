"""How near to the best does a placement come, in what time, and what do other ways reach?

    python benchmarks/placement.py         every row, and rewrites docs/benchmarks.md
    python benchmarks/placement.py teisen  Teisen's rows alone, printed

Install requirements/bench.txt first. A made-up line; a place every 400 m, on the line's two sides and at one or two
distances, five kinds of violation, four conditions; sites every 1.6 km on both sides at two distances; six sensors of
the catalogue; 50,000 US dollars a year and kilometre, no more than 55 % of it on either side. One process each.

The rivals get the plain maximal covering model (Church and ReVelle 1974): a demand is covered when one option detects
it with at least one half, over the conditions; as much as possible is covered within the budget. Demands within 2 km
are put together for them, or none would load. spopt knows no budget: it gets one sensor, and as many of it as the
budget buys. What they choose is valued by the same detection as Teisen's, in full. Time limits: LIMIT_S.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from page import rewrite

from teisen.planning import Brief, load_catalogue, made_line, setting
from teisen.planning.placement import folded
from teisen.planning.solve import Setting, find
from teisen.planning.solver import solver

SIZES = (500, 1000, 2000)
PER_KM = 50_000
FOLD_M = 2000
LIMIT_S = 40
COVERED = 0.5
SENSORS = ("patrol", "camera-thermal", "acoustic-artillery", "acoustic-drone", "ground-radar", "uav")
ONE = "acoustic-artillery"
HIGHS, ORTOOLS = "HiGHS, plain model", "OR-Tools CP-SAT, plain model"
RIVALS = ((HIGHS, "highs", 500), (ORTOOLS, "ortools", 500), ("PySAL spopt MCLP", "spopt", 500),
          (HIGHS, "highs", 2000), (ORTOOLS, "ortools", 2000))  # fmt: skip
Ints = NDArray[np.int64]


def made(km: float) -> Setting:
    conditions = [
        {"id": "day-clear", "share": 0.35, "night": False, "weather": "clear"},
        {"id": "day-wind", "share": 0.15, "night": False, "weather": "wind"},
        {"id": "night-clear", "share": 0.35, "night": True, "weather": "clear"},
        {"id": "night-wind", "share": 0.15, "night": True, "weather": "wind"},
    ]
    watched = [
        {"kind": "small-arms-fire", "depths_m": [500]},
        {"kind": "ground-assault", "depths_m": [500]},
        {"kind": "shelling", "depths_m": [500, 5000]},
        {"kind": "drone-strike", "depths_m": [500, 5000]},
        {"kind": "weapon-presence", "depths_m": [5000]},
    ]
    brief = Brief.model_validate(
        {
            "format": "teisen-watch/1",
            "id": "benchmark",
            "title": "Benchmark",
            "parties": ["party-a", "party-b"],
            "line": {"made_km": km},
            "step_km": 0.4,
            "sites": {"every_km": 1.6, "depths_km": [2, 12]},
            "conditions": conditions,
            "watched": watched,
            "use": SENSORS,
            "rules": {"budget": PER_KM * km, "window_h": 24, "effort_share": 0.55},
        }
    )
    return setting(brief, made_line(km), *load_catalogue(), fold_m=FOLD_M)


def told(here: Setting, number: Ints, bound: float) -> dict[str, Any]:
    use = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "points": here.ground.demand["demand_id"].n_unique(),
        "sites": here.ground.candidates.height,
        "options": here.coverage.options.height,
        "value": here.coverage.value(number),
        "bound": bound,
        "kept": bool(here.limits.kept(number)),
        "cpu_s": use.ru_utime + use.ru_stime,
        "peak_mib": use.ru_maxrss / 1024,
    }


def teisen(km: float) -> dict[str, Any]:
    here = made(km)
    number, proof = find(here)
    return told(here, number, proof.bound)


def plain(here: Setting) -> tuple[Any, Any, Any]:
    """The plain model on folded demands: which options cover which demand, the weights, the costs."""
    coverage = here.coverage
    many = len(coverage.conditions)
    shares = np.array([one.share for one in coverage.conditions])
    puzzle, _ = folded(coverage, FOLD_M)
    rows = len(puzzle.weight) // many
    from scipy.sparse import csr_matrix  # noqa: PLC0415

    mean = csr_matrix((np.tile(shares, rows), (np.arange(rows * many), np.repeat(np.arange(rows), many))))
    seen = (puzzle.seen @ mean).tocsr()
    seen.data = (seen.data >= COVERED).astype(float)
    seen.eliminate_zeros()
    return seen, puzzle.weight.reshape(rows, many).sum(axis=1), coverage.options["cost"].to_numpy()


def highs(km: float) -> dict[str, Any]:
    import highspy  # noqa: PLC0415
    from scipy.sparse import csr_matrix, hstack, identity, vstack  # noqa: PLC0415

    here = made(km)
    seen, weight, _ = plain(here)
    options, rows = seen.shape
    rules = hstack([csr_matrix(here.limits.use), csr_matrix((len(here.limits.most), rows))])
    matrix = vstack([hstack([-seen.T, identity(rows)]), rules]).tocsr()
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = options + rows, matrix.shape[0]
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = np.concatenate([np.zeros(options), weight])
    lp.col_lower_, lp.col_upper_ = np.zeros(options + rows), np.ones(options + rows)
    lp.row_lower_ = np.full(matrix.shape[0], -np.inf)
    lp.row_upper_ = np.concatenate([np.zeros(rows), here.limits.most])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    whole = highspy.HighsVarType.kInteger
    lp.integrality_ = [whole] * options + [highspy.HighsVarType.kContinuous] * rows
    model = solver()
    model.setOptionValue("mip_lp_solver", "ipm")
    model.setOptionValue("time_limit", float(LIMIT_S))
    model.passModel(lp)
    model.run()
    found = np.array(model.getSolution().col_value)
    number = np.round(found[:options]).astype(np.int64) if len(found) else np.zeros(options, np.int64)
    ended = f"{model.modelStatusToString(model.getModelStatus()).lower()}, own gap {model.getInfo().mip_gap:.0%}"
    return told(here, number, np.nan) | {"ended": ended}


def ortools(km: float) -> dict[str, Any]:
    from ortools.sat.python import cp_model  # noqa: PLC0415

    here = made(km)
    seen, weight, _ = plain(here)
    by_demand = seen.T.tocsr()
    model = cp_model.CpModel()
    takes = [model.new_bool_var("") for _ in range(seen.shape[0])]
    covered = [model.new_bool_var("") for _ in range(seen.shape[1])]
    for n, one in enumerate(covered):
        by = by_demand.indices[by_demand.indptr[n] : by_demand.indptr[n + 1]]
        model.add_bool_or([takes[j] for j in by] + [one.negated()])
    for use, most in zip(here.limits.use, here.limits.most, strict=True):
        model.add(cp_model.LinearExpr.weighted_sum(takes, np.round(use / 100).astype(int).tolist()) <= int(most / 100))
    model.maximize(cp_model.LinearExpr.weighted_sum(covered, np.round(weight * 1e8).astype(int).tolist()))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = LIMIT_S
    solver.parameters.num_workers = 2
    status = solver.solve(model)
    some = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    number = np.array([solver.value(one) if some else 0 for one in takes], np.int64)
    return told(here, number, np.nan) | {"ended": solver.status_name(status).lower()}


def spopt(km: float) -> dict[str, Any]:
    import pulp  # noqa: PLC0415
    from spopt.locate import MCLP  # noqa: PLC0415

    here = made(km)
    seen, weight, _ = plain(here)
    mine = np.flatnonzero((here.coverage.options["sensor"] == ONE).to_numpy())
    dense = np.where(seen[mine].toarray().T > 0, 0.0, 1.0)
    many = int(here.brief.rules.budget // here.coverage.options["cost"][int(mine[0])])
    model = MCLP.from_cost_matrix(dense, weight[:, None], 0.5, p_facilities=min(many, len(mine)))
    model = model.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=LIMIT_S), results=False)
    number = np.zeros(seen.shape[0], np.int64)
    number[mine] = [round(one.value() or 0) for one in model.fac_vars]
    return told(here, number, np.nan) | {"ended": pulp.LpStatus[model.problem.status].lower()}


def run(what: str, km: float) -> dict[str, Any]:
    begun = time.perf_counter()
    made_of = subprocess.run(
        [sys.executable, __file__, "--one", what, str(km)], capture_output=True, text=True, check=False
    )
    if made_of.returncode:
        print(made_of.stderr[-2000:], file=sys.stderr)
        return {"ended": "failed"}
    return json.loads(made_of.stdout.splitlines()[-1]) | {"s": time.perf_counter() - begun}


def line(title: str, km: float, row: dict[str, Any], bound: float) -> str:
    if "value" not in row:
        return f"| {title} | {km:,} | | | | {row['ended']} | | | | |"
    gap = max(0.0, 1 - row["value"] / bound)
    ended = row.get("ended", "")
    return (
        f"| {title} | {km:,} | {row['points']:,} | {row['sites']:,} | {row['options']:,} | {row['value']:.4f} | "
        f"{gap:.2%} | {row['s']:.0f} | {row['cpu_s']:.0f} | {row['peak_mib']:,.0f} | {ended} |"
    )


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(globals()[sys.argv[2]](float(sys.argv[3]))))
        return
    head = "| way | km | points | sites | options | mean detection | under the bound | s | CPU s | peak MiB | ended |"
    lines = [head, "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|"]
    bounds: dict[int, float] = {}
    for km in SIZES:
        row = run("teisen", km)
        bounds[km] = row.get("bound", np.nan)
        lines.append(line("Teisen", km, row, bounds[km]))
        print(lines[-1], flush=True)
    if sys.argv[1:] == ["teisen"]:
        return
    for title, what, km in RIVALS:
        lines.append(line(title, km, run(what, km), bounds[km]))
        print(lines[-1], flush=True)
    rewrite("placement", lines)


if __name__ == "__main__":
    main()
