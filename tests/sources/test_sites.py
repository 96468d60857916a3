from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import shapely

from teisen.errors import BadInput
from teisen.library import library
from teisen.sources import Ground, Intake
from teisen.sources.readers.sites import READER
from tests.builders import source
from tests.sources.damage import reasons, take

HEAD = "code,label,fuel,mw,x,y\n"
PLANT = 'P1,Old Mill,Coal,"1,155",30.5,50.5\n'
PLAIN = {"id": "code", "name": "label", "lon": "x", "lat": "y", "target_class": "power-plant"}
LINE_HEAD = "code,kv,shape\n"
LINE = "L1,330,'LINESTRING(30 50,32 50,34 50)'\n"
LINES = {"id": "code", "geometry": "shape", "quote": "'", "target_class": "power-line", "size": "kv"}


def read(content: str | bytes, **options: Any) -> Intake:
    return take(READER, source("sites", "sites", options=options), content, Ground())


def test_a_row_becomes_a_site() -> None:
    site = read(HEAD + PLANT, **PLAIN, size="mw", size_unit="capacity_mw", place_error_m=250).table("site")
    row = site.row(0, named=True)
    assert (row["site_id"], row["target_class"], row["name"]) == ("sites:P1", "power-plant", "Old Mill")
    assert (row["lon"], row["lat"], row["place_error_m"]) == (30.5, 50.5, 250)
    assert (row["size"], row["size_unit"], row["geometry"]) == (1155, "capacity_mw", None)


def test_the_class_comes_from_a_column() -> None:
    rows = PLANT + "P2,Atom,Nuclear,1000,31,51\n"
    told = {"class_column": "fuel", "classes": {"Nuclear": "nuclear-plant"}}
    assert read(HEAD + rows, **PLAIN, **told).table("site")["target_class"].to_list() == [
        "power-plant",
        "nuclear-plant",
    ]
    only = read(HEAD + rows, **(PLAIN | {"target_class": None}), **told)
    assert only.table("site")["site_id"].to_list() == ["sites:P2"]
    assert reasons(only)[1][0] == "fuel"


def test_places_have_the_profile_s_error_unless_the_row_has_its_own() -> None:
    text = "code,label,x,y,error\nA,a,30,50,\nB,b,31,51,70\n"
    assert read(text, **PLAIN).table("site")["place_error_m"].to_list() == [1000, 1000]
    assert read(text, **PLAIN, error="error").table("site")["place_error_m"].to_list() == [1000, 70]


def test_rows_not_asked_for_and_outside_the_box_are_counted() -> None:
    rows = PLANT + "P2,Sun,Solar,1,31,51\n" + "P3,Far,Coal,1,100,51\n"
    intake = read(HEAD + rows, **PLAIN, where={"fuel": ["Coal"]})
    assert intake.table("site")["site_id"].to_list() == ["sites:P1"]
    assert (intake.out_of_scope, intake.rows_set_aside) == (2, 0)


def test_a_line_has_its_shape_and_its_middle() -> None:
    site = read(LINE_HEAD + LINE, **LINES).table("site").row(0, named=True)
    assert (site["lon"], site["lat"], site["size"]) == (32, 50, 330)
    assert shapely.from_wkb(site["geometry"]).equals(shapely.LineString([(30, 50), (32, 50), (34, 50)]))


@pytest.mark.parametrize("shape", ["LINESTRING(30 50", "POINT(30 50)", "", "LINESTRING(30 50,300 50)"])
def test_a_broken_line_is_set_aside(shape: str) -> None:
    intake = read(LINE_HEAD + LINE + f"L2,330,'{shape}'\n", **LINES)
    assert intake.table("site")["site_id"].to_list() == ["sites:L1"]
    assert reasons(intake)[2][0] == "shape"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("P2,Mill,Coal,1,,50\n", "x"),
        ("P2,Mill,Coal,1,30,166\n", "y"),
        ("P2,Mill,Coal,many,30,50\n", "mw"),
        ("P1,Other,Coal,1,30,50\n", "code"),
        (PLANT, ""),
    ],
)
def test_a_broken_row_is_set_aside(row: str, column: str) -> None:
    intake = read(HEAD + PLANT + row, **PLAIN, size="mw")
    assert intake.table("site")["name"].to_list() == ["Old Mill"]
    assert reasons(intake)[2][0] == column


def test_exchanged_columns_are_told() -> None:
    intake = read("code,label,x,y\nA,a,50,30\nB,b,51,31\n", **PLAIN)
    assert intake.table("site").is_empty()
    assert "exchanged" in reasons(intake)[1][1]


def test_an_unknown_class_is_answered_with_the_known_ones() -> None:
    with pytest.raises(BadInput, match="nuclear-plant"):
        read(HEAD + PLANT, **(PLAIN | {"target_class": "nuke"}))


def test_a_site_without_an_id_has_one_from_name_and_place() -> None:
    nameless = {key: value for key, value in PLAIN.items() if key != "id"}
    first, again = (read(HEAD + rows, **nameless).table("site")["site_id"] for rows in (PLANT, "Q,q,,,30,50\n" + PLANT))
    assert first[0] in again.to_list()


def test_shipped_sites_are_whole() -> None:
    classes = {
        name: name for name in ("refinery", "oil-storage", "pumping-station", "gas-facility", "power-plant", "port")
    }
    content = (library("cases") / "ground" / "sites.csv").read_bytes()
    intake = read(content, id="id", name="name", class_column="target_class", classes=classes, error="place_error_m")
    assert intake.rows_set_aside == 0
    assert set(intake.table("site")["target_class"]) == set(classes)
    assert intake.table("site")["place_error_m"].min() >= 2000  # type: ignore[operator]


def test_real_lines_with_their_own_quote_are_read(data: Path) -> None:
    content = (data / "energy_infrastructure" / "entsoe_gridkit_lines_UA_RU_BY_MD.csv.gz").read_bytes()
    intake = read(content, id="line_id", geometry="geometry", quote="'", target_class="power-line", size="voltage")
    assert intake.rows_set_aside == 0
    assert intake.table("site").height + intake.out_of_scope == 1530
