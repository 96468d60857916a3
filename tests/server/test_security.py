"""What attackers try: other sites' forms, other hosts, bombs, paths, injection."""

from __future__ import annotations

import gzip
import io
import json
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from teisen.case import Case
from teisen.errors import BadInput
from teisen.server.access.gate import address_of
from teisen.server.access.limits import Buckets
from teisen.server.pages.forms import local
from teisen.server.writing import uploads
from teisen.server.writing.uploads import bounded, plain_name
from tests.server.filled import ONCE, REPORT
from tests.server.people import HERE, ran, server, visitor

ODD = ("localhost:80@evil.example", "localhost:port", "localhost:", "[::1]evil.example", "localhost/evil", "[::1")


@pytest.fixture
def app(folder: Path) -> FastAPI:
    return server(folder)


@pytest.fixture(scope="module")
def reading(shown: Path) -> FastAPI:
    """A server that these tests only read from."""
    return server(shown)


def size(folder: Path) -> int:
    return len(Case.open(folder).ledger)


def test_another_sites_form_changes_nothing(app: FastAPI, folder: Path) -> None:
    admin, before = visitor(app, "administrator"), size(folder)
    for more in (
        {"csrf": ""},
        {"csrf": "guess"},
        {"csrf": visitor(app, "analyst").csrf},
    ):
        assert admin.client.post("/accounts", data={"name": "eve", "role": "analyst", **more}).status_code == 403
    good = {"csrf": admin.csrf, "name": "eve", "role": "analyst"}
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        assert admin.client.post("/accounts", data=good, headers=headers).status_code == 403
    text = admin.client.post("/accounts", content=b"name=eve&role=analyst", headers={"Content-Type": "text/plain"})
    assert text.status_code in (403, 422)
    assert size(folder) == before
    own = {"Origin": HERE, "Sec-Fetch-Site": "same-origin"}
    assert admin.client.post("/accounts", data=good, headers=own).status_code == 200


def test_a_cookie_alone_does_nothing_at_the_api(app: FastAPI, folder: Path) -> None:
    analyst, before = visitor(app, "analyst"), size(folder)
    assert analyst.client.post("/api/v1/derivation").status_code == 403
    body = {"subject_id": "fnd-000000000000", "text": "x"}
    assert analyst.client.post("/api/v1/comments", json=body).status_code == 403
    assert size(folder) == before


def test_nobody_signs_somebody_in_from_another_site(reading: FastAPI) -> None:
    client = TestClient(reading, base_url=HERE)
    assert client.post("/sign-in", data={"name": "a", "password": "b"}).status_code == 403
    assert client.post("/sign-in", data={"name": "a", "password": "b", "csrf": ""}).status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "localhost@evil.example", "[::2]", *ODD]
)
def test_another_name_for_this_server_is_refused(reading: FastAPI, host: str) -> None:
    client = TestClient(reading, base_url=HERE)
    assert client.get("/api/v1/case", headers={"Host": host}).status_code == 421
    assert client.get("/api/v1/case", headers={"Host": "localhost:8000"}).status_code == 200


