"""Military date-time groups: the zone's letter, none, and those that say more than one time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.sources.damage import reasons
from tests.sources.test_table import HEAD, MAPPING, read


def starts(*cells: str, mapping: str = MAPPING) -> list[datetime]:
    rows = "".join(f"{n},{cell},34.8,50.9,boom\n" for n, cell in enumerate(cells))
    return read(HEAD + rows, mapping).table("observation").sort("native_id")["start"].to_list()


@pytest.mark.parametrize(
    ("cell", "hour"),
    [
        ("131215ZAPR25", 12),
        ("131215Z APR 25", 12),
        ("131215z Apr 2025", 12),
        ("131215 Z APR 25", 12),
        ("131215BAPR25", 10),
        ("131215CAPR25", 9),
        ("131215MAPR25", 0),
        ("131215NAPR25", 13),
        ("131215RAPR25", 17),
        ("131215APR25", 9),  # no letter: the clock of the mapping's zone, Kyiv's in summer
        ("131215 APR 25", 9),
    ],
)
def test_a_group_is_on_the_clock_of_its_letter(cell: str, hour: int) -> None:
    assert starts(cell) == [datetime(2025, 4, 13, hour, 15, tzinfo=UTC)]


def test_a_group_is_a_moment_and_no_day() -> None:
    seen = read(HEAD + "a,131215ZAPR25,34.8,50.9,boom\n").table("observation").row(0, named=True)
    assert seen["end"] == seen["start"]
    assert seen["flags"] == []


def test_letters_that_say_more_than_one_time_are_set_aside_with_what_to_write() -> None:
    rows = "".join(f"{n},1312{n}5{letter}APR25,34.8,50.9,boom\n" for n, letter in enumerate("JLK"))
    seen = read(HEAD + rows)
    assert reasons(seen) == {
        1: ("when", "'131205JAPR25' is in zone J: the local time of whoever wrote it"),
        2: ("when", "'131215LAPR25' is in zone L: UTC+11, or local time as many write it"),
    }
    assert set(seen.table("set_aside")["do"]) == {
        "Write the letter of the clock that it was read from (Z is UTC, B is UTC+2, C is UTC+3)."
    }
    assert seen.table("observation").height == 1


def test_l_is_read_where_both_that_it_says_are_one_time() -> None:
    assert starts("131215LAPR25", mapping=MAPPING.replace("Europe/Kyiv", "Asia/Magadan")) == [
        datetime(2025, 4, 13, 1, 15, tzinfo=UTC)
    ]


@pytest.mark.parametrize(
    "cell", ["131275ZAPR25", "321215ZAPR25", "131215ZAPR", "131215ZAPP25", "1215ZAPR25", "311215ZAPR25"]
)
def test_what_is_no_group_is_set_aside(cell: str) -> None:
    seen = read(HEAD + f"a,{cell},34.8,50.9,boom\n")
    assert reasons(seen) == {1: ("when", f"'{cell}' is no possible date or time")}


def test_a_mapping_with_forms_of_its_own_names_groups_too_and_messages_show_them() -> None:
    own = MAPPING + 'times: ["%d.%m.%Y %H:%M"]\n'
    assert set(reasons(read(HEAD + "a,131215ZAPR25,34.8,50.9,boom\n", own))) == {1}
    assert len(starts("131215ZAPR25", "13.04.2025 10:15", mapping=MAPPING + 'times: ["DTG", "%d.%m.%Y %H:%M"]\n')) == 2
    seen = read(HEAD + "a,noon,34.8,50.9,boom\n", MAPPING + 'times: ["DTG"]\n')
    assert seen.table("set_aside")["do"].item().startswith("Write it as 192114ZAPR25, or")


def test_a_group_without_a_letter_that_no_clock_shows_is_told() -> None:
    seen = read(HEAD + "a,300330MAR25,34.8,50.9,boom\n")
    assert "never showed" in reasons(seen)[1][1]
