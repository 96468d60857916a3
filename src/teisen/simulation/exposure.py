"""What a source says it watched: the ``watched`` of its mapping, by area or circle and run of days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np

from teisen.geodesy import Floats
from teisen.simulation.intensity import HOUR, since_1970, steps_by_hour
from teisen.simulation.reach import Reach
from teisen.simulation.scenario import Outage
from teisen.simulation.scene import Looker, Scene
from teisen.simulation.watching import left, through

STEP = 0.05
"""Factors of the weather are stated to this: finer would be a row a day and region for no gain."""
BLIND = 0.05
"""Below this share of a day a source has not watched it."""


class _Run(NamedTuple):
    """Days on which one thing holds: ``up`` is the share of its working time that outages leave, ``seen`` the weather's
    factor, ``at_work`` the factor of distance and hours.
    """

    first: int
    last: int
    up: float
    seen: float
    at_work: float
    outage: Outage | None


def watched(scene: Scene, looker: Looker, could: Reach) -> list[dict[str, Any]]:
    """Chances to report by unit and run of days, as the declared profile has them, with stated outages and weather."""
    by_hour = steps_by_hour(looker.watcher.by_hour)
    runs: dict[_Run, list[dict[str, Any]]] = {}
    known: dict[tuple[int, bytes], list[_Run]] = {}
    for unit, region, near, active in zip(
        could.units, could.regions.tolist(), could.factors.tolist(), could.active, strict=True
    ):
        weight = active * by_hour
        key = (region, weight.tobytes())
        if key not in known:
            known[key] = list(_runs(scene, looker, region, weight))
        for run in known[key]:
            at_work = round(near * float(weight.mean()), 4)
            runs.setdefault(run._replace(at_work=at_work), []).append(unit)
    return [block for run, units in runs.items() for block in _blocks(run, units, scene, looker)]


def _runs(scene: Scene, looker: Looker, region: int, weight: Floats) -> Iterator[_Run]:
    """Runs of days in a region, for a source that works in the hours of ``weight`` (24)."""
    period = scene.scenario.period
    days = (period.end - period.start).days
    hours = np.asarray(since_1970(period.start) + np.arange(days * 24) * HOUR + HOUR / 2, np.float64)
    here = np.full(days * 24, region, np.int64)
    stated = [outage for outage in looker.watcher.outages if outage.stated]
    share = weight / weight.sum()

    def kept(outages: list[Outage]) -> Floats:
        return np.asarray(left(outages, hours, here, scene.ground).reshape(days, 24) @ share, np.float64)

    up = np.round(kept(stated), 3)
    each = [1 - kept([outage]) for outage in stated]
    noon = hours[12::24]
    seen = through(looker.watcher, scene.scenario, scene.weather, noon, here[:days])
    seen = np.round(np.round(seen / STEP) * STEP, 2)
    edges = (np.flatnonzero((np.diff(up) != 0) | (np.diff(seen) != 0)) + 1).tolist()
    for first, end in zip([0, *edges], [*edges, days], strict=True):
        worst = max(range(len(stated)), key=lambda n: each[n][first]) if up[first] < 1 else None
        outage = None if worst is None else stated[worst]
        yield _Run(first, end - 1, float(up[first]), float(seen[first]), 0.0, outage)


def _blocks(run: _Run, units: list[dict[str, Any]], scene: Scene, looker: Looker) -> Iterator[dict[str, Any]]:
    """A run as a mapping states it: areas together, each circle by itself."""
    chances = looker.told.detection.items()
    kinds = {kind: round(min(p * run.at_work * run.seen * run.up, 1.0), 4) for kind, p in chances}
    reason = "at work" if run.seen >= 1 else f"at work; weather leaves {run.seen:.0%}"
    block: dict[str, Any] = {}
    if run.outage is not None:
        reason = f"{run.outage.reason}: {1 - run.up:.0%} of the time"
        if run.up < BLIND:
            block["state"] = run.outage.state
            kinds = {}
    block |= {"from": _day(scene, run.first), "to": _day(scene, run.last)}
    if kinds:
        block["kinds"] = kinds
    block |= {"reason": reason, "basis": "declared"}
    if areas := [unit["area"] for unit in units if "area" in unit]:
        yield {"areas": areas, **block}
    yield from ({"around": unit["around"], **block} for unit in units if "around" in unit)


def _day(scene: Scene, number: int) -> date:
    return scene.scenario.period.start + timedelta(days=number)
