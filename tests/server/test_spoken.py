"""Refusals and what is wrong with rows are said in the language of who asked; names that programs go by stay."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
from fastapi import FastAPI

from teisen.compliance.missed import WARNINGS
from teisen.languages import LANGUAGES, again
from tests.server.filled import ONCE, REPORT
from tests.server.people import server, visitor

OTHERS = LANGUAGES[1:]
LATIN = re.compile(r"(?<![A-Za-z])[A-Za-z]{4,}(?![A-Za-z])")
QUOTED = re.compile(r"[«「'`][^»」'`]*[»」'`]|\(.*?\)|（.*?）|[a-z_]+\.[a-z_.]+")
NAMES = {"bbox", "datetime", "limit", "colour", "otherwise"}
"""Words of addresses and mappings, which are the same in every language."""
REFUSED = (
    ("/api/v1/incidents?limit=0", 422, "does-not-fit"),
    ("/api/v1/incidents?limit=many", 422, "does-not-fit"),
    ("/api/v1/incidents/inc-000000000000", 404, "not-found"),
    ("/api/v1/queue", 401, "sign-in-needed"),
    ("/api/v1/nothing", 404, "not-found"),
    ("/ogc/collections/incident/items?bbox=1,2", 400, "bad-request"),
    ("/ogc/collections/incident/items?datetime=2025-04-20T00:00:00Z/2025-04-19T00:00:00Z", 400, "bad-request"),
    ("/ogc/collections/incident/items?limit=0", 400, "bad-request"),
    ("/ogc/collections/incident/items?colour=red", 400, "bad-request"),
    ("/ogc/collections/nothing", 404, "not-found"),
    ("/files/nothing.csv", 404, "not-found"),
)
ROWS = (
    "at,x,y,what,words\nnever,30.6,50.6,shelling,a\n2025-04-19 09:00,300,50.6,shelling,b\n"
    "2025-04-19 09:00,30.6,,shelling,c\n2025-04-19 09:00,30.6,50.6,picnic,d\n2025-04-19 09:00,30.6\n"
)


@pytest.fixture
def app(folder: Path) -> FastAPI:
    return server(folder)


def english(said: str) -> set[str]:
    """Words of a text that are English for all that one can see."""
    return set(LATIN.findall(QUOTED.sub("", said))) - NAMES


def test_a_refusal_is_said_in_the_language_that_was_asked_for(app: FastAPI) -> None:
    client = visitor(app)
    for language, (path, status, name) in product(OTHERS, REFUSED):
        plain, said = (client.get(path, headers={"accept-language": code}) for code in ("en", f"{language};q=0.9"))
        assert (said.status_code, said.headers["content-language"]) == (status, language), path
        assert said.json()["type"] == plain.json()["type"] == f"/problems/{name}"
        for key in ("title", "detail"):
            assert said.json()[key] != plain.json()[key], path
            assert not english(said.json()[key]), path
        places = [one["where"] for one in plain.json().get("errors", [])]
        assert [one["where"] for one in said.json().get("errors", [])] == places
        assert not [one for one in said.json().get("errors", []) if english(one["what"])]


def test_rows_that_cannot_be_read_and_forms_that_do_not_fit_are_told_in_that_language(app: FastAPI) -> None:
    analyst, observer = visitor(app, "analyst"), visitor(app, "observer")
    for language in OTHERS:
        sent = {"files": (f"{language}.csv", ROWS.replace("never", language).encode(), "text/csv")}
        headers = {"accept-language": language, "x-csrf-token": analyst.csrf}
        (taken,) = analyst.client.post("/api/v1/files/news", files=sent, headers=headers).json()
        assert taken["rows_set_aside"] == len(taken["problems"]) == 5
        assert not [one for one in taken["problems"] if english(one["what"]) or english(one["do"])]
        page = analyst.client.post(
            "/acts/upload/news", files=sent, data={"csrf": analyst.csrf}, headers={"accept-language": language}
        )
        assert all(one["what"] in page.text for one in taken["problems"])
        values = REPORT | {"lon": "500"}
        answer = observer.post(
            "/api/v1/reports/officers", {"values": values}, Idempotency_Key=ONCE, accept_language=language
        )
        told = answer.json()
        assert {one["where"] for one in told["errors"]} == {"lon"}
        assert not english(told["errors"][0]["what"]) | english(told["detail"])


def test_what_a_stage_says_of_a_change_is_said_again_sentence_by_sentence() -> None:
    for language in OTHERS:
        for sentence in (
            "It came back to about 0.71 of the time of reference (P 1.00).",
            "It cannot be told: less happened 0.58, a source alone fell 0.42, less could be seen 0.00, scatter 0.00.",
            *WARNINGS.values(),
        ):
            said = again(sentence, language)
            assert said != sentence
            assert not english(said)
