"""Exchange the parties' ids and names in everything that goes in, and the same is exchanged in all that comes out.

The agreement's order is part of what goes in: who stood first stands first under the other name. So every table and
every page must be the same after exchanging back, but for hashes of the definitions, whose bytes differ.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from teisen.case import Case, stored
from teisen.case.publish import report
from tests.whole_way.cases import exchanged, made_otherwise, make, public, template

HASH = re.compile(r"[0-9a-f]{12,}|sha256-[A-Za-z0-9+/=]+")


def rows(case: Case, name: str, frame: pl.DataFrame, pairs: Mapping[str, str]) -> list[str]:
    """Rows of a table as text, exchanged back; hashes of the case's agreements are put out."""
    if "geometry" in frame.columns:
        frame = frame.with_columns(pl.col("geometry").bin.encode("hex"))
    blobs = "|".join(case.definitions.agreement_blobs)
    text = "\n".join(json.dumps(row, default=str, ensure_ascii=False, sort_keys=True) for row in frame.to_dicts())
    return exchanged(re.sub(blobs, "agreement", text), pairs).split("\n")


def page(case: Case, day: date, pairs: Mapping[str, str]) -> str:
    """A report exchanged back, without what tells of the ledger, the keys and the definitions' hashes."""
    text = report(case, day, public(case), case.folder / "swap").read_text(encoding="utf-8")
    text = re.sub(r'(?s)<section id="basis".*?</section>', "", text)
    return HASH.sub("#", re.sub(r"entry \d+", "entry", exchanged(text, pairs)))


def same(one: Case, other: Case, pairs: Mapping[str, str], day: date) -> None:
    ours, theirs = (stored.read_tables(case.derived) for case in (one, other))
    assert list(ours) == list(theirs)
    for name in ours:
        mine, yours = rows(one, name, ours[name], {}), rows(other, name, theirs[name], pairs)
        assert mine == yours, name
    assert page(one, day, {}) == page(other, day, pairs)


def test_on_the_simulated_case(simulated: Case, files: Path, tmp_path: Path) -> None:
    pairs = {"party-a": "party-b", "Northern Side": "Southern Side"}
    other = make("simulated", files, tmp_path, pairs)
    same(simulated, other, pairs, date(2025, 4, 18))


@pytest.mark.data
def test_on_the_easter_case(easter: Case, data: Path, tmp_path: Path) -> None:
    pairs = {"party-a": "party-b"}  # the names are also words of the sources' texts, which nobody exchanges
    # in another order, too, and with one thread: what neither may change, real files show here at the price of one case
    other = made_otherwise(template("easter-2025", tmp_path / "template", pairs), data, tmp_path, seed=5)
    same(easter, other, pairs, date(2025, 4, 20))
