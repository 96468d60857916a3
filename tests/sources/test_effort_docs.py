"""The example files of docs/adding-a-source.md are read as the page says."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
import yaml

from teisen.sources.readers import reader
from tests.builders import figure, source
from tests.sources.damage import take
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
