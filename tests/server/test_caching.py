"""What the public reads is made once for each state and language, and changes with the state."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path
from typing import Any

import brotli
import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from teisen.case import Case, derive, receive
from teisen.server.access import Visitor
from teisen.server.caching import Caching
from teisen.server.current import Current
from tests.server.people import HERE, ran, server, visitor


@pytest.fixture
def app(folder: Path) -> FastAPI:
    return server(folder)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Who had a view looked up for them: once for each answer that was really made."""
    asked: list[str] = []
    real = Current.view

    def view(self: Current, who: Visitor) -> Any:
        asked.append(who.role)
        return real(self, who)

    monkeypatch.setattr(Current, "view", view)
    return asked


def test_an_answer_is_made_once_and_packed_as_it_is_asked_for(app: FastAPI, made: list[str]) -> None:
    client = TestClient(app, base_url=HERE)
    plain = client.get("/api/v1/incidents", headers={"Accept-Encoding": "identity"})
    for packing, unpack in (("gzip", gzip.decompress), ("br", brotli.decompress)):
        with client.stream("GET", "/api/v1/incidents", headers={"Accept-Encoding": packing}) as packed:
            raw = b"".join(packed.iter_raw())
        assert packed.headers["content-encoding"] == packing
        assert len(raw) < len(plain.content) / 2
        assert unpack(raw) == plain.content
    assert made == ["public"]
    assert "Accept-Language" in plain.headers["vary"]


def test_whoever_has_it_gets_nothing_again_until_the_state_is_another(app: FastAPI, folder: Path) -> None:
    client = TestClient(app, base_url=HERE)
    first = client.get("/api/v1/incidents")
    again = client.get("/api/v1/incidents", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    case = Case.open(folder)
    row = b"at,x,y,what,words\n2025-04-21 06:00,30.2,50.2,shelling,fifth\n"
    receive(case, "news", [("news-9.csv", row)])
    derive(case)
    same = client.get("/api/v1/incidents", headers={"If-None-Match": first.headers["etag"]})
    assert same.status_code == 304, "not before the state is swapped"
    app.state.current.refresh()
    other = client.get("/api/v1/incidents", headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200
    assert other.json()["count"] == first.json()["count"] + 1
    assert other.json()["ledger_size"] > first.json()["ledger_size"]


def test_nobody_gets_what_was_made_for_another(app: FastAPI) -> None:
    client = TestClient(app, base_url=HERE)
    languages = {code: client.get("/", params={"lang": code}).text for code in ("en", "ja")}
    assert languages["en"] != languages["ja"]
    analyst, liaison = visitor(app, "analyst"), visitor(app, "party-liaison")
    for path in ("/api/v1/me", "/api/v1/incidents", "/"):
        public = client.get(path)
        inside = analyst.get(path)
        assert "private" in inside.headers["cache-control"]
        assert client.get(path).content == public.content
    assert analyst.get("/api/v1/me").json()["name"] != liaison.get("/api/v1/me").json()["name"]
    tag = analyst.get("/api/v1/me").headers["etag"]
    assert analyst.client.get("/api/v1/me", headers={"If-None-Match": tag}).status_code == 304
    assert client.get("/api/v1/queue").status_code == 401


def test_a_crowd_that_comes_at_once_has_it_made_once_and_streams_hold_nobody_up(app: FastAPI, made: list[str]) -> None:
    async def crowd() -> set[int]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
            answers = await asyncio.gather(*(client.get("/api/v1/findings") for _ in range(50)))
        return {answer.status_code for answer in answers}

    assert ran(crowd()) == {200}
    assert made == ["public"]

    async def two_streams() -> list[str]:
        heard: list[str] = []

        async def listen() -> None:
            scope = {
                "type": "http",
                "method": "GET",
                "path": "/events",
                "raw_path": b"/events",
                "query_string": b"",
                "headers": [(b"host", b"127.0.0.1")],
                "client": ("127.0.0.1", 1),
                "http_version": "1.1",
                "scheme": "http",
                "root_path": "",
            }

            async def receive() -> dict[str, Any]:
                await asyncio.sleep(60)
                return {"type": "http.disconnect"}

            async def send(message: Any) -> None:
                if message["type"] == "http.response.body":
                    heard.append(message["body"].decode())

            await app(scope, receive, send)

        listening = [asyncio.create_task(listen()) for _ in range(2)]
        for _ in range(500):
            if len(heard) >= 2:
                break
            await asyncio.sleep(0.01)
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
        return heard

    assert ["event: state" in text for text in ran(two_streams())] == [True, True]


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch, app: FastAPI) -> None:
    monkeypatch.setattr("teisen.server.caching.MOST_BYTES", 20_000)
    client = TestClient(app, base_url=HERE)
    for n in range(60):
        assert client.get("/api/v1/incidents", params={"offset": n}).status_code == 200
    stack, found = app.middleware_stack, None
    while stack is not None and found is None:
        found = stack if isinstance(stack, Caching) else None
        stack = getattr(stack, "app", None)
    assert found is not None
    assert sum(kept.size for kept in found._kept.values()) <= 20_000
