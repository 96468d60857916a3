"""Places of mapped tables: by the names of towns, and as shapes."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import polars as pl
import pytest

from teisen.errors import BadInput
from teisen.sources.mapping import parse_mapping
from teisen.sources.readers.table import READER
from tests.builders import SCOPE, source_file
from tests.sources.damage import reasons
from tests.sources.places import EAST, WEST, ground
from tests.sources.test_table import MAPPING, read, table

BY_NAME = """\
format: teisen-table/1
fills: observation
zone: Europe/Kyiv
fields:
  start: when
  place: {column: where, apart: ";"}
  kind: {constant: explosion}
"""


def test_a_place_by_its_name_lies_where_the_names_have_it() -> None:
    seen = read("when,where\n2025-04-13 10:15,eastern city \n2025-04-13 11:15,\n", BY_NAME)
    named, nowhere = seen.table("observation").sort("start").to_dicts()
    assert (named["lon"], named["lat"], named["place_error_m"], named["area_id"]) == (34.8, 50.9, 3000, EAST)
    assert (named["place_name"], named["flags"]) == ("eastern city", [])
    assert (nowhere["lon"], nowhere["area_id"], nowhere["flags"]) == (None, None, ["no_place"])
    own = BY_NAME + "  place_error_m: {constant: 700}\n  place_name: {constant: the market}\n"
    (row,) = read("when,where\n2025-04-13 10:15,Eastern City\n", own).table("observation").to_dicts()
    assert (row["lon"], row["place_error_m"], row["place_name"]) == (34.8, 700, "the market")


def test_a_cell_with_several_places_is_a_row_for_each_and_one_that_is_unknown_is_told() -> None:
    content = "when,where\n2025-04-13 10:15,Eastern City; Esatern City;Eastern City;Twice\n2019-01-01 10:15,Nowhere\n"
    seen = read(content, BY_NAME)
    assert seen.table("observation")["place_name"].to_list() == ["Eastern City"]
    aside = seen.table("set_aside")
    assert set(aside["row"]) == {1}
    assert set(aside["column"]) == {"where"}
    assert sorted(aside["what"]) == [
        "'Esatern City' names no known place; closest: eastern city",
        "'Twice' names places far from each other",
    ]
    assert seen.out_of_scope == 1


def test_the_area_beside_a_name_says_which_of_several_places_is_meant() -> None:
    mapping = BY_NAME.replace('{column: where, apart: ";"}', "where") + "  area: region\n"
    content = (
        "when,where,region\n"
        "2025-04-13 01:15,Twice,East oblast\n"
        "2025-04-13 02:15,Twice,XX-W\n"
        "2025-04-13 03:15,Eastern City,\n"
        "2025-04-13 04:15,,West oblast\n"
        "2025-04-13 05:15,Twice,\n"
        "2025-04-13 06:15,Eastern City,West oblast\n"
    )
    seen = read(content, mapping)
    rows = seen.table("observation").sort("start").select("lon", "area_id", "place_name").rows()
    assert rows == [(34.5, EAST, "Twice"), (25.5, WEST, "Twice"), (34.8, EAST, "Eastern City"), (None, WEST, None)]
    assert dict(seen.table("set_aside").select("row", "what").iter_rows()) == {
        5: "'Twice' names places far from each other",
        6: "'Eastern City' names a place, but none in 'XX-W'",
    }


def test_a_place_of_which_no_area_is_known_lies_in_those_that_hold_it() -> None:
    known = ground()
    known = replace(known, names=known.names.with_columns(area_id=pl.when(pl.col("lon").is_null()).then("area_id")))
    mapping = BY_NAME.replace('{column: where, apart: ";"}', "where") + "  area: region\n"
    text = "when,where,region\n2025-04-13 01:15,Twice,XX-E\n2025-04-13 02:15,Eastern City,XX-W\n"
    seen = READER.read(source_file(text), table(mapping), known, SCOPE)
    assert seen.table("observation").select("lon", "area_id").rows() == [(34.5, EAST)]
    assert seen.table("set_aside")["row"].to_list() == [2]


@pytest.mark.parametrize(
    ("was", "becomes", "what"),
    [
        ('place: {column: where, apart: ";"}', "lon: x\n  lat: y\n  place: where", "give one of lon and lat"),
        (
            "kind: {constant: explosion}",
            "kind: {column: what, apart: ','}",
            "`apart` is for place, area or kind, one of them",
        ),
        ('apart: ";"', 'apart: ""', "at least 1 character"),
    ],
)
def test_a_mapping_that_tells_places_twice_or_parts_other_fields_is_refused(was: str, becomes: str, what: str) -> None:
    with pytest.raises(BadInput, match=what):
        parse_mapping(BY_NAME.replace(was, becomes), "mapping.yaml")


def test_exposure_and_allegations_may_name_their_place_too() -> None:
    watched = """\
