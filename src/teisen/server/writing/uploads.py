"""Files that people send: bounded before anything reads them, however small they claim to be."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from teisen.errors import BadInput, Problem
from teisen.languages import text

MOST_FILES = 20
MOST_UNPACKED = 512 * 10**6
"""Bytes that a file may hold once it is unpacked."""
MOST_MEMBERS = 5_000
LONGEST_NAME = 120
CHUNK = 1 << 20
_PLAIN = re.compile(r"[^\w.\-() ]+", re.ASCII)
_PACKED = (b"\x1f\x8b", b"PK\x03\x04", b"PK\x05\x06", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"\x28\xb5\x2f\xfd")


def plain_name(name: str) -> str:
    """A file's name without folders, control characters and what has a meaning to a shell or a system."""
    last = re.split(r"[/\\]", name)[-1]
    plain = _PLAIN.sub("_", last).strip(". ")
    return plain[-LONGEST_NAME:] or "file"


def bounded(name: str, content: bytes) -> None:
    """Refuse a file that would unpack to more than :data:`MOST_UNPACKED`, or holds packed files within packed ones.

    Raises:
        BadInput: with what is wrong and what to do.
    """
    if not content:
        raise _bad(name, text("the file is empty"), text("Send the file again, whole."))
    if content.startswith(b"\x1f\x8b"):
        _bounded_gzip(name, content)
    elif content.startswith(b"PK"):
        _bounded_zip(name, content)
    elif content.startswith(b"PAR1"):
        _bounded_parquet(name, content)


def _bounded_gzip(name: str, content: bytes) -> None:
    inflater, total, rest = zlib.decompressobj(wbits=31), 0, content
    while rest and not inflater.eof:
        try:
            part = inflater.decompress(rest, CHUNK)
        except zlib.error:
            return  # damaged: the reader says so
        if total == 0 and part.startswith(_PACKED):
            raise _bad(name, text("it is packed more than once"), text("Send the file packed once."))
        total += len(part)
        _check(name, total)
        rest = inflater.unconsumed_tail


def _bounded_zip(name: str, content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = archive.infolist()
            if len(inside) > MOST_MEMBERS:
                raise _bad(
                    name, text("it holds more than {n} files").format(n=MOST_MEMBERS), text("Send fewer at a time.")
                )
            _check(name, sum(info.file_size for info in inside))
            total = 0
            for info in inside:
                with archive.open(info) as member:  # what the directory claims is not believed
                    for part in _parts(member):
                        if part.startswith(_PACKED):
                            raise _bad(name, text("it is packed more than once"), text("Send the file packed once."))
                        total += len(part)
                        _check(name, total)
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError, ValueError, EOFError):
        raise _bad(
            name, text("it is no readable zip file"), text("Send it again, whole and without a password.")
        ) from None


def _parts(member: IO[bytes]) -> Iterable[bytes]:
    while part := member.read(CHUNK):
        yield part


def _bounded_parquet(name: str, content: bytes) -> None:
    try:
        found = pq.read_metadata(io.BytesIO(content))
        sizes = [found.row_group(n).total_byte_size for n in range(found.num_row_groups)]
    except (pa.ArrowException, OSError, ValueError):
        return  # damaged: the reader says so
    _check(name, max(sum(sizes), found.num_rows * max(1, found.num_columns)))


def _check(name: str, size: int) -> None:
    if size > MOST_UNPACKED:
        what = text("it unpacks to more than {n} MB").format(n=MOST_UNPACKED // 10**6)
        raise _bad(name, what, text("Split the file into smaller ones."))


def _bad(name: str, what: str, do: str) -> BadInput:
    return BadInput(Problem(name, 0, "", what, do))
