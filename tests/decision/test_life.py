from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teisen.decision import Act, Refused, Review, life_cycle, replay
from tests.decision.acts import BEGIN, FINDING, INCIDENT, OTHER, PARTIES, ROLES, act, after

FOUR_EYES = Review(four_eyes=("confirm", "correct"))
STATES = list(life_cycle().states)


def test_a_finding_goes_its_way_from_automatic_to_closed() -> None:
    way = [
        ("open", "ana", "automatic"),
        ("invite", "ana", "under_inquiry"),
        ("reply", "liaison-a", "comments"),
        ("confirm", "rei", "comments"),
        ("appeal", "liaison-b", "finding"),
        ("correct", "dan", "appealed"),
        ("close", "rei", "corrected"),
    ]
    values = {"correct": {"level": "possible"}}
    record = after(*(act(n, a, who, before=s, values=values.get(a, {})) for n, (a, who, s) in enumerate(way, 1)))
    assert [step.note for step in record.of(FINDING)] == [""] * len(way)
    state = record.state(FINDING)
    assert (state.name, state.ruling, state.level, state.history) == ("closed", "corrected", "possible", len(way))
    assert state.by is not None
    assert state.by.name == "rei"


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (act(1, "close"), "does not start there"),
        (act(1, "appeal", "liaison-a"), "does not start there"),
        (act(1, "close", "rei", before="finding"), "does not start there"),
        (act(1, "confirm", "liaison-a"), "not for the role party-liaison"),
        (act(1, "reply", "ana"), "not for the role analyst"),
        (act(1, "praise"), "no action 'praise'"),
        (act(1, "open", subject="allegation"), "nothing for allegations"),
        (act(1, "open", role="king"), "no role 'king'"),
        (act(1, "open", reason=" "), "without its words"),
        (act(1, "open", party="party-a"), "speaks for a party"),
        (act(1, "confirm", values={"kind": "shelling"}), "1 values"),
        (act(1, "correct"), "no values"),
        (act(1, "correct", values={"kind": "thunder"}), "no kind of the vocabulary"),
        (act(1, "correct", subject="incident", values={"level": "likely"}), "only a finding has a level"),
        (act(1, "correct", subject="incident", values={"merge_with": INCIDENT}), "is, or was made part of"),
        (replace(act(1, "open"), signed_as="eve"), "signed as 'eve'"),
        (act(1, "confirm", review=FOUR_EYES), "needs two people"),
        (act(1, "confirm", "rei", seconds="dec-0123456789ab", review=FOUR_EYES), "no proposal"),
        (act(1, "confirm", "", role="analyst", proposal=True, review=FOUR_EYES), "is nobody"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_reason_and_void_on_record(one: Act, says: str) -> None:
    record = replay([])
    with pytest.raises(Refused, match=says) as refused:
        record.check(one)
    assert refused.value.do
    after_it = after(one)
    assert [step.standing for step in after_it.steps.values()] == ["void"]
    assert not after_it.states
    assert not after_it.corrections


def test_an_entry_of_unknown_form_is_void_and_not_lost() -> None:
    record = after(Act(BEGIN, FINDING, None, "key", "ana", raw={"format": "teisen-decision/9"}))
    assert [step.note for step in record.steps.values()] == ["its form is not known, or its signature does not verify"]


def test_what_needs_two_people_waits_for_the_second() -> None:
    first = act(1, "confirm", proposal=True, review=FOUR_EYES)
    waiting = after(first)
    assert waiting.state(FINDING).name == "automatic"
    assert waiting.state(FINDING).proposal == first.id
    second = act(2, "confirm", "rei", seconds=first.id, review=FOUR_EYES)
    done = after(first, second)
    assert done.state(FINDING).name == "finding"
    assert [step.standing for step in done.steps.values()] == ["seconded", "in_force"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"key": "key of ana"}, "the same person"),
        ({"role": "analyst"}, "put in force by a reviewer"),
        ({"values": {"kind": "shelling"}, "action": "correct"}, "not what was proposed"),
    ],
)
def test_the_second_is_another_person_in_that_role_and_says_the_same(changes: dict[str, Any], says: str) -> None:
    first = act(1, "confirm", proposal=True, review=FOUR_EYES)
    action = changes.pop("action", "confirm")
    with pytest.raises(Refused, match=says):
        after(first).check(act(2, action, "rei", seconds=first.id, review=FOUR_EYES, **changes))


def test_another_step_lapses_a_proposal_and_a_comment_leaves_it() -> None:
    first = act(1, "confirm", proposal=True, review=FOUR_EYES)
    talked = after(first, act(2, "reply", "liaison-a"))
    assert talked.state(FINDING).proposal == first.id
    moved = after(first, act(2, "open", "dan"))
    assert moved.state(FINDING).proposal == ""
    assert moved.steps[first.id].standing == "lapsed"


