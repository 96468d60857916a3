"""What people do through the server: on record before the answer, once however often it is sent, where it fits."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from fastapi import FastAPI

from teisen.case import Case, derive
from teisen.release import is_outside
from teisen.server.access.store import Account
from tests.case import small
from tests.server.filled import ONCE, REPORT
from tests.server.people import Person, outside, program, server, visitor


@pytest.fixture
def app(folder: Path) -> FastAPI:
    found = server(folder)
    for name, role, party in (
        ("rei", "reviewer", ""),
        ("dot", "duty-officer", ""),
        ("lib", "party-liaison", "party-b"),
    ):
        found.state.signing.store.add(Account(name, role, party, "", "", active=True))
    return found


def entries(folder: Path, *types: str) -> list[Any]:
    return [e for e in Case.open(folder).ledger.entries() if e.type in types]


def finding(app: FastAPI, text: str = "second") -> str:
    """A finding of the incident under the report that says ``text``."""
    view = app.state.current.state.view("mission")
    seen = view.table("evidence").join(view.table("observation"), on="observation_id").filter(pl.col("text") == text)
    incident = seen.filter(pl.col("relation") == "member")["incident_id"].item()
    return str(view.table("finding").filter(pl.col("subject_id") == incident)["finding_id"].item())


def refresh(app: FastAPI, folder: Path) -> None:
    derive(Case.open(folder))
    app.state.current.refresh()


def test_an_analyst_proposes_and_a_second_person_puts_it_in_force(app: FastAPI, folder: Path) -> None:
    analyst, reviewer, about = visitor(app, "analyst"), visitor(app, "reviewer", "rei"), finding(app)
    body = {"subject_id": about, "action": "confirm", "reason": "three reports agree"}
    first = analyst.post("/api/v1/decisions", body)
    assert (first.status_code, first.json()["standing"]) == (201, "proposed")
    queue = reviewer.get("/api/v1/queue").json()["items"]
    assert (queue[0]["waits"], queue[0]["subject_id"]) == ("second", about), "before anything is derived again"
    assert analyst.post("/api/v1/decisions", body).status_code == 422, "not by the same person"
    second = reviewer.post("/api/v1/decisions", body)
    assert (second.status_code, second.json()["standing"], second.json()["state"]) == (201, "in_force", "finding")
    signed = entries(folder, "decision")
    assert [e.author.name for e in signed] == ["analyst-1", "rei"]
    assert [e.index for e in signed] == [first.json()["entry"], second.json()["entry"]]
    history = reviewer.get(f"/api/v1/history/{about}").json()
    assert (history["state"], history["seen"]) == ("finding", 2)


def test_corrections_split_merge_and_assign(app: FastAPI, folder: Path) -> None:
    analyst = visitor(app, "analyst")
    incidents = [row["incident_id"] for row in analyst.get("/api/v1/incidents").json()["items"]]
    body = {
        "subject_id": incidents[0],
        "action": "correct",
        "reason": "the same",
        "values": {"merge_with": incidents[1]},
    }
    assert analyst.post("/api/v1/decisions", body).json()["state"] == "corrected"
    wrong = body | {"subject_id": incidents[2], "values": {"kind": "no such kind"}}
    answer = analyst.post("/api/v1/decisions", wrong)
    assert answer.status_code == 422
    assert "no such kind" in answer.json()["detail"]
    assigned = {"subject_id": finding(app), "to": "rei"}
    assert analyst.post("/api/v1/assignments", assigned).status_code == 201
    mine = analyst.get("/api/v1/queue", params={"assigned": "rei"}).json()["items"]
    assert [row["assigned"] for row in mine] in ([], ["rei"])
    refresh(app, folder)
    after = [row["incident_id"] for row in analyst.get("/api/v1/incidents").json()["items"]]
    assert incidents[0] not in after


def test_an_act_that_is_sent_twice_is_on_record_once(app: FastAPI, folder: Path) -> None:
    analyst, about = visitor(app, "analyst"), finding(app)
    body = {"subject_id": about, "text": "look at the weather", "seen": 0}
    answers = [analyst.post("/api/v1/comments", body, Idempotency_Key=ONCE).json() for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert len(entries(folder, "decision")) == 1
    assert analyst.post("/api/v1/comments", body, Idempotency_Key=ONCE + "2").status_code == 412
    other = visitor(app, "reviewer", "rei")
    again = other.post("/api/v1/comments", body | {"seen": 1}, Idempotency_Key=ONCE)
    assert again.json()["entry"] != answers[0]["entry"], "another person's text is another act"


def test_a_party_replies_to_what_it_sees_and_to_nothing_else(app: FastAPI, folder: Path) -> None:
    liaison, inside = visitor(app, "party-liaison"), finding(app)
    about = outside(folder, inside)
    assert liaison.post("/api/v1/replies", {"subject_id": inside, "text": "not us"}).status_code == 404
    answer = liaison.post("/api/v1/replies", {"subject_id": about, "text": "not us"})
    assert answer.status_code == 201
    assert is_outside(answer.json()["id"])
    assert [(one.subject, one.body["by"]["party"]) for one in entries(folder, "reply")] == [(inside, "party-a")]
    wrong = liaison.post("/api/v1/appeals", {"subject_id": about, "reason": "we were not asked"})
    assert wrong.status_code == 422
    assert inside not in wrong.text
    hidden = {"subject_id": "fnd-0123456789ab", "text": "is it there?"}
    assert liaison.post("/api/v1/replies", hidden).status_code == 404
    confirm = {"subject_id": about, "action": "confirm", "reason": "x"}
    assert liaison.post("/api/v1/decisions", confirm).status_code == 403
    refresh(app, folder)
    mine, others = liaison, visitor(app, "party-liaison", "lib")
    assert any(row["action"] == "reply" for row in decisions(mine, about))
    assert [row["author"] for row in decisions(mine, about)] == ["party-liaison-1"]
    assert [row["author"] for row in decisions(others, about)] == [None]


def decisions(person: Person, about: str) -> list[dict[str, Any]]:
    found = person.get(f"/api/v1/findings/{about}").json()
    rows: list[dict[str, Any]] = person.get(f"/api/v1/incidents/{found['subject_id']}").json()["decisions"]
    return rows


def test_an_observers_report_becomes_an_incident_and_is_never_doubled(app: FastAPI, folder: Path) -> None:
    observer = visitor(app, "observer")
    form = observer.get("/api/v1/forms/reports").json()[0]
    assert {one["name"] for one in form["fields"] if one["required"]} == {"start", "kind"}
    path = "/api/v1/reports/officers"
    answers = [observer.post(path, {"values": REPORT}, Idempotency_Key=ONCE) for _ in range(3)]
    assert [a.status_code for a in answers] == [201] * 3
    assert [a.json()["new"] for a in answers] == [True, False, False]
    assert len({a.json()["entry"] for a in answers}) == 1
    changed = observer.post(path, {"values": REPORT | {"text": "another"}}, Idempotency_Key=ONCE)
    assert changed.status_code == 409
    stored = [e for e in entries(folder, "source-file") if e.subject == "officers"]
    assert [e.author.name for e in stored] == ["observer-1"]
    refresh(app, folder)
    texts = app.state.current.state.view("mission").table("observation")["text"].to_list()
    assert texts.count("seen from the road") == 1


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"kind": ""}, "kind"),
        ({"kind": "a picnic"}, "kind"),
        ({"start": "yesterday"}, "start"),
        ({"lon": "500"}, "lon"),
        ({"lat": ""}, "lat"),
        ({"observer_position": "31,50"}, "observer_position"),
        ({"start": "2019-01-01T00:00:00Z"}, ""),
    ],
)
def test_a_report_that_does_not_fit_says_where_and_is_not_on_record(
    app: FastAPI, folder: Path, values: dict[str, str], where: str
) -> None:
    observer = visitor(app, "observer")
    before = len(entries(folder, "source-file"))
    answer = observer.post("/api/v1/reports/officers", {"values": REPORT | values}, Idempotency_Key=ONCE)
    assert answer.status_code == 422
    assert any(where in one["where"] for one in answer.json()["errors"])
    assert len(entries(folder, "source-file")) == before
    elsewhere = observer.post("/api/v1/reports/news", {"values": REPORT}, Idempotency_Key=ONCE)
    assert elsewhere.status_code == 404


def test_a_party_files_its_own_allegation_and_sees_it_before_others(app: FastAPI, folder: Path) -> None:
    mine, other = visitor(app, "party-liaison"), visitor(app, "party-liaison", "lib")
    values = {"stated": "2025-04-22T10:00:00Z", "start": "2025-04-22T10:00:00Z", "lon": "31.5", "lat": "51.5"}
    values |= {"kind": "shelling", "text": "they shelled us"}
    assert mine.post("/api/v1/allegations", {"values": values}, Idempotency_Key=ONCE).status_code == 201
    assert other.post("/api/v1/allegations", {"values": values}, Idempotency_Key=ONCE).status_code == 404
    path = folder / "case.yaml"
    late = "release: {public: {delay_hours: 1000000}}\n"
    path.write_text(path.read_text(encoding="utf-8") + late, encoding="utf-8")
    refresh(app, folder)
    said = [row["text"] for row in mine.get("/api/v1/allegations").json()["items"]]
    assert "they shelled us" in said
    assert {row["accuser"] for row in other.get("/api/v1/allegations").json()["items"]} == {"party-b"}
    assert visitor(app).get("/api/v1/allegations").json()["items"] == []


def test_files_are_taken_or_refused_one_by_one_with_what_is_wrong_row_by_row(app: FastAPI, folder: Path) -> None:
    analyst = visitor(app, "analyst")
    sent = [
        ("files", ("../../news-3.csv", "at,x,y,what,words\n2025-04-21 06:00,30.2,50.2,shelling,fifth\n", "text/csv")),
        ("files", ("news-4.csv", small.NEWS.replace("first", "again"), "text/csv")),
        ("files", ("picture.jpg", b"\xff\xd8\xff\x00\x01", "image/jpeg")),
        ("files", ("empty.csv", b"", "text/csv")),
    ]
    headers = {"X-CSRF-Token": analyst.csrf}
    answer = analyst.client.post("/api/v1/files/news", files=sent, headers=headers)
    assert answer.status_code == 201
    found = {one["name"]: one for one in answer.json()}
    assert found["news-3.csv"]["rows_read"] == 1
    assert found["news-4.csv"]["rows_set_aside"] == 1
    assert found["news-4.csv"]["problems"][0]["row"] == 4
    assert found["picture.jpg"]["entry"] is found["empty.csv"]["entry"] is None
    assert not list(folder.parent.glob("news-3.csv"))
    again = analyst.client.post("/api/v1/files/news", files=sent[:1], headers=headers).json()[0]
    assert (again["entry"], again["new"]) == (found["news-3.csv"]["entry"], False)
    assert analyst.client.post("/api/v1/files/regions", files=sent[:1], headers=headers).status_code == 404
    assert [e.author.name for e in entries(folder, "source-file")][-2:] == ["analyst-1"] * 2


def test_a_report_leaves_by_two_people_and_is_served_as_it_was(app: FastAPI, folder: Path) -> None:
    analyst, officer, public = visitor(app, "analyst"), visitor(app, "duty-officer"), visitor(app)
    made = analyst.post("/api/v1/reports", {"day": "2025-04-19"})
    assert (made.status_code, made.json()["state"]) == (201, "prepared")
    report = f"/api/v1/reports/{made.json()['id']}"
    assert analyst.post("/api/v1/reports", {"day": "2025-04-19"}).status_code == 422, "it is on record"
    assert analyst.post("/api/v1/reports", {"day": "2019-01-01"}).status_code == 422
    assert analyst.post(f"{report}/release", None).status_code == 403
    app.state.current.refresh()
    assert public.get("/api/v1/reports").json()["items"] == []
    assert public.get(f"{report}/index.html").status_code == 404
    assert officer.get(f"{report}/index.html").status_code == 200
    assert officer.post(f"{report}/release", None).json()["state"] == "released"
    app.state.current.refresh()
    shown = public.get("/api/v1/reports").json()["items"]
    assert [(one["state"], one["prepared_by"]) for one in shown] == [("released", None)]
    page = public.get(f"{report}/index.html")
    assert page.text.startswith("<!doctype html>")
    policy = page.headers["content-security-policy"]
    assert "sha256-" in policy
    assert "unsafe" not in policy
    assert public.get(f"{report}/..%2f..%2fcase.yaml").status_code in (404, 422)
    assert officer.post(f"{report}/withdraw", {"reason": "an error on page 2"}).json()["state"] == "withdrawn"
    app.state.current.refresh()
    assert public.get(f"{report}/index.html").status_code == 404


def test_who_prepared_a_report_does_not_release_it_nor_after_the_policy_changed(app: FastAPI, folder: Path) -> None:
    officer, second = visitor(app, "duty-officer"), visitor(app, "duty-officer", "dot")
    made = officer.post("/api/v1/reports", {"day": "2025-04-19"}).json()
    assert officer.post(f"/api/v1/reports/{made['id']}/release", None).status_code == 422
    path = folder / "case.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "release: {public: {place_km: 50}}\n", encoding="utf-8")
    derive(Case.open(folder))
    answer = second.post(f"/api/v1/reports/{made['id']}/release", None)
    assert answer.status_code == 422
    assert "case.yaml changed" in answer.json()["detail"]


def test_the_newest_decision_is_taken_back_by_a_new_entry(app: FastAPI, folder: Path) -> None:
    analyst, reviewer, about = visitor(app, "analyst"), visitor(app, "reviewer", "rei"), finding(app)

    def undone(person: Person) -> dict[str, str] | None:
        """What the page's form for undoing sends."""
        page = person.get(f"/review?subject={about}").text
        form = re.search(
            rf'data-act="u">((?:(?!</form>).)*name="subject_id" value="{about}".*?)</form>', page, re.DOTALL
        )
        fields = re.findall(r'name="([^"]+)" value="([^"]*)"', form[1]) if form else []
        return {name: value for name, value in fields if name != "csrf"} or None

    assert undone(analyst) is None
    assert analyst.send("/acts/decide", subject_id=about, action="correct", reason="x", **{"set.level": "likely"})
    again = undone(analyst)
    assert again is not None
    assert (again["action"], again["set.level"]) == ("correct", "automatic")
    assert analyst.send("/acts/decide", **again, reason="the report was misread").status_code == 303
    assert undone(analyst) is None, "nothing is left to take back"
    assert analyst.send("/acts/decide", subject_id=about, action="dismiss", reason="an exercise").status_code == 303
    assert undone(analyst) is None, "an analyst does not reopen"
    back = undone(reviewer)
    assert back is not None
    assert reviewer.send("/acts/decide", **back, reason="it was none").status_code == 303
    steps = reviewer.get(f"/api/v1/history/{about}").json()
    assert (steps["state"], steps["seen"]) == ("under_inquiry", 4)
    assert len(entries(folder, "decision")) == 4


