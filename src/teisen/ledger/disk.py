"""Files that are there whole or not at all: temporary file, fsync, rename, fsync of the folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

TEMPORARY = "tmp"


def flush(descriptor: int) -> None:
    """Wait until a file is on the disk itself."""
    if sys.platform == "darwin":
        import fcntl  # noqa: PLC0415  (exists on this platform alone)

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk; Windows does this by itself."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Writer:
    """Writes files under one folder. A file that was written survives a loss of power once :meth:`settle` returned.

    Whoever makes one holds the folder's lock: temporary files of a writer that died are removed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._temporary = folder / TEMPORARY
        self._count = 0
        self._unsettled: set[Path] = set()
        self._mkdir(self._temporary)
        for left in self._temporary.iterdir():
            left.unlink()

    def write(self, path: Path, content: bytes) -> None:
        """Write a file whole, in place of what stood there; its name is durable after :meth:`settle`."""
        self._mkdir(path.parent)
        self._count += 1
        temporary = self._temporary / str(self._count)
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            flush(file.fileno())
        temporary.replace(path)
        self._unsettled.add(path.parent)

    def settle(self) -> None:
        """Make the names of all files written so far durable."""
        for folder in sorted(self._unsettled):
            sync_folder(folder)
        self._unsettled.clear()

    def _mkdir(self, folder: Path) -> None:
        if folder.is_dir():
            return
        self._mkdir(folder.parent)
        folder.mkdir(exist_ok=True)
        self._unsettled.add(folder.parent)
