from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from teisen.case import Case
from tests.case import small


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEISEN_KEYS", str(tmp_path / "keys"))


@pytest.fixture
def make(tmp_path: Path) -> Callable[[str], Case]:
    """Makes the small case in a folder of that name."""
    template = small.template(tmp_path / "template")
    return lambda name: Case.create(tmp_path / name, template)


@pytest.fixture
def full(first_full: Path, keys: None, tmp_path: Path) -> Case:
    """The small case filled and derived, a test's own, with the keys that signed it; its template lies beside it."""
    for name in ("full", "keys", "template"):
        shutil.copytree(first_full / name, tmp_path / name, dirs_exist_ok=True)
    return Case.open(tmp_path / "full")


@pytest.fixture
def data_files(tmp_path: Path) -> Path:
    return small.data(tmp_path / "data")
