"""What fusion takes from all observations: how often sources repeat themselves, what is in their reach."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from teisen.fusion.density import NEAREST_M, Grid, around, in_a_cell
from teisen.fusion.habits import habits_of
from teisen.fusion.in_reach import COVERED, share_in_reach
from teisen.fusion.reporting import AGAIN, Reporting
from teisen.fusion.reports import reports
from teisen.sources import Ground, Source
from tests.builders import figure, source
from tests.fusion.worlds import DAY, exposure, observations, seen, watch


def of_days(n: int, times: int, *, set_off: int = 0) -> list[dict[str, Any]]:
    """``n`` things over 40 days and some 200 by 200 km, each reported so many times by one source that states days.

    As many as ``set_off`` have another one beside them on the same day, some three kilometres off.
    """
    random = np.random.default_rng(3)
    rows = []
    for thing in range(n):
        lon, lat, day = random.uniform(30, 33), random.uniform(50, 52), DAY + timedelta(days=int(random.integers(40)))
        when = {"start": day, "end": day + timedelta(days=1)}
        rows += [seen(f"posts:{thing:03}-{n}", lon, lat, kind="shelling", **when) for n in range(times)]
        if thing < set_off:
            east, north = random.normal(0, 0.03), random.normal(0, 0.02)
            rows.append(seen(f"posts:{thing:03}-by", lon + east, lat + north, kind="shelling", **when))
    return rows


def again(rows: list[dict[str, Any]]) -> float:
    """P(one more report of an incident after one) as found."""
    declared = {"posts": source("posts", group="posts", detections=None, place_error_m=figure(1500.0))}
    number = habits_of(observations(*rows), declared).reporting.number[0, 0]
    return float(np.exp(number[2] - number[1]))


def test_who_states_days_and_tells_everything_once_is_found_out() -> None:
    assert again(of_days(150, times=1)) < AGAIN / 4


def test_several_reports_of_a_day_are_no_proof_that_one_thing_was_told_again() -> None:
    assert again(of_days(50, times=3)) == pytest.approx(AGAIN, rel=0.15)


def test_strikes_of_a_day_that_set_each_other_off_leave_little_room_for_repeating() -> None:
    assert again(of_days(150, times=1, set_off=16)) < AGAIN * 0.7


@pytest.mark.parametrize("first", range(8))
def test_whichever_days_hold_very_many_some_are_learned_from(monkeypatch: pytest.MonkeyPatch, first: int) -> None:
    monkeypatch.setattr("teisen.fusion.habits.MOST_REPORTS", 40)
    monkeypatch.setattr("teisen.fusion.habits.FEWEST_REPORTS", 15)
    days = [DAY + timedelta(days=first + n) for n in range(2)]
    rows = [
        seen(f"{name}:{n}", 30.0 + n / 10, 50.0, kind="shelling", start=days[n % 2], end=days[n % 2])
        for n in range(60)
        for name in ("posts", "news")
    ]
    assert habits_of(observations(*rows), TWO).learned["pairs"].max() > 10


TWO = {
    "posts": source("posts", group="posts", detection={"shelling": figure(0.8)}),
    "news": source("news", group="news", detection={"shelling": figure(0.4)}),
}


def share_of_posts(*rows: dict[str, Any], sources: dict[str, Source] = TWO) -> float:
    """Share of their declared detection that posts have where 200 reports of news lie, from 30.0 to 31.0 degrees."""
    lons = np.linspace(30.0, 31.0, 200)
    told = [seen(f"news:{n:03}", float(lon), 50.0, start=DAY, end=DAY, kind="shelling") for n, lon in enumerate(lons)]
    own = [seen("posts:1", 30.5, 50.0, start=DAY, end=DAY, kind="shelling")]
    first = reports(observations(*told, *own), sources)
    table = exposure(*rows).lazy()
    return float(share_in_reach(first, ("news", "posts"), table, Ground(), sources)[1])


def test_what_lies_in_reach_is_told_by_exposure_where_others_report() -> None:
    circle: dict[str, Any] = {"area_id": None, "lon": 30.0, "lat": 50.0, "kind": "shelling", "p_detect": 0.8}
    near, whole = (share_of_posts(watch("posts", **circle, radius_m=km * 1000.0)) for km in (14.3, 100.0))
    assert near == pytest.approx(0.2, abs=0.04)  # a fifth of the news is within 14 km of the post
    assert whole == pytest.approx(1.0, abs=0.02)


def test_without_exposure_what_is_assumed_holds() -> None:
    assert share_of_posts() == COVERED
    one_group = {name: source(name, group="all") for name in TWO}
    assert share_of_posts(sources=one_group) == COVERED


def test_however_little_happens_incidents_may_set_each_other_off() -> None:
    rows = [seen(f"posts:{n}", 30.0 + 3 * n, 50.0, start=DAY, end=DAY) for n in range(4)]
    first = reports(observations(*rows), TWO)
    plain, grid = Reporting.of(("posts",)), Grid.over(first)
    plain = replace(plain, in_a_cell=in_a_cell(first, plain, grid))
    beside, there = (around(first, plain, grid=grid, beside=right)[0].incidents for right in (True, False))
    ball = 4 / 3 * np.pi * NEAREST_M**3 / (5_000 / 86_400)
    assert (beside * ball > 0.045).all()
    assert (there * ball < 0.01).all()
