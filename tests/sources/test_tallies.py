from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from teisen.errors import BadInput
from teisen.observation import EXPOSURE
from teisen.sources import Intake, Source
from teisen.sources.profiles import load_profile
from teisen.sources.readers.tallies import READER
from tests.builders import SCOPE, figure, source, source_file
from tests.sources.damage import reasons, survives_rough_handling, take
from tests.sources.places import EAST, ground

HEAD = "time_start,time_end,model,target,launched,destroyed,not_reach_goal,launch_place,source\n"
ROW = "2025-04-12 20:30,2025-04-13 08:30,Kalibr,East oblast,55.0,43.0,12.0,,posts/1\n"


def tallies(**options: Any) -> Source:
    return source(
        "tallies",
        "tallies",
        role="supports",
        reported_by="party-b",
        about="party-a",
        detection={"missile-strike": figure(0.9)},
        options={"zone": "Europe/Kyiv"} | options,
    )


def read(content: str, **options: Any) -> Intake:
    return take(READER, tallies(**options), content, ground())


def one(row: str, **options: Any) -> dict[str, Any]:
    return read(HEAD + row, **options).table("observation").row(0, named=True)


def test_a_row_is_a_partys_statement_in_local_time() -> None:
    seen = one(ROW)
    assert (seen["start"], seen["end"]) == (
        datetime(2025, 4, 12, 17, 30, tzinfo=UTC),
        datetime(2025, 4, 13, 5, 30, tzinfo=UTC),
    )
    assert (seen["kind"], seen["count"], seen["count_unit"]) == ("missile-strike", 55, "launched")
    assert (seen["role"], seen["actor_stated"], seen["area_id"]) == ("supports", "party-a", EAST)
    assert seen["text"] == "Kalibr: launched 55, destroyed 43, did not reach the goal 12; target East oblast"
    assert seen["link"] == "https://www.facebook.com/posts/1"


def test_a_night_ends_with_the_later_of_two_times_that_the_clock_shows() -> None:
    """On 26 October 2025 clocks of Kyiv went back from 04:00 to 03:00, at 01:00 UTC."""
    scope = replace(SCOPE, end=datetime(2025, 11, 1, tzinfo=UTC))
    text = HEAD + ROW.replace("2025-04-12 20:30,2025-04-13 08:30", "2025-10-26 03:30,2025-10-26 03:30")
    seen = READER.read(source_file(text), tallies(), ground(), scope).table("observation").row(0, named=True)
    assert (seen["start"].hour, seen["start"].minute) == (0, 30)
    assert (seen["end"].hour, seen["end"].minute) == (1, 30)


def test_a_date_alone_is_a_local_day_also_when_the_clocks_change() -> None:
    seen = one(ROW.replace("2025-04-12 20:30,2025-04-13 08:30", "2025-03-30,2025-03-30"))
    assert seen["start"] == datetime(2025, 3, 29, 22, tzinfo=UTC)
    assert seen["end"] == datetime(2025, 3, 30, 21, tzinfo=UTC)


def test_a_town_has_a_place_and_its_error() -> None:
    seen = one(ROW.replace("East oblast", "Eastern City"))
    assert (seen["lon"], seen["lat"], seen["place_error_m"], seen["area_id"]) == (34.8, 50.9, 3000, EAST)


@pytest.mark.parametrize(
    ("target", "area", "flag"),
    [
        ("south", None, "whole_area"),
        ("", None, "whole_area"),
        ("Twice", None, "whole_area"),
        ("East oblast and West oblast", None, "several_places"),
        ('"East oblast, Some Raion"', EAST, "part_of_area"),
        ("East oblast (south)", EAST, "part_of_area"),
        ("Lviv oblast", "UA-46", None),
    ],
)
def test_where_a_place_is_not_told_none_is_made_up(target: str, area: str | None, flag: str | None) -> None:
    seen = one(ROW.replace("East oblast", target))
    assert (seen["lon"], seen["area_id"]) == (None, area)
    assert seen["flags"] == ([flag] if flag else [])
    assert (seen["place_name"] or "") == target.strip('"')


