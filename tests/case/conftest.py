from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from teisen.case import Case, derive, ingest_all
from tests.case import small


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEISEN_KEYS", str(tmp_path / "keys"))


@pytest.fixture
def make(tmp_path: Path) -> Callable[[str], Case]:
    """Makes the small case in a folder of that name."""
    template = small.template(tmp_path / "template")
    return lambda name: Case.create(tmp_path / name, template)


@pytest.fixture(scope="session")
def first_full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small case filled and derived, and its keys, made once."""
    folder = tmp_path_factory.mktemp("full")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TEISEN_KEYS", str(folder / "keys"))
        case = Case.create(folder / "full", small.template(folder / "template"))
        ingest_all(case, small.data(folder / "data"))
        derive(case)
    return folder


@pytest.fixture
def full(first_full: Path, keys: None, tmp_path: Path) -> Case:
    """The small case filled and derived, a test's own, with the keys that signed it; its template lies beside it."""
    for name in ("full", "keys", "template"):
        shutil.copytree(first_full / name, tmp_path / name, dirs_exist_ok=True)
    return Case.open(tmp_path / "full")


@pytest.fixture
def data_files(tmp_path: Path) -> Path:
    return small.data(tmp_path / "data")
