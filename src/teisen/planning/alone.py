"""One kind of violation within one window, for itself: the problem that asks how it is detected in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from teisen.planning.coverage import cover
from teisen.planning.placement import Problem

if TYPE_CHECKING:
    from teisen.planning.solve import Setting


def alone(here: Setting, kind: str, window_h: float) -> Setting:
    """The setting of one kind within one window, in full."""
    watched = tuple(one for one in here.brief.watched if one.kind == kind)
    rows = here.ground.demand["kind"] == kind
    forest = here.ground.forest
    ground = type(here.ground)(
        here.ground.demand.filter(rows),
        here.ground.candidates,
        here.ground.terrain,
        None if forest is None else forest[rows.to_numpy()],
    )
    coverage = cover(
        here.coverage.options, ground, here.catalogue, conditions=here.conditions, watched=watched, window_h=window_h
    )
    miss = coverage.matrix.astype(np.float64)
    seen = miss.copy()
    seen.data = -np.expm1(-seen.data)
    brief = here.brief.model_copy(
        update={"watched": watched, "rules": here.brief.rules.model_copy(update={"window_h": window_h})}
    )
    return type(here)(
        brief, here.line, ground, here.catalogue, here.conditions, coverage,
        Problem(miss, seen, coverage.weight), np.arange(len(coverage.weight)), here.references,
    )  # fmt: skip
