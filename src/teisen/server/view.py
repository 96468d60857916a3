"""One derived state of a case, and what one audience may have of it.

A :class:`State` is whole and never changes; the server swaps it for the next one. Pages and interfaces get a
:class:`View`, whose tables went through :func:`teisen.release.release`. Nothing else of a state leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any

import polars as pl

from teisen.agreement import Agreement
from teisen.case import Case, CaseFile, stored
from teisen.case.publish import context
from teisen.decision import Record
from teisen.errors import BadInput, NoKey, Problem
from teisen.ledger import Checkpoint, Ledger
from teisen.release import TABLES, Ids, Released, release, with_own
from teisen.release.report import ReportContext
from teisen.sources import Source


@dataclass(frozen=True)
class View:
    """A state as one audience may have it: all that a page or an interface is made from.

    Attributes:
        released: tables by name, the log of what was withheld, the audience and its terms.
        party: party whose own statements stand beside what is released; empty: nobody's.
        case: the case file. It names people and sources: show of it what a page is about, never the whole.
        agreements: in the case's order, with provisions, readings and statements.
        sources: by id, with profile and licence.
        checkpoint: the ledger's signed head that the state was derived from.
        about: what a report states beside the tables.
        manifest: versions and digests of the derivation.
        ids: gives ids as they are outside; None: the secret of it is not here, and nobody outside is told anything.
        ledger: the ledger as it was, for proofs and for entries (:mod:`teisen.server.record` says which may be shown).
    """

    released: Released
    party: str
    case: CaseFile
    agreements: tuple[Agreement, ...]
    sources: Mapping[str, Source]
    checkpoint: Checkpoint
    about: ReportContext
    manifest: Mapping[str, Any] = field(repr=False)
    ids: Ids | None = field(repr=False)
    ledger: Ledger = field(repr=False)

    @property
    def tables(self) -> Mapping[str, pl.DataFrame]:
        """Released tables by name; one that the policy hides is absent."""
        return self.released.tables

    def table(self, name: str) -> pl.DataFrame:
        """A released table; the empty one where the policy hides it."""
        return self.released.tables.get(name, TABLES[name].empty())

    def own_id(self, given: str) -> str:
        """The id under which the audience has the incident, finding or allegation that ``given`` names: who has ids as
        they are inside can give those that others get as well. Nobody else gets from one to the other."""
        if self.released.ids or not self.ids:
            return given
        known = (self.table(name)[f"{name}_id"] for name in ("incident", "finding", "allegation"))
        return self.ids.inside(given, chain.from_iterable(known))

    def recorded_id(self, record: Record, shown: str) -> str:
        """The id under which decisions are on record about what the audience knows as ``shown``."""
        return self.ids.inside(shown, (one.act.subject_id for one in record.steps.values())) if self.ids else shown

    def shown_id(self, inside: str) -> str:
        """An id from the record of decisions, as the audience has it."""
        return self.released.ids.outside(inside) if self.released.ids else inside

    def shown_ids(self, record: pl.DataFrame) -> pl.DataFrame:
        """A table from the record of decisions, with its ids as the audience has them."""
        return self.released.ids.frame(record) if self.released.ids else record

    def said(self, words: str) -> str:
        """A text from the record of decisions, with the ids in it as the audience has them."""
        return self.released.ids.said(words) if self.released.ids else words

    def outside_id(self, shown: str) -> str:
        """What an id is to those who do not have it as it is inside; empty: the audience is one of them."""
        return "" if self.released.ids or not self.ids else self.ids.outside(shown)

    @property
    def audience(self) -> str:
        """Whose terms hold."""
        return self.released.audience

    @property
    def as_of(self) -> datetime:
        """The moment of release: the time of the newest entry that the state rests on."""
        return self.released.as_of

    @property
    def size(self) -> int:
        """Entries of the ledger under :attr:`checkpoint`."""
        return self.checkpoint.size

    @property
    def tag(self) -> str:
        """Names these bytes: the same tag, the same answers (an ETag without quotes)."""
        who = f"{self.audience}.{self.party}" if self.party else self.audience
        who += ".r" if self.released.ids else ""  # what was kept from before ids were hashed again is other bytes
        return f"{self.size}-{str(self.manifest.get('inputs', ''))[:12]}-{who}"


class State:
    """The derived tables of a case and the ledger that they rest on; read once, whole.

    Raises:
        BadInput: nothing is derived.
    """

    def __init__(self, case: Case) -> None:
        manifest = stored.read_manifest(case.derived)
        if manifest is None:
            what = "nothing is derived yet"
            raise BadInput(Problem(str(case.derived), 0, "", what, "Run `teisen derive` first."))
        self.case = case
        self.manifest = manifest
        self.as_of = case.head_time()
        self.definitions = case.definitions
        self.checkpoint = case.ledger.checkpoint
        self._tables = stored.read_tables(case.derived)
        self._views: dict[tuple[str, str], View] = {}
        self._lock = Lock()

    @classmethod
    def of(cls, folder: Path) -> State:
        """The state of the case in ``folder``, with a ledger of its own that nobody appends to."""
        return cls(Case.open(folder))

    @property
    def size(self) -> int:
        """Entries of the ledger."""
        return self.checkpoint.size

    def view(self, audience: str, party: str = "") -> View:
        """What ``audience`` may have, and beside it what ``party`` stated itself; made once and kept.

        Raises:
            BadInput: the case's policy has no such audience.
        """
        with self._lock:
            if (audience, party) not in self._views:
                self._views[audience, party] = self._made(audience, party)
            return self._views[audience, party]

    def _made(self, audience: str, party: str) -> View:
        file, sources = self.definitions.case, self.definitions.sources
        out = release(self._tables, file.release, audience, self.as_of, sources, secret=self.case.ledger.secret)
        if party:
            out = with_own(out, self._tables, party)
        return View(
            released=out,
            party=party,
            case=file,
            agreements=self.definitions.agreements,
            sources=sources,
            checkpoint=self.checkpoint,
            about=context(self.case, out),
            manifest=self.manifest,
            ids=out.ids or self._ids(),
            ledger=self.case.ledger,
        )

    def _ids(self) -> Ids | None:
        try:
            return Ids(self.case.ledger.secret())
        except NoKey:
            return None
