"""Alerts over regions, tallies, and what parties state of each other."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from teisen.simulation import Simulated, observe
from tests.builders import figure
from tests.simulation.made import rows, scenario, simulated

AIR = {"per_day": 30, "kinds": {"drone-strike": 1}, "at_sites": 0.5}


def said(party: str = "party-a", **changes: Any) -> Simulated:
    one = {"id": "says", "writes": "allegations", "party": party, **changes}
    return simulated(scenario(one, violence=AIR))


def test_alerts_hold_the_strikes_that_raise_them() -> None:
    made = scenario({"id": "alerts", "writes": "alerts"}, violence=AIR)
    done = simulated(made, detection={"drone-strike": figure(0.7)})
    seen = observe(done)
    assert seen.set_aside.is_empty()
    alerts = seen.observations.select("area_id", "start", "end")
    regions = done.ground.region_of(done.truth["lon"].to_numpy(), done.truth["lat"].to_numpy())
    names = pl.Series([done.ground.region_ids[n] for n in regions])
    strikes = done.truth.select("truth_id", "time").with_columns(area_id=names)
    under = strikes.join(alerts, on="area_id").filter(pl.col("time").is_between("start", "end"))
    assert under["truth_id"].n_unique() / strikes.height == pytest.approx(0.75, abs=0.1)  # some by another's alert


def test_false_alerts_are_the_declared_share() -> None:
    made = scenario({"id": "alerts", "writes": "alerts"}, violence={"per_day": 4, "kinds": {"drone-strike": 1}})
    frame = rows(simulated(made, false_share=figure(0.7)), "alerts.csv")
    assert (frame["truth_id"] == "").mean() == pytest.approx(0.7, abs=0.12)


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_totals_are_exaggerated_as_stated(factor: float) -> None:
    done = said(exaggerates=factor)
    totals = rows(done, "says.csv").filter(unit="violations")
    of_other = done.truth.filter(actor="party-b").height
    assert totals["quantity"].cast(pl.Int64).sum() / of_other == pytest.approx(factor, rel=0.1)


def test_strikes_on_sites_are_stated_one_by_one_and_some_are_invented() -> None:
    done = said(hits_stated=0.5, invents=2)
    strikes = rows(done, "says.csv").filter(unit="strikes")
    true = strikes.filter(pl.col("truth_id") != "")
    assert (true["true_actor"] == "party-b").all()
    hits = done.truth.filter(pl.col("actor") == "party-b", pl.col("target_class").is_not_null()).height
    assert true.height / hits == pytest.approx(0.5, abs=0.15)
    invented = strikes.filter(truth_id="")
    assert invented.height / 10 == pytest.approx(2, abs=1.2)
    assert (invented["lat"].cast(pl.Float64) > 0).all()  # on its own side: the first party holds the north


def test_a_statement_speaks_about_the_day_before_it() -> None:
    seen = observe(said())
    assert seen.set_aside.is_empty()
    assert (seen.allegations["accuser"] == "party-a").all()
    assert (seen.allegations["accused"] == "party-b").all()
    of_day = rows(said(), "says.csv").filter(pl.col("truth_id") != "")
    inside = of_day.select(
        (pl.col("true_time").dt.replace_time_zone(None) >= pl.col("start").str.to_datetime("%Y-%m-%dT%H:%M"))
        & (pl.col("true_time").dt.replace_time_zone(None) < pl.col("end").str.to_datetime("%Y-%m-%dT%H:%M"))
    ).to_series()
    assert inside.all()


def test_tallies_count_more_than_arrived_and_name_regions() -> None:
    made = scenario({"id": "tallies", "writes": "tallies", "party": "party-a"}, violence=AIR)
    done = simulated(made)
    seen = observe(done)
    assert seen.set_aside.is_empty()
    assert (seen.observations["actor_stated"] == "party-b").all()
    assert seen.observations["area_id"].is_in(list(done.ground.region_ids)).all()
    assert (seen.observations["kind"] == "drone-strike").all()
    launched = seen.observations["count"].sum()
    assert launched / done.truth.filter(actor="party-b").height == pytest.approx(4, rel=0.15)
