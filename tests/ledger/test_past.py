from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from teisen.errors import LedgerBroken
from teisen.ledger import Draft, Ledger, Past, merkle

NOON = datetime(2025, 4, 19, 12, tzinfo=UTC)


def fill(ledger: Ledger, count: int) -> None:
    for number in range(count):
        file = Draft("source-file", "news", f"{number}.csv", str(number).encode())
        ledger.append([file], now=NOON + timedelta(hours=number))


@pytest.mark.parametrize("size", [0, 1, 5, 8, 11])
def test_the_past_is_what_the_ledger_was_and_the_proof_shows_it(ledger: Ledger, size: int) -> None:
    fill(ledger, size)
    then, entries = ledger.checkpoint, ledger.entries()
    fill(ledger, 11 - size if size else 11)
    now = Ledger.open(ledger.folder)
    past = Past(now, size)
    assert past.entries() == entries
    assert len(past) == size
    assert past.root == then.root
    head = now.checkpoint
    assert merkle.verify_consistency(size, head.size, past.proof, past.root, head.root)
    other = merkle.leaf_hash(b"another entry")
    assert not merkle.verify_consistency(size, head.size, past.proof, other, head.root)


@pytest.mark.parametrize("size", [-1, 4])
def test_no_ledger_has_fewer_than_none_or_more_than_all(ledger: Ledger, size: int) -> None:
    fill(ledger, 3)
    with pytest.raises(ValueError, match=f"3 entries, not {size}"):
        Past(ledger, size)


def test_nothing_is_added_to_the_past(ledger: Ledger) -> None:
    fill(ledger, 3)
    with pytest.raises(ValueError, match="read alone"):
        Past(ledger, 2).append([Draft("source-file", "news", "x.csv", b"x")])
    assert len(Ledger.open(ledger.folder)) == 3


def test_a_ledger_that_was_tampered_with_has_no_past(ledger: Ledger) -> None:
    fill(ledger, 3)
    bundle = next((ledger.folder / "tile" / "entries").rglob("3"))
    bundle.write_bytes(bundle.read_bytes().replace(b"0.csv", b"9.csv"))
    with pytest.raises(LedgerBroken):
        Past(Ledger.open(ledger.folder), 2)
