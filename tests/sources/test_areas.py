from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import shapely

from teisen.errors import BadInput
from teisen.library import library
from teisen.sources import Ground, Intake
from teisen.sources.profiles import load_profile, profiles
from teisen.sources.readers import reader, readers
from teisen.sources.readers.areas import READER
from tests.builders import SCOPE, source
from tests.sources.damage import reasons, take

SQUARE = [[[30, 50], [32, 50], [32, 52], [30, 52], [30, 50]]]
NEXT = [[[32, 50], [34, 50], [34, 52], [32, 52], [32, 50]]]


def feature(code: str, rings: Any = None, kind: str = "Polygon", **properties: Any) -> dict[str, Any]:
    geometry = {"type": kind, "coordinates": rings or SQUARE}
    return {"type": "Feature", "properties": {"code": code, "title": f"Land {code}"} | properties, "geometry": geometry}


def collection(*features: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features})


def read(content: str | bytes, **options: Any) -> Intake:
    src = source("land", "areas", options={"id": "code", "name": "title", "level": "region"} | options)
    return take(READER, src, content, Ground(), "land.geojson")


def test_a_feature_becomes_an_area_and_its_names() -> None:
    intake = read(collection(feature("A", local="Ланд")), aliases={"local": "uk"}, ids={"A": "XX-A"}, approximate=True)
    area = intake.table("area").row(0, named=True)
    assert (area["area_id"], area["level"], area["name"], area["approximate"]) == ("XX-A", "region", "Land A", True)
    assert shapely.from_wkb(area["geometry"]).bounds == (30, 50, 32, 52)
    names = intake.table("name").select("name", "language", "area_id").rows()
    assert names == [("Land A", "en", "XX-A"), ("Ланд", "uk", "XX-A")]
    assert intake.table("set_aside").is_empty()


def test_a_gzipped_file_reads_the_same() -> None:
    text = collection(feature("A"))
    plain, packed = read(text).table("area"), read(gzip.compress(text.encode())).table("area")
    assert plain.drop("blob").equals(packed.drop("blob"))


def test_only_the_ids_asked_for_are_kept() -> None:
    intake = read(collection(feature("A"), feature("B", NEXT)), keep=["B"])
    assert intake.table("area")["area_id"].to_list() == ["B"]


def test_neighbours_keep_their_border_when_simplified() -> None:
    jagged = [[32, 50 + n / 10] for n in range(21)]
    for n in range(1, 20, 2):
        jagged[n][0] += 0.001
    west = [[[30, 50], *jagged, [30, 52], [30, 50]]]
    east = [[*jagged, [34, 52], [34, 50], [32, 50]]]
    shapes = shapely.from_wkb(
        read(collection(feature("A", west), feature("B", east)), simplify_m=3000).table("area")["geometry"].to_list()
    )
    assert max(shapely.get_num_coordinates(shapes)) < 12
    assert shapely.area(shapely.intersection(*shapes)) == 0
    assert shapely.union_all(shapes).geom_type == "Polygon"


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (feature("", SQUARE), "empty"),
        (feature("B", [[[30, 50], [32, 50]]]), "not readable"),
        (feature("B", [30, 50], kind="Point"), "Point"),
        (feature("B", [[[300, 50], [301, 50], [301, 51], [300, 50]]]), "no degrees"),
        (feature("B", [[[50, 30], [50, 32], [52, 32], [50, 30]]]), "exchanged"),
        (feature("B", [[[30, 50], [31, 50], [30, 50], [30, 50]]]), "no area"),
        ({"type": "Feature", "properties": {"code": "B", "title": "B"}, "geometry": None}, "empty"),
        (feature("B", [[[179.6, 50], [-179.6, 50], [-179.6, 51], [179.6, 51], [179.6, 50]]]), "180th meridian"),
        (feature("A"), "already"),
        ("feature", "empty"),
    ],
)
def test_a_broken_feature_is_set_aside_and_the_rest_kept(broken: Any, says: str) -> None:
    intake = read(collection(feature("A"), broken, feature("C", NEXT)))
    assert intake.table("area")["area_id"].to_list() == ["A", "C"]
    assert list(reasons(intake)) == [2]
    assert says in reasons(intake)[2][1]


