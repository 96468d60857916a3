"""Detection within an hour, a day or a week as a rule: kept at every place, or told why it is not."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import polars as pl
import pytest

from teisen.errors import BadInput
from teisen.planning import Setting
from teisen.planning.coverage import detected
from teisen.planning.frontier import refusals
from teisen.planning.solve import find, solve
from tests.planning.watch import here

HOUR = {"kind": "shelling", "within_h": 1, "detection": 0.8}
DAY = {"kind": "small-arms-fire", "within_h": 24, "detection": 0.2, "where": "sector"}


def reached(setting: Setting, number: np.ndarray, rule: dict[str, Any]) -> float:
    """The least of a rule's places or sectors, from the table of what is detected."""
    key = "sector_id" if rule.get("where") == "sector" else "demand_id"
    shares = pl.DataFrame(
        {"condition": [c.id for c in setting.conditions], "share": [c.share for c in setting.conditions]}
    )
    rows = detected(*setting.seen(number, rule["within_h"])).filter(kind=rule["kind"]).join(shares, on="condition")
    rows = rows.join(setting.ground.demand.select("demand_id", "kind", "sector_id"), on=["demand_id", "kind"])
    by = rows.group_by(key).agg((pl.col("detection") * pl.col("share")).sum() / pl.col("share").sum())
    return float(by["detection"].min())


def test_what_is_asked_for_in_time_is_kept_and_the_rest_of_the_money_is_spent() -> None:
    free, _ = find(here(rules={"budget": 1_200_000}))
    asked = here(rules={"budget": 6_000_000, "in_time": [HOUR, DAY]})
    number, proof = find(asked)
    assert reached(asked, free, HOUR) < 0.8
    assert reached(asked, number, HOUR) >= 0.8 - 1e-3
    assert reached(asked, number, DAY) >= 0.2 - 1e-3
    assert asked.limits.kept(number)
    assert 0.9 * proof.bound < asked.puzzle.value(number) <= proof.bound + 1e-9
    plan, _ = solve(asked)
    assert plan.rules.in_time[0].where == "place"
    assert next(one for one in plan.promises if (one.kind, one.window_h) == ("shelling", 1.0)).least >= 0.8 - 1e-3
    assert set(refusals(asked)["refused"]) == {"", "party-a", "party-b", "party-a,party-b"}


def test_numbers_that_are_agreed_are_kept_besides() -> None:
    asked = here(
        rules={"budget": 6_000_000, "in_time": [HOUR], "at_least": [{"number": 2, "sensor": "camera-thermal"}]}
    )
    number, _ = find(asked)
    assert asked.limits.met(number)
    assert reached(asked, number, HOUR) >= 0.8 - 1e-3


def test_what_is_too_dear_is_told_with_what_is_proven_of_it() -> None:
    with pytest.raises(BadInput) as told:
        find(here(rules={"budget": 300_000, "in_time": [HOUR]}))
    costs, least = (
        float(one.replace(",", "")) for one in re.findall(r"costs (?:less than )?([\d,]+)", str(told.value))
    )
    assert 0 < least <= costs
    assert costs > 300_000
    assert "budget" in str(told.value)
    number, _ = find(here(rules={"budget": costs * 1.01, "in_time": [HOUR]}))
    assert number.any()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"rules": {"in_time": [HOUR | {"detection": 0.9999}]}}, "impossible at any price"),
        ({"rules": {"in_time": [HOUR | {"kind": "air-strike"}]}}, "air-strike is not watched for"),
        (
            {"rules": {"in_time": [HOUR]}, "take": [{"sensor": "acoustic-artillery", "number": 1}]},
            "80% of shelling within 1 h at every place, and the worst has",
        ),
        (
            {
                "rules": {"budget": 9e6, "at_least": [{"number": 2, "sensor": "patrol"}]},
                "take": [{"sensor": "patrol", "number": 4}],
            },
            "stand there, and `at_least:` asks for 2. Take more",
        ),
    ],
)
def test_what_cannot_be_and_what_a_given_placement_lacks_is_said(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput) as told:
        find(here(**changes))
    assert says in str(told.value)


def test_a_given_placement_that_has_enough_is_judged_as_it_is() -> None:
    rules = {"budget": 9e6, "at_least": [{"number": 1, "sensor": "patrol"}], "in_time": [DAY | {"detection": 0.01}]}
    number, _ = find(
        here(rules=rules, take=[{"sensor": "patrol", "number": 8}, {"sensor": "camera-thermal", "number": 8}])
    )
    assert number.sum() == 16
