"""Rates are of the kinds and places that a reading asks for, and of no others."""

from __future__ import annotations

import polars as pl
import pytest

from teisen.agreement import load_agreement
from teisen.compliance import assess
from teisen.compliance.asked import asked_kinds, outside
from teisen.compliance.windows import rules_of
from tests.compliance.test_assess import SCOPE, TEXT, findings, incidents
from tests.fusion.worlds import AREAS, SOURCES, exposure, watch


def rates(rule: str, found: pl.DataFrame, happened: pl.DataFrame, watching: pl.DataFrame) -> pl.DataFrame:
    text = TEXT.replace("{is_kind: [missile-strike]}", f"{{is_kind: [missile-strike]}}, {rule}")
    table = assess(
        found, happened, watching, [load_agreement(text, "t.yaml")], AREAS, SCOPE, "UTC", sources=SOURCES
    ).filter(pl.col("reading_id") == "early", pl.col("start").dt.day() == 13)
    return table.sort("area_id")


WATCHED_WEST = [watch("news", area_id="west", p_detect=0.9), watch("fires", area_id="east", p_detect=0.1)]
WEST = "{within: {areas: [west]}}"
ANYWHERE = "{within: {areas: [region]}}"


def test_a_region_in_which_nothing_can_fall_under_a_reading_is_no_part_of_its_rate() -> None:
    none = findings(), incidents(), exposure(*WATCHED_WEST)
    west, everywhere = rates(WEST, *none), rates(ANYWHERE, *none)
    assert west["area_id"].to_list() == ["*", "west"]
    assert everywhere["area_id"].to_list() == ["*", "east", "west"]
    assert west["watched"].to_list() == [0.9, 0.9]
    assert everywhere["watched"].to_list() == pytest.approx([0.5, 0.1, 0.9], abs=0.01)
    assert west["rate_high"][0] <= everywhere["rate_high"][0]


def test_what_is_recorded_beside_a_reading_s_place_counts_in_the_nearest_region_of_it() -> None:
    """Of an incident that lies just over a border some is a violation: it lies in the area of the reading then."""
    told = findings(0.8), incidents({"area_id": "east", "lon": 31.01, "lat": 50.5}), exposure(*WATCHED_WEST)
    anywhere, west = (rates(rule, *told) for rule in (ANYWHERE, WEST))
    assert dict(anywhere.select("area_id", "expected").iter_rows()) == {"*": 0.8, "east": 0.8, "west": 0.0}
    assert dict(west.select("area_id", "expected").iter_rows()) == {"*": 0.8, "west": 0.8}
    nothing = rates(WEST, findings(), incidents(), exposure(*WATCHED_WEST))
    assert west["rate"].to_list() > nothing["rate"].to_list()


def test_what_is_known_by_another_area_alone_counts_in_all_and_in_no_region() -> None:
    told = findings(0.8), incidents({"area_id": "east"}), exposure(*WATCHED_WEST)
    assert dict(rates(WEST, *told).select("area_id", "expected").iter_rows()) == {"*": 0.8, "west": 0.0}


@pytest.mark.parametrize(
    ("rule", "kinds", "off"),
    [
        ("{is_kind: [attack]}, {is_kind: [shelling, overflight]}", {"shelling"}, set()),
        ("{any_of: [{is_kind: [movement]}, {is_kind: [delivery]}]}", {"movement", "delivery"}, set()),
        ("{any_of: [{is_kind: [movement]}, {within: {areas: [west]}}]}", None, set()),
        ("{any_of: [{within: {areas: [west]}}, {within: {areas: [east]}}]}", None, set()),
        ("{within: {areas: [west]}}, {unless: {within: {areas: [west]}}}", None, {"east"}),
        ("{within: {areas: [somewhere-else]}}", None, set()),
    ],
)
def test_what_a_rule_asks_for(rule: str, kinds: set[str] | None, off: set[str]) -> None:
    text = TEXT.replace("{is_kind: [missile-strike]}", rule)
    early = rules_of([load_agreement(text, "t.yaml")])["truce", "fire", "early"]
    regions = AREAS.filter(pl.col("level") == "region")
    assert asked_kinds(early) == kinds
    assert outside(early, regions, AREAS) == off


def test_what_is_found_of_a_kind_that_nobody_says_how_well_it_sees_has_no_rate() -> None:
    """It was divided by how well attacks are watched."""
    text = TEXT.replace("{is_kind: [missile-strike]}", "{is_kind: [obstruction]}")
    happened = incidents({"kind": "obstruction", "kinds": [{"kind": "obstruction", "p": 1.0}]})
    agreements, watching = [load_agreement(text, "t.yaml")], exposure(*WATCHED_WEST)
    given = findings(0.9), happened, watching, agreements, AREAS, SCOPE, "UTC"
    west = pl.col("reading_id") == "early", pl.col("start").dt.day() == 13, pl.col("area_id") == "west"
    (row,) = assess(*given, sources=SOURCES).filter(*west).to_dicts()
    assert (row["expected"], row["watched"], row["rate"], row["word"]) == (0.9, None, None, "seen")
    seen = exposure(*WATCHED_WEST, watch("news", area_id="west", kind="obstruction", p_detect=0.5))
    (row,) = assess(*given[:2], seen, *given[3:], sources=SOURCES).filter(*west).to_dicts()
    assert row["watched"] == 0.5
    assert row["rate"] > 0
