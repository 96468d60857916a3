from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import yaml

from teisen.planning import Plan
from tests.cli.test_commands import Shell, teisen
from tests.planning.plans import plan as made_up

__all__ = ["teisen"]

LINE = '{"type": "LineString", "coordinates": [[30.0, 50.0], [30.2, 50.1], [30.5, 50.05]]}'


def smaller(folder: Path, **rules: object) -> None:
    brief = yaml.safe_load((folder / "brief.yaml").read_text(encoding="utf-8"))
    brief["sites"]["every_km"] = 8
    brief["use"] = ["camera-thermal", "acoustic-artillery", "ground-radar", "uav", "satellite-fire"]
    brief["rules"] |= rules
    (folder / "brief.yaml").write_text(yaml.safe_dump(brief), encoding="utf-8")


def test_a_plan_is_made_solved_and_compared(teisen: Shell, tmp_path: Path) -> None:
    (tmp_path / "line.geojson").write_text(LINE, encoding="utf-8")
    folder = tmp_path / "border"
    made = teisen.json("plan", "new", folder, "--line", tmp_path / "line.geojson", "--agreement", "minsk-2015")
    assert made["parties"] == ["party-a", "party-b"]
    assert 35 < made["line_km"] < 42
    smaller(folder, budget=1_500_000, effort_share=1.0)
    told = teisen.json("plan", "solve", folder, "--budgets", "500000,2e6", "--refused", "--vary")
    plan = Plan.model_validate_json((folder / "plan.json").read_bytes())
    assert told["sha256"] == plan.sha256
    assert plan.agreement is not None
    assert plan.agreement.name == "minsk-2015"
    assert plan.bound is not None
    assert 0.9 * plan.bound.bound < plan.bound.value <= plan.bound.bound + 1e-6
    assert sum(one.cost * one.number for one in plan.placement) <= 1_500_000
    assert {(one.kind, one.window_h) for one in plan.promises} >= {("shelling", 1.0), ("weapon-presence", 168.0)}
    assert all(0 <= one.least <= one.mean <= 1 and one.by_two <= one.mean for one in plan.promises)
    assert plan.assumptions
    assert all(one.basis in ("background", "assumed") for one in plan.assumptions)
    low, high = told["frontier"]
    assert low["value"] < high["value"] <= high["bound"] + 1e-6
    values = {row["refused"]: row["value"] for row in told["refusals"] if row["kind"] == ""}
    assert values["party-a,party-b"] < min(values["party-a"], values["party-b"]) < values[""]
    points = json.loads((folder / "placement.geojson").read_text(encoding="utf-8"))["features"]
    assert len(points) == sum(one.lon is not None for one in plan.placement) > 0

    again = teisen.json("plan", "solve", folder, "--vary")
    assert again["sha256"] == told["sha256"]
    compared = teisen.json("plan", "compare", folder, folder / "plan.json")
    assert len(compared["plans"]) == 2 * len(plan.promises)
    assert {one["of"] for one in compared["margins"]} == {"budget", "site"}
    assert (folder / "sites.csv").is_file()
    code, said, _ = teisen("plan", "compare", folder)
    assert code == 0
    assert "Artillery, mortar or rocket fire, 24 h" in said
    assert "budget: one more is worth" in said
    for language, told in (("ja", "人員"), ("uk", "мільйон"), ("ru", "миллион")):
        code, said, _ = teisen("plan", "compare", folder, "--language", language)
        assert code == 0
        assert told in said


def test_plans_of_one_id_are_told_apart_by_number_version_and_file(teisen: Shell, tmp_path: Path) -> None:
    long = "a-name-of-sixteen-letters-and-more"
    paths = [tmp_path / f"{n}.json" for n in range(4)]
    documents = (made_up(), made_up(version=2), made_up(id=f"{long}-east"), made_up(id=f"{long}-west"))
    for path, document in zip(paths, documents, strict=True):
        path.write_bytes(document.canonical())
    code, said, _ = teisen("plan", "compare", paths[0], paths[1])
    assert code == 0
    first, second, heads = said.splitlines()[:3]
    assert "line-plan, version 1" in first
    assert first.endswith(str(paths[0]))
    assert "line-plan, version 2" in second
    assert second.endswith(str(paths[1]))
    assert heads.split() == ["1", "2"]
    assert teisen("plan", "compare", paths[2], paths[3])[1].splitlines()[2].split() == ["1", "2"]
    assert teisen("plan", "compare", paths[0], paths[2])[1].splitlines()[0].split() == ["line-plan", long[:16]]
    rows = teisen.json("plan", "compare", *paths[:2])["plans"]
    assert [row["file"] for row in rows] == [str(paths[0])] * 2 + [str(paths[1])] * 2


