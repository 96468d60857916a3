from __future__ import annotations

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
def data_files(tmp_path: Path) -> Path:
    return small.data(tmp_path / "data")
