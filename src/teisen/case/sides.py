"""One side of a comparison: tables with their manifest, from a folder or from a state of a case's ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from teisen.case import stored
from teisen.case.asof import PastCase, derive_past
from teisen.case.compare import COMPARED, differences
from teisen.case.folder import Case
from teisen.case.reading import Progress, silent
from teisen.errors import BadInput, Problem
from teisen.tables import Table


@dataclass(frozen=True)
class Side:
    """Derived tables by name, those that a comparison reads, and the manifest that says what they rest on."""

    tables: Mapping[str, pl.DataFrame]
    manifest: Mapping[str, Any]

    @classmethod
    def of_folder(cls, folder: Path) -> Side:
        """The tables in ``folder``.

        Raises:
            BadInput: it holds no derived tables, or such as this version does not read.
        """
        manifest = stored.read_manifest(folder)
        if manifest is None:
            what, do = "it holds no derived tables", "Name a folder that `teisen derive` wrote."
            raise BadInput(Problem(str(folder), 0, "", what, do))
        listed = manifest.get("tables", {})
        return cls({n: _read(folder / f"{n}.parquet", t) for n, t in COMPARED.items() if n in listed}, manifest)

    @classmethod
    def of_ledger(
        cls, case: Case, size: int | None, *, known: datetime | None = None, progress: Progress = silent
    ) -> Side:
        """What the case's ledger gave at ``size`` (None: all of it).

        Where the case's own tables are what that state gives, they are read; else it is derived in a temporary folder.
        """
        if known is None and (past := _as_derived(case, size)):
            manifest = stored.read_manifest(case.derived) or {}
            return cls(cls.of_folder(case.derived).tables, manifest | {"as_of": past.state()})
        with TemporaryDirectory(prefix="teisen-") as folder:
            place = Path(folder) / "derived"
            derive_past(case, place, size=size, known=known, progress=progress)
            return cls.of_folder(place)

    def stated(self) -> dict[str, Any]:
        """What names this side: ledger size and root where it tells them, code, and what was known."""
        state = self.manifest.get("as_of") or {}
        return {
            "size": state.get("size"),
            "root": state.get("root"),
            "time": state.get("time"),
            "known_by": state.get("known_by"),
            "version": self.manifest.get("version"),
            "code": self.manifest.get("code"),
            "inputs": self.manifest.get("inputs"),
        }


def _as_derived(case: Case, size: int | None) -> PastCase | None:
    """The state at ``size`` if the case's tables are what it gives: they rest on the same inputs, the same code and the
    same libraries, and no byte of them is another than their manifest says."""
    manifest = stored.read_manifest(case.derived)
    if manifest is None or manifest.get("code") != stored.code_digest():
        return None
    past = PastCase(case, len(case.ledger) if size is None else size, case.derived)
    if manifest.get("inputs") != past.inputs() or manifest.get("libraries") != stored.library_versions():
        return None
    listed = {case.derived / f"{name}.parquet": told["sha256"] for name, told in manifest["tables"].items()}
    whole = all(path.is_file() and stored.sha256_of(path) == digest for path, digest in listed.items())
    return past if whole else None


def _read(path: Path, table: Table) -> pl.DataFrame:
    """The declared columns that a file has; one of another version may lack some that do not identify a row."""
    try:
        frame = pl.read_parquet(path)
        frame = frame.select(pl.col(n).cast(t) for n, t in table.schema.items() if n in frame.columns)
        return frame.sort(table.key)
    except (OSError, pl.exceptions.PolarsError) as error:
        do = "Derive it again with this version of the code."
        raise BadInput(Problem(str(path), 0, "", f"the table cannot be compared: {error}", do)) from None


def compared(before: Side, after: Side) -> pl.DataFrame:
    """What differs between two sides, with causes (:func:`teisen.case.compare.differences`)."""
    return differences(before.tables, after.tables, before.manifest, after.manifest)
