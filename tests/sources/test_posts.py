from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from teisen.errors import BadInput
from teisen.observation import EXPOSURE
from teisen.sources import Intake, Source
from teisen.sources.readers.posts import READER
from tests.builders import SCOPE, figure, source, source_file
from tests.sources.damage import reasons, take
from tests.sources.places import EAST, ground

HEAD = "post,lon,lat,from,to,hours,state,reason\n"
SEES = {
    "explosion": {"range_m": {"value": 6000, "basis": "assumed", "origin": "test"}},
    "small-arms-fire": {
        "range_m": {"value": 1500, "basis": "assumed", "origin": "test"},
        "falls": True,
        "p": {"value": 0.5, "basis": "measured", "origin": "test"},
    },
}
WIND = {"quantity": "wind_m_s", "above": 10, "factor": {"value": 0.5, "basis": "assumed", "origin": "test"}}


def posts(**options: Any) -> Source:
    return source("posts", "posts", options={"sees": SEES} | options, detection={"explosion": figure(0.8)})


def read(content: str, src: Source | None = None, *conditions: dict[str, object]) -> Intake:
    return take(READER, src or posts(), content, ground(*conditions))


def spans(rows: pl.DataFrame, kind: str = "explosion", state: str = "watched") -> list[tuple[str, str]]:
    some = rows.filter(kind=kind, state=state).sort("start")
    return [(f"{a:%d %H:%M}", f"{b:%d %H:%M}") for a, b in some.select("start", "end").iter_rows()]


def test_a_post_watches_its_circle_by_day_and_kind() -> None:
    rows = read(HEAD + "a,35.0,50.0,2025-04-10,2025-04-11,,,\n").table("exposure")
    assert spans(rows) == [("10 00:00", "11 00:00"), ("11 00:00", "12 00:00")]
    boom, shots = (rows.filter(kind=kind).row(0, named=True) for kind in SEES)
    assert (boom["lon"], boom["lat"], boom["radius_m"], boom["p_detect"]) == (35, 50, 6000, 0.8)
    assert (shots["radius_m"], shots["p_detect"], shots["basis"]) == (1500, 0.5, "measured")
    assert (boom["falls"], shots["falls"]) == (False, True)


def test_hours_are_local_and_go_past_midnight() -> None:
    src = posts(zone="Europe/Kyiv")
    rows = read(HEAD + "a,35.0,50.0,2025-04-10 00:00,2025-04-11 12:00,20:00-06:00,,\n", src).table("exposure")
    first = [("09 21:00", "10 00:00"), ("10 00:00", "10 03:00")]
    second = [("10 17:00", "11 00:00"), ("11 00:00", "11 03:00")]
    assert spans(rows) == first + second


def test_at_times_that_the_clock_shows_twice_no_more_is_watched_than_surely_was() -> None:
    """On 26 October 2025 clocks of Kyiv went back from 04:00 to 03:00, at 01:00 UTC."""
    scope = replace(SCOPE, end=datetime(2025, 11, 1, tzinfo=UTC))
    text = (
        HEAD
        + "a,35.0,50.0,2025-10-25 22:00,2025-10-26 03:30,,,\n"
        + "b,35.1,50.0,2025-10-26 03:30,2025-10-26 08:00,,,\n"
        + "c,35.2,50.0,2025-10-26 03:30,2025-10-26 03:30,,outage,power\n"
        + "d,35.3,50.0,2025-10-26 03:10,2025-10-26 03:50,,,\n"
        + "e,35.4,50.0,2025-10-26,2025-10-26,03:30-08:00,,\n"
        + "f,35.5,50.0,2025-10-26,2025-10-26,03:30-08:00,jammed,\n"
    )
    intake = READER.read(source_file(text, "posts.csv"), posts(zone="Europe/Kyiv"), ground(), scope)
    rows = intake.table("exposure").filter(kind="explosion")
    by = {post: rows.filter(lon=lon) for post, lon in zip("abcdef", (35.0, 35.1, 35.2, 35.3, 35.4, 35.5), strict=True)}
    assert spans(by["a"]) == [("25 19:00", "26 00:00"), ("26 00:00", "26 00:30")]
    assert spans(by["b"]) == spans(by["e"]) == [("26 01:30", "26 06:00")]
    assert spans(by["c"], state="outage") == [("26 00:30", "26 01:30")]
    assert spans(by["f"], state="jammed") == [("26 00:30", "26 06:00")]
    assert by["d"].is_empty()
    assert reasons(intake) == {4: ("from, to", "the clock shows these times twice, and which are meant is not told")}


