"""Derive a case's tables into its folder, and verify that nothing in it was altered."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import filelock
import polars as pl

from teisen.case import stored
from teisen.case.derivation import Fusing, derived_tables
from teisen.case.folder import WAIT_S, Case
from teisen.case.reading import Progress, silent
from teisen.case.resuming import Resuming
from teisen.errors import CaseBusy, DerivedDiffers
from teisen.fusion import fuse
from teisen.ledger import Summary

DERIVING = ".deriving"
"""Lock of a derivation that goes on beside other work."""


@dataclass(frozen=True)
class Verified:
    """What a verification found: the ledger's summary, and the number of derived tables that came out the same."""

    ledger: Summary
    tables: int


def derive(case: Case, *, wait_s: float = WAIT_S, progress: Progress = silent) -> Mapping[str, pl.DataFrame]:
    """Record definitions that changed, derive every table, and put them in place of those that were there.

    Of incidents only those are fused anew that what is new since the last time can touch; the tables are the same.

    Returns:
        Tables by name.

    Raises:
        BadInput: a definition does not fit. NoKey: one changed and this machine may not record it. CaseBusy: another
        command is at it.
    """
    with case.busy(wait_s):
        case.record_definitions()
        resuming = Resuming(case.derived)
        tables = tables_of(case, progress, fused_by=resuming.fuse)
        progress("writing tables", 0, 1)
        new = case.derived.with_name("derived.new")
        shutil.rmtree(new, ignore_errors=True)
        stored.write_tables(tables, case.inputs(), new, case.rests_on())
        resuming.keep(new)
        stored.replace(new, case.derived)
    return tables


def derive_beside(case: Case, *, wait_s: float = WAIT_S, progress: Progress = silent) -> int:
    """As :func:`derive`, without keeping others from writing while it goes on; for a server.

    What is recorded meanwhile is not in the tables. Two of these on one case wait for each other.

    Returns:
        How many entries the ledger had that the tables rest on.

    Raises:
        As :func:`derive`.
    """
    try:
        with filelock.FileLock(case.folder / DERIVING, timeout=wait_s):
            with case.busy(wait_s):
                case.record_definitions()
            size, inputs, rests_on = len(case.ledger), case.inputs(), case.rests_on()
            resuming = Resuming(case.derived)
            tables = tables_of(case, progress, fused_by=resuming.fuse)
            progress("writing tables", 0, 1)
            new = case.derived.with_name("derived.beside")
            shutil.rmtree(new, ignore_errors=True)
            stored.write_tables(tables, inputs, new, rests_on)
            resuming.keep(new)
            with case.busy(wait_s):
                stored.replace(new, case.derived)
    except filelock.Timeout:
        raise CaseBusy(f"{case.folder} is being derived already.") from None
    return size


def tables_of(
    case: Case, progress: Progress = silent, *, known: datetime | None = None, fused_by: Fusing = fuse
) -> dict[str, pl.DataFrame]:
    """Derive all tables of a case as its ledger object has it; see :func:`teisen.case.derived_tables`."""
    given = case.definitions, case.received(), case.ledger.blob, progress
    return derived_tables(*given, acts=case.acts(), known=known, fused_by=fused_by)


def verify(case: Case, *, progress: Progress = silent) -> Verified:
    """Recompute every hash and signature of the ledger, derive everything again, and compare byte by byte.

    Writes nothing into the case and needs no key.

    Raises:
        LedgerBroken: the ledger does not verify. DerivedDiffers: the message says which file and byte, or that nothing
        was derived, or that a definition was changed and not recorded.
    """
    progress("checking hashes and signatures", 0, 1)
    summary = case.ledger.verify()
    manifest = stored.read_manifest(case.derived)
    if manifest is None:
        raise DerivedDiffers(f"{case.derived} holds no derived tables. Run `teisen derive`.")
    if changed := unrecorded(case):
        raise DerivedDiffers(f"{', '.join(changed)} changed since it was recorded. Run `teisen derive`.")
    if manifest.get("inputs") != case.inputs():
        raise DerivedDiffers("The ledger has grown since the tables were derived. Run `teisen derive`.")
    tables = tables_of(case, progress)
    progress("comparing", 0, 1)
    with tempfile.TemporaryDirectory(prefix="teisen-") as folder:
        again = Path(folder) / "derived"
        stored.write_tables(tables, case.inputs(), again, case.rests_on())
        difference = stored.first_difference(case.derived, again)
    if difference:
        raise DerivedDiffers(f"{case.derived}: {difference}.{_other_code(manifest)}")
    return Verified(summary, len(tables))


def unrecorded(case: Case) -> list[str]:
    """Definitions in the folder that are not those on record."""
    now, known = case.on_disk(), case.on_record()
    return sorted(path for path in now.keys() | known.keys() if now.get(path) != known.get(path))


def _other_code(manifest: Mapping[str, object]) -> str:
    if manifest.get("code") != stored.code_digest():
        return (
            f" They were derived with another version of the code ({manifest.get('version')}, "
            f"{str(manifest.get('code'))[:12]}); this one is {stored.code_digest()[:12]}. "
            "Verify with that version, or run `teisen derive` again."
        )
    ours = stored.library_versions()
    theirs = manifest.get("libraries")
    other = [n for n in ours if isinstance(theirs, Mapping) and theirs.get(n) != ours[n]]
    return f" Versions of {', '.join(other)} differ from those it was derived with." if other else ""
