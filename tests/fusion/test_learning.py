"""Errors as learned: close to the truth whatever was declared, and as declared where there is little to learn from."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.fusion import LEARNED, fuse
from teisen.fusion.density import Grid
from teisen.fusion.learning import corrected, learn
from teisen.fusion.reports import Reports, reports
from teisen.observation import EXPOSURE, Figure
from teisen.sources import Source
from tests.builders import figure, source
from tests.fusion.worlds import DAY, GROUND, observations, seen

PLACE_M = {"posts": 1500.0, "cameras": 500.0, "patrols": 800.0}
MEASURED = Figure(value=PLACE_M["posts"], origin="chosen for the test", basis="measured")
TIME_S = {"posts": 300.0, "cameras": 60.0, "patrols": 900.0}


def found_in(some: Reports) -> pl.DataFrame:
    return learn(some, Grid.over(some))


def declared(place: float = 1.0, time: float = 1.0) -> dict[str, Source]:
    """The three sources, with errors declared so many times what they are."""
    return {
        name: source(
            name, group=name, place_error_m=figure(PLACE_M[name] * place), time_error_s=figure(TIME_S[name] * time)
        )
        for name in PLACE_M
    }


def world(incidents: int, seed: int = 1) -> list[dict[str, Any]]:
    """Incidents over ten days and some 100 by 200 km, each seen by two sources in three."""
    random = np.random.default_rng(seed)
    rows = []
    for n in range(incidents):
        lon, lat, hours = random.uniform(30, 33), random.uniform(50, 51), random.uniform(0, 240)
        for name, error_m in PLACE_M.items():
            if random.random() < 0.67:
                east, north = random.normal(0, np.hypot(error_m, 300.0), 2) / 111_195
                when = DAY + timedelta(hours=hours, seconds=random.normal(0, TIME_S[name]))
                place = lon + east / np.cos(np.radians(lat)), lat + north
                rows.append(seen(f"{name}:{n:05}", *place, start=when, end=when, kind="shelling"))
    return rows


def factors(frame: pl.DataFrame, name: str) -> dict[str, float]:
    return dict(frame.filter(figure=name).select("source_id", "factor").iter_rows())


@pytest.mark.parametrize("wrong", [0.5, 1.0, 2.0])
def test_errors_are_found_whatever_was_declared(wrong: float) -> None:
    learned = found_in(reports(observations(*world(600)), declared(wrong, wrong)))
    LEARNED.check(learned)
    for name, factor in factors(learned, "place_error_m").items():  # little tells how far off the most precise is
        assert factor * wrong == pytest.approx(1.0, abs=0.5 if name == "cameras" else 0.2), name
    times = factors(learned, "time_error_s")
    assert times["posts"] * wrong == pytest.approx(1.0, abs=0.15)
    assert times["patrols"] * wrong == pytest.approx(1.0, abs=0.15)


def test_as_many_pairs_are_found_with_errors_half_as_large_as_they_are() -> None:
    rows = observations(*world(600))
    found = [fuse(rows, EXPOSURE.empty(), GROUND, declared(wrong, wrong)).incidents.height for wrong in (1.0, 0.5, 2.0)]
    assert max(found) - min(found) <= 0.02 * max(found)


def test_with_little_to_learn_from_what_is_declared_stands() -> None:
    learned = found_in(reports(observations(*world(4)), declared()))
    assert learned["factor"].is_between(0.9, 1.1).all()
    assert found_in(reports(observations(), declared())).equals(LEARNED.empty())


def test_what_was_learned_may_be_given() -> None:
    rows, sources = observations(*world(60)), declared(0.5)
    learned = fuse(rows, EXPOSURE.empty(), GROUND, sources).learned
    again = fuse(rows, EXPOSURE.empty(), GROUND, sources, learned=learned)
    assert again.incidents.equals(fuse(rows, EXPOSURE.empty(), GROUND, sources).incidents)
    none = fuse(rows, EXPOSURE.empty(), GROUND, sources, learned=LEARNED.empty())
    assert none.incidents.height > again.incidents.height


def test_the_extent_of_incidents_and_stated_intervals_stay() -> None:
    rows = reports(observations(seen("posts:1"), seen("posts:2", start=DAY, end=DAY)), declared())
    rule = {"source_id": ["posts", "posts"], "figure": ["place_error_m", "time_error_s"], "factor": [2.0, 3.0]}
    wide = corrected(rows, pl.DataFrame(rule).with_columns(pairs=pl.lit(9.0)))
    assert wide.sigma == pytest.approx([np.hypot(3000, 300)] * 2)
    assert (wide.end - wide.start)[0] == 86_400
    assert (wide.end - wide.start)[1] == pytest.approx(3 * (rows.end - rows.start)[1])


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=5, deadline=None)
def test_order_does_not_matter(seed: int) -> None:
    rows = observations(*world(60))
    shuffled = rows.sample(fraction=1.0, shuffle=True, seed=seed)
    assert found_in(reports(rows, declared())).equals(found_in(reports(shuffled, declared())))


def at_towns(reports_: int) -> pl.DataFrame:
    """Reports of one day each that name the nearest of 10 by 8 towns, some 11 km apart."""
    random = np.random.default_rng(7)
    towns = np.array([(30 + 0.15 * x, 50 + 0.1 * y) for x in range(10) for y in range(8)])
    towns += random.uniform(-0.02, 0.02, towns.shape)
    rows = []
    for n in range(reports_):
        spot = random.uniform((30, 50), (31.35, 50.7))
        near = np.hypot((towns[:, 0] - spot[0]) * np.cos(np.radians(50.35)), towns[:, 1] - spot[1]).argmin()
        when = DAY + timedelta(days=n % 20)
        rows.append(seen(f"posts:{n:04}", *towns[near].tolist(), start=when, end=when + timedelta(days=1)))
    return observations(*rows)


def test_who_names_towns_is_as_far_off_as_towns_lie_apart() -> None:
    told = factors(found_in(reports(at_towns(600), declared())), "place_error_m")["posts"]
    across, along = 0.15 * 111_195 * np.cos(np.radians(50.35)), 0.1 * 111_195
    assert told * PLACE_M["posts"] == pytest.approx(np.sqrt(across * along / 12), rel=0.15)
    measured = {n: replace(s, profile=replace(s.profile, place_error_m=MEASURED)) for n, s in declared().items()}
    assert factors(found_in(reports(at_towns(600), measured)), "place_error_m")["posts"] == pytest.approx(1.0, abs=0.1)
    few = factors(found_in(reports(at_towns(120), declared())), "place_error_m")["posts"]
    assert few == pytest.approx(1.0, abs=0.1)  # most towns are named once: others are not named yet
