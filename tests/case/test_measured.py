"""What others would have seen of an allegation: as measured where it was, else as declared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from teisen.case import Case, derive, ingest
from teisen.compliance import DETECTION
from tests.release.made_up import rows


@pytest.fixture
def full(make: Callable[[str], Case], data_files: Path, tmp_path: Path) -> Case:
    case = make("full")
    ingest(case, "regions", [tmp_path / "template" / "regions.geojson"])
    ingest(case, "news", [data_files / "news-1.csv"])
    ingest(case, "claims", [data_files / "claims.csv"])
    return case


def measured(source_id: str, factor: float) -> pl.DataFrame:
    row = {"source_id": source_id, "feature": "kind", "value": "*", "known": 50.0, "seen": 10.0, "declared": 0.5}
    found = {"estimate": 0.5 * factor, "low": 0.1, "high": 0.5, "factor": factor, "basis": "measured"}
    return rows(DETECTION, row | found)


def seen(case: Case) -> pl.DataFrame:
    return derive(case)["outcome"].filter(pl.col("p_would_see") > 0).select("allegation_id", "p_would_see")


@pytest.mark.parametrize(("source_id", "times"), [("news", 0.5), ("claims", 1.0)])
def test_a_measured_source_would_have_seen_as_much_as_it_does(
    full: Case, monkeypatch: pytest.MonkeyPatch, source_id: str, times: float
) -> None:
    declared = seen(full)
    assert declared.height
    monkeypatch.setattr("teisen.case.derivation.estimated", lambda *_, **__: measured(source_id, 0.5))
    found = seen(full)
    assert found["p_would_see"].to_list() == pytest.approx([times * p for p in declared["p_would_see"]], abs=1e-4)