def test_a_ring_that_crosses_itself_is_mended() -> None:
    bow = [[[30, 50], [32, 52], [32, 50], [30, 52], [30, 50]]]
    shape = shapely.from_wkb(read(collection(feature("A", bow))).table("area")["geometry"][0])
    assert shape.is_valid
    assert shape.area == pytest.approx(2)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (collection(feature("A"))[:-20], "not readable as JSON"),
        (gzip.compress(collection(feature("A")).encode())[:-12], "breaks off"),
        (collection(feature("Я")).encode("utf-16"), "not UTF-8"),
        ("[]", "no list of features"),
        ('{"features": [], "crs": {"properties": {"name": "EPSG:3857"}}}', "EPSG:3857"),
        ("", "not readable as JSON"),
    ],
)
def test_a_file_that_is_unreadable_as_a_whole_is_refused(content: str | bytes, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        read(content)


def test_a_misspelt_option_is_named_with_the_right_one() -> None:
    with pytest.raises(BadInput, match="Write `level:`"):
        take(READER, source("land", options={"id": "a", "name": "b", "lewel": "region"}), "{}", Ground())


def test_readers_and_profiles_are_found_by_name() -> None:
    assert {"areas", "names", "sites", "control", "weather"} <= set(readers())
    assert reader("areas") is READER
    with pytest.raises(BadInput, match="areas"):
        reader("aeras")
    with pytest.raises(BadInput, match="natural-earth"):
        load_profile("natural-erth")
    assert [load_profile(name).id for name in profiles()] == list(profiles())


def shipped() -> Intake:
    options = {"id": "id", "name": "name", "level": "region", "aliases": {"name_ru": "ru", "name_uk": "uk"}}
    content = (library("cases") / "ground" / "regions.geojson").read_bytes()
    return take(READER, source("near", "areas", options=options), content, Ground())


def test_shipped_regions_do_not_overlap_and_hold_no_contested_area() -> None:
    intake = shipped()
    assert intake.table("set_aside").is_empty()
    areas = intake.table("area")
    assert not {"UA-40", "UA-43"} & set(areas["area_id"])
    shapes = shapely.from_wkb(areas["geometry"].to_list())
    assert shapely.is_valid(shapes).all()
    parts = shapely.area(shapes).sum()
    assert shapely.union_all(shapes).area == pytest.approx(parts, rel=1e-3)


def test_shipped_regions_leave_the_case_its_own(data: Path) -> None:
    own = read_own(data)
    near = shapely.union_all(shapely.from_wkb(shipped().table("area")["geometry"].to_list()))
    overlap = shapely.area(shapely.intersection(shapely.from_wkb(own["geometry"].to_list()), near)).sum()
    assert own.height == 27
    assert overlap < 0.01 * near.area


def read_own(data: Path) -> pl.DataFrame:
    content = (data / "admin_boundaries" / "geoBoundaries-UKR-ADM1_simplified.geojson.gz").read_bytes()
    return read(content, id="shapeISO", name="shapeName").table("area")


def test_expose_gives_nothing() -> None:
    assert READER.expose(source(), {}, Ground(), SCOPE).is_empty()


def run(code: str, *corners: list[float], **properties: Any) -> dict[str, Any]:
    geometry = {"type": "LineString", "coordinates": list(corners)}
    return {"type": "Feature", "properties": {"code": code, "title": f"Line {code}"} | properties, "geometry": geometry}


def test_lines_are_read_as_they_run_and_polygons_among_them_are_set_aside() -> None:
    intake = read(
        collection(run("line-2014", [30, 50], [31, 52]), feature("A"), run("dot", [30, 50], [30, 50])), level="line"
    )
    area = intake.table("area").row(0, named=True)
    assert (area["area_id"], area["level"]) == ("line-2014", "line")
    assert shapely.from_wkb(area["geometry"]).coords[:] == [(30, 50), (31, 52)]
    assert reasons(intake) == {
        2: ("geometry", "the geometry is a Polygon, not a line"),
        3: ("geometry", "the line has no length"),
    }
    assert reasons(read(collection(run("x", [30, 50], [31, 52])))) == {
        1: ("geometry", "the geometry is a LineString, not a polygon")
    }


def test_a_feature_says_from_when_to_when_it_holds_and_for_whom() -> None:
    asked = {"valid_from": "from", "valid_to": "to", "controlled_by": "who", "zone": "Europe/Paris"}
    rows = [
        feature("A", **{"from": "2015-02-15", "to": "2015-03-01T12:00Z", "who": "North"}),
        feature("A", NEXT, **{"from": "2015-03-01", "who": "party-b"}),
        feature("A", NEXT, **{"from": "2015-03-01"}),
        feature("B", **{"from": "spring"}),
        feature("C", **{"from": "2015-03-02", "to": "2015-03-01"}),
    ]
    intake = read(collection(*rows), level="zone", parties={"North": "party-a"}, **asked)
    first, second = intake.table("area").sort("row").to_dicts()
    assert first["valid_from"] == datetime(2015, 2, 14, 23, tzinfo=UTC)
    assert first["valid_to"] == datetime(2015, 3, 1, 12, tzinfo=UTC)
    assert (first["controlled_by"], second["controlled_by"], second["valid_to"]) == ("party-a", "party-b", None)
    assert reasons(intake) == {
        3: ("code", "'A' stands at feature 2 already"),
        4: ("from", "'spring' is no date"),
        5: ("to", "it ends before it begins to hold"),
    }


def test_lines_lose_details_that_are_smaller_than_asked_for() -> None:
    wriggle = run("A", [30, 50], [30.5, 50.0001], [31, 50])
    shapes = [read(collection(wriggle), level="line", simplify_m=m).table("area")["geometry"][0] for m in (0, 1000)]
    assert [len(shapely.from_wkb(shape).coords) for shape in shapes] == [3, 2]
