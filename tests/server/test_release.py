"""What leaves is what the policy allows, byte for byte, and nobody gets more by asking otherwise."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from fastapi import FastAPI

from teisen.case import Case, decide, derive, ingest, publish, receive, stored
from teisen.decision import By
from teisen.ledger import person_key
from teisen.ledger.merkle import leaf_hash, verify_inclusion
from teisen.ledger.note import Checkpoint, VerifierKey, from_base64
from teisen.release import Policy, release
from teisen.server.access import Visitor, declared, roles
from teisen.server.api.rows import plain
from teisen.server.writing.forms import filled
from tests.server.filled import REPORT
from tests.server.people import PEOPLE, server, visitor

AS_OF = datetime(2025, 4, 23, tzinfo=UTC)
"""A moment shortly after what is in the case."""
POLICY = """\
release:
  public: {delay_hours: 48, place_km: 25, time: day, hide: [name, set_aside.raw, observation.text]}
"""
LATE = "at,x,y,what,words\n2025-04-22 23:00,30.33333,50.44444,shelling,a secret of yesterday\n"
SECRET = (
    "a secret of yesterday",
    "30.33333",
    "50.44444",
    "seen from the road",
    "zenobia",
    "a private reason",
    "observer-9",
)
"""What the public may not learn: texts, exact places, names and reasons of people."""
LISTS = {
    "incidents": "incident",
    "findings": "finding",
    "allegations": "allegation",
    "outcomes": "outcome",
    "corroboration": "corroboration",
    "partings": "parting",
    "compliance": "rate",
    "changes": "change",
    "verdicts": "verdict",
}


@pytest.fixture(scope="module")
def folder(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    base = tmp_path_factory.mktemp("release")
    shutil.copytree(whole / "case", base / "case")
    shutil.copytree(whole / "keys", base / "keys")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEISEN_KEYS", str(base / "keys"))
        case = Case.open(base / "case")
        file = case.folder / "case.yaml"
        file.write_text(file.read_text(encoding="utf-8") + POLICY, encoding="utf-8")
        case.record_definitions()
        late = base / "late.csv"
        late.write_text(LATE, encoding="utf-8")
        ingest(case, "news", [late])
        officers = case.definitions.sources["officers"]
        receive(case, "officers", [filled(officers, REPORT, "x" * 20)], author=person_key("observer-9"))
        tables = derive(case)
        late_one = tables["incident"].sort("end")["incident_id"][-1]
        about = tables["finding"].filter(pl.col("subject") == "incident", pl.col("subject_id") != late_one)
        for subject, why in ((about["finding_id"][0], "an open reason"), (late_one, "a private reason")):
            decide(case, "dismiss", subject, By(name="zenobia", role="analyst"), reason=why)
        derive(case)
        yield case.folder


@pytest.fixture(scope="module")
def app(folder: Path) -> FastAPI:
    return at_that_moment(server(folder))


def at_that_moment(app: FastAPI) -> FastAPI:
    """The app with a state that is released as of that moment."""
    state = app.state.current.state
    state.as_of = AS_OF
    state._views.clear()
    return app


def allowed_tables(folder: Path, audience: str, as_of: datetime = AS_OF) -> dict[str, pl.DataFrame]:
    case = Case.open(folder)
    definitions = case.definitions
    policy, sources = definitions.case.release, definitions.sources
    out = release(stored.read_tables(case.derived), policy, audience, as_of, sources, secret=case.ledger.secret)
    return dict(out.tables)


def every_row(app: FastAPI, role: str, path: str) -> list[Any]:
    person, rows, url = visitor(app, role), [], f"/api/v1/{path}?limit=7"
    while url:
        page = person.get(url).json()
        rows += page["items"]
        url = page["next"]
    assert len(rows) == page["count"]
    return rows


@pytest.mark.parametrize("role", ["public", "analyst", "mediator", "administrator", "observer"])
def test_lists_are_the_released_tables_and_nothing_beside(app: FastAPI, folder: Path, role: str) -> None:
    audience = roles().audience(role, Case.open(folder).definitions.case.release.root)
    expected = allowed_tables(folder, audience)
    for path, table in LISTS.items():
        assert every_row(app, role, path) == json.loads(json.dumps(plain(expected[table]))), path


def test_a_fresh_server_says_the_same_bytes_to_everybody_of_one_audience(app: FastAPI, folder: Path) -> None:
    again = at_that_moment(server(folder))
    for path in (*LISTS, "ledger", "provisions", "redactions", "ledger/entries"):
        one, two = visitor(app).get(f"/api/v1/{path}"), visitor(again).get(f"/api/v1/{path}")
        assert one.content == two.content
        assert one.headers["etag"] == two.headers["etag"]
        inside = visitor(app, "observer").get(f"/api/v1/{path}")
        assert inside.content == one.content, "an observer has the public's terms"


def test_what_the_command_line_releases_and_what_the_server_does_are_the_same(folder: Path) -> None:
    case, found = Case.open(folder), server(folder)
    out = publish.released(case, "public")
    view = found.state.current.view(Visitor())
    assert view.as_of == out.as_of
    assert view.tables.keys() == out.tables.keys()
    assert all(view.tables[name].equals(frame) for name, frame in out.tables.items())


def addresses(app: FastAPI) -> Iterator[str]:
    """Every address that can be read, with ids that are real, and with such as only those inside know."""
    inside = app.state.current.state.view("mission")
    ids = {
        "incident_id": inside.table("incident")["incident_id"].to_list(),
        "finding_id": inside.table("finding")["finding_id"].to_list(),
        "allegation_id": inside.table("allegation")["allegation_id"].to_list(),
        "index": list(range(inside.size)),
    }
    for route in declared(app.routes):
        if "GET" not in route.methods or route.path == "/events":
            continue
        gaps = [name for name in ids if f"{{{name}}}" in route.path]
        if not gaps:
            for more in ("", "?limit=1000", "?audience=mission", "?role=analyst", "?as_of=2099-01-01", "?lang=ja"):
                yield route.path + more
        for name in gaps:
            for value in ids[name]:
                yield route.path.replace(f"{{{name}}}", str(value))


@pytest.mark.parametrize("role", [role for role in ("public", *PEOPLE) if not roles().may(role, "read-inside")])
def test_nobody_outside_gets_more_by_any_address(app: FastAPI, role: str) -> None:
    person = visitor(app, role)
    looked = 0
    headers = {"X-Role": "analyst", "X-Forwarded-User": "analyst-1", "X-Original-URL": "/api/v1/queue"}
    for address in addresses(app):
        text = person.client.get(address, headers=headers).text
        looked += 1
        found = [secret for secret in SECRET if secret in text]
        assert not found, (address, found)
    assert looked > 60


def test_those_inside_do_see_it(app: FastAPI) -> None:
    text = "".join(visitor(app, "analyst").get(f"/api/v1/{p}?limit=1000").text for p in ("incidents", "ledger/entries"))
    text += "".join(
        visitor(app, "analyst").get(f"/api/v1/incidents/{one}").text
        for one in app.state.current.state.view("mission").table("incident")["incident_id"]
    )
    assert [secret for secret in SECRET if secret not in text] == []


def test_filters_do_not_tell_of_rows_that_are_withheld(app: FastAPI) -> None:
    public, late = visitor(app), app.state.current.state.view("mission").table("incident").sort("end")[-1]
    assert late["end"].item() > AS_OF.replace(day=22)
    id_ = late["incident_id"].item()
    assert public.get(f"/api/v1/incidents/{id_}").status_code == 404
    assert public.get(f"/api/v1/incidents/{id_}/proof").status_code == 404
    assert public.get("/api/v1/findings", params={"subject_id": id_}).json()["count"] == 0
    near = {"bbox": "30.333,50.444,30.334,50.445"}
    assert public.get("/api/v1/incidents", params=near).json()["count"] == 0
    assert public.get("/api/v1/incidents", params={"since": "2025-04-22T00:00:00Z"}).json()["count"] == 0
    same = public.get("/api/v1/incidents/inc-0123456789ab").json()
    assert public.get(f"/api/v1/incidents/{id_}").json() == same, "what is withheld and what is not look alike"


def test_an_audience_of_a_roles_own_goes_before_the_publics(folder: Path) -> None:
    known = Policy.model_validate({"mediator": {}, "party": {}}).root
    assert roles().audience("mediator", known) == "mediator"
    assert roles().audience("party-liaison", known) == "party"
    assert roles().audience("mediator", Policy.model_validate({}).root) == "public"


def test_a_browser_can_check_that_reports_stand_in_the_signed_ledger(app: FastAPI, folder: Path) -> None:
    public = visitor(app)
    proved = 0
    for row in public.get("/api/v1/incidents").json()["items"]:
        found = public.get(f"/api/v1/incidents/{row['incident_id']}/proof").json()
        key = VerifierKey.parse(found["key"])
        head = Checkpoint.open(found["checkpoint"].encode(), key)
        for one in found["proofs"]:
            leaf = from_base64(one["entry"]["leaf"])
            hashes = [from_base64(part) for part in one["hashes"]]
            assert (one["size"], from_base64(one["root"])) == (head.size, head.root)
            assert verify_inclusion(leaf, one["entry"]["index"], one["size"], hashes, head.root)
            if one["entry"]["text"] is not None:
                assert leaf_hash(one["entry"]["text"].encode()) == leaf
                proved += 1
    assert proved
    old, new = 2, Checkpoint.open(found["checkpoint"].encode(), key).size
    assert public.get("/api/v1/ledger/consistency", params={"old": old, "new": new}).json()["hashes"]
