"""Places as people write them: degrees and minutes, MGRS, UTM, a map's grid, each with the error of its last digit."""

from __future__ import annotations

import math
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mgrs import MGRS
from pyproj import Transformer

from teisen.errors import BadInput
from teisen.geodesy import METRES_PER_DEGREE, distance_m
from teisen.sources.mapping import parse_mapping
from teisen.sources.readers.table import READER
from tests.builders import SCOPE, figure, source, source_file
from tests.sources.damage import reasons
from tests.sources.places import ground

WORLD = replace(SCOPE, west=-180.0, east=180.0, south=-90.0, north=90.0)
ONE_CELL = """\
format: teisen-table/1
fills: observation
fields: {start: when, position: where, kind: {constant: explosion}}
"""
TWO_CELLS = ONE_CELL.replace("position: where", "lat: where, lon: and")
GRID = ONE_CELL.replace("position: where", "easting: where, northing: and") + "grid: 32636\n"
EXACT = {"place_error_m": figure(0.0)}


def placed(cells: list[str], mapping: str = ONE_CELL, heading: str = "where", scope=WORLD, **changes: object):  # type: ignore[no-untyped-def]
    """What is read of cells, each a row of its own (the columns of two parted by a bar)."""
    text = f"when|{heading}\n" + "".join(f"2025-04-13 10:{n:02}|{cell}\n" for n, cell in enumerate(cells))
    given = mapping + "delimiter: '|'\n"
    profile = {"place_error_m": changes.pop("place_error_m", figure(0.0))}
    src = source("ships", "table", options={"mapping": given}, detection={"explosion": figure(0.3)}, **profile)
    seen = READER.read(source_file(text.encode(), "log.csv"), src, ground(), scope)
    return seen, seen.table("observation").sort("row")


HERE = (46 + 12.5 / 60, 30 + 44.2 / 60)


@pytest.mark.parametrize(
    ("cell", "lat", "lon"),
    [
        ("46°12.5'N 030°44.2'E", *HERE),
        ("46° 12.5′ N, 30° 44.2′ E", *HERE),
        ("N46-12.5 E030-44.2", *HERE),
        ("E030-44.2 N46-12.5", *HERE),
        ("46 12.5 N 030 44.2 E", *HERE),
        ("4612.5N 03044.2E", *HERE),
        ("46-12.5n/030-44.2e", *HERE),
        ("46 12 30 N 30 44 12 E", *HERE),
        ("461230N 0304412E", *HERE),
        ("46º12’30”N; 030º44’12”E", *HERE),
        ("46.5N 30.25W", 46.5, -30.25),
        ("46.5 S, 30 E", -46.5, 30),
    ],
)
def test_degrees_and_minutes_are_read_in_the_forms_that_sailors_write(cell: str, lat: float, lon: float) -> None:
    seen, rows = placed([cell])
    assert reasons(seen) == {}
    assert rows.select("lat", "lon").row(0) == pytest.approx((lat, lon), abs=1e-6)


@pytest.mark.parametrize(
    "cell",
    [
        "46 12.5 030 44.2",  # which is which?
        "46°72'N 030°44'E",
        "46°12'N 190°00'E",
        "46°12'N 030°44'N",
        "46.5°12'N 030°44'E",
        "-46°12'N 030°44'E",
        "36TWS 1234 567",
        "36TWS 12345 678",
        "36TWZ 1234 5678",
        "TWS 1234 5678",
        "36TWI 1234 5678",
        "36T 51234 512345",
        "61T 512345 5123456",
        "36C 512345 5123456",
        "off the port",
    ],
)
def test_what_is_no_position_is_set_aside_and_not_guessed(cell: str) -> None:
    seen, rows = placed([cell])
    assert rows.height == 0
    assert reasons(seen) == {1: ("where", f"'{cell}' is no position")}
    assert "36TWS 1234 5678" in seen.table("set_aside")["do"].item()


