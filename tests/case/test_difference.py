"""What leaves of a difference between two derivations of a case."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from teisen.case import Case, derive, derive_past
from teisen.case.difference import publish_difference
from teisen.case.sides import Side, compared
from teisen.errors import BadInput

LATER = datetime(2030, 1, 1, tzinfo=UTC)


def published(case: Case, sides: tuple[Side, Side], folder: Path, audience: str = "public") -> str:
    page = publish_difference(case, sides, compared(*sides), folder, audience=audience, as_of=LATER)
    return page.read_text(encoding="utf-8")


def evening(case: Case) -> tuple[Side, Side]:
    known = Side.of_ledger(case, None, known=datetime(2025, 4, 19, 18, tzinfo=UTC))
    return known, Side.of_ledger(case, None)


def test_the_same_difference_is_published_as_the_same_bytes(full: Case, tmp_path: Path) -> None:
    before = {p: p.read_bytes() for p in full.folder.rglob("*") if p.is_file()}
    for name in ("one", "two"):
        published(full, evening(full), tmp_path / name)
    one, two = (sorted((tmp_path / name).iterdir()) for name in ("one", "two"))
    assert [p.name for p in one] == ["causes.csv", "difference.csv", "difference.csv.LICENCES.txt", "index.html"]
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]
    assert {p: p.read_bytes() for p in full.folder.rglob("*") if p.is_file()} == before


def test_tables_of_another_version_can_be_published(full: Case, tmp_path: Path) -> None:
    derive_past(full, tmp_path / "old")
    for name, lost in {"incident": "n_groups", "observation": "flags", "evidence": "reason"}.items():
        path = tmp_path / "old" / f"{name}.parquet"
        pl.read_parquet(path).drop(lost).write_parquet(path)
    old, now = Side.of_folder(tmp_path / "old"), Side.of_ledger(full, None)
    tables = {**now.tables, "incident": now.tables["incident"].with_columns(p_conflict=pl.lit(0.01))}
    html = published(full, (old, Side(tables, {**now.manifest, "code": "f" * 64})), tmp_path / "out")
    assert html.count("another value: probability") == now.tables["incident"].height
    assert "-&gt; 0.1.0 (ffffffffffff)" in html


def test_words_of_a_source_that_the_case_has_no_more_stay_inside(full: Case, tmp_path: Path) -> None:
    shutil.copytree(full.derived, tmp_path / "before")
    path = tmp_path / "before" / "incident.parquet"
    pl.read_parquet(path).with_columns(title=pl.lit("words of the news")).write_parquet(path)
    case = full.folder / "case.yaml"
    text = case.read_text(encoding="utf-8")
    start, end = text.index("  - id: news"), text.index("  - id: claims")
    case.write_text(text[:start] + text[end:], encoding="utf-8")
    derive(full)
    sides = Side.of_folder(tmp_path / "before"), Side.of_folder(full.derived)
    html = published(full, sides, tmp_path / "out")
    assert "case.yaml changed" in html
    assert html.count("gone") > 4
    assert "words of the news" not in html


def test_an_audience_that_may_not_have_it_is_told_so(full: Case, tmp_path: Path) -> None:
    case = full.folder / "case.yaml"
    case.write_text(case.read_text(encoding="utf-8") + "release: {public: {hide: [difference]}}\n", encoding="utf-8")
    full.record_definitions()
    with pytest.raises(BadInput, match="hides the difference from 'public'"):
        published(full, evening(full), tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert "observations added" in published(full, evening(full), tmp_path / "out", "mission")
