from __future__ import annotations

import gzip
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teisen.errors import BadInput
from teisen.sources.rows import Rows, ids, read_csv, unpack
from tests.builders import SCOPE, source, source_file

HEAD = "when,lon,lat,what\n"
GOOD = "2025-04-01,34.8,50.9,fire\n"


def read(content: bytes | str) -> Rows:
    return read_csv(source_file(content), source(), ["when", "lon", "lat", "what"])


def reasons(rows: Rows) -> dict[int, str]:
    return dict(rows.set_aside_table().select("row", "what").iter_rows())


def test_rows_are_numbered_as_they_stand_and_ragged_ones_set_aside() -> None:
    rows = read(HEAD + GOOD + "2025-04-02,34.8,50.9\n" + '"2025-04-03","34.8","50.9","two\nlines"\n')
    assert rows.frame.select("row", "what").rows() == [(1, "fire"), (3, "two\nlines")]
    assert reasons(rows) == {2: "it has 3 fields, not 4"}


def test_a_gzip_that_breaks_off_keeps_the_rows_before_the_break() -> None:
    lines = "".join(f"2025-04-01,34.{n},50.9,w{n * 7919 % 1000}\n" for n in range(5000))
    whole = gzip.compress((HEAD + lines).encode(), mtime=0)
    rows = read(whole[: len(whole) // 2])
    assert 0 < rows.frame.height < 5000
    assert reasons(rows) == {0: "the compressed file breaks off before its end"}


def test_a_gzip_of_several_members_is_read_whole() -> None:
    parts = [HEAD, GOOD, GOOD.replace("34.8", "34.9")]
    whole = b"".join(gzip.compress(part.encode(), mtime=0) for part in parts)
    assert unpack(source_file(whole)) == ("".join(parts).encode(), None)
    assert unpack(source_file(whole + b"\0" * 9)) == ("".join(parts).encode(), None), "padding is passed over"
    content, damage = unpack(source_file(whole[:-4]))
    assert (content, damage) == ("".join(parts).encode(), "the compressed file breaks off before its end")
    content, damage = unpack(source_file(gzip.compress(HEAD.encode()) + b"\x1f\x8b\x08\x00broken, it is" * 9))
    assert content == HEAD.encode()
    assert damage
    assert "damaged" in damage


def test_a_file_that_breaks_off_within_a_quoted_field_keeps_the_rows_before_it() -> None:
    rows = read(HEAD + GOOD + '2025-04-02,34.8,50.9,"a long te')
    assert rows.frame["row"].to_list() == [1]
    assert reasons(rows) == {2: "the file breaks off within this row: a quote is not closed"}


def test_bytes_of_another_encoding_set_the_row_aside() -> None:
    rows = read((HEAD + GOOD).encode() + "2025-04-01,34.8,50.9,пожар\n".encode("cp1251"))
    assert rows.frame["row"].to_list() == [1]
    assert reasons(rows) == {2: "it holds bytes that are not UTF-8"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        ((HEAD + GOOD).encode("utf-16"), "UTF-16"),
        ((HEAD + GOOD).encode("utf-16-le"), "UTF-16"),
        ((HEAD + GOOD).encode("utf-16-be"), "UTF-16"),
        (",".join(f"c{n}" for n in range(60_000)).encode(), "c28, c29 and 59970 more"),
        ("when,lon,lat\n2025-04-01,1,2\n", "the heading lacks what"),
        (b"\x89PNG\x00\x01,b,c,d\n", "no text file"),
    ],
)
def test_a_file_that_is_none_is_refused_with_one_message(content: bytes | str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(content)
    assert said in str(caught.value)
    assert "file.csv" in str(caught.value)


def test_a_heading_that_is_asked_for_and_stands_twice_is_refused_and_others_are_not() -> None:
    with pytest.raises(BadInput, match=r"line 1, what: the heading names what twice"):
        read("when,lon,lat,what,what\n2025-04-01,34.8,50.9,fire,boom\n")
    assert read("when,lon,lat,what,,\n2025-04-01,34.8,50.9,fire,,\n").frame.height == 1


@pytest.mark.parametrize("sign", [";", "\t"])
def test_another_delimiter_is_named(sign: str) -> None:
    with pytest.raises(BadInput, match=r"seem to be separated by .*: write `delimiter: "):
        read((HEAD + GOOD).replace(",", sign))


def test_a_workbook_is_told_from_a_table() -> None:
    with pytest.raises(BadInput, match="it is a workbook or an archive"):
        read(b"PK\x03\x04" + bytes(60))


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("teisen.sources.rows.LARGEST_FILE", 1000)
    with pytest.raises(BadInput, match="unpacks to more"):
        unpack(source_file(gzip.compress(b"0" * 10_000)))


def test_impossible_numbers_and_times_are_set_aside_with_the_column() -> None:
    rows = read(HEAD + GOOD + "2025-13-01,1,2,x\n0025-01-01,1,2,x\n2025-04-01,nan,2,x\n2025-04-01,,2,x\n")
    rows.number("lon", -180, 180)
    rows.time("when", ["%Y-%m-%d"], "Europe/Kyiv", into="start")
    assert rows.frame.select("row", "lon", "start").rows() == [(1, 34.8, datetime(2025, 3, 31, 21, tzinfo=UTC))]
    assert set(rows.set_aside_table().select("row", "column").rows()) == {
        (2, "when"),
        (3, "when"),
        (4, "lon"),
        (5, "lon"),
    }


def test_a_skipped_hour_is_set_aside_and_an_ambiguous_one_is_the_earlier() -> None:
    rows = read(HEAD + "2025-03-30 03:30,1,2,x\n2025-10-26 03:30,1,2,x\n")
    rows.time("when", ["%Y-%m-%d %H:%M"], "Europe/Kyiv", into="start")
    assert rows.frame["start"].to_list() == [datetime(2025, 10, 26, 0, 30, tzinfo=UTC)]
    assert reasons(rows) == {
        1: "'2025-03-30 03:30' is a time that the clock of Europe/Kyiv never showed: it was put forward over it"
    }


def test_rows_that_stand_twice_are_counted_once() -> None:
    rows = read(HEAD + GOOD * 10)
    rows.once()
    assert rows.frame["row"].to_list() == [1]
    assert reasons(rows) == dict.fromkeys(range(2, 11), "the same row stands at row 1 already")


def test_exchanged_columns_are_noticed_and_places_elsewhere_are_left_out() -> None:
    swapped = HEAD + "2025-04-01,50.9,34.8,x\n" * 1 + "2025-04-02,50.1,36.2,x\n2025-04-03,2.3,48.8,x\n"
    rows = read(swapped)
    for column in ("lon", "lat"):
        rows.number(column, -180, 180)
    rows.time("when", ["%Y-%m-%d"], "UTC", into="start")
    assert rows.in_scope(SCOPE, start="start", end="start", lon="lon", lat="lat") == 1
    assert "exchanged" in reasons(rows)[1]
    assert rows.frame.is_empty()


@given(st.lists(st.text(alphabet='ab,\n" x1', max_size=12), max_size=8))
def test_no_row_is_lost(cells: list[str]) -> None:
    quoted = "".join('2025-04-01,1,2,"' + c.replace('"', '""') + '"\n' for c in cells)
    rows = read(HEAD + quoted)
    rows.once()
    assert rows.frame.height + rows.set_aside_table().height == len(cells)


def test_ids_depend_on_what_was_reported_alone() -> None:
    frame = pl.DataFrame({"a": ["x", "x", "y"], "b": [1.0, 1.0, None], "row": [1, 2, 3]})
    one, two, three = ids(frame, "s", ["a", "b"])
    assert one == two != three
    assert one.startswith("s:")
    assert len(one) == 18
