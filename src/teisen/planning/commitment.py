"""Committed seeds: chance that nobody chose, made by everybody who takes part, and checked by anybody afterwards.

Format ``teisen-seed/1``; every step is a hash that another program can do again.

- A **commitment** to bytes is SHA-256 over the canonical JSON (RFC 8785) of ``{"format": "teisen-seed/1", "salt": S,
  "value": V}``, S and V being hexadecimal text. It is published beforehand, and opened by showing S and V.
- Who **contributes** (each party, the mediator) commits to 32 random bytes, and opens them before the period, when
  everybody has committed.
- Who **runs** the schedule (the mission) commits to the end of a chain: k(n) is 32 random bytes and k(d - 1) is SHA-256
  over ``teisen-chain/1`` and k(d), without anything between; V is k(0). After day d it shows k(d): that day can be
  checked then, and no later one is known from it.
- The **key of day d** is HMAC-SHA256 with k(d) as key over the canonical JSON of ``{"contributions": {who: value, ...},
  "day": d, "format": "teisen-seed/1", "schedule": id}``.

The mission cannot choose, since it committed before the contributions were opened; nobody else can know, since k(d) is
not shown before day d has passed. A contribution that is not opened in time is left out, on the record: who withholds
it chose blindly, unless it is in league with the mission, and then between two draws at most.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import rfc8785

FORMAT = "teisen-seed/1"
CHAIN = b"teisen-chain/1"
LENGTH = 32
"""Bytes of a secret, of a salt and of a link."""
_HEX = re.compile(r"[0-9a-f]{64}")


def commitment(salt: bytes, value: bytes) -> str:
    """The commitment to ``value``, hexadecimal.

    Raises:
        ValueError: salt or value are not 32 bytes.
    """
    if len(salt) != LENGTH or len(value) != LENGTH:
        raise ValueError(f"salt and value have {LENGTH} bytes")
    said = {"format": FORMAT, "salt": salt.hex(), "value": value.hex()}
    return hashlib.sha256(rfc8785.dumps(said)).hexdigest()


@dataclass(frozen=True)
class Secret:
    """Salt and value that somebody committed to; keep it to yourself until it is to be opened."""

    salt: bytes = field(repr=False)
    value: bytes = field(repr=False)

    @classmethod
    def new(cls) -> Secret:
        """A secret from the operating system's randomness."""
        return cls(secrets.token_bytes(LENGTH), secrets.token_bytes(LENGTH))

    @property
    def commitment(self) -> str:
        """What is published beforehand."""
        return commitment(self.salt, self.value)

    def encode(self) -> dict[str, str]:
        """Salt and value as hexadecimal text: the opening, as it is published."""
        return {"salt": self.salt.hex(), "value": self.value.hex()}

    @classmethod
    def decode(cls, opened: Mapping[str, str]) -> Secret:
        """Read what :meth:`encode` wrote.

        Raises:
            ValueError: it is not two times 32 bytes of hexadecimal text.
        """
        if set(opened) != {"salt", "value"} or not all(_HEX.fullmatch(text) for text in opened.values()):
            raise ValueError("an opening is a salt and a value of 64 hexadecimal digits each")
        return cls(bytes.fromhex(opened["salt"]), bytes.fromhex(opened["value"]))


@dataclass(frozen=True)
class Chain:
    """The links of who runs a schedule of ``days`` days: ``last`` is k(days)."""

    salt: bytes = field(repr=False)
    last: bytes = field(repr=False)
    days: int

    @classmethod
    def new(cls, days: int) -> Chain:
        """A chain from the operating system's randomness."""
        return cls(secrets.token_bytes(LENGTH), secrets.token_bytes(LENGTH), days)

    def link(self, day: int) -> bytes:
        """k(day), for a day from 0 to ``days``.

        Raises:
            ValueError: there is no such day.
        """
        if not 0 <= day <= self.days:
            raise ValueError(f"the chain has links from 0 to {self.days}")
        link = self.last
        for _ in range(self.days - day):
            link = before(link)
        return link

    @property
    def commitment(self) -> str:
        """What is published beforehand."""
        return commitment(self.salt, self.link(0))


def before(link: bytes) -> bytes:
    """k(d - 1) from k(d)."""
    return hashlib.sha256(CHAIN + link).digest()


def opens(published: str, opened: Secret) -> bool:
    """Whether salt and value are those that were committed to."""
    return hmac.compare_digest(opened.commitment, published)


def chain_opens(published: str, salt: bytes, link: bytes, day: int) -> bool:
    """Whether ``link`` is k(day) of the chain that was committed to."""
    for _ in range(day):
        link = before(link)
    return hmac.compare_digest(commitment(salt, link), published)


def day_key(schedule_id: str, day: int, link: bytes, contributions: Mapping[str, bytes]) -> bytes:
    """The key that a day's routes are drawn with.

    Args:
        schedule_id: id of the schedule.
        day: from 1.
        link: k(day).
        contributions: values that were opened, by who gave them.
    """
    said: dict[str, Any] = {
        "contributions": {who: value.hex() for who, value in contributions.items()},
        "day": day,
        "format": FORMAT,
        "schedule": schedule_id,
    }
    return hmac.new(link, rfc8785.dumps(said), hashlib.sha256).digest()
