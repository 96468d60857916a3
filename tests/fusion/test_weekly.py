"""What keeps to the working week at one spot is taken for work; what does not, or is little, stays as it was."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from teisen.fusion import fuse, fuse_again, fuse_in_parts
from teisen.fusion.habits import habit_table
from teisen.fusion.reports import reports
from teisen.fusion.weekly import against_weekly, weekly_of
from teisen.observation import EXPOSURE
from teisen.sources import Ground
from tests.builders import figure, source
from tests.fusion.worlds import DAY, observations, seen

MONDAY = DAY + timedelta(days=1)
SOURCES = {"ears": source("ears", group="ears", place_error_m=figure(800), false_share=figure(0.1))}
QUARRY, FRONT = (30.5, 50.5), (30.9, 50.5)


def heard(name: str, day: int, hour: float, place: tuple[float, float], **changes: Any) -> dict[str, Any]:
    """A blast so many days after a Monday, by the sun."""
    when = MONDAY + timedelta(days=day, hours=hour - place[0] / 15)
    return seen(f"ears:{name}", *place, kind="explosion", start=when, end=when, **changes)


def everywhere(days: int = 42) -> list[dict[str, Any]]:
    """What is heard along a front, at any hour of any day."""
    return [heard(f"f{day}-{n}", day, (day * 7 + n * 5) % 24, (30.9 + n * 0.2, 50.5))
            for day in range(days) for n in range(4)]  # fmt: skip


def blasts(days: int, rest: tuple[int, int] = (5, 6), hour: float = 10, place: Any = QUARRY) -> list[dict[str, Any]]:
    return [heard(f"q{place[1]}-{day}", day, hour + day % 5, place) for day in range(days) if day % 7 not in rest]


def share_true(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """P(of the conflict) of each report, and why."""
    table = observations(*rows)
    judged = against_weekly(reports(table, SOURCES), weekly_of(table.lazy(), SOURCES), SOURCES)
    return judged.frame.select("observation_id").with_columns(judged.credit, p=1 / (1 + np.exp(-judged.base)))


def of(table: pl.DataFrame, start: str) -> pl.Series:
    return table.filter(pl.col("observation_id").str.starts_with(f"ears:{start}"))["p"]


@pytest.mark.parametrize("place", [QUARRY, (30.5, -50.5)])
@pytest.mark.parametrize("rest", [(5, 6), (4, 5)])
def test_blasts_on_working_days_are_taken_for_work_whichever_they_are(
    rest: tuple[int, int], place: tuple[float, float]
) -> None:
    table = share_true(everywhere() + blasts(42, rest, place=place))
    assert of(table, "q").max() < 0.3  # type: ignore[operator]
    assert np.allclose(of(table, "f"), 0.9)
    assert table.filter(pl.col("p") < 0.8)["credit"].str.contains("is work").all()


def test_few_days_tell_nothing() -> None:
    assert np.allclose(share_true(everywhere() + blasts(5))["p"], 0.9)


def test_one_long_day_is_one_day() -> None:
    barrage = [heard(f"b{n}", 2, 9 + n / 10, QUARRY) for n in range(60)]
    assert np.allclose(share_true(everywhere() + barrage)["p"], 0.9)


def test_what_goes_on_at_weekends_is_no_work() -> None:
    assert np.allclose(share_true(everywhere() + blasts(42, rest=(7, 7)))["p"], 0.9)


def test_a_shot_at_night_at_a_quarry_stays_as_it_was() -> None:
    table = share_true([*everywhere(), *blasts(42), heard("night", 8, 23, QUARRY), heard("sunday", 13, 11, QUARRY)])
    assert of(table, "q").max() < 0.3  # type: ignore[operator]
    assert np.allclose([*of(table, "night"), *of(table, "sunday")], 0.9)


def test_a_source_that_rests_itself_tells_nothing_of_places() -> None:
    rows = [row for n in range(30) for row in blasts(42, place=(30.5, 40 + n / 4))]
    assert np.allclose(share_true(rows)["p"], 0.9)


def test_reports_of_a_day_have_no_hours() -> None:
    rows = [row | {"end": row["start"] + timedelta(hours=24)} for row in blasts(42)]
    assert np.allclose(share_true(rows)["p"], 0.9)


def test_order_parts_and_what_was_fused_before_make_no_difference() -> None:
    rows = everywhere() + blasts(42)
    table, nothing = observations(*rows), EXPOSURE.empty()
    whole = fuse(table, nothing, Ground(), SOURCES)
    assert habit_table(whole.habits).filter(habit="work").height == 1
    turned = fuse(table.reverse(), nothing, Ground(), SOURCES)
    before = fuse(table.filter(pl.col("start") < MONDAY + timedelta(days=30)), nothing, Ground(), SOURCES)
    again = fuse_again(before, table, nothing, Ground(), SOURCES)
    parts = list(fuse_in_parts(table.lazy(), nothing.lazy(), Ground(), SOURCES, at_once=50))
    assert len(parts) > 2
    for name in ("incidents", "evidence"):
        assert_frame_equal(getattr(turned, name), getattr(whole, name))
        assert_frame_equal(getattr(again, name), getattr(whole, name))
        key = getattr(whole, name).columns[:1] + (
            ["relation", "source_id", "observation_id"] if name == "evidence" else []
        )
        assert_frame_equal(pl.concat(getattr(part, name) for part in parts).sort(key), getattr(whole, name).sort(key))
