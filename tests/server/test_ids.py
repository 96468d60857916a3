"""Ids in pages, interfaces, feeds and addresses: outside nobody gets a plain one, inside one is found by either."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from teisen.case import Case, stored
from teisen.errors import NoKey
from teisen.release import is_outside
from teisen.server import create_app
from tests.server.people import Person, outside, server, visitor

COARSE = """
release:
  mission: {place_km: 5}
"""
PAGES = (
    *(
        "/",
        "/?day=2025-04-19",
        "/incidents",
        "/allegations",
        "/compliance",
        "/positions",
        "/provisions",
        "/plan",
        "/ledger",
    ),
    *("/reports", "/reports/2025-04-19/", "/reports/2025-W16/", "/reports/2025-04-19/incidents.geojson"),
    *(f"/map/{name}.json?day=2025-04-19" for name in ("incidents", "regions", "day", "line", "sites")),
    *("/map/picture.svg?day=2025-04-19", "/feeds/incidents.atom", "/feeds/notices.atom", "/feeds/terms.ics"),
)
UNASKED = ("/docs", "/openapi", "/api/openapi", "/events", "/static", "/set-up", "/provider")


@pytest.fixture
def app(folder: Path) -> FastAPI:
    return server(folder)


def plain(folder: Path) -> dict[str, list[str]]:
    kinds = ("incident", "finding", "allegation", "observation")
    tables = stored.read_tables(Case.open(folder).derived, kinds)
    return {name: tables[name][f"{name}_id"].to_list() for name in kinds}


def addresses(app: FastAPI) -> list[str]:
    """Every address that can be asked for without knowing anything."""
    paths = {path for path, what in app.openapi()["paths"].items() if "get" in what}
    paths |= {getattr(one, "path", "") for one in app.routes if "GET" in (getattr(one, "methods", None) or ())}
    return sorted(one for one in paths if one and "{" not in one and not one.startswith(UNASKED))


def test_the_public_is_given_no_plain_id_anywhere(app: FastAPI, folder: Path) -> None:
    inside, public = plain(folder), visitor(app)
    named = {name: [outside(folder, one) for one in ids] for name, ids in inside.items()}
    asked = [f"{start}{one}" for one in named["incident"] for start in ("/incidents/", "/api/v1/incidents/")]
    asked += [f"/api/v1/incidents/{one}/proof" for one in named["incident"]]
    asked += [f"{start}{one}" for one in named["allegation"] for start in ("/allegations/", "/api/v1/allegations/")]
    asked += [f"/api/v1/findings/{one}" for one in named["finding"]]
    asked += [f"/ogc/collections/incident/items/{one}" for one in named["incident"]]
    found = {path: public.get(path) for path in asked}
    assert {path: answer.status_code for path, answer in found.items() if answer.status_code != 200} == {}
    tables = ("incident", "finding", "observation", "evidence", "allegation", "outcome")
    more = [f"/ogc/collections/{name}/items" for name in tables] + [f"/files/{name}.csv" for name in tables]
    found |= {path: public.get(path) for path in (*addresses(app), *more, *PAGES)}
    assert {path: found[path].status_code for path in PAGES if found[path].status_code != 200} == {}
    assert sum(answer.status_code == 200 for answer in found.values()) > 45
    every = [one for ids in inside.values() for one in ids]
    assert {(path, one) for path, answer in found.items() for one in every if one in answer.text} == set()


def test_a_plain_id_is_nobodys_to_try_from_outside(app: FastAPI, folder: Path) -> None:
    inside = plain(folder)
    for role in ("public", "observer", "party-liaison", "mediator"):
        asks = visitor(app, role)
        for name, ids in inside.items():
            if name != "observation":
                assert {asks.get(f"/api/v1/{name}s/{one}").status_code for one in ids} == {404}
        assert {asks.get(f"/incidents/{one}").status_code for one in inside["incident"]} == {404}
        for one in inside["incident"]:
            assert str(len(asks.get(f"/api/v1/findings?subject_id={one}").json()["items"])) == "0"


def test_inside_a_thing_is_found_by_the_id_that_others_have(app: FastAPI, folder: Path) -> None:
    analyst, inside = visitor(app, "analyst"), plain(folder)
    for name in ("incident", "finding", "allegation"):
        one = inside[name][0]
        path = f"/api/v1/{name}s/"
        assert analyst.get(path + one).json() == analyst.get(path + outside(folder, one)).json()
    one = inside["incident"][0]
    page = analyst.get(f"/incidents/{outside(folder, one)}").text
    assert f"<code>{one}</code>" in page
    assert f"<code>{outside(folder, one)}</code>" in page
    review = analyst.get("/review", params={"subject": outside(folder, one)})
    assert review.status_code == 200
    assert one in review.text


def acted(person: Person, subject: str, **more: Any) -> dict[str, Any]:
    body = {"subject_id": subject, "action": "correct", "reason": "nearer", "values": {"kind": "shelling"}, **more}
    answer = person.post("/api/v1/decisions", body)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_where_the_mission_gets_coarser_places_it_works_with_ids_from_outside(folder: Path) -> None:
    file = folder / "case.yaml"
    file.write_text(file.read_text(encoding="utf-8") + COARSE, encoding="utf-8")
    case = Case.open(folder)
    case.record_definitions()
    inside = plain(folder)
    app = server(folder)
    analyst = visitor(app, "analyst")
    waiting = analyst.get("/api/v1/queue").json()["items"]
    assert waiting
    assert all(is_outside(row["incident_id"]) for row in waiting)
    chosen, other = (outside(folder, one) for one in inside["incident"][:2])
    told = acted(analyst, chosen, values={"merge_with": other})
    assert is_outside(told["id"])
    assert acted(analyst, chosen, values={"kind": "shelling"}, seen=1)["state"] == "corrected"
    history = analyst.get(f"/api/v1/history/{chosen}").json()
    assert (history["state"], history["seen"]) == ("corrected", 2)
    assert history["steps"][0]["values"] == {"merge_with": other}
    assert analyst.get("/review", params={"subject": chosen}).status_code == 200
    entries = analyst.get("/api/v1/ledger/entries", params={"limit": 100}).text
    assert not any(one in entries for one in inside["incident"])


def test_a_server_without_the_secret_does_not_start_and_says_what_to_do(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEISEN_KEYS", str(tmp_path / "none"))
    with pytest.raises(NoKey, match="Copy that file from the machine where the case was made"):
        create_app(folder)
