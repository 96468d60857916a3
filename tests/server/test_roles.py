"""The table of roles and actions, walked through completely: every route, every role, in a browser and by a token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI

from teisen.server.access import declared, roles, undeclared
from teisen.server.access.sessions import NOT_BY_TOKEN
from tests.server.people import PEOPLE, Person, program, server, visitor

REFUSED = (401, 403)
FILL = {"report_id": "pub-000000000000", "incident_id": "inc-000000000000", "finding_id": "fnd-000000000000"}
STREAM = "/events"


@pytest.fixture(scope="module")
def app(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    import shutil

    folder = tmp_path_factory.mktemp("roles")
    shutil.copytree(whole / "case", folder / "case")
    shutil.copytree(whole / "keys", folder / "keys")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEISEN_KEYS", str(folder / "keys"))
        yield server(folder / "case")


def routes(app: FastAPI) -> Iterator[tuple[str, str, str]]:
    """Method, address (its gaps filled) and action of every route."""
    for route in declared(app.routes):
        assert route.action, route.path
        path = re.sub(r"{(\w+)}", lambda gap: FILL.get(gap[1], "0"), route.path)
        for method in route.methods:
            yield method, path, route.action


def asked(person: Person, method: str, path: str) -> int:
    """The status that somebody gets who sends next to nothing."""
    headers = {"X-CSRF-Token": person.csrf}
    return person.client.request(method, path, headers=headers, follow_redirects=False).status_code


def test_every_role_may_do_what_the_table_says_and_nothing_else(app: FastAPI) -> None:
    walked, wrong = 0, []
    for role in ("public", *PEOPLE):
        person = visitor(app, role)
        for method, path, action in routes(app):
            if path in {STREAM, "/sign-out"}:
                continue
            status = asked(person, method, path)
            walked += 1
            if (status in REFUSED) == roles().may(role, action) and action != "sign-in":
                wrong.append((role, method, path, action, status))
            assert status < 500, (role, method, path, status)
    assert not wrong
    assert walked > 400


def test_a_token_may_do_what_it_is_for_and_nothing_else(app: FastAPI) -> None:
    for role in PEOPLE:
        every = program(app, role)
        reader = program(app, role, frozenset({"read"}))
        for method, path, action in routes(app):
            if path in {STREAM, "/sign-out"}:
                continue
            may = roles().may(role, action) and action not in NOT_BY_TOKEN
            status = every.request(method, path, follow_redirects=False).status_code
            assert (status in REFUSED) != may, (role, method, path, action, status)
            status = reader.request(method, path, follow_redirects=False).status_code
            assert (status in REFUSED) == (action != "read"), (role, method, path, action, status)


def test_actions_of_the_table_are_those_of_routes_and_the_other_way_round(app: FastAPI) -> None:
    assert {action for _, _, action in routes(app)} == set(roles().actions)


def test_a_route_without_an_action_is_found() -> None:
    router = APIRouter()

    @router.get("/forgotten")
    def forgotten() -> str:
        return ""

    app = FastAPI(openapi_url=None)
    app.include_router(router, prefix="/inner")
    assert undeclared(app.routes) == ["/inner/forgotten"]


def test_parties_rule_on_nothing_and_nobody_but_administrators_makes_accounts() -> None:
    table = roles()
    assert {name for name in table.actions if table.may("party-liaison", name)} == {
        *("read", "sign-in", "own-account", "comment", "reply", "allege"),
    }
    assert table.actions["manage-accounts"].by == ("administrator",)
    assert not any(table.may("administrator", name) for name in ("review", "read-inside", "release-publication"))
    assert {name for name in table.actions if table.may("public", name)} == {"read", "sign-in"}


def test_the_documents_table_of_roles_is_the_one_that_holds() -> None:
    text = (Path(__file__).parents[2] / "docs" / "server.md").read_text(encoding="utf-8")
    table = text.partition("## Who may do what\n")[2].partition("\n\n")[0].splitlines()
    heads, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table if "---" not in line]
    names = {entry.title: name for name, entry in roles().roles.items()} | {"public": "public"}
    shown = sorted(tuple(names[h] for h, cell in zip(heads[1:], row[1:], strict=True) if cell == "x") for row in rows)
    held = sorted(tuple(n for n in roles().roles if roles().may(n, a)) for a in roles().actions if a != "sign-in")
    assert shown == held
