"""Parts, course, profile and missed violations of a small made-up case."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from teisen.agreement import load_agreement
from teisen.compliance import COURSE, MISSED, PROFILE, RATE, RATE_PART, WEEK, assessment
from teisen.fusion.schema import EVIDENCE
from teisen.observation import attack_kinds
from teisen.sources import Scope
from tests.compliance.test_assess import SCOPE, TEXT, agreement, findings, incidents, rates
from tests.fusion.worlds import AREAS, DAY, SOURCES, at, exposure, watch

WATCHING = [
    watch("news", start=at(24 * n), end=at(24 * n + 24), p_detect=0.8, kind=kind)
    for n in range(-2, 3)
    for kind in attack_kinds()
]
TABLES = {"rate": RATE, "rate_part": RATE_PART, "course": COURSE, "week": WEEK, "profile": PROFILE, "missed": MISSED}


def days(first: int, many: int) -> list[dict[str, Any]]:
    """One incident a day at noon, from the day before DAY on."""
    return [{"start": at(24 * (first + n) + 12), "end": at(24 * (first + n) + 13)} for n in range(many)]


def kinds(p: float) -> list[dict[str, Any]]:
    return [{"kind": "missile-strike", "p": p}, {"kind": "explosion", "p": round(1 - p, 4)}]


def assessed(happened: pl.DataFrame, found: pl.DataFrame, zone: str = "UTC", **changes: Any) -> dict[str, pl.DataFrame]:
    evidence = pl.DataFrame(
        [
            {"incident_id": i, "source_id": "news", "observation_id": f"news:{i}", "relation": "member",
             "log_ratio": None, "p_detect": None, "reason": ""}
            for i in happened["incident_id"]
        ],
        schema=EVIDENCE.schema,
    )  # fmt: skip
    scope = Scope(DAY - timedelta(days=2), DAY + timedelta(days=3), 21, 43, 60, 58)
    return assessment(
        found, happened, evidence, exposure(*WATCHING), [agreement()], AREAS, scope, zone, sources=SOURCES, **changes
    )


def test_every_table_is_as_declared() -> None:
    given = assessed(incidents(*days(-2, 3)), findings(0.8, 0.9, 0.7), at=date(2025, 4, 13))
    assert set(given) == {*TABLES, "sector_rate"}
    for name, table in TABLES.items():
        assert given[name].equals(table.hand_over(given[name]))
        assert given[name].height


def test_the_rate_is_that_of_assess() -> None:
    happened, found = incidents(*days(-2, 3)), findings(0.8, 0.9, 0.7)
    assert assessed(happened, found)["rate"].equals(rates(found, happened, exposure(*WATCHING)))


def test_kinds_and_parties_divide_what_was_found() -> None:
    happened = incidents(*({**day, "kinds": kinds(0.7)} for day in days(-2, 3)))
    parts = assessed(happened, findings(0.8, 0.8, 0.8))["rate_part"].filter(pl.col("area_id") == "*")
    sums = {key: round(p, 3) for *key_, p in parts.group_by("by", "value").agg(pl.col("expected").sum()).iter_rows()
            for key in [tuple(key_)]}  # fmt: skip
    assert sums == {
        ("kind", "missile-strike"): 1.68,
        ("kind", "explosion"): 0.72,
        ("party", "party-a"): 1.44,
        ("party", "undetermined"): 0.96,
    }


def test_parts_of_a_kind_nobody_watches_have_no_known_share() -> None:
    happened = incidents(*({**day, "kinds": [{"kind": "movement", "p": 1.0}]} for day in days(-2, 3)))
    parts = assessed(happened, findings(0.8, 0.8, 0.8))["rate_part"].filter(pl.col("value") == "movement")
    assert parts.height
    assert parts["watched"].is_null().all()


def test_after_is_held_against_before() -> None:
    happened = incidents(*days(-2, 2), *days(-2, 2), *days(-2, 2), *days(-2, 2))
    course = assessed(happened, findings(*[0.95] * 8), at=date(2025, 4, 13))["course"]
    rows = {r["measure"]: r for r in course.filter(area_id="*", reading_id="early").iter_rows(named=True)}
    assert set(rows) == {"rate", "before", "after", "change"}
    assert rows["before"]["expected"] == pytest.approx(7.6)
    assert rows["after"]["expected"] == 0
    assert rows["after"]["middle"] < rows["before"]["middle"]
    assert rows["change"]["low"] < rows["change"]["middle"] < 1
    assert rows["change"]["p_below"] > 0.5
    assert rows["before"]["end"] == rows["after"]["start"]


def test_without_a_date_there_is_no_comparison_and_a_few_days_have_no_trend() -> None:
    course = assessed(incidents(*days(-2, 2)), findings(0.95, 0.95))["course"]
    assert set(course["measure"]) == {"rate"}


def test_weeks_begin_on_mondays_and_stand_against_the_week_before() -> None:
    happened = incidents(*days(-2, 2), *days(-2, 2), *days(-2, 2), *days(-2, 2))
    weeks = assessed(happened, findings(*[0.95] * 8))["week"].filter(reading_id="early").sort("start")
    assert set(weeks["start"].dt.convert_time_zone("UTC").dt.weekday().to_list()[1:]) <= {1}
    assert weeks["expected"].sum() == pytest.approx(7.6)
    first = weeks.row(0, named=True)
    assert first["times"] is None
    assert first["low"] < first["middle"] < first["high"]
    for row in weeks.slice(1).iter_rows(named=True):
        assert row["times_low"] < row["times"] < row["times_high"]


def test_hours_are_counted_where_they_were_and_add_up() -> None:
    profile = assessed(incidents(*days(-2, 3)), findings(0.9, 0.9, 0.9))["profile"].filter(by="hour")
    assert dict(profile.filter(pl.col("expected") > 0).select("value", "expected").iter_rows()) == {12: 2.7}
    assert profile["even"].sum() == pytest.approx(2.7, abs=0.05)
    noon = profile.filter(value=12).row(0, named=True)
    night = profile.filter(value=3).row(0, named=True)
    assert noon["middle"] > 1 > night["middle"]
    assert noon["low"] > night["low"]


def test_one_group_alone_cannot_say_what_all_missed_but_detection_can() -> None:
    missed = assessed(incidents(*days(-2, 3)), findings(0.9, 0.9, 0.9))["missed"].filter(reading_id="early")
    rows = {row["method"]: row for row in missed.iter_rows(named=True)}
    assert rows["capture"]["word"] == "cannot_say"
    assert rows["capture"]["middle"] is None
    assert rows["effort"]["low"] <= rows["effort"]["middle"] <= rows["effort"]["high"]
    assert rows["effort"]["middle"] > rows["effort"]["seen"]


def test_order_and_names_of_parties_change_nothing() -> None:
    happened, found = incidents(*days(-2, 3)), findings(0.8, 0.9, 0.7)
    one, turned = assessed(happened, found), assessed(happened.reverse(), found.reverse())
    other = assessed(happened, findings(0.8, 0.9, 0.7, party="party-b"))
    for name in TABLES:
        assert one[name].equals(turned[name])
    swapped = pl.col("value").replace({"party-b": "party-a"})
    assert other["rate_part"].with_columns(swapped).equals(one["rate_part"])
    assert other["course"].equals(one["course"])
    assert other["missed"].equals(one["missed"])


def moments(hours: list[float], area: str = "west") -> pl.DataFrame:
    """Incidents at these hours of DAY, the first in the west."""
    first, *others = ({"start": at(hour), "end": at(hour)} for hour in hours)
    return incidents(first, *(one | {"area_id": area} for one in others))


def held(window: str, watching: list[dict[str, Any]], happened: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """A case of five days in which the early reading holds in ``window``."""
    truce = load_agreement(TEXT.replace("{from: 2025-04-11, to: 2025-04-14, zone: UTC}", window), "truce.yaml")
    evidence = pl.DataFrame(
        [
            dict.fromkeys(EVIDENCE.schema.names(), "") | {"incident_id": i, "source_id": "news", "relation": "member"}
            | {"log_ratio": None, "p_detect": None}
            for i in happened["incident_id"]
        ],
        schema=EVIDENCE.schema,
    )  # fmt: skip
    found, watched = findings(*(0.9 for _ in range(happened.height))), exposure(*watching)
    return assessment(found, happened, evidence, watched, [truce], AREAS, SCOPE, "UTC", sources=SOURCES)


def by_effort(tables: dict[str, pl.DataFrame]) -> dict[str, Any]:
    missed = tables["missed"].filter(pl.col("reading_id") == "early", pl.col("method") == "effort")
    return missed.row(0, named=True)


def test_a_total_of_part_of_a_day_is_no_total_of_whole_days() -> None:
    hours = [22 + n / 10 for n in range(20)]
    whole = by_effort(held("{from: 2025-04-13, to: 2025-04-14, zone: UTC}", WATCHING, moments(hours)))
    part = by_effort(held("{from: 2025-04-13T22:00, to: 2025-04-14, zone: UTC}", WATCHING, moments(hours)))
    assert {name: part[name] for name in ("low", "middle", "high")} == {
        name: whole[name] for name in ("low", "middle", "high")
    }
    assert part["middle"] < 1.5 * part["seen"]


def test_days_on_which_nobody_at_all_could_see_are_told_beside_a_total() -> None:
    hours = [n / 10 for n in range(20)]
    seeing = [row for row in WATCHING if row["start"] == at(0)]
    window = "{from: 2025-04-13, to: 2025-04-16, zone: UTC}"
    assert "unwatched" in by_effort(held(window, seeing, moments(hours)))["warnings"]
    assert "unwatched" not in by_effort(held(window, WATCHING, moments(hours)))["warnings"]


def test_no_more_is_said_to_be_seen_of_a_total_than_it_counts() -> None:
    hours = [n / 10 for n in range(20)]
    row = by_effort(held("{from: 2025-04-13, to: 2025-04-14, zone: UTC}", WATCHING, moments(hours, "east")))
    assert row["seen"] == 0.9
    assert row["seen"] < row["middle"]
    assert ", of which 0.9 were seen" in row["says"]
