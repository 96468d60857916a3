"""Which received files count no more, told by the ledger alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from teisen.ledger import SOURCE_FILE, WITHDRAWAL, Entry

WITHDRAW, RESTORE = "withdraw", "restore"


@dataclass(frozen=True)
class TakenBack:
    """A file that counts no more: of which source, under which name, its SHA-256, why, and the entry that says so.

    ``counts``: it counts again by that entry.
    """

    source_id: str
    name: str
    blob: str
    reason: str
    entry: int
    counts: bool = False


def taken_back(entries: Iterable[Entry]) -> dict[tuple[str, str], TakenBack]:
    """Files that count no more after ``entries``, by source and SHA-256, the one withdrawn first before others."""
    names: dict[tuple[str, str], str] = {}
    found: dict[tuple[str, str], TakenBack] = {}
    for one in entries:
        if one.type == SOURCE_FILE and one.blob:
            names[one.subject, one.blob.sha256] = one.blob.name
        elif one.type == WITHDRAWAL:
            blob, reason = str(one.body.get("blob", "")), str(one.body.get("reason", ""))
            found.pop((one.subject, blob), None)
            if one.body.get("action") == WITHDRAW and (one.subject, blob) in names:
                name = names[one.subject, blob]
                found[one.subject, blob] = TakenBack(one.subject, name, blob, reason, one.index)
    return found
