"""What an error in a source's figures does to what it sees: little where it hears nearly all, wherever it listens."""

from __future__ import annotations

import polars as pl
import pytest

from teisen.compliance.schema import DETECTION
from teisen.compliance.swing import figures, swings
from teisen.compliance.watched import DETECTION_ERROR, REACH_ERROR, loads, looks
from teisen.compliance.whereabouts import spots
from teisen.sources import Source
from teisen.sources.profiles import load_profile
from tests.compliance.test_whereabouts import AREAS, CELLS, POST, at

POSTS = {"posts": Source("posts", "reports", load_profile("acoustic-posts"))}


def test_a_kind_that_is_nearly_always_heard_swings_little() -> None:
    told = figures(POSTS, None)
    loud, faint = (swings(told, {kind: 1.0})["swing"][0] for kind in ("shelling", "small-arms-fire"))
    assert loud == pytest.approx(1 - 0.9)
    assert faint == pytest.approx(1 - 0.3)
    mixed = swings(told, {"shelling": 0.5, "small-arms-fire": 0.5})["swing"][0]
    assert mixed == pytest.approx((0.9 * 0.1 + 0.3 * 0.7) / (0.9 + 0.3), abs=1e-6)


def test_what_was_measured_stands_in_place_of_what_is_declared() -> None:
    row = {
        "source_id": "posts", "feature": "kind", "value": "shelling", "known": 50.0, "seen": 20.0, "declared": 0.9,
        "estimate": 0.45, "low": 0.4, "high": 0.5, "factor": 0.5, "basis": "measured",
    }  # fmt: skip
    told = figures(POSTS, pl.DataFrame([row], schema=DETECTION.schema))
    assert swings(told, {"shelling": 1.0})["swing"][0] == pytest.approx(1 - 0.45)


def test_a_small_opportunity_makes_figures_no_less_sure() -> None:
    """An hour a day of a post that hears nine in ten: what it sees can hardly be more, and not be half as much."""
    happened = at(30.25, 50.1)
    asked = spots(happened.select("incident_id", "area_id", n=pl.lit(9.0)), happened, AREAS.filter(level="region"))
    brief = POST.with_columns(end=pl.col("start") + pl.duration(hours=1), p_detect=pl.lit(0.9))
    stated, unstated = (
        loads(looks(CELLS, brief, AREAS, sources, asked), {"shelling": 1.0})["load"][0] for sources in (POSTS, None)
    )
    error = DETECTION_ERROR[brief["basis"][0]]
    assert stated == pytest.approx(((error * 0.1) ** 2 + REACH_ERROR**2) ** 0.5, abs=0.01)
    assert unstated > 2 * stated
