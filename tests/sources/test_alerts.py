from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from teisen.errors import BadInput
from teisen.observation import EXPOSURE, NAME
from teisen.sources import Ground, Intake, Source
from teisen.sources.profiles import load_profile
from teisen.sources.readers import alerts, tallies
from tests.builders import SCOPE, figure, source
from tests.sources.damage import reasons, survives_rough_handling, take
from tests.sources.places import EAST, WEST, ground

HEAD = "region,started_at,finished_at,n_subalerts,duration_minutes\n"
ROW = "East oblast,2025-04-13 06:08:10+00:00,2025-04-13 08:58:00+00:00,2,169.8\n"
OFFICIAL = "oblast,raion,hromada,level,started_at,finished_at,source\n"
FEED = source("alerts", "alerts", role="supports", detection={"missile-strike": figure(0.9)})


def read(content: str) -> Intake:
    return take(alerts.READER, FEED, content, ground())


def expose(intake: Intake) -> pl.DataFrame:
    return EXPOSURE.hand_over(alerts.READER.expose(FEED, intake.tables, ground(), SCOPE))


def on(frame: pl.DataFrame, area: str, day: int) -> dict[str, Any]:
    start = pl.col("start") == datetime(2025, 4, day, tzinfo=UTC)
    return frame.filter(start & (pl.col("area_id") == area)).row(0, named=True)


def test_an_alert_is_a_threat_over_an_area_from_start_to_end() -> None:
    seen = read(HEAD + ROW).table("observation").row(0, named=True)
    assert (seen["kind"], seen["role"], seen["time_meaning"]) == ("alert", "supports", "throughout")
    assert (seen["area_id"], seen["lon"], seen["actor_stated"]) == (EAST, None, None)
    assert seen["start"] == datetime(2025, 4, 13, 6, 8, 10, tzinfo=UTC)
    assert seen["end"] == datetime(2025, 4, 13, 8, 58, tzinfo=UTC)
    assert (seen["count"], seen["count_unit"], seen["flags"]) == (2, "alerts", [])


def test_the_official_feed_speaks_of_smaller_areas() -> None:
    rows = (
        "East oblast,Some raion,,raion,2025-04-13 06:00:00+00:00,2025-04-13 07:00:00+00:00,official\n"
        "East oblast,,,oblast,2025-04-13 06:00:00+00:00,2025-04-13 07:00:00+00:00,official\n"
    )
    part, whole = read(OFFICIAL + rows).table("observation").sort("row").to_dicts()
    assert (part["area_id"], part["flags"], part["place_name"]) == (EAST, ["part_of_area"], "Some raion, East oblast")
    assert (whole["area_id"], whole["flags"], whole["place_name"]) == (EAST, [], "East oblast")


def test_an_end_that_volunteers_assumed_is_flagged() -> None:
    rows = (
        "East oblast,2025-04-13 06:00:00+00:00,2025-04-13 06:30:00+00:00,True\n"
        "East oblast,2025-04-14 06:00:00+00:00,2025-04-14 06:31:00+00:00,False\n"
    )
    seen = read("region,started_at,finished_at,naive\n" + rows).table("observation").sort("row")
    assert seen["flags"].to_list() == [["end_assumed"], []]


def test_damage() -> None:
    survives_rough_handling(alerts.READER, FEED, HEAD, ROW, ground())


@pytest.mark.parametrize(
    ("was", "becomes", "column", "what"),
    [
        ("East oblast", "East oblas", "region", "closest: east oblast"),
        ("East oblast", "", "region", "it is empty"),
        ("2025-04-13 06:08:10+00:00", "2025-04-13 26:08:10+00:00", "started_at", "no possible date or time"),
        ("2025-04-13 08:58:00+00:00", "2925-04-13 08:58:00+00:00", "finished_at", "no possible date or time"),
        ("2025-04-13 08:58:00+00:00", "", "finished_at", "it is empty"),
        ("2025-04-13 08:58:00+00:00", "2025-04-13 05:58:00+00:00", "finished_at", "ends before it starts"),
        (",2,", ",two,", "n_subalerts", "no number"),
    ],
)
def test_an_impossible_value_sets_its_row_aside(was: str, becomes: str, column: str, what: str) -> None:
    seen = read(HEAD + ROW + ROW.replace(was, becomes))
    assert seen.table("observation").height == 1
    assert reasons(seen)[2][0] == column
    assert what in reasons(seen)[2][1]


