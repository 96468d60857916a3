"""What stands on record beside a version of a plan: what other budgets would buy, what one more of each
sensor would add, and its patrol programme.

Each is an entry of its own with a document as blob, which names the hash of the version that it is of; a signature
covers the plan alone. Where several are of one version, the newest stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import rfc8785
from pydantic import Field, ValidationError

from teisen.agreement.vocabulary import Id, PlainKind
from teisen.documents import Strict
from teisen.ledger import Entry
from teisen.planning.plan import Share
from teisen.planning.programme import Programme

FRONTIER_ENTRY = "plan-frontier"
NEXT_ENTRY = "plan-next"
PATROLS_ENTRY = "plan-patrols"
Document = TypeVar("Document", "Frontier", "Next", Programme)


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


class NextOne(Strict):
    """What one more of a sensor adds where it adds most, and what taking one away loses, nothing else moved.

    Attributes:
        sensor: id in the catalogue.
        number: how many stand there.
        cost: US dollars a year that one more costs.
        people: people that one more takes.
        adds: what one more adds to the plan's value; empty, as all of this, where no site takes one more.
        per_million: that for a million US dollars a year; empty: it costs nothing.
        option_id: where, with its schedule.
        sector_id: the sector of that site; empty: it has none.
        passes: bounds of the plan's rules that one more passes.
        kind: the kind whose mean detection within a day rises most; empty: none does.
        kind_before: that mean by the plan.
        kind_adds: how much it rises.
        lost_least: what is lost without the one that is missed least; empty: none stands there.
        lost_most: what is lost without the one that is missed most.
    """

    sensor: Id
    number: int = Field(ge=0)
    cost: float | None = Field(default=None, ge=0)
    people: float | None = Field(default=None, ge=0)
    adds: Share | None = None
    per_million: float | None = Field(default=None, ge=0)
    option_id: str = ""
    sector_id: str = ""
    passes: tuple[str, ...] = ()
    kind: PlainKind | None = None
    kind_before: Share | None = None
    kind_adds: Share | None = None
    lost_least: Share | None = None
    lost_most: Share | None = None


class Next(Strict):
    """What one more of each sensor adds to the version of a plan with the hash ``plan``, most for its money first."""

    format: Literal["teisen-next/1"] = "teisen-next/1"
    plan: str = Field(pattern="^[0-9a-f]{64}$")
    rows: tuple[NextOne, ...] = Field(min_length=1)

    def canonical(self) -> bytes:
        """The document as canonical JSON (RFC 8785)."""
        return rfc8785.dumps(self.model_dump(mode="json"))


@dataclass(frozen=True)
class Beside:
    """What is on record beside a version; None: it is not."""

    frontier: Frontier | None = None
    programme: Programme | None = None
    next_one: Next | None = None


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
            found = replace(found, frontier=frontier)
        elif entry.type == PATROLS_ENTRY and (programme := _read(Programme, blob(entry.blob.sha256), sha256)):
            found = replace(found, programme=programme)
        elif entry.type == NEXT_ENTRY and (following := _read(Next, blob(entry.blob.sha256), sha256)):
            found = replace(found, next_one=following)
    return found


def _read(model: type[Document], content: bytes, sha256: str) -> Document | None:
    try:
        read = model.model_validate_json(content)
    except ValidationError:
        return None
    return read if read.plan == sha256 else None
