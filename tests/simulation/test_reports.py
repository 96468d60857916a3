"""Every error of a source shows in its file as declared."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest

from teisen.geodesy import METRES_PER_DEGREE
from teisen.observation import EXPOSURE
from teisen.simulation import Simulated, observe
from tests.builders import figure
from tests.simulation.made import busy, moment, rows, scenario, simulated

OUT = {"from": "2025-04-10T00:00:00Z", "to": "2025-04-12T00:00:00Z", "reason": "no power"}


def east_m(frame: pl.DataFrame) -> pl.Series:
    return (frame["lon"].cast(pl.Float64) - frame["true_lon"]) * METRES_PER_DEGREE


def late_s(frame: pl.DataFrame, column: str = "happened") -> pl.Series:
    return frame.select((moment(column) - pl.col("true_time")).dt.total_seconds()).to_series()


def test_a_source_without_errors_tells_all_as_it_was() -> None:
    done = simulated(scenario())
    frame = rows(done, "news.csv")
    assert frame["truth_id"].sort().to_list() == done.truth["truth_id"].to_list()
    assert late_s(frame).abs().max() == 0
    assert east_m(frame).abs().max() < 2
    assert (frame["kind"] == frame["true_kind"]).all()


def test_detection_by_kind() -> None:
    made = scenario(violence={"per_day": 400, "kinds": {"shelling": 1, "drone-strike": 1}})
    seen = rows(simulated(made, detection={"shelling": figure(0.3), "drone-strike": figure(0.8)}), "news.csv")
    true = simulated(made).truth
    by_kind = dict(seen.group_by("true_kind").len().iter_rows())
    for kind, p in (("shelling", 0.3), ("drone-strike", 0.8)):
        assert by_kind[kind] / true.filter(kind=kind).height == pytest.approx(p, abs=0.04)


def test_place_and_time_errors() -> None:
    frame = rows(busy(place_error_m=figure(2500), time_error_s=figure(900)), "news.csv")
    assert east_m(frame).std() == pytest.approx(2500, rel=0.05)
    assert late_s(frame).std() == pytest.approx(900, rel=0.05)


def test_what_holds_truly_may_differ_from_what_is_declared() -> None:
    made = scenario(
        {"truly_times": {"place_error_m": 2, "time_error_s": 2}, "truly": {"delay_s": 0}}, violence={"per_day": 400}
    )
    done = simulated(made, place_error_m=figure(1000), time_error_s=figure(300), delay_s=figure(9000))
    frame = rows(done, "news.csv")
    assert east_m(frame).std() == pytest.approx(2000, rel=0.05)
    assert late_s(frame).std() == pytest.approx(600, rel=0.05)
    assert frame.select((moment("published") - moment("happened")).dt.total_seconds().median()).item() < 600
    seen = observe(done)
    assert seen.sources["news"].profile.place_error_m.value == 1000
    assert seen.true_sources["news"].profile.place_error_m.value == 2000
    assert seen.true_sources["news"].profile.delay_s.value == 0
    assert seen.true_sources["regions"] == seen.sources["regions"]


def test_the_delay_is_exponential_with_the_declared_mean() -> None:
    delay = late_s(rows(busy(delay_s=figure(7200)), "news.csv"), "published")
    assert delay.min() >= 0
    assert delay.mean() == pytest.approx(7200, rel=0.06)
    assert delay.median() == pytest.approx(7200 * np.log(2), rel=0.08)


def test_dates_without_hours_towns_and_areas() -> None:
    done = busy(date_only_share=figure(0.6), town_share=figure(0.7), area_only_share=figure(0.2))
    frame = rows(done, "news.csv")
    day_only = frame["happened"].str.len_chars() == 10
    assert day_only.mean() == pytest.approx(0.6, abs=0.03)
    of_day = frame.filter(day_only)
    assert (of_day["happened"] == of_day["true_time"].dt.strftime("%Y-%m-%d")).all()
    area_only = frame["lon"].is_null()
    assert area_only.mean() == pytest.approx(0.2, abs=0.03)
    assert frame.filter(area_only)["area"].is_in(list(done.ground.region_ids)).all()
    placed = frame.filter(~area_only)
    towns = {tuple(town) for town in done.ground.towns.tolist()}
    at_town = [(float(lon), float(lat)) in towns for lon, lat in placed.select("lon", "lat").iter_rows()]
    assert np.mean(at_town) == pytest.approx(0.7, abs=0.03)


def test_several_reports_of_one_incident() -> None:
    frame = rows(busy(detections=figure(2.5)), "news.csv")
    assert frame.height / frame["truth_id"].n_unique() == pytest.approx(2.5, rel=0.04)
    assert frame["story"].is_unique().all()


def test_wrong_kinds_are_those_that_the_vocabulary_holds_near() -> None:
    frame = rows(busy(wrong_kind_share=figure(0.25)), "news.csv")
    wrong = frame.filter(pl.col("kind") != pl.col("true_kind"))
    assert wrong.height / frame.height == pytest.approx(0.25, abs=0.03)
    by_kind = dict(wrong.group_by("kind").len().iter_rows())
    assert by_kind["explosion"] > by_kind["missile-strike"] > 0  # 0.9 and 0.4 in kinds.yaml
    assert set(by_kind) == {"explosion", "missile-strike", "air-strike", "drone-strike"}


def test_stated_words_and_confusion() -> None:
    made = scenario(
        {"says": {"shelling": "explosion"}, "confuses": {"shelling": {"mine-or-ied": 1}}}, violence={"per_day": 400}
    )
    frame = rows(simulated(made, wrong_kind_share=figure(0.1)), "news.csv")
    assert dict(frame.group_by("kind").len().iter_rows())["mine-or-ied"] / frame.height == pytest.approx(0.1, abs=0.02)
    assert set(frame["kind"]) == {"explosion", "mine-or-ied"}


def test_false_reports_are_the_declared_share_of_all() -> None:
    frame = rows(busy(false_share=figure(0.4)), "news.csv")
    assert (frame["truth_id"] == "").mean() == pytest.approx(0.4, abs=0.03)


def test_copies_are_the_same_words_later_and_name_their_original() -> None:
    made = scenario(
        {"id": "first", "declares": {"copy_share": 0}},
        {"id": "second", "copies_from": ["first"], "truly": {"detection": {"shelling": 0}}},
        violence={"per_day": 400},
    )
    done = simulated(made, copy_share=figure(0.5), copy_lag_s=figure(5400), delay_s=figure(600))
    first, second = rows(done, "first.csv"), rows(done, "second.csv")
    assert second.height / first.height == pytest.approx(0.5, abs=0.03)
    assert (first["copy_of"] == "").all()
    at = first.with_columns(at=pl.format("first.csv:{}", "row"))
    both = second.join(at, left_on="copy_of", right_on="at", suffix="_first")
    assert both.height == second.height
    for column in ("happened", "lon", "lat", "kind", "story", "text", "truth_id"):
        assert (both[column] == both[f"{column}_first"]).all()
    lag = both.select((moment("published") - moment("published_first")).dt.total_seconds()).to_series()
    assert lag.min() >= 0
    assert lag.mean() == pytest.approx(5400, rel=0.08)


def test_a_source_may_repeat_itself_and_fusion_is_told_of_it() -> None:
    made = scenario({"copies_from": ["news"]}, violence={"per_day": 100})
    seen = observe(simulated(made, copy_share=figure(0.5), copy_lag_s=figure(5400)))
    copies = seen.links.filter(pl.col("copy_of") != "")
    assert copies.height / seen.links.height == pytest.approx(1 / 3, abs=0.05)
    assert copies["copy_of"].is_in(seen.observations["observation_id"].to_list()).all()
    stories = seen.observations.select("observation_id", "native_id")
    pairs = copies.join(stories, on="observation_id").join(
        stories, left_on="copy_of", right_on="observation_id", suffix="_first"
    )
    assert (pairs["native_id"] == pairs["native_id_first"]).all()


def exposure(done: Simulated, source: str = "news") -> pl.DataFrame:
    return EXPOSURE.check(observe(done).exposure).filter(source_id=source, kind="shelling")


def test_an_outage_delivers_nothing_and_is_stated() -> None:
    made = scenario({"outages": [OUT]}, violence={"per_day": 400})
    done = simulated(made)
    when = rows(done, "news.csv")["true_time"]
    assert not when.is_between(
        datetime(2025, 4, 10, tzinfo=UTC), datetime(2025, 4, 12, tzinfo=UTC), closed="left"
    ).any()
    stated = exposure(done).group_by(pl.col("start").dt.date()).agg(pl.col("state").unique(), pl.col("p_detect").max())
    dark = stated.filter(pl.col("start").is_in([date(2025, 4, 10), date(2025, 4, 11)]))
    assert dark["state"].to_list() == [["outage"], ["outage"]]
    assert dark["p_detect"].to_list() == [0, 0]
    light = stated.filter(~pl.col("start").is_in([date(2025, 4, 10), date(2025, 4, 11)]))
    assert light.height == 8
    assert (light["p_detect"] == 1).all()


def test_an_outage_that_is_not_stated_leaves_the_exposure_as_it_was() -> None:
    quiet, told = (scenario({"outages": [OUT | {"stated": stated}]}) for stated in (False, True))
    assert (exposure(simulated(quiet))["state"] == "watched").all()
    assert not (exposure(simulated(told))["state"] == "watched").all()


def test_refused_by_hours_and_regions() -> None:
    refused = {"hours": [6, 12], "regions": ["SIM-L01", "SIM-R01"], "state": "refused", "reason": "not let through"}
    done = simulated(scenario({"outages": [refused]}, violence={"per_day": 400}))
    frame = rows(done, "news.csv")
    region = done.ground.region_of(frame["true_lon"].to_numpy(), frame["true_lat"].to_numpy())
    frame = frame.with_columns(region=pl.Series(region))
    there = frame.filter(pl.col("region").is_in([0, 1]))
    assert not there["true_time"].dt.hour().is_between(6, 11).any()
    assert frame.filter(~pl.col("region").is_in([0, 1]))["true_time"].dt.hour().is_between(6, 11).any()
    stated = dict(exposure(done).group_by("area_id").agg(pl.col("p_detect").max()).iter_rows())
    assert stated["SIM-L01"] == pytest.approx(0.75, abs=0.001)
    assert stated["SIM-L02"] == 1


def test_posts_hear_less_with_distance_and_state_their_circles() -> None:
    posts = {"range_m": 10_000, "at": [[-30.0, 0.02]]}
    made = scenario({"posts": posts, "writes": "reports"}, violence={"per_day": 2000})
    done = simulated(made)
    frame = rows(done, "news.csv")
    far = np.hypot(frame["true_lon"] + 30.0, frame["true_lat"] - 0.02) * METRES_PER_DEGREE
    assert far.max() <= 10_010
    true = np.hypot(done.truth["lon"] + 30.0, done.truth["lat"] - 0.02) * METRES_PER_DEGREE
    for low, high in ((0, 3000), (6000, 8000)):
        mean = 1 - (low**2 + high**2) / 2 / 1e8
        heard = ((far >= low) & (far < high)).sum() / ((true >= low) & (true < high)).sum()
        assert heard == pytest.approx(mean, abs=0.08)
    circle = exposure(done).row(0, named=True)
    assert (circle["lon"], circle["lat"], circle["radius_m"], circle["p_detect"]) == (-30.0, 0.02, 10_000, 0.5)


def test_patrols_report_in_their_hours_near_where_they_are() -> None:
    patrol = {"from_km": 40, "to_km": 80, "hours": [8, 16], "days": [0, 1, 2, 3, 4], "range_m": 5000}
    done = simulated(scenario({"patrols": [patrol]}, violence={"per_day": 4000, "depth_m": 2000}))
    frame = rows(done, "news.csv")
    assert frame.height > 100
    assert frame["true_time"].dt.hour().is_between(8, 15).all()
    assert frame["true_time"].dt.weekday().max() == 5
    assert frame["true_lon"].is_between(-31.0 + 0.3, -31.0 + 0.78).all()
    near = done.truth.filter(pl.col("lon").is_between(-30.64, -30.28), pl.col("lat").abs() < 0.045)
    stated = exposure(done).row(0, named=True)
    # What it states is its mean over the whole circle around its way; what it reports of the strip is more.
    assert frame.height / near.height > stated["p_detect"] > 0.002


def test_hours_weather_and_towns_are_in_detection_and_in_exposure() -> None:
    changes = {"by_hour": {0: 0.2, 12: 1.0}, "under_cloud": 0.2, "near_towns_m": 5000}
    done = simulated(scenario(changes, violence={"per_day": 1000}, weather={"cloud": 0.5}))
    frame = rows(done, "news.csv")
    late = frame["true_time"].dt.hour() >= 12
    assert late.mean() == pytest.approx(1 / 1.2, abs=0.03)
    seen = frame.height / done.truth.height
    assert seen == pytest.approx(exposure(done)["p_detect"].mean(), rel=0.15)


def test_a_party_hides_its_own_acts_and_names_the_other() -> None:
    made = scenario({"party": "party-a", "hides": 0.9, "names_actor": 0.5}, violence={"per_day": 400})
    done = simulated(made)
    frame = rows(done, "news.csv")
    own = frame.filter(true_actor="party-a").height / done.truth.filter(actor="party-a").height
    assert own == pytest.approx(0.1, abs=0.03)
    named = frame.filter(pl.col("actor").is_not_null())
    assert named.height / frame.height == pytest.approx(0.5, abs=0.04)
    assert (named["actor"] == named["true_actor"]).all()


def test_some_name_the_wrong_party_and_nothing_else_changes() -> None:
    made = scenario({"names_actor": 1}, violence={"per_day": 400})
    right, wrong = (rows(simulated(made, wrong_actor_share=figure(share)), "news.csv") for share in (0.0, 0.2))
    assert (right["actor"] == right["true_actor"]).all()
    assert (wrong["actor"] != wrong["true_actor"]).mean() == pytest.approx(0.2, abs=0.02)
    assert wrong.drop("actor").equals(right.drop("actor"))


def test_what_a_party_makes_up_the_other_did() -> None:
    made = scenario({"party": "party-a", "names_actor": 1}, violence={"per_day": 100})
    frame = rows(simulated(made, false_share=figure(0.3)), "news.csv").filter(truth_id="")
    assert frame.height > 100
    assert set(frame["actor"]) == {"party-b"}


def test_posts_do_not_know_what_was_hit() -> None:
    posts = {"posts": {"range_m": 60_000, "every_km": 20}}
    named = [
        rows(simulated(scenario(one, violence={"at_sites": 0.5})), "news.csv")["target_class"].is_not_null().mean()
        for one in ({}, posts, posts | {"names_target": 1})
    ]
    assert named == [pytest.approx(0.5, abs=0.1), 0, pytest.approx(0.5, abs=0.15)]


def test_quarries_work_by_day_and_sound_like_violations() -> None:
    background = [
        {"pattern": "quarry", "per_day": 20, "places": 3},
        {"pattern": "exercise", "per_day": 1, "places": 1, "shots": 30},
    ]
    made = scenario({"mistakes": {"quarry": 0.5, "exercise": 1}}, background=background)
    frame = rows(simulated(made, place_error_m=figure(0)), "news.csv").filter(pl.col("other_id") != "")
    when = frame.select(at=moment("happened"))["at"]
    assert when.dt.hour().is_between(8, 16).all()
    assert when.dt.weekday().max() <= 5
    quarries = frame.filter(pl.col("kind") == "explosion")
    assert quarries.select("lon", "lat").n_unique() == 3
    assert quarries.height / (20 * 10) == pytest.approx(0.5, abs=0.15)
    assert frame.filter(pl.col("kind") == "shelling").height > 60
