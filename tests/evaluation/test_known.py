from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from teisen.errors import BadInput
from teisen.evaluation.known import links_of, read_truth
from tests.fusion.worlds import BLOB, observations, seen

HEAD = "truth_id,time,lon,lat,kind,actor,target_class\n"
TRUTH = HEAD + "true-1,2025-04-05T10:00:00.000000+0000,30.0,50.0,shelling,party-a,\n"
LINKS = "file,row,truth_id\nnews.csv,1,true-1\nnews.csv,2,\n"


def folder(path: Path, truth: str = TRUTH, links: str = LINKS) -> Path:
    (path / "truth.csv").write_text(truth, encoding="utf-8")
    (path / "links.csv").write_text(links, encoding="utf-8")
    return path


def test_rows_of_files_become_observations(tmp_path: Path) -> None:
    truth, links = read_truth(folder(tmp_path))
    assert truth.select("truth_id", "kind", pl.col("time").dt.hour()).row(0) == ("true-1", "shelling", 10)
    rows = observations(seen("news:a", row=1), seen("news:b", row=2), seen("news:c", row=3), seen("x:d", blob="1" * 64))
    linked = links_of(rows, links, {BLOB: "in/news.csv", "1" * 64: "other.csv"})
    assert dict(linked.drop("other_id").iter_rows()) == {"news:a": "true-1", "news:b": ""}
    assert (linked["other_id"] == "").all()


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"truth\.csv.*no such file"):
        read_truth(tmp_path)
    with pytest.raises(BadInput, match=r"truth_id.*lacks"):
        read_truth(folder(tmp_path, links="file,row\nnews.csv,1\n"))
    with pytest.raises(BadInput, match="not readable"):
        read_truth(folder(tmp_path, truth=TRUTH.replace("30.0", "east")))
