from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from teisen.planning import Plan, Setting, cover, find, plan_of, solve
from teisen.planning.bound import costs_at_least
from teisen.planning.brief import Taken
from teisen.planning.catalogue import UNSOURCED
from teisen.planning.coverage import Ints
from teisen.planning.frontier import (
    FRONTIER,
    REFUSAL,
    WORTH,
    assumptions,
    ceiling,
    frontier,
    items,
    least_cost,
    orders_that_turn,
    refusals,
    spent,
    worth,
)
from teisen.planning.solve import per_sector, taken
from tests.planning.watch import here


@cache
def found() -> tuple[Setting, Ints]:
    setting = here()
    return setting, find(setting)[0]


def test_the_frontier_rises_under_its_bound() -> None:
    setting, _ = found()
    curve = FRONTIER.check(frontier(setting, (3e5, 1e6, 3e6)))
    assert (curve["cost"] <= curve["budget"]).all()
    assert (curve["value"] <= curve["bound"] + 1e-4).all()
    assert all(low <= high for low, high in pairwise(curve["value"]))


def test_refusals_never_help() -> None:
    table = REFUSAL.check(refusals(found()[0]))
    values = dict(table.filter(table["kind"] == "").select("refused", "value").iter_rows())
    assert values[""] >= max(values["party-a"], values["party-b"]) - 0.01
    assert values["party-a,party-b"] == 0


def test_what_everything_is_worth_is_the_whole() -> None:
    setting, number = found()
    table = WORTH.check(worth(setting, number))
    assert (table["lost"] >= -1e-9).all()
    assert table.filter(~table["sensor"].str.starts_with("all "))["cost"].sum() == pytest.approx(
        spent(setting, number)["cost"]
    )
    alone = here(use=["acoustic-artillery"])
    one, _ = find(alone)
    assert worth(alone, one)["lost"].max() == pytest.approx(alone.coverage.value(one), abs=1e-4)


def test_an_assumption_moves_the_plan_as_covering_anew_would() -> None:
    setting, number = found()
    told = assumptions(setting, number)
    assert told
    origins = setting.catalogue.origins
    figures = dict(setting.catalogue.figures())
    for one in told:
        assert origins[figures[one.id].origin].basis in UNSOURCED
    one = next(one for one in told if one.id.endswith(".near"))
    other = setting.catalogue.with_figure(one.id, one.low)
    anew = cover(
        setting.coverage.options,
        setting.ground,
        other,
        conditions=setting.conditions,
        watched=setting.brief.watched,
        window_h=24,
    )
    assert one.at_low == pytest.approx(anew.value(number), abs=1e-5)
    dear = next(one for one in told if one.id == "person_cost")
    by_hand = spent(setting, number)["cost"] + spent(setting, number)["people"] * (dear.low - dear.value)
    assert dear.cost_low == pytest.approx(by_hand, rel=0.01)


def test_nine_in_ten_everywhere_costs_no_less_than_is_proven() -> None:
    setting = here(step_km=4)
    answer = least_cost(setting, "shelling", 24, 0.7)
    assert answer is not None
    number, there = answer
    cells = there.coverage.row
    of = there.puzzle.weight * there.puzzle.of(number)
    places = np.bincount(cells, weights=of) / np.bincount(cells, weights=there.puzzle.weight)
    assert places.min() >= 0.7 - 1e-9
    cost = there.coverage.options["cost"].to_numpy().astype(float)
    assert 0 < costs_at_least(there.puzzle, there.limits, cost, 0.7, number) <= float(cost @ number)
    mean, worst = ceiling(setting, "shelling", 24)
    assert 0.7 <= worst <= mean


def test_what_nothing_sees_is_said_to_be_impossible() -> None:
    setting = here(use=["acoustic-artillery"])
    assert least_cost(setting, "small-arms-fire", 24, 0.9) is None
    assert ceiling(setting, "small-arms-fire", 24)[1] < 0.9


def test_which_plan_sees_more_may_hang_on_a_figure() -> None:
    setting = here(watched=[{"kind": "shelling", "depths_m": [1000]}], use=["camera-thermal", "acoustic-artillery"])
    eyes = taken(setting, [Taken(sensor="camera-thermal", number=6)])
    ears = taken(setting, [Taken(sensor="acoustic-artillery", number=2, depth_km=8)])
    better, worse = sorted((setting.coverage.value(eyes), setting.coverage.value(ears)), reverse=True)
    turned = orders_that_turn([("eyes", setting, eyes), ("ears", setting, ears)])
    for _, _, path, value in turned:
        assert path in setting.catalogue.assumed()
        assert value in dict(setting.catalogue.figures())[path].range
    assert better > worse
    assert turned


def test_the_document_says_what_was_chosen_and_the_same_brief_gives_the_same() -> None:
    setting, number = found()
    plan, table = solve(setting)
    assert plan == Plan.model_validate_json(plan.canonical())
    assert plan.sha256 == solve(here())[0].sha256
    assert table["number"].sum() == number.sum() == sum(one.number for one in plan.placement)
    assert {name: count for name, count, *_ in items(setting.coverage.options, number)} == {
        name: sum(one.number for one in plan.placement if one.sensor == name)
        for name in {one.sensor for one in plan.placement}
    }
    sectors = per_sector(setting.coverage, number)
    day = {one.kind: one for one in plan.promises if one.window_h == 24}
    for kind, one in day.items():
        mine = sectors.filter(sectors["kind"] == kind)
        assert one.least == pytest.approx(mine["detection"].min(), abs=1e-4)
    assert plan_of(setting, number, None).bound is None
    assert plan.model_copy(update={"version": 2}).sha256 != plan.sha256
