"""One act, however often it is sent: a text of the sender's choice, of which only a hash goes on record."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping

from teisen.ledger import Entry

ONCE = "once"
"""Name of the commitment."""


def sealed(name: str, once: str) -> Mapping[str, str]:
    """The commitment of whoever is called ``name`` to a text ``once``; none where there is no text."""
    return {ONCE: hashlib.sha256(f"{name}\x1f{once}".encode()).hexdigest()} if once else {}


def done_before(entries: Iterable[Entry], types: Collection[str], name: str, once: str) -> list[Entry]:
    """Entries of one of ``types`` that ``name`` made with the text ``once``, in order; none where there is no text."""
    mine = sealed(name, once).get(ONCE)
    return [one for one in entries if mine and one.type in types and one.commitments.get(ONCE) == mine]
