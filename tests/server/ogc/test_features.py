"""OGC API - Features, as its requirements have it: documents, filters, paging, refusals; only what was released."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from teisen.server import create_app

BASE = "http://127.0.0.1"


@pytest.fixture(scope="module")
def client(shown: Path) -> TestClient:
    return TestClient(create_app(shown), base_url=BASE)


def get(client: TestClient, path: str, **query: Any) -> dict[str, Any]:
    answer = client.get(path, params=query or None)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def links(document: dict[str, Any]) -> dict[str, str]:
    return {link["rel"]: link["href"] for link in document["links"]}


def test_from_the_landing_page_everything_is_found(client: TestClient) -> None:
    landing = links(get(client, "/ogc"))
    assert set(landing) == {"self", "service-desc", "conformance", "data"}
    conforms = get(client, landing["conformance"])["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in conforms
    collections = get(client, landing["data"])["collections"]
    assert {"incident", "area"} <= {one["id"] for one in collections}
    for one in collections:
        assert get(client, links(one)["self"])["id"] == one["id"]
        answer = client.get(links(one)["items"])
        assert answer.headers["content-type"] == "application/geo+json"
    described = client.get(landing["service-desc"])
    assert described.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    paths = described.json()["paths"]
    assert {f"/collections/{one['id']}/items" for one in collections} <= set(paths)


def test_pages_follow_each_other_until_all_are_told(client: TestClient) -> None:
    found, address = [], "/ogc/collections/incident/items?limit=2"
    while address:
        page = get(client, address)
        assert page["numberReturned"] == len(page["features"]) <= 2
        found += [feature["id"] for feature in page["features"]]
        address = links(page).get("next", "")
    assert len(found) == len(set(found)) == page["numberMatched"]
    assert found == [one["id"] for one in get(client, "/ogc/collections/incident/items")["features"]]
    assert "prev" in links(page)


def test_a_feature_is_the_same_alone_and_among_others(client: TestClient) -> None:
    for collection in ("incident", "area"):
        among = get(client, f"/ogc/collections/{collection}/items")["features"][0]
        alone = get(client, f"/ogc/collections/{collection}/items/{among['id']}")
        assert {key: alone[key] for key in among} == among
        assert links(alone)["collection"].endswith(f"/collections/{collection}")


def test_bbox_keeps_what_lies_in_it(client: TestClient) -> None:
    every = get(client, "/ogc/collections/incident/items")["features"]
    placed = [one for one in every if one["geometry"]]
    lon, lat = placed[0]["geometry"]["coordinates"]
    box = f"{lon - 0.001},{lat - 0.001},{lon + 0.001},{lat + 0.001}"
    inside = get(client, "/ogc/collections/incident/items", bbox=box)["features"]
    assert inside
    assert all(one["geometry"]["coordinates"] == [lon, lat] for one in inside)
    around = f"{lon + 1},-90,{lon - 1},90"  # across the antimeridian: everything but a strip
    outside = get(client, "/ogc/collections/incident/items", bbox=around)["features"]
    assert [one["id"] for one in outside] == [
        one["id"] for one in placed if not lon - 1 < one["geometry"]["coordinates"][0] < lon + 1
    ]
    assert get(client, "/ogc/collections/area/items", bbox=box)["numberMatched"] >= 1
    assert get(client, "/ogc/collections/incident/items", bbox="0,0,0,1,1,0")["numberMatched"] == 0


def test_datetime_keeps_what_meets_it(client: TestClient) -> None:
    every = get(client, "/ogc/collections/incident/items")["features"]
    first = min(every, key=lambda one: one["properties"]["end"])["properties"]
    until = get(client, "/ogc/collections/incident/items", datetime=f"../{first['start']}")["features"]
    assert {one["id"] for one in until} == {one["id"] for one in every if one["properties"]["start"] <= first["start"]}
    at = get(client, "/ogc/collections/incident/items", datetime=first["start"])["features"]
    assert {one["id"] for one in at} == {
        one["id"] for one in every if one["properties"]["start"] <= first["start"] <= one["properties"]["end"]
    }
    assert get(client, "/ogc/collections/incident/items", datetime="1999-01-01T00:00:00Z/..")["numberMatched"] == len(
        every
    )


def test_properties_filter_by_what_they_hold(client: TestClient) -> None:
    every = get(client, "/ogc/collections/incident/items")["features"]
    kind = every[0]["properties"]["kind"]
    same = get(client, "/ogc/collections/incident/items", kind=kind)["features"]
    assert [one["id"] for one in same] == [one["id"] for one in every if one["properties"]["kind"] == kind]
    p = every[0]["properties"]["p_conflict"]
    assert get(client, "/ogc/collections/incident/items", p_conflict=p, kind=kind)["numberMatched"] >= 1


@pytest.mark.parametrize(
    "query",
    [
        "bbox=1,2,3",
        "bbox=a,b,c,d",
        "bbox=0,50,1,40",
        "bbox=0,0,999,1",
        "datetime=yesterday",
        "datetime=2025-04-20",
        "datetime=../..",
        "datetime=2025-04-21T00:00:00Z/2025-04-20T00:00:00Z",
        "limit=0",
        "limit=ten",
        "offset=-1",
        "unknown=1",
        "kind=a&kind=b",
        "p_conflict=likely",
        "f=html",
        "limit=%D9%A1",
    ],
)
def test_what_is_not_well_formed_is_refused(client: TestClient, query: str) -> None:
    answer = client.get(f"/ogc/collections/incident/items?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_limit_above_the_most_gives_the_most(client: TestClient) -> None:
    assert get(client, "/ogc/collections/incident/items", limit=99_999_999 // 10)["numberReturned"] > 0


def test_what_is_not_released_is_not_there(client: TestClient) -> None:
    assert client.get("/ogc/collections/name/items").status_code == 404
    assert client.get("/ogc/collections/evidence").status_code == 404
    assert client.get("/ogc/collections/incident/items/inc-000000000000").status_code == 404
    assert client.get("/ogc?unknown=1").status_code == 400
    content = client.get("/ogc/collections/incident/items").json()
    assert content["numberMatched"] == client.get("/api/v1/incidents").json()["count"]
