"""What `teisen assess` shows: per provision and reading the rate, what was watched, and what all missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from teisen.compliance import FORECAST, assessment, fell_silent
from tests.case import small
from tests.cli.test_commands import Shell, case, here, teisen

__all__ = ["case", "here", "teisen"]


def test_each_reading_has_its_rate_and_what_was_watched(teisen: Shell, case: Path) -> None:
    assert teisen("derive", "-c", case)[0] == 0
    code, out, _ = teisen("assess", "-c", case)
    assert code == 0
    assert ", held by " in out
    assert "Rate: no source says how well it would be seen" in out
    assert "Watched: " in out
    values = teisen.json("assess", "-c", case)
    assert out.count(", held by ") == len(values["readings"])
    first = values["readings"][0]
    assert set(first) >= {"agreement_id", "provision_id", "reading_id", "rate", "watched", "course", "missed"}


def test_it_says_whether_it_holds_and_what_was_found_of_which_kind_and_where(
    teisen: Shell, case: Path, tmp_path: Path
) -> None:
    teisen("ingest", "--all", "--data", small.data(tmp_path / "data"), "-c", case)
    teisen("derive", "-c", case)
    out = teisen("assess", "-c", case)[1]
    last = teisen.json("assess", "-c", case)["readings"][0]["answers"][-1]
    word = last["word"].replace("_", " ")
    assert f"Is it holding? On {last['day']}: {word}" in out
    assert last["says"] in out
    assert "Found by kind: " in out
    assert "Highest of " in out
    assert "party-" not in out.split("Found, as attributed")[-1].split("\n")[0]


def test_it_says_where_use_of_force_is_likeliest_next(teisen: Shell, case: Path) -> None:
    teisen("derive", "-c", case)
    assert "Next, on " not in teisen("assess", "-c", case)[1]  # the case is shorter than two weeks
    start = datetime(2025, 4, 22, tzinfo=UTC)
    values = {
        "start": start,
        "end": start + timedelta(days=1),
        "p_any": 0.5,
        "high": 3.0,
        "usual": 1.5,
        "triggered": 0.0,
    }
    rows = [values | {"area_id": name, "expected": 3.0 - n, "rank": n} for n, name in ((2.0, "there"), (1.0, "here"))]
    table = FORECAST.build({column.name: [row[column.name] for row in rows] for column in FORECAST.columns})
    FORECAST.hand_over(table).write_parquet(case / "derived" / "forecast.parquet")
    said = "Next, on 2025-04-22: uses of force are likeliest in here 2 (usual 1.5), there 1 (usual 1.5)."
    assert said in teisen("assess", "-c", case)[1]
    assert [row["area_id"] for row in teisen.json("assess", "-c", case)["ahead"]] == ["here", "there"]


def test_a_date_that_parts_no_days_of_the_case_is_refused(teisen: Shell, case: Path) -> None:
    teisen("derive", "-c", case)
    code, _, err = teisen("assess", "--at", "2019-01-01", "-c", case)
    assert code == 2
    assert "Name a day after " in err


def test_around_a_date_it_is_assessed_anew(teisen: Shell, case: Path) -> None:
    teisen("derive", "-c", case)
    plain, around = (teisen.json("assess", *at, "-c", case)["readings"] for at in ((), ("--at", "2025-04-20")))
    measures = {row["measure"] for one in around for row in one["course"]}
    assert {"before", "after", "change"} <= measures
    assert [one["rate"] for one in plain] == [one["rate"] for one in around]


def test_around_a_date_it_is_asked_which_sources_fell_silent(
    teisen: Shell, case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    teisen("derive", "-c", case)
    found, given = [], []

    def silent(*tables: Any) -> pl.DataFrame:
        found.append(fell_silent(*tables))
        day = datetime(2025, 4, 20, tzinfo=UTC)
        return pl.DataFrame(
            {"group": "news", "start": [day], "end": [day + timedelta(days=1)], "share": 0.1, "p_off": 0.9}
        ).cast(dict(found[0].schema))

    def assessed(*tables: Any, **settings: Any) -> dict[str, pl.DataFrame]:
        given.append(settings["working"])
        return assessment(*tables, **settings)

    monkeypatch.setattr("teisen.cli.assess.fell_silent", silent)
    monkeypatch.setattr("teisen.cli.assess.assessment", assessed)
    assert teisen("assess", "--at", "2025-04-20", "-c", case)[0] == 0
    assert found[0].is_empty()
    assert given[0]["group"].to_list() == ["news"]


def test_before_deriving_it_says_what_to_do(teisen: Shell, case: Path) -> None:
    code, _, err = teisen("assess", "-c", case)
    assert code == 2
    assert "teisen derive" in err


def test_a_reading_that_asks_for_a_count_is_told_by_its_counts(teisen: Shell, case: Path) -> None:
    quota = """\
  - id: trucks
    title: Trucks
    text: {language: en, words: Ten a day., source: SAID}
    binds: [party-a]
    readings:
      - id: each-day
        title: Each day
        held_by: party-a
        sources: [SAID]
        rule:
          all_of:
            - during: {from: 2025-04-18, to: 2025-04-22, zone: UTC}
            - fewer_than: {count: 10, unit: trucks, per: day, zone: UTC}
"""
    file = case / "agreements" / "truce.yaml"
    text = file.read_text(encoding="utf-8")
    source_id = text.partition("statements:")[2].partition("id: ")[2].split(",")[0].split()[0]
    quota = quota.replace("SAID", source_id)
    file.write_text(text.replace("allegations:\n", quota + "allegations:\n"), encoding="utf-8")
    assert teisen("derive", "-c", case)[0] == 0
    out = teisen("assess", "-c", case)[1]
    assert "Trucks. Each day, held by" in out
    assert "  Counted: " in out
    assert "by nobody; violations found: 0." in out
    (counted,) = teisen.json("assess", "-c", case)["counted"]
    assert {row["state"] for row in counted["counted"]} == {"nobody_counted"}


def test_tables_of_another_version_are_to_be_derived_again(teisen: Shell, case: Path) -> None:
    assert teisen("derive", "-c", case)[0] == 0
    path = case / "derived" / "rate.parquet"
    pl.read_parquet(path).drop("watched").write_parquet(path)
    code, _, err = teisen("assess", "-c", case)
    assert code == 2
    assert "rate.parquet: the table was derived with another version of the code, or is damaged" in err
    assert "Run `teisen derive`" in err
