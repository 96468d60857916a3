from __future__ import annotations

import csv
import gzip
from pathlib import Path
from typing import Any

import pytest

from teisen.errors import BadInput
from teisen.library import library
from teisen.sources import Ground, Intake
from teisen.sources.readers.names import READER
from tests.builders import source
from tests.sources.damage import reasons, take

HEAD = "name,language,area_id,lon,lat,place_error_m\n"
AREA_ROW = "East oblast,en,XX-E,,,\n"
PLACE = "Eastern City,en,XX-E,34.8,50.9,3000\n"


def read(content: str | bytes, **options: Any) -> Intake:
    return take(READER, source("names", "names", options=options), content, Ground())


def shipped() -> Ground:
    names = read((library("cases") / "ground" / "names.csv").read_bytes())
    assert names.table("set_aside").is_empty()
    return Ground(names=names.table("name"))


def test_areas_and_places_are_told_apart() -> None:
    ground = Ground(names=read(HEAD + AREA_ROW + PLACE).table("name"))
    assert ground.area_by_name == {"east oblast": "XX-E"}
    assert ground.names.filter(name="Eastern City").select("lon", "lat", "place_error_m").row(0) == (34.8, 50.9, 3000)


def test_names_may_stand_in_several_columns_and_ids_in_another_form() -> None:
    text = "id,one,two\nXX07,Northia,Норція\nXX7,Southia,Південь\n"
    form = {"match": r"^XX(\d\d)$", "write": "XX-${1}"}
    intake = read(text, names={"one": "en", "two": "uk"}, area_id="id", form=form)
    assert intake.table("name").select("name", "language", "area_id").rows() == [
        ("Northia", "en", "XX-07"),
        ("Норція", "uk", "XX-07"),
    ]
    assert reasons(intake)[2][0] == "id"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (",en,XX-E,,,\n", "name"),
        ("Somewhere,en,,,,\n", "area_id"),
        ("Somewhere,en,XX-E,34.8,,\n", "lon"),
        ("Somewhere,en,XX-E,34.8,509,\n", "lat"),
        ("Somewhere,en,XX-E,34.8,50.9,-1\n", "place_error_m"),
        (AREA_ROW, ""),
    ],
)
def test_a_broken_row_is_set_aside(row: str, column: str) -> None:
    intake = read(HEAD + AREA_ROW + row)
    assert intake.table("name").height == 1
    assert reasons(intake)[2][0] == column


def test_a_missing_heading_is_named() -> None:
    with pytest.raises(BadInput, match="area_id"):
        read("name,language\nEast,en\n")


@pytest.mark.parametrize(
    ("name", "area"),
    [
        ("Sumska oblast", "UA-59"),
        ("Kyiv City", "UA-30"),
        ("Kyivska oblast", "UA-32"),
        ("Zaporizka oblast", "UA-23"),
        ("Kharkiv oblast", "UA-63"),
        ("Сумщині", "UA-59"),
        ("Сумської області", "UA-59"),
        ("Сумской области", "UA-59"),
        ("Дніпропетровську область", "UA-12"),
        ("Брянской области", "RU-BRY"),
        ("Бєлгородській області", "RU-BEL"),
        ("Краснодарском крае", "RU-KDA"),
        ("Краснодарського краю", "RU-KDA"),
        ("Московской области", "RU-MOS"),
        ("Москве", "RU-MOW"),
        ("Республики Крым", "UA-43"),
        ("Республики Татарстан", "RU-TA"),
    ],
)
def test_shipped_names_are_read_in_three_languages_and_their_cases(name: str, area: str) -> None:
    assert shipped().area_by_name[name.lower()] == area


def test_no_shipped_name_stands_for_two_areas() -> None:
    ground = shipped()
    areas = ground.names.filter(ground.names["lon"].is_null())
    assert set(areas["name"].str.to_lowercase()) == set(ground.area_by_name)


def test_every_region_that_the_alerts_name_is_known(data: Path) -> None:
    path = data / "air_raid_alerts" / "alerts_oblast_merged_2022-03-15_2026-06-20.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        regions = {row["region"] for row in csv.DictReader(file)}
    found = shipped().area_by_name
    assert len({found[region.lower()] for region in regions}) == len(regions)
