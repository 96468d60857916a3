"""The map's data: a small base map clipped to a box, contested borders apart, and columns of what is released."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest
import shapely

from teisen.case import MapEntry
from teisen.server import State, View
from teisen.server.map import base_map, box_of, incident_columns, line, picture, regions
from teisen.server.map.base import SOURCED, wider
from teisen.server.map.layers import in_order

BOX = (21.5, 43.5, 43.0, 54.0)


@pytest.fixture
def view(folder: Path) -> View:
    return State.of(folder).view("public")


def layers(box: tuple[float, float, float, float], policy: MapEntry = SOURCED) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = {}
    for feature in base_map(box, policy)["features"]:
        found.setdefault(feature["properties"]["layer"], []).append(feature)
    return found


def test_the_base_map_of_a_country_is_small_and_within_its_box() -> None:
    assert len(json.dumps(base_map(BOX), separators=(",", ":"), ensure_ascii=False).encode()) < 600_000
    west, south, east, north = wider(BOX)
    for town in layers(BOX)["town"]:
        x, y = town["geometry"]["coordinates"]  # type: ignore[index]
        assert west <= x <= east
        assert south <= y <= north


def test_a_border_on_which_sources_differ_is_a_layer_of_its_own() -> None:
    crimea = layers((32.0, 44.0, 37.0, 46.5))
    assert crimea["contested"]
    assert "contested" not in layers((9.0, 47.0, 10.0, 48.0))


def length(found: dict[str, list[dict[str, object]]], layer: str) -> float:
    return sum(shapely.geometry.shape(one["geometry"]).length for one in found.get(layer, []))


def test_a_case_says_how_borders_are_drawn() -> None:
    box = (32.0, 44.0, 37.0, 46.5)
    plain = layers(box)
    every = length(plain, "border") + length(plain, "contested")
    dashed = layers(box, MapEntry(borders="contested"))
    assert "border" not in dashed
    assert length(dashed, "contested") == pytest.approx(every)
    assert not {"border", "contested"} & set(layers(box, MapEntry(borders="none")))
    whole = layers(box, MapEntry(contested=((-180.0, -90.0, 180.0, 90.0),)))
    assert "border" not in whole
    half = layers(box, MapEntry(contested=((30.0, 46.0, 45.0, 60.0),)))
    assert length(plain, "contested") < length(half, "contested") < every
    assert length(half, "border") + length(half, "contested") == pytest.approx(every, rel=1e-3)


def test_a_case_says_which_names_of_towns_are_drawn(view: View) -> None:
    box = (30.0, 50.0, 31.0, 51.0)
    both, reader, local = (layers(box, MapEntry(names=names))["town"] for names in ("both", "reader", "local"))
    assert [set(one["properties"]) & {"local", "ja"} for one in (both[0], reader[0], local[0])] == [
        {"local", "ja"},
        {"ja"},
        set(),
    ]
    assert local[0]["properties"]["en"] == both[0]["properties"]["local"]
    assert "town" not in layers(box, MapEntry(names="none"))
    day = view.about.first
    unnamed = replace(view, case=view.case.model_copy(update={"map": MapEntry(names="none", borders="contested")}))
    assert ("<text" in picture(view, day), "<text" in picture(unnamed, day)) == (True, False)


def test_a_box_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="west, south, east, north"):
        MapEntry(contested=((20.0, 0.0, 10.0, 5.0),))


def test_towns_carry_names_in_four_languages_and_those_spoken_there() -> None:
    names = {t["properties"]["en"]: t["properties"] for t in layers(BOX)["town"]}  # type: ignore[index]
    kyiv = names["Kyiv"]
    assert (kyiv["uk"], kyiv["ru"], kyiv["ja"], kyiv["local"]) == ("Київ", "Киев", "キーウ", "Київ / Киев")


def test_columns_are_what_is_released_numbered_by_start_and_id(view: View) -> None:
    columns, rows = incident_columns(view), in_order(view)
    assert columns["n"] == [n for n, lon in enumerate(rows["lon"]) if lon is not None]
    for place, n in enumerate(columns["n"]):
        assert columns["x"][place] == round(rows["lon"][n] * 1e4)
        assert columns["kinds"][columns["k"][place]] == rows["kind"][n]
        assert columns["p"][place] == round(rows["p_conflict"][n] * 100)


def test_a_case_without_a_box_is_shown_by_its_areas(view: View) -> None:
    assert box_of(view) == (29.0, 49.0, 32.0, 52.0)
    assert {f["properties"]["id"] for f in regions(view, date(2025, 4, 19))["features"]} == {"R-1", "R-2"}
    assert line(view, date(2025, 4, 19))["features"] == []


def test_the_picture_is_sound_xml_without_anything_to_load(view: View) -> None:
    drawn = picture(view, date(2025, 4, 19), "ja")
    root = ElementTree.fromstring(drawn)  # noqa: S314  made by this test's own code
    assert root.tag.endswith("svg")
    assert not [one for one in root.iter() if one.tag.rpartition("}")[2] in {"script", "style", "image", "use"}]


def across(view: View) -> View:
    """The view of the case moved by 149.5 degrees, so that its second region is cut at the 180th meridian."""

    def moved(shape: shapely.Geometry) -> shapely.Geometry:
        east = shapely.transform(shape, lambda at: at + np.array([149.5, 0.0]))
        far = shapely.intersection(east, shapely.box(180, -90, 360, 90))
        near = shapely.intersection(east, shapely.box(0, -90, 180, 90))
        return shapely.union_all([near, shapely.transform(far, lambda at: at - np.array([360.0, 0.0]))])

    areas = view.table("area")
    shapes = shapely.to_wkb([moved(one) for one in shapely.from_wkb(areas["geometry"].to_list())])
    lon = (pl.col("lon") + 149.5 + 180) % 360 - 180
    tables = dict(view.tables) | {
        "area": areas.with_columns(geometry=pl.Series(list(shapes), dtype=pl.Binary)),
        "incident": view.table("incident").with_columns(lon=lon),
    }
    released = replace(view.released, tables=tables)
    return replace(view, released=released, about=replace(view.about, box=(-180.0, 49.0, 180.0, 52.0)))


def test_a_case_across_the_180th_meridian_is_fitted_and_not_the_whole_globe(view: View) -> None:
    there = across(view)
    west, south, east, north = box_of(there)
    assert (south, north) == (49.0, 52.0)
    assert 179 < west < 180 < east < 182
    whole = replace(view, about=replace(view.about, box=(-180.0, 49.0, 180.0, 52.0)))
    assert box_of(whole) == (-180.0, 49.0, 180.0, 52.0)


def test_the_ground_on_both_sides_of_the_180th_meridian_is_land_where_land_is() -> None:
    box = (170.0, 60.0, 195.0, 72.0)
    land = shapely.union_all(
        [shapely.geometry.shape(feature["geometry"]) for feature in layers(box)["land"]]  # type: ignore[arg-type]
    )
    assert land.is_valid
    for lon, lat, dry in ((176, 67, True), (-177, 67, True), (179, 71, True), (-176, 63, False), (178, 70.3, False)):
        assert land.contains(shapely.Point(lon, lat)) == dry, (lon, lat)
    names = {feature["properties"]["en"] for feature in layers(box)["town"]}  # type: ignore[index]
    assert "Anadyr" in names
    assert wider(box)[2] > 195


def test_the_picture_across_the_180th_meridian_has_every_incident_in_it(view: View) -> None:
    day = date(2025, 4, 19)
    assert box_of(across(view))[2] > 180
    here, there = (re.findall(r"translate\(([-\d.]+) ([-\d.]+)\)", picture(v, day)) for v in (view, across(view)))
    assert here
    assert len(here) == len(there)
    assert all(0 < float(x) < 960 and 0 < float(y) < 540 for x, y in there)
