"""Bytes that people send as text, and what to do with those that are none."""

from __future__ import annotations

from teisen.errors import BadInput, Problem
from teisen.sources.reader import SourceFile


def decoded(content: bytes, file: SourceFile) -> tuple[bytes, bool]:
    """UTF-8 bytes without a byte-order mark, and whether some bytes had to be replaced.

    Raises:
        BadInput: it is text of two bytes a letter, a workbook or an archive.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or _every_other_is_nul(content[:400]):
        raise BadInput(
            Problem(
                file.name, 0, "", "it is UTF-16, not UTF-8", "Save the file as UTF-8 (CSV UTF-8) and send it again."
            )
        )
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        what, do = "it is a workbook or an archive, not a table as text", "Save the sheet as CSV (UTF-8) and send that."
        raise BadInput(Problem(file.name, 0, "", what, do))
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            return content[: error.start], False
        return content.decode("utf-8", "replace").encode("utf-8"), True
    return content, False


def _every_other_is_nul(start: bytes) -> bool:
    """Whether it looks like text of two bytes a letter that does not say so."""
    shares = [half.count(0) / max(len(half), 1) for half in (start[::2], start[1::2])]
    return min(shares) < 0.1 and max(shares) > 0.5