format: teisen-table/1
fills: exposure
fields: {start: when, place: where, radius_m: {constant: 2000}, kind: {constant: explosion}, p_detect: {constant: 0.5}}
"""
    (row,) = read("when,where\n2025-04-13,Eastern City\n", watched).table("exposure").to_dicts()
    assert (row["lon"], row["lat"], row["radius_m"], row["p_detect"]) == (34.8, 50.9, 2000, 0.5)
    alleged = """\
format: teisen-table/1
fills: allegation
fields: {stated: said, start: when, place: where, kind: {constant: shelling}}
"""
    seen = read("said,when,where\n2025-04-14,2025-04-13,Eastern City\n", alleged, reported_by="party-a")
    (row,) = seen.table("allegation").to_dicts()
    assert (row["lon"], row["lat"], row["place_error_m"], row["place_name"]) == (34.8, 50.9, 3000, "Eastern City")


def test_a_shape_is_its_middle_with_its_width_as_error() -> None:
    square = {"type": "Polygon", "coordinates": [[[34, 50], [35, 50], [35, 51], [34, 51], [34, 50]]]}
    feature = {"type": "Feature", "properties": {"when": "2025-04-13", "what": "fire"}, "geometry": square}
    mapping = re.sub("  (native_id|lon|lat): .*\n", "", MAPPING)
    seen = read(json.dumps({"type": "FeatureCollection", "features": [feature]}), mapping).table("observation")
    assert seen.select("lon", "lat").row(0) == (34.5, 50.5)
    assert 35_000 < seen["place_error_m"].item() < 45_000


def test_a_shape_drawn_across_the_180th_meridian_the_long_way_round_is_set_aside_and_one_cut_there_has_its_middle() -> (
    None
):
    ring = [[179.0, 50.0], [-178.8, 50.0], [-178.8, 50.4], [179.0, 50.4], [179.0, 50.0]]
    east = [[[179.0, 50.0], [180.0, 50.0], [180.0, 50.4], [179.0, 50.4], [179.0, 50.0]]]
    west = [[[-180.0, 50.0], [-178.8, 50.0], [-178.8, 50.4], [-180.0, 50.4], [-180.0, 50.0]]]
    shapes = [
        {"type": "Polygon", "coordinates": [ring]},
        {"type": "MultiPolygon", "coordinates": [east, west]},
        {"type": "LineString", "coordinates": [[179.0, 50.0], [-178.8, 50.4]]},
    ]
    features = [
        {"type": "Feature", "properties": {"when": "2025-04-13", "what": f"fire {n}"}, "geometry": shape}
        for n, shape in enumerate(shapes)
    ]
    mapping = MAPPING.replace("  native_id: id\n", "").replace("  lon: x\n  lat: y\n", "")
    mapping = mapping.replace("{column: what, values: {boom: explosion, fire: fire}}", "{constant: fire}")
    mapping += "  text: what\n"
    text = json.dumps({"type": "FeatureCollection", "features": features})
    intake = READER.read(source_file(text), table(mapping), ground(), replace(SCOPE, west=-180.0, east=180.0))
    assert reasons(intake) == dict.fromkeys(
        (1, 3), ("geometry", "it seems to cross the 180th meridian the long way round")
    )
    (seen,) = intake.table("observation").to_dicts()
    assert (seen["lon"], seen["lat"]) == pytest.approx((-179.9, 50.2))
    assert seen["place_error_m"] == pytest.approx(46_700, rel=0.01)


@pytest.mark.parametrize("label", ["town", "area_id", "away_m", "kinds"])
def test_a_part_of_a_quantity_may_have_any_label(label: str) -> None:
    mapping = (
        "format: teisen-table/1\nfills: allegation\nfields:\n  stated: when\n  start: when\n  place: where\n"
        "  quantity: n\n  unit: {constant: deaths}\n"
        f"components: [{{label: {label}, column: n, unit: deaths}}]\n"
    )
    seen = read("when,where,n\n2025-04-13 10:15,Eastern City,3\n2025-04-13 11:15,Eastern City,x\n", mapping,
                reported_by="party-a")  # fmt: skip
    (row,) = seen.table("allegation").to_dicts()
    assert row["components"] == [{"label": label, "quantity": 3.0, "unit": "deaths"}]
    assert set(seen.table("set_aside")["column"]) == {"n"}


def test_names_of_which_many_stand_for_several_places_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def near(name: str, *_: object, **__: object) -> list[str]:
        looked.append(name)
        return []

    monkeypatch.setattr("teisen.sources.places.difflib.get_close_matches", near)
    mapping = BY_NAME.replace('{column: where, apart: ";"}', "where") + "  area: region\n"
    content = "when,where,region\n" + "".join(
        f"2025-04-13 10:{n:02},{name},{area}\n"
        for n, (name, area) in enumerate([("Twice", ""), ("Nowhere", "East oblast"), ("Nowhere", "West oblast")])
    )
    assert read(content, mapping).table("set_aside").height == 3
    assert looked == ["nowhere"]
