"""Reading a ledger's files, and the audit: every hash and signature recomputed from the disk.

Needs no private key and writes nothing.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from teisen.errors import LedgerBroken
from teisen.ledger import entry, tiles
from teisen.ledger.entry import Entry
from teisen.ledger.note import Checkpoint, VerifierKey
from teisen.ledger.tiles import ENTRIES, WIDTH, Edge, Tile

CHECKPOINT = "checkpoint"
KEY = "vkey"
LOCK = "lock"
BLOBS = "blobs"
COSIGNED = "cosigned"
"""Folder of earlier checkpoints that carry signatures of witnesses, named by size."""


@dataclass(frozen=True)
class Summary:
    """What a ledger that verifies holds. ``witnesses`` are names of cosigners whose signatures are there, unjudged."""

    origin: str
    key: str
    size: int
    root: str
    types: Mapping[str, int]
    first: datetime | None
    last: datetime | None
    blobs: int
    blob_bytes: int
    redacted: int
    witnesses: tuple[str, ...]


def read_key(folder: Path) -> VerifierKey:
    """The ledger's verifier key."""
    path = folder / KEY
    content = _read(path)
    try:
        key = VerifierKey.parse(content.decode("utf-8").removesuffix("\n"))
    except ValueError as error:
        raise LedgerBroken(f"{path}: {error}") from None
    if content != f"{key}\n".encode():
        raise LedgerBroken(f"{path}: it is not one line")
    return key


def read_checkpoint(folder: Path, key: VerifierKey, name: str = CHECKPOINT) -> Checkpoint:
    """A checkpoint of the ledger, its signature checked."""
    path = folder / name
    try:
        return Checkpoint.open(_read(path), key)
    except ValueError as error:
        raise LedgerBroken(f"{path}: {error}") from None


def read_tile(folder: Path, tile: Tile) -> bytes:
    """A tile's bytes, taken from the full one where the partial one was removed since."""
    path = folder / tile.path
    content = _read_if_there(path)  # one look: between two, a writer may fill the tile and remove the partial one
    if content is None:
        path = folder / tile.full.path
        content = _read(path)
    if tile.level == ENTRIES:
        return content
    if len(content) < tile.width * tiles.HASH_BYTES:
        raise LedgerBroken(f"{path}: it has {len(content)} bytes, not {tile.width * tiles.HASH_BYTES}")
    return content[: tile.width * tiles.HASH_BYTES]


def blob_path(folder: Path, sha256: str) -> Path:
    """Where a blob stands."""
    return folder / BLOBS / sha256[:2] / sha256[2:]


def read_blob(folder: Path, sha256: str) -> bytes:
    """A blob's bytes, checked."""
    content = _read(blob_path(folder, sha256))
    if hashlib.sha256(content).hexdigest() != sha256:
        raise LedgerBroken(f"{blob_path(folder, sha256)}: its bytes do not have the SHA-256 {sha256}")
    return content


def audit(folder: Path, key: VerifierKey | None = None, earlier: bytes | None = None) -> Summary:
    """Recompute every leaf, tile, root and blob hash, and check every signature.

    Args:
        folder: the ledger's folder.
        key: the verifier key as it was received from elsewhere; without one, the ledger's own file is believed, and
            the audit shows that the ledger is whole, not whose it is.
        earlier: a checkpoint of this ledger that was kept elsewhere; shows that nothing before it was changed.

    Raises:
        LedgerBroken: the message says which file, entry or byte is wrong.
    """
    while True:
        own = read_key(folder)
        if key is not None and own != key:
            raise LedgerBroken(f"{folder / KEY}: it is not the key {key} that was asked for")
        checkpoint = read_checkpoint(folder, own)
        try:
            return _audit(folder, own, checkpoint, _earlier(earlier, own, checkpoint))
        except LedgerBroken:
            if read_checkpoint(folder, own).content == checkpoint.content:
                raise  # otherwise the ledger grew meanwhile: look again


def _earlier(content: bytes | None, key: VerifierKey, checkpoint: Checkpoint) -> Checkpoint | None:
    if content is None:
        return None
    try:
        point = Checkpoint.open(content, key)
    except ValueError as error:
        raise LedgerBroken(f"the earlier checkpoint: {error}") from None
    if point.size > checkpoint.size or (point.size == checkpoint.size and point.root != checkpoint.root):
        raise LedgerBroken(f"the earlier checkpoint has {point.size} entries that this ledger does not hold")
    return point


