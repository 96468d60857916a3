from __future__ import annotations

import hashlib
import random
import re
import shutil
from pathlib import Path

import pytest

from teisen.errors import LedgerBroken
from teisen.ledger import Draft, Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A ledger with full and partial tiles, definitions, source files and blobs."""
    ledger = Ledger.create(tmp_path / "ledger", "truce")
    ledger.append([Draft("case", "truce", "case.yaml", b"title: x")])
    ledger.append([Draft("source-file", "f", f"{i}.csv", b"row %d" % i) for i in range(3)])
    ledger.append([Draft("decision", "truce", body={"n": i}) for i in range(270)])
    ledger.append([Draft("decision", "truce", body={"n": -1})])
    return ledger


def content_files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.stat().st_size)


def test_the_summary_counts_what_is_there(ledger: Ledger) -> None:
    summary = ledger.verify()
    assert summary.size == 275
    assert summary.types == {"case": 1, "decision": 271, "source-file": 3}
    assert (summary.blobs, summary.blob_bytes, summary.redacted) == (4, 8 + 3 * 5, 0)
    assert summary.root == ledger.checkpoint.root.hex()
    assert summary.origin == ledger.origin


def test_every_flipped_byte_is_found_and_its_file_named(ledger: Ledger) -> None:
    draw = random.Random(1)  # noqa: S311
    files = content_files(ledger.folder)
    assert {p.relative_to(ledger.folder).parts[0] for p in files} == {"blobs", "checkpoint", "tile", "vkey"}
    for path in files:
        content = path.read_bytes()
        for at in sorted({0, len(content) - 1, *(draw.randrange(len(content)) for _ in range(4))}):
            changed = bytearray(content)
            changed[at] ^= 1 << draw.randrange(8)
            path.write_bytes(changed)
            with pytest.raises(LedgerBroken) as found:
                Ledger.open(ledger.folder).verify()
            named = str(found.value)
            assert str(path) in named or (path.name == "vkey" and "checkpoint" in named), (path, at, named)
        path.write_bytes(content)
    ledger.verify()


def test_every_missing_or_shortened_or_lengthened_file_is_found(ledger: Ledger) -> None:
    for path in content_files(ledger.folder):
        content = path.read_bytes()
        for changed in (content[:-1], content + b"x", b""):
            path.write_bytes(changed)
            with pytest.raises(LedgerBroken):
                Ledger.open(ledger.folder).verify()
        path.write_bytes(content)
        if path.name != "checkpoint" and int(path.name if path.parent.suffix == ".p" else 275) == 275 % 256:
            path.unlink()
            with pytest.raises(LedgerBroken, match=re.escape(str(path))):
                ledger.verify()
            path.write_bytes(content)
    ledger.verify()


def test_the_message_names_the_byte_of_a_tile_and_the_entry_of_a_bundle(ledger: Ledger) -> None:
    tile = ledger.folder / "tile/0/000"
    content = bytearray(tile.read_bytes())
    content[77] ^= 0xFF
    tile.write_bytes(content)
    with pytest.raises(LedgerBroken, match=re.escape(f"{tile}: byte 77 is ")):
        ledger.verify()
    content[77] ^= 0xFF
    tile.write_bytes(content)
    bundle = ledger.folder / "tile/entries/000"
    text = bundle.read_bytes()
    bundle.write_bytes(text.replace(b'"n":100}', b'"n":101}'))
    with pytest.raises(LedgerBroken, match=r"entry 104 \(bytes \d+ to \d+\): the signature of its author"):
        ledger.verify()
    with pytest.raises(LedgerBroken, match="not the ones that the checkpoint was signed over"):
        Ledger.open(ledger.folder).entries()


def test_entries_exchanged_or_of_another_ledger_are_found(ledger: Ledger, tmp_path: Path) -> None:
    other = Ledger.create(tmp_path / "other", "truce")
    other.append([Draft("case", "truce", "case.yaml", b"title: x")])
    (name,) = [p.name for p in (ledger.folder / "tile/entries/001.p").iterdir() if p.name == "19"]
    path = ledger.folder / "tile/entries/001.p" / name
    content = path.read_bytes()
    size = int.from_bytes(content[:2]) + 2
    second = int.from_bytes(content[size : size + 2]) + 2
    path.write_bytes(content[size : size + second] + content[:size] + content[size + second :])
    with pytest.raises(LedgerBroken, match=r"byte \d+ is "):
        ledger.verify()
    path.write_bytes((other.folder / "tile/entries/000.p/1").read_bytes() + content[size:])
    with pytest.raises(LedgerBroken, match=f"entry 256 .* signed for the ledger {re.escape(other.origin)}"):
        ledger.verify()


def test_a_checkpoint_and_key_of_somebody_else_are_found_by_whoever_holds_the_key(
    ledger: Ledger, tmp_path: Path
) -> None:
    forged = Ledger.create(tmp_path / "forged", "truce")
    forged.append([Draft("case", "truce", "case.yaml", b"title: y")])
    key = ledger.key
    shutil.rmtree(ledger.folder)
    shutil.copytree(forged.folder, ledger.folder)
    assert Ledger.open(ledger.folder).verify().size == 1
    with pytest.raises(LedgerBroken, match="not the key"):
        Ledger.open(ledger.folder).verify(key)


def test_a_blob_may_be_absent_only_after_a_redaction(ledger: Ledger) -> None:
    sha256 = hashlib.sha256(b"row 1").hexdigest()
    path = ledger.folder / "blobs" / sha256[:2] / sha256[2:]
    path.unlink()
    with pytest.raises(LedgerBroken, match=re.escape(str(path))):
        ledger.verify()
    ledger.append([Draft("redaction", "f", body={"blob": sha256, "reason": "names a person"})])
    assert (ledger.verify().redacted, ledger.verify().blobs) == (1, 3)
    ledger.append([Draft("allegation", "f", "again.csv", b"row 1")])
    path.unlink()
    with pytest.raises(LedgerBroken, match=re.escape(str(path))):
        ledger.verify()


def test_earlier_partial_tiles_go_when_their_tile_is_full(ledger: Ledger) -> None:
    assert not (ledger.folder / "tile/0/000.p").exists()
    assert sorted(p.name for p in (ledger.folder / "tile/0/001.p").iterdir()) == ["18", "19"]
    ledger.append([Draft("decision", "truce", body={"n": i}) for i in range(237)])
    assert sorted(p.name for p in (ledger.folder / "tile/0").iterdir()) == ["000", "001"]
    assert ledger.verify().size == 512


def test_an_earlier_checkpoint_shows_that_nothing_before_it_was_changed(ledger: Ledger, tmp_path: Path) -> None:
    shutil.copytree(ledger.folder, tmp_path / "copy")
    copy = Ledger.open(tmp_path / "copy")
    ledger.append([Draft("decision", "truce", body={"n": "here"})])
    kept = ledger.checkpoint.content
    with pytest.raises(LedgerBroken, match="276 entries that this ledger does not hold"):
        copy.verify(earlier=kept)
    copy.append([Draft("decision", "truce", body={"n": "there"})])
    with pytest.raises(LedgerBroken, match="276 entries that this ledger does not hold"):
        copy.verify(earlier=kept)
    copy.append([Draft("decision", "truce", body={"n": "there"})])
    with pytest.raises(LedgerBroken, match="first 276 entries are not those"):
        copy.verify(earlier=kept)
    ledger.append([Draft("decision", "truce", body={"n": "more"})])
    assert ledger.verify(earlier=kept).size == 277
    with pytest.raises(LedgerBroken, match="earlier checkpoint: the signature"):
        ledger.verify(earlier=kept.replace(b"\n276\n", b"\n275\n"))
