from __future__ import annotations

import pytest
from pydantic import ValidationError

from teisen.agreement.predicates import Arms, Calibre, WithWeapon
from teisen.languages import words


def weapons(**asked: object) -> set[str]:
    return set(Arms.model_validate(asked).weapons)


def test_a_wide_class_stands_for_all_within_it_and_a_bound_for_those_that_state_a_calibre() -> None:
    assert {"mortar", "mortar-60", "mortar-82", "mortar-120"} == weapons(classes=["mortar"])
    heavy = weapons(classes=["artillery", "mlrs"], calibre_mm={"at_least": 100})
    assert {"artillery-100", "artillery-152", "mlrs-122"} <= heavy
    assert not {"artillery", "mlrs", "artillery-85", "mortar-120", "tank"} & heavy
    assert {"mortar-120", "tank"} <= weapons(calibre_mm={"at_least": 100})


@pytest.mark.parametrize(
    ("bound", "inside", "outside"),
    [
        ({"at_least": 100}, "artillery-100", "artillery-85"),
        ({"over": 100}, "artillery-105", "artillery-100"),
        ({"at_most": 100}, "artillery-100", "artillery-105"),
        ({"below": 100}, "artillery-85", "artillery-100"),
        ({"over": 85, "at_most": 105}, "artillery-105", "artillery-85"),
    ],
)
def test_bounds_include_what_they_say(bound: dict[str, float], inside: str, outside: str) -> None:
    found = weapons(calibre_mm=bound)
    assert inside in found
    assert outside not in found


@pytest.mark.parametrize(
    ("bounds", "says"),
    [
        ({}, "give `at_least:`"),
        ({"at_least": 1, "over": 2}, "give `at_least:`"),
        ({"at_least": 122, "below": 122}, "no calibre lies between"),
        ({"over": 130, "at_most": 122}, "no calibre lies between"),
    ],
)
def test_bounds_without_sense_are_refused(bounds: dict[str, float], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Calibre.model_validate(bounds)


def test_neither_class_nor_calibre_asks_for_nothing_and_is_refused() -> None:
    with pytest.raises(ValidationError, match="give `classes:` or `calibre_mm:`"):
        Arms.model_validate({})
    with pytest.raises(ValidationError, match="no weapon of the vocabulary; write `mortar`"):
        Arms.model_validate({"classes": ["motar"]})


def test_it_says_classes_and_calibre_in_both_languages() -> None:
    leaf = WithWeapon.model_validate({"with_weapon": {"classes": ["mlrs"], "calibre_mm": {"over": 122, "below": 300}}})
    english = (
        "the weapon is stated to be of class multiple rocket launcher, with a calibre of over 122 mm and below 300 mm"
    )
    assert leaf.says() == english
    assert "122 mm 超" in leaf.says(words("ja"))
