from __future__ import annotations

from typing import Any

import pytest

from teisen.errors import BadInput
from teisen.sources import Ground, Intake
from teisen.sources.readers.background import READER
from tests.builders import source
from tests.sources.damage import reasons, take

HEAD = "LATITUDE,LONGITUDE,ACQ_DATE\n"


def read(content: str, **options: Any) -> Intake:
    return take(READER, source("fires", "background", options=options), content, Ground())


def test_sightings_of_a_cell_and_day_count_once() -> None:
    same_day = "50.01,30.01,2016-01-03\n50.02,30.04,2016-01-03\n50.02,30.04,2016-01-10\n"
    other = "50.01,30.01,2016-01-11\n50.01,-0.01,2016-12-31\n"
    rows = read(HEAD + same_day + other).table("background")
    assert rows.select("x", "y", "year", "season", "days", "row").rows() == [
        (600, 1000, 2016, 0, 2, 1),
        (600, 1000, 2016, 1, 1, 4),
        (-1, 1000, 2016, 35, 1, 5),
    ]
    assert set(rows["kind"]) == {"fire"}


def test_other_columns_kinds_and_zones() -> None:
    rows = read("y,x,d\n50.01,30.01,2016-03-31\n", lat="y", lon="x", day="d", kind="explosion", zone="Asia/Tokyo")
    assert rows.table("background").select("kind", "season").row(0) == ("explosion", 9)


def test_rows_that_hold_no_place_or_day_are_set_aside() -> None:
    rows = read(HEAD + "95,30,2016-01-01\n50,30,2016-02-30\n50,30,2016-02-28\n")
    assert {row: column for row, (column, _) in reasons(rows).items()} == {1: "LATITUDE", 2: "ACQ_DATE"}
    assert rows.table("background").height == 1


def test_what_is_wrong_is_said() -> None:
    with pytest.raises(BadInput, match="no kind 'bonfire'"):
        read(HEAD, kind="bonfire")
    with pytest.raises(BadInput, match="ACQ_DATE"):
        read("LATITUDE,LONGITUDE\n50,30\n")
