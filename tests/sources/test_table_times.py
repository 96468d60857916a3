"""Times of mapped tables: what clocks show twice or never, forms of files, a date and an hour apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl

from teisen.sources.readers.table import READER
from tests.builders import SCOPE, source_file
from tests.sources.places import ground
from tests.sources.test_table import HEAD, MAPPING, ROW, read, table


def test_a_time_that_the_clock_shows_twice_is_either() -> None:
    """On 26 October 2025 clocks of Kyiv went back from 04:00 to 03:00."""
    rows = "a,2025-10-26 03:30,34.8,50.9,boom\nb,2025-10-26 04:30,34.8,50.9,boom\nc,2025-10-26,34.8,50.9,boom\n"
    scope = replace(SCOPE, end=datetime(2025, 11, 1, tzinfo=UTC))
    file = source_file((HEAD + rows).encode(), "file.csv")
    seen = READER.read(file, table(MAPPING), ground(), scope).table("observation").sort("native_id")
    minutes = seen.select((pl.col("end") - pl.col("start")).dt.total_minutes()).to_series().to_list()
    assert minutes == [60, 0, 25 * 60]
    assert seen["flags"].to_list() == [[], [], ["date_only"]]


def test_a_time_is_shown_in_the_form_of_the_file() -> None:
    seen = read(HEAD + ROW.replace("2025-04-13 10:15", "13 April"), MAPPING + 'times: ["%d.%m.%Y %H:%M"]\n')
    assert seen.table("set_aside")["do"].item().startswith("Write it as 19.04.2025 21:14, or")
    assert read(HEAD + ROW.replace("10:15", "10h")).table("set_aside")["do"].item().startswith(
        "Write it as 2025-04-19T21:14:00, or"
    )  # fmt: skip


def test_a_day_whose_midnight_the_clock_skips_begins_with_its_first_moment() -> None:
    """On 30 March 2025 clocks of Beirut went from 00:00 to 01:00."""
    rows = "".join(f"{day},2025-03-{day},34.8,50.9,boom\n" for day in (29, 30, 31))
    scope = replace(SCOPE, start=datetime(2025, 3, 1, tzinfo=UTC))
    said = table(MAPPING.replace("Europe/Kyiv", "Asia/Beirut"))
    seen = READER.read(source_file((HEAD + rows).encode(), "file.csv"), said, ground(), scope)
    days = seen.table("observation").sort("native_id").select("start", "end").rows()
    assert [end - start for start, end in days] == [timedelta(hours=h) for h in (24, 23, 24)]
    assert days[0][1] == days[1][0] == datetime(2025, 3, 29, 22, tzinfo=UTC)


def test_a_date_and_a_time_of_day_in_two_columns_are_one_time() -> None:
    mapping = MAPPING.replace("start: when", "start: {columns: [Date, Time], empty: [N/K]}")
    assert mapping != MAPPING
    head = "id,Date,Time,x,y,what,n\n"
    content = (
        head + "1,2025-04-13,10:15,34.8,50.9,boom,1\n2,2025-04-13,N/K,34.8,50.9,boom,1\n3,,10:15,34.8,50.9,boom,1\n"
    )
    seen = read(content, mapping)
    hour, day = seen.table("observation").sort("end").to_dicts()
    assert (hour["start"], hour["flags"]) == (datetime(2025, 4, 13, 7, 15, tzinfo=UTC), [])
    assert (day["start"], day["flags"]) == (datetime(2025, 4, 12, 21, tzinfo=UTC), ["date_only"])
    (aside,) = seen.table("set_aside").to_dicts()
    assert (aside["row"], aside["column"], aside["what"]) == (3, "Date, Time", "'10:15' is no possible date or time")