def test_every_answer_carries_the_strict_headers(reading: FastAPI) -> None:
    client = TestClient(reading, base_url=HERE, headers={"Accept": "text/html"})
    for path in ("/", "/sign-in", "/nothing", "/api/v1/case", "/api/v1/queue", "/static/teisen.css", "/account"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
    assert client.get("/sign-in").headers["cache-control"] == "no-store"


def test_pages_hold_no_code_and_no_style_that_the_policy_would_have_to_allow() -> None:
    folder = Path(uploads.__file__).parents[1] / "pages" / "templates"
    for template in sorted(folder.glob("*.j2")):
        text = template.read_text(encoding="utf-8")
        for word in ("<style", " style=", "onclick=", "onload=", "javascript:", "| safe", "|safe"):
            assert word not in text, (template.name, word)


def test_what_people_write_is_shown_as_text(app: FastAPI) -> None:
    client = TestClient(app, base_url=HERE)
    nasty = "\"><script>alert(1)</script>'"
    page = client.get("/set-up", params={"setup": nasty})
    assert "<script>" not in page.text
    page = client.get("/sign-in", params={"follow": "/" + nasty, "lang": nasty})
    assert "<script>" not in page.text
    again = client.get("/", params={"x": nasty})
    assert "<script>alert" not in again.text
    analyst = visitor(app, "analyst")
    sent = [("files", (f"{nasty}.csv", b"at,x,y,what,words\n<script>,1,2,<b>,\n", "text/csv"))]
    answer = analyst.client.post("/acts/upload/news", files=sent, data={"csrf": analyst.csrf})
    assert answer.status_code == 200
    assert "<script>" not in answer.text
    assert "<b>" not in answer.text


@pytest.mark.parametrize(
    "nasty",
    [
        "' OR 1=1 --",
        "1; DROP TABLE account",
        "$(touch here)",
        "{{7*7}}",
        "%00",
        "../../../etc/passwd",
        "\u202e",
        "𝕏" * 99,
    ],
)
def test_filters_take_words_as_words(reading: FastAPI, nasty: str) -> None:
    client = TestClient(reading, base_url=HERE)
    for path, name in (
        ("incidents", "kind"),
        ("incidents", "area_id"),
        ("findings", "level"),
        ("allegations", "accuser"),
    ):
        answer = client.get(f"/api/v1/{path}", params={name: nasty})
        assert answer.status_code == 200
        assert answer.json()["count"] == 0
    assert client.get("/api/v1/incidents", params={"bbox": nasty}).status_code == 422
    assert client.get(f"/api/v1/allegations/{nasty.replace('/', '%2F')}").status_code in (404, 422)


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static//etc/passwd",
        "/static/..\\app.py",
        "/static/%00",
        "/../case.yaml",
        "/ledger/tile/entries/000",
        "/ledger/../ledger/vkey",
        "/derived/incident.parquet",
        "/case.accounts.sqlite",
    ],
)
def test_no_path_leads_to_a_file_of_the_case_or_the_machine(reading: FastAPI, path: str) -> None:
    answer = TestClient(reading, base_url=HERE).get(path)
    assert answer.status_code in (400, 404, 422)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/absolute.csv", "absolute.csv"),
        ("news\x00.csv\r\n", "news_.csv_"),
        ("..", "file"),
        ("", "file"),
        ("x" * 500 + ".csv", "x" * 116 + ".csv"),
    ],
)
def test_names_of_files_are_names_alone(name: str, plain: str) -> None:
    assert plain_name(name) == plain


@given(st.text(max_size=300))
def test_no_name_of_a_file_leads_anywhere(name: str) -> None:
    plain = plain_name(name)
    assert plain
    assert not set(plain) & set("/\\\0\r\n")
    assert plain not in {".", ".."}
    assert len(plain) <= uploads.LONGEST_NAME


@given(st.text(max_size=100))
def test_nobody_is_led_to_another_site(target: str) -> None:
    led = local(target)
    assert led.startswith("/")
    assert not led.startswith("//")
    assert "\\" not in led


def bombs() -> Iterator[tuple[str, bytes]]:
    zeros = b"0" * 3_000_000
    yield "gzip", gzip.compress(zeros)
    yield "gzip of two members", gzip.compress(b"a") + gzip.compress(zeros)
    yield "gzip in gzip", gzip.compress(gzip.compress(b"a"))
    for name, inside in (("zip", zeros), ("zip in zip", b"PK\x03\x04 and so on")):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.geojson", inside)
        yield name, out.getvalue()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.geojson", zeros)
    lying = bytearray(out.getvalue())
    at = lying.rfind(b"PK\x01\x02")
    lying[at + 24 : at + 28] = (10).to_bytes(4, "little")
    yield "zip that lies about its size", bytes(lying)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for n in range(uploads.MOST_MEMBERS + 1):
            archive.writestr(str(n), b"")
    yield "zip of very many", out.getvalue()
    out = io.BytesIO()
    pq.write_table(pa.table({"a": pa.array(["x" * 100] * 300_000).dictionary_encode()}), out, compression="zstd")
    yield "parquet", out.getvalue()
    for name, cells in (("text", pa.array(["x" * 10_000] * 100)), ("list", pa.array([["x" * 1_000] * 10] * 100))):
        out = io.BytesIO()
        pq.write_table(pa.table({"a": cells}), out, compression="zstd")
        yield f"parquet of one {name} in many cells", out.getvalue()