def test_what_a_user_does_wrong_is_said(teisen: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "one"
    assert teisen("plan", "new", folder)[0] == 2
    assert teisen("plan", "new", folder, "--km", 40)[0] == 0
    code, _, told = teisen("plan", "new", folder, "--km", 40)
    assert code == 2
    assert "not empty" in told
    brief = yaml.safe_load((folder / "brief.yaml").read_text(encoding="utf-8"))
    for change, says in (
        ({"use": ["telescope"]}, "no sensor 'telescope'"),
        ({"season": "monsoon"}, "no season 'monsoon'"),
        ({"sensors": "mine"}, "no such sensor catalogue"),
        ({"line": {"file": "none.geojson"}}, "cannot be read"),
        ({"take": [{"sensor": "post", "number": 3}], "sites": {"depths_km": [25]}}, "no site"),
        ({"budget": 3}, "not known here"),
        ({"use": ["aerostat"], "sites": {"depths_km": [1]}}, "no sensor may stand"),
    ):
        (folder / "brief.yaml").write_text(yaml.safe_dump(brief | change), encoding="utf-8")
        code, out, told = teisen("plan", "solve", folder)
        assert (code, out) == (2, "")
        assert says in told
    (folder / "plan.json").write_text("{", encoding="utf-8")
    assert "no JSON" in teisen("plan", "compare", folder)[2]


def test_the_line_may_come_from_a_case(teisen: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEISEN_DATA", str(tmp_path / "absent"))
    case = tmp_path / "case"
    teisen.json("simulate", "liars", "--out", case, "--days", 2)
    code, _, told = teisen("plan", "new", tmp_path / "none", "--case", case)
    assert code == 2
    assert "no line of contact" in told
    teisen.json("ingest", "--all", "-c", case)
    teisen.json("derive", "-c", case)
    made = teisen.json("plan", "new", tmp_path / "plan", "--case", case)
    assert made["line_km"] > 50
    assert (tmp_path / "plan" / "line.geojson").is_file()


def test_a_given_placement_is_judged_as_it_is(teisen: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "given"
    teisen("plan", "new", folder, "--km", 60)
    brief = yaml.safe_load((folder / "brief.yaml").read_text(encoding="utf-8"))
    taken = [{"sensor": "post", "number": 5}, {"sensor": "patrol", "number": 4, "depth_km": 12}]
    (folder / "brief.yaml").write_text(yaml.safe_dump(brief | {"take": taken}), encoding="utf-8")
    plan = Plan.model_validate(teisen.json("plan", "solve", folder)["plan"])
    counts = {name: sum(one.number for one in plan.placement if one.sensor == name) for name in ("post", "patrol")}
    assert counts == {"post": 5, "patrol": 4}
    assert len({one.site_id for one in plan.placement}) == 9
    assert {one.side for one in plan.placement} == {"party-a", "party-b"}


def test_hills_hide_from_sight_and_not_from_hearing(teisen: Shell, tmp_path: Path) -> None:
    """A made-up raster of heights, a ridge every 3 km: cameras lose what lies behind, acoustic arrays nothing."""
    rasterio = pytest.importorskip("rasterio")
    (tmp_path / "line.geojson").write_text(LINE, encoding="utf-8")
    folder = tmp_path / "hills"
    teisen("plan", "new", folder, "--line", tmp_path / "line.geojson")
    heights = np.zeros((220, 320), np.float32)
    heights[:, ::10] = 150
    heights[::8, :] = 150
    of = {"driver": "GTiff", "width": 320, "height": 220, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    with rasterio.open(
        folder / "heights.tif", "w", **of, transform=rasterio.Affine(0.005, 0, 29.5, 0, -0.005, 50.6)
    ) as out:
        out.write(heights, 1)
    brief = yaml.safe_load((folder / "brief.yaml").read_text(encoding="utf-8"))
    brief |= {"use": ["camera-thermal", "acoustic-artillery"], "step_km": 2, "sites": {"every_km": 8, "depths_km": [1]}}
    seen: dict[tuple[str, bool], float] = {}
    for sensor in brief["use"]:
        for hilly in (False, True):
            sites = brief["sites"] | ({"terrain": "heights.tif"} if hilly else {})
            asked = brief | {"sites": sites, "take": [{"sensor": sensor, "number": 10}]}
            (folder / "brief.yaml").write_text(yaml.safe_dump(asked), encoding="utf-8")
            plan = Plan.model_validate(teisen.json("plan", "solve", folder)["plan"])
            day = {one.kind: one.mean for one in plan.promises if one.window_h == 24}
            seen[sensor, hilly] = day["small-arms-fire"]
    assert 0 < seen["camera-thermal", True] < 0.8 * seen["camera-thermal", False]
    assert seen["acoustic-artillery", True] == seen["acoustic-artillery", False] > 0
    (folder / "heights.tif").write_text("no raster", encoding="utf-8")
    code, _, told = teisen("plan", "solve", folder)
    assert code == 2
    assert "heights.tif" in told


SEA = '{"type": "Polygon", "coordinates": [[[30.0, 44.0], [31.0, 44.0], [31.0, 45.0], [30.0, 45.0], [30.0, 44.0]]]}'


def test_a_plan_of_the_sea_alone_is_made_and_solved_and_has_no_patrols(teisen: Shell, tmp_path: Path) -> None:
    (tmp_path / "sea.geojson").write_text(SEA, encoding="utf-8")
    folder = tmp_path / "sea"
    assert teisen.json("plan", "new", folder, "--sea", tmp_path / "sea.geojson", "--budget", "3e6")["line_km"] == 0
    brief = yaml.safe_load((folder / "brief.yaml").read_text(encoding="utf-8"))
    brief |= {"step_km": 10, "sites": {"every_km": 20}}
    (folder / "brief.yaml").write_text(yaml.safe_dump(brief), encoding="utf-8")
    told = teisen.json("plan", "solve", folder, "--refused")
    plan = Plan.model_validate(told["plan"])
    assert plan.line_km == 0
    assert plan.sectors == 4
    assert plan.line.name == "sea.geojson"
    assert {one.kind for one in plan.promises} == {"naval-force"}
    assert plan.promises[1].mean > 0.2
    assert plan.placement
    assert "sea alone" in teisen("plan", "solve", folder)[1]
    code, _, said = teisen("plan", "patrol", folder)
    assert code == 2
    assert "sea alone" in said
    (folder / "brief.yaml").write_text(yaml.safe_dump(brief | {"watched": [{"kind": "shelling"}]}), encoding="utf-8")
    code, _, said = teisen("plan", "solve", folder)
    assert code == 2
    assert "only naval-force" in said
