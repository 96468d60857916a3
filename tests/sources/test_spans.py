from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from teisen.sources.spans import common, daily, without

START = datetime(2025, 3, 29, tzinfo=UTC)
spans = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 40), st.integers(1, 15)), max_size=6)


def frame(rows: list[tuple[str, int, int]]) -> pl.DataFrame:
    made = [(who, START + timedelta(hours=h), START + timedelta(hours=h + n)) for who, h, n in rows]
    schema = {"who": pl.String, "start": pl.Datetime("us", "UTC"), "end": pl.Datetime("us", "UTC")}
    return pl.DataFrame(made, schema=schema, orient="row")


def hours(rows: pl.DataFrame, who: str) -> list[int]:
    """Hours of ``who`` that the rows cover, each as often as it is covered."""
    out = []
    for _, a, b in rows.filter(who=who).iter_rows():
        first, last = ((t - START) // timedelta(hours=1) for t in (a, b))
        out += range(first, last)
    return sorted(out)


@given(spans, spans)
def test_a_row_is_its_common_part_and_the_rest(
    rows: list[tuple[str, int, int]], cuts: list[tuple[str, int, int]]
) -> None:
    watch, cut = frame(rows), frame(cuts)
    left, met = without(watch, cut, by=["who"]), common(watch, cut, by=["who"])
    for who in "ab":
        gone = set(hours(cut, who))
        assert hours(left, who) == [h for h in hours(watch, who) if h not in gone]
        assert hours(met, who) == [h for h in hours(watch, who) if h in gone]


def test_hours_of_a_zone_follow_its_clock_change() -> None:
    days = frame([("a", 0, 48)])
    found = daily(days, time(0), time(5), "Europe/Kyiv").filter(pl.col("end") > START)
    said = [(f"{a:%d %H}", f"{b:%d %H}") for a, b in found.iter_rows()]
    assert said[:3] == [("28 22", "29 03"), ("29 22", "30 02"), ("30 21", "31 02")]
