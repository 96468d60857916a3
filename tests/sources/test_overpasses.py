from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.sources.overpasses import LOOKS, Pass, p_overpass, scheduled, seen_by_day, weighed, within
from teisen.sources.readers.firms import facts

START = datetime(2025, 1, 1, tzinfo=UTC)


def days(n: int) -> pl.DataFrame:
    starts = [START + timedelta(days=k) for k in range(n)]
    return pl.DataFrame({"start": starts, "end": [s + timedelta(days=1) for s in starts]}).cast(
        pl.Datetime("us", "UTC")
    )


def looks(*rows: tuple[str, float, float, float]) -> pl.DataFrame:
    """Looks from area, first and last hour after START, weight."""
    made = [(a, START + timedelta(hours=b), START + timedelta(hours=e), w) for a, b, e, w in rows]
    return pl.DataFrame(made, schema=LOOKS, orient="row")


@pytest.mark.parametrize(("cloud", "expected"), [(0.88, 0.04), (0.59, 0.14), (0.26, 0.26), (0.81, 0.07)])
@pytest.mark.parametrize("lon", [-179.0, 0.0, 35.0])
def test_the_worked_example_of_a_fire_of_three_hours(cloud: float, expected: float, lon: float) -> None:
    """January, April, August and November over Ukraine in 2015: (3 + 1.2) / 12 of a clear day."""
    places = pl.DataFrame({"area_id": ["a"], "lon": [lon]})
    usual = scheduled(places, days(3), facts().passes["viirs"])
    seen = seen_by_day(usual, places["area_id"], days(3), 3.0)
    assert [round(p * (1 - cloud), 2) for p in seen["overpass"]] == [expected] * 3


@given(
    st.lists(st.tuples(st.floats(0, 23.9), st.floats(0, 3)), min_size=1, max_size=5),
    st.floats(0.1, 20),
    st.floats(-180, 180),
)
@settings(max_examples=50)
def test_a_schedule_by_days_is_the_union_around_the_clock(
    clusters: list[tuple[float, float]], hours: float, lon: float
) -> None:
    known = [Pass(hour=hour, width_h=width) for hour, width in clusters]
    places = pl.DataFrame({"area_id": ["a"], "lon": [lon]})
    seen = seen_by_day(scheduled(places, days(3), known), places["area_id"], days(3), hours)
    assert seen["overpass"].to_list() == pytest.approx([p_overpass(known, hours)] * 3, abs=2e-6)


moments = st.lists(st.tuples(st.sampled_from("ab"), st.floats(-20, 60), st.floats(0, 1)), max_size=12)


@given(moments, st.floats(0.5, 12))
@settings(max_examples=50, deadline=None)
def test_it_is_the_mean_over_the_starts_of_the_day(passes: list[tuple[str, float, float]], hours: float) -> None:
    seen = seen_by_day(looks(*[(a, t, t, w) for a, t, w in passes]), pl.Series(["a", "b"]), days(2), hours)
    starts = (np.arange(4 * 1440) + 0.5) / 240  # of a fire, every quarter of a minute over the first day
    for area in "ab":
        missed = np.ones(len(starts))
        for _, t, w in [one for one in passes if one[0] == area]:
            missed *= np.where((starts <= t) & (t <= starts + hours), 1 - w, 1)
        got = seen.filter(area_id=area)["overpass"][0]
        assert got == pytest.approx((1 - missed).mean(), abs=2e-3)


def test_a_pass_after_midnight_counts_for_the_evening_before_and_only_where_it_is() -> None:
    seen = seen_by_day(looks(("a", 25, 25, 1.0)), pl.Series(["a", "b"]), days(2), 3.0)
    assert seen["overpass"].to_list() == pytest.approx([2 / 24, 1 / 24, 0, 0], abs=1e-6)
    assert seen["looks"].to_list() == [0, 1, 0, 0]


def test_the_edge_of_the_swath_sees_less() -> None:
    passes = pl.DataFrame({"area_id": ["a"] * 3, "time": [START] * 3, "off_track_m": [0.0, 500_000.0, 2_000_000.0]})
    assert weighed(passes, [(0, 1.0), (1000, 0.5)])["weight"].to_list() == [1.0, 0.75, 0.5]


def test_looks_outside_what_files_hold_see_nothing() -> None:
    runs = pl.DataFrame(
        {
            "start": [START, START + timedelta(hours=10)],
            "end": [START + timedelta(hours=5), START + timedelta(hours=20)],
        }
    )
    known = within(looks(*[("a", h, h, 1.0) for h in (-1, 1, 6, 11, 20)]), runs.cast(pl.Datetime("us", "UTC")))
    assert known["start"].to_list() == [START + timedelta(hours=1), START + timedelta(hours=11)]
