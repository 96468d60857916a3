"""The commands as a user runs them: text, JSON, messages and exit codes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from teisen import cli
from teisen.cli import doctor, main
from teisen.library import library
from tests.case import small


class Shell:
    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch, self.capsys = monkeypatch, capsys

    def __call__(self, *words: object) -> tuple[int, str, str]:
        self.monkeypatch.setattr(sys, "argv", ["teisen", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = self.capsys.readouterr()
        return code, out, err

    def json(self, *words: object) -> Any:
        code, out, err = self(*words, "--json")
        assert code == 0, err
        return json.loads(out)


@pytest.fixture
def teisen(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.setenv("TEISEN_KEYS", str(tmp_path / "keys"))
    monkeypatch.delenv("TEISEN_DEBUG", raising=False)
    return Shell(monkeypatch, capsys)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def case(teisen: Shell, tmp_path: Path) -> Path:
    teisen("new", tmp_path / "case", "--template", small.template(tmp_path / "template"))
    return tmp_path / "case"


def test_from_a_template_to_a_report_and_an_export(teisen: Shell, case: Path, tmp_path: Path) -> None:
    data = small.data(tmp_path / "data")
    done = teisen.json("ingest", "--all", "--data", data, "-c", case)
    assert done["new"] == 4
    assert done["refused"] == 0
    assert teisen.json("status", "-c", case)["derived"] == "none"
    assert teisen.json("derive", "-c", case)["tables"]["incident"] == 4
    state = teisen.json("status", "-c", case)
    assert state["derived"] == "current"
    assert state["files"] == {"claims": 1, "news": 2, "regions": 1}
    assert teisen.json("verify", "-c", case)["ledger"]["size"] == state["ledger"]["size"]
    written = teisen.json("report", "2025-04-19", "-c", case)
    assert Path(written["page"]).is_file()
    weekly = teisen.json("report", "--week", "2025-04-19", "-c", case)
    assert Path(weekly["page"]).parent.name == "2025-W16"
    assert {"week.csv", "holding.csv", "heat.csv", "outcomes.csv"} <= set(weekly["files"])
    out = teisen.json("export", "csv", "incident", "-c", case, "--out", tmp_path / "out")
    assert Path(out["file"]).read_text(encoding="utf-8").count("\n") == out["rows"] + 1
    assert "the test" in Path(out["attributions"]).read_text(encoding="utf-8")


def test_a_file_that_is_withdrawn_counts_no_more_and_every_command_says_so(
    teisen: Shell, case: Path, tmp_path: Path
) -> None:
    data = small.data(tmp_path / "data")
    teisen("ingest", "--all", "--data", data, "-c", case)
    teisen("derive", "-c", case)
    code, out, _ = teisen("withdraw", "news", "news-2.csv", "--reason", "sent by mistake", "-c", case)
    assert code == 0
    assert "news: news-2.csv (" in out
    assert "counts no more" in out
    state = teisen.json("status", "-c", case)
    assert (state["derived"], state["files"]["news"]) == ("stale", 1)
    assert [(one["name"], one["reason"]) for one in state["withdrawn"]] == [("news-2.csv", "sent by mistake")]
    assert "Withdrawn: news: news-2.csv" in teisen("status", "-c", case)[1]
    assert "withdrawn (sent by mistake)" in teisen("ingest", "--all", "--data", data, "-c", case)[1]
    assert teisen.json("derive", "-c", case)["tables"]["observation"] == 3
    code, _, err = teisen("withdraw", "news", "news-2.csv", "-r", "again", "-c", case)
    assert code == 2
    assert "withdrawn already" in err
    assert "counts again" in teisen("withdraw", "news", "news-2.csv", "--undo", "-r", "it was right", "-c", case)[1]


def test_rows_leave_later_than_the_delay(teisen: Shell, case: Path, tmp_path: Path) -> None:
    teisen("ingest", "--all", "--data", small.data(tmp_path / "data"), "-c", case)
    teisen("derive", "-c", case)
    early = teisen.json("export", "csv", "incident", "-c", case, "--as-of", "2025-04-19")
    late = teisen.json("export", "csv", "incident", "-c", case, "--as-of", "2025-05-19")
    inside = teisen.json("export", "csv", "incident", "-c", case, "--audience", "mission", "--as-of", "2025-04-19")
    assert early["rows"] == 0
    assert late["rows"] == 4
    assert inside["rows"] == 4


def test_a_refused_file_is_exit_code_2_and_its_message_says_why(teisen: Shell, case: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    code, out, err = teisen("ingest", "news", tmp_path / "bad.csv", "-c", case)
    assert code == 2
    assert "refused" in out
    assert "bad.csv, line 1" in err
    assert "the heading lacks" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("status", "-c", "nowhere"), 3, "teisen new"),
        (("new", "x", "-t", "nothing"), 2, "no such template"),
        (("report", "yesterday"), 2, "yesterday"),
        (("report",), 2, "--week"),
        (("report", "2025-04-19", "--week", "2025-04-19"), 2, "a day and a week"),
        (("ingest",), 2, "--all"),
        (("agreement", "check", "nowhere.yaml"), 2, "cannot be read"),
        (("frobnicate",), 2, "frobnicate"),
    ],
)
def test_a_mistake_is_a_message_and_an_exit_code(
    teisen: Shell, here: None, words: tuple[str, ...], code: int, says: str
) -> None:
    found, out, err = teisen(*words)
    assert found == code
    assert says in out + err
    assert "Traceback" not in out + err


def test_a_verification_that_fails_is_exit_code_5_or_4(teisen: Shell, case: Path) -> None:
    assert teisen("verify", "-c", case)[0] == 5
    (case / "ledger" / "checkpoint").write_bytes(b"nothing")
    assert teisen("verify", "-c", case)[0] == 4


def test_without_the_key_nothing_is_added(
    teisen: Shell, case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEISEN_KEYS", str(tmp_path / "elsewhere"))
    code, _, err = teisen("ingest", "news", small.data(tmp_path / "data") / "news-1.csv", "-c", case)
    assert code == 7
    assert "TEISEN_KEYS" in err


def test_a_mistake_of_the_code_is_told_without_a_traceback(
    teisen: Shell, case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("of the test")

    monkeypatch.setattr(cli.cases.room, "derive", broken)
    code, _, err = teisen("derive", "-c", case)
    assert code == 70
    assert "TEISEN_DEBUG" in err
    assert "Traceback" not in err


def test_agreements_are_checked_and_their_schema_printed(teisen: Shell, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(small.AGREEMENT, encoding="utf-8")
    bad.write_text(small.AGREEMENT.replace("held_by: party-a", "hold_by: party-a"), encoding="utf-8")
    assert teisen.json("agreement", "check", good)["agreement"] == "truce"
    code, _, err = teisen("agreement", "check", bad)
    assert code == 2
    assert "Write `held_by:` instead" in err
    assert json.loads(teisen("agreement", "schema")[1])["$schema"].startswith("https://json-schema.org/")


def test_an_agreement_in_a_case_is_checked_against_its_parties(teisen: Shell, tmp_path: Path) -> None:
    (tmp_path / "agreements").mkdir()
    path = tmp_path / "agreements" / "truce.yaml"
    path.write_text(small.AGREEMENT, encoding="utf-8")
    alone = len(teisen.json("agreement", "check", str(path))["gaps"])
    one_party = small.CASE.replace("  - {id: party-b, name: B}\n", "").replace("    about: party-b\n", "")
    (tmp_path / "case.yaml").write_text(one_party, encoding="utf-8")
    *_, gap = teisen.json("agreement", "check", str(path))["gaps"]
    assert "'party-b' is a party to truce and none of this case" in gap["what"]
    (tmp_path / "case.yaml").write_text("no case", encoding="utf-8")
    assert len(teisen.json("agreement", "check", str(path))["gaps"]) == alone


def test_doctor_says_what_is_missing_and_what_to_do(
    teisen: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {check["name"] for check in teisen.json("doctor")["checks"]} >= {"Python", "packages", "keys folder"}
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("TEISEN_KEYS", str(tmp_path / "file" / "keys"))
    code, out, _ = teisen("doctor")
    assert code == 1
    assert "MISSING keys folder" in out
    assert "TEISEN_KEYS" in out


def test_doctor_finds_an_old_or_absent_package(teisen: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        doctor, "requires", lambda _: ["polars>=999", "no-such-package>=1", "left-out>=999; extra == 'dev'"]
    )
    code, out, _ = teisen("doctor")
    assert code == 1
    assert "older than 999" in out
    assert "no-such-package is absent" in out
    assert "left-out" not in out


def test_the_version_is_printed(teisen: Shell) -> None:
    assert teisen("--version")[:2] == (0, "teisen 0.1.0\n")


def test_who_said_what_is_listed_with_where_it_differs(teisen: Shell) -> None:
    file = library("agreements") / "energy-2025.yaml"
    told = teisen.json("agreement", "positions", file)
    stances = {(row["who"], row["term_id"]): row["stance"] for row in told["matrix"]}
    assert stances["party-a", "scope"] == "accepts"
    assert any(row["what"] == "same_call" for row in told["contradictions"])
    early = teisen.json("agreement", "positions", file, "--as-of", "2025-03-18T12:00")
    assert len(early["positions"]) < len(told["positions"])
    assert {row["position_a"] for row in early["contradictions"]} <= {row["position_id"] for row in early["positions"]}
    text = teisen("agreement", "positions", file)[1]
    assert "Where statements differ:" in text
    assert "not stated" in text


def test_deriving_says_which_files_a_changed_mapping_no_longer_reads(teisen: Shell, case: Path, tmp_path: Path) -> None:
    teisen("ingest", "--all", "--data", small.data(tmp_path / "data"), "-c", case)
    mapping = case / "mappings" / "news.yaml"
    kept = mapping.read_text(encoding="utf-8")
    mapping.write_text(kept.replace("start: at", "start: moment"), encoding="utf-8")
    code, _, err = teisen("derive", "-c", case)
    assert code == 0
    assert "news: news-1.csv, moment: the heading lacks moment" in err
