from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from teisen.errors import BadInput
from teisen.sources import Ground, Intake
from teisen.sources.readers.weather import READER
from tests.builders import source
from tests.sources.damage import reasons, take

LONG = "place,day,cloud,rain\n"
WIDE = "day,a_cloud,a_wind,b_cloud,b_wind\n"
QUANTITIES = {"cloud_fraction": {"column": "cloud", "unit": "%"}}
BY_AREA = {
    "day": "day",
    "zone": "Europe/Kyiv",
    "area_id": "place",
    "form": {"match": r"^XX(\d\d)$", "write": "XX-${1}"},
    "quantities": QUANTITIES | {"precipitation_mm": {"column": "rain", "unit": "mm"}},
}
BY_PLACE = {
    "day": "day",
    "zone": "UTC",
    "quantities": QUANTITIES | {"wind_m_s": {"column": "wind", "unit": "km/h"}},
    "places": {"a": {"area_id": "XX-01"}, "b": {"lon": 30.5, "lat": 50.5}},
}


def read(content: str | bytes, options: dict[str, Any]) -> Intake:
    return take(READER, source("weather", "weather", options=options), content, Ground())


def test_a_local_day_becomes_a_utc_interval() -> None:
    rows = read(LONG + "XX07,2025-03-29,50,1.5\nXX07,2025-03-30,50,0\n", BY_AREA).table("condition")
    days = rows.filter(quantity="cloud_fraction").select("start", "end", "area_id", "value").rows()
    assert days[0] == (datetime(2025, 3, 28, 22, tzinfo=UTC), datetime(2025, 3, 29, 22, tzinfo=UTC), "XX-07", 0.5)
    assert days[1][:2] == (datetime(2025, 3, 29, 22, tzinfo=UTC), datetime(2025, 3, 30, 21, tzinfo=UTC))
    assert rows.filter(quantity="precipitation_mm")["value"].to_list() == [1.5, 0]


def test_places_in_columns_become_rows_with_converted_units() -> None:
    rows = read(WIDE + "2025-04-20,80,36,20,7.2\n", BY_PLACE).table("condition")
    told = {(row["area_id"], row["lon"], row["quantity"]): row["value"] for row in rows.iter_rows(named=True)}
    assert told == {
        ("XX-01", None, "cloud_fraction"): pytest.approx(0.8),
        ("XX-01", None, "wind_m_s"): pytest.approx(10),
        (None, 30.5, "cloud_fraction"): pytest.approx(0.2),
        (None, 30.5, "wind_m_s"): pytest.approx(2),
    }


def test_days_before_the_case_become_normals_of_its_months() -> None:
    text = LONG + "XX07,2023-04-01,10,0\nXX07,2024-04-30,50,0\nXX07,2024-08-01,99,0\nXX07,2025-08-01,99,0\n"
    intake = read(text, BY_AREA | {"normals": ["cloud_fraction"]})
    rows = intake.table("condition")
    assert rows.select("quantity", "start", "end", "value").rows() == [
        (
            "cloud_fraction_normal",
            datetime(2025, 3, 31, 21, tzinfo=UTC),
            datetime(2025, 4, 30, 21, tzinfo=UTC),
            pytest.approx(0.3),
        )
    ]
    assert intake.out_of_scope == 4


def test_an_empty_value_gives_no_row_and_is_no_mistake() -> None:
    intake = read(LONG + "XX07,2025-04-01,,1\n", BY_AREA)
    assert intake.table("condition")["quantity"].to_list() == ["precipitation_mm"]
    assert intake.rows_set_aside == 0


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("XX07,2025-04-02,101,1\n", "cloud"),
        ("XX07,2025-04-02,50,-1\n", "rain"),
        ("XX07,2025-02-30,50,1\n", "day"),
        ("YY,2025-04-02,50,1\n", "place"),
        (",2025-04-02,50,1\n", "place"),
        ("XX07,2025-04-01,50,1\n", ""),
    ],
)
def test_a_broken_row_is_set_aside(row: str, column: str) -> None:
    intake = read(LONG + "XX07,2025-04-01,50,1\n" + row, BY_AREA)
    assert intake.table("condition").height == 2
    assert reasons(intake)[2][0] == column


def test_a_missing_column_is_named() -> None:
    with pytest.raises(BadInput, match="b_wind"):
        read("day,a_cloud,a_wind,b_cloud\n2025-04-20,1,1,1\n", BY_PLACE)


def test_real_normals_are_cloudier_in_winter_than_in_late_spring(data: Path) -> None:
    options = {
        "day": "ACQ_DATE",
        "zone": "Europe/Kyiv",
        "area_id": "OBLAST_ID",
        "form": {"match": r"^UA(\d\d)$", "write": "UA-${1}"},
        "quantities": {"cloud_fraction": {"column": "CLOUD_COVER (%)", "unit": "%"}},
        "normals": ["cloud_fraction"],
    }
    intake = read((data / "weather_by_oblast" / "ukr_weather_data_2023.csv.gz").read_bytes(), options)
    normals = intake.table("condition").group_by("start").agg(pl.len(), pl.col("value").mean()).sort("start")
    assert normals["len"].to_list() == [27] * 4
    assert normals["value"][0] > normals["value"][2]