def test_another_file_is_refused() -> None:
    with pytest.raises(BadInput, match="lacks started_at"):
        read("latitude,longitude\n1,2\n")
    with pytest.raises(BadInput, match="neither region nor oblast"):
        read("started_at,finished_at\n2025-04-13 06:08:10+00:00,2025-04-13 07:08:10+00:00\n")


def test_exposure_is_the_time_the_feed_runs_over_regions_that_it_names() -> None:
    early = ROW.replace("2025-04-13", "2025-04-10").replace("East", "West")
    late = ROW.replace("2025-04-13", "2025-05-10").replace("East", "West")
    seen = expose(read(HEAD + early + ROW + late))
    assert (on(seen, EAST, 12)["state"], on(seen, EAST, 12)["p_detect"]) == ("watched", 0.9)
    assert (on(seen, EAST, 9)["state"], on(seen, EAST, 9)["p_detect"]) == ("no_data", 0)
    assert "under alert for 12 % of the day" in on(seen, EAST, 13)["reason"]
    silent = expose(read(HEAD + ROW))
    assert (on(silent, WEST, 13)["state"], on(silent, WEST, 13)["p_detect"]) == ("unknown", None)


def test_a_region_under_permanent_alert_says_that_an_alert_tells_little() -> None:
    rows = (
        "East oblast,2025-04-12 06:00:00+00:00,2025-04-14 06:00:00+00:00,1,1\n"
        "East oblast,2025-04-13 06:00:00+00:00,2025-04-13 08:00:00+00:00,1,1\n"
    )
    seen = expose(read(HEAD + rows))
    assert on(seen, EAST, 13)["reason"] == "the feed runs; under alert for 100 % of the day: an alert tells little here"
    assert "under alert for 25 %" in on(seen, EAST, 14)["reason"]


def real_ground(data: Path) -> Ground:
    """Names of the regions alone, as the data folder has them."""
    listed = pl.read_csv(data / "weather_by_oblast" / "ukr_oblasts_ids.csv")
    names = [*listed["NAME_EN"], "Kyiv City"]
    ids = [*(f"{code[:2]}-{code[2:]}" for code in listed["OBLAST_ID"]), "UA-30"]
    rows = {"name": names, "area_id": ids, "source_id": ["g"] * len(ids), "blob": ["0"] * len(ids)}
    return Ground(names=NAME.build(rows | {"row": range(len(ids))}))


@pytest.fixture(scope="module")
def real(data: Path) -> pl.DataFrame:
    content = (data / "air_raid_alerts" / "alerts_oblast_merged_2022-03-15_2026-06-20.csv.gz").read_bytes()
    src = Source("alerts", "alerts", load_profile("air-raid-alerts"))
    seen = take(alerts.READER, src, content, real_ground(data))
    assert (seen.table("observation").height, seen.rows_set_aside, seen.out_of_scope) == (3503, 0, 71172)
    return seen.table("observation")


def test_the_easter_truce_shows_in_the_starts(real: pl.DataFrame) -> None:
    starts = real.group_by(day=pl.col("start").dt.date()).len()
    counts = [starts.filter(pl.col("day") == date(2025, 4, d))["len"].item() for d in range(17, 23)]
    assert counts == [66, 83, 22, 6, 43, 22]


def test_stated_strikes_lie_under_an_alert(data: Path, real: pl.DataFrame) -> None:
    """Share of strikes stated for one region and a window of hours during which that region was under alert."""
    content = (data / "uaf_missile_attacks" / "missile_attacks_daily.csv.gz").read_bytes()
    src = Source("tallies", "tallies", load_profile("launch-tallies"), options={"zone": "Europe/Kyiv"})
    stated = take(tallies.READER, src, content, real_ground(data)).table("observation")
    hours = (pl.col("end") - pl.col("start")).dt.total_hours()
    stated = stated.filter(pl.col("area_id").is_not_null() & (hours < 16) & (pl.col("kind") == "missile-strike"))
    under = stated.join_where(
        real.select(a="area_id", s="start", e="end"),
        pl.col("area_id") == pl.col("a"), pl.col("start") <= pl.col("e"), pl.col("end") >= pl.col("s"),
    )  # fmt: skip
    share = under["observation_id"].n_unique() / stated.height
    print(f"{share:.3f} of {stated.height}")
    assert share >= 0.9
