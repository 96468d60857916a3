"""The worked example of docs/assessing.md runs, and shows what the page says."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from teisen.library import PACKAGE

PAGE = PACKAGE.parent.parent / "docs" / "assessing.md"


def test_the_example_runs_and_the_silent_source_is_found() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, PAGE.name, "exec"), names)  # noqa: S102  the page's own code
    assert names["silent"]["group"].unique().to_list() == ["news"]
    stopped = datetime(2025, 4, 22, tzinfo=UTC)
    assert abs(names["silent"]["start"].min() - stopped) <= timedelta(days=1)
    before = pl.col("start") < stopped
    early, late = (names["rate"].filter(when) for when in (before, ~before))
    assert late["expected"].mean() < 0.7 * early["expected"].mean()
    assert 0.6 < late["rate"].mean() / early["rate"].mean() < 1.6
    assert names["verdict"](names["of"]).height == names["rate"].height
