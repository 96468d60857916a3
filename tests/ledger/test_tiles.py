from __future__ import annotations

import pytest

from teisen.ledger import merkle, tiles
from teisen.ledger.tiles import ENTRIES, Edge, Tile


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 273, 112), "tile/0/273.p/112"),
        (Tile(0, 999), "tile/0/999"),
        (Tile(0, 1000), "tile/0/x001/000"),
        (Tile(2, 1234067), "tile/2/x001/x234/067"),
        (Tile(ENTRIES, 1234067, 8), "tile/entries/x001/x234/067.p/8"),
    ],
)
def test_paths_are_those_of_the_specification(tile: Tile, path: str) -> None:
    assert tile.path == path


def test_a_tree_of_70000_has_the_tiles_that_the_specification_counts() -> None:
    of_level = {level: [t for t in tiles.in_tree(70_000) if t.level == level] for level in (ENTRIES, 0, 1, 2, 3)}
    shape = {k: (sum(t.width == 256 for t in v), [t.width for t in v if t.width < 256]) for k, v in of_level.items()}
    assert shape == {ENTRIES: (273, [112]), 0: (273, [112]), 1: (1, [17]), 2: (0, [1]), 3: (0, [])}


def test_a_tree_of_256_has_a_full_tile_and_one_hash_above_it() -> None:
    assert sorted(tiles.in_tree(256)) == [Tile(ENTRIES, 0), Tile(0, 0), Tile(1, 0, 1)]


@pytest.mark.parametrize("size", [1, 5, 255, 256, 257, 511, 512, 1000, 66_000])
def test_the_edge_writes_every_tile_of_the_tree_and_gives_its_root(size: int) -> None:
    edge, written = Edge(), {}
    leaves = [i.to_bytes(4) for i in range(size)]
    for leaf in leaves:
        written.update(edge.add(leaf))
    written.update(edge.unfinished())
    assert sorted(written) == sorted(tiles.in_tree(size))
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    assert edge.root() == merkle.root(hashes)
    for tile, content in written.items():
        if tile.level == ENTRIES:
            start = tile.index * 256
            wanted = leaves[start : start + tile.width]
            assert [data for _, data in tiles.unbundle(content, tile.width)] == wanted
        else:
            span = 256**tile.level
            starts = range(tile.index * 256 * span, (tile.index * 256 + tile.width) * span, span)
            assert content == b"".join(merkle.root(hashes[s : s + span]) for s in starts)


def test_a_bundle_that_breaks_off_says_where() -> None:
    content = tiles.bundle([b"one", b"three"])
    assert content == b"\x00\x03one\x00\x05three"
    with pytest.raises(ValueError, match="byte 5: it breaks off in its entry 1"):
        list(tiles.unbundle(content[:-1], 2))
