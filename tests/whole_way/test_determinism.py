"""The same content gives the same bytes: in another order, another folder, with other threads and hash seeds."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from teisen.case import Case, stored, verify
from teisen.case.publish import report
from tests.whole_way.cases import made_otherwise, public

REPORTED = date(2025, 4, 20)


def without_checkpoint(case: Case) -> str:
    """A report without the parts that name the ledger's state, which another order of ingestion must change."""
    text = report(case, REPORTED, public(case), case.folder / "compared").read_text(encoding="utf-8")
    text = re.sub(r'(?s)<section id="basis".*?</section>', "", text)
    return re.sub(r"entry \d+", "entry", text)


def test_the_simulated_case(simulated: Case, files: Path, tmp_path: Path) -> None:
    other = made_otherwise(simulated.folder, files, tmp_path, seed=3)
    assert stored.first_difference(simulated.derived, other.derived) is None
    assert without_checkpoint(simulated) == without_checkpoint(other)


def test_deriving_again_verifies(simulated: Case) -> None:
    assert verify(simulated).tables == len(stored.read_tables(simulated.derived))
