"""Numbers from a key: the deterministic expansion by which a day's routes follow from the day's key.

Format ``teisen-draw/1``. Block i (from 0) of the stream ``label`` is HMAC-SHA256 with the key over the UTF-8 text of
``teisen-draw/1``, a newline, the label, a newline, and i as 8 bytes, big-endian. A block gives four numbers of 64 bits,
big-endian. A number below n is the first one below the largest multiple of n up to 2^64, modulo n: no remainder is
likelier than another.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from itertools import accumulate

FORMAT = "teisen-draw/1"
_RANGE = 1 << 64


def numbers(key: bytes, label: str) -> Iterator[int]:
    """The endless stream of numbers of 64 bits."""
    head = f"{FORMAT}\n{label}\n".encode()
    block = 0
    while True:
        made = hmac.new(key, head + block.to_bytes(8, "big"), hashlib.sha256).digest()
        yield from (int.from_bytes(made[at : at + 8], "big") for at in range(0, 32, 8))
        block += 1


def below(limit: int, stream: Iterator[int]) -> int:
    """The next number from 0 up to, but not, ``limit``, all alike.

    Raises:
        ValueError: ``limit`` is not between 1 and 2^64.
    """
    if not 1 <= limit <= _RANGE:
        raise ValueError("a limit lies between 1 and 2^64")
    fair = _RANGE // limit * limit
    return next(number for number in stream if number < fair) % limit


def chosen(tickets: Sequence[int], key: bytes, label: str) -> int:
    """Index of what is drawn: each has so many tickets, in the order in which they are listed.

    Raises:
        ValueError: there is no ticket.
    """
    ends = list(accumulate(tickets))
    ticket = below(ends[-1] if ends else 0, numbers(key, label))
    return next(index for index, end in enumerate(ends) if ticket < end)


def some_of(count: int, total: int, key: bytes, label: str) -> tuple[int, ...]:
    """``count`` of the numbers from 0 up to ``total``, every set alike, in order (Fisher and Yates, from the front).

    Raises:
        ValueError: there are not so many.
    """
    if not 0 <= count <= total:
        raise ValueError(f"there are {total} to choose from, not {count}")
    stream, items = numbers(key, label), list(range(total))
    for at in range(count):
        other = at + below(total - at, stream)
        items[at], items[other] = items[other], items[at]
    return tuple(sorted(items[:count]))
