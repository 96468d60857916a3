"""The Merkle tree of RFC 6962: hashes, roots, and proofs of inclusion and consistency.

A hash is 32 bytes of SHA-256. Proofs are made from any store of complete subtrees (:data:`Node`) and checked from
nothing but themselves, as RFC 9162, sections 2.1.3.2 and 2.1.4.2, says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

Node = Callable[[int, int], bytes]
"""``node(level, index)``: the hash of the ``index``-th complete subtree of ``2**level`` leaves."""

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """The root over neighbouring subtrees of one size, of which only the last may be incomplete."""
    if not hashes:
        return EMPTY_ROOT
    row = list(hashes)
    while len(row) > 1:
        paired = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        row = paired + row[len(paired) * 2 :]
    return row[0]


def inclusion_proof(node: Node, index: int, size: int) -> list[bytes]:
    """The hashes that lead from leaf ``index`` to the root of the tree of ``size`` leaves."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(_span(node, middle, end))
            end = middle
        else:
            proof.append(_span(node, start, middle))
            start = middle
    return proof[::-1]


def consistency_proof(node: Node, old: int, new: int) -> list[bytes]:
    """The hashes that show that the tree of ``old`` leaves is the beginning of the tree of ``new`` leaves."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {old} is not the beginning of one of {new}")
    if old in (0, new):
        return []
    proof: list[bytes] = []
    start, end = 0, new
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(_span(node, middle, end))
            end = middle
        else:
            proof.append(_span(node, start, middle))
            start = middle
    if start > 0:
        proof.append(_span(node, start, end))
    return proof[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], tree_root: bytes) -> bool:
    """Whether ``proof`` shows that the leaf hash ``leaf`` stands at ``index`` under ``tree_root``."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and found == tree_root


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether ``proof`` shows that the tree ``old_root`` is the beginning of the tree ``new_root``."""
    if not 0 <= old <= new:
        return False
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    if old == new:
        return not proof and old_root == new_root
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    found_old = found_new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            found_old, found_new = node_hash(sibling, found_old), node_hash(sibling, found_new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found_new = node_hash(found_new, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and found_old == old_root and found_new == new_root


def _split(size: int) -> int:
    """The largest power of two below ``size`` (of at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def _span(node: Node, start: int, end: int) -> bytes:
    """The root over leaves ``start`` to ``end``, a span at which the RFC's recursion arrives."""
    size = end - start
    if size & (size - 1) == 0:
        return node(size.bit_length() - 1, start // size)
    middle = start + _split(size)
    return node_hash(_span(node, start, middle), _span(node, middle, end))
