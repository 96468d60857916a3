"""What the cases of spring 2025 have to show, on the real data."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import UTC, date, datetime

import polars as pl
import pytest

from teisen.case import Case, stored
from teisen.case.publish import released, report
from teisen.geodesy import distance_m

pytestmark = pytest.mark.data
TRUCE = [date(2025, 4, day) for day in range(17, 23)]
SUMY = (34.80, 50.91)


@pytest.fixture(scope="module")
def tables(easter: Case) -> dict[str, pl.DataFrame]:
    return stored.read_tables(easter.derived)


@pytest.fixture(scope="module")
def judged(energy: Case) -> dict[str, pl.DataFrame]:
    return stored.read_tables(energy.derived)


def by_day(rows: pl.DataFrame, column: str) -> list[float | None]:
    days = (
        rows.with_columns(day=(pl.col("start") + pl.duration(hours=12)).dt.date())
        .group_by("day")
        .agg(pl.col(column).sum())
    )
    known = dict(days.iter_rows())
    return [known.get(day) for day in TRUCE]


def test_alerts_and_launches_fall_with_the_truce_and_return(tables: dict[str, pl.DataFrame]) -> None:
    activity = tables["activity"]
    assert by_day(activity.filter(pl.col("kind") == "alert"), "rows") == [66, 83, 22, 6, 43, 22]
    launched = activity.filter(pl.col("count_unit") == "launched")
    assert by_day(launched, "total") == [45, 105, None, None, 161, 219]


def test_the_report_shows_them_to_the_public(easter: Case) -> None:
    page = report(easter, date(2025, 4, 20), released(easter), easter.folder / "shown")
    days = list(csv.DictReader(io.StringIO((page.parent / "days.csv").read_text(encoding="utf-8"))))
    shown = {row["day"]: row for row in days}
    assert [float(shown[str(day)]["alerts_started:alerts"]) for day in TRUCE] == [66, 83, 22, 6, 43, 22]
    launched = [shown[str(day)]["launched_stated:tallies"] for day in TRUCE]
    assert [float(n) if n else None for n in launched] == [45, 105, None, None, 161, 219]


def test_the_strike_on_sumy_is_one_incident_with_its_evidence(tables: dict[str, pl.DataFrame]) -> None:
    incident, evidence = tables["incident"], tables["evidence"]
    near = distance_m(incident["lon"].fill_null(0), incident["lat"].fill_null(0), *SUMY) < 15_000
    strike = datetime(2025, 4, 13, 7, 15, tzinfo=UTC)  # about 10:15 local
    found = incident.filter(
        pl.Series(near), pl.col("kind") == "missile-strike", pl.col("start") <= strike, pl.col("end") >= strike
    )
    assert found.height == 1
    one = found.row(0, named=True)
    assert one["p_conflict"] > 0.9
    assert one["n_groups"] >= 2  # the alert, which was on for a third of the time, is no group of its own
    mine = evidence.filter(pl.col("incident_id") == one["incident_id"])
    relations = Counter(mine.select("relation", "source_id").iter_rows())
    assert relations["member", "news"] >= 5
    assert relations["supports", "alerts"] >= 1
    missed = mine.filter((pl.col("relation") == "missed") & (pl.col("source_id") == "fires-modis"))
    assert missed.height == 1
    assert 0 < missed["p_detect"][0] < 0.2
    tally = mine.filter(pl.col("source_id") == "tallies", pl.col("log_ratio") > 0)
    named = tally.join(tables["observation"], on="observation_id")
    assert named.select("place_name", "count").rows() == [("Sumy", 2.0)]


def scopes(judged: dict[str, pl.DataFrame], subject: str) -> pl.DataFrame:
    """Columns ``subject_id`` and one a reading of the energy agreement: P(in scope)."""
    mine = judged["finding"].filter(pl.col("agreement_id") == "energy-2025", pl.col("subject") == subject)
    return mine.pivot(on="reading_id", index="subject_id", values="p_in_scope")


def test_a_strike_of_20_march_is_in_scope_under_one_reading_alone(judged: dict[str, pl.DataFrame]) -> None:
    incident = judged["incident"].select("incident_id", "start", "end", "kind", "targets")
    rows = scopes(judged, "incident").join(incident, left_on="subject_id", right_on="incident_id")
    substation = rows.filter(
        pl.col("targets").list.eval(pl.element().struct.field("kind") == "substation").list.any(),
        pl.col("start") < datetime(2025, 3, 21, tzinfo=UTC),
    ).row(0, named=True)
    assert substation["kind"] == "air-strike"
    assert substation["list-from-18-march"] > 0.8
    assert substation["text-from-25-march"] == substation["wording-energy-and-infrastructure"] == 0
    partings = judged["parting"].filter(pl.col("subject_id") == substation["subject_id"])
    assert partings["because"].to_list() == ["window"]


def test_a_railway_is_in_scope_under_the_mediator_s_words_alone(judged: dict[str, pl.DataFrame]) -> None:
    parted = judged["parting"].filter(pl.col("because") == "target", pl.col("subject") == "incident")
    assert parted["in_under"].to_list() == [["wording-energy-and-infrastructure"]]


def test_energy_strikes_alleged_by_either_side_are_judged_under_each_reading(judged: dict[str, pl.DataFrame]) -> None:
    allegation = judged["allegation"].filter(~pl.col("source_id").str.starts_with("agreement:"))
    rows = scopes(judged, "allegation").join(allegation, left_on="subject_id", right_on="allegation_id")
    window = pl.col("start").is_between(datetime(2025, 3, 18, tzinfo=UTC), datetime(2025, 4, 18, tzinfo=UTC))
    sure = rows.filter(window, pl.col("list-from-18-march") > 0.9)
    assert set(sure["accuser"]) == {"party-a", "party-b"}
    assert sure.height >= 10
    assert set(judged["outcome"]["allegation_id"]) == set(judged["allegation"]["allegation_id"])
