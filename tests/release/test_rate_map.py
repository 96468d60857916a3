"""Maps of rates and of how far they are open: drawn, told, written, and honest where nobody could see."""

from __future__ import annotations

import csv
import io
import re

import polars as pl
import pytest

from teisen.planning import SECTOR_AREA
from teisen.release import Policy, release
from teisen.release.report import Report, daily_report, weekly_report
from tests.outward import secret
from tests.release import tables as made
from tests.release.made_up import BLOB, DAY, about, at, box, tables


def drawing(report: Report) -> str:
    return re.search(r"<svg[^>]*><title>Maps of rates.*?</svg>", report.html, flags=re.DOTALL)[0]  # type: ignore[index]


def numbers(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(report.csv["map"])))


def in_sectors() -> dict[str, pl.DataFrame]:
    """The made-up case with a western sector that was watched and an eastern one that nobody could see."""
    given = tables()
    of_regions = given["rate"].filter((pl.col("area_id") == "AA") & (pl.col("start") == at(2)))
    unseen = {"rate": pl.lit(None, pl.Float64), "word": pl.lit("nobody_could_see"), "area_id": pl.lit("sector-east")}
    given["sector_rate"] = pl.concat(
        [of_regions.with_columns(area_id=pl.lit("sector-west")), of_regions.with_columns(**unseen)]
    )
    shapes = {"sector-west": box(31, 48.4, 32, 49), "sector-east": box(32, 48.4, 33, 49)}
    given["sector_area"] = SECTOR_AREA.hand_over(
        SECTOR_AREA.fill(
            pl.DataFrame(
                [
                    {"area_id": i, "level": "sector", "name": i, "geometry": shape, "approximate": True,
                     "source_id": "maps", "blob": BLOB, "row": n}
                    for n, (i, shape) in enumerate(shapes.items(), start=1)
                ],
                schema_overrides={"row": pl.Int64},
            )
        )
    )  # fmt: skip
    return given


def test_rate_and_ignorance_stand_side_by_side_with_their_words_and_numbers() -> None:
    report = daily_report(tables(), DAY, about())
    svg = drawing(report)
    assert "violations a day" in svg
    assert "how open it is: upper over lower end" in svg
    assert "Least is known of:" in svg
    row = next(row for row in numbers(report) if row["word"] == "seen")
    assert float(row["times"]) == pytest.approx(float(row["rate_high"]) / float(row["rate_low"]), abs=0.01)


def test_sectors_are_mapped_where_they_were_released() -> None:
    report = daily_report(in_sectors(), DAY, about())
    assert {row["area"] for row in numbers(report)} == {"sector-west", "sector-east"}
    assert "sector-west: 1.1 (0.4" in drawing(report)


def test_what_nobody_could_see_is_hatched_and_has_its_word_and_no_number() -> None:
    report = daily_report(in_sectors(), DAY, about())
    svg = drawing(report)
    assert svg.count('class="hatch"') > daily_report(tables(), DAY, about()).html.count('class="hatch"')
    assert "sector-east: nobody could see" in svg
    blind = next(row for row in numbers(report) if row["area"] == "sector-east")
    assert (blind["rate"], blind["times"], blind["word"]) == ("", "", "nobody_could_see")


def test_a_week_has_one_map_a_day_in_one_projection() -> None:
    report = weekly_report(tables(), DAY, about())
    moved = re.findall(r'transform="translate\(([\d.]+) ([\d.]+)\)"', drawing(report))
    days = {row["day"] for row in numbers(report)}
    readings = {row["reading"] for row in numbers(report)}
    assert len(moved) == 2 * len(days) * len(readings)
    assert len({x for x, _ in moved}) == len(days) > 1


def test_without_shapes_nothing_is_mapped() -> None:
    given = {name: table for name, table in tables().items() if name != "area"}
    report = daily_report(given, DAY, about())
    assert "Maps of rates" not in report.html
    assert numbers(report) == []


def test_sectors_of_a_closed_source_do_not_leave_and_those_of_others_are_coarsened() -> None:
    given = in_sectors()["sector_area"].with_columns(
        geometry=pl.Series([box(31.0123, 48.4567, 32, 49), box(32, 48.4, 33, 49)], dtype=pl.Binary),
        source_id=pl.Series(["open", "shut"]),
    )
    out = release(
        {"sector_area": given}, Policy.model_validate({}), "public", at(9), made.sources(), secret=secret
    ).tables["sector_area"]
    assert out["source_id"].to_list() == ["open"]
    assert out["geometry"][0] != given["geometry"][0]
