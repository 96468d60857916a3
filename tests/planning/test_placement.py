from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from teisen.geodesy import Floats
from teisen.planning.bound import costs_at_least, prove
from teisen.planning.coverage import Ints
from teisen.planning.limits import Limits
from teisen.planning.placement import Problem, folded, place, problem, reach
from teisen.planning.solve import find
from tests.planning.watch import here


def puzzle(seen: Floats, weight: Floats | None = None) -> Problem:
    weights = np.ones(seen.shape[1]) if weight is None else weight
    full = csr_matrix(seen)
    miss = full.copy()
    miss.data = -np.log1p(-miss.data)
    return Problem(miss, full, weights / weights.sum())


def bounds(
    cost: Floats, budget: float, group: Ints | None = None, second: tuple[Floats, float] | None = None
) -> Limits:
    use, most, names = [cost], [budget], ["budget"]
    if second is not None:
        use.append(second[0])
        most.append(second[1])
        names.append("people")
    each = np.ones(len(cost), np.int64)
    return Limits(tuple(names), np.array(use), np.array(most), each, np.arange(len(cost)) if group is None else group)


def best_of_all(of: Problem, within: Limits) -> float:
    return max(
        of.value(np.array(x)) for x in product((0, 1), repeat=len(within.each)) if within.kept(np.array(x, np.int64))
    )


@st.composite
def instances(draw: Any) -> tuple[Problem, Limits]:
    options, cells = draw(st.integers(2, 8)), draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    seen = rng.uniform(0, 0.95, (options, cells)) * (rng.random((options, cells)) < 0.6)
    cost = rng.uniform(1, 5, options)
    people = (rng.uniform(0.1, 2, options), float(rng.uniform(0.5, 4)))
    group = np.sort(rng.integers(0, options, options))
    group = np.unique(group, return_inverse=True)[1]
    within = bounds(cost, float(rng.uniform(1, 12)), group, people if draw(st.booleans()) else None)
    return puzzle(seen, rng.uniform(0.1, 1, cells)), within


@given(instances())
@settings(max_examples=50, deadline=None)
def test_no_placement_passes_the_bound_and_what_is_found_keeps_the_rules(made: tuple[Problem, Limits]) -> None:
    of, within = made
    found = place(of, within)
    best = best_of_all(of, within)
    assert within.kept(found)
    assert of.value(found) <= best + 1e-9
    assert prove(of, within, found, near=0, steps=12).bound >= best - 1e-9


@given(instances())
@settings(max_examples=30, deadline=None)
def test_no_placement_that_sees_enough_is_cheaper_than_is_proven(made: tuple[Problem, Limits]) -> None:
    of, within = made
    cost = within.use[0]
    every = [np.array(x, np.int64) for x in product((0, 1), repeat=len(cost))]
    enough = 0.7 * of.value(every[-1])
    cheapest = min(float(cost @ x) for x in every if of.value(x) >= enough)
    assert costs_at_least(of, within, cost, enough, every[-1], steps=10) <= cheapest + 1e-9


def test_greedy_and_refilling_reach_nearly_the_best_of_small_instances() -> None:
    shares = []
    for seed in range(15):
        rng = np.random.default_rng(seed)
        of = puzzle(rng.uniform(0, 0.9, (10, 15)) * (rng.random((10, 15)) < 0.4))
        within = bounds(rng.uniform(1, 3, 10), 7.0)
        shares.append(of.value(place(of, within)) / best_of_all(of, within))
    assert np.mean(shares) > 0.97
    assert min(shares) > 0.85


def test_the_bound_is_tight_where_options_do_not_meet() -> None:
    of, within = puzzle(np.diag([0.9, 0.8, 0.7, 0.6])), bounds(np.ones(4), 2.0)
    found = place(of, within)
    proof = prove(of, within, found, near=1e-9)
    assert found.tolist() == [1, 1, 0, 0]
    assert proof.bound == pytest.approx(of.value(found), rel=0.02)
    assert proof.worth["budget"] == pytest.approx(0.7 / 4, abs=0.03)


