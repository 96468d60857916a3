from __future__ import annotations

from pathlib import Path

import pytest

from teisen.ledger import KEYS_VARIABLE, Ledger


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(KEYS_VARIABLE, str(tmp_path / "keys"))
    return tmp_path / "keys"


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.create(tmp_path / "case" / "ledger", "truce")
