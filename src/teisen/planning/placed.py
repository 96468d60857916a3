"""What the devices that a plan places see of its ground."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import polars as pl

from teisen.planning.coverage import Ints, detected
from teisen.planning.plan import Plan
from teisen.planning.solve import Setting


def detection(here: Setting, plan: Plan, window_h: float, without: Collection[str] = ()) -> pl.DataFrame:
    """What a plan's placement sees of each demand under each condition (DETECTION).

    Args:
        here: the plan's ground and sensors.
        plan: its placement is used.
        window_h: hours within which a report has to arrive.
        without: ids of sensors that are left out.
    """
    of = {one.option_id: one.number for one in plan.placement if one.sensor not in without}
    number: Ints = np.array([of.get(one, 0) for one in here.coverage.options["option_id"]], np.int64)
    if not number.any():
        return detected(here.coverage.only(np.zeros(1, np.int64)), np.zeros(1, np.int64))
    return detected(*here.seen(number, window_h))
