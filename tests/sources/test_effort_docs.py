"""The example files of docs/adding-a-source.md are read as the page says."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
import yaml

from teisen.sources.readers import reader
from tests.builders import SCOPE, figure, source, source_file
from tests.sources.damage import reasons, take
from tests.sources.places import ground

PAGE = (Path(__file__).parents[2] / "docs" / "adding-a-source.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "states"), [("patrols", {"watched", "refused"}), ("watchers", {"watched", "outage", "jammed"})]
)
def test_the_example_is_read_whole(name: str, states: set[str]) -> None:
    after = PAGE[PAGE.index(f"`{name}.csv`") :]
    text, options = re.findall(r"```csv\n(.*?)```.*?```yaml\n(.*?)```", after, re.DOTALL)[0]
    entry = yaml.safe_load(options)[0]
    src = source(name, entry["reader"], options=entry["options"], detection={"explosion": figure(0.8)})
    seen = take(reader(entry["reader"]), src, text, ground())
    assert seen.rows_set_aside == 0
    rows = seen.table("exposure")
    assert set(rows["state"]) == states
    assert set(rows.filter(pl.col("state") != "watched")["p_detect"]) == {0.0}
    assert rows.filter(pl.col("state") == "watched")["p_detect"].min() == (0.5 if name == "patrols" else 0.8)


def test_the_logbook_is_read_as_the_page_says() -> None:
    after = PAGE[PAGE.index("`log.csv`") :]
    text, mapping = re.findall(r"```csv\n(.*?)```.*?```yaml\n(.*?)```", after, re.DOTALL)[0]
    exact = {"place_error_m": figure(0.0), "detection": {"explosion": figure(0.8)}}
    src = source("log", "table", options={"mapping": mapping}, **exact)
    scope = replace(SCOPE, start=datetime(2025, 4, 1, tzinfo=UTC), west=28.0, south=44.0)
    seen = reader("table").read(source_file(text, "log.csv"), src, ground(), scope)
    rows = seen.table("observation").sort("row")
    assert rows["row"].to_list() == [1, 2, 3, 4, 5]
    assert rows["start"].dt.hour().to_list() == [12, 12, 21, 4, 5]
    assert rows["lat"].to_list() == pytest.approx([46.208333, 46.208333, 46.2, 46.2083, 46.2083], abs=0.0001)
    assert rows["place_error_m"].to_list() == pytest.approx([53.5, 53.5, 535, 2.9, 0.3], rel=0.05)
    assert {row: what for row, (_, what) in reasons(seen).items()} == {
        6: "'060700JAPR25' is in zone J: the local time of whoever wrote it",
        7: "'46°72'N 030°44'E' is no position",
    }
