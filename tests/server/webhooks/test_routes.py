"""An administrator keeps the webhooks; a secret is shown once; nothing inside can be named."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI

from teisen.server.webhooks import Webhooks
from tests.server.people import program, server, visitor

PATH = "/api/v1/webhooks"


@pytest.fixture
def app(folder: Path) -> FastAPI:
    made = server(folder)
    made.state.webhooks._lookup = lambda *_: ["8.8.8.8"]
    return made


def test_a_secret_is_shown_once_and_stands_nowhere_in_the_case(app: FastAPI, folder: Path) -> None:
    admin = visitor(app, "administrator")
    made = admin.post(PATH, {"url": "https://name.example/in", "label": "archive"})
    assert made.status_code == 201
    secret = made.json()["secret"]
    listed = admin.get(PATH)
    assert [one["url"] for one in listed.json()["items"]] == ["https://name.example/in"]
    assert secret not in listed.text
    assert not [path for path in folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
    gone = admin.client.delete(f"{PATH}/{made.json()['id']}", headers={"X-CSRF-Token": admin.csrf})
    assert gone.status_code == 204
    assert admin.get(PATH).json() == {"items": []}


@pytest.mark.parametrize("url", ["http://name.example/", "https://127.0.0.1/", "https://[::1]/", "file:///etc/passwd"])
def test_addresses_inside_are_refused_with_a_reason(app: FastAPI, url: str) -> None:
    app.state.webhooks._lookup = Webhooks(app.state.webhooks.hooks)._lookup
    refused = visitor(app, "administrator").post(PATH, {"url": url})
    assert refused.status_code == 422
    assert "public https address" in refused.text


def test_a_new_state_is_told_to_everybody(app: FastAPI) -> None:
    visitor(app, "administrator").post(PATH, {"url": "https://name.example/in"})
    app.state.deriving.done()
    (message,) = app.state.webhooks.hooks.due()
    assert '"type": "state"' in message.body
    assert f'"ledger_size": {app.state.current.state.size}' in message.body


def test_nobody_else_sees_them(app: FastAPI) -> None:
    for role in ("public", "analyst", "duty-officer", "party-liaison"):
        assert visitor(app, role).get(PATH).status_code in (401, 403)
    assert program(app, "analyst").get(PATH).status_code == 403
