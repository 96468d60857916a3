"""Files withdrawn through the server: by those who may send them, with a reason, as the command does it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from teisen.case import Case, withdraw
from teisen.ledger import SOURCE_FILE, WITHDRAWAL
from tests.server.filled import ONCE
from tests.server.people import PEOPLE, program, server, visitor

HERE = "/api/v1/files/news/withdrawals"
BACK = {"files": ["news-2.csv"], "reason": "sent by mistake"}
FORM = {"source_id": "news", "file": "news-2.csv", "reason": "sent by mistake"}


@pytest.fixture
def app(folder: Path) -> FastAPI:
    return server(folder)


def entries(folder: Path, kind: str = WITHDRAWAL) -> list[Any]:
    return [one for one in Case.open(folder).ledger.entries() if one.type == kind]


def names(folder: Path) -> set[str]:
    return {one.name for one in Case.open(folder).received()}


def test_a_file_counts_no_more_and_again_signed_by_whoever_said_so(app: FastAPI, folder: Path) -> None:
    analyst, officer = visitor(app, "analyst"), visitor(app, "duty-officer")
    answer = analyst.post(HERE, BACK)
    assert answer.status_code == 201
    (told,) = answer.json()
    (entry,) = entries(folder)
    assert (told["name"], told["counts"], told["entry"]) == ("news-2.csv", False, entry.index)
    assert (entry.author.name, entry.subject, entry.body["reason"]) == ("analyst-1", "news", "sent by mistake")
    assert entry.signed_by_author()
    assert entry.body["blob"] == told["sha256"]
    assert "news-2.csv" not in names(folder)
    again = officer.post(HERE, {"files": [told["sha256"][:8]], "reason": "it was right", "undo": True})
    assert (again.status_code, again.json()[0]["counts"]) == (201, True)
    assert [one.author.name for one in entries(folder)] == ["analyst-1", "duty-officer-1"]
    assert "news-2.csv" in names(folder)


def test_what_is_derived_afterwards_is_swapped_beside_the_readers(app: FastAPI, folder: Path) -> None:
    analyst, before = visitor(app, "analyst"), app.state.current.state.view("mission").table("observation").height
    app.state.deriving.start()
    try:
        assert analyst.send("/acts/withdraw-file", **FORM).status_code == 303
        assert app.state.deriving.settled(120)
    finally:
        app.state.deriving.end()
    assert 0 < app.state.current.state.view("mission").table("observation").height < before
    assert not app.state.current.stale


@pytest.mark.parametrize("role", ["public", *PEOPLE])
def test_whoever_may_not_withdraw_changes_nothing(app: FastAPI, folder: Path, role: str) -> None:
    person = visitor(app, role)
    if person.get("/api/v1/me").json()["role"] in ("analyst", "duty-officer"):
        return
    assert person.post(HERE, BACK).status_code == (401 if role == "public" else 403)
    assert person.send("/acts/withdraw-file", **FORM).status_code == (401 if role == "public" else 403)
    page = person.get("/ledger").text
    assert "/acts/withdraw-file" not in page
    assert not entries(folder)


def test_another_sites_form_and_a_cookie_alone_withdraw_nothing(app: FastAPI, folder: Path) -> None:
    analyst = visitor(app, "analyst")
    assert analyst.client.post(HERE, json=BACK).status_code == 403
    assert analyst.client.post("/acts/withdraw-file", data=FORM).status_code == 403
    away = {"Origin": "https://evil.example"}
    sent = {"csrf": analyst.csrf, **FORM}
    assert analyst.client.post("/acts/withdraw-file", data=sent, headers=away).status_code == 403
    assert program(app, "analyst", frozenset({"read", "upload"})).post(HERE, json=BACK).status_code == 403
    assert not entries(folder)
    assert program(app, "analyst").post(HERE, json=BACK).status_code == 201


def test_what_cannot_be_withdrawn_is_told_as_the_command_tells_it(app: FastAPI, folder: Path) -> None:
    analyst = visitor(app, "analyst")
    withdraw(Case.open(folder), "news", ["news-2.csv"], "sent by mistake")
    size = len(entries(folder))
    for change, says in (
        ({"files": ["news-9.csv"]}, "no file of this name was received from this source"),
        ({"files": ["claims.csv"]}, "no file of this name"),
        ({"files": ["news-1.csv"], "reason": "  "}, "no reason is given"),
        ({}, "it is withdrawn already (sent by mistake)"),
        ({"files": ["news-1.csv"], "undo": True}, "it counts already"),
        ({"files": ["news-1.csv", "news-9.csv"]}, "no file of this name"),
        ({"files": ["../ledger/checkpoint"]}, "no file of this name"),
    ):
        body = BACK | change
        answer = analyst.post(HERE, body)
        assert answer.status_code == 422, body
        assert says in answer.json()["detail"]
        fields = {"source_id": "news", "file": body["files"][-1], "reason": body["reason"]}
        undo = {"undo": "1"} if body.get("undo") else {}
        page = analyst.send("/acts/withdraw-file", **fields, **undo)
        assert (page.status_code, page.json()["detail"]) == (422, answer.json()["detail"])
    for path in ("news-9", "officers-9"):
        assert analyst.post(f"/api/v1/files/{path}/withdrawals", BACK).status_code == 404
    for body in ({"files": [], "reason": "x"}, {"files": ["a"] * 21, "reason": "x"}, BACK | {"more": 1}):
        assert analyst.post(HERE, body).status_code == 422
    assert analyst.send("/acts/withdraw-file", source_id="news", file="news-1.csv").status_code == 422
    assert len(entries(folder)) == size


def test_sources_that_nobody_sends_into_and_a_partys_own_words_stay(app: FastAPI, folder: Path) -> None:
    analyst = visitor(app, "analyst")
    for source, file in (("regions", "regions.geojson"), ("claims", "claims.csv")):
        sent = {"files": [file], "reason": "x"}
        assert analyst.post(f"/api/v1/files/{source}/withdrawals", sent).status_code == 404
        assert analyst.send("/acts/withdraw-file", source_id=source, file=file, reason="x").status_code == 404
    assert not entries(folder)


def test_a_withdrawal_that_is_sent_twice_is_on_record_once(app: FastAPI, folder: Path) -> None:
    analyst, officer = visitor(app, "analyst"), visitor(app, "duty-officer")
    answers = [analyst.post(HERE, BACK, Idempotency_Key=ONCE).json() for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert len(entries(folder)) == 1
    assert officer.post(HERE, BACK, Idempotency_Key=ONCE).status_code == 422, "another person's text is another act"
    view = app.state.current.state.view("mission")
    about = view.table("finding")["finding_id"][0]
    said = {"subject_id": about, "text": "with the same text"}
    assert analyst.post("/api/v1/comments", said, Idempotency_Key=ONCE).status_code == 201
    for _ in range(2):
        assert analyst.send("/acts/withdraw-file", once=ONCE + "f", **(FORM | {"file": "news-1.csv"})).is_redirect
    assert len(entries(folder)) == 2


def test_a_name_that_several_files_have_is_told_apart_by_digits(app: FastAPI, folder: Path) -> None:
    analyst = visitor(app, "analyst")
    words = b"at,x,y,what,words\n2025-04-21 06:00,30.2,50.2,shelling,corrected\n"
    sent = [("files", ("news-2.csv", words, "text/csv"))]
    analyst.client.post("/api/v1/files/news", files=sent, headers={"X-CSRF-Token": analyst.csrf})
    answer = analyst.post(HERE, BACK)
    assert answer.status_code == 422
    assert "2 files of this source have this name" in answer.json()["detail"]
    digits = re.findall(r"[0-9a-f]{12}", answer.json()["detail"])
    assert len(digits) == 2
    assert analyst.post(HERE, BACK | {"files": digits[:1]}).status_code == 201


def test_the_ledgers_pages_offer_it_and_say_what_was_withdrawn(app: FastAPI, folder: Path) -> None:
    analyst, reviewer, public = visitor(app, "analyst"), visitor(app, "reviewer"), visitor(app)
    (file,) = [one for one in entries(folder, SOURCE_FILE) if one.blob.name == "news-2.csv"]
    page = analyst.get(f"/ledger/{file.index}").text
    form = re.search(r'<form method="post" action="/acts/withdraw-file">(.*?)</form>', page, re.DOTALL)
    assert form
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form[1]))
    assert (fields["source_id"], fields["file"], fields["undo"]) == ("news", file.blob.sha256, "0")
    fields.pop("csrf")
    sent = analyst.send("/acts/withdraw-file", reason="<b>sent</b> by mistake", **fields)
    assert (sent.status_code, sent.headers["location"]) == (303, f"/ledger/{file.index}?sent=1")
    for person in (analyst, reviewer):
        for path in ("/ledger", f"/ledger/{file.index}"):
            page = person.get(path).text
            assert "&lt;b&gt;sent&lt;/b&gt; by mistake" in page, "before anything is derived again"
            assert ("/acts/withdraw-file" in page) == (person is analyst)
    assert 'name="undo" value="1"' in analyst.get(f"/ledger/{file.index}").text
    for path in ("/ledger", f"/ledger/{file.index}"):
        assert "by mistake" not in public.get(path).text
        assert "Withdrawn" not in public.get(path).text
    assert "#withdrawn" in analyst.get("/intake").text
    assert "by mistake" not in analyst.get("/intake").text, "that page is kept on devices"


def test_refusals_are_said_in_the_language_that_was_asked_for(app: FastAPI) -> None:
    analyst = visitor(app, "analyst")
    for change in ({"files": ["news-9.csv"]}, {"reason": " "}, {"undo": True}):
        english = analyst.post(HERE, BACK | change).json()["detail"]
        for language in ("ja", "uk", "ru"):
            said = analyst.post(HERE, BACK | change, accept_language=language).json()["detail"]
            left = re.sub(r"news-\d\.csv", "", said)
            assert said != english
            assert not re.search(r"[a-z]{4}", left), said
