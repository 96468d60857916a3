"""A case from files to tables: what is kept, what is refused, and that the same content gives the same bytes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import filelock
import polars as pl
import pytest

from teisen.case import Case, derive, derived_tables, ingest, ingest_all, stored, unrecorded, verify
from teisen.case.folder import LOCK
from teisen.case.publish import released, report
from teisen.errors import BadInput, CaseBusy, DerivedDiffers, LedgerBroken, NoKey, NotACase
from tests.case import small

Make = Callable[[str], Case]


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_files_become_incidents_findings_and_outcomes(full: Case) -> None:
    tables = stored.read_tables(full.derived)
    assert sorted(tables["observation"]["text"]) == ["first", "fourth", "second", "second again", "third"]
    assert tables["incident"].height == 4
    assert set(tables["finding"]["provision_id"]) == {"hostilities"}
    assert set(tables["allegation"]["source_id"]) == {"claims", "agreement:truce"}
    assert tables["outcome"].height == 2
    assert tables["rate"].height > 0


def test_a_row_that_cannot_be_read_is_kept_with_its_reason(full: Case) -> None:
    aside = pl.read_csv(full.derived / "set_aside" / "news.csv")
    assert aside.select("file", "row", "column").rows() == [("news-1.csv", 4, "x")]
    assert "500" in aside["what"][0]


def test_order_folder_and_threads_leave_no_trace_in_the_bytes(
    full: Case, make: Make, data_files: Path, tmp_path: Path
) -> None:
    other = make("elsewhere/deeper")
    ingest(other, "claims", [data_files / "claims.csv"])
    ingest(other, "news", [data_files / "news-2.csv"])
    ingest(other, "news", [data_files / "news-1.csv"])
    ingest(other, "regions", [tmp_path / "template" / "regions.geojson"])
    code = "import sys, pathlib, teisen.case as room; room.derive(room.Case.open(pathlib.Path(sys.argv[1])))"
    env = dict(os.environ) | {"POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", code, str(other.folder)], env=env, check=True)
    assert stored.first_difference(full.derived, other.derived) is None


def test_the_derivation_is_one_line_without_a_folder(full: Case) -> None:
    tables = derived_tables(full.on_record(), reversed(full.received()), full.ledger.blob)
    assert all(
        tables[name].equals(frame) for name, frame in stored.read_tables(full.derived, ["incident", "rate"]).items()
    )


def test_the_same_file_twice_adds_nothing(full: Case, data_files: Path) -> None:
    before = full.ledger.checkpoint
    again = ingest_all(full, data_files)
    assert again.new == 0
    assert full.ledger.checkpoint == before
    verify(full)


def test_a_file_unreadable_as_a_whole_is_refused_and_the_rest_kept(make: Make, data_files: Path) -> None:
    case = make("mixed")
    (data_files / "news-3.csv").write_bytes(b"\xff\xfe" + small.NEWS.encode("utf-16-le"))
    done = ingest(case, "news", sorted(data_files.glob("news-*.csv")))
    assert [(f.name, f.entry is None) for f in sorted(done.files, key=lambda f: f.name)] == [
        ("news-1.csv", False),
        ("news-2.csv", False),
        ("news-3.csv", True),
    ]
    assert "UTF-16" in str(done.refused[0].problems[0])
    assert {r.name for r in case.received()} == {"news-1.csv", "news-2.csv"}


def test_a_source_that_delivered_nothing_still_states_its_exposure(make: Make, data_files: Path) -> None:
    case = make("quiet")
    ingest(case, "regions", [data_files.parent / "template" / "regions.geojson"])
    exposure = derive(case)["exposure"]
    assert "news" in set(exposure["source_id"])


def test_a_changed_definition_is_recorded_and_changes_the_tables(full: Case) -> None:
    path = full.folder / "agreements" / "truce.yaml"
    path.write_text(
        path.read_text().replace(
            "to: 2025-04-21, zone: UTC}\n            - is", "to: 2025-04-20, zone: UTC}\n            - is"
        )
    )
    assert unrecorded(full) == ["agreements/truce.yaml"]
    with pytest.raises(DerivedDiffers, match=r"agreements/truce.yaml changed.*teisen derive"):
        verify(full)
    size = len(full.ledger)
    before = contents(full.derived)
    derive(full)
    assert len(full.ledger) == size + 1
    assert contents(full.derived)["finding.parquet"] != before["finding.parquet"]
    verify(full)


def test_an_override_that_was_removed_no_longer_counts(make: Make, data_files: Path) -> None:
    case = make("override")
    text = (case.folder / "case.yaml").read_text().replace("profile: news", "profile: viina")
    (case.folder / "case.yaml").write_text(text)
    own = case.folder / "profiles" / "viina.yaml"
    own.write_text(small.profile("viina", "makes"))
    case.record_definitions()
    assert case.definitions.sources["news"].profile.title == "Made-up viina"
    own.unlink()
    assert case.record_definitions() == ["profiles/viina.yaml"]
    assert case.definitions.sources["news"].profile.title != "Made-up viina"


def test_a_bad_definition_is_named_and_not_recorded(full: Case) -> None:
    size = len(full.ledger)
    path = full.folder / "case.yaml"
    path.write_text(path.read_text().replace("reader: table", "reader: tabel", 1))
    with pytest.raises(BadInput, match="no reader 'tabel'"):
        derive(full)
    assert len(full.ledger) == size


def test_verification_names_the_file_and_the_byte(full: Case) -> None:
    path = full.derived / "incident.parquet"
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    with pytest.raises(DerivedDiffers, match=r"incident.parquet differs from byte 100 on"):
        verify(full)


def test_verification_names_a_file_too_many_and_one_too_few(full: Case) -> None:
    (full.derived / "extra.parquet").write_bytes(b"")
    with pytest.raises(DerivedDiffers, match=r"extra.parquet is in the case, but"):
        verify(full)
    (full.derived / "extra.parquet").unlink()
    (full.derived / "area.parquet").unlink()
    with pytest.raises(DerivedDiffers, match=r"area.parquet is missing"):
        verify(full)


def test_verification_says_so_where_the_code_was_another(full: Case) -> None:
    path = full.derived / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"code": "0" * 64}))
    with pytest.raises(DerivedDiffers, match="another version of the code"):
        verify(full)


def test_a_blob_that_was_altered_breaks_the_ledger(full: Case) -> None:
    blob = next(p for p in (full.folder / "ledger" / "blobs").rglob("*") if p.is_file())
    blob.chmod(0o644)
    blob.write_bytes(blob.read_bytes() + b" ")
    with pytest.raises(LedgerBroken):
        verify(Case.open(full.folder))


def test_a_copy_without_the_key_verifies_and_derives_but_takes_nothing_in(
    full: Case, tmp_path: Path, data_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(full.folder, tmp_path / "mailed")
    monkeypatch.setenv("TEISEN_KEYS", str(tmp_path / "no-keys"))
    mailed = Case.open(tmp_path / "mailed")
    verify(mailed)
    derive(mailed)
    assert contents(mailed.derived) == contents(full.derived)
    (data_files / "news-9.csv").write_text(small.NEWS.replace("first", "ninth"))
    with pytest.raises(NoKey):
        ingest(mailed, "news", [data_files / "news-9.csv"])


def test_a_second_command_is_told_that_the_case_is_busy(full: Case) -> None:
    with filelock.FileLock(full.folder / LOCK), pytest.raises(CaseBusy, match="Another command"):
        derive(full, wait_s=0.1)


def test_a_reader_of_the_tables_never_finds_half_of_them(full: Case) -> None:
    (full.folder / "derived.new").mkdir()
    (full.folder / "derived.new" / "left.parquet").write_bytes(b"of a run that died")
    before = contents(full.derived)
    derive(full)
    assert contents(full.derived) == before
    assert not (full.folder / "derived.new").exists()
    assert not (full.folder / "derived.old").exists()


def test_what_is_no_case_is_answered_with_what_to_do(tmp_path: Path, make: Make) -> None:
    with pytest.raises(NotACase, match="teisen new"):
        Case.open(tmp_path)
    make("there")
    with pytest.raises(BadInput, match="a case already"):
        make("there")
    with pytest.raises(BadInput, match="no such template"):
        Case.create(tmp_path / "x", "nothing")
    with pytest.raises(BadInput, match=r"no source 'radio'.*claims, news, regions"):
        ingest(Case.open(tmp_path / "there"), "radio", [])
    with pytest.raises(BadInput, match="no file under"):
        ingest_all(Case.open(tmp_path / "there"), tmp_path / "template")


def test_a_report_rests_on_what_was_released(full: Case) -> None:
    out = released(full)
    assert out.as_of == full.head_time()
    page = report(full, date(2025, 4, 19), out)
    html = page.read_text(encoding="utf-8")
    assert full.ledger.checkpoint.root.hex() or full.ledger.checkpoint.origin
    assert full.ledger.checkpoint.origin in html
    assert "a claim" not in html
    first = contents(page.parent)
    report(full, date(2025, 4, 19), released(full))
    assert contents(page.parent) == first
    with pytest.raises(BadInput, match="does not cover 2025-05-01"):
        report(full, date(2025, 5, 1), out)


def test_nothing_leaves_that_is_not_derived_from_the_ledger_as_it_is(full: Case, data_files: Path) -> None:
    (data_files / "news-9.csv").write_text(small.NEWS.replace("first", "ninth"))
    ingest(full, "news", [data_files / "news-9.csv"])
    with pytest.raises(DerivedDiffers, match="teisen derive"):
        released(full)