def _audit(folder: Path, key: VerifierKey, checkpoint: Checkpoint, earlier: Checkpoint | None) -> Summary:
    edge, types, roots = Edge(), Counter[str](), _cosigned(folder, key, checkpoint)
    blobs: dict[str, int] = {}
    redacted: set[str] = set()  # blobs whose absence the log explains
    first = last = None
    for one, data in _entries(folder, key, checkpoint.size):
        for tile, content in edge.add(data):
            _compare(folder, tile, content)
        if edge.size in roots and roots[edge.size].root != edge.root():
            raise LedgerBroken(
                f"{folder / COSIGNED / str(edge.size)}: its root is not that of the first {edge.size} entries"
            )
        if earlier and edge.size == earlier.size and edge.root() != earlier.root:
            raise LedgerBroken(f"{folder}: its first {earlier.size} entries are not those of the earlier checkpoint")
        if last and one.time < last:
            raise LedgerBroken(f"{folder}: entry {one.index} is older than the entry before it")
        first, last = first or one.time, one.time
        types[one.type] += 1
        if one.blob:
            blobs[one.blob.sha256] = one.blob.size
            redacted.discard(one.blob.sha256)
        if one.type == entry.REDACTION:
            redacted.add(str(one.body.get("blob")))
    for tile, content in edge.unfinished():
        _compare(folder, tile, content)
    if edge.root() != checkpoint.root:
        raise LedgerBroken(
            f"{folder / CHECKPOINT}: its root is not that of the {edge.size} entries, though each entry is signed and "
            "agrees with its tile: entries and tiles were replaced, or the checkpoint belongs to another copy"
        )
    absent = {sha256 for sha256 in blobs.keys() & redacted if not blob_path(folder, sha256).exists()}
    for sha256, size in sorted(blobs.items()):
        if sha256 not in absent:
            _check_blob(blob_path(folder, sha256), sha256, size)
    lines = {line.name for point in (checkpoint, *roots.values()) for line in point.signatures}
    return Summary(
        origin=checkpoint.origin,
        key=str(key),
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        types=dict(sorted(types.items())),
        first=first,
        last=last,
        blobs=len(blobs) - len(absent),
        blob_bytes=sum(size for sha256, size in blobs.items() if sha256 not in absent),
        redacted=len(absent),
        witnesses=tuple(sorted(lines - {key.name})),
    )


def _entries(folder: Path, key: VerifierKey, size: int) -> Iterator[tuple[Entry, bytes]]:
    """Every entry with its bytes, its form and signature checked."""
    for number in range((size + WIDTH - 1) // WIDTH):
        tile = Tile.at(ENTRIES, number, size)
        path = folder / tile.path
        content = _read(path)
        end = 0
        try:
            for offset, (at, data) in enumerate(tiles.unbundle(content, tile.width)):
                end = at + len(data)
                yield _checked(number * WIDTH + offset, at, data, key), data
        except ValueError as error:
            raise LedgerBroken(f"{path}: {error}") from None
        if end != len(content):
            raise LedgerBroken(f"{path}: byte {end}: it goes on behind its last entry")


def _checked(index: int, at: int, data: bytes, key: VerifierKey) -> Entry:
    place = f"entry {index} (bytes {at} to {at + len(data)})"
    try:
        one = entry.decode(index, data)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None
    if not one.signed_by_author():
        raise ValueError(f"{place}: the signature of its author, {one.author.name}, does not verify")
    if one.ledger != key.name:
        raise ValueError(f"{place}: it was signed for the ledger {one.ledger}")
    return one


def _compare(folder: Path, tile: Tile, content: bytes) -> None:
    """Check that a tile, and every narrower one kept for earlier checkpoints, holds what it should."""
    full = folder / tile.full.path
    partials = full.with_name(full.name + ".p")
    earlier = [p for p in partials.iterdir() if p.name.isdigit()] if partials.is_dir() else []
    paths = {int(p.name): p for p in earlier if int(p.name) < tile.width} | {tile.width: folder / tile.path}
    for width, path in sorted(paths.items()):
        wanted = content[: width * tiles.HASH_BYTES]
        if tile.level == ENTRIES:
            begin, data = list(tiles.unbundle(content, width))[-1]
            wanted = content[: begin + len(data)]
        found = _read(path) if width == tile.width else _read_if_there(path)
        if found is None:
            continue  # listed a moment ago, and removed since by a writer whose tile is full
        if found != wanted:
            at = next((i for i, (a, b) in enumerate(zip(found, wanted, strict=False)) if a != b), None)
            short = f"it has {len(found)} bytes, not {len(wanted)}"
            what = short if at is None else f"byte {at} is {found[at]:#04x} and should be {wanted[at]:#04x}"
            raise LedgerBroken(f"{path}: {what}")


def _cosigned(folder: Path, key: VerifierKey, checkpoint: Checkpoint) -> dict[int, Checkpoint]:
    """Earlier checkpoints that were kept for their cosignatures, by size."""
    kept = folder / COSIGNED
    found: dict[int, Checkpoint] = {}
    for path in sorted(kept.iterdir()) if kept.is_dir() else []:
        point = read_checkpoint(folder, key, f"{COSIGNED}/{path.name}")
        if path.name != str(point.size):
            raise LedgerBroken(f"{path}: it states {point.size} entries")
        if point.size < checkpoint.size:
            found[point.size] = point
    return found


def _check_blob(path: Path, sha256: str, size: int) -> None:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise LedgerBroken(f"{path}: a blob that an entry names cannot be read: {error.strerror}") from None
    if found != sha256 or path.stat().st_size != size:
        raise LedgerBroken(
            f"{path}: its {path.stat().st_size} bytes have the SHA-256 {found}, not {sha256} ({size} bytes)"
        )


def _read_if_there(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LedgerBroken(f"{path}: cannot be read: {error.strerror}") from None


def _read(path: Path) -> bytes:
    content = _read_if_there(path)
    if content is None:
        raise LedgerBroken(f"{path}: cannot be read: {os.strerror(errno.ENOENT)}")
    return content
