from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teisen.errors import BadInput
from teisen.observation import EXPOSURE
from teisen.sources import Intake, Source
from teisen.sources.overpasses import Pass, p_overpass
from teisen.sources.profiles import load_profile
from teisen.sources.readers.firms import READER, facts
from tests.builders import SCOPE, figure, source, source_file
from tests.sources.damage import reasons, survives_rough_handling, take
from tests.sources.places import EAST, WEST, ground

MODIS = (
    "latitude,longitude,brightness,scan,track,acq_date,acq_time,satellite,instrument,confidence,version,bright_t31,frp,"
    "daynight,type\n"
)
FIRE = "50.1,34.9,310.5,1.2,1.1,2025-04-13,0949,Terra,MODIS,71,6.1NRT,288.1,12.5,D,0\n"
VIIRS = (
    "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,instrument,confidence,version,bright_ti5,frp,"
    "daynight\n"
)
COLLECTED = "lat,lng,acq_date,acq_time,confidence,frp,brightness,source,satellite,daynight\n"


def firms(**options: Any) -> Source:
    given_ = {"sensor": "viirs"} | options
    return source("fires", "firms", options=given_, detection={"missile-strike": figure(0.5)})


def read(content: bytes | str, src: Source | None = None) -> Intake:
    return take(READER, src or firms(), content, ground())


def expose(*intakes: Intake, src: Source | None = None, conditions: tuple[dict[str, object], ...] = ()) -> pl.DataFrame:
    seen = {
        name: pl.concat([intake.table(name) for intake in intakes]) for name in ("observation", "condition") if intakes
    }
    return EXPOSURE.hand_over(READER.expose(src or firms(), seen, ground(*conditions), SCOPE))


def day(frame: pl.DataFrame, number: int, area: str = EAST, month: int = 4) -> dict[str, Any]:
    wanted = (pl.col("start") == datetime(2025, month, number, tzinfo=UTC)) & (pl.col("area_id") == area)
    return frame.filter(wanted).row(0, named=True)


def test_the_official_modis_file() -> None:
    seen = read(MODIS + FIRE + FIRE.replace("0949", "1012").replace(",71,", ",12,").replace("D,0", "D,2"))
    first, second = seen.table("observation").sort("start").to_dicts()
    assert first["start"] == first["end"] == datetime(2025, 4, 13, 9, 49, tzinfo=UTC)
    assert (first["kind"], first["strength"], first["strength_unit"], first["flags"]) == ("fire", 12.5, "frp_mw", [])
    assert first["place_error_m"] == pytest.approx(1150.5 / 12**0.5, rel=1e-3)
    assert second["flags"] == ["low_confidence", "static_land_source"]


@pytest.mark.parametrize(
    ("word", "flags"), [("l", ["low_confidence"]), ("n", []), ("high", []), ("low", ["low_confidence"])]
)
def test_viirs_says_confidence_in_words(word: str, flags: list[str]) -> None:
    seen = read(VIIRS + f"50.1,34.9,330.1,0.4,0.4,2025-04-13,1103,N20,VIIRS,{word},2.0NRT,290.0,3.1,D\n")
    assert seen.table("observation")["flags"].to_list() == [flags]


def test_a_fire_is_the_same_in_csv_json_and_the_collected_form() -> None:
    official = VIIRS + "50.1,34.9,330.1,0.4,0.4,2025-04-13,0043,1,VIIRS,n,2.0NRT,290.0,3.1,N\n"
    row = {
        "lat": 50.1, "lng": 34.9, "acq_date": "2025-04-13", "acq_time": "43", "confidence": "n", "frp": 3.1,
        "brightness": 330.1, "source": "VIIRS_NOAA20_NRT", "satellite": "N20", "daynight": "N",
    }  # fmt: skip
    collected = COLLECTED + ",".join(str(value) for value in row.values()) + "\n"
    ids = {
        read(text).table("observation")["observation_id"].item() for text in (official, collected, json.dumps([row]))
    }
    assert len(ids) == 1
    assert read(collected).table("observation")["start"].item() == datetime(2025, 4, 13, 0, 43, tzinfo=UTC)


