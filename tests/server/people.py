"""People who come to the server in tests: signed in, with a token, or nobody."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from teisen.case import Case
from teisen.release import Ids
from teisen.server import Settings, create_app
from teisen.server.access import roles
from teisen.server.access.sessions import NOT_BY_TOKEN
from teisen.server.access.store import Account

HERE = "http://127.0.0.1"
PASSWORD = "four different words 17"  # noqa: S105  of nobody
PARTY = "party-a"
PEOPLE = tuple(name for name in roles().roles if name != "public")


def ran(work: Coroutine[Any, Any, Any]) -> Any:
    """What ``work`` gives, in a thread of its own: a browser that other tests drive leaves a loop in the main one."""
    with ThreadPoolExecutor(1) as own:
        return own.submit(asyncio.run, work).result()


@dataclass
class Person:
    """Somebody with a browser: the client, and the text that forms bring back."""

    client: TestClient
    role: str
    csrf: str = ""

    def get(self, path: str, **more: Any) -> Response:
        return self.client.get(path, **more)

    def send(self, path: str, follow_redirects: bool = False, **fields: Any) -> Response:
        """Send a form."""
        return self.client.post(path, data={"csrf": self.csrf, **fields}, follow_redirects=follow_redirects)

    def post(self, path: str, body: Any, **headers: str) -> Response:
        """Send JSON."""
        sent = {"X-CSRF-Token": self.csrf, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.client.post(path, json=body, headers=sent)


def server(folder: Path, **settings: Any) -> FastAPI:
    """The app of a case, with one account of every role, named after it, all with the same session text kept apart."""
    given = {"requests_per_minute": 1_000_000, **settings}
    app = create_app(folder, Settings(**given))
    store = app.state.signing.store
    for role in PEOPLE:
        store.add(Account(name_of(role), role, PARTY if role == "party-liaison" else "", "", "", active=True))
    return app


def outside(folder: Path, one: str) -> str:
    """The id that something has where it leaves the case in ``folder``."""
    return Ids(Case.open(folder).ledger.secret()).outside(one)


def name_of(role: str) -> str:
    return f"{role}-1"


def visitor(app: FastAPI, role: str = "public", name: str = "") -> Person:
    """A browser of somebody with a role; no password is asked for, the session is begun in the store."""
    client = TestClient(app, base_url=HERE)
    if role == "public":
        return Person(client, role)
    sessions = app.state.signing.sessions
    secret = app.state.signing.store.begin(name or name_of(role))
    client.cookies.set(sessions.cookie, secret)
    found = sessions.of_cookie(secret, "en")
    return Person(client, role, found.csrf)


def program(app: FastAPI, role: str, scopes: frozenset[str] | None = None) -> TestClient:
    """A program with an API token for all that the role's tokens may do."""
    every = frozenset(action for action in roles().actions if roles().may(role, action)) - NOT_BY_TOKEN
    secret, _ = app.state.signing.store.make_token(name_of(role), "test", every if scopes is None else scopes, 3600)
    return TestClient(app, base_url=HERE, headers={"Authorization": f"Bearer {secret}"})


def field(page: str, name: str) -> str:
    """The value of a hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found[1]
