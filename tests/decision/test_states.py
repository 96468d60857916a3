"""The life cycle as it ships: whoever reads it as data finds that no party decides and nothing is a dead end."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from teisen.decision import LifeCycle, Review, life_cycle
from teisen.decision.states import AUTOMATIC, LIAISON


def test_a_party_rules_on_nothing_and_can_always_reply() -> None:
    cycle = life_cycle()
    theirs = {name for name, action in cycle.actions.items() if LIAISON in action.by}
    assert theirs == {"appeal", "comment", "reply"}
    assert all(cycle.actions[name].ruling is None for name in theirs)
    for state in cycle.states:
        for kind in ("finding", "incident", "allegation"):
            assert "reply" in cycle.possible(kind, state)


def test_every_state_is_reached_and_can_be_left() -> None:
    cycle = life_cycle()
    reached, todo = set(), [AUTOMATIC]
    while todo:
        state = todo.pop()
        reached.add(state)
        after = {cycle.actions[name].leads(state) for name in cycle.possible("finding", state)}
        assert after - {state}
        todo += sorted(after - reached)
    assert reached == set(cycle.states)


def test_an_action_that_leads_nowhere_is_refused() -> None:
    data = life_cycle().model_dump(by_alias=True)
    data["actions"]["open"]["to"] = "limbo"
    with pytest.raises(ValidationError, match="limbo"):
        LifeCycle.model_validate(data)


@pytest.mark.parametrize(
    "review",
    [
        {"four_eyes": ["praise"]},
        {"second_role": "king"},
        {"four_eyes": ["appeal"]},
        {"people": [{"name": "two words", "roles": ["analyst"]}]},
        {"people": [{"name": "a", "roles": ["king"]}]},
        {"people": [{"name": "a", "roles": ["party-liaison"]}]},
        {"people": [{"name": "a", "roles": ["analyst"], "party": "party-a"}]},
        {"people": [{"name": "a", "roles": ["party-liaison", "analyst"], "party": "party-a"}]},
        {"people": [{"name": "a", "roles": ["analyst"]}, {"name": "a", "roles": ["reviewer"]}]},
    ],
)
def test_a_review_that_cannot_work_is_refused(review: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Review.model_validate(review)
