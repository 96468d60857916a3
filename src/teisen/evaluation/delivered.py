"""Promised against delivered: a plan run against simulated ceasefires, trial by trial and kind by kind.

Between the promise and what was delivered stand two figures that say where a gap comes from. ``there`` is the plan's
own formula at the places, hours and in the weather of what happened: it differs from the promise where violations come
elsewhere or at other times than the plan reckons with. ``out`` is the same without the devices that were jammed.
With a patrol programme all three are means over the mixtures that routes are drawn from; ``driven`` has the routes that
were drawn. What is left between ``driven`` and what was delivered is the formula itself: looks, failures, chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from teisen.evaluation.promised import by_kind, promised
from teisen.evaluation.trials import DAYS, Trial, chance_of, happened
from teisen.evaluation.watching import Reports, watch
from teisen.geodesy import Floats
from teisen.observation.schema import NUMBER, TEXT
from teisen.planning.coverage import LEAST
from teisen.planning.plan import Plan
from teisen.planning.programme import Programme
from teisen.planning.solve import Setting
from teisen.tables import Column, Table

RUNS = 12
LOCATED_M = 1000.0
"""A violation is located when the best report of it is off by no more."""
ATTRIBUTED: Mapping[str, float] = {
    "sight": 0.15,
    "radar": 0.2,
    "orbit": 0.05,
    "hearing": 0.02,
    "signals": 0.1,
    "vibration": 0.0,
}
"""P(a report by these means says who did it, beyond doubt), by itself (assumed; the OSCE mission hardly ever said)."""
FALSE_A_WEEK: Mapping[str, float] = {
    "sight": 0.2,
    "hearing": 1.0,
    "radar": 1.0,
    "orbit": 20.0,
    "signals": 2.0,
    "vibration": 2.0,
}
"""False alarms of one device in a week (assumed: harvest fires for orbit, quarries and thunder for hearing)."""
MINUTES = 20.0
"""A person's time for one report or alarm (assumed)."""
HOURS_A_WEEK = 35.0

DELIVERED = Table(
    "delivered",
    "What a plan promised and what it delivered in a simulated ceasefire.",
    (
        Column("trial", TEXT, "id of the trial", nullable=False),
        Column("kind", TEXT, "kind of violation", nullable=False),
        Column("holds", pl.Boolean(), "whether the plan's assumptions hold in the trial", nullable=False),
        Column("violations", pl.Int64(), "how many happened, over all runs", nullable=False),
        Column("promised", NUMBER, "P(detected within the window), as promised", nullable=False, decimals=4),
        Column("there", NUMBER, "by the plan's formula, where and when it happened", nullable=False, decimals=4),
        Column("out", NUMBER, "the same without what was jammed", nullable=False, decimals=4),
        Column(
            "driven",
            NUMBER,
            "the same on the routes that were drawn; alike without a programme",
            nullable=False,
            decimals=4,
        ),
        Column(
            "delivered", NUMBER, "share that was detected and reported within the window", nullable=False, decimals=4
        ),
        Column("error", NUMBER, "three standard errors of delivered, over runs", nullable=False, decimals=4),
        Column("located", NUMBER, "share that was located to LOCATED_M", nullable=False, decimals=4),
        Column("attributed", NUMBER, "share of which somebody could say who did it", nullable=False, decimals=4),
        Column("half_h", NUMBER, "hours until half of the detected ones were reported; empty: none was", decimals=1),
        Column("most_h", NUMBER, "hours until nine in ten of them were", decimals=1),
    ),
    key=("trial", "kind"),
)

REVIEWED = Table(
    "reviewed",
    "What there is to review a week.",
    (
        Column("trial", TEXT, "id of the trial", nullable=False),
        Column("reports", NUMBER, "reports of true violations a week", nullable=False, decimals=1),
        Column("false_alarms", NUMBER, "false alarms a week, by assumption", nullable=False, decimals=1),
        Column("people", NUMBER, "people needed to review all of it", nullable=False, decimals=1),
    ),
    key=("trial",),
)


