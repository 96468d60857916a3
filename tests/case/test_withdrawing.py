"""Files taken back: a case is as if it had never had them, and as it was when asked about earlier."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from teisen.case import Case, derive, derive_past, ingest, ingest_all, stored, verify, withdraw
from teisen.case.sides import Side, compared
from teisen.errors import BadInput
from tests.case.test_asof import without_state

Make = Callable[[str], Case]


def tables_of(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.glob("*.parquet"))}


def test_a_withdrawn_file_leaves_the_case_as_if_it_had_never_come(
    full: Case, make: Make, data_files: Path, tmp_path: Path
) -> None:
    done = withdraw(full, "news", ["news-2.csv"], "sent by mistake")
    assert [(one.name, one.reason) for one in done] == [("news-2.csv", "sent by mistake")]
    assert [one.name for one in full.taken_back()] == ["news-2.csv"]
    derive(full)
    never = make("never")
    ingest(never, "regions", [tmp_path / "template" / "regions.geojson"])
    ingest(never, "claims", [data_files / "claims.csv"])
    ingest(never, "news", [data_files / "news-1.csv"])
    derive(never)
    assert stored.first_difference(full.derived, never.derived) is None
    assert full.inputs() == never.inputs()
    verify(full)


def test_what_was_known_before_has_it_still_and_a_comparison_names_it(full: Case, tmp_path: Path) -> None:
    before, size = tables_of(full.derived), len(full.ledger)
    withdraw(full, "news", ["news-2.csv"], "sent by mistake")
    derive(full)
    assert tables_of(full.derived) != before
    derive_past(full, tmp_path / "then", size=size)
    assert tables_of(tmp_path / "then") == before
    sides = Side.of_folder(tmp_path / "then"), Side.of_folder(full.derived)
    causes = compared(*sides)["causes"].explode().drop_nulls()
    assert causes.str.contains("news-2.csv removed", literal=True).any()


def test_undone_it_is_as_it_was(full: Case) -> None:
    before, manifest = tables_of(full.derived), without_state(full.derived)
    withdraw(full, "news", ["news-1.csv", "news-2.csv"], "in doubt")
    derive(full)
    withdraw(full, "news", ["news-2.csv", "news-1.csv"], "no doubt any more", undo=True)
    derive(full)
    assert full.taken_back() == []
    assert tables_of(full.derived) == before
    assert manifest["inputs"] == without_state(full.derived)["inputs"]


def test_a_corrected_file_of_the_same_name_takes_its_place(full: Case, tmp_path: Path) -> None:
    content = full.ledger.blob(next(r.blob for r in full.received() if r.name == "news-2.csv"))
    corrected = tmp_path / "corrected" / "news-2.csv"
    corrected.parent.mkdir()
    corrected.write_bytes(content.replace(b"fourth", b"corrected"))
    withdraw(full, "news", ["news-2.csv"], "words of a report were wrong")
    ingest(full, "news", [corrected])
    texts = set(derive(full)["observation"]["text"])
    assert "corrected" in texts
    assert "fourth" not in texts
    # The name means the one that counts.
    withdraw(full, "news", ["news-2.csv"], "and again")
    assert len(full.taken_back()) == 2
    with pytest.raises(BadInput, match="2 files of this source have this name"):
        withdraw(full, "news", ["news-2.csv"], "which?", undo=True)
    first = full.taken_back()[0]
    assert withdraw(full, "news", [first.blob[:8]], "the first was right", undo=True)[0].blob == first.blob


def test_ingested_again_it_is_told_to_be_withdrawn_and_does_not_count(full: Case, data_files: Path) -> None:
    withdraw(full, "news", ["news-2.csv"], "sent by mistake")
    files = {one.name: one for one in ingest_all(full, data_files).files}
    assert files["news-2.csv"].withdrawn == "sent by mistake"
    assert not files["news-2.csv"].new
    assert not files["news-1.csv"].withdrawn
    assert "news-2.csv" not in {r.name for r in full.received()}


def test_what_cannot_be_withdrawn_is_told_and_nothing_is_recorded(full: Case) -> None:
    withdraw(full, "news", ["news-2.csv"], "sent by mistake")
    size = len(full.ledger)
    for files, reason, undo, says in (
        (["news-9.csv"], "why", False, "no file of this name.*news-2.csv"),
        (["claims.csv"], "why", False, "no file of this name"),
        (["news-2.csv"], "why", False, r"withdrawn already \(sent by mistake\)"),
        (["news-1.csv"], "why", True, "it counts already"),
        (["news-1.csv"], " ", False, "no reason is given"),
        (["news-1.csv", "news-9.csv"], "why", False, "news-9.csv"),
    ):
        with pytest.raises(BadInput, match=says):
            withdraw(full, "news", files, reason, undo=undo)
    assert len(full.ledger) == size
