from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from teisen.planning import (
    COVERAGE,
    DETECTION,
    OPTION,
    Ground,
    cover,
    detected,
    load_catalogue,
    long,
    made_line,
    setting,
)
from teisen.planning.coverage import LEAST
from teisen.planning.detection import at_distance, factor, looks, within
from teisen.planning.frontier import alone
from teisen.planning.terrain import Terrain
from tests.planning.watch import brief, here


def test_the_matrix_is_what_each_pair_would_give() -> None:
    setting = here()
    coverage = setting.coverage
    table = long(coverage)
    COVERAGE.check(table)
    places = setting.ground.candidates.select("site_id", "lon", "lat")
    rows = table.sample(200, seed=1).join(coverage.options.select("option_id", "sensor", "site_id"), on="option_id")
    rows = rows.join(places, on="site_id").join(
        coverage.demand.select("demand_id", "kind", to_lon="lon", to_lat="lat"), on=["demand_id", "kind"]
    )
    from teisen.geodesy import distance_m

    for row in rows.to_dicts():
        sensor = setting.catalogue.sensor(row["sensor"])
        seen = sensor.sees[row["kind"]]
        condition = next(one for one in setting.conditions if one.id == row["condition"])
        far = distance_m(row["lon"], row["lat"], row["to_lon"], row["to_lat"])
        look = at_distance(seen, far) * factor(sensor, condition)
        wanted = within(look, looks(sensor, seen, 24), sensor.uptime.value)
        assert row["detection"] == pytest.approx(float(wanted), abs=2e-4)
    assert table["detection"].min() >= LEAST - 1e-4  # type: ignore[operator]


def test_options_stand_where_they_may() -> None:
    setting = here()
    options = OPTION.check(setting.coverage.options)
    where = options.join(setting.ground.candidates, on="site_id")
    for sensor in setting.catalogue.sensors:
        depths = where.filter(pl.col("sensor") == sensor.id)["depth_m"]
        assert depths.is_between(*sensor.depth_m).all()
    assert options["option_id"].is_unique().all()


def test_by_two_means_is_what_counting_gives() -> None:
    setting = here()
    number = np.zeros(setting.coverage.options.height, np.int64)
    number[:: max(1, len(number) // 12)] = 1
    found = detected(setting.coverage, number)
    DETECTION.check(found)
    table = long(setting.coverage.only(np.flatnonzero(number)))
    for row in found.filter(pl.col("detection") > 0).head(40).to_dicts():
        mine = table.filter(
            (pl.col("demand_id") == row["demand_id"])
            & (pl.col("kind") == row["kind"])
            & (pl.col("condition") == row["condition"])
        )
        by_means = [1 - np.prod(1 - one["detection"].to_numpy()) for _, one in mine.group_by("means")]
        none = np.prod([1 - p for p in by_means])
        one = sum(p * none / (1 - p) for p in by_means)
        assert row["detection"] == pytest.approx(1 - none, abs=1e-3)
        assert row["by_two"] == pytest.approx(1 - none - one, abs=1e-3)
        assert row["by_two"] <= row["detection"] + 1e-9


def test_two_means_are_asked_for_by_halves() -> None:
    """With eyes alone, however many, a kind that two means have to see is not worth more than a half."""
    watched = [{"kind": "shelling", "depths_m": [1000], "two_means": True}]
    eyes = here(watched=watched, use=["camera-thermal", "patrol"])
    every = np.ones(eyes.coverage.options.height, np.int64)
    assert 0.2 < eyes.coverage.value(every) <= 0.5 + 1e-9
    both = here(watched=watched, use=["camera-thermal", "acoustic-artillery"])
    assert both.coverage.value(np.ones(both.coverage.options.height, np.int64)) > 0.5


def test_hills_hide_from_cameras_and_not_from_microphones() -> None:
    setting = here()
    rng = np.random.default_rng(0)
    hills = Terrain(rng.uniform(0, 300, (400, 400)), -1.0, 50.0, 0.01, 0.01)
    hidden = cover(
        setting.coverage.options,
        Ground(setting.ground.demand, setting.ground.candidates, hills),
        setting.catalogue,
        conditions=setting.conditions,
        watched=setting.brief.watched,
        window_h=24,
    )
    sensors = setting.coverage.options["sensor"].to_numpy()
    for sensor, less in (("camera-thermal", True), ("acoustic-artillery", False)):
        mine = sensors == sensor
        before, after = setting.coverage.matrix[mine].sum(), hidden.matrix[mine].sum()
        assert after < before * 0.9 if less else after == pytest.approx(before)


def test_forest_is_read_off_a_grid() -> None:
    grid = Terrain(np.ones((20, 20)), -1.0, 50.0, 0.2, 0.2)
    wooded = setting(brief(), made_line(40), *load_catalogue(), forest=grid)
    assert wooded.ground.forest is not None
    assert wooded.ground.forest.all()
    assert wooded.coverage.matrix.sum() < here().coverage.matrix.sum()
    assert alone(wooded, "shelling", 24).puzzle.seen.sum() < alone(here(), "shelling", 24).puzzle.seen.sum()


def test_forest_and_schedules_take_their_share() -> None:
    setting = here(use=["post"], sites={"every_km": 8, "depths_km": [1]})
    day = setting.coverage.options["schedule"] == "day"
    assert day.sum() * 2 == len(day)
    table = long(setting.coverage).join(setting.coverage.options.select("option_id", "schedule"), on="option_id")
    assert set(table.filter(pl.col("schedule") == "day")["condition"]) == {"day"}
    all_forest = np.ones(setting.ground.demand.height, bool)
    wooded = cover(
        setting.coverage.options,
        Ground(setting.ground.demand, setting.ground.candidates, forest=all_forest),
        setting.catalogue,
        conditions=setting.conditions,
        watched=setting.brief.watched,
        window_h=24,
    )
    assert wooded.matrix.sum() < setting.coverage.matrix.sum()
