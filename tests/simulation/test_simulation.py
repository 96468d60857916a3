from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest

from teisen.documents import parse
from teisen.library import library
from teisen.observation import Profile
from teisen.simulation import Scenario, Simulated, simulate, write
from tests.builders import figure, profile


def some_profile(name: str) -> Profile:
    detection = {kind: figure(0.6) for kind in ("shelling", "drone-strike", "missile-strike", "air-strike")}
    return profile(id=name, detection=detection, false_share=figure(0.2))


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    path = library("cases") / "simulated" / "scenario.yaml"
    return parse(path.read_text(encoding="utf-8"), Scenario, path.name)


@pytest.fixture(scope="module")
def simulated(scenario: Scenario) -> Simulated:
    return simulate(scenario, some_profile)


def rows(simulated: Simulated, name: str) -> pl.DataFrame:
    return pl.read_csv(io.StringIO(simulated.files[name]), infer_schema=False)


def test_the_same_scenario_gives_the_same_bytes(scenario: Scenario, simulated: Simulated) -> None:
    again = simulate(scenario, some_profile)
    assert again.files == simulated.files
    assert again.truth.equals(simulated.truth)


def test_another_seed_gives_another_ceasefire(scenario: Scenario, simulated: Simulated) -> None:
    other = simulate(scenario.model_copy(update={"seed": scenario.seed + 1}), some_profile)
    assert not other.truth.equals(simulated.truth)


def test_the_truce_leaves_the_share_that_it_states(scenario: Scenario, simulated: Simulated) -> None:
    truce = scenario.truces[0]
    days = (truce.end - truce.start).total_seconds() / 86400
    within = simulated.truth.filter((pl.col("time") >= truce.start) & (pl.col("time") < truce.end)).height
    assert within / (days * scenario.incidents_per_day) < 0.35


def test_the_sufferer_is_on_its_own_side_of_the_line(simulated: Simulated) -> None:
    away = simulated.truth.filter(pl.col("target_class").is_null())
    north = away.group_by("actor").agg((pl.col("lat") > 0.1).mean().alias("north")).sort("actor")
    assert north["north"][0] > north["north"][1] + 0.2


def test_every_observer_delivers_and_no_source_knows_the_truth(scenario: Scenario, simulated: Simulated) -> None:
    for observer in scenario.observers:
        frame = rows(simulated, f"{observer.source_id}.csv")
        assert frame.height > 0
        assert "truth_id" not in frame.columns


def test_a_silent_day_delivers_nothing(simulated: Simulated) -> None:
    published = rows(simulated, "news.csv")["published"]
    assert not published.str.starts_with("2025-04-12").any()
    assert published.str.starts_with("2025-04-13").any()


def test_parties_exaggerate_as_the_scenario_says(scenario: Scenario, simulated: Simulated) -> None:
    stated = rows(simulated, "statements-a.csv").filter(pl.col("unit") == "violations")["quantity"].cast(pl.Int64).sum()
    true = simulated.truth.filter(pl.col("actor") == "party-b").height
    assert 1.4 < stated / true < 1.8


def test_files_are_written_with_the_truth_apart(simulated: Simulated, tmp_path: Path) -> None:
    write(simulated, tmp_path)
    assert (tmp_path / "truth" / "truth.csv").read_text().startswith("truth_id,")
    assert {path.name for path in tmp_path.iterdir()} == {*simulated.files, "truth"}
