"""The promise of a patrolled plan, hour by hour, and who chooses by it."""

from __future__ import annotations

import polars as pl
import pytest

from teisen.evaluation.promised import by_kind, promised
from teisen.evaluation.trials import happened, load_trials
from teisen.planning.placed import detection
from tests.planning.settings import small_plan, small_programme

ADAPTIVE = next(trial for trial in load_trials() if trial.id == "adaptive")
KEYS = ["demand_id", "kind", "condition"]


@pytest.fixture(scope="module")
def cells() -> pl.DataFrame:
    here, plan = small_plan()
    return promised(here, plan, small_programme())


def test_the_hours_of_a_condition_are_its_light(cells):
    assert (cells["end_h"] > cells["begin_h"]).all()
    whole = cells.group_by(KEYS).agg(pl.col("share").sum(), hours=(pl.col("end_h") - pl.col("begin_h")).sum())
    assert (whole["share"] - 1).abs().max() < 1e-9
    here, _ = small_plan()
    night = pl.DataFrame({"condition": [c.id for c in here.conditions], "night": [c.night for c in here.conditions]})
    dark = sum(one.share for one in here.conditions if one.night)
    hours = whole.join(night, on="condition").select(
        of=(pl.col("hours") - 24 * pl.when("night").then(dark).otherwise(1 - dark)).abs().max()
    )
    assert hours.item() < 1e-6


def test_crews_add_to_what_stands_there_and_take_nothing_away(cells):
    here, plan = small_plan()
    standing = detection(here, plan, plan.rules.window_h, ("patrol",)).select(*KEYS, standing="detection")
    both = cells.join(standing, on=KEYS)
    assert both.height == cells.height
    assert (both["detection"] >= both["standing"] - 1e-9).all()
    assert (both["detection"] > both["standing"] + 0.1).any()


def test_without_a_programme_the_catalogues_figures_hold_at_all_hours():
    here, plan = small_plan()
    plain = promised(here, plan)
    assert plain.select(*KEYS, "detection").equals(
        detection(here, plan, plan.rules.window_h).select(*KEYS, "detection")
    )
    assert plain["begin_h"].null_count() == plain.height


def test_the_violator_chooses_place_slot_and_weather_with_the_least_promise(cells):
    here, plan = small_plan()
    _, least = by_kind(here, cells)
    what = happened(ADAPTIVE, here, plan, cells, 1)
    demand = here.ground.demand["demand_id"].to_numpy()[what.demand]
    chosen = pl.DataFrame(
        {
            "demand_id": demand,
            "kind": what.kind.astype(str),
            "condition": [what.conditions[n].id for n in what.condition],
            "hour": what.seconds % 86_400 / 3600,
        }
    )
    found = chosen.join(cells, on=KEYS).filter(pl.col("hour").is_between("begin_h", "end_h", closed="left"))
    assert found.height == chosen.height
    assert found.select((pl.col("detection") - pl.col("kind").replace_strict(least)).abs().max()).item() == 0
