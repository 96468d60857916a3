"""A whole simulation: seeds, exchange of parties, the gallery through readers and fusion, errors of a scenario."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import shapely
import yaml

from teisen.errors import BadInput
from teisen.fusion import fuse
from teisen.library import library
from teisen.observation.profile import UNSTATED
from teisen.planning import contact_line
from teisen.planning.line import TOLERANCE_M
from teisen.simulation import (
    LINKS,
    TRUTH,
    Scenario,
    gallery,
    load_scenario,
    observe,
    parse_scenario,
    simulate,
    write,
)
from teisen.sources.profiles import load_profile
from tests.simulation.made import plain, scenario, simulated
from tests.whole_way.cases import exchanged

SHORT = 3
SHIPPED = library("cases") / "simulated"


def test_the_same_scenario_gives_the_same_bytes_and_another_seed_others() -> None:
    one, again = (simulate(load_scenario("liars").changed(days=SHORT), load_profile) for _ in range(2))
    assert one.files == again.files
    assert one.definitions() == again.definitions()
    assert one.truth.equals(again.truth)
    assert one.links.equals(again.links)
    other = simulate(load_scenario("liars").changed(days=SHORT, seed=7), load_profile)
    assert not other.truth.equals(one.truth)
    assert other.files["posts.csv"] != one.files["posts.csv"]


def test_a_source_does_not_change_what_happens_nor_what_others_say() -> None:
    alone = simulated(scenario({"id": "first"}))
    both = simulated(scenario({"id": "zeroth"}, {"id": "first"}))
    assert alone.truth.equals(both.truth)
    assert alone.files["first.csv"] == both.files["first.csv"]


@pytest.mark.parametrize("name", ["liars", "escalation"])
def test_exchanged_parties_give_exchanged_parties(name: str) -> None:
    pairs = {"party-a": "party-b"}
    text = (library("scenarios") / f"{name}.yaml").read_text(encoding="utf-8")
    one, other = (
        simulate(parse_scenario(said, name).changed(days=SHORT), load_profile)
        for said in (text, exchanged(text, pairs))
    )
    assert {file: exchanged(content, pairs) for file, content in other.files.items()} == one.files
    assert exchanged(other.truth.write_csv(), pairs) == one.truth.write_csv()
    assert {path: exchanged(content, pairs) for path, content in other.definitions().items()} == one.definitions()


def test_the_gallery_is_what_was_promised() -> None:
    assert len(gallery()) >= 10
    for name in gallery():
        text = (library("scenarios") / f"{name}.yaml").read_text(encoding="utf-8")
        assert text.startswith("# "), name
        made = load_scenario(name)
        assert made.id == name
        assert all(-50 < lon < -28 and abs(lat) < 10 for lon, lat in made.line), "open Atlantic"


@pytest.mark.parametrize("name", gallery())
def test_a_scenario_of_the_gallery_goes_through_readers_and_fusion(name: str) -> None:
    done = simulate(load_scenario(name).changed(days=SHORT), load_profile)
    TRUTH.check(done.truth)
    assert done.links.schema == LINKS
    for file, links in done.links.group_by("file"):
        assert links["row"].sort().to_list() == list(range(1, done.files[str(file[0])].count("\n")))
    seen = observe(done)
    assert seen.set_aside.is_empty()
    assert {row["source_id"] for row in seen.exposure.select("source_id").unique().to_dicts()} <= set(seen.sources)
    fused = fuse(seen.observations, seen.exposure, seen.ground, seen.sources)
    assert 0 < fused.incidents.height <= seen.observations.height
    joined = seen.links.join(seen.observations, on="observation_id", how="anti")
    assert joined.is_empty()
    assert seen.links.filter(pl.col("truth_id") != "")["truth_id"].is_in(done.truth["truth_id"].to_list()).all()


def test_the_shipped_case_is_what_its_scenario_gives() -> None:
    wanted = simulate(load_scenario(SHIPPED / "scenario.yaml"), load_profile).definitions(None)
    for path, text in wanted.items():
        if not path.startswith("agreements/"):
            assert yaml.safe_load((SHIPPED / path).read_text(encoding="utf-8")) == yaml.safe_load(text), path
    there = {p.relative_to(SHIPPED).as_posix() for p in SHIPPED.rglob("*.yaml")}
    assert there == set(wanted) | {"scenario.yaml"}


def test_files_are_written_with_the_truth_apart_and_the_scenario_as_it_was(tmp_path: Path) -> None:
    done = simulate(load_scenario("liars").changed(days=2, seed=5), load_profile)
    write(done, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*done.files, "truth"}
    back = load_scenario(tmp_path / "truth" / "scenario.yaml")
    assert back == done.scenario
    assert simulate(back, load_profile).files == done.files


def test_the_area_that_the_second_party_holds_ends_at_the_line() -> None:
    seen = observe(simulated(scenario()))
    areas = {level: seen.ground.areas.filter(level=level) for level in ("control", "region", "sea")}
    assert areas["control"]["controlled_by"].to_list() == ["party-b"]
    line = contact_line(areas["control"], areas["region"], areas["sea"])
    assert line["length_km"].to_list() == [pytest.approx(200 - 2 * TOLERANCE_M / 1000, abs=2)]
    (shape,) = shapely.from_wkb(areas["control"]["geometry"].to_list())
    assert shapely.bounds(shape)[3] == pytest.approx(0, abs=1e-4)  # the south: right of a line that runs east


def test_a_profile_that_is_declared_anew_is_written_beside_the_case() -> None:
    done = simulated(scenario({"declares": {"place_error_m": 77, "detection": {"shelling": 0.5}}}))
    text = done.definitions()["profiles/news-plain.yaml"]
    assert yaml.safe_load(text)["place_error_m"]["value"] == 77
    assert next(s for s in observe(done).sources.values() if s.source_id == "news").profile.id == "news-plain"


def test_figures_that_a_profile_leaves_out_are_those_that_do_nothing() -> None:
    assert all(getattr(plain("news"), name) is None for name in UNSTATED)
    assert {name for name, value in UNSTATED.items() if value} == {"detections", "copy_lag_s"}


BACKWARD = {"from": "2025-04-02T00:00:00Z", "to": "2025-04-01T00:00:00Z", "reason": "none"}
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("violence", {"per_day": 4, "kinds": {"shelling": 1}, "actors": {"party-c": 1}}, "no party here"),
    ("violence", {"per_day": 4, "kinds": {"shellin": 1}}, "no kind"),
    ("sources", [{"id": "a", "profile": "viina", "writes": "reports", "copies_from": ["b"]}], "does not stand before"),
    ("sources", [{"id": "regions", "profile": "viina", "writes": "reports"}], "stands twice"),
    ("sources", [{"id": "a", "profile": "viina", "writes": "allegations"}], "give party"),
    ("sources", [{"id": "a", "profile": "viina", "writes": "reports", "pots": 1}], "posts"),
    ("parties", ["party-a", "party-a"], "are one"),
    ("ground", {"regions_every_km": 20}, "towns"),
    ("line", [[-290, 0.0], [-29, 0.0]], "greater than or equal to -180"),
    ("sources", [{"id": "a", "profile": "viina", "writes": "reports", "outages": [BACKWARD]}], "not after"),
]


@pytest.mark.parametrize(("key", "value", "says"), WRONG)
def test_what_is_wrong_in_a_scenario_is_said_with_its_line(key: str, value: Any, says: str) -> None:
    values = yaml.safe_load((library("scenarios") / "liars.yaml").read_text(encoding="utf-8"))
    with pytest.raises(BadInput, match=says) as caught:
        parse_scenario(yaml.safe_dump(values | {key: value}, sort_keys=False), "wrong.yaml")
    assert caught.value.problems[0].file == "wrong.yaml"


@pytest.mark.parametrize(
    ("source", "violence", "says"),
    [
        ({"declares": {"plase_error_m": 3}}, {}, "no figure of a profile"),
        ({"truly": {"detection": {"shellin": 1}}}, {}, "no figure of a profile"),
        ({"outages": [{"regions": ["SIM-X"], "reason": "none"}]}, {}, "no region 'SIM-X'"),
        ({}, {"hot_spots": [{"at_km": 900, "share": 0.1, "spread_m": 100}]}, "behind the end"),
    ],
)
def test_what_can_only_be_seen_on_the_ground_is_said_too(
    source: dict[str, Any], violence: dict[str, Any], says: str
) -> None:
    made: Scenario = scenario(source, violence=violence)
    with pytest.raises(BadInput, match=says):
        simulated(made)


def test_no_such_scenario() -> None:
    with pytest.raises(BadInput, match="quiet-river"):
        load_scenario("quite-river")


def test_the_scenario_that_the_page_shows_is_sound() -> None:
    page = (Path(__file__).parents[2] / "docs" / "simulating.md").read_text(encoding="utf-8")
    (text,) = (block for block in re.findall(r"(?ms)^```yaml\n(.*?)^```", page) if "teisen-scenario/2" in block)
    done = simulate(parse_scenario(text, "simulating.md").changed(days=SHORT), load_profile)
    assert observe(done).set_aside.is_empty()