def test_outages_and_refusals_are_cut_out_and_told() -> None:
    rows = read(
        HEAD
        + "a,35.0,50.0,2025-04-10,2025-04-10,,,\n"
        + "a,35.0,50.0,2025-04-10 06:00,2025-04-10 09:00,,outage,power\n"
        + "a,35.0,50.0,2025-04-10 08:00,2025-04-10 10:00,,refused,\n"
        + "b,35.5,50.0,2025-04-10 22:00,2025-04-11 02:00,,jammed,GPS\n"
    ).table("exposure")
    assert spans(rows) == [("10 00:00", "10 06:00"), ("10 10:00", "11 00:00")]
    assert spans(rows, state="outage") == [("10 06:00", "10 09:00")]
    assert spans(rows, state="refused") == [("10 08:00", "10 10:00")]
    assert spans(rows, state="jammed") == [("10 22:00", "11 00:00"), ("11 00:00", "11 02:00")]
    assert set(rows.filter(pl.col("state") != "watched")["p_detect"]) == {0.0}
    assert rows.filter(state="outage")["reason"].to_list() == ["power", "power"]


def test_weather_takes_from_the_chance_near_it_on_its_day() -> None:
    day = {"start": datetime(2025, 4, 10, tzinfo=UTC), "end": datetime(2025, 4, 11, tzinfo=UTC)}
    windy = day | {"quantity": "wind_m_s", "value": 14.0, "area_id": EAST}
    text = HEAD + "a,35.0,50.0,2025-04-10,2025-04-11,,,\nfar,25.0,44.0,2025-04-10,2025-04-10,,,\n"
    rows = read(text, posts(weather=[WIND]), windy).table("exposure").filter(kind="explosion").sort("lon", "start")
    assert rows["p_detect"].to_list() == [0.8, 0.4, 0.8]
    assert rows["reason"].to_list() == ["on watch", "on watch; wind_m_s 14.0", "on watch"]


def test_exposure_is_what_the_files_held_each_once() -> None:
    first = read(HEAD + "a,35.0,50.0,2025-04-10,2025-04-11,,,\n").table("exposure")
    seen = {"exposure": pl.concat([first, first])}
    assert EXPOSURE.hand_over(READER.expose(posts(), seen, ground(), SCOPE)).height == first.height == 4


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("a,35.0,150.0,2025-04-10,2025-04-10,,,\n", "lat"),
        ("a,35.0,50.0,2025-04-10,2025-04-09,,,\n", "to"),
        ("a,35.0,50.0,2025-04-10,2025-04-10,8 to 9,,\n", "hours"),
        ("a,35.0,50.0,2025-04-10,2025-04-10,,broken,\n", "state"),
        (",35.0,50.0,2025-04-10,2025-04-10,,,\n", "post"),
    ],
)
def test_what_cannot_be_read_is_set_aside(row: str, column: str) -> None:
    seen = read(HEAD + row)
    assert seen.table("exposure").height == 0
    assert reasons(seen)[1][0] == column


def test_a_kind_that_there_is_not_is_refused() -> None:
    with pytest.raises(BadInput, match="no kind"):
        read(HEAD, posts(sees={"bang": SEES["explosion"]}))
