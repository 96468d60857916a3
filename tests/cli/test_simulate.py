from __future__ import annotations

from pathlib import Path

import pytest

from teisen.simulation import gallery
from tests.cli.test_commands import Shell, teisen

__all__ = ["teisen"]


def test_a_simulated_case_is_ingested_derived_reported_and_evaluated_as_it_is(
    teisen: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEISEN_DATA", str(tmp_path / "absent"))
    case = tmp_path / "case"
    made = teisen.json("simulate", "liars", "--out", case, "--days", 5, "--seed", 3)
    assert made["incidents"] > made["reported"] > 0
    assert teisen.json("status", "-c", case)["simulated"] is True
    done = teisen.json("ingest", "--all", "-c", case)
    assert done["refused"] == 0
    assert all(file["rows_set_aside"] == 0 for file in done["files"])
    assert teisen.json("derive", "-c", case)["tables"]["incident"] > 0
    assert Path(teisen.json("report", "2025-04-03", "-c", case)["page"]).is_file()
    scores = {row["measure"]: row for row in teisen.json("evaluate", "-c", case)["scores"] if row["by"] == "all"}
    assert scores["unreported_share"]["n"] == made["incidents"]
    assert scores["pairs_f1"]["value"] > 0.3


def test_it_lists_the_gallery_and_refuses_what_it_cannot_do(teisen: Shell, tmp_path: Path) -> None:
    assert sorted(teisen.json("simulate", "--list")) == gallery()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    code, _, told = teisen("simulate", "liars", "--out", tmp_path / "full")
    assert code == 2
    assert "not empty" in told
    assert teisen("simulate", "liars")[0] == 2