def test_a_cell_without_a_position_has_no_place() -> None:
    _, rows = placed([""])
    assert rows["lon"].to_list() == [None]
    assert rows["flags"].to_list() == [["no_place"]]
    assert rows["place_error_m"].to_list() == [None]


def test_two_columns_hold_degrees_and_minutes_or_bare_numbers() -> None:
    seen, rows = placed(
        ["46°12.5'N|030°44.2'E", "46 12 30|30 44 12", "46.25|-30.5", "4612N|E 030-44"], TWO_CELLS, "where|and"
    )
    assert reasons(seen) == {}
    assert rows["lat"].to_list() == pytest.approx([HERE[0], HERE[0], 46.25, 46.2])
    assert rows["lon"].to_list() == pytest.approx([HERE[1], HERE[1], -30.5, 30 + 44 / 60])


def test_a_bad_cell_of_two_columns_says_which_it_is() -> None:
    seen, rows = placed(["46°12'E|030°44'E", "46°12'N|30°61'E", "91.5|30", "N/K|30"], TWO_CELLS, "where|and")
    assert rows.height == 0
    assert reasons(seen) == {
        1: ("where", "'46°12'E' is no latitude"),
        2: ("and", "'30°61'E' is no longitude"),
        3: ("where", "'91.5' is no number from -90 to 90"),
        4: ("where", "'N/K' is no latitude"),
    }


def test_decimals_may_have_a_comma() -> None:
    comma = TWO_CELLS + 'decimal: ","\n'
    _, rows = placed(["46°12,5'N|030°44,2'E", "46,5|30,25"], comma, "where|and")
    assert rows["lat"].to_list() == pytest.approx([HERE[0], 46.5])
    _, rows = placed(["46°12,5'N, 030°44,2'E"], ONE_CELL + 'decimal: ","\n')
    assert rows.select("lat", "lon").row(0) == pytest.approx(HERE, abs=1e-6)
    seen, _ = placed(["46°12,5'N 030°44,2'E"])
    assert set(reasons(seen)) == {1}


def test_the_error_is_that_of_the_last_digit_on_each_axis_and_joins_that_of_the_source() -> None:
    minute, cos = METRES_PER_DEGREE / 60 / math.sqrt(12), math.cos(math.radians(46.2))
    cells = ["46°12'N 030°44'E", "46°12.0'N 030°44.0'E", "46°12'00\"N 030°44'00\"E", "46.2N 30.7E"]
    _, rows = placed(cells)
    assert rows["place_error_m"].to_list() == pytest.approx([minute, minute / 10, minute / 60, 6 * minute], rel=1e-3)
    assert rows["place_error_minor_m"].to_list() == pytest.approx(
        [minute * cos, minute * cos / 10, minute * cos / 60, 6 * minute * cos], rel=1e-2
    )
    assert set(rows["place_azimuth_deg"]) == {0.0}
    _, rows = placed(cells[:1], place_error_m=figure(2000.0))
    assert rows["place_error_m"].item() == pytest.approx(math.hypot(2000, minute), rel=1e-3)


def test_a_bare_number_tells_no_step_and_keeps_the_error_of_the_source() -> None:
    _, rows = placed(["46.2|30.7"], TWO_CELLS, "where|and", place_error_m=figure(2000.0))
    assert rows["place_error_m"].item() == 2000
    assert rows["place_error_minor_m"].item() is None


@pytest.mark.parametrize(
    ("cell", "side"),
    [
        ("36TWS", 100_000),
        ("36TWS 1 5", 10_000),
        ("36TWS12 56", 1000),
        ("36T WS 123 567", 100),
        ("36tws12345678", 10),
        ("36TWS 12345 56789", 1),
    ],
)
def test_an_mgrs_square_is_its_middle_and_as_wide_as_it_is(cell: str, side: float) -> None:
    seen, rows = placed([cell])
    assert reasons(seen) == {}
    row = rows.row(0, named=True)
    assert row["place_error_m"] == pytest.approx(side / math.sqrt(12), abs=0.6)
    east, north = Transformer.from_crs(4326, 32636, always_xy=True).transform(row["lon"], row["lat"])
    digits = cell.upper().replace(" ", "")[5:]
    half = len(digits) // 2
    corner = [int(part or 0) * side for part in (digits[:half], digits[half:])]
    assert (east - 500_000, north - 5_100_000) == pytest.approx([edge + side / 2 for edge in corner], abs=0.2)


