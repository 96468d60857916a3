"""Gzip files unpacked a part at a time: all of their members (RFC 1952, section 2.2), however many there are."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

MARK = b"\x1f\x8b"
PIECE = 4096
"""Packed bytes that are looked at together: where a file is damaged, what stood before in them is lost."""
PART = 1 << 20
"""Most bytes that are given out at once."""


def inflated(content: bytes) -> Iterator[bytes]:
    """The unpacked bytes of ``content``, in parts of at most :data:`PART`; what follows the last member is passed over.

    Raises:
        EOFError: it breaks off within a member. zlib.error: it is damaged.
    """
    at = 0
    while content.startswith(MARK, at):
        inflater = zlib.decompressobj(wbits=31)
        while not inflater.eof:
            piece = content[at : at + PIECE]
            if not piece:
                raise EOFError("it breaks off within a member")
            at += len(piece)
            while piece and not inflater.eof:
                yield inflater.decompress(piece, PART)
                piece = inflater.unconsumed_tail
        at -= len(inflater.unused_data)
