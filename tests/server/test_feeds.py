"""Feeds and files over HTTP: the right media types, the same bytes as the export, only what is released."""

from __future__ import annotations

import io
from pathlib import Path
from xml.etree import ElementTree as Xml

import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from teisen.case import Case, publish
from teisen.release.exports import Format, table_bytes
from teisen.server import create_app

A = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def client(shown: Path) -> TestClient:
    return TestClient(create_app(shown), base_url="http://127.0.0.1")


@pytest.mark.parametrize(
    ("path", "media"),
    [
        ("/feeds/incidents.atom", "application/atom+xml"),
        ("/feeds/notices.atom", "application/atom+xml"),
        ("/feeds/terms.ics", "text/calendar"),
        ("/files/incident.csv", "text/csv"),
        ("/files/incident.geojson", "application/geo+json"),
        ("/files/incident.parquet", "application/vnd.apache.parquet"),
    ],
)
def test_each_comes_in_its_media_type_the_same_bytes_again(client: TestClient, path: str, media: str) -> None:
    first, second = client.get(path), client.get(path)
    assert first.status_code == 200
    assert first.headers["content-type"].split(";")[0] == media
    assert first.content == second.content
    assert client.get(path, headers={"If-None-Match": first.headers["etag"]}).status_code == 304


@pytest.mark.parametrize(("suffix", "form"), [("csv", "csv"), ("geojson", "geojson"), ("parquet", "geoparquet")])
def test_files_are_the_bytes_of_the_export(client: TestClient, shown: Path, suffix: str, form: Format) -> None:
    case = Case.open(shown)
    out = publish.released(case)
    for table in ("incident", "finding"):
        served = client.get(f"/files/{table}.{suffix}").content
        assert served == table_bytes(out, table, form, case.definitions.sources)


def test_the_feed_speaks_the_language_asked_for_and_links_to_itself(client: TestClient) -> None:
    feed = Xml.fromstring(client.get("/feeds/incidents.atom?lang=uk").content)  # noqa: S314
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "uk"
    own = [link.get("href") for link in feed.findall(f"{A}link") if link.get("rel") == "self"]
    assert own == ["http://127.0.0.1/feeds/incidents.atom"]
    assert feed.findall(f"{A}entry")


def test_tags_stand_in_a_csv_that_asks_for_them(client: TestClient) -> None:
    plain, tagged = client.get("/files/incident.csv").text, client.get("/files/incident.csv?hxl=true").text
    assert tagged.split("\n")[1].startswith("#")
    assert len(tagged.split("\n")) == len(plain.split("\n")) + 1


def test_parquet_opens(client: TestClient) -> None:
    content = client.get("/files/incident.parquet").content
    assert pq.read_table(io.BytesIO(content)).num_rows == client.get("/api/v1/incidents").json()["count"]


def test_what_is_not_released_is_not_there(client: TestClient) -> None:
    for path in ("/files/name.csv", "/files/nothing.csv", "/files/incident.exe", "/files/..%2Fcase.csv"):
        assert client.get(path).status_code in (404, 422)
    assert client.get("/feeds/notices/inc-000000000000.cap.xml").status_code == 404
