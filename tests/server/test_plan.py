"""The page of watch plans: versions, signatures, comments and changes, and nothing that the terms keep inside."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from teisen.case import Case
from teisen.case.consenting import record_beside, say
from teisen.languages import words
from teisen.server import Settings, State, View, create_app
from teisen.server.map import plan_picture
from teisen.server.pages.chosen import day_chosen
from teisen.server.pages.plan import plan as page_of
from teisen.server.plans import Plans
from teisen.server.problems import Refusal
from tests.planning.plans import beside, placed, plan

FIRST = plan()
SECOND = plan(version=2, placement=[placed(0, number=4), *(placed(n) for n in range(1, 5)), placed(7, "camera")],
              bound={"value": 0.7, "bound": 0.75, "method": "Frank-Wolfe"})  # fmt: skip
SECRET = ("sector-", "site-", "-31", "ana-the-signer", "said in confidence", "near the mill", "by day", "crew-place")


def on_record(folder: Path) -> None:
    """Two versions: the first signed by a party and commented on, the second with patrols and what budgets buy."""
    case = Case.open(folder)
    say(case, FIRST, "sign", name="ana-the-signer", for_whom="party-a", words="said in confidence")
    say(case, FIRST, "comment", name="bo", for_whom="party-b", words="near the mill", about="sector-1")
    record_beside(case, SECOND, beside(SECOND))


@pytest.fixture
def state(folder: Path) -> State:
    on_record(folder)
    return State.of(folder)


def view(state: State, audience: str, party: str = "") -> View:
    return state.view(audience, party)


def test_the_mission_sees_versions_signatures_changes_comments_and_places(state: State) -> None:
    page = page_of(view(state, "mission"), words("en")).shown
    assert page is not None
    assert [(one.version.version, one.version.sha256) for one in page.versions] == [
        (2, SECOND.sha256),
        (1, FIRST.sha256),
    ]
    assert [one.missing for one in page.versions] == [("party-a", "party-b", "mediator"), ("party-b", "mediator")]
    assert page.versions[1].signed["name"].to_list() == ["ana-the-signer"]
    assert any("site-7/camera/always" in sentence for sentence in page.changes)
    assert [(one.said.words, number) for one, number in page.comments] == [("near the mill", 1)]
    assert [name for name, _ in page.legend] == ["camera", "post"]
    assert [(one.version, one.best) for one in page.points] == [(1, True), (2, True)]


def test_an_older_version_is_shown_and_compared_when_it_is_asked_for(state: State) -> None:
    inside = view(state, "mission")
    first = page_of(inside, words("en"), "line-plan", "1").shown
    assert first is not None
    assert (first.here.version.version, first.before) == (1, None)
    back = page_of(inside, words("en"), "line-plan", "1", "2").shown
    assert back is not None
    assert any(sentence.startswith("Gone from placement: site-7") for sentence in back.changes)
    for asked in (("line-plan", "9", ""), ("other", "", ""), ("line-plan", "", "x")):
        with pytest.raises(Refusal):
            page_of(inside, words("en"), *asked)


def test_the_public_sees_no_place_no_blind_spot_and_no_name(state: State, folder: Path) -> None:
    client = TestClient(create_app(folder, Settings()), "http://127.0.0.1", headers={"accept": "text/html"})
    for address in ("/plan", "/plan?plan=line-plan&version=1", "/plan?version=1&before=2"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert FIRST.sha256[:16] in answer.text
        assert not [one for one in SECRET if one in answer.text], address
        assert "In the worst sector" not in answer.text
        signers = answer.text.partition('data-l="Not signed by">')[2].partition("</td>")[0]
        assert signers == "A, B, the mediator"
    drawn = client.get("/plan/map.svg?plan=line-plan&version=2")
    assert drawn.headers["content-type"].startswith("image/svg")
    outside = view(state, "public")
    cut = Plans(outside).versions("line-plan")[0].cut
    nothing = replace(cut, placed=cut.placed.clear())
    assert drawn.text == plan_picture(outside, day_chosen(outside, "").day, nothing, "en")
    assert client.get("/plan/map.svg?plan=line-plan&version=7").status_code == 404


def test_a_party_reads_its_own_comment_and_not_the_others(state: State) -> None:
    assert [one.said.words for one in Plans(view(state, "public", "party-b")).comments("line-plan")[0]] == [
        "near the mill"
    ]
    assert Plans(view(state, "public", "party-a")).comments("line-plan") == ([], 1)


def test_what_one_more_sensor_would_add_stands_for_the_mission_alone(state: State) -> None:
    inside = page_of(view(state, "mission"), words("en")).shown
    outside = page_of(view(state, "public"), words("en")).shown
    assert inside is not None
    assert outside is not None
    assert inside.here.next_one == beside(SECOND).next_one
    assert outside.here.next_one is None


def test_places_are_drawn_for_the_mission_alone(state: State) -> None:
    inside, outside = view(state, "mission"), view(state, "public")
    day = day_chosen(inside, "").day
    counts = [
        plan_picture(of, day, Plans(of).versions("line-plan")[0].cut, "en").count("translate(")
        for of in (inside, outside)
    ]
    assert counts == [len(SECOND.placement), 0]


def test_what_other_budgets_buy_is_drawn_and_listed_for_all_beside_the_version_that_it_is_of(state: State) -> None:
    for audience in ("mission", "public"):
        page = page_of(view(state, audience), words("uk")).shown
        assert page is not None
        assert page.here.frontier == beside(SECOND).frontier
        assert str(page.chart).count("<circle") == 2 + 2
    older = page_of(view(state, "public"), words("en"), "line-plan", "1").shown
    assert older is not None
    assert older.here.frontier is None


def test_patrols_are_drawn_for_the_mission_and_for_others_it_is_said_that_there_are_some(state: State) -> None:
    inside, outside = (page_of(view(state, audience), words("en")).shown for audience in ("mission", "public"))
    assert inside is not None
    assert outside is not None
    watched = inside.here.cut.patrolled.sort("place_id")
    assert watched.select("place_id", "hours").rows() == [("crew-place-0", 8.0), ("crew-place-1", 4.0)]
    assert "37.5 %" in inside.blocks
    assert (outside.here.cut.patrols, outside.here.cut.patrolled.height) == (True, 0)
    assert "drawn anew for each day" in outside.blocks
    assert "37.5 %" not in outside.blocks
    inner, outer = view(state, "mission"), view(state, "public")
    day = day_chosen(inner, "").day
    drawn = [plan_picture(of, day, Plans(of).versions("line-plan")[0].cut, "en") for of in (inner, outer)]
    assert ['fill-opacity="0.2"' in svg for svg in drawn] == [True, False]


def test_a_plan_leaves_as_late_as_the_terms_say_and_a_party_sees_its_own_words_at_once(folder: Path) -> None:
    path = folder / "case.yaml"
    later = "release: {public: {plan_delay_hours: 24}}\n"
    path.write_text(path.read_text(encoding="utf-8") + later, encoding="utf-8")
    Case.open(folder).record_definitions()
    on_record(folder)
    state = State.of(folder)
    assert Plans(view(state, "mission")).ids == ["line-plan"]
    assert Plans(view(state, "public")).ids == []
    assert page_of(view(state, "public"), words("en")).shown is None
    assert [one.said.words for one in Plans(view(state, "public", "party-b")).comments("line-plan")[0]] == [
        "near the mill"
    ]
    assert any("24 hours after they are put on record" in one for one in view(state, "public").released.terms.says)
    public = view(state, "public")
    day_after = replace(public, released=replace(public.released, as_of=public.as_of + timedelta(hours=24)))
    assert [one.version.version for one in Plans(day_after).versions("line-plan")] == [2, 1]
