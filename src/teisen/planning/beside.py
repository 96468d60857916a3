"""What stands on record beside a version of a plan: what other budgets would buy, and its patrol programme.

Each is an entry of its own with a document as blob, which names the hash of the version that it is of; a signature
covers the plan alone. Where several are of one version, the newest stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

import rfc8785
from pydantic import Field, ValidationError

from teisen.documents import Strict
from teisen.ledger import Entry
from teisen.planning.plan import Share
from teisen.planning.programme import Programme

FRONTIER_ENTRY = "plan-frontier"
PATROLS_ENTRY = "plan-patrols"
Document = TypeVar("Document", "Frontier", Programme)


class Bought(Strict):
    """What one budget buys by the plan's other rules: US dollars a year, people, value and what nothing passes."""

    budget: float = Field(gt=0)
    cost: float = Field(ge=0)
    people: float = Field(ge=0)
    value: Share
    bound: Share


class Frontier(Strict):
    """What other budgets would buy than that of the version of a plan with the hash ``plan``, by rising budget."""

    format: Literal["teisen-frontier/1"] = "teisen-frontier/1"
    plan: str = Field(pattern="^[0-9a-f]{64}$")
    rows: tuple[Bought, ...] = Field(min_length=1)

    def canonical(self) -> bytes:
        """The document as canonical JSON (RFC 8785)."""
        return rfc8785.dumps(self.model_dump(mode="json"))


@dataclass(frozen=True)
class Beside:
    """What is on record beside a version; None: it is not."""

    frontier: Frontier | None = None
    programme: Programme | None = None


def beside(entries: Iterable[Entry], sha256: str, blob: Callable[[str], bytes]) -> Beside:
    """What stands beside the version with the hash ``sha256``.

    Args:
        entries: of the ledger.
        sha256: of the version.
        blob: gives a blob of the ledger by its hash.
    """
    found = Beside()
    for entry in entries:
        if entry.blob is None or entry.body.get("plan") != sha256:
            continue
        if entry.type == FRONTIER_ENTRY and (frontier := _read(Frontier, blob(entry.blob.sha256), sha256)):
            found = Beside(frontier, found.programme)
        elif entry.type == PATROLS_ENTRY and (programme := _read(Programme, blob(entry.blob.sha256), sha256)):
            found = Beside(found.frontier, programme)
    return found


def _read(model: type[Document], content: bytes, sha256: str) -> Document | None:
    try:
        read = model.model_validate_json(content)
    except ValidationError:
        return None
    return read if read.plan == sha256 else None