@given(st.one_of(st.floats(-79.9, -0.001), st.floats(0, 83.9)), st.floats(-180, 180))
def test_any_place_in_mgrs_is_read_back_to_half_a_square(lat: float, lon: float) -> None:
    _, rows = placed([MGRS().toMGRS(lat, lon, MGRSPrecision=3)])
    row = rows.row(0, named=True)
    assert distance_m(lon, lat, row["lon"], row["lat"]) < 72


@pytest.mark.parametrize(
    "cell", ["36T 512345 5123456", "36N 512345 5123456", "36T 512345mE 5123456mN", "36 T 512345, 5123456"]
)
def test_utm_is_read_with_a_band_or_the_hemisphere(cell: str) -> None:
    seen, rows = placed([cell])
    assert reasons(seen) == {}
    told = Transformer.from_crs(32636, 4326, always_xy=True).transform(512345, 5123456)
    assert rows.select("lon", "lat").row(0) == pytest.approx(told, abs=1e-6)
    assert rows["place_error_m"].item() == pytest.approx(1 / math.sqrt(12), abs=0.1)


def test_s_of_utm_is_the_band_or_the_south_by_where_the_case_lies() -> None:
    cell = "36S 512345 4000000"
    assert placed([cell])[1]["lat"].item() == pytest.approx(36.14, abs=0.01)
    south = replace(WORLD, north=0.0)
    assert placed([cell], scope=south)[1]["lat"].item() == pytest.approx(-54.15, abs=0.01)
    assert placed(["36S 512345 9000000"])[1]["lat"].item() == pytest.approx(-9.05, abs=0.01)


def test_eastings_and_northings_are_of_the_grid_that_is_named() -> None:
    seen, rows = placed(
        ["512345|5123456", "|", "512345|", "99999999|99999999"], GRID, "where|and", place_error_m=figure(50.0)
    )
    told = Transformer.from_crs(32636, 4326, always_xy=True).transform(512345, 5123456)
    assert rows.select("lon", "lat").row(0) == pytest.approx(told, abs=1e-6)
    assert rows["place_error_m"].to_list() == [50, None]
    assert {row: what for row, (_, what) in reasons(seen).items()} == {
        3: "one of easting and northing is empty",
        4: "easting 99999999.0 and northing 99999999.0 lie off the grid EPSG:32636",
    }


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (GRID.replace("grid: 32636", "grid: 4326"), "has no eastings and northings"),
        (GRID.replace("grid: 32636", "grid: 999999"), "no grid that is known"),
        (GRID.replace("grid: 32636\n", ""), "EPSG code"),
        (ONE_CELL + "grid: 32636\n", "EPSG code"),
        (ONE_CELL.replace("position: where", "position: where, lat: a, lon: b"), "give one of"),
        (GRID.replace(", northing: and", ""), "go together"),
    ],
)
def test_a_mapping_that_says_two_things_of_places_is_refused(wrong: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        parse_mapping(wrong, "log.yaml")


def test_the_same_place_written_twice_is_two_reports_but_the_same_row_is_one() -> None:
    text = "when|where\n" + "2025-04-13 10:00|36TWS 12 56\n" * 2 + "2025-04-13 10:00|36tws1256\n"
    src = source(
        "ships", "table", options={"mapping": ONE_CELL + "delimiter: '|'\n"}, detection={"explosion": figure(0.3)}
    )
    seen = READER.read(source_file(text.encode(), "log.csv"), src, ground(), WORLD)
    assert seen.table("observation").height == 1
    assert {row: what for row, (_, what) in reasons(seen).items()} == {
        2: "the same row stands at row 1 already",
        3: "it reports the same as row 1",
    }
    assert seen.table("observation").filter(pl.col("lon").is_null()).height == 0
