"""A plan delivers what it promised where its assumptions hold, and a gap is taken apart where they don't."""

from __future__ import annotations

import polars as pl
import pytest
import yaml

from teisen.errors import BadInput
from teisen.evaluation.delivered import DELIVERED, deliver, differs
from teisen.evaluation.trials import load_trials
from tests.planning.settings import small_plan, small_programme

TRIALS = {trial.id: trial for trial in load_trials()}


@pytest.fixture(scope="module")
def run() -> tuple[pl.DataFrame, pl.DataFrame]:
    here, plan = small_plan()
    return deliver(here, plan, list(TRIALS.values()), runs=8)


def test_what_was_promised_is_delivered_where_the_assumptions_hold(run):
    delivered, _ = run
    assert differs(delivered.filter("holds")).is_empty()
    assert delivered.filter("holds")["violations"].min() > 500
    assert set(delivered["trial"]) == set(TRIALS)


def test_a_violator_who_knows_the_plan_is_found_as_often_as_the_least_promise(run):
    delivered, _ = run
    adaptive, quiet = (delivered.filter(trial=name).sort("kind") for name in ("adaptive", "quiet"))
    assert (adaptive["promised"] < quiet["promised"]).all()
    assert (adaptive["delivered"] >= adaptive["promised"] - adaptive["error"] - 1e-4).all()
    assert (adaptive["delivered"] < quiet["delivered"] - 0.05).any()


def test_gaps_are_taken_apart(run):
    delivered, _ = run
    gaps = differs(delivered)
    jamming = gaps.filter(trial="jamming", kind="shelling")
    assert jamming["by_outage"][0] < -0.02
    assert abs(jamming["gap"][0] - jamming["by_outage"][0]) < 0.03
    assert (gaps["by_formula"].abs() <= delivered["error"].max()).all()
    parts = pl.sum_horizontal("by_place", "by_outage", "by_routes", "by_formula")
    assert gaps.select((parts - pl.col("gap")).abs().max()).item() < 1e-9


def test_a_gap_is_one_of_place_where_violations_come_deeper_than_planned():
    here, plan = small_plan()
    violence = {"per_day": 60, "depth_m": 12000, "kinds": {"shelling": 1}}
    deep = TRIALS["quiet"].model_copy(update={"where": "as-drawn", "violence": violence})
    gap = differs(deliver(here, plan, [deep], runs=6)[0])
    assert gap["gap"][0] < -0.1
    assert gap["by_place"][0] == pytest.approx(gap["gap"][0], abs=0.03)
    assert gap["by_outage"][0] == 0


def test_what_was_found_is_located_later_attributed_rarely_and_reviewed_by_people(run):
    delivered, reviewed = run
    assert (delivered["located"] <= delivered["delivered"]).all()
    assert (delivered["attributed"] < 0.3 * delivered["delivered"] + 0.01).all()
    found = delivered.drop_nulls("half_h")
    assert (found["half_h"] <= found["most_h"]).all()
    assert (reviewed["people"] > 0).all()
    weekly = reviewed["reports"] + reviewed["false_alarms"]
    assert reviewed["people"].to_list() == pytest.approx((weekly * 20 / 60 / 35).to_list(), abs=0.06)


