from __future__ import annotations

import contextlib
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from teisen.cli.demo import REAL, Pages
from teisen.library import library
from tests.cli.test_commands import Shell, teisen

__all__ = ["teisen"]


@pytest.fixture
def without_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TEISEN_DATA", str(tmp_path / "absent"))


def test_without_data_it_shows_a_simulated_case_and_says_so(teisen: Shell, without_data: None, tmp_path: Path) -> None:
    done = teisen.json("demo", tmp_path / "demo", "--no-serve")
    page = Path(done["page"])
    assert "simulated" in page.read_text(encoding="utf-8").lower()
    reports = sorted((tmp_path / "demo").glob("*/reports/public/*/index.html"))
    assert len(reports) == 4
    assert all("SIMULATED" in report.read_text(encoding="utf-8") for report in reports)
    out = teisen.json("export", "csv", "incident", "-c", tmp_path / "demo" / "simulated")
    assert "simulated-incident" in out["file"]

    before = {p: p.read_bytes() for p in (tmp_path / "demo").rglob("*") if p.is_file()}
    assert teisen("demo", tmp_path / "demo", "--no-serve")[0] == 0
    after = {p: p.read_bytes() for p in (tmp_path / "demo").rglob("*") if p.is_file()}
    assert after == before


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Pages, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_it_serves_reports_and_neither_ledger_nor_tables(tmp_path: Path) -> None:
    for name in (
        "index.html",
        "c/reports/public/2025-04-20/index.html",
        "c/ledger/checkpoint",
        "c/derived/reports.txt",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("here", encoding="utf-8")
    (tmp_path / "c" / "reports" / "mission").mkdir()
    (tmp_path / "c" / "reports" / "mission" / "index.html").write_text("here", encoding="utf-8")
    hidden = (
        "/c/ledger/checkpoint",
        "/c/reports/../ledger/checkpoint",
        "/c/derived/reports.txt",
        "/c/",
        "/c/reports/public/",
    )
    hidden = (*hidden, "/c/reports/mission/index.html", "/c/reports/%2e%2e/ledger/checkpoint")
    with served(tmp_path) as address:
        for path in ("/", "/index.html", "/c/reports/public/2025-04-20/index.html"):
            with urllib.request.urlopen(address + path) as answer:  # noqa: S310
                assert answer.read() == b"here"
        for path in hidden:
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(address + path)  # noqa: S310


def test_the_days_that_it_reports_are_covered_by_its_cases() -> None:
    from teisen.case import CaseFile
    from teisen.documents import parse

    for name, days in REAL.items():
        period = parse((library("cases") / name / "case.yaml").read_text(encoding="utf-8"), CaseFile, name).period
        assert all(period.start <= day < period.end for day in days)


def test_the_shipped_cases_open_on_real_data(teisen: Shell, data: Path, tmp_path: Path) -> None:
    for name in REAL:
        made = teisen.json("new", tmp_path / name, "-t", name)
        assert made["case"] == name
        assert json.dumps(teisen.json("status", "-c", tmp_path / name)["files"])