def test_a_file_of_dates_alone_gives_whole_days() -> None:
    seen = read("LATITUDE,LONGITUDE,ACQ_DATE\n50.1,34.9,2025-04-13\n").table("observation").row(0, named=True)
    assert (seen["end"] - seen["start"]).days == 1
    assert seen["flags"] == ["date_only"]
    assert seen["place_error_m"] == 1000


def test_damage() -> None:
    survives_rough_handling(READER, firms(), MODIS, FIRE, ground())


@pytest.mark.parametrize(
    ("was", "becomes", "column"),
    [
        ("50.1,34.9", "150.1,34.9", "latitude"),
        ("50.1,34.9", "50.1,nan", "longitude"),
        ("2025-04-13", "2025-13-04", "acq_date acq_time"),
        ("2025-04-13", "9025-04-13", "acq_date acq_time"),
        ("0949", "2549", "acq_date acq_time"),
        ("310.5,1.2", "1.2,310.5", "scan"),
        (",71,", ",maybe,", "confidence"),
        (",71,", ",171,", "confidence"),
        ("288.1,12.5", "288.1,-4", "frp"),
    ],
)
def test_an_impossible_value_sets_its_row_aside(was: str, becomes: str, column: str) -> None:
    seen = read(MODIS + FIRE + FIRE.replace(was, becomes))
    assert seen.table("observation").height == 1
    assert reasons(seen)[2][0] == column


def test_exchanged_coordinates_are_told_not_mended() -> None:
    seen = read(MODIS + FIRE.replace("50.1,34.9", "34.9,50.1"))
    assert seen.table("observation").height == 0
    assert "exchanged" in reasons(seen)[1][1]


def test_json_that_breaks_off_keeps_whole_records() -> None:
    text = json.dumps(
        [{"lat": 50.1, "lng": 34.9 + n / 100, "acq_date": "2025-04-13", "acq_time": "43"} for n in range(5)]
    )
    seen = read(text[:-30])
    assert seen.table("observation").height == 4
    assert "breaks off" in reasons(seen)[0][1]
    with pytest.raises(BadInput, match="no whole record"):
        read(text[:20])


def test_another_file_is_refused() -> None:
    with pytest.raises(BadInput, match="the heading is none of FIRMS"):
        read("region,started_at,finished_at\na,b,c\n")
    with pytest.raises(BadInput, match="sensor"):
        READER.read(source_file(MODIS + FIRE), firms(sensor="landsat"), ground(), SCOPE)


def test_chance_of_an_overpass_is_the_worked_example() -> None:
    for hours in (0.5, 3, 9):
        assert p_overpass(facts().passes["viirs"], hours) == pytest.approx(min(1, (hours + 1.2) / 12))
    assert p_overpass(facts().passes["viirs"], 12) == 1


@given(
    st.lists(st.tuples(st.floats(0, 23.9), st.floats(0, 3)), min_size=1, max_size=6),
    st.floats(0.1, 20),
    st.floats(0, 4),
)
def test_a_longer_fire_is_never_less_likely_seen(passes: list[tuple[float, float]], hours: float, more: float) -> None:
    known = [Pass(hour=hour, width_h=width) for hour, width in passes]
    short, longer = p_overpass(known, hours), p_overpass(known, hours + more)
    assert 0 < short <= longer + 1e-9 <= 1 + 2e-9
    assert short <= sum(hours + p.width_h for p in known) / 24 + 1e-9


def test_days_without_a_file_are_no_data_and_days_between_are_watched() -> None:
    seen = expose(read(MODIS + FIRE + FIRE.replace("04-13", "04-15")), src=firms(cloud_by_month={4: 0.59}))
    assert (day(seen, 12)["state"], day(seen, 12)["p_detect"]) == ("no_data", 0)
    assert day(seen, 12)["reason"] == "no file for this day"
    assert day(seen, 14)["state"] == "watched"
    assert day(seen, 14)["p_detect"] == pytest.approx(4.2 / 12 * 0.41 * 0.5, abs=1e-4)
    assert "cloud 59 %" in day(seen, 14)["reason"]
    assert day(seen, 14)["basis"] == "assumed"


