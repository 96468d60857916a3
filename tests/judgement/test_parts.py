"""Judging part by part, several parts at the same time, gives what judging the whole gives."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from teisen.judgement import judge, judge_in_parts
from tests.judgement.cases import agreement, allegation, allegations, ground, incident, incidents, square

N = 600
RULE = (
    "{all_of: [{is_kind: [attack]}, {any_of: [{within: {areas: [square, passing]}}, "
    "{near: {classes: [energy], distance_m: 30000}}]}]}"
)
LAND = ground(
    [square(half=1.0), square("passing", half=1.5), square("home", half=0.5)],
    [{"target_class": "substation", "lon": 31.2, "lat": 50.0, "place_error_m": 3000.0}],
)


def many() -> tuple[pl.DataFrame, pl.DataFrame]:
    rng = np.random.default_rng(2)
    places = rng.normal((30, 50), (1.5, 1.0), (N, 2)).round(4)
    happened = [
        incident(
            f"inc-{k:04d}", lon=float(x), lat=float(y), place_error_m=float(rng.choice([100.0, 5_000.0, 30_000.0]))
        )
        for k, (x, y) in enumerate(places)
    ]
    alleged = [allegation(f"alg-{k}", lon=None, lat=None, place_error_m=None, area_id="home") for k in range(20)]
    return incidents(*happened), allegations(*alleged)


@pytest.mark.parametrize("chunk", [1, 7, 64, 599])
def test_parts_judged_at_the_same_time_are_the_whole(chunk: int) -> None:
    happened, alleged = many()
    whole = judge(happened, alleged, [agreement(RULE)], LAND, chunk=10 * N)
    parts = judge(happened, alleged, [agreement(RULE)], LAND, chunk=chunk)
    assert whole.findings.height > 100
    assert set(whole.findings["subject"]) == {"incident", "allegation"}
    assert parts.findings.equals(whole.findings)
    assert parts.partings.equals(whole.partings)


def test_parts_come_in_the_order_of_their_subjects() -> None:
    happened, alleged = many()
    parts = [
        part.findings["subject_id"].to_list()
        for part in judge_in_parts(happened, alleged, [agreement(RULE)], LAND, chunk=50)
    ]
    assert len(parts) == N // 50 + 1
    order = [*happened["incident_id"], *alleged["allegation_id"]]
    latest = -1
    for part in parts:
        at = sorted(order.index(name) for name in part)
        assert latest < at[0]
        latest = at[-1]
