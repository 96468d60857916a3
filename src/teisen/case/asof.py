"""What a case knew at a moment: the same derivation, from the first entries of its ledger."""

from __future__ import annotations

import base64
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from teisen.case import stored
from teisen.case.folder import Case
from teisen.case.known import known_by, said_later, undated
from teisen.case.reading import Progress, silent
from teisen.case.work import tables_of
from teisen.errors import BadInput, Problem
from teisen.ledger import REDACTION, Entry, Past

TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
_LEDGER = "the ledger"


class PastCase(Case):
    """A case as the first ``size`` entries of its ledger have it, to be read alone; its tables lie in ``derived``.

    Raises:
        BadInput: the ledger has fewer entries, or held no whole case then. LedgerBroken: it does not verify.
    """

    def __init__(self, case: Case, size: int, derived: Path, known: datetime | None = None) -> None:
        if not 0 <= size <= len(case.ledger):
            what = f"it has {len(case.ledger)} entries, not {size}"
            raise BadInput(Problem(_LEDGER, 0, "", what, f"Write a number up to {len(case.ledger)}."))
        self.past = Past(case.ledger, size)
        super().__init__(case.folder, self.past)
        self.known = known
        self._derived = derived
        self._redacted = {e.body.get("blob") for e in case.ledger.entries() if e.type == REDACTION}
        try:
            _ = self.definitions
        except BadInput as error:
            do = "Name a later state; --known-by asks what could have been known before a case was begun."
            what = f"its first {size} entries hold no whole case"
            raise BadInput(Problem(_LEDGER, 0, "", what, do), *(error.problems if size else ())) from None

    @property
    def derived(self) -> Path:
        """The folder of this state's tables, never that of the case."""
        return self._derived

    def entries(self) -> list[Entry]:
        """Entries of files received by then, without those whose bytes were taken out by then or since."""
        return [e for e in super().entries() if e.blob and e.blob.sha256 not in self._redacted]

    def state(self) -> dict[str, Any]:
        """What names this state and proves it: size, root, and the way from there to the checkpoint of today.

        ``consistency`` are the hashes (base64) that RFC 9162, section 2.1.4, checks with ``size``, ``root`` and the
        size and root of ``checkpoint``, which the ledger signed. ``taken_out_since`` are files that were there and
        whose bytes the ledger no longer holds.
        """
        before = super().entries()
        return {
            "origin": self.ledger.origin,
            "size": self.past.size,
            "root": base64.b64encode(self.past.root).decode(),
            "time": self.head_time().strftime(TIME_FORMAT),
            "checkpoint": self.past.checkpoint.content.decode("utf-8"),
            "consistency": [base64.b64encode(one).decode() for one in self.past.proof],
            "known_by": self.known.astimezone(UTC).strftime(TIME_FORMAT) if self.known else None,
            "taken_out_since": sorted({e.blob.sha256 for e in before if e.blob and e.blob.sha256 in self._redacted}),
        }


def size_at(case: Case, moment: datetime) -> int:
    """How many entries the ledger held at ``moment`` (aware): those not younger."""
    return sum(e.time <= moment for e in case.ledger.entries())


def derive_past(
    case: Case, folder: Path, *, size: int | None = None, known: datetime | None = None, progress: Progress = silent
) -> PastCase:
    """Derive what the ledger held at ``size`` into ``folder``, with the state named and proved in its manifest.

    Args:
        case: the case; neither it nor its tables are touched.
        folder: a new or empty folder, or one of derived tables, which is replaced.
        size: entries of the ledger; by default all.
        known: leave out what could not have been known at this moment (:func:`teisen.case.known.known_by`).

    Raises:
        BadInput: no such state, or the folder holds something else. LedgerBroken: the ledger does not verify.
    """
    _fit(case, folder)
    past = PastCase(case, len(case.ledger) if size is None else size, folder, known)
    tables = tables_of(past, progress, known=known)
    if known:
        tables = known_by(tables, known)
    progress("writing tables", 0, 1)
    place = folder.resolve()
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        stated = past.rests_on() | {"as_of": past.state() | _unsure(past, tables)}
        stored.write_tables(tables, past.inputs(), beside / "new", stated)
        if place.exists():
            place.rename(beside / "old")
        (beside / "new").rename(place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return past


def _unsure(past: PastCase, tables: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    """What a reader of a state by what was known should know: sources without times, readings stated later."""
    if past.known is None:
        return {}
    later = said_later(past.definitions.agreements, past.known)
    return {"undated": undated(tables["observation"]), "said_later": later}


def _fit(case: Case, folder: Path) -> None:
    """Refuse a folder that holds, or is a part of, what must not be written over."""
    place, own = folder.resolve(), (case.derived.resolve(), (case.folder / "ledger").resolve())
    if any(place == one or one in place.parents or place in one.parents for one in own):
        raise BadInput(Problem(str(folder), 0, "", "the case itself lies there", "Choose another folder with --out."))
    if place.exists() and not (place.is_dir() and stored.only_tables(place)):
        what = "it holds something else than derived tables"
        raise BadInput(Problem(str(folder), 0, "", what, "Choose an empty or a new folder with --out."))
