"""Files of which each holds all that there is: the one received last counts, and a corrected row counts once."""

from __future__ import annotations

from pathlib import Path

import pytest

from teisen.case import Case, derive, derive_past, ingest, ingest_all, stored, verify, withdraw
from teisen.errors import BadInput
from tests.case import small

FILES = '    files: ["news'


@pytest.fixture
def whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    """The small case, whose news comes as exports of everything."""
    monkeypatch.setattr(small, "CASE", small.CASE.replace(FILES, f"    each_file: replaces\n{FILES}"))
    assert "each_file: replaces" in small.CASE
    return Case.create(tmp_path / "whole", small.template(tmp_path / "template"))


def news(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_corrected_export_takes_the_place_of_the_one_before_and_rows_count_once(whole: Case, tmp_path: Path) -> None:
    ingest(whole, "regions", [tmp_path / "template" / "regions.geojson"])
    head, kept, *rest = small.NEWS.splitlines(keepends=True)
    old = news(tmp_path, "export-1.csv", head + kept + "".join(rest))
    new = news(tmp_path, "export-2.csv", head + "".join(rest) + "".join(small.MORE_NEWS.splitlines(keepends=True)[1:]))
    (first,) = ingest(whole, "news", [old]).files
    assert first.replaces == ""
    assert [one.replaces for one in ingest(whole, "news", [new]).files] == ["export-1.csv"]
    assert [one.name for one in whole.received() if one.source_id == "news"] == ["export-2.csv"]
    derive(whole)
    verify(whole)
    now = stored.read_tables(whole.derived)["observation"]
    derive_past(whole, tmp_path / "then", size=len(whole.ledger) - 1)
    then = stored.read_tables(tmp_path / "then")["observation"]
    assert set(then["blob"]) == {first.blob}  # the state of then has the export of then
    assert set(now["blob"]) == {one.blob for one in whole.received() if one.source_id == "news"} != {first.blob}
    assert [one.replaces for one in ingest(whole, "news", [old]).files] == [
        ""
    ]  # it is there already, and stays replaced
    assert [one.name for one in whole.received() if one.source_id == "news"] == ["export-2.csv"]
    withdraw(whole, "news", ["export-2.csv"], "the wrong form")
    assert [one.name for one in whole.received() if one.source_id == "news"] == ["export-1.csv"]


def test_of_several_exports_that_come_together_the_last_by_name_counts(whole: Case, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for n in (3, 1, 2):
        news(data, f"news-{n}.csv", small.NEWS + "\n" * n)
    for name in ("claims.csv",):
        news(data, name, (small.data(tmp_path / "more") / name).read_text(encoding="utf-8"))
    ingest_all(whole, data)
    assert [one.name for one in whole.received() if one.source_id == "news"] == ["news-3.csv"]


def test_a_source_that_people_fill_one_by_one_replaces_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = small.CASE.replace(FILES, f"    each_file: replaces\n{FILES}")
    monkeypatch.setattr(small, "CASE", case + "intake: {reports: [news]}\n")
    with pytest.raises(BadInput, match="people fill 'news' one by one"):
        Case.create(tmp_path / "whole", small.template(tmp_path / "template"))
