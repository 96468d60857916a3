"""The page of watch plans: versions, signatures, comments and changes, and nothing that the terms keep inside."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from teisen.case import Case
from teisen.case.consenting import record_plan, say
from teisen.languages import words
from teisen.server import Settings, State, View, create_app
from teisen.server.map import plan_picture
from teisen.server.pages.chosen import day_chosen
from teisen.server.pages.plan import plan as page_of
from teisen.server.plans import Plans
from teisen.server.problems import Refusal
from tests.planning.plans import placed, plan

FIRST = plan()
SECOND = plan(version=2, placement=[placed(0, number=4), *(placed(n) for n in range(1, 5)), placed(7, "camera")],
              bound={"value": 0.7, "bound": 0.75, "method": "Frank-Wolfe"})  # fmt: skip
SECRET = ("sector-", "site-", "-31", "ana-the-signer", "said in confidence", "near the mill", "by day")


def on_record(folder: Path) -> None:
    """Two versions: the first signed by a party and commented on, the second signed by nobody."""
    case = Case.open(folder)
    say(case, FIRST, "sign", name="ana-the-signer", for_whom="party-a", words="said in confidence")
    say(case, FIRST, "comment", name="bo", for_whom="party-b", words="near the mill", about="sector-1")
    record_plan(case, SECOND)


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
    drawn = client.get("/plan/map.svg?plan=line-plan&version=2")
    assert drawn.headers["content-type"].startswith("image/svg")
    outside = view(state, "public")
    nothing = Plans(outside).versions("line-plan")[0].cut.placed.clear()
    assert drawn.text == plan_picture(outside, day_chosen(outside, "").day, nothing, "en")
    assert client.get("/plan/map.svg?plan=line-plan&version=7").status_code == 404


def test_a_party_reads_its_own_comment_and_not_the_others(state: State) -> None:
    assert [one.said.words for one in Plans(view(state, "public", "party-b")).comments("line-plan")[0]] == [
        "near the mill"
    ]
    assert Plans(view(state, "public", "party-a")).comments("line-plan") == ([], 1)


def test_places_are_drawn_for_the_mission_alone(state: State) -> None:
    inside, outside = view(state, "mission"), view(state, "public")
    day = day_chosen(inside, "").day
    counts = [
        plan_picture(of, day, Plans(of).versions("line-plan")[0].cut.placed, "en").count("translate(")
        for of in (inside, outside)
    ]
    assert counts == [len(SECOND.placement), 0]
