from __future__ import annotations

import pytest

from teisen.errors import BadInput
from teisen.library import library
from teisen.planning import load_catalogue
from teisen.planning.catalogue import UNSOURCED

TEXT = (library("sensors") / "basic.yaml").read_text(encoding="utf-8")


def test_every_figure_has_a_range_and_an_origin_that_is_marked() -> None:
    catalogue, reference = load_catalogue()
    figures = dict(catalogue.figures())
    assert len(figures) > 200
    assert all(figure.range[0] <= figure.value <= figure.range[1] for figure in figures.values())
    for path in catalogue.assumed():
        assert catalogue.origins[figures[path].origin].basis in UNSOURCED
    sourced = {path for path, one in figures.items() if catalogue.origins[one.origin].basis == "sourced"}
    assert sourced.isdisjoint(catalogue.assumed())
    assert "acoustic-drone.buy" in sourced
    assert "acoustic-drone.sees.drone-strike.reach_m" in catalogue.assumed()
    assert len(reference.sha256) == 64


def test_all_the_sensors_that_are_asked_for_are_there() -> None:
    catalogue, _ = load_catalogue()
    means = {sensor.means for sensor in catalogue.sensors}
    assert means == {"sight", "hearing", "vibration", "radar", "orbit", "signals"}
    wanted = {"patrol", "post", "camera", "camera-thermal", "acoustic-artillery", "acoustic-drone", "infrasound"}
    wanted |= {"seismic", "ground-radar", "aerostat", "uav", "satellite-optical", "satellite-radar", "satellite-fire"}
    wanted |= {"satellite-lights", "ais", "coastal-radar"}
    assert {sensor.id for sensor in catalogue.sensors} == wanted


def test_conditions_of_each_season_sum_to_one() -> None:
    catalogue, _ = load_catalogue()
    for season in catalogue.seasons.values():
        assert sum(one.share for one in season) == pytest.approx(1)


def test_a_figure_can_be_changed_by_its_path() -> None:
    catalogue, _ = load_catalogue()
    for path in ("person_cost", "post.run", "post.sees.shelling.near"):
        figure = dict(catalogue.figures())[path]
        changed = dict(catalogue.with_figure(path, figure.range[1]).figures())
        assert changed[path].value == figure.range[1]
        assert {n for n, one in changed.items() if one != dict(catalogue.figures())[n]} <= {path}


def test_a_users_own_file_is_read_and_its_mistakes_are_named() -> None:
    own, reference = load_catalogue("mine", TEXT.replace("id: basic", "id: mine"))
    assert own.id == reference.name == "mine"
    with pytest.raises(BadInput, match="outside its range"):
        load_catalogue("mine", TEXT.replace("value: 150000, range: [80000, 250000]", "value: 1, range: [2, 3]"))
    with pytest.raises(BadInput, match="not among the catalogue's origins"):
        load_catalogue("mine", TEXT.replace("origin: staff}", "origin: rumour}"))
    with pytest.raises(BadInput, match="no such sensor catalogue"):
        load_catalogue("none")