def test_a_name_keeps_its_key_and_who_speaks_for_a_party_has_no_other_part() -> None:
    reply = act(1, "reply", "liaison-a")
    with pytest.raises(Refused, match="with another key"):
        after(reply).check(act(2, "reply", "liaison-a", key="other"))
    with pytest.raises(Refused, match="speaks for party-a"):
        after(reply).check(act(2, "confirm", "liaison-a", role="analyst", party=""))
    with pytest.raises(Refused, match="speaks for party-a"):
        after(reply).check(act(2, "confirm", "new name", role="analyst", key="key of liaison-a"))


def test_where_the_case_names_people_nobody_else_acts() -> None:
    people = [
        {"name": "ana", "roles": ["analyst"], "key": "key of ana"},
        {"name": "liaison-a", "roles": ["party-liaison"], "party": "party-a"},
    ]
    review = Review.model_validate({"people": people})
    assert after(act(1, "open", review=review)).state(FINDING).name == "under_inquiry"
    for one, says in (
        (act(1, "open", "dan", review=review), "names nobody 'dan'"),
        (act(1, "confirm", "ana", role="reviewer", review=review), "may not act as reviewer"),
        (act(1, "reply", "liaison-a", party="party-b", review=review), "may not act as party-liaison of party-b"),
        (act(1, "open", key="stolen", review=review), "another key than the case names"),
    ):
        with pytest.raises(Refused, match=says):
            replay([]).check(one)


def test_a_correction_holds_until_another_or_until_it_is_taken_back() -> None:
    first = act(1, "correct", values={"kind": "shelling", "not_an_incident": "true"})
    assert after(first).corrections == {
        (INCIDENT, "kind"): ("shelling", first.id),
        (INCIDENT, "not_an_incident"): (True, first.id),
    }
    back = act(2, "confirm", "rei", before="corrected")
    again = act(3, "correct", before="finding", values={"kind": "automatic", "not_an_incident": "false"})
    assert after(first, back, again).corrections == {}


def test_incidents_are_not_merged_in_a_circle() -> None:
    first = act(1, "correct", subject="incident", values={"merge_with": OTHER})
    body = act(2, "correct", subject="incident", subject_id=OTHER, values={"merge_with": INCIDENT})
    assert body.body is not None
    other = replace(body, body=body.body.model_copy(update={"incident": OTHER}))
    with pytest.raises(Refused, match="was made part of"):
        after(first).check(other)


@st.composite
def histories(draw: st.DrawFn) -> list[Act]:
    """Any acts of anybody, most of which do not fit."""
    acts: list[Act] = []
    for number in range(1, draw(st.integers(1, 12)) + 1):
        action = draw(st.sampled_from(sorted(life_cycle().actions)))
        proposals = [one.id for one in acts if one.body and one.body.proposal]
        acts.append(
            act(
                number,
                action,
                draw(st.sampled_from(sorted(ROLES))),
                before=draw(st.sampled_from(STATES)),
                proposal=draw(st.booleans()),
                seconds=draw(st.sampled_from(["", *proposals])),
                values=draw(st.sampled_from([{}, {"kind": "shelling"}, {"level": "likely"}])),
                review=draw(st.sampled_from([Review(), FOUR_EYES])),
                time=BEGIN,
                role=draw(st.sampled_from([*life_cycle().roles])),
                party=draw(st.sampled_from(["", "party-a", "party-b"])),
            )
        )
    return acts


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_in_which_acts_come_changes_nothing(acts: list[Act], chance: random.Random) -> None:
    shuffled = acts.copy()
    chance.shuffle(shuffled)
    one, other = replay(acts), replay(shuffled)
    assert (one.steps, one.states, one.corrections) == (other.steps, other.states, other.corrections)


@given(histories())
def test_a_party_never_decides_and_two_eyes_never_do_for_four(acts: list[Act]) -> None:
    record = replay(acts)
    for step in record.steps.values():
        body = step.act.body
        if step.standing == "void" or body is None:
            assert step.before == step.after
            continue
        if body.by.party:
            assert body.action in {"appeal", "comment", "reply"}
        if step.standing == "in_force" and body.action in step.act.review.four_eyes:
            first = record.steps[body.seconds]
            assert first.standing == "seconded"
            assert first.act.key != step.act.key
            assert first.act.body is not None
            assert first.act.body.by.name != body.by.name


@given(histories(), st.permutations(["party-a", "party-b"]))
def test_parties_are_treated_alike(acts: list[Act], names: list[str]) -> None:
    new = dict(zip(sorted(PARTIES.values()), names, strict=True))

    def swapped(one: Act) -> Act:
        assert one.body is not None
        by = one.body.by.model_copy(update={"party": new.get(one.body.by.party, "")})
        return replace(one, body=one.body.model_copy(update={"by": by}))

    before, after_it = replay(acts), replay(map(swapped, acts))
    assert [(s.id, s.standing, s.after) for s in before.steps.values()] == [
        (s.id, s.standing, s.after) for s in after_it.steps.values()
    ]
