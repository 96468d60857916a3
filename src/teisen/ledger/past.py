"""A ledger as it was: its first entries, to be read and not to be appended to."""

from __future__ import annotations

from typing import Any

from teisen.errors import LedgerBroken
from teisen.ledger import merkle
from teisen.ledger.entry import Entry
from teisen.ledger.ledger import Appended, Ledger


class Past(Ledger):
    """The first ``size`` entries of a ledger.

    ``root`` is the root over them, and ``proof`` the hashes of RFC 9162 that show that the tree under today's
    checkpoint begins with them; both are checked here against that checkpoint.

    Raises:
        ValueError: the ledger has fewer entries. LedgerBroken: it does not verify.
    """

    def __init__(self, ledger: Ledger, size: int) -> None:
        super().__init__(ledger.folder)
        if not 0 <= size <= self.checkpoint.size:
            raise ValueError(f"the ledger has {self.checkpoint.size} entries, not {size}")
        self.size = size
        self.root = merkle.root([merkle.leaf_hash(one.encode()) for one in self.entries()])
        self.proof = tuple(self.consistency_proof(size))
        now = self.checkpoint
        if not merkle.verify_consistency(size, now.size, self.proof, self.root, now.root):
            raise LedgerBroken(f"{self.folder}: its first {size} entries are not the beginning of what it signed last")

    def __len__(self) -> int:
        return self.size

    def entries(self) -> tuple[Entry, ...]:
        """The entries of that time."""
        return super().entries()[: self.size]

    def append(self, *_: Any, **__: Any) -> list[Appended]:
        """Nothing is added to the past."""
        raise ValueError("an earlier state of a ledger is read alone")
