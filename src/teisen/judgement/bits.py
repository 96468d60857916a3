"""Sets of possible worlds as bits: 512 worlds of a subject are eight 64-bit words.

An answer has shape (subjects, words). Answers are put together by ``&``, ``|`` and ``~`` on whole words; where the
draws of one dimension lie below a bound is looked up, for a set of the lowest draws is one of few.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WORD = 64
"""Worlds in a word; the number of worlds is a multiple of it, so that no bit stands for nothing."""

Bits = NDArray[np.uint64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


def pack(answer: Bools) -> Bits:
    """Bits, shape (..., words), of an answer of shape (..., worlds)."""
    return np.packbits(answer, axis=-1, bitorder="little").view("<u8").astype(np.uint64, copy=False)


def unpack(bits: Bits) -> Bools:
    """The answer of shape (..., worlds) that the bits stand for."""
    octets = np.ascontiguousarray(bits).astype("<u8", copy=False).view(np.uint8)
    return np.unpackbits(octets, axis=-1, bitorder="little").astype(np.bool_)


def share(bits: Bits) -> Floats:
    """Share of the worlds in which it is so, shape (subjects,)."""
    return np.asarray(np.bitwise_count(bits).sum(axis=-1, dtype=np.int64) / (bits.shape[-1] * WORD))


class Ladder:
    """Draws of one dimension in order: for any bound, the set of worlds whose draw lies below it."""

    def __init__(self, drawn: Floats) -> None:
        self.steps: Floats = np.sort(drawn)
        rank = np.argsort(np.argsort(drawn, kind="stable"), kind="stable")
        self.sets: Bits = pack(rank[None, :] < np.arange(len(drawn) + 1)[:, None])

    def below(self, bound: Floats) -> Bits:
        """Worlds whose draw is less than the bound, shape (bounds, words)."""
        return self.sets[np.searchsorted(self.steps, bound, side="left")]
