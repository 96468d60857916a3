from __future__ import annotations

import pytest

from teisen.agreement import UNDETERMINED, Agreement, conditions, leaves, load_agreement
from teisen.errors import BadInput
from tests.agreement.test_check import GOOD


def two(own: str) -> Agreement:
    return load_agreement(GOOD.replace("inherits: one}", f"inherits: one, rule: {own}}}"), "test.yaml")


def rules(agreement: Agreement) -> list[str]:
    provision = agreement.provisions[0]
    return [part.name for part in conditions(agreement.rule(provision, provision.reading("two")))]


def test_an_inheriting_reading_replaces_predicates_of_the_same_name_and_adds_others() -> None:
    agreement = two("{all_of: [{during: {from: 2025-05-01, zone: UTC}}, {target_is: [energy]}]}")
    provision = agreement.provisions[0]
    rule = agreement.rule(provision, provision.reading("two"))
    assert rules(agreement) == ["during", "is_kind", "bound_party", "target_is"]
    assert "from 1 May 2025 00:00 on (UTC)" in rule.says()


def test_overriding_what_stands_twice_is_refused() -> None:
    text = GOOD.replace("- is_kind: [attack]", "- during: {from: 2025-03-20, zone: UTC}").replace(
        "inherits: one}", "inherits: one, rule: {during: {from: 2025-05-01, zone: UTC}}}"
    )
    with pytest.raises(BadInput, match="stands there more than once"):
        load_agreement(text, "test.yaml")


@pytest.mark.parametrize(("binds", "bound"), [("[a, b]", ("a", "b", UNDETERMINED)), ("[b]", ("b",))])
def test_who_is_bound_is_filled_in_and_undetermined_goes_with_everyone(binds: str, bound: tuple[str, ...]) -> None:
    agreement = load_agreement(GOOD.replace("binds: [a, b]", f"binds: {binds}"), "test.yaml")
    provision = agreement.provisions[0]
    leaf = leaves(agreement.rule(provision, provision.reading("one")))[-1]
    assert leaf.model_dump() == {"bound_party": bound}


def test_a_local_day_begins_at_local_midnight_on_both_sides_of_a_clock_change() -> None:
    provision = load_agreement(GOOD, "test.yaml").provisions[0]
    during = conditions(provision.readings[0].rule)[0].during  # type: ignore[union-attr,arg-type]
    assert during.start_us == 1_742_252_400_000_000  # 2025-03-17T23:00Z, winter time
    assert during.end_us == 1_744_927_200_000_000  # 2025-04-17T22:00Z, summer time


@pytest.mark.parametrize("levels", ["[{word: low, at_least: 0.1}]", "[{word: a, at_least: 0}, {word: b, at_least: 0}]"])
def test_levels_start_at_zero_and_ascend(levels: str) -> None:
    with pytest.raises(BadInput, match="levels go from the lowest"):
        load_agreement(GOOD + f"levels: {levels}\n", "test.yaml")
