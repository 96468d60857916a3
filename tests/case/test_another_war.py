"""The pause of November 2023 on one side's real alerts: another war, another clock, another script, and no code."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from teisen.case import Case, derive, ingest_all, stored


@pytest.fixture(scope="module")
def tables(data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    place = tmp_path_factory.mktemp("gaza")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEISEN_KEYS", str(place / "keys"))
        case = Case.create(place / "case", "gaza-2023")
        ingest_all(case, data)
        derive(case)
    return stored.read_tables(
        case.derived, ["observation", "set_aside", "incident", "finding", "rate", "change", "verdict"]
    )


def violations(tables: dict[str, pl.DataFrame], reading: str) -> list[datetime]:
    """Minutes in which an alert lies that is more probably a violation than not, under a reading."""
    found = tables["finding"].filter(pl.col("reading_id") == reading, pl.col("p_violation") > 0.5)
    met = found.join(tables["incident"], left_on="subject_id", right_on="incident_id").sort("start")
    middle = met["start"] + (met["end"] - met["start"]) / 2
    return middle.dt.round("1m").to_list()


def test_every_row_of_the_pause_is_read_by_the_mapping_alone(tables: dict[str, pl.DataFrame]) -> None:
    assert tables["set_aside"]["what"].str.starts_with("it reports the same as row").all()
    seen = tables["observation"].filter(pl.col("start") >= datetime(2023, 11, 24, 5, tzinfo=UTC))
    first = seen.sort("start", "place_name").row(0, named=True)
    assert (first["start"], first["place_name"]) == (datetime(2023, 11, 24, 5, 15, tzinfo=UTC), "כיסופים")
    assert not seen["lon"].null_count()


def test_readings_part_on_the_last_morning_and_on_the_north(tables: dict[str, pl.DataFrame]) -> None:
    first = datetime(2023, 11, 24, 5, 15, tzinfo=UTC)  # a quarter of an hour after it began
    last = [datetime(2023, 12, 1, 3, 43, tzinfo=UTC), datetime(2023, 12, 1, 4, 52, tzinfo=UTC)]
    for reading in ("seven-days-of-24-hours", "until-seven-on-friday"):
        assert violations(tables, reading) == [first, *last]
    wide = violations(tables, "seventh-day-is-thursday")
    assert len(wide) == 6
    assert wide[0] == first
    assert not set(last) & set(wide)


def test_one_source_tells_the_days_and_not_whether_it_held(tables: dict[str, pl.DataFrame]) -> None:
    found = tables["change"].filter(reading_id="seven-days-of-24-hours").sort("start")
    assert found.select("start", "what", "p_behaviour", "p_instrument").rows() == [
        (datetime(2023, 11, 24, 22, tzinfo=UTC), "fall", 0.5, 0.5),  # the first whole day of it
        (datetime(2023, 11, 30, 22, tzinfo=UTC), "return", 1.0, 0.0),
    ]
    assert set(tables["verdict"]["word"]) == {"cannot_tell"}


def test_days_without_an_alert_have_the_rate_of_a_calm(tables: dict[str, pl.DataFrame]) -> None:
    whole = tables["rate"].filter(pl.col("area_id") == "*", pl.col("recorded") == 0, pl.col("rate").is_not_null())
    assert whole.height
    assert whole["watched"].min() > 0.4
    assert whole["rate"].max() < 1