def test_crews_drive_the_routes_that_their_programme_draws():
    here, plan = small_plan()
    patrols = tuple(one for one in plan.placement if one.sensor == "patrol")
    alone = plan.model_copy(update={"placement": patrols})
    tried = [TRIALS["quiet"], TRIALS["jamming"]]
    delivered, reviewed = deliver(here, alone, tried, runs=8, programme=small_programme())
    assert (delivered["driven"] - delivered["delivered"]).abs().max() < 0.03
    quiet = delivered.filter(trial="quiet")
    for row in quiet.iter_rows(named=True):
        said = [one for of in small_programme().sectors for one in of.guarantees if one.kind == row["kind"]]
        assert row["delivered"] + row["error"] >= min(one.found for one in said)
    jammed = delivered.filter(trial="jamming")
    assert (jammed["driven"] <= quiet["driven"]).all()
    assert jammed["driven"].sum() < quiet["driven"].sum() - 0.05
    stays = quiet.row(by_predicate=pl.col("kind") == "weapon-presence", named=True)
    assert stays["delivered"] > 0.2
    # No patrol's base lies within reach of rifles at the line; its crews come there.
    catalogue, _ = deliver(here, alone, tried[:1], runs=8)
    assert catalogue.filter(kind="small-arms-fire")["promised"][0] == 0
    assert quiet.filter(kind="small-arms-fire")["promised"][0] > 0.01
    assert quiet.filter(kind="small-arms-fire")["delivered"][0] > 0.01
    assert stays["half_h"] >= here.catalogue.sensor("patrol").latency_h.value
    assert (reviewed["reports"] > 0).all()
    again, _ = deliver(here, alone, tried[:1], runs=8, programme=small_programme())
    assert again.equals(quiet)
    assert (catalogue["driven"] == catalogue["out"]).all()
    assert (catalogue["driven"] - quiet["driven"]).abs().max() > 0.02


@pytest.fixture(scope="module")
def patrolled() -> pl.DataFrame:
    here, plan = small_plan()
    return deliver(here, plan, list(TRIALS.values()), programme=small_programme())[0]


def test_what_a_programme_promises_is_delivered_where_the_assumptions_hold(patrolled, run):
    assert differs(patrolled.filter("holds")).is_empty()
    assert patrolled.filter("holds")["violations"].min() > 500
    # It is another promise than the catalogue's.
    plain, _ = run
    assert patrolled.filter(trial="quiet")["promised"].sum() > plain.filter(trial="quiet")["promised"].sum() + 0.3


def test_the_draw_of_routes_explains_no_gap_of_a_patrolled_plan(patrolled):
    gaps = differs(patrolled)
    assert not gaps.is_empty()
    assert (gaps["by_routes"].abs() <= gaps["error"]).all()
    jamming = gaps.filter(trial="jamming", kind="small-arms-fire")
    assert jamming["by_outage"][0] < -0.05


def test_a_violator_who_knows_the_programme_is_found_as_often_as_it_guarantees(patrolled):
    for row in patrolled.filter(trial="adaptive").iter_rows(named=True):
        said = [one for of in small_programme().sectors for one in of.guarantees if one.kind == row["kind"]]
        least = min(one.found for one in said)
        assert row["promised"] >= least
        assert row["delivered"] >= least - row["error"]
        quiet = patrolled.filter(trial="quiet", kind=row["kind"])
        assert row["delivered"] < quiet["delivered"][0] - 0.05


def test_the_same_run_gives_the_same_table():
    here, plan = small_plan()
    one, two = (deliver(here, plan, [TRIALS["quiet"]], runs=2)[0] for _ in range(2))
    assert one.equals(two)
    assert one.schema == DELIVERED.schema


def test_no_devices_find_nothing():
    here, plan = small_plan()
    empty = plan.model_copy(update={"placement": ()})
    delivered, reviewed = deliver(here, empty, [TRIALS["quiet"]], runs=2)
    assert delivered["delivered"].to_list() == [0, 0, 0]
    assert delivered["promised"].to_list() == [0, 0, 0]
    assert reviewed["people"].to_list() == [0]


def trial(**changes: object) -> str:
    """A file of one trial."""
    values = {"id": "x", "title": "X", "says": "x", "holds": True, "where": "as-planned", "violence": {"per_day": 5}}
    return yaml.safe_dump({"format": "teisen-trials/1", "trials": [values | changes]})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("format: teisen-trials/1\ntrials: []", "trials"),
        (trial(season="dry"), "no season"),
        (trial(violence={"per_day": 5, "kinds": {"air-strike": 1}}), "nothing that the plan watches for"),
        (trial(violence={"per_day": -5}), "per_day"),
    ],
)
def test_a_wrong_trial_is_told(text, said):
    here, plan = small_plan()
    with pytest.raises(BadInput, match=said):
        deliver(here, plan, load_trials(text), runs=1)
