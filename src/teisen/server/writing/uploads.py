"""Files that people send: bounded before anything reads them, however small they claim to be."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable
from contextlib import suppress
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from teisen.errors import BadInput, Problem
from teisen.languages import text
from teisen.sources.gzipped import inflated

MOST_FILES = 20
MOST_UNPACKED = 512 * 10**6
"""Bytes that a file may hold once it is unpacked."""
MOST_MEMBERS = 5_000
LONGEST_NAME = 120
CHUNK = 1 << 20
ROWS = 1 << 14
"""Rows of a Parquet file that are counted at once."""
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
    total = 0
    with suppress(EOFError, zlib.error):  # damaged: the reader says so
        for part in inflated(content):
            if total == 0 and part.startswith(_PACKED):
                raise _bad(name, text("it is packed more than once"), text("Send the file packed once."))
            total += len(part)
            _check(name, total)


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
    """Its metadata may lie, and a text that stands in it once may stand for a million cells: the cells are counted."""
    try:
        found = pq.read_metadata(io.BytesIO(content))
        sizes = [found.row_group(n).total_byte_size for n in range(found.num_row_groups)]
        _check(name, max(sum(sizes), found.num_rows * max(1, found.num_columns)))
        paths = [found.schema.column(n).path for n in range(found.num_columns)]
        opened, total = pq.ParquetFile(io.BytesIO(content), read_dictionary=paths), 0
        for batch in opened.iter_batches(batch_size=ROWS):
            total += sum(map(_laid_out, batch.columns))
            _check(name, total)
    except (pa.ArrowException, OSError, ValueError):
        return  # damaged: the reader says so


def _laid_out(column: pa.Array) -> int:
    """Bytes of a column's cells, each text counted as often as it stands in one."""
    kind = column.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return int(column.nbytes) + _laid_out(column.flatten())
    if pa.types.is_struct(kind):
        return sum(map(_laid_out, column.flatten()))
    if pa.types.is_dictionary(kind) and not pa.types.is_nested(kind.value_type):
        return int(pc.sum(pc.binary_length(column.dictionary).take(column.indices)).as_py() or 0)
    return int(column.nbytes)


def _check(name: str, size: int) -> None:
    if size > MOST_UNPACKED:
        what = text("it unpacks to more than {n} MB").format(n=MOST_UNPACKED // 10**6)
        raise _bad(name, what, text("Split the file into smaller ones."))


def _bad(name: str, what: str, do: str) -> BadInput:
    return BadInput(Problem(name, 0, "", what, do))
