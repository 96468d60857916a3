"""A side of a comparison is read from the tables that there are, or derived; a broken one says what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from teisen.case import Case, derive_past, sides, stored
from teisen.case.sides import Side, compared
from teisen.errors import BadInput
from tests.case.test_compare import edited


def test_tables_that_the_case_has_are_read_where_they_are_what_a_state_gives(
    full: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size, derived = len(full.ledger), derive_past(full, tmp_path / "now").state()
    edited(full, "agreements/truce.yaml", "is_kind: [attack]", "is_kind: [shelling]")
    made: list[int | None] = []
    plain = sides.derive_past

    def counted(*args: Any, **more: Any) -> Any:
        made.append(more["size"])
        return plain(*args, **more)

    monkeypatch.setattr(sides, "derive_past", counted)
    read = Side.of_ledger(full, size)
    assert made == []
    assert read.stated() == Side.of_folder(tmp_path / "now").stated() | {"root": derived["root"], "size": size}
    assert all(read.tables[n].equals(frame) for n, frame in Side.of_folder(tmp_path / "now").tables.items())
    Side.of_ledger(full, None)
    assert made == [None], "the edited agreement gives other tables"
    path = full.derived / stored.MANIFEST
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(stored.code_digest(), "0" * 64), encoding="utf-8")
    Side.of_ledger(full, size)
    assert made == [None, size], "another version of the code"
    path.write_text(text, encoding="utf-8")
    (full.derived / "finding.parquet").write_bytes((full.derived / "rate.parquet").read_bytes())
    assert Side.of_ledger(full, size).tables["finding"].equals(read.tables["finding"])
    assert made == [None, size, size], "a table that was altered"


def test_a_folder_without_tables_is_answered_with_what_to_do(full: Case, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no derived tables\. Name a folder"):
        Side.of_folder(tmp_path)
    derive_past(full, tmp_path / "past")
    (tmp_path / "past" / "incident.parquet").write_bytes(b"cut")
    with pytest.raises(BadInput, match=r"incident\.parquet: the table cannot be compared"):
        Side.of_folder(tmp_path / "past")


def test_tables_of_another_version_are_compared_in_what_both_have(full: Case, tmp_path: Path) -> None:
    derive_past(full, tmp_path / "old")
    now = Side.of_folder(tmp_path / "old")
    for name, lost in {"incident": "n_groups", "outcome": "p_would_see", "evidence": "reason"}.items():
        path = tmp_path / "old" / f"{name}.parquet"
        pl.read_parquet(path).drop(lost).with_columns(since_gone=1).write_parquet(path)
    old = Side.of_folder(tmp_path / "old")
    assert compared(old, now).is_empty()
    assert compared(now, old).is_empty()
    tables = {**now.tables, "incident": now.tables["incident"].with_columns(p_conflict=pl.lit(0.01))}
    rows = compared(old, Side(tables, {**now.manifest, "code": "another"}))
    assert set(rows["fields"].explode()) == {"p_conflict"}
    assert set(rows["because"].explode()) == {"code"}
