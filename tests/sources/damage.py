"""Damage that every reader of rows must answer: nothing lost, nothing guessed, one reason a row."""

from __future__ import annotations

import gzip

from teisen.sources import READ_TABLES, Ground, Intake, Reader, Source
from tests.builders import SCOPE, source_file


def take(reader: Reader, src: Source, content: bytes | str, ground: Ground, name: str = "file.csv") -> Intake:
    """Read, and hold every table to its declaration."""
    intake = reader.read(source_file(content, name), src, ground, SCOPE)
    for table, frame in intake.tables.items():
        READ_TABLES[table].hand_over(frame)
    return intake


def reasons(intake: Intake) -> dict[int, tuple[str, str]]:
    """Column and reason by row of what was set aside."""
    return {
        row: (column, what) for row, column, what in intake.table("set_aside").select("row", "column", "what").rows()
    }


def survives_rough_handling(reader: Reader, src: Source, head: str, row: str, ground: Ground) -> None:
    """Truncation, another encoding and repeated rows of a file whose one ``row`` makes one observation."""
    whole = head + row
    repeated = take(reader, src, head + row * 10, ground)
    assert repeated.table("observation").height == 1
    assert set(reasons(repeated)) == set(range(2, 11))
    assert all("row 1 already" in what for _, what in reasons(repeated).values())

    packed = gzip.compress(whole.encode(), compresslevel=0, mtime=0)
    cut = take(reader, src, packed[:-12], ground)
    assert "breaks off" in reasons(cut)[0][1]

    half = take(reader, src, whole + row[: len(row) // 3], ground)
    assert half.table("observation").height == 1
    assert 2 in reasons(half)

    wrong = whole.encode() + row.rstrip("\n").encode() + "ю\n".encode("cp1251")
    other = take(reader, src, wrong, ground)
    assert other.table("observation").height == 1
    assert "UTF-8" in reasons(other)[2][1]