def test_several_reports_are_parted_by_one_form(app: FastAPI, folder: Path) -> None:
    view = app.state.current.state.view("mission")
    members = view.table("evidence").filter(pl.col("relation") == "member").sort("incident_id", "observation_id")
    subject, ids = next(
        (key[0], rows["observation_id"].to_list()) for key, rows in members.group_by("incident_id", maintain_order=True)
    )
    analyst = visitor(app, "analyst")
    sent = {"subject_id": subject, "action": "correct", "reason": "x", "set.split": [*ids, "none-such"]}
    answer = analyst.client.post("/acts/decide", data={"csrf": analyst.csrf, **sent})
    assert answer.status_code == 422
    assert "none-such is no report under" in answer.json()["detail"], "both boxes were read"


def test_a_week_is_let_out_as_a_page_and_a_paper_in_the_languages_chosen(app: FastAPI, folder: Path) -> None:
    analyst, officer, public = visitor(app, "analyst"), visitor(app, "duty-officer"), visitor(app)
    sent = {"day": "2025-04-19", "of": "week", "languages": "uk", "follow": "/reports"}
    assert analyst.send("/acts/prepare", **sent).status_code == 303
    app.state.current.refresh()
    (made,) = officer.get("/api/v1/reports").json()["items"]
    assert (made["kind"], made["name"], made["languages"]) == ("weekly", "2025-W16", ["en", "uk"])
    assert officer.send(f"/acts/release/{made['id']}").status_code == 303
    app.state.current.refresh()
    page = public.get("/reports?lang=uk", headers={"accept": "text/html"}).text
    assert f"{made['id']}/index.uk.html" in page
    report = f"/api/v1/reports/{made['id']}"
    assert 'lang="uk"' in public.get(f"{report}/index.uk.html").text
    paper = public.get(f"{report}/report.uk.pdf")
    assert (paper.headers["content-type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    assert public.get(f"{report}/report.ja.pdf").status_code == 404


def test_forms_of_pages_do_the_same_and_lead_back(app: FastAPI, folder: Path) -> None:
    analyst, observer, liaison = visitor(app, "analyst"), visitor(app, "observer"), visitor(app, "party-liaison")
    about = finding(app)
    sent = {"subject_id": about, "text": "from a page", "follow": "/review?at=3"}
    answer = analyst.send("/acts/comment", **sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/review?at=3")
    for away in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        assert analyst.send("/acts/comment", **(sent | {"follow": away})).headers["location"] == "/"
    place = {"subject_id": about, "action": "correct", "reason": "x", "set.level": "likely"}
    assert analyst.send("/acts/decide", **place).status_code == 303
    filled = {f"set.{name}": value for name, value in REPORT.items()}
    assert observer.send("/acts/report/officers", once=ONCE, **filled).status_code == 303
    assert liaison.send("/acts/reply", subject_id=outside(folder, about), text="no").status_code == 303
    assert analyst.send("/acts/decide", subject_id=about, action="reply", reason="x").status_code == 422
    assert len(entries(folder, "decision", "reply")) == 7


def test_programs_act_by_token_without_a_form(app: FastAPI, folder: Path) -> None:
    body = {"subject_id": finding(app), "text": "by a program"}
    assert program(app, "analyst").post("/api/v1/comments", json=body).status_code == 201
    assert program(app, "analyst", frozenset({"read"})).post("/api/v1/comments", json=body).status_code == 403


def test_everything_is_derived_again_beside_the_readers_and_swapped_whole(app: FastAPI, folder: Path) -> None:
    deriving = app.state.deriving
    told: list[tuple[str, dict[str, Any]]] = []
    deriving.tell = lambda word, what: told.append((word, what))
    observer = visitor(app, "observer")
    before = app.state.current.state
    deriving.start()
    try:
        assert observer.post("/api/v1/reports/officers", {"values": REPORT}, Idempotency_Key=ONCE).status_code == 201
        assert deriving.settled(120)
    finally:
        deriving.end()
    after = app.state.current.state
    assert after is not before
    assert after.size > before.size
    assert after.view("mission").table("incident").height == before.view("mission").table("incident").height + 1
    assert {word for word, _ in told} == {"deriving", "derived"}
    assert any(what.get("step") == "fusing" for _, what in told)
    assert not app.state.current.stale
