"""What one more sensor adds and one less loses is what putting it there, or taking it away, does."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
import pytest

from teisen.planning import Plan, Setting, find, plan_of
from teisen.planning.coverage import Ints
from teisen.planning.one_more import ADDED, ONE_LESS, ONE_MORE, OneMore, following, numbers, one_more
from teisen.planning.solve import promises
from tests.planning.watch import here


@cache
def found() -> tuple[Setting, Ints, Plan, OneMore]:
    setting = here(rules={"budget": 2_000_000})
    number, proof = find(setting)
    return setting, number, plan_of(setting, number, proof), one_more(setting, number)


def at(setting: Setting, option_id: str) -> Ints:
    return (setting.coverage.options["option_id"] == option_id).to_numpy().astype(np.int64)


def test_one_more_adds_what_putting_it_there_adds_and_no_other_site_adds_more() -> None:
    setting, number, _, told = found()
    ONE_MORE.check(told.more)
    options, whole = setting.coverage.options, setting.coverage.value(number)
    assert set(told.more["sensor"]) == {one.id for one in setting.catalogue.sensors}
    for row in told.more.drop_nulls("adds").to_dicts():
        there = setting.coverage.value(number + at(setting, row["option_id"])) - whole
        assert row["adds"] == pytest.approx(there, abs=1e-6)
        assert row["per_million"] == pytest.approx(row["adds"] / row["cost"] * 1e6, rel=1e-3, abs=1e-7)
        free = (options["sensor"] == row["sensor"]).to_numpy() & (number < options["most"].to_numpy())
        best = max(
            setting.coverage.value(number + np.eye(len(number), dtype=np.int64)[n]) for n in np.flatnonzero(free)
        )
        assert row["adds"] == pytest.approx(best - whole, abs=1e-6)


def test_one_less_loses_what_taking_it_away_loses() -> None:
    setting, number, _, told = found()
    ONE_LESS.check(told.less)
    whole = setting.coverage.value(number)
    assert told.less["number"].sum() == number.sum()
    for row in told.less.to_dicts():
        without = setting.coverage.value(number - at(setting, row["option_id"]))
        assert row["lost"] == pytest.approx(whole - without, abs=1e-6)
    by_sensor = told.less.group_by("sensor").agg(
        pl.col("lost").min().alias("least"), pl.col("lost").max().alias("most")
    )
    assert by_sensor.sort("sensor").rows() == (
        told.more.drop_nulls("lost_least").select("sensor", "lost_least", "lost_most").rows()
    )


def test_what_it_adds_to_each_kind_is_what_its_promises_gain() -> None:
    setting, number, _, told = found()
    ADDED.check(told.added)
    row = told.more.drop_nulls("adds").sort("adds").row(-1, named=True)
    now = promises(setting, number + at(setting, row["option_id"]))
    for before, after in zip(promises(setting, number), now, strict=True):
        said = told.added.row(by_predicate=(pl.col("sensor") == row["sensor"]) & (pl.col("kind") == before.kind)
                              & (pl.col("window_h") == before.window_h), named=True)  # fmt: skip
        assert said["before"] == pytest.approx(before.mean, abs=1e-4)
        assert said["adds"] == pytest.approx(after.mean - before.mean, abs=2e-4)


def test_bounds_that_one_more_passes_are_named_and_refused_ground_takes_none() -> None:
    rules = {"budget": 2_000_000, "effort_share": 0.5, "refused": ["party-b"], "people": 5}
    setting = here(rules=rules)
    number, _ = find(setting)
    told = one_more(setting, number).more
    assert not [one for one in told["option_id"].drop_nulls() if "party-b" in one]
    patrol = told.row(by_predicate=pl.col("sensor") == "patrol", named=True)
    assert "people" in patrol["passes"].split(",")
    dear = found()[3].more
    assert set(dear.filter(pl.col("adds") > 0)["passes"]) == {"budget"}


def test_what_an_agreed_number_would_lack_is_named() -> None:
    asked = {"budget": 8_000_000, "at_least": [{"number": 1, "sensor": "patrol"}]}
    setting = here(rules=asked)
    number, _ = find(setting)
    less = one_more(setting, number).less
    lacking = less.filter(pl.col("lacks") != "")
    assert set(lacking["sensor"]) == {"patrol"}
    assert all(f"patrol in {row['sector_id']}" == row["lacks"] for row in lacking.to_dicts())


def test_everything_full_takes_no_more() -> None:
    setting = here(use=["camera-thermal"])
    every = setting.coverage.options["most"].to_numpy()
    row = one_more(setting, every).more.row(0, named=True)
    assert (row["adds"], row["option_id"], row["number"]) == (None, None, int(every.sum()))


def test_the_document_stands_by_worth_for_money_and_a_plan_is_read_back() -> None:
    setting, number, plan, told = found()
    document = following(plan, told)
    worths = [one.per_million for one in document.rows if one.per_million is not None]
    assert worths == sorted(worths, reverse=True)
    assert document.plan == plan.sha256
    assert any(one.kind and one.kind_adds for one in document.rows)
    assert np.array_equal(numbers(setting, plan), number)
    assert numbers(here(use=["patrol"]), plan) is None