def deliver(
    here: Setting,
    plan: Plan,
    trials: Sequence[Trial],
    *,
    runs: int = RUNS,
    seed: int = 1,
    programme: Programme | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Run a plan against trials: DELIVERED and REVIEWED.

    Args:
        here: the plan's ground and sensors.
        plan: the plan.
        trials: the ceasefires.
        runs: of each trial; their scatter gives the simulation's error.
        seed: of the first run.
        programme: the plan's patrols; it is then promised what it makes probable, its crews drive routes that are drawn
            anew for each day, and a violator who knows the plan knows it. Without it patrols count by the catalogue's
            figures.

    Raises:
        BadInput: a trial cannot be run on this plan.
    """
    window_h = plan.rules.window_h
    seen = promised(here, plan, programme)
    mean, least = by_kind(here, seen)
    rows, reviews = [], []
    for trial in trials:
        tallies: dict[str, list[tuple[float, ...]]] = {}
        hours: dict[str, list[Floats]] = {}
        reports = alarms = 0.0
        for run in range(runs):
            what = happened(trial, here, plan, seen, seed + run)
            made = watch(
                plan,
                here.catalogue,
                what,
                window_h=window_h,
                jammed=trial.jammed,
                rng=chance_of(trial, seed + run, "watch"),
                programme=programme,
            )
            reports += len(made.event)
            alarms += sum(FALSE_A_WEEK[means] * count for means, count in made.devices.items()) * DAYS / 7
            found, first, near, known = _of_events(made, len(what.kind), chance_of(trial, seed + run, "attribution"))
            for kind in sorted(set(what.kind)):
                mine = what.kind == kind
                formula = [1 - of[mine] for of in (made.missed, made.missed_up, made.missed_driven)]
                shares = [*formula, found[mine], near[mine], known[mine]]
                tallies.setdefault(kind, []).append((float(mine.sum()), *(float(part.mean()) for part in shares)))
                hours.setdefault(kind, []).append(first[mine & found])
        for kind, parts in sorted(tallies.items()):
            said = (least if trial.where == "least-seen" else mean)[kind]
            rows.append(_row(trial, kind, said, np.array(parts), np.concatenate(hours[kind])))
        weeks = runs * DAYS / 7
        people = (reports + alarms) / weeks * MINUTES / 60 / HOURS_A_WEEK
        reviews.append((trial.id, reports / weeks, alarms / weeks, people))
    delivered = pl.DataFrame(rows, schema=DELIVERED.schema, orient="row")
    return DELIVERED.hand_over(delivered), REVIEWED.hand_over(
        pl.DataFrame(reviews, schema=REVIEWED.schema, orient="row")
    )


def _of_events(
    made: Reports, count: int, rng: np.random.Generator
) -> tuple[NDArray[np.bool_], Floats, NDArray[np.bool_], NDArray[np.bool_]]:
    """Of each violation: whether it was found, hours to the first report, whether located, whether attributed."""
    first, error = np.full(count, np.inf), np.full(count, np.inf)
    np.minimum.at(first, made.event, made.after_h)
    np.minimum.at(error, made.event, made.error_m)
    says = rng.random(len(made.event)) < np.array([ATTRIBUTED[one] for one in made.means])
    known = np.zeros(count, bool)
    known[made.event[says]] = True
    return np.isfinite(first), first, error <= LOCATED_M, known


def _row(trial: Trial, kind: str, said: float, parts: Floats, hours: Floats) -> tuple[object, ...]:
    count = parts[:, 0]
    there, out, driven, found, near, known = (count @ parts[:, n] / count.sum() for n in range(1, 7))
    gaps = parts[:, 4]
    weight = count / count.sum()
    scatter = np.sqrt((weight**2 * (gaps - found) ** 2).sum() * len(count) / max(len(count) - 1, 1))
    half, most = (float(np.quantile(hours, q)) for q in (0.5, 0.9)) if len(hours) else (None, None)
    return (
        trial.id, kind, trial.holds, int(count.sum()), said, there, out, driven, found, 3 * float(scatter), near,
        known, half, most,
    )  # fmt: skip


def differs(delivered: pl.DataFrame) -> pl.DataFrame:
    """The rows of DELIVERED whose gap is more than the simulation's error, with the parts of the gap.

    A plan counts a chance under LEAST as none: where it promises nothing, so little more is no gap.

    Columns besides: ``gap`` (delivered less promised), ``by_place`` (there less promised), ``by_outage`` (out less
    there), ``by_routes`` (driven less out), ``by_formula`` (delivered less driven).
    """
    return delivered.with_columns(
        gap=pl.col("delivered") - pl.col("promised"),
        by_place=pl.col("there") - pl.col("promised"),
        by_outage=pl.col("out") - pl.col("there"),
        by_routes=pl.col("driven") - pl.col("out"),
        by_formula=pl.col("delivered") - pl.col("driven"),
    ).filter(pl.col("gap").abs() > pl.col("error") + pl.when(pl.col("promised") < LEAST).then(LEAST).otherwise(0.0001))
