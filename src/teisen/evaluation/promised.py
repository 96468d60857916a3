"""What a plan promises: P(detected within the window) of each kind at each place, in each condition, and at each hour.

Without a patrol programme that is the catalogue's formula, alike at all hours. With one it is worked out from the
programme: what its crews are to be expected to find (:mod:`.mixtures`), besides what is placed otherwise. The violator
of the patrol game knows all of it, and chooses where, in which slot and in what weather; not the minute.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl

from teisen.evaluation.mixtures import missed
from teisen.evaluation.trials import HOUR, Happened
from teisen.geodesy import Floats
from teisen.planning.light import at_night, night_h
from teisen.planning.placed import detection
from teisen.planning.plan import Condition, Plan
from teisen.planning.programme import Programme
from teisen.planning.solve import Setting

STEP_H = 0.25
"""A slot is summed in steps of so much at most."""
DECIMALS = 6
"""What crews miss is held to so many decimals, so that equal sectors are equal to a violator."""


def promised(here: Setting, plan: Plan, programme: Programme | None = None) -> pl.DataFrame:
    """What the plan promises, cell by cell.

    Columns: ``demand_id``, ``kind``, ``condition``; ``begin_h`` and ``end_h``: hours of the day (UTC) between which it
    begins, empty for any; ``share``: of the condition, how much of it lies in those hours; ``detection``.
    """
    window_h = plan.rules.window_h
    keys = ("demand_id", "kind", "condition")
    any_hour = (pl.lit(None, pl.Float64()).alias("begin_h"), pl.lit(None, pl.Float64()).alias("end_h"))
    if programme is None:
        return detection(here, plan, window_h).select(*keys, *any_hour, pl.lit(1.0).alias("share"), "detection")
    standing = detection(here, plan, window_h, (programme.sensor,)).select(*keys, "detection")
    spans = _spans(here.conditions, programme)
    demand = here.ground.demand.with_row_index("row").select("row", "demand_id", "kind")
    order = pl.DataFrame({"condition": [one.id for one in here.conditions]}).with_row_index("number")
    cells = (
        standing.join(demand, on=["demand_id", "kind"])
        .join(order, on="condition")
        .join(spans, on="condition")
        .sort("row", "number", "begin_h")
    )
    row, number, begin, end = (cells[name].to_numpy() for name in ("row", "number", "begin_h", "end_h"))
    many = max(1, math.ceil(programme.slot_h / STEP_H - 1e-9))
    at_h = begin[:, None] + (np.arange(many) + 0.5) / many * (end - begin)[:, None]
    each = np.repeat(row, many).astype(np.int64)
    places = here.ground.demand
    grid = Happened(
        at_h.ravel() * HOUR,
        places["lon"].to_numpy()[each],
        places["lat"].to_numpy()[each],
        places["kind"].to_numpy().astype(object)[each],
        np.repeat(number, many).astype(np.int64),
        each,
        here.conditions,
    )
    crews = missed(programme, here.catalogue.sensor(programme.sensor), grid, window_h=window_h)
    left = pl.Series("left", crews.reshape(-1, many).mean(axis=1)).round(DECIMALS)
    return cells.with_columns(detection=1 - (1 - pl.col("detection")) * left).select(
        *keys, "begin_h", "end_h", "share", "detection"
    )


def by_kind(here: Setting, cells: pl.DataFrame) -> tuple[dict[str, float], dict[str, float]]:
    """P(detected) by kind: the mean over the plan's places, conditions and hours, and the least of any."""
    shares = pl.DataFrame({"condition": [c.id for c in here.conditions], "of_all": [c.share for c in here.conditions]})
    demand = here.ground.demand.select("demand_id", "kind", "weight")
    rows = cells.join(shares, on="condition").join(demand, on=["demand_id", "kind"])
    weight = pl.col("weight") * pl.col("of_all") * pl.col("share")
    kinds = rows.group_by("kind").agg(
        mean=(pl.col("detection") * weight).sum() / weight.sum(), least=pl.col("detection").min()
    )
    return dict(kinds.select("kind", "mean").iter_rows()), dict(kinds.select("kind", "least").iter_rows())


def _spans(conditions: Sequence[Condition], programme: Programme) -> pl.DataFrame:
    """The slots of a day, cut at dusk and dawn, for each condition: ``begin_h``, ``end_h``, ``share`` of its hours."""
    half = night_h(conditions) / 2
    slots = (programme.begins_h + np.arange(programme.period) * programme.slot_h) % 24
    edges: Floats = np.unique(np.round([0.0, 24.0, half, 24 - half, *slots], 9))
    begin, end = edges[:-1], edges[1:]
    dark = at_night(conditions, (begin + end) / 2)
    parts = []
    for one in conditions:
        mine = dark == one.night
        hours = (end - begin)[mine]
        parts.append(
            pl.DataFrame({"begin_h": begin[mine], "end_h": end[mine], "share": hours / hours.sum()}).select(
                pl.lit(one.id).alias("condition"), "begin_h", "end_h", "share"
            )
        )
    return pl.concat(parts)