def test_no_file_at_all_is_no_data_on_every_day() -> None:
    assert set(expose(src=firms(cloud_by_month={4: 0.1}))["state"]) == {"no_data"}


def test_snapshots_say_which_days_are_held() -> None:
    listed = "snapshot_committed_utc,points_global,points_in_bbox\n" + "".join(
        f"2025-04-{n:02}T06:02:00+00:00,9,0\n" for n in (13, 14, 20)
    )
    seen = expose(read(listed), src=firms(cloud_by_month={4: 0.0}))
    full = 4.2 / 12 * 0.5
    assert day(seen, 13)["p_detect"] == pytest.approx(full, abs=1e-3)
    # At 35 E the clusters are 9.97 to 11.17 UTC and 23.17 to 0.37. Of the 12th, held from 6:02, that is a fire from
    # 6.97 to 11.17 or from 20.17 on; of the 14th, held to 6:02, one in the first 0.37 h.
    assert day(seen, 12)["p_detect"] == pytest.approx((4.2 + 24 - 20.17) / 24 * 0.5, abs=1e-3)
    assert day(seen, 14)["p_detect"] == pytest.approx(0.37 / 24 * 0.5, abs=1e-3)
    assert "the files hold 25 % of the day" in day(seen, 14)["reason"]
    assert day(seen, 16)["state"] == "no_data"


def test_cloud_comes_from_the_day_then_a_near_place_then_the_month() -> None:
    when = {"start": datetime(2025, 4, 13, tzinfo=UTC), "end": datetime(2025, 4, 14, tzinfo=UTC)}
    month = {"start": datetime(2025, 4, 1, tzinfo=UTC), "end": datetime(2025, 5, 1, tzinfo=UTC)}
    of_day = when | {"quantity": "cloud_fraction", "value": 0.95, "area_id": EAST}
    near = when | {"quantity": "cloud_fraction", "value": 0.2, "lon": 25.0, "lat": 50.5}
    normal = month | {"quantity": "cloud_fraction_normal", "value": 0.4, "area_id": WEST}
    seen = expose(read(MODIS + FIRE + FIRE.replace("04-13", "04-15")), conditions=(of_day, near, normal))
    assert day(seen, 13)["state"] == "cloud"
    assert day(seen, 13)["p_detect"] == pytest.approx(4.2 / 12 * 0.05 * 0.5, abs=1e-4)
    assert day(seen, 13, WEST)["reason"] == "cloud 20 % (of the day at the nearest place)"
    assert day(seen, 14, WEST)["reason"] == "cloud 40 % (normal of the month)"
    assert day(seen, 14, WEST)["basis"] == "declared"
    assert (day(seen, 14)["state"], day(seen, 14)["p_detect"]) == ("unknown", None)


def test_regions_outside_the_files_box_have_no_data() -> None:
    seen = expose(read(MODIS + FIRE), src=firms(cloud_by_month={4: 0.0}, box=[30, 45, 40, 55]))
    assert (day(seen, 13)["state"], day(seen, 13, WEST)["state"]) == ("watched", "no_data")


def test_real_files(data: Path) -> None:
    src = Source("modis", "firms", load_profile("firms-modis"), options={"sensor": "modis"})
    content = (data / "firms_modis_snapshots" / "firms_modis_nrt_ukraine_bbox.csv.gz").read_bytes()
    seen = take(READER, src, content, ground())
    assert (seen.table("observation").height, seen.rows_set_aside, seen.out_of_scope) == (5954, 0, 6289)
    src = Source(
        "modis", "firms", load_profile("firms-modis"), options={"sensor": "modis", "cloud_by_month": {4: 0.55}}
    )
    held = expose(seen, src=src)
    assert day(held, 13)["state"] == "watched"
    assert "the files hold" not in day(held, 13)["reason"]
    assert day(held, 10)["state"] == day(held, 13, month=3)["state"] == "no_data"
