"""The API does what its description says: generated requests find no server error and no undocumented answer."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from teisen.server.access import roles
from teisen.server.access.sessions import NOT_BY_TOKEN
from tests.server.people import HERE, name_of, server

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 3
TAKEN = {"method", "url", "headers", "params", "json", "data", "files", "content"}
ROLES = ("public", "duty-officer", "party-liaison")


@pytest.fixture(scope="module")
def app(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    folder = tmp_path_factory.mktemp("described")
    shutil.copytree(whole / "case", folder / "case")
    shutil.copytree(whole / "keys", folder / "keys")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEISEN_KEYS", str(folder / "keys"))
        yield server(folder / "case")


def headers(app: FastAPI, role: str) -> dict[str, str]:
    if role == "public":
        return {}
    scopes = frozenset(action for action in roles().actions if roles().may(role, action)) - NOT_BY_TOKEN
    secret, _ = app.state.signing.store.make_token(name_of(role), "described", scopes, 3600)
    return {"Authorization": f"Bearer {secret}"}


@pytest.mark.parametrize("role", ROLES)
def test_generated_requests_get_documented_answers(app: FastAPI, role: str) -> None:
    sent = headers(app, role)
    client = TestClient(app, base_url=HERE, headers=sent, raise_server_exceptions=False)
    schema = schemathesis.openapi.from_dict(client.get("/api/v1/openapi.json").json())
    schema.config.update(base_url=HERE)
    walked = 0
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def asked(case: schemathesis.Case) -> None:
            request = case.as_transport_kwargs()
            answer = client.request(**{name: value for name, value in request.items() if name in TAKEN})
            answer.request.read()
            case.validate_response(schemathesis.Response.from_httpx(answer, verify=True), checks=CHECKS)

        asked()
        walked += 1
    assert walked > 30


def test_every_route_of_the_api_is_described_with_its_refusals(app: FastAPI) -> None:
    described = app.openapi()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], path
            assert operation["description"], path
            assert {"401", "403", "429"} <= set(operation["responses"]), (method, path)
            refused = operation["responses"]["403"]["content"]
            assert list(refused) == ["application/problem+json"]
