"""The ledger: an append-only, signed log in a folder, and the blobs that its entries name.

The checkpoint is the commit point: it is written last, and what stands on disk beyond it does not exist.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import filelock

from teisen.errors import BadInput, CaseBusy, LedgerBroken, NotACase, Problem
from teisen.ledger import audit, disk, entry, keys, merkle, secret, tiles
from teisen.ledger.entry import Blob, Draft, Entry
from teisen.ledger.note import Checkpoint, Signer, VerifierKey
from teisen.ledger.tiles import ENTRIES, WIDTH, Edge, Tile

WAIT_S = 30.0
"""Seconds that a writer waits for another by default."""


@dataclass(frozen=True)
class Appended:
    """Where a draft stands in the log, and whether it was added now or was there already."""

    index: int
    new: bool


class Ledger:
    """A ledger in ``folder``. Reading shows the state at opening, or after this object's last append."""

    def __init__(self, folder: Path, keys_folder: Path | None = None) -> None:
        self.folder = folder
        self._keys_folder = keys_folder
        if not (folder / audit.CHECKPOINT).is_file():
            raise NotACase(f"{folder} holds no ledger (no file {audit.CHECKPOINT})")
        self.key = audit.read_key(folder)
        self.checkpoint = audit.read_checkpoint(folder, self.key)
        self._edge = Edge()
        self._entries: list[Entry] = []
        self._definitions: dict[tuple[str, str, str], Entry] = {}
        self._files: dict[tuple[str, str], int] = {}

    @classmethod
    def open(cls, folder: Path, keys_folder: Path | None = None) -> Ledger:
        """Open a ledger for reading, and for appending where its private key is at hand.

        Raises:
            NotACase: there is no ledger. LedgerBroken: its key or its checkpoint is damaged.
        """
        return cls(folder, keys_folder)

    @classmethod
    def create(cls, folder: Path, origin: str, keys_folder: Path | None = None) -> Ledger:
        """Make an empty ledger and its private key.

        Args:
            folder: the ledger's own folder, made if absent.
            origin: a case's id, or a scheme-less URL; see :func:`teisen.ledger.keys.new_key`.
            keys_folder: where the private key goes; by default the user's folder of keys, never the case.

        Raises:
            BadInput: there is a ledger already, the folder cannot be written, or the origin holds spaces or plus signs.
            NoKey: the private key cannot be kept. CaseBusy: another process is at it.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with _lock(folder, WAIT_S):
                if (folder / audit.CHECKPOINT).exists():
                    raise _bad(folder, "a ledger is here already", "Open it, or choose another folder.")
                try:
                    signer = keys.new_key(origin, keys_folder)
                    secret.ids_secret(signer.verifier, keys_folder)
                except ValueError as error:
                    raise _bad(folder, str(error), "Choose another id or origin.") from None
                writer = disk.Writer(folder)
                writer.write(folder / audit.KEY, f"{signer.verifier}\n".encode())
                writer.settle()
                writer.write(folder / audit.CHECKPOINT, Checkpoint.sign(0, merkle.EMPTY_ROOT, signer).content)
                writer.settle()
                disk.sync_folder(folder.parent)
        except OSError as error:
            raise _bad(folder, f"it cannot be written: {error.strerror}", "Choose another folder.") from None
        return cls(folder, keys_folder)

    @property
    def origin(self) -> str:
        """The ledger's name in the world, the first line of its checkpoint."""
        return self.key.name

    @property
    def secret_file(self) -> Path:
        """Where the secret stands under which ids leave, beside the private key and like it never in the case."""
        return secret.secret_file(self.origin, self._keys_folder)

    def secret(self) -> bytes:
        """The secret under which ids leave, 32 bytes; see :func:`teisen.ledger.secret.ids_secret`.

        Raises:
            NoKey: it is not on this machine, and neither is the private key that it is made from.
        """
        return secret.ids_secret(self.key, self._keys_folder)

    def __len__(self) -> int:
        return self.checkpoint.size

    def entries(self) -> tuple[Entry, ...]:
        """All entries, in the order of the log, proved to be the ones the checkpoint's root is over.

        Raises:
            LedgerBroken: an entry is missing or is not the one that was signed for.
        """
        self._follow(self.checkpoint)
        return tuple(self._entries)

    def follow(self) -> None:
        """Read what was appended by others since this object was opened or last appended.

        Raises:
            LedgerBroken: what is there does not verify.
        """
        self.checkpoint = audit.read_checkpoint(self.folder, self.key)
        self._follow(self.checkpoint)

    def blob(self, sha256: str) -> bytes:
        """A blob's bytes, checked against their SHA-256.

        Raises:
            LedgerBroken: it is missing or other bytes stand in its place.
        """
        return audit.read_blob(self.folder, sha256)

    def append(
        self,
        drafts: Iterable[Draft],
        *,
        now: datetime | None = None,
        author: Signer | None = None,
        wait_s: float = WAIT_S,
    ) -> list[Appended]:
        """Record drafts, all or none; returns when they are durable, with one answer for each, in order.

        A definition whose blob is that of the newest entry of its type, subject and name adds nothing, nor does a
        source file whose blob stands under its subject anywhere in the log; their answer is the entry that is there.

        Args:
            drafts: what to record.
            now: the time of the entries (aware); by default the clock. Times never decrease: where the clock stands
                before the last entry's time, that time is used again.
            author: who signs the entries; by default the ledger itself. The checkpoint is always the ledger's.
            wait_s: seconds to wait for another writer.

        Raises:
            NoKey: the ledger's private key is not here. CaseBusy: another process kept writing. BadInput: a draft
            cannot be recorded, or the folder cannot be written. LedgerBroken: what is there does not verify.
        """
        if now is not None and now.tzinfo is None:
            raise ValueError("a time without a zone")
        signer = keys.load_key(self.key, self._keys_folder)
        try:
            with _lock(self.folder, wait_s):
                self.checkpoint = audit.read_checkpoint(self.folder, self.key)
                self._follow(self.checkpoint)
                return self._commit(list(drafts), now or datetime.now(UTC), author or signer, signer)
        except OSError as error:
            what = f"it cannot be written: {error.strerror}"
            raise _bad(
                self.folder, what, "Check the free space and the rights to this folder, and run it again."
            ) from None

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """The proof that entry ``index`` is in the tree of ``size`` entries (by default all)."""
        return merkle.inclusion_proof(self._node, index, self._size(size))

    def consistency_proof(self, old: int, new: int | None = None) -> list[bytes]:
        """The proof that the first ``old`` entries are unchanged in the tree of ``new`` entries (by default all)."""
        return merkle.consistency_proof(self._node, old, self._size(new))

    def verify(self, key: VerifierKey | None = None, earlier: bytes | None = None) -> audit.Summary:
        """Recompute every hash and signature from the disk; see :func:`teisen.ledger.audit.audit`."""
        return audit.audit(self.folder, key, earlier)

    def _commit(self, drafts: list[Draft], now: datetime, author: Signer, signer: Signer) -> list[Appended]:
        time = now.astimezone(UTC).replace(microsecond=0)
        if self._entries:
            time = max(time, self._entries[-1].time)
        definitions, files = self._definitions.copy(), self._files.copy()
        added: list[Entry] = []
        blobs: dict[str, bytes] = {}
        answers: list[Appended] = []
        for draft in drafts:
            content = draft.content
            sha256 = None if content is None else hashlib.sha256(content).hexdigest()
            there = _known(draft, sha256, definitions, files)
            if there is not None:
                answers.append(Appended(there, new=False))
                continue
            blob = None
            if content is not None and sha256 is not None:
                blob = Blob(sha256, len(content), draft.blob_name, draft.media_type)
                blobs[sha256] = content
            made = entry.sign(draft, blob, author, index=len(self) + len(added), ledger=self.origin, time=time)
            _note(made, definitions, files)
            added.append(made)
            answers.append(Appended(made.index, new=True))
        if added:
            self.checkpoint, self._edge = self._write(added, blobs, signer)
            self._entries += added
            self._definitions, self._files = definitions, files
        return answers

    def _write(self, added: list[Entry], blobs: dict[str, bytes], signer: Signer) -> tuple[Checkpoint, Edge]:
        """Put entries and blobs on disk, then the checkpoint that makes them count."""
        old = self._edge
        edge = old.copy()
        tiles_now = [tile for one in added for tile in edge.add(one.encode())]
        filled = [tile for tile, _ in tiles_now]
        tiles_now += edge.unfinished()
        checkpoint = Checkpoint.sign(edge.size, edge.root(), signer)
        writer = disk.Writer(self.folder)
        for sha256, content in blobs.items():
            path = audit.blob_path(self.folder, sha256)
            if not path.is_file() or path.read_bytes() != content:
                writer.write(path, content)
        for tile, content in tiles_now:
            before = Tile.at(tile.level, tile.index, old.size)
            if tile.width != before.width:
                self._forget_leftovers(tile, before.width)
                writer.write(self.folder / tile.path, content)
        if len(self.checkpoint.signatures) > 1:
            writer.write(self.folder / audit.COSIGNED / str(self.checkpoint.size), self.checkpoint.content)
        writer.settle()
        writer.write(self.folder / audit.CHECKPOINT, checkpoint.content)
        writer.settle()
        for tile in filled:
            with contextlib.suppress(OSError):
                _remove_partials(self.folder / tile.path, 0)
        return checkpoint, edge

    def _forget_leftovers(self, tile: Tile, committed: int) -> None:
        """Remove what a writer that died left of this tile beyond its ``committed`` width."""
        (self.folder / tile.full.path).unlink(missing_ok=True)
        _remove_partials(self.folder / tile.full.path, committed)

    def _follow(self, checkpoint: Checkpoint) -> None:
        """Read the entries up to ``checkpoint`` that are not read yet, and prove that its root is over them."""
        if self._edge.size > checkpoint.size:
            raise LedgerBroken(
                f"{self.folder / audit.CHECKPOINT}: it states {checkpoint.size} entries, but {self._edge.size} were "
                "read before: an older copy was put in place"
            )
        edge, read = self._edge.copy(), []
        for index, data in self._leaves(edge.size, checkpoint.size):
            edge.add(data)
            try:
                read.append(entry.decode(index, data))
            except ValueError as error:
                raise LedgerBroken(f"{self.folder}: entry {index}: {error}") from None
        if edge.root() != checkpoint.root:
            raise LedgerBroken(
                f"{self.folder}: the entries are not the ones that the checkpoint was signed over. "
                "Run the verification: it says which entry or tile differs"
            )
        self._edge = edge
        self._entries += read
        for one in read:
            _note(one, self._definitions, self._files)

    def _leaves(self, start: int, end: int) -> Iterator[tuple[int, bytes]]:
        for number in range(start // WIDTH, (end + WIDTH - 1) // WIDTH):
            tile = Tile.at(ENTRIES, number, end)
            try:
                bundle = list(tiles.unbundle(audit.read_tile(self.folder, tile), tile.width))
            except ValueError as error:
                raise LedgerBroken(f"{self.folder / tile.path}: {error}") from None
            for offset, (_, data) in enumerate(bundle):
                index = number * WIDTH + offset
                if index >= start:
                    yield index, data

    def _node(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree, from the tiles."""
        tile_level, height = divmod(level, 8)
        start = index << height
        tile = Tile.at(tile_level, start // WIDTH, self.checkpoint.size)
        content = audit.read_tile(self.folder, tile)
        at, count = start % WIDTH * tiles.HASH_BYTES, (1 << height) * tiles.HASH_BYTES
        part = content[at : at + count]
        return merkle.root([part[i : i + tiles.HASH_BYTES] for i in range(0, count, tiles.HASH_BYTES)])

    def _size(self, size: int | None) -> int:
        if size is not None and size > self.checkpoint.size:
            raise ValueError(f"the ledger has {self.checkpoint.size} entries, not {size}")
        return self.checkpoint.size if size is None else size


def _known(
    draft: Draft,
    sha256: str | None,
    definitions: dict[tuple[str, str, str], Entry],
    files: dict[tuple[str, str], int],
) -> int | None:
    """The entry that says already what ``draft`` would say, or None."""
    if sha256 is None:
        return None
    if draft.type == entry.SOURCE_FILE:
        return files.get((draft.subject, sha256))
    newest = definitions.get((draft.type, draft.subject, draft.blob_name))
    return newest.index if newest and newest.blob and newest.blob.sha256 == sha256 else None


def _note(one: Entry, definitions: dict[tuple[str, str, str], Entry], files: dict[tuple[str, str], int]) -> None:
    """Remember an entry for :func:`_known`."""
    if one.blob and one.type == entry.SOURCE_FILE:
        files.setdefault((one.subject, one.blob.sha256), one.index)
    elif one.blob and one.type in entry.DEFINITIONS:
        definitions[one.type, one.subject, one.blob.name] = one


def _remove_partials(full: Path, wider_than: int) -> None:
    """Remove the partial tiles beside the full one ``full`` that are wider than ``wider_than``."""
    folder = full.with_name(full.name + ".p")
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if not (path.name.isdigit() and int(path.name) <= wider_than):
            path.unlink()
    if wider_than == 0:
        folder.rmdir()


def _lock(folder: Path, wait_s: float) -> contextlib.AbstractContextManager[object]:
    try:
        return filelock.FileLock(folder / audit.LOCK, timeout=wait_s).acquire()
    except filelock.Timeout:
        raise CaseBusy(
            f"Another process is writing to {folder} and did not end within {wait_s:g} s. Wait until it has ended and "
            "run the command again; nothing was added."
        ) from None


def _bad(folder: Path, what: str, do: str) -> BadInput:
    return BadInput(Problem(str(folder), 0, "", what, do))
