"""Fires: when satellites pass, through cloud, several pixels of one fire, harvest and industry."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from teisen.geodesy import METRES_PER_DEGREE
from teisen.observation import EXPOSURE
from teisen.simulation import Simulated, observe
from teisen.sources.overpasses import p_overpass
from teisen.sources.readers.firms import facts
from tests.builders import figure
from tests.simulation.made import rows, scenario, simulated

FIRES: dict[str, Any] = {"id": "fires", "writes": "fires"}


def fires(*, cloud: float = 0.005, background: list[dict[str, Any]] | None = None, **changes: Any) -> Simulated:
    made = scenario(FIRES, violence={"per_day": 400}, weather={"cloud": cloud}, background=background or [])
    return simulated(made, **({"place_error_m": figure(160)} | changes))


def local_hour(frame: pl.DataFrame) -> pl.Series:
    hours = frame["acq_time"].str.slice(0, 2).cast(pl.Float64) + frame["acq_time"].str.slice(2, 2).cast(pl.Float64) / 60
    return (hours + frame["longitude"].cast(pl.Float64) / 15) % 24


def test_fires_are_seen_when_satellites_pass_with_the_chance_that_the_reader_states() -> None:
    done = fires()
    frame = rows(done, "fires.csv")
    passes = facts().passes["viirs"]
    hour = local_hour(frame)
    inside = [(hour > one.hour - 0.1) & (hour < one.hour + one.width_h + 0.1) for one in passes]
    assert (inside[0] | inside[1]).all()
    # The reader takes every fire to burn 3 h; here that is the mean: exp(-wait / 3 h), averaged over the half day.
    seen = frame["truth_id"].n_unique() / done.truth.height
    assert seen == pytest.approx(p_overpass(passes, 3.0), abs=0.06)


def test_cloud_hides_fires_and_the_exposure_says_so() -> None:
    clear, cloudy = (fires(cloud=cloud) for cloud in (0.005, 0.8))
    share = rows(cloudy, "fires.csv").height / rows(clear, "fires.csv").height
    assert share == pytest.approx(0.2, abs=0.12)
    chances = [
        EXPOSURE.check(observe(d).exposure).filter(source_id="fires")["p_detect"].mean() for d in (clear, cloudy)
    ]
    assert chances[0] is not None
    assert chances[1] is not None
    assert chances[1] < 0.45 * chances[0]  # type: ignore[operator]


def test_places_are_off_by_what_each_pixel_states_times_what_the_profile_is_wrong_by() -> None:
    for factor in (1.0, 2.0):
        made = scenario(
            FIRES | {"truly_times": {"place_error_m": factor}}, violence={"per_day": 1000}, weather={"cloud": 0}
        )
        frame = rows(simulated(made, place_error_m=figure(160)), "fires.csv")
        scan, track = (frame[name].cast(pl.Float64).to_numpy() for name in ("scan", "track"))
        stated = np.sqrt((scan**2 + track**2) / 2) * 1000 / np.sqrt(12)
        off = (frame["latitude"].cast(pl.Float64) - frame["true_lat"]).to_numpy() * METRES_PER_DEGREE
        assert np.std(off / stated) == pytest.approx(factor, rel=0.06)


def test_several_pixels_of_one_fire() -> None:
    one, many = (rows(fires(detections=figure(n)), "fires.csv") for n in (1, 3))
    by_pass = many.group_by("truth_id", "acq_date", "acq_time", "satellite").len()["len"]
    assert by_pass.mean() == pytest.approx(3, rel=0.1)
    assert one.group_by("truth_id", "acq_date", "acq_time", "satellite").len()["len"].max() == 1


def test_false_fires_are_the_declared_share() -> None:
    frame = rows(fires(false_share=figure(0.8)), "fires.csv")
    assert (frame["truth_id"] == "").mean() == pytest.approx(0.8, abs=0.04)


def test_harvest_has_its_season_and_industry_its_places() -> None:
    background = [
        {"pattern": "harvest", "per_day": 100, "places": 50, "season": [4, 9, 4, 12]},
        {"pattern": "industry", "per_day": 3, "places": 2},
    ]
    done = fires(background=background, detection={"shelling": figure(0)})
    frame = rows(done, "fires.csv")
    assert (frame["other_id"] != "").all()
    days = frame.group_by("acq_date").len().sort("acq_date")
    inside = days.filter(pl.col("acq_date").is_between(pl.lit("2025-04-09"), pl.lit("2025-04-12")))["len"].sum()
    assert inside / frame.height > 0.7
    early = frame.filter(pl.col("acq_date") < "2025-04-09")
    assert early.height > 0
    assert early.select(pl.col("longitude", "latitude").cast(pl.Float64).round(1)).n_unique() <= 6


def test_an_outage_is_a_day_without_a_snapshot() -> None:
    out = {"from": "2025-04-10T00:00:00Z", "to": "2025-04-12T00:00:00Z", "state": "no_data", "reason": "lost"}
    done = simulated(scenario(FIRES | {"outages": [out]}, violence={"per_day": 400}), place_error_m=figure(160))
    assert not rows(done, "fires.csv")["acq_date"].is_in(["2025-04-10", "2025-04-11"]).any()
    dark = EXPOSURE.check(observe(done).exposure).filter(source_id="fires", state="no_data")
    assert set(dark["start"].dt.strftime("%d")) == {"10", "11"}


def test_modis_writes_what_its_reader_reads() -> None:
    made = scenario(FIRES | {"sensor": "modis"}, violence={"per_day": 400})
    seen = observe(simulated(made, place_error_m=figure(410)))
    assert seen.set_aside.is_empty()
    assert seen.observations["place_error_m"].mean() == pytest.approx(410, rel=0.05)
