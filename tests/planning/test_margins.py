"""The worth of one more is a bound on what any plan gains by it."""

from __future__ import annotations

from teisen.planning.margins import margins, site_worth
from teisen.planning.placement import place
from teisen.planning.solve import find, solve
from tests.planning.watch import here


def test_no_plan_with_more_of_a_rule_passes_the_bound_by_more_than_that_is_worth() -> None:
    setting = here(rules={"people": 2})
    number, proof = find(setting)
    told = {one.of: one for one in margins(proof, setting.coverage.options)}
    assert set(told) == {"budget", "people", "site"}
    assert told["people"].worth > 0
    for more in ({"budget": 1_500_000.0}, {"people": 3.0}):
        rules = setting.brief.rules.model_copy(update=more)
        there = setting.under(rules)
        gained = told["budget"].worth * (rules.budget - 1e6) / 1e6 + told["people"].worth * ((rules.people or 0) - 2)
        assert there.puzzle.value(place(there.puzzle, there.limits)) <= proof.bound + gained + 1e-6
    assert setting.limits.kept(number)


def test_without_a_site_no_plan_passes_the_bound_less_its_worth() -> None:
    setting = here()
    _, proof = find(setting)
    options = setting.coverage.options
    worths = site_worth(proof, options)
    assert set(worths["site_id"]) <= set(setting.ground.candidates["site_id"])
    best, worth = worths.sort("worth", "site_id").row(-1)
    assert worth > 0
    within = setting.limits
    within.each[(options["site_id"] == best).to_numpy()] = 0
    assert setting.puzzle.value(place(setting.puzzle, within)) <= proof.bound - worth + 1e-6


def test_the_document_holds_what_one_more_is_worth() -> None:
    plan, _ = solve(here())
    assert [one.of for one in plan.margins] == ["budget", "site"]
    assert plan.margins[0].unit == "million US dollars a year"
