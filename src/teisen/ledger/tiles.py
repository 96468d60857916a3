"""The C2SP tlog-tiles layout: where hashes and entries stand on disk, and how the tree's right edge grows.

A tile holds up to 256 hashes of one level, a bundle up to 256 entries, each after its length as a big-endian uint16.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from teisen.ledger import merkle

WIDTH = 256
"""Hashes in a full tile, and entries in a full bundle."""
LARGEST_ENTRY = 0xFFFF
"""Bytes that fit behind a length of 16 bits."""
HASH_BYTES = 32
ENTRIES = -1
"""The level under which entry bundles stand."""


@dataclass(frozen=True, order=True)
class Tile:
    """One tile or bundle: its level (:data:`ENTRIES` for a bundle), index in the level, and width (1 to 256)."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where it stands under the ledger's folder."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        digits = str(self.index).zfill((len(str(self.index)) + 2) // 3 * 3)
        parts = [digits[i : i + 3] for i in range(0, len(digits), 3)]
        number = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
        return f"tile/{level}/{number}" + (f".p/{self.width}" if self.width < WIDTH else "")

    @property
    def full(self) -> Tile:
        """The same tile when it is full."""
        return Tile(self.level, self.index)

    @classmethod
    def at(cls, level: int, index: int, size: int) -> Tile:
        """The tile at ``index`` of ``level``, as wide as it is in a tree of ``size`` leaves."""
        across = size // WIDTH ** max(level, 0)
        return cls(level, index, max(0, min(WIDTH, across - index * WIDTH)))


def in_tree(size: int) -> Iterator[Tile]:
    """All tiles and bundles of a tree of ``size`` leaves."""
    level, across = ENTRIES, size
    while across:
        for index in range((across + WIDTH - 1) // WIDTH):
            yield Tile.at(level, index, size)
        level, across = level + 1, across if level == ENTRIES else across // WIDTH


def bundle(entries: list[bytes]) -> bytes:
    """An entry bundle's bytes."""
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)


def unbundle(content: bytes, width: int) -> Iterator[tuple[int, bytes]]:
    """The first ``width`` entries of a bundle, each with the byte at which it begins.

    Raises:
        ValueError: the bundle breaks off.
    """
    at = 0
    for number in range(width):
        size = int.from_bytes(content[at : at + 2])
        if at + 2 > len(content) or at + 2 + size > len(content):
            raise ValueError(f"byte {at}: it breaks off in its entry {number}")
        yield at + 2, content[at + 2 : at + 2 + size]
        at += 2 + size


@dataclass
class Edge:
    """The right edge of the tree: the entries of the bundle that is not full yet, and each level's unfinished tile.

    It is all that growing the tree needs, and it gives the root.
    """

    size: int = 0
    entries: list[bytes] = field(default_factory=list)
    levels: list[list[bytes]] = field(default_factory=list)

    def copy(self) -> Edge:
        """An edge that grows on its own."""
        return Edge(self.size, list(self.entries), [list(level) for level in self.levels])

    def add(self, entry: bytes) -> list[tuple[Tile, bytes]]:
        """Add one entry; return the tiles and bundles that it fills, with their bytes."""
        full: list[tuple[Tile, bytes]] = []
        self.entries.append(entry)
        if len(self.entries) == WIDTH:
            full.append((Tile(ENTRIES, self.size // WIDTH), bundle(self.entries)))
            self.entries = []
        level, rising = 0, merkle.leaf_hash(entry)
        while True:
            if level == len(self.levels):
                self.levels.append([])
            self.levels[level].append(rising)
            if len(self.levels[level]) < WIDTH:
                break
            full.append((Tile(level, self.size // WIDTH ** (level + 1)), b"".join(self.levels[level])))
            rising = merkle.root(self.levels[level])
            self.levels[level] = []
            level += 1
        self.size += 1
        return full

    def unfinished(self) -> list[tuple[Tile, bytes]]:
        """The tiles and the bundle that are begun and not full, with their bytes."""
        rows = [(ENTRIES, len(self.entries), bundle(self.entries))]
        rows += [(level, len(hashes), b"".join(hashes)) for level, hashes in enumerate(self.levels)]
        return [
            (Tile(level, self.size // WIDTH ** (max(level, 0) + 1), width), content)
            for level, width, content in rows
            if width
        ]

    def root(self) -> bytes:
        """The root hash of the tree."""
        below: list[bytes] = []
        for hashes in self.levels:
            if hashes or below:
                below = [merkle.root(hashes + below)]
        return merkle.root(below)
