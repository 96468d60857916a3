"""Fusing from where the last derivation of a case left off, so that a new day fuses only what it can touch.

What that takes lies beside the derived tables, in :data:`~teisen.case.stored.STATE`. It is no result: nothing rests on
it, no manifest names it, and verifying fuses all anew. It is passed over, and all is fused, where the code or a library
is another one, the ground or a source is declared otherwise, or a byte of it was altered.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from teisen import parquet
from teisen.case.stored import STATE, code_digest, library_versions, sha256_of
from teisen.fusion import Fused, fuse, fuse_again
from teisen.fusion.again import looked_at
from teisen.fusion.kept import KEPT, kept, taken_up
from teisen.observation import EXPOSURE, OBSERVATION
from teisen.sources import Ground, Source

FORMAT = "teisen-fused/1"
INDEX = "state.json"
WORTH_FROM = 50_000
"""Observations from which going on is quicker than fusing anew; decides time, and no result."""
INPUTS = tuple((table.name, table) for table in (OBSERVATION, EXPOSURE))
"""Derived tables that were fused; they are read again from where they lie."""


class Resuming:
    """Fuses a case as :func:`teisen.fusion.fuse` does, from what lies in its derived folder, if it is worth it.

    ``resumed`` tells, after fusing, whether anything that lay there was of use.
    """

    def __init__(self, derived: Path) -> None:
        self._derived = derived
        self._fused: Fused | None = None
        self._about: dict[str, object] = {}
        self.resumed = False

    def fuse(
        self, observations: pl.DataFrame, exposure: pl.DataFrame, ground: Ground, sources: Mapping[str, Source]
    ) -> Fused:
        """The same as :func:`teisen.fusion.fuse`."""
        if observations.height < WORTH_FROM:
            return fuse(observations, exposure, ground, sources)
        self._about = {
            "format": FORMAT,
            "code": code_digest(),
            "libraries": library_versions(),
            "ground": _print(looked_at(ground)),
            "sources": hashlib.sha256(repr(sorted(sources.items())).encode()).hexdigest(),
        }
        before = self._before(ground, sources)
        self.resumed = before is not None
        if before is None:
            self._fused = fuse(observations, exposure, ground, sources)
        else:
            self._fused = fuse_again(before, observations, exposure, ground, sources)
        return self._fused

    def keep(self, derived: Path) -> None:
        """Put what fusing again takes beside the tables of ``derived``, which were written from what was fused."""
        if self._fused is None:
            return
        folder = derived / STATE
        folder.mkdir()
        for name, frame in kept(self._fused).items():
            frame.write_parquet(folder / f"{name}.parquet")
        index = self._about | {"files": _digests(derived)}
        (folder / INDEX).write_text(json.dumps(index, indent=2, sort_keys=True) + "\n", encoding="utf-8", newline="")

    def _before(self, ground: Ground, sources: Mapping[str, Source]) -> Fused | None:
        folder = self._derived / STATE
        try:
            index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
            if index != self._about | {"files": _digests(self._derived)}:
                return None
            tables = {name: pl.read_parquet(folder / f"{name}.parquet") for name in KEPT}
            observations, exposure = (parquet.read(table, self._derived / f"{name}.parquet") for name, table in INPUTS)
            return taken_up(tables, observations, exposure, ground, sources)
        except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError):
            return None


def _digests(derived: Path) -> dict[str, str]:
    """SHA-256 of every file that fusing again takes."""
    paths = [derived / f"{name}.parquet" for name, _ in INPUTS]
    paths += [derived / STATE / f"{name}.parquet" for name in KEPT]
    return {path.relative_to(derived).as_posix(): sha256_of(path) for path in paths}


def _print(frames: tuple[pl.DataFrame, ...]) -> str:
    """A digest of tables' rows, in order; the same in every process with the same libraries."""
    digest = hashlib.sha256()
    for frame in frames:
        digest.update(f"{frame.schema}\n{frame.height}\n".encode() + frame.hash_rows().to_numpy().tobytes())
    return digest.hexdigest()
