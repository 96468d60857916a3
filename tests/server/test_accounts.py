"""Accounts: the first one, invitations, signing in, what guessers and thieves get, tokens, and the audit of it."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from teisen.case import Case
from teisen.errors import CaseBusy
from teisen.server import Settings, create_app
from teisen.server.access import delays
from teisen.server.access.passwords import fits, hashed, weakness
from teisen.server.access.store import Account, Store
from tests.server.people import HERE, PASSWORD, Person, field, name_of, program, server, visitor


def browser(app: FastAPI) -> Person:
    client = TestClient(app, base_url=HERE)
    return Person(client, "public", field(client.get("/sign-in").text, "csrf"))


def signed_in(app: FastAPI, name: str, password: str = PASSWORD) -> Person:
    person = browser(app)
    assert person.send("/sign-in", name=name, password=password).status_code == 303
    person.csrf = field(person.get("/account").text, "csrf")
    return person


def with_password(app: FastAPI, name: str = "ana", role: str = "analyst") -> None:
    app.state.signing.store.add(Account(name, role, "", hashed(PASSWORD), "", active=True))


def busy(*_: object, **__: object) -> None:
    raise CaseBusy("another command works on the case")


def accessed(folder: Path) -> list[tuple[str, str]]:
    return [(e.subject, str(e.body["what"])) for e in Case.open(folder).ledger.entries() if e.type == "access"]


def test_the_first_account_is_made_once_by_whoever_reads_the_terminal(folder: Path) -> None:
    app = create_app(folder)
    setup = app.state.signing.setup
    person = browser(app)
    assert person.send("/set-up", secret="guess", name="ada", password=PASSWORD).status_code == 403
    assert person.send("/set-up", secret=setup, name="ada", password="short").status_code == 422
    assert person.send("/set-up", secret=setup, name="ada", password=PASSWORD).status_code == 303
    assert "Your account" in person.get("/account").text
    assert browser(app).send("/set-up", secret=setup, name="eve", password=PASSWORD).status_code == 403
    assert person.get("/set-up").status_code == 404
    assert create_app(folder).state.signing.setup == ""
    assert accessed(folder) == [("ada", "first-account"), ("ada", "sign-in")]


def test_an_invitation_sets_a_password_once_and_nobody_gets_a_default_one(folder: Path) -> None:
    app = server(folder)
    admin = visitor(app, "administrator")
    page = admin.send("/accounts", name="rei", role="reviewer")
    secret = page.text.partition("secret=")[2].partition("<")[0]
    assert secret
    guest = browser(app)
    assert guest.send("/sign-in", name="rei", password="").status_code in (401, 422)
    assert guest.send("/invitation", secret=secret, password="rei rei rei rei").status_code == 422
    assert guest.send("/invitation", secret=secret, password=PASSWORD).status_code == 303
    assert guest.send("/invitation", secret=secret, password=PASSWORD + "!").status_code == 403
    assert signed_in(app, "rei").get("/account").status_code == 200
    assert admin.send("/accounts", name="rei", role="reviewer").status_code == 409
    assert admin.send("/accounts", name="Rei Two", role="reviewer").status_code == 422
    assert admin.send("/accounts", name="lia", role="party-liaison").status_code == 422
    assert admin.send("/accounts", name="ann", role="analyst", party="party-a").status_code == 422
    assert admin.send("/accounts", name="pub", role="public").status_code == 422


def test_a_stopped_account_is_out_at_once(folder: Path) -> None:
    app = server(folder)
    analyst, token, admin = visitor(app, "analyst"), program(app, "analyst"), visitor(app, "administrator")
    assert token.get("/api/v1/queue").status_code == analyst.get("/account").status_code == 200
    assert admin.send(f"/accounts/{name_of('analyst')}/stop").status_code == 303
    assert token.get("/api/v1/queue").status_code == 401
    assert analyst.get("/account", follow_redirects=False).status_code == 401
    assert admin.send(f"/accounts/{admin.role}-1/stop").status_code == 409


def test_a_session_is_a_new_one_after_signing_in_whatever_the_browser_brought(folder: Path) -> None:
    app = server(folder)
    with_password(app)
    planted = app.state.signing.store.begin(name_of("observer"))
    person = browser(app)
    person.client.cookies.set("teisen", planted)
    person.csrf = app.state.signing.sessions.of_cookie(planted, "en").csrf
    answer = person.send("/sign-in", name="ana", password=PASSWORD)
    cookie = answer.headers["set-cookie"]
    assert planted not in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert app.state.signing.sessions.of_cookie(planted, "en") is None
    stranger = TestClient(app, base_url=HERE, cookies={"teisen": "chosen-by-somebody-else"})
    assert stranger.get("/account").status_code == 401


def test_behind_tls_cookies_are_secure_and_browsers_told_so(folder: Path) -> None:
    app = create_app(folder, Settings(address="https://watch.example.org"))
    with_password(app)
    client = TestClient(app, base_url="https://watch.example.org")
    form = client.get("/sign-in")
    assert form.headers["strict-transport-security"]
    answer = client.post(
        "/sign-in",
        data={"csrf": field(form.text, "csrf"), "name": "ana", "password": PASSWORD},
        follow_redirects=False,
    )
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-teisen=")
    assert "Secure" in cookie
    assert client.get("/account").status_code == 200


def test_signing_out_ends_the_session_on_the_server(folder: Path) -> None:
    app = server(folder)
    with_password(app)
    person = signed_in(app, "ana")
    kept = person.client.cookies["teisen"]
    assert person.send("/sign-out").status_code == 303
    thief = TestClient(app, base_url=HERE, cookies={"teisen": kept})
    assert thief.get("/account").status_code == 401
    assert accessed(folder)[-2:] == [("ana", "sign-in"), ("ana", "sign-out")]


def test_another_password_ends_all_other_sessions(folder: Path) -> None:
    app = server(folder)
    with_password(app)
    here, there = signed_in(app, "ana"), signed_in(app, "ana")
    new = "quite another sentence 8"
    assert here.send("/account/password", old="wrong", new=new).status_code == 401
    assert here.send("/account/password", old=PASSWORD, new=new).status_code == 303
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 401
    assert browser(app).send("/sign-in", name="ana", password=PASSWORD).status_code == 401
    signed_in(app, "ana", new)


def test_whoever_guesses_waits_longer_each_time_and_locks_nobody_out(folder: Path, tmp_path: Path) -> None:
    app = server(folder)
    with_password(app)
    guesser = browser(app)
    statuses = [guesser.send("/sign-in", name="ana", password=f"guess number {n}").status_code for n in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    answer = guesser.send("/sign-in", name="ana", password=PASSWORD)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    unknown = [guesser.send("/sign-in", name="nobody", password="x").status_code for _ in range(6)]
    assert unknown == [401] * 5 + [429], "an account that is not there answers the same"
    app.state.signing.settled()
    assert accessed(folder) == [("ana", "delayed")], "one entry, not one for each guess"

    with_password(app, "olena")
    app.state.signing.desk.recorded = busy
    other = browser(app)
    statuses = [other.send("/sign-in", name="olena", password="x").status_code for _ in range(6)]
    assert statuses == unknown, "also where nothing can be put on record"
    app.state.signing.settled()

    now = [0.0]
    store = Store(tmp_path / "clocked.sqlite", clock=lambda: now[0])
    for _ in range(8):
        delays.failed(store, "ana", "192.0.2.1")
    first = delays.wait_s(store, "ana", "192.0.2.1")
    delays.failed(store, "ana", "192.0.2.1")
    assert delays.wait_s(store, "ana", "192.0.2.1") == pytest.approx(2 * first)
    assert delays.wait_s(store, "ana", "192.0.2.2") == 0, "the owner, elsewhere, gets in"
    for n in range(delays.FREE["account"]):
        delays.failed(store, "ana", f"198.51.100.{n}")
    assert delays.wait_s(store, "ana", "192.0.2.2") > 0, "guesses from many addresses wait too"
    now[0] += delays.FORGOTTEN_S + 1
    assert delays.wait_s(store, "ana", "192.0.2.1") == 0


def test_sessions_end_by_themselves(tmp_path: Path) -> None:
    now = [1e9]
    store = Store(tmp_path / "accounts.sqlite", clock=lambda: now[0])
    store.add(Account("ana", "analyst", "", "", "", active=True))
    secret = store.begin("ana")
    for _ in range(5):
        now[0] += 50
        assert store.session(secret, 60, 400)
    now[0] += 61
    assert store.session(secret, 60, 400) is None
    busy = store.begin("ana")
    for _ in range(8):
        now[0] += 50
        store.session(busy, 60, 400)
    now[0] += 50
    assert store.session(busy, 60, 400) is None


def test_a_token_is_shown_once_lasts_as_long_as_it_says_and_makes_no_other(folder: Path, tmp_path: Path) -> None:
    app = server(folder)
    analyst = visitor(app, "analyst")
    page = analyst.send("/account/tokens", label="laptop", days="1", scopes=["read", "read-inside"])
    found = re.search(r">([\w-]{43})<", page.text)
    assert found
    secret = found[1]
    assert secret not in analyst.get("/account").text
    client = TestClient(app, base_url=HERE, headers={"Authorization": f"Bearer {secret}"})
    assert client.get("/api/v1/queue").status_code == 200
    assert client.get("/api/v1/me").json()["actions"] == ["read", "read-inside"]
    assert client.post("/api/v1/derivation").status_code == 403
    assert client.post("/account/tokens", data={"label": "x", "days": 1, "scopes": "read"}).status_code == 403
    for scopes in ("own-account", "manage-accounts", "reply", "nonsense"):
        assert analyst.send("/account/tokens", label="x", days="1", scopes=scopes).status_code == 422
    raw = app.state.signing.store.path.read_bytes()
    assert secret.encode() not in raw
    assert client.cookies.get("teisen") is None
    token = field(analyst.get("/account").text.replace("/account/tokens/", 'name="t" value="'), "t").partition("/")[0]
    assert analyst.send(f"/account/tokens/{token}/drop").status_code == 303
    assert client.get("/api/v1/queue").status_code == 401

    now = [1e9]
    store = Store(tmp_path / "clocked.sqlite", clock=lambda: now[0])
    store.add(Account("ana", "analyst", "", "", "", active=True))
    short, _ = store.make_token("ana", "x", frozenset({"read"}), 60)
    assert store.token(short)
    now[0] += 61
    assert store.token(short) is None


def test_the_file_is_the_owners_alone_beside_the_case_and_holds_no_secret(folder: Path) -> None:
    app = server(folder)
    with_password(app)
    person = signed_in(app, "ana")
    path = app.state.signing.store.path
    assert path.parent == folder.parent
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    raw = path.read_bytes()
    for secret in (PASSWORD, person.client.cookies["teisen"]):
        assert secret.encode() not in raw
    assert b"$argon2id$" in raw


def test_the_record_of_who_came_names_no_address_and_changes_nothing_that_is_derived(folder: Path) -> None:
    before = Case.open(folder)
    inputs, moment = before.inputs(), before.head_time()
    app = server(folder)
    with_password(app)
    signed_in(app, "ana")
    case = Case.open(folder)
    entries = [e for e in case.ledger.entries() if e.type == "access"]
    assert [e.subject for e in entries] == ["ana"]
    said = json.dumps([dict(e.body) for e in entries])
    assert "127.0.0.1" not in said
    assert "testclient" not in said
    assert PASSWORD not in said
    assert (case.inputs(), case.head_time()) == (inputs, moment)
    case.ledger.verify()


@pytest.mark.parametrize("password", ["", "short", "aaaaaaaaaaaaaaaa", "my name is ana99", "x" * 300])
def test_weak_passwords_are_refused(password: str) -> None:
    assert weakness(password, "ana")


def test_a_password_fits_its_own_hash_alone() -> None:
    kept = hashed(PASSWORD)
    assert fits(kept, PASSWORD)
    assert not fits(kept, PASSWORD + " ")
    assert not fits("", "a password of nobody")
    assert not fits("no hash", PASSWORD)
