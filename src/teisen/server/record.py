"""Entries of the ledger as an audience may have them, and the proofs that they stand in it.

An entry's place and hash are nobody's secret: without its bytes they tell nothing. Its bytes leave where it is a
definition, or a file of which something is released, signed by the ledger itself; what people signed names them, and
what it is about by the id that that has inside, and stays there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from teisen.ledger import DEFINITIONS, SOURCE_FILE, Entry
from teisen.ledger.merkle import leaf_hash
from teisen.ledger.note import to_base64
from teisen.server.view import View

MADE = ("member", "supports")
"""Relations of evidence that rest on an observation."""
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Shown:
    """An entry: where it stands, its leaf hash (base64), and its bytes as text (JSON) where they leave."""

    index: int
    leaf: str
    type: str | None
    time: str | None
    text: str | None


@dataclass(frozen=True)
class Proof:
    """That an entry stands in the tree of ``size`` entries under ``root``: hashes as RFC 9162, 2.1.3 has them, base64.

    The ledger's key signed size and root in ``checkpoint``.
    """

    entry: Shown
    size: int
    root: str
    hashes: list[str]


def entry(view: View, index: int) -> Shown | None:
    """The entry at ``index``; None: the ledger had none there."""
    entries = view.ledger.entries()
    return _shown(view, entries[index]) if 0 <= index < view.size else None


def entries(view: View, start: int, count: int) -> list[Shown]:
    """Entries from ``start`` on."""
    return [_shown(view, one) for one in view.ledger.entries()[: view.size][start : start + count]]


def proof(view: View, index: int) -> Proof:
    """The proof of the entry at ``index``, which has to be there."""
    found = _shown(view, view.ledger.entries()[index])
    hashes = view.ledger.inclusion_proof(index, view.size)
    return Proof(found, view.size, to_base64(view.checkpoint.root), [to_base64(one) for one in hashes])


def proofs_of(view: View, incident_id: str) -> tuple[list[Proof], int]:
    """Proofs of the entries that hold an incident's observations, and how many observations stay inside."""
    mine = view.table("evidence").filter(pl.col("incident_id") == incident_id, pl.col("relation").is_in(MADE))
    told = mine.join(view.table("observation").select("observation_id", "blob"), on="observation_id", how="left")
    blobs = set(told["blob"].drop_nulls().to_list())
    found = [one.index for one in view.ledger.entries()[: view.size] if _holds(one, blobs)]
    return [proof(view, index) for index in found], told["blob"].null_count()


def _holds(one: Entry, blobs: Iterable[str]) -> bool:
    return one.type == SOURCE_FILE and one.blob is not None and one.blob.sha256 in blobs


def _shown(view: View, one: Entry) -> Shown:
    data = one.encode()
    leaf = to_base64(leaf_hash(data))
    if not may_read(view, one):
        return Shown(one.index, leaf, None, None, None)
    return Shown(one.index, leaf, one.type, one.time.strftime(TIME_FORMAT), data.decode("utf-8"))


def may_read(view: View, one: Entry) -> bool:
    """Whether an entry's bytes leave to the audience of ``view``."""
    if view.released.terms.decisions == "all" and view.released.ids is None:
        return True
    if one.author.name != view.ledger.origin or one.body:
        return False
    if one.type in DEFINITIONS:
        return True
    return one.type == SOURCE_FILE and one.blob is not None and one.blob.sha256 in _released_blobs(view)


def _released_blobs(view: View) -> frozenset[str]:
    return _blobs_of(_Key(view))


class _Key:
    """A view by its identity, so that what is made from it is made once."""

    def __init__(self, view: View) -> None:
        self.view = view

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.view is self.view

    def __hash__(self) -> int:
        return id(self.view)


@lru_cache(maxsize=32)
def _blobs_of(key: _Key) -> frozenset[str]:
    tables = [frame for frame in key.view.tables.values() if "blob" in frame.columns]
    return frozenset(blob for frame in tables for blob in frame["blob"].unique().to_list() if blob)
