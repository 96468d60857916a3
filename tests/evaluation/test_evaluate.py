"""Scores on small worlds whose scores can be told by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.evaluation import CALIBRATION, SCORE, Evaluation, evaluate
from teisen.evaluation.calibration import expected_error, reliability
from teisen.evaluation.partitions import b_cubed, pairwise
from teisen.fusion import EVIDENCE, INCIDENT
from teisen.simulation import TRUTH
from tests.fusion.worlds import DAY, observations, seen


def partition(*rows: tuple[str, str | None]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema={"incident": pl.String, "truth": pl.String}, orient="row")


def test_partitions_by_hand() -> None:
    rows = partition(("a", "1"), ("a", "1"), ("a", "2"), ("b", "2"), ("b", None), ("c", "3"))
    pairs = pairwise(rows)
    assert (pairs.precision, pairs.recall, pairs.n) == (1 / 4, 1 / 2, 2)
    assert pairs.f1 == pytest.approx(1 / 3)
    b3 = b_cubed(rows)
    assert b3.precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 / 2 + 1 / 2 + 1) / 6)
    assert b3.recall == pytest.approx((1 + 1 + 1 / 2 + 1 / 2 + 1 + 1) / 6)
    assert b_cubed(partition()).n == 0


labels = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["1", "2", "3", None])), min_size=1, max_size=20)


@given(rows=labels, names=st.permutations("abcd"))
@settings(max_examples=40, deadline=None)
def test_names_and_order_do_not_matter_and_the_truth_is_perfect(
    rows: list[tuple[str, str | None]], names: list[str]
) -> None:
    renamed = [(names["abcd".index(incident)], truth) for incident, truth in rows][::-1]
    for measure in (pairwise, b_cubed):
        one, other = measure(partition(*rows)), measure(partition(*renamed))
        assert one.precision == pytest.approx(other.precision)
        assert one.recall == pytest.approx(other.recall)
        perfect = measure(partition(*((truth or f"none{n}", truth) for n, (_, truth) in enumerate(rows))))
        assert (perfect.precision, perfect.recall) == (1, 1)


def test_calibration_by_hand() -> None:
    rows = reliability("conflict", pl.Series([0.05, 0.95, 0.95, 1.0]), pl.Series([False, True, True, False]))
    assert rows.sort("low").select("low", "n").rows() == [(0.0, 1), (0.9, 3)]
    error, chance, n = expected_error(rows)
    assert n == 4
    assert chance == pytest.approx((2 / np.pi) ** 0.5 * ((0.05 * 0.95) ** 0.5 + (2 * 0.95 * 0.05) ** 0.5) / 4)
    assert error == pytest.approx((0.05 + 3 * abs((0.95 + 0.95 + 1) / 3 - 2 / 3)) / 4)
    assert expected_error(CALIBRATION.empty()) == (None, None, 0)


def test_what_chance_makes_of_right_probabilities_is_told_beside_the_error() -> None:
    random = np.random.default_rng(5)
    kinds = np.array([0.47, 0.43, 0.1])
    stated, of = pl.Series(np.tile(kinds, 200)), pl.Series(np.repeat(np.arange(200), 3))
    errors, chance = [], 0.0
    for _ in range(300):
        right = np.arange(3) == random.choice(3, 200, p=kinds)[:, None]
        error, chance, n = expected_error(reliability("kind", stated, pl.Series(right.ravel()), of))
        assert n == 600
        errors.append(error)
    assert chance == pytest.approx(np.mean(errors), rel=0.1)


def incident(name: str, lon: float, **changes: Any) -> dict[str, Any]:
    return {
        "incident_id": name, "start": DAY, "end": DAY + timedelta(hours=2), "lon": lon, "lat": 50.0,
        "place_error_m": 1000.0, "kind": "shelling",
        "kinds": [{"kind": "shelling", "p": 0.8}, {"kind": "fire", "p": 0.2}],
        "targets": [], "weapons": [], "actors": [{"party": "party-a", "p": 0.6}], "p_conflict": 0.9,
        "n_observations": 1, "n_groups": 1, "title": "t",
    } | changes  # fmt: skip


def true(name: str, lon: float, hours: float = 1.0) -> dict[str, Any]:
    time = DAY + timedelta(hours=hours)
    return {"truth_id": name, "time": time, "lon": lon, "lat": 50.0, "kind": "shelling", "actor": "party-a"}


def table(schema: Any, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame([{n: row.get(n) for n in schema.schema.names()} for row in rows], schema=schema.schema)


def world() -> Evaluation:
    """Two true incidents of three reports fused as one and a half, one invented, one that nobody reported."""
    put = {"news:1": "i1", "news:2": "i1", "fires:3": "i2", "news:4": "i3"}
    evidence = [
        {"incident_id": i, "source_id": o.split(":")[0], "observation_id": o, "relation": "member", "reason": "r"}
        for o, i in put.items()
    ]
    links = {"news:1": "t1", "news:2": "t2", "fires:3": "t2", "news:4": ""}
    return evaluate(
        table(INCIDENT, [incident("i1", 30.0), incident("i2", 30.1), incident("i3", 31.0, p_conflict=0.2)]),
        table(EVIDENCE, evidence),
        observations(*(seen(o) for o in put)),
        table(TRUTH, [true("t1", 30.0), true("t2", 30.1, hours=5), true("t3", 35.0)]),
        pl.DataFrame({"observation_id": list(links), "truth_id": list(links.values())}),
    )


def value(found: Evaluation, measure: str, by: str = "all", stratum: str = "all") -> float:
    return float(found.scores.row(by_predicate=(pl.col("by") == by) & (pl.col("stratum") == stratum)
                                  & (pl.col("measure") == measure), named=True)["value"])  # fmt: skip


def test_a_world_by_hand() -> None:
    found = world()
    SCORE.check(found.scores)
    assert value(found, "pairs_precision") == 0
    assert value(found, "pairs_recall") == 0
    assert value(found, "unreported_share") == pytest.approx(1 / 3, abs=1e-4)
    assert value(found, "hidden_in_another_share") == 0
    assert value(found, "split_share") == 0.5
    assert value(found, "merged_share") == pytest.approx(1 / 3, abs=1e-4)
    assert value(found, "invented_share") == pytest.approx(1 / 3, abs=1e-4)
    assert value(found, "invented_and_called_share") == 0
    assert value(found, "true_and_not_called_share") == 0
    assert value(found, "place_error_median_m") == pytest.approx(0, abs=1)
    assert value(found, "place_in_90_region_share") == 1
    assert value(found, "time_in_interval_share") == 0.5
    assert value(found, "time_outside_mean_s") == 1.5 * 3600
    assert value(found, "ece_conflict") == pytest.approx((2 * 0.1 + 0.2) / 3, abs=1e-4)
    assert value(found, "ece_kind") == pytest.approx(0.2, abs=1e-4)
    assert value(found, "ece_actor") == pytest.approx(0.4, abs=1e-4)


def test_reports_of_one_thing_that_is_no_incident_may_stand_together() -> None:
    put = {"news:1": "i1", "news:2": "i1", "fires:3": "i2", "fires:4": "i2"}
    evidence = [
        {"incident_id": i, "source_id": o.split(":")[0], "observation_id": o, "relation": "member", "reason": "r"}
        for o, i in put.items()
    ]
    links = {"observation_id": list(put), "truth_id": ["t1", "t1", "", ""], "other_id": ["", "", "o1", "o1"]}
    found = evaluate(
        table(INCIDENT, [incident("i1", 30.0), incident("i2", 30.1)]),
        table(EVIDENCE, evidence),
        observations(*(seen(o) for o in put)),
        table(TRUTH, [true("t1", 30.0)]),
        pl.DataFrame(links),
    )
    assert value(found, "pairs_precision") == 1
    assert value(found, "pairs_recall") == 1
    assert value(found, "invented_share") == 0.5


def test_strata() -> None:
    found = world().scores
    assert set(found["by"]) == {"all", "density", "kind", "sources"}
    assert set(found.filter(by="sources")["stratum"]) == {"news", "fires + news", "fires"}
    assert set(found.filter(by="density")["stratum"]) == {"1 to 3 others", "alone"}


def test_what_is_missed_invented_and_split_is_told_by_stratum_too() -> None:
    found = world()
    assert value(found, "unreported_share", "density", "alone") == 1
    assert value(found, "unreported_share", "density", "1 to 3 others") == 0
    assert value(found, "split_share", "sources", "fires + news") == 1
    assert value(found, "invented_share", "sources", "news") == 0.5
    assert value(found, "invented_share", "sources", "fires") == 0
    assert value(found, "place_error_median_m", "kind", "shelling") == pytest.approx(0, abs=1)
    assert "invented_share" not in set(found.scores.filter(by="kind")["measure"])
