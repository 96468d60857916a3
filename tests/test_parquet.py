from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import geopandas
import polars as pl
import pytest

from teisen import parquet
from teisen.observation import OBSERVATION

TIME = datetime(2025, 4, 13, 7, tzinfo=UTC)


@pytest.fixture
def observations() -> pl.DataFrame:
    return OBSERVATION.hand_over(
        OBSERVATION.build(
            {
                "observation_id": ["s:b", "s:a"],
                "start": [TIME, TIME],
                "end": [TIME, TIME],
                "time_meaning": ["within", "within"],
                "source_zone": ["UTC", "UTC"],
                "lon": [34.8, None],
                "lat": [50.9, None],
                "kind": ["fire", "alert"],
                "kinds": [[{"kind": "fire", "p": 1.0}], [{"kind": "alert", "p": 1.0}]],
                "role": ["makes", "supports"],
                "flags": [[], ["x"]],
                "source_id": ["s", "s"],
                "blob": ["ab", "ab"],
                "row": [1, 2],
            }
        )
    )


def test_round_trip_and_same_bytes(observations: pl.DataFrame, tmp_path: Path) -> None:
    one, two = tmp_path / "one.parquet", tmp_path / "two.parquet"
    parquet.write(OBSERVATION, observations, one)
    parquet.write(OBSERVATION, observations[::-1].sort("observation_id"), two)
    assert one.read_bytes() == two.read_bytes()
    assert parquet.read(OBSERVATION, one).equals(observations)


def test_other_tools_read_it_with_its_places(observations: pl.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "observation.parquet"
    parquet.write(OBSERVATION, observations, path)
    places = geopandas.read_parquet(path).set_index("observation_id")["geometry"]
    assert (places["s:b"].x, places["s:b"].y) == (34.8, 50.9)
    assert places["s:a"] is None
    found = duckdb.sql(f"select observation_id, kinds[1].kind from '{path}' order by 1").fetchall()  # noqa: S608
    assert found == [("s:a", "alert"), ("s:b", "fire")]
