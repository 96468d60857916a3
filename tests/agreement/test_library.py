"""The agreements that ship with Teisen: they load, their schema is published, their arithmetic is checked."""

from __future__ import annotations

import json

import polars as pl
import pytest

from teisen.agreement import gaps, json_schema, load_agreement, stated_allegations
from teisen.library import library
from tests.agreement import lawyers

NAMES = (
    "black-sea-2025",
    "easter-2025",
    "energy-2025",
    "energy-pause-2026",
    "gaza-2023",
    "gaza-2025",
    "golan-1974",
    "hodeidah-2018",
    "karabakh-2020",
    "korea-1953",
    "lebanon-2024",
    "libya-2020",
    "line-of-control-2021",
    "may-2025",
    "minsk-2015",
    "sudan-2023",
    "yemen-2022",
)
PAGE = library("agreements").parent / "docs" / "library.md"


def text(name: str) -> str:
    return (library("agreements") / f"{name}.yaml").read_text(encoding="utf-8")


def test_every_file_of_the_library_is_listed_here() -> None:
    assert tuple(sorted(path.stem for path in library("agreements").glob("*.yaml"))) == NAMES


def test_the_published_schema_is_that_of_the_code() -> None:
    published = json.loads((library("agreements") / "schema.json").read_text(encoding="utf-8"))
    assert published == json_schema()


@pytest.mark.parametrize("name", NAMES)
def test_it_loads_under_its_own_name_with_a_source_for_every_reading(name: str) -> None:
    agreement = lawyers.agreement(name)
    assert agreement.id == name
    assert not [gap for gap in gaps(agreement) if "source" in gap.what or "zone" in gap.what]


@pytest.mark.parametrize("name", NAMES)
def test_what_was_read_and_what_is_only_known_generally_are_kept_apart(name: str) -> None:
    for statement in lawyers.agreement(name).statements:
        general = "general knowledge" in statement.citation
        assert general == (statement.mark == "background"), statement.id
        assert (statement.who == "Teisen") == (statement.mark == "computed"), statement.id


@pytest.mark.parametrize("name", NAMES)
def test_each_of_its_terms_has_a_position_with_its_source(name: str) -> None:
    agreement = lawyers.agreement(name)
    assert agreement.terms
    assert {position.term for position in agreement.positions} == {term.id for term in agreement.terms}
    assert all(position.statement for position in agreement.positions)


@pytest.mark.parametrize("name", NAMES)
def test_its_page_names_it_and_every_reading_of_it(name: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    part = page.partition(f"`{name}`")[2].partition("\n## ")[0]
    readings = {reading.id for p in lawyers.agreement(name).provisions for reading in p.readings}
    assert part
    assert [reading for reading in sorted(readings) if f"`{reading}`" not in part] == []


def test_black_sea_readings_are_reported_as_open() -> None:
    agreement = lawyers.agreement("black-sea-2025")
    found = gaps(agreement)
    waited = {gap.column for gap in found if "not known to have happened" in gap.what}
    assert waited == {event.id for event in agreement.events}
    assert any("no reading stated by party-b" in gap.what for gap in found)
    assert any("no reading stated by party-a" in gap.what for gap in found)


@pytest.mark.parametrize(
    ("name", "allegation", "quantity", "gap"),
    [
        ("easter-2025", "total-4900", 4900, 84),
        ("may-2025", "until-11-may", 14043, 109),
        ("may-2025", "noon-8-may", 734, 734 - 835),
        ("energy-2025", "hits-since-18-march", 8, None),
    ],
)
def test_parts_that_do_not_add_up_are_found(name: str, allegation: str, quantity: float, gap: float | None) -> None:
    rows = stated_allegations(lawyers.agreement(name), "ab" * 32)
    row = rows.row(by_predicate=pl.col("native_id") == allegation, named=True)
    assert (row["quantity"], row["components_gap"]) == (quantity, gap)
    assert row["source_id"] == f"agreement:{name}"
    assert row["blob"] == "ab" * 32


def test_a_part_of_a_part_is_shown_and_not_summed() -> None:
    rows = stated_allegations(lawyers.agreement("may-2025"), "00")
    row = rows.row(by_predicate=pl.col("native_id") == "noon-8-may", named=True)
    units = {part["label"]: part["unit"] for part in row["components"]}
    assert units["with heavy weapons"] == "violations of attacks on positions"
    assert sum(part["quantity"] for part in row["components"] if part["unit"] == row["unit"]) == 835


def test_an_allegation_s_id_does_not_depend_on_who_accuses_whom() -> None:
    one = text("easter-2025")
    other = one.replace("accuser: party-a", "accuser: #").replace("accuser: party-b", "accuser: party-a")
    other = other.replace("accuser: #", "accuser: party-b")
    tables = [stated_allegations(load_agreement(t, "easter-2025.yaml"), "00") for t in (one, other)]
    assert tables[0]["allegation_id"].equals(tables[1]["allegation_id"])
    assert (tables[0]["accuser"] != tables[1]["accuser"]).all()
