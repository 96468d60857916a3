from __future__ import annotations

import json
from pathlib import Path

import pytest

from teisen.cli.demo import REAL
from teisen.library import library
from teisen.server.settings import Settings
from tests.cli.test_commands import Shell, teisen

__all__ = ["teisen"]


@pytest.fixture
def without_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TEISEN_DATA", str(tmp_path / "absent"))


def test_without_data_it_shows_a_simulated_case_and_says_so(
    teisen: Shell, without_data: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = teisen.json("demo", tmp_path / "demo", "--no-serve")
    page = Path(done["page"])
    assert "simulated" in page.read_text(encoding="utf-8").lower()
    reports = sorted((tmp_path / "demo").glob("*/reports/public/*/index.html"))
    folders = [report.parent.name for report in reports]
    assert folders == ["2025-04-18", "2025-04-19", "2025-04-20", "2025-04-21", "2025-W16", "2025-W17"]
    assert all(f"public/{name}/index.html" in page.read_text(encoding="utf-8") for name in folders)
    assert all("SIMULATED" in report.read_text(encoding="utf-8") for report in reports)
    out = teisen.json("export", "csv", "incident", "-c", tmp_path / "demo" / "simulated")
    assert "simulated-incident" in out["file"]

    before = {p: p.read_bytes() for p in (tmp_path / "demo").rglob("*") if p.is_file()}
    served: list[tuple[Path, Settings]] = []
    monkeypatch.setattr("teisen.server.serving.serve", lambda case, how, *_, **__: served.append((case, how)))
    assert teisen("demo", tmp_path / "demo")[0] == 0
    assert [(case.name, how.host) for case, how in served] == [("simulated", "127.0.0.1")]
    after = {p: p.read_bytes() for p in (tmp_path / "demo").rglob("*") if p.is_file()}
    assert after == before


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
