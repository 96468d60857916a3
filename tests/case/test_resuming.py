"""Deriving goes on from where it left off, gives the same bytes as deriving anew, and rests on nothing it kept."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from teisen.case import Case, derive, ingest, ingest_all, resuming, stored, verify
from teisen.case.resuming import INDEX, Resuming
from tests.case import small

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


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a case that was derived and then given a new day's file, its keys, and a copy derived anew."""
    folder = tmp_path_factory.mktemp("grown")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TEISEN_KEYS", str(folder / "keys"))
        patched.setattr(resuming, "WORTH_FROM", 1)
        data, case = small.data(folder / "data"), Case.create(folder / "grown", small.template(folder / "template"))
        ingest_all(case, data)
        derive(case)
        (data / "news-3.csv").write_text(LATER, encoding="utf-8")
        ingest(case, "news", [data / "news-3.csv"])
        shutil.copytree(case.folder, folder / "anew")
        shutil.rmtree(folder / "anew" / "derived")
        derive(Case.open(folder / "anew"))
    return folder


@pytest.fixture
def grown(once: Path, keys: None, tmp_path: Path) -> Case:
    """Derived, and then given a new day's file that is not derived yet; a test's own."""
    for name in ("grown", "keys"):
        shutil.copytree(once / name, tmp_path / name)
    return Case.open(tmp_path / "grown")


@pytest.fixture
def theirs(once: Path) -> Path:
    """The tables of a copy of the grown case that was never derived before."""
    return once / "anew" / "derived"


def test_a_new_day_gives_the_bytes_that_deriving_anew_gives(grown: Case, theirs: Path, resumed: list[bool]) -> None:
    assert "later" in derive(grown)["observation"]["text"]
    assert resumed == [True]
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
def test_what_was_kept_and_altered_is_passed_over(grown: Case, theirs: Path, resumed: list[bool], damage: str) -> None:
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
