"""Amounts: units in the form that a number takes, and units of a source's own as they were stated."""

from __future__ import annotations

import pytest

from teisen.languages import speaking, words
from teisen.release.report.amounts import FORMS, amount
from teisen.release.report.sentences import UNITS


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["1 drone", "2 drones", "12 drones"]),
        ("uk", ["1 безпілотник", "2 безпілотники", "12 безпілотників"]),
        ("ru", ["1 беспилотник", "2 беспилотника", "12 беспилотников"]),
        ("ja", ["1機の無人機", "2機の無人機", "12機の無人機"]),
    ],
)
def test_a_unit_takes_the_form_of_its_number(language: str, said: list[str]) -> None:
    with speaking(words(language)):
        assert [amount(n, "drones") for n in (1, 2, 12)] == said


def test_a_unit_of_a_sources_own_stands_as_stated_and_no_number_is_no_amount() -> None:
    assert amount(3, "barrels") == "3 barrels"
    assert amount(3, None) == "3"
    assert not amount(None, "drones")


def test_every_unit_with_forms_is_one_that_catalogues_know() -> None:
    assert set(FORMS) <= set(UNITS)
