"""Deriving goes on from where it left off, gives the same bytes as deriving anew, and rests on nothing it kept."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from teisen.case import Case, derive, ingest, ingest_all, resuming, stored, verify
from teisen.case.resuming import INDEX, Resuming
from tests.case import small

Make = Callable[[str], Case]
LATER = small.NEWS.partition("\n")[0] + "\n2025-04-21 10:00,30.6,50.4,explosion,later\n"


@pytest.fixture(autouse=True)
def worth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resuming, "WORTH_FROM", 1)


@pytest.fixture
def resumed(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each fusion went on from an earlier one."""
    found: list[bool] = []
    plain = Resuming.fuse

    def fuse(self: Resuming, *args: object) -> object:
        fused = plain(self, *args)  # type: ignore[arg-type]
        found.append(self.resumed)
        return fused

    monkeypatch.setattr(Resuming, "fuse", fuse)
    return found


@pytest.fixture
def grown(make: Make, data_files: Path) -> Case:
    """Derived, and then given a new day's file that is not derived yet."""
    case = make("grown")
    ingest_all(case, data_files)
    derive(case)
    (data_files / "news-3.csv").write_text(LATER, encoding="utf-8")
    ingest(case, "news", [data_files / "news-3.csv"])
    return case


def anew(case: Case, folder: Path) -> Path:
    """The tables of a copy of the case that was never derived before."""
    shutil.copytree(case.folder, folder)
    shutil.rmtree(folder / "derived")
    other = Case.open(folder)
    derive(other)
    return other.derived


def test_a_new_day_gives_the_bytes_that_deriving_anew_gives(grown: Case, tmp_path: Path, resumed: list[bool]) -> None:
    theirs = anew(grown, tmp_path / "anew")
    assert "later" in derive(grown)["observation"]["text"]
    assert resumed == [False, True]
    assert stored.first_difference(grown.derived, theirs) is None
    assert stored.read_manifest(grown.derived) == stored.read_manifest(theirs)
    derive(grown)
    assert resumed[-1]
    assert stored.first_difference(grown.derived, theirs) is None
    verify(grown)


def test_few_observations_are_fused_anew_and_nothing_is_kept(
    grown: Case, resumed: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resuming, "WORTH_FROM", 1_000)
    derive(grown)
    assert resumed == [False]
    assert not (grown.derived / stored.STATE).exists()


def test_nothing_rests_on_what_was_kept(grown: Case) -> None:
    tables = derive(grown)
    manifest = stored.read_manifest(grown.derived)
    assert manifest is not None
    assert set(manifest["tables"]) == set(tables)
    shutil.rmtree(grown.derived / stored.STATE)
    verify(grown)
    assert not (grown.folder / "ledger" / stored.STATE).exists()


@pytest.mark.parametrize("damage", ["a byte", "a file gone", "no index", "another code", "the tables"])
def test_what_was_kept_and_altered_is_passed_over(
    grown: Case, tmp_path: Path, resumed: list[bool], damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = anew(grown, tmp_path / "anew")
    state = grown.derived / stored.STATE
    if damage == "a byte":
        content = bytearray((state / "incident.parquet").read_bytes())
        content[len(content) // 2] ^= 1
        (state / "incident.parquet").write_bytes(content)
    elif damage == "a file gone":
        (state / "numbers.parquet").unlink()
    elif damage == "no index":
        (state / INDEX).write_text("{", encoding="utf-8")
    elif damage == "another code":
        index = json.loads((state / INDEX).read_text(encoding="utf-8"))
        (state / INDEX).write_text(json.dumps(index | {"code": "0" * 64}), encoding="utf-8")
    else:
        shutil.copy(grown.derived / "exposure.parquet", grown.derived / "observation.parquet")
    derive(grown)
    assert not resumed[-1]
    assert stored.first_difference(grown.derived, theirs) is None


def test_a_source_declared_otherwise_is_fused_anew(grown: Case, resumed: list[bool]) -> None:
    derive(grown)
    path = grown.folder / "case.yaml"
    path.write_text(path.read_text().replace("profile: news\n", "profile: news\n    reported_by: party-b\n"))
    derive(Case.open(grown.folder))
    assert resumed == [True, False]
    assert resuming.FORMAT in (grown.derived / stored.STATE / INDEX).read_text(encoding="utf-8")
