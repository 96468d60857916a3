"""Names of places that stand for nothing are told: a rule that asks for them would be broken by nobody, unnoticed."""

from __future__ import annotations

import polars as pl

from teisen.case import parse_definitions, unplaced
from teisen.observation import AREA
from tests.case.test_definitions import TEXTS

REGIONS = AREA.empty().clear(2).with_columns(area_id=pl.Series(["R-1", "R-2"]), level=pl.lit("region"))


def told(path: str, was: str, becomes: str, areas: pl.DataFrame = REGIONS) -> list[str]:
    texts = TEXTS | {path: TEXTS[path].replace(was.encode(), becomes.encode(), 1)}
    return [str(problem) for problem in unplaced(parse_definitions(texts), texts, areas, AREA.empty())]


def test_a_case_whose_names_all_stand_for_something_is_told_nothing() -> None:
    assert told("case.yaml", "", "") == []
    rule = "- within: {areas: [R-1, region, line-of-contact]}\n            - bound_party:"
    assert told("agreements/truce.yaml", "- bound_party:", rule) == []


def test_an_area_of_a_rule_that_the_case_does_not_have_is_told_with_its_line() -> None:
    rule = "- within: {areas: [R-9]}\n            - bound_party:"
    (found,) = told("agreements/truce.yaml", "- bound_party:", rule)
    assert found.startswith("agreements/truce.yaml, line ")
    assert "the case knows no area 'R-9'" in found


def test_a_pattern_of_what_was_watched_that_fits_no_region_is_told_with_its_line() -> None:
    (found,) = told("mappings/news.yaml", "R-*", "Q-*")
    assert found.startswith("mappings/news.yaml, line 6, watched[0].areas: 'Q-*' fits no area of level `region`")
    assert "R-1, R-2" in found


def test_a_case_without_any_region_is_told_that_no_rate_rests_on_what_was_watched() -> None:
    found = told("case.yaml", "", "", AREA.empty())
    assert [one.split(":")[0] for one in found] == [
        "mappings/news.yaml, line 6, watched[0].areas",
        "case.yaml, sources",
    ]
