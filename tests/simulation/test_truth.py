"""What happens: rates, clusters, rhythm, phases, sides and targets, within what chance allows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest

from teisen.geodesy import METRES_PER_DEGREE, distance_m
from teisen.simulation.ground import MadeGround, make_ground
from teisen.simulation.line import Line
from teisen.simulation.scenario import Scenario
from teisen.simulation.truth import TRUTH, happen
from tests.simulation.made import scenario

CLUSTERS: dict[str, Any] = {"branching": 0.6, "decay_h": 8, "spread_m": 2000}


def ground(made: Scenario) -> tuple[Line, MadeGround]:
    line = Line(np.array(made.line))
    return line, make_ground(made, line, np.random.default_rng(0))


def drawn(seed: int = 0, **violence: Any) -> pl.DataFrame:
    made = scenario(violence=violence)
    return happen(made, *ground(made), np.random.default_rng(seed))


def counts(n: int = 30, **violence: Any) -> np.ndarray:
    return np.array([drawn(seed, **violence).height for seed in range(n)])


def test_the_table_is_what_it_says() -> None:
    truth = drawn(clusters=CLUSTERS)
    TRUTH.check(truth)
    assert truth["time"].is_sorted()
    assert truth["truth_id"].is_unique().all()


@pytest.mark.parametrize("clusters", [None, CLUSTERS, CLUSTERS | {"branching": 0.9}])
def test_the_mean_rate_is_as_stated_whatever_the_branching(clusters: dict[str, Any] | None) -> None:
    found = counts(clusters=clusters) if clusters else counts()
    error = found.std(ddof=1) / len(found) ** 0.5
    assert abs(found.mean() - 400) < 4 * max(error, 3)


def test_branching_makes_counts_more_uneven_than_poisson() -> None:
    assert counts().var() / 400 == pytest.approx(1, abs=0.7)
    assert counts(clusters=CLUSTERS).var() / 400 > 2.5  # 1 / (1 - 0.6)^2 in a long period


def test_what_is_set_off_is_the_branching_ratio_of_all() -> None:
    truth = drawn(per_day=2000, clusters=CLUSTERS)
    assert (truth["generation"] > 0).mean() == pytest.approx(0.6, abs=0.02)
    set_off = truth.filter(pl.col("generation") > 0, pl.col("set_off_by").is_null())
    assert (set_off["time"] < datetime(2025, 4, 10, tzinfo=UTC)).all()  # by incidents before the period


def test_delay_and_distance_of_what_is_set_off_are_as_stated() -> None:
    truth = drawn(per_day=2000, clusters=CLUSTERS, at_sites=0, depth_m=20_000)
    pairs = truth.join(truth, left_on="set_off_by", right_on="truth_id", suffix="_by")
    hours = (pairs["time"] - pairs["time_by"]).dt.total_seconds() / 3600
    assert hours.min() >= 0
    assert hours.mean() == pytest.approx(8, rel=0.06)
    along = (pairs["lon"] - pairs["lon_by"]) * METRES_PER_DEGREE
    assert along.std() == pytest.approx(2000, rel=0.05)


def test_retaliation_is_the_other_sides() -> None:
    truth = drawn(per_day=1000, clusters=CLUSTERS | {"retaliation": 0.3})
    pairs = truth.join(truth, left_on="set_off_by", right_on="truth_id", suffix="_by")
    assert (pairs["actor"] != pairs["actor_by"]).mean() == pytest.approx(0.3, abs=0.03)


def test_hours_and_weekdays_keep_their_weights_also_in_clusters() -> None:
    truth = drawn(per_day=2000, clusters=CLUSTERS, by_hour={0: 1, 12: 3}, by_weekday=[1, 1, 1, 1, 1, 1, 4])
    late = (truth["time"].dt.hour() >= 12).mean()
    assert late == pytest.approx(0.75, abs=0.02)
    by_day = truth.group_by(pl.col("time").dt.date()).len().sort("time")
    sunday = by_day.filter(pl.col("time").dt.weekday() == 7)["len"].mean()
    others = by_day.filter(pl.col("time").dt.weekday() < 7)["len"].mean()
    assert isinstance(sunday, float)
    assert isinstance(others, float)
    assert sunday / others == pytest.approx(4, rel=0.15)


def test_phases_run_straight_between_their_points_and_jump_where_two_meet() -> None:
    phases = [
        {"at": "2025-04-09T00:00:00Z", "factor": 1},
        {"at": "2025-04-09T00:00:00Z", "factor": 0.1},
        {"at": "2025-04-12T00:00:00Z", "factor": 0.1},
        {"at": "2025-04-16T00:00:00Z", "factor": 2.1},
    ]
    truth = pl.concat(drawn(seed, per_day=1000, phases=phases, clusters=CLUSTERS) for seed in range(4))
    by_day = truth.group_by(pl.col("time").dt.date()).len().sort("time")["len"].to_numpy() / 4 / 1000
    wanted = [1, 1, 0.1, 0.1, 0.1, 0.35, 0.85, 1.35, 1.85, 2.1]
    assert by_day == pytest.approx(wanted, rel=0.2, abs=0.03)


def test_hot_spots_have_their_share() -> None:
    truth = drawn(per_day=1000, hot_spots=[{"at_km": 100, "share": 0.5, "spread_m": 2000}], at_sites=0)
    along, _ = Line(np.array(scenario().line)).along(truth["lon"], truth["lat"])
    near = np.abs(along - 100_000) < 6_000
    assert near.mean() == pytest.approx(0.5 + 0.5 * 12 / 200, abs=0.02)


def test_what_a_party_does_falls_on_the_other_side() -> None:
    truth = drawn(per_day=500)  # the line runs east along the equator; the first party holds its left, the north
    assert (truth.filter(actor="party-a")["lat"] < 0.01).all()
    assert (truth.filter(actor="party-b")["lat"] > -0.01).all()


def test_shares_and_kinds_may_differ_by_actor() -> None:
    truth = drawn(
        per_day=500, actors={"party-a": 3, "party-b": 1}, kinds_by_actor={"party-b": {"drone-strike": 1}}
    )  # fmt: skip
    assert (truth["actor"] == "party-a").mean() == pytest.approx(0.75, abs=0.03)
    kinds = truth.group_by("actor").agg(pl.col("kind").unique()).sort("actor")["kind"].to_list()
    assert kinds == [["shelling"], ["drone-strike"]]


def test_targets_lie_at_sites_of_their_class() -> None:
    truth = drawn(per_day=500, at_sites=0.3)
    _, there = ground(scenario())
    hit = truth.filter(pl.col("target_class").is_not_null())
    assert hit.height / truth.height == pytest.approx(0.3, abs=0.03)
    far = distance_m(hit["lon"].to_numpy()[:, None], hit["lat"].to_numpy()[:, None], *there.sites.T)
    nearest = far.argmin(axis=1)
    assert far.min(axis=1).max() < 1000
    assert [there.site_classes[n] for n in nearest] == hit["target_class"].to_list()


def test_a_line_measures_its_own_places() -> None:
    line = Line(np.array([[-31.0, 0.0], [-30.0, 0.5], [-29.0, 0.2]]))
    along, depth = np.array([10_000.0, 60_000, 200_000]), np.array([3_000.0, -8_000, 500])
    back = line.along(*line.place(along, depth))
    assert back[0] == pytest.approx(along, abs=50)
    assert back[1] == pytest.approx(depth, abs=20)
