"""The same content gives the same bytes: in another order, another folder, with other threads and hash seeds."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from teisen.case import Case, ingest, stored, verify
from teisen.case.publish import report
from tests.whole_way.cases import public

DERIVE = "import sys, pathlib, teisen.case as room; room.derive(room.Case.open(pathlib.Path(sys.argv[1])))"
REPORTED = date(2025, 4, 20)


def again(case: Case, files: Path, folder: Path, seed: int) -> Case:
    """The case filled file by file in another order, and derived by another process with one thread."""
    other = Case.create(folder / "deep" / "er", case.folder)
    wanted = [
        (entry.id, path)
        for entry in case.definitions.case.sources
        for place, patterns in ((files, entry.files), (case.folder, entry.shipped))
        for pattern in patterns
        for path in sorted(place.glob(pattern))
    ]
    random.Random(seed).shuffle(wanted)  # noqa: S311
    for source_id, path in wanted:
        ingest(other, source_id, [path])
    env = dict(os.environ) | {"POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": str(seed)}
    subprocess.run([sys.executable, "-c", DERIVE, str(other.folder)], env=env, check=True)
    return other


def without_checkpoint(case: Case) -> str:
    """A report without the parts that name the ledger's state, which another order of ingestion must change."""
    text = report(case, REPORTED, public(case), case.folder / "compared").read_text(encoding="utf-8")
    text = re.sub(r'(?s)<section id="basis".*?</section>', "", text)
    return re.sub(r"entry \d+", "entry", text)


def test_the_simulated_case(simulated: Case, files: Path, tmp_path: Path) -> None:
    other = again(simulated, files, tmp_path, seed=3)
    assert stored.first_difference(simulated.derived, other.derived) is None
    assert without_checkpoint(simulated) == without_checkpoint(other)


@pytest.mark.data
def test_the_easter_case(easter: Case, data: Path, tmp_path: Path) -> None:
    other = again(easter, data, tmp_path, seed=5)
    assert stored.first_difference(easter.derived, other.derived) is None


def test_deriving_again_verifies(simulated: Case) -> None:
    assert verify(simulated).tables == len(stored.read_tables(simulated.derived))