@pytest.mark.parametrize(("what", "content"), list(bombs()), ids=lambda given: given if isinstance(given, str) else "")
def test_bombs_are_told_by_their_first_bytes(what: str, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_UNPACKED", 200_000)
    with pytest.raises(BadInput):
        bounded(what, content)


def test_bodies_are_bounded_whatever_they_claim(app: FastAPI, folder: Path) -> None:
    analyst, before = visitor(app, "analyst"), size(folder)
    large = b"x" * 1_200_000
    nobody = TestClient(app, base_url=HERE)
    assert nobody.post("/sign-in", content=large).status_code == 413

    def trickling() -> Iterator[bytes]:
        for _ in range(12):
            yield b"y" * 100_000

    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert nobody.post("/sign-in", content=trickling(), headers=headers).status_code == 413
    sent = [("files", ("a.csv", b"z" * 70_000_000, "text/csv"))]
    over = analyst.client.post("/api/v1/files/news", files=sent, headers={"X-CSRF-Token": analyst.csrf})
    assert over.status_code == 413
    many = [("files", (f"{n}.csv", b"a", "text/csv")) for n in range(30)]
    assert (
        analyst.client.post("/api/v1/files/news", files=many, headers={"X-CSRF-Token": analyst.csrf}).status_code == 422
    )
    deep = "[" * 100_000 + "]" * 100_000
    answer = analyst.client.post(
        "/api/v1/comments", content=deep, headers={"X-CSRF-Token": analyst.csrf, "Content-Type": "application/json"}
    )
    assert answer.status_code in (400, 422)
    assert size(folder) == before


def test_a_cell_that_a_spreadsheet_would_run_is_kept_as_it_was_written(app: FastAPI, folder: Path) -> None:
    observer = visitor(app, "observer")
    values = REPORT | {"text": '=cmd|" /C calc"!A0\n"quoted", and \x00 more'}
    answer = observer.post("/api/v1/reports/officers", {"values": values}, Idempotency_Key=ONCE)
    assert answer.status_code == 201
    entry = Case.open(folder).ledger.entries()[answer.json()["entry"]]
    assert entry.blob is not None
    assert Case.open(folder).ledger.blob(entry.blob.sha256).count(b"\n") == 3, "one row of the file, with a line break"


def test_what_a_stranger_writes_into_an_address_costs_no_time(reading: FastAPI) -> None:
    client = TestClient(reading, base_url=HERE)
    begun = time.process_time()
    for language in ("ja", "uk", "ru"):
        answer = client.get(f"/ogc/conformance?{'a,%20' * 3000}=1&lang={language}")
        assert answer.status_code == 400
    assert time.process_time() - begun < 5, "it took minutes"


def test_addresses_of_one_customer_are_counted_together() -> None:
    def counted(host: str) -> str:
        return address_of(Request({"type": "http", "client": (host, 1)}))

    assert counted("2001:db8:1:2::1") == counted("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    assert counted("2001:db8:1:3::1") != counted("2001:db8:1:2::1")
    assert counted("::ffff:192.0.2.1") == counted("192.0.2.1") == "192.0.2.1"
    assert counted("192.0.2.2") != counted("192.0.2.1")
    assert counted("testclient") == "testclient"
    assert address_of(Request({"type": "http"})) == ""


def test_an_answer_that_is_kept_leads_nobody_to_where_another_asked(reading: FastAPI) -> None:
    client = TestClient(reading, base_url=HERE)
    for host in ("localhost:6666", "127.0.0.1:8000"):
        page = client.get("/ogc?lang=uk", headers={"Host": host}).json()
        assert all(one["href"].startswith(f"http://{host}/") for one in page["links"])


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_days_and_moments_at_the_ends_of_time_are_refused(reading: FastAPI, moment: str) -> None:
    client = TestClient(reading, base_url=HERE)
    for name in ("day", "from", "to"):
        assert client.get("/incidents", params={name: moment[:10]}).status_code in (200, 404)
    for name in ("since", "until"):
        for path in ("incidents", "compliance", "allegations"):
            assert client.get(f"/api/v1/{path}", params={name: moment}).status_code == 422
    assert client.get("/ogc/collections/incident/items", params={"datetime": moment}).status_code == 400


def test_one_address_cannot_ask_without_end(folder: Path) -> None:
    client = TestClient(server(folder, requests_per_minute=20), base_url=HERE)
    statuses = [client.get("/api/v1/case").status_code for _ in range(25)]
    assert statuses[:20] == [200] * 20
    assert set(statuses[20:]) <= {200, 429}
    assert 429 in statuses
    now = [0.0]
    buckets = Buckets(60, clock=lambda: now[0])
    assert [buckets.take("a") for _ in range(60)] == [0] * 60
    assert buckets.take("a") == pytest.approx(1)
    assert buckets.take("b") == 0
    now[0] += 1
    assert buckets.take("a") == 0


def test_a_mistake_of_the_code_tells_nothing(reading: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a secret path /srv/case")

    monkeypatch.setattr("teisen.server.current.Current.view", broken)
    answer = TestClient(reading, base_url=HERE, raise_server_exceptions=False).get("/api/v1/case?not=kept")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert json.loads(answer.text)["status"] == 500
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_stream_of_events_tells_the_public_of_new_states_alone(reading: FastAPI) -> None:
    live = reading.state.live

    async def listen(inside: bool) -> list[str]:
        stream = live.stream("event: state\ndata: {}\n\n", inside)
        heard = [await anext(stream)]
        live.tell("deriving", {"step": "reading secret.csv"})
        live.tell("state", {"ledger_size": 9})
        heard.append(await anext(stream))
        if inside:
            heard.append(await anext(stream))
        await stream.aclose()
        return heard

    outsider = "".join(ran(listen(False)))
    assert "secret.csv" not in outsider
    assert '"ledger_size": 9' in outsider
    assert "secret.csv" in "".join(ran(listen(True)))
