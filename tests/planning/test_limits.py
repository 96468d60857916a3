"""Numbers of sensors that sectors must have: kept where they can be, told where they cannot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.errors import BadInput
from teisen.planning.bound import prove
from teisen.planning.limits import Impossible, Least, Limits
from teisen.planning.placement import Problem, place
from teisen.planning.solve import find, solve
from tests.planning.test_placement import best_of_all, instances
from tests.planning.watch import here


@given(instances(), st.data())
@settings(max_examples=60, deadline=None)
def test_what_must_be_taken_is_and_the_bound_holds_or_it_is_said_to_be_impossible(
    made: tuple[Problem, Limits], data: Any
) -> None:
    of, within = made
    many = len(within.each)
    asked = tuple(
        Least(f"row {n}", np.array(data.draw(st.lists(st.booleans(), min_size=many, max_size=many))), number)
        for n, number in enumerate(data.draw(st.lists(st.integers(1, 2), min_size=1, max_size=2)))
    )
    # Options of a group are schedules of one sensor at one site: they cost alike here and count for the same rows.
    first = np.unique(within.group, return_index=True)[1][within.group]
    within = replace(within, use=within.use[:, first], least=tuple(replace(one, of=one.of[first]) for one in asked))
    try:
        best: float | None = best_of_all(of, within)
    except ValueError:
        best = None
    if best is None:
        with pytest.raises(Impossible):
            within.fewest()
        return
    assert within.kept(within.fewest())
    found = place(of, within)
    assert within.kept(found)
    assert of.value(found) <= best + 1e-9
    assert prove(of, within, found, near=0, steps=8).bound >= best - 1e-9


def test_every_sector_has_its_number_and_the_bound_is_that_of_the_rule() -> None:
    free, _ = find(here(rules={"budget": 1_500_000}))
    setting = here(rules={"budget": 1_500_000, "at_least": [{"number": 2, "sensor": "camera-thermal"}]})
    number, proof = find(setting)
    assert setting.limits.kept(number)
    assert not setting.limits.met(free)
    assert setting.puzzle.value(number) <= proof.bound + 1e-9
    plan, _ = solve(setting)
    cameras: dict[str, int] = {}
    for one in plan.placement:
        if one.sensor == "camera-thermal":
            cameras[one.sector_id] = cameras.get(one.sector_id, 0) + one.number
    assert set(cameras) == set(setting.line.sector_ids)
    assert min(cameras.values()) >= 2
    assert plan.bound is not None
    assert plan.bound.gap < 0.02


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"number": 2, "sector": "nowhere"}, "sensors in nowhere: at least 2 are asked for, and its sites may hold 0"),
        ({"number": 4, "sensor": "ground-radar"}, "do not fit into all of: budget"),
        ({"number": 1, "sensor": "telescope"}, "there is no sensor 'telescope'"),
    ],
)
def test_what_cannot_be_is_said(asked: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput) as told:
        find(here(rules={"at_least": [asked]}))
    assert says in str(told.value)
