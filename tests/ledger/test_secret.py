"""The secret under which ids leave: kept beside the private key, and made again from it."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest

from teisen.errors import NoKey
from teisen.ledger import Ledger


def test_it_is_made_with_the_ledger_for_its_owner_alone(ledger: Ledger, keys: Path) -> None:
    assert ledger.secret_file.parent == keys
    assert stat.S_IMODE(ledger.secret_file.stat().st_mode) == 0o600
    assert len(ledger.secret()) == 32
    key = next(keys.glob("*.key")).read_text().strip()
    assert key.rsplit("+", 1)[1] not in ledger.secret_file.read_text()


def test_two_ledgers_of_one_name_have_two(tmp_path: Path, keys: Path) -> None:
    first, second = (Ledger.create(tmp_path / name, "same") for name in ("a", "b"))
    assert first.secret() != second.secret()


def test_whoever_has_the_private_key_has_lost_nothing(ledger: Ledger) -> None:
    before, text = ledger.secret(), ledger.secret_file.read_text()
    ledger.secret_file.unlink()
    assert Ledger.open(ledger.folder).secret() == before
    assert ledger.secret_file.read_text() == text


def test_a_machine_without_the_private_key_needs_the_file_alone(ledger: Ledger, keys: Path) -> None:
    before = ledger.secret()
    next(keys.glob("*.key")).unlink()
    assert ledger.secret() == before
    ledger.secret_file.unlink()
    with pytest.raises(NoKey, match=r"Copy that file from the machine where the case was made"):
        ledger.secret()
    assert not ledger.secret_file.exists()


def test_a_folder_of_keys_that_cannot_be_written_does(ledger: Ledger, keys: Path, tmp_path: Path) -> None:
    before = ledger.secret()
    ledger.secret_file.unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.open", _refuses)
        assert ledger.secret() == before


def _refuses(*_: object) -> int:
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize("text", ["", "IDS+SECRET+\n", "something else", "IDS+SECRET+other+00000000+AAAA"])
def test_a_file_that_is_not_it_is_told_with_what_to_do(ledger: Ledger, text: str) -> None:
    ledger.secret_file.write_text(text)
    with pytest.raises(NoKey, match=r"is not the secret .* made again as it was"):
        ledger.secret()


def test_the_file_of_another_ledger_is_told_apart(ledger: Ledger, tmp_path: Path) -> None:
    other = Ledger.create(tmp_path / "other", "other")
    shutil.copyfile(other.secret_file, ledger.secret_file)
    with pytest.raises(NoKey, match="is not the secret"):
        ledger.secret()


def test_a_file_that_cannot_be_read_is_told_with_what_to_do(ledger: Ledger) -> None:
    ledger.secret_file.unlink()
    ledger.secret_file.mkdir()
    with pytest.raises(NoKey, match=r"cannot be read .* Make the file readable"):
        ledger.secret()
    ledger.secret_file.rmdir()
    ledger.secret_file.write_bytes(b"\xff\xfe")
    with pytest.raises(NoKey, match="it is no text"):
        ledger.secret()
