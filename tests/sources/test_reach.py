from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
import shapely

from teisen.errors import BadInput
from teisen.observation import AREA, NAME
from teisen.sources import Ground, Source
from teisen.sources.effort import regions
from teisen.sources.reach import Reach, within_reach
from tests.builders import figure, profile, source
from tests.sources.places import EAST, WEST, ground

EFFORT = {"town_km": 20, "far": 0.3, "no_access": 0.1, "other_language": 0.5, "curfew": 0.8}


def news(**effort: float) -> Source:
    figures = {name: figure(value) for name, value in (effort or EFFORT).items()}
    return replace(source("news"), profile=profile(effort=figures))


def grid(*days: int) -> pl.DataFrame:
    starts = [datetime(2025, 4, d, tzinfo=UTC) for d in days]
    rows = [
        {"area_id": area, "start": start, "end": start.replace(day=start.day + 1), "state": "watched", "p_detect": 0.5,
         "reason": "every day"}
        for area in (EAST, WEST) for start in starts
    ]  # fmt: skip
    return pl.DataFrame(rows).cast({"start": pl.Datetime("us", "UTC"), "end": pl.Datetime("us", "UTC")})


def reached(
    reach: Reach, on: Ground | None = None, src: Source | None = None, days: tuple[int, ...] = (10,)
) -> pl.DataFrame:
    on = on or ground()
    return within_reach(grid(*days), regions(on), on, src or news(), reach).sort("area_id", "start")


def by_area(rows: pl.DataFrame) -> dict[str, float]:
    return {r["area_id"]: r["p_detect"] for r in rows.iter_rows(named=True)}


def control(**changes: Any) -> Ground:
    """The northern half of the eastern region is held by party-a from 11 April on."""
    row = {
        "area_id": "held", "level": "control", "name": "held", "valid_from": datetime(2025, 4, 11, tzinfo=UTC),
        "valid_to": None, "controlled_by": "party-a", "geometry": shapely.to_wkb(shapely.box(34, 50, 36, 51)),
        "approximate": False, "source_id": "control", "blob": "0", "row": 1,
    } | changes  # fmt: skip
    held = AREA.fill(pl.DataFrame([row], schema=AREA.schema))
    return replace(ground(), areas=pl.concat([ground().areas, held]))


def test_nothing_asked_changes_nothing() -> None:
    assert reached(Reach()).equals(grid(10).sort("area_id", "start"))


def test_ground_that_lets_no_reporters_in_counts_by_its_share_and_day() -> None:
    rows = reached(Reach(no_access=["party-a"]), control(), days=(10, 11))
    east = rows.filter(area_id=EAST)
    assert east["p_detect"].to_list() == pytest.approx([0.5, 0.5 * (0.5 + 0.5 * 0.1)])
    assert east["reason"].to_list() == ["every day", "every day; within reach 55 %"]
    assert set(rows.filter(area_id=WEST)["p_detect"]) == {0.5}
    assert set(reached(Reach(no_access=["party-b"]), control(), days=(10, 11))["p_detect"]) == {0.5}
    mirrored = reached(Reach(no_access=["party-b"]), control(controlled_by="party-b"), days=(10, 11))
    assert mirrored.equals(rows)


def test_far_from_towns_less_is_told() -> None:
    """A town in the north-east of the eastern region: a circle of 20 km holds its share of the points."""
    seen = by_area(reached(Reach(towns=True)))
    assert 0.5 * 0.3 < seen[EAST] < 0.5 * 0.5
    wide = by_area(reached(Reach(towns=True), src=news(town_km=500, far=0.3)))
    assert wide == {EAST: 0.5, WEST: 0.5}
    nowhere = by_area(reached(Reach(towns=True), on=replace(ground(), names=NAME.empty())))
    assert nowhere == pytest.approx({EAST: 0.15, WEST: 0.15})


def test_other_languages_are_read_less() -> None:
    assert by_area(reached(Reach(languages=["XX-E"]))) == {EAST: 0.5, WEST: 0.25}


def test_a_curfew_is_rows_of_its_own_hours() -> None:
    rows = reached(Reach(curfew="00:00-05:00", zone="Europe/Kyiv")).filter(area_id=EAST).sort("start")
    said = [(f"{a:%H:%M}", f"{b:%H:%M}", p) for a, b, p in rows.select("start", "end", "p_detect").iter_rows()]
    assert said == [("00:00", "02:00", 0.4), ("02:00", "21:00", 0.5), ("21:00", "00:00", 0.4)]


def test_a_figure_that_the_profile_lacks_is_asked_for() -> None:
    with pytest.raises(BadInput, match=r"needs the figure no_access.*Declare effort.no_access"):
        reached(Reach(no_access=["party-a"]), src=news(far=0.5))