@given(seed=st.integers(0, 500), first=st.floats(2, 8), more=st.floats(0, 4))
@settings(max_examples=20, deadline=None)
def test_the_bound_never_falls_with_more_budget(seed: int, first: float, more: float) -> None:
    rng = np.random.default_rng(seed)
    of = puzzle(rng.uniform(0, 0.9, (12, 8)))
    cost = rng.uniform(1, 3, 12)
    low, high = (bounds(cost, budget) for budget in (first, first + more))
    start = place(of, low)
    assert prove(of, high, start, near=0, steps=10).bound >= of.value(start) - 1e-9
    assert of.value(place(of, high)) >= of.value(start) * 0.9


def test_what_sees_enough_everywhere_is_found_and_pruned() -> None:
    seen = np.zeros((6, 4))
    seen[0] = [0.95, 0.95, 0, 0]
    seen[1] = [0, 0, 0.95, 0.95]
    seen[2:] = np.diag([0.99] * 4)
    of, within = puzzle(seen), bounds(np.array([1.0, 1, 0.9, 0.9, 0.9, 0.9]), 100.0)
    found = reach(of, within, np.arange(4), 0.9, within.use[0])
    assert (of.of(found) >= 0.9 - 1e-9).all()
    assert found.tolist() == [1, 1, 0, 0, 0, 0]


def test_more_budget_never_detects_less_along_a_line() -> None:
    values = []
    for budget in (2e5, 8e5, 3e6):
        setting = here(rules={"budget": budget})
        number, proof = find(setting)
        assert setting.limits.kept(number)
        value = setting.coverage.value(number)
        assert value <= proof.bound + 1e-9
        values.append(value)
    assert values == sorted(values)


def test_the_order_of_options_does_not_matter() -> None:
    setting = here()
    of, _ = problem(setting.coverage)
    number = place(of, setting.limits)
    turned = np.random.default_rng(0).permutation(len(number))
    within = setting.limits
    mixed = Limits(within.names, within.use[:, turned], within.most, within.each[turned], within.group[turned])
    again = place(Problem(of.miss[turned], of.seen[turned], of.weight), mixed)
    assert of.value(number) == pytest.approx(float(of.value(_back(again, turned))), rel=0.01)


def test_folding_bounds_the_full_problem_from_above() -> None:
    setting = here()
    full, _ = problem(setting.coverage)
    for bin_m in (4000, 10_000):
        coarse, cell = folded(setting.coverage, bin_m)
        assert coarse.weight.sum() == pytest.approx(1)
        assert len(cell) == len(full.weight)
        for seed in range(10):
            number = (np.random.default_rng(seed).random(full.miss.shape[0]) < 0.2).astype(np.int64)
            assert coarse.value(number) >= full.value(number) - 1e-6


def test_the_other_sides_name_gives_the_mirrored_plan() -> None:
    """Swap the parties' names: the same places, with the names swapped."""
    one, two = here(), here(parties=["party-b", "party-a"])
    plans = []
    for setting in (one, two):
        number, _ = find(setting)
        chosen = setting.coverage.options.filter(pl.Series(number > 0))
        plans.append(setting.coverage.value(number))
        assert chosen.height
    assert plans[0] == pytest.approx(plans[1], rel=0.005)


def test_rules_are_kept() -> None:
    rules = {"people": 1.0, "effort_share": 0.5, "budget": 2e6}
    setting = here(rules=rules)
    number, _ = find(setting)
    options = setting.coverage.options.with_columns(n=pl.Series(number))
    assert (options["people"] * options["n"]).sum() <= 1.0 + 1e-9
    for side in ("party-a", "party-b"):
        mine = options.filter(pl.col("side") == side)
        assert (mine["cost"] * mine["n"]).sum() <= 1e6 + 1
    refusing = here(rules={"refused": ["party-a"]})
    number, _ = find(refusing)
    assert set(refusing.coverage.options.filter(pl.Series(number > 0))["side"]) == {"party-b"}


def test_a_floor_lifts_the_worst_sector() -> None:
    sites = {"every_km": 8, "depths_km": [1, 8]}
    least = []
    for floor in (0.0, 0.45):
        setting = here(sites=sites, rules={"budget": 700_000, "floor": floor})
        number, _ = find(setting)
        from teisen.planning.solve import per_sector

        least.append(per_sector(setting.coverage, number)["detection"].min())
    assert least[1] >= least[0]


def _back(number: Ints, turned: Ints) -> Ints:
    first = np.zeros_like(number)
    first[turned] = number
    return first
