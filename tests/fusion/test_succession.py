"""What became of incidents: ids survive new data, and a table says where they do not."""

from __future__ import annotations

from typing import Any

import polars as pl

from teisen.fusion import EVIDENCE, SUCCESSION, fuse, succession_table
from teisen.observation import EXPOSURE
from tests.fusion.worlds import GROUND, SOURCES, at, observations, seen


def evidence(**members: str) -> pl.DataFrame:
    """Members of incidents, a letter an observation."""
    rows = [(i, o) for i, text in members.items() for o in text]
    names = {"incident_id": [i for i, _ in rows], "observation_id": [o for _, o in rows]}
    fixed = {"source_id": pl.lit("s"), "relation": pl.lit("member"), "log_ratio": pl.lit(0.0), "reason": pl.lit("")}
    return EVIDENCE.fill(pl.DataFrame(names, schema=dict.fromkeys(names, pl.String)).with_columns(**fixed))


def test_merges_splits_renames_births_and_deaths_are_told() -> None:
    before = evidence(a="123", b="45", c="6789", d="xy", e="z")
    after = evidence(a="12345", c="678", c2="9", d2="xy", f="q")
    table = SUCCESSION.check(succession_table(before, after))
    told = {(b, a): (n, what) for b, a, n, what in table.iter_rows()}
    assert told == {
        ("a", "a"): (3, "goes_on"), ("b", "a"): (2, "merged"), ("c", "c"): (3, "goes_on"), ("c", "c2"): (1, "split"),
        ("d", "d2"): (2, "renamed"), ("e", None): (0, "gone"), (None, "f"): (0, "new"),
    }  # fmt: skip


def test_a_more_precise_report_that_comes_later_leaves_the_id() -> None:
    def told(*more: dict[str, Any]) -> set[str]:
        far = [seen(f"news:far{n}", 40.0 + n, 45.0, start=at(24 * n), end=at(24 * n + 24)) for n in range(6)]
        rows = [seen("news:1", reported=at(30)), *more, *far]
        fused = fuse(observations(*rows), EXPOSURE.empty(), GROUND, SOURCES)
        return set(fused.evidence.filter(observation_id="news:1")["incident_id"])

    fire = seen("fires:0", 30.505, 50.503, kind="fire", start=at(10), end=at(10), reported=at(40))
    assert told() == told(fire)
    assert told() != told(fire | {"reported": at(12)})