def test_models_are_data() -> None:
    both = one(ROW.replace("Kalibr", "Kalibr and Shahed-136/131"))
    assert both["kinds"] == [{"kind": "drone-strike", "p": 0.5}, {"kind": "missile-strike", "p": 0.5}]
    assert both["flags"] == ["several_models"]
    new = ROW.replace("Kalibr", "Newest 1")
    assert (one(new)["kind"], one(new)["flags"]) == ("other", ["unknown_model"])
    assert one(new, models={"Newest 1": "air-strike"})["kind"] == "air-strike"
    with pytest.raises(BadInput, match="no kinds"):
        one(new, models={"Newest 1": "bang"})


def test_rows_that_differ_in_where_from_alone_are_two_and_do_not_tell_it() -> None:
    seen = read(HEAD + ROW.replace("12.0,,", "12.0,Here,") + ROW.replace("12.0,,", "12.0,There,"))
    assert seen.table("observation").height == 2
    assert not seen.table("observation")["text"].str.contains("Here").any()


def test_damage() -> None:
    survives_rough_handling(READER, tallies(), HEAD, ROW, ground())


@pytest.mark.parametrize(
    ("was", "becomes", "column", "what"),
    [
        ("2025-04-12 20:30", "2025-04-31 20:30", "time_start", "no possible date or time"),
        ("2025-04-12 20:30", "1025-04-12 20:30", "time_start", "no possible date or time"),
        ("2025-04-12 20:30", "2025-03-30 03:30", "time_start", "the clock of Europe/Kyiv never showed"),
        ("2025-04-13 08:30", "2025-04-11 08:30", "time_end", "ends before it starts"),
        ("55.0,43.0", "43.0,55.0", "destroyed", "more were destroyed than launched"),
        ("55.0", "-5", "launched", "no number"),
        ("55.0", "many", "launched", "no number"),
        ("Kalibr", "", "model", "empty"),
    ],
)
def test_an_impossible_value_sets_its_row_aside(was: str, becomes: str, column: str, what: str) -> None:
    seen = read(HEAD + ROW + ROW.replace(was, becomes))
    assert seen.table("observation").height == 1
    assert reasons(seen)[2][0] == column
    assert what in reasons(seen)[2][1]


def test_another_file_and_a_missing_option_are_refused() -> None:
    with pytest.raises(BadInput, match="lacks time_start"):
        read("region,started_at\na,b\n")
    with pytest.raises(BadInput, match="zone"):
        READER.read(source_file(HEAD + ROW), source("tallies", "tallies"), ground(), SCOPE)


def test_a_day_without_a_row_is_watched_and_says_that_nothing_was_stated() -> None:
    seen = read(HEAD + ROW + ROW.replace("2025-04-12", "2025-04-20").replace("2025-04-13", "2025-04-21"))
    rows = EXPOSURE.hand_over(READER.expose(tallies(), seen.tables, ground(), SCOPE))
    rows = rows.filter(pl.col("area_id") == EAST).with_columns(pl.col("start").dt.date())
    by_day = {row["start"]: row for row in rows.to_dicts()}
    assert by_day[date(2025, 4, 13)]["reason"] == "the tallies speak about this day"
    quiet = by_day[date(2025, 4, 16)]
    assert (quiet["state"], quiet["p_detect"]) == ("watched", 0.9)
    assert quiet["reason"] == "the tallies state nothing about this day"
    assert (by_day[date(2025, 4, 30)]["state"], by_day[date(2025, 4, 30)]["p_detect"]) == ("no_data", 0)


def test_the_real_file(data: Path) -> None:
    content = (data / "uaf_missile_attacks" / "missile_attacks_daily.csv.gz").read_bytes()
    src = Source("tallies", "tallies", load_profile("launch-tallies"), options={"zone": "Europe/Kyiv"})
    seen = take(READER, src, content, ground())
    assert (seen.table("observation").height, seen.rows_set_aside, seen.out_of_scope) == (320, 0, 3450)
    day = pl.col("start").dt.convert_time_zone("Europe/Kyiv").dt.date()
    launched = seen.table("observation").group_by(day=day).agg(pl.col("count").sum())
    sums = dict(launched.iter_rows())
    assert [sums.get(date(2025, 4, d), 0) for d in range(17, 23)] == [45, 105, 0, 0, 161, 219]
    assert not seen.table("observation")["flags"].list.contains("unknown_model").any()
