from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from teisen.case import Case, derive, ingest
from teisen.server.access import passwords
from tests.case import small
from tests.server import filled


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small case, derived, and the keys that it was made with; made once, only to be copied."""
    folder = tmp_path_factory.mktemp("whole")
    template, data = filled.template(folder / "template"), small.data(folder / "data")
    patch = pytest.MonkeyPatch()
    patch.setenv("TEISEN_KEYS", str(folder / "keys"))
    case = Case.create(folder / "case", template)
    ingest(case, "regions", [folder / "template" / "regions.geojson"])
    ingest(case, "news", [data / "news-1.csv", data / "news-2.csv"])
    ingest(case, "claims", [data / "claims.csv"])
    derive(case)
    patch.undo()
    return folder


@pytest.fixture(scope="module")
def shown(whole: Path) -> Iterator[Path]:
    """The folder of that case, only to be read, with its keys at hand."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEISEN_KEYS", str(whole / "keys"))
        yield whole / "case"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes of passwords that do not take 64 MiB each."""
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", hasher)
    monkeypatch.setattr(passwords, "_NOBODY", hasher.hash("nobody's"))


@pytest.fixture
def folder(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a case of one's own."""
    shutil.copytree(whole / "case", tmp_path / "case")
    shutil.copytree(whole / "keys", tmp_path / "keys")
    monkeypatch.setenv("TEISEN_KEYS", str(tmp_path / "keys"))
    return tmp_path / "case"
