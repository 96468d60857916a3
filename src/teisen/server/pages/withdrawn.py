"""Files that were withdrawn, as the ledger's pages show them to those inside: also since tables were derived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from teisen.case.taken_back import taken_back
from teisen.ledger import Entry
from teisen.server.access import Visitor
from teisen.server.view import View
from teisen.server.writing.acts import withdrawn_from


@dataclass(frozen=True)
class Withdrawn:
    """A file that counts no more: its source and name, its SHA-256, why, and who said so in which entry."""

    source_id: str
    source: str
    name: str
    sha256: str
    reason: str
    who: str
    entry: int


@dataclass(frozen=True)
class Withdrawing:
    """What was withdrawn, the newest first, and from which sources (id, title) the visitor may withdraw files."""

    files: tuple[Withdrawn, ...]
    sources: tuple[tuple[str, str], ...]

    def of(self, source_id: str, sha256: str) -> Withdrawn | None:
        """How a file was withdrawn; None: it counts."""
        return next((one for one in self.files if (one.source_id, one.sha256) == (source_id, sha256)), None)

    def may(self, source_id: str) -> bool:
        """Whether the visitor may withdraw files of a source."""
        return any(source_id == known for known, _ in self.sources)


NOTHING = Withdrawing((), ())
"""What is shown to those outside."""


def withdrawing(view: View, visitor: Visitor, entries: Sequence[Entry]) -> Withdrawing:
    """What a page shows; ``entries`` are those of the ledger as it is now."""
    told = [
        Withdrawn(
            one.source_id,
            view.about.source_title(one.source_id) if one.source_id in view.sources else one.source_id,
            one.name,
            one.blob,
            one.reason,
            entries[one.entry].author.name,
            one.entry,
        )
        for one in taken_back(entries).values()
    ]
    names = withdrawn_from(view.case) if visitor.may("withdraw-file") else ()
    sources = tuple((name, view.about.source_title(name)) for name in names)
    return Withdrawing(tuple(sorted(told, key=lambda one: -one.entry)), sources)
