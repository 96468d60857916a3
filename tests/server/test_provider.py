"""Signing in at a provider of identities: a small false one, in this process, that may also lie."""

from __future__ import annotations

import base64
import hashlib
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from teisen.server.access.provider import Provider
from teisen.server.access.store import Account
from tests.server.people import HERE, server

ISSUER = "https://identity.example"
CLIENT = "teisen-test"
KEY = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})


class Identity:
    """A provider: answers over ``transport``; ``claims`` and ``key`` are what it lies with."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.key = KEY
        self.algorithm = "RS256"
        self.issuer = ISSUER
        self.codes: dict[str, dict[str, str]] = {}
        self.transport = httpx.MockTransport(self.answer)

    def allow(self, url: str, subject: str) -> tuple[str, str]:
        """What its page does: somebody agrees; gives the code and the state."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["redirect_uri"] == f"{HERE}/sign-in/back"
        self.codes["a-code"] = asked | {"subject": subject}
        return "a-code", asked["state"]

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/.well-known/openid-configuration":
            places = {n: f"{ISSUER}/{n}" for n in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
            return httpx.Response(200, json={"issuer": self.issuer, **places})
        if path == "/jwks_uri":
            return httpx.Response(200, json={"keys": [KEY.as_dict(private=False)]})
        sent = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        asked = self.codes.pop(sent["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest()).rstrip(b"=")
        if asked is None or asked["code_challenge"] != challenge.decode():
            return httpx.Response(400, json={"error": "invalid_grant"})
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": CLIENT, "sub": asked["subject"], "iat": now, "exp": now + 300}
        claims |= {"nonce": asked["nonce"]} | self.claims
        token = jwt.encode({"alg": self.algorithm, "kid": "1"}, claims, self.key, algorithms=[self.algorithm])
        return httpx.Response(200, json={"access_token": "x", "token_type": "Bearer", "id_token": token})


@pytest.fixture
def identity() -> Identity:
    return Identity()


@pytest.fixture
def app(folder: Path, identity: Identity) -> FastAPI:
    found = server(folder, oidc_issuer=ISSUER, oidc_client=CLIENT, oidc_secret="s")
    found.state.provider = Provider(found.state.settings, identity.transport)
    found.state.signing.store.add(Account("ana", "analyst", "", "", "subject-of-ana", active=True))
    return found


def begun(app: FastAPI, follow: str = "/account") -> tuple[TestClient, str]:
    client = TestClient(app, base_url=HERE)
    answer = client.get("/sign-in/provider", params={"follow": follow}, follow_redirects=False)
    assert answer.status_code == 303
    return client, answer.headers["location"]


def came_back(client: TestClient, code: str, state: str) -> httpx.Response:
    return client.get("/sign-in/back", params={"code": code, "state": state}, follow_redirects=False)


def test_whom_the_provider_names_is_signed_in_to_their_own_account(app: FastAPI, identity: Identity) -> None:
    client, url = begun(app)
    assert url.startswith(f"{ISSUER}/authorization_endpoint?")
    code, state = identity.allow(url, "subject-of-ana")
    answer = came_back(client, code, state)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert "ana" in client.get("/account").text
    assert came_back(client, code, state).status_code == 403, "it does not work twice"


def test_a_subject_without_an_account_is_told_so_and_gets_none(app: FastAPI, identity: Identity) -> None:
    client, url = begun(app)
    answer = came_back(client, *identity.allow(url, "somebody-else"))
    assert answer.status_code == 403
    assert "somebody-else" in answer.text
    assert client.get("/account").status_code == 401


def test_a_sign_in_that_another_browser_began_is_refused(app: FastAPI, identity: Identity) -> None:
    _, url = begun(app)
    code, state = identity.allow(url, "subject-of-ana")
    victim, _ = begun(app)
    assert came_back(victim, code, state).status_code == 403
    assert came_back(TestClient(app, base_url=HERE), code, "guess").status_code == 403


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"aud": [CLIENT, "another-client"]},
        {"nonce": "another"},
        {"exp": 1},
        {"iat": 1},
        {"sub": ""},
        {"azp": "another-client"},
    ],
)
def test_a_word_that_does_not_hold_signs_nobody_in(app: FastAPI, identity: Identity, lie: dict[str, Any]) -> None:
    identity.claims = lie
    client, url = begun(app)
    assert came_back(client, *identity.allow(url, "subject-of-ana")).status_code == 403
    assert client.get("/account").status_code == 401


def test_a_word_that_another_key_signed_signs_nobody_in(app: FastAPI, identity: Identity) -> None:
    identity.key = OTHER
    client, url = begun(app)
    assert came_back(client, *identity.allow(url, "subject-of-ana")).status_code == 403
    assert client.get("/account").status_code == 401


def test_a_provider_that_is_another_one_is_not_asked(app: FastAPI, identity: Identity) -> None:
    identity.issuer = "https://evil.example"
    answer = TestClient(app, base_url=HERE).get("/sign-in/provider", follow_redirects=False)
    assert answer.status_code == 503


def test_without_a_provider_there_is_no_such_way_in(folder: Path) -> None:
    client = TestClient(server(folder), base_url=HERE)
    assert client.get("/sign-in/provider").status_code == 404
    assert "organisation" not in client.get("/sign-in").text
