"""Weights of the line: from the brief, from tables, from a forecast; and what they do to a placement."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from teisen.errors import BadInput
from teisen.planning import load_catalogue, made_line, setting
from teisen.planning.ground import track
from teisen.planning.risk import Risk, weights
from teisen.planning.solve import find, plan_of
from tests.planning.watch import brief

ON = track(made_line(40), 10)


def told(tmp_path: Path, **said: object) -> list[float]:
    return weights(Risk.model_validate(said), ON, lambda name: (tmp_path / name).read_text(), "brief.yaml")[
        "weight"
    ].to_list()


def test_sectors_kilometres_and_tables_say_the_same(tmp_path: Path) -> None:
    by_sector = told(tmp_path, sectors={ON.sector_ids[1]: 5.0})
    assert by_sector == pytest.approx([0.5, 2.5, 0.5, 0.5], rel=1e-3)
    assert told(tmp_path, km=[{"from_km": 10, "to_km": 20, "weight": 5}]) == pytest.approx(by_sector, rel=1e-2)
    (tmp_path / "km.csv").write_text("from_km,to_km,weight\n10,20,5\n")
    (tmp_path / "sectors.csv").write_text(f"sector_id,weight\n{ON.sector_ids[1]},5\n")
    assert told(tmp_path, file="km.csv") == pytest.approx(by_sector, rel=1e-2)
    assert told(tmp_path, file="sectors.csv") == by_sector


def test_a_forecast_is_spread_over_the_line_in_its_area_and_leaves_no_sector_out(tmp_path: Path) -> None:
    middle = ON.place(np.array([20_000.0]), 0.0)[0][0]
    features = [
        {"type": "Feature", "properties": {"area_id": name},
         "geometry": {"type": "Polygon", "coordinates": [[[w, 40], [e, 40], [e, 56], [w, 56], [w, 40]]]}}
        for name, w, e in (("west", -10, middle), ("east", middle, 10))
    ]  # fmt: skip
    (tmp_path / "areas.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (tmp_path / "forecast.csv").write_text("area_id,start,expected\nwest,1,2\nwest,2,4\neast,1,0\n")
    west, _, _, east = told(tmp_path, forecast="forecast.csv", areas="areas.geojson")
    assert east == pytest.approx(west / 20, rel=0.01)
    assert east > 0
    (tmp_path / "forecast.csv").write_text("area_id,expected\nnorth,2\n")
    with pytest.raises(BadInput, match="nothing is expected"):
        told(tmp_path, forecast="forecast.csv", areas="areas.geojson")


def test_sensors_go_where_more_is_expected_and_the_plan_names_the_weights() -> None:
    asked = brief(rules={"budget": 300_000}, risk={"sectors": {ON.sector_ids[3]: 50.0}})
    assert asked.risk is not None
    risk = weights(asked.risk, ON, str, "brief.yaml")
    spent = []
    for given in (None, risk):
        here = setting(asked, made_line(40), *load_catalogue(), risk=given)
        number, proof = find(here)
        plan = plan_of(here, number, proof)
        assert [one.name for one in plan.ground] == ([] if given is None else ["risk"])
        spent.append(sum(one.cost * one.number for one in plan.placement if one.sector_id == ON.sector_ids[3]))
    assert spent[1] > spent[0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sector_id,weight\nnowhere,2\n", "no sector 'nowhere'"),
        ("from_km,to_km,weight\n0,10,-1\n", "line 2"),
        ("from_km,to_km,weight\n0,10,2\n5,12,3\n", "overlap"),
        ("from_km,to_km,weight\n90,95,2\n", "the line ends at km 40.0"),
        ("km,weight\n0,1\n", "columns are missing"),
    ],
)
def test_wrong_tables_are_told(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "risk.csv").write_text(text)
    with pytest.raises(BadInput) as told_wrong:
        told(tmp_path, file="risk.csv")
    assert says in str(told_wrong.value)


def test_a_brief_says_one_thing() -> None:
    with pytest.raises(ValueError, match="give one of"):
        Risk.model_validate({"sectors": {"a": 1}, "file": "b.csv"})
