"""The weekly report: the same released tables, Monday to Sunday, against the week before."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import polars as pl
import pytest

from teisen.compliance import CHANGE, FORECAST, INTERRUPTION, MISSED, PROFILE, VERDICT, WEEK
from teisen.release import Policy, release
from teisen.release.report import daily_report, weekly_pdf, weekly_report
from tests.outward import secret
from tests.release.made_up import DAY, about, at, rows, tables
from tests.release.test_holding import KEY, answer, fell
from tests.release.test_report import Page


def week(start: int, end: int, **more: Any) -> dict[str, Any]:
    values = {"days": 3.0, "expected": 2.5, "watched": 0.4, "low": 0.5, "middle": 1.5, "high": 3.0}
    against = {"times_low": 0.25, "times": 0.5, "times_high": 0.9, "p_below": 0.97}
    return KEY | {"start": at(start), "end": at(end)} | values | against | more


def given(*weeks: dict[str, Any]) -> dict[str, pl.DataFrame]:
    answers = (answer(1, "holding", 0.93), answer(2, "cannot_tell", 0.6))
    told = tables() | {"verdict": rows(VERDICT, *answers), "change": rows(CHANGE, fell(2))}
    return told | ({"week": rows(WEEK, *weeks)} if weeks else {})


def text(html: str) -> str:
    return " ".join(" ".join(Page(html).text).split())


def test_each_day_has_its_word_and_the_week_its_rate_against_the_week_before() -> None:
    report = weekly_report(given(week(1, 4)), DAY, about())
    said = text(report.html)
    assert "holding 0.93" in said
    assert "cannot tell" in said
    assert "1.5 violations a day (0.5 to 3, 90 %)" in said
    assert "0.5 times the week before (0.25 to 0.9, 90 %); it is lower with probability 0.97." in said
    row = next(csv.DictReader(io.StringIO(report.csv["week"])))
    assert (row["reading"], row["week"], row["times"], row["p_below"]) == ("R1", "2030-W18", "0.5", "0.97")


def test_every_day_of_a_week_gives_the_same_report() -> None:
    one, other = (weekly_report(given(week(1, 4)), date(2030, 5, n), about()) for n in (1, 3))
    assert one == other


def test_without_a_week_before_or_without_a_release_nothing_is_compared() -> None:
    alone = weekly_report(given(week(1, 4, times_low=None, times=None, times_high=None, p_below=None)), DAY, about())
    assert "No comparison: not in force in the week before, or not assessed." in text(alone.html)
    assert "Not assessed for this week in this release." in text(weekly_report(given(), DAY, about()).html)


def test_the_page_says_what_is_simulated_loads_nothing_and_leads_nowhere_that_is_not() -> None:
    html = weekly_report(given(week(1, 4)), DAY, about(simulated=True)).html
    page = Page(html)
    assert "SIMULATED" in text(html)
    assert "SIMULATED" not in text(weekly_report(given(), DAY, about()).html)
    assert len(page.ids) == len(set(page.ids))
    inside = [to[1:] for _, _, to in page.addresses if to.startswith("#")]
    assert inside
    assert set(inside) <= set(page.ids)
    assert not [to for _, name, to in page.addresses if name == "src"]


def test_every_drawing_has_a_text() -> None:
    html = weekly_report(given(week(1, 4)), DAY, about()).html
    assert html.count("<desc>") == html.count("<svg") >= 2
    assert "Fall on 2 May: less happened" in text(html)


def test_a_party_that_said_nothing_is_named_too() -> None:
    said = text(weekly_report(given(), DAY, about()).html)
    assert "Xland alleges" in said
    assert "Yland alleges" in said


@pytest.mark.parametrize(("language", "head"), [("ja", "週報"), ("uk", "Тижневий звіт"), ("ru", "Недельный отчёт")])
def test_it_speaks_the_language_and_its_tables_stay_english(language: str, head: str) -> None:
    english, other = (weekly_report(given(week(1, 4)), DAY, about(language=code)) for code in ("en", language))
    assert head in text(other.html)
    assert other.csv == english.csv


def test_the_paper_is_the_same_bytes_again() -> None:
    one = weekly_pdf(given(week(1, 4)), DAY, about())
    assert one.startswith(b"%PDF")
    assert one == weekly_pdf(given(week(1, 4)), DAY, about())


def test_a_week_waits_for_the_delay_of_its_last_day() -> None:
    policy = Policy.model_validate({})
    out = {"week": rows(WEEK, week(1, 4))}
    assert release(out, policy, "public", at(6), {}, secret=secret).tables["week"].is_empty()
    assert release(out, policy, "public", at(8), {}, secret=secret).tables["week"].height == 1


def test_weekdays_hours_and_before_and_after_are_drawn_told_and_written() -> None:
    span = {"start": at(1), "end": at(4)}
    times = {"expected": 4.0, "even": 1.0, "low": 1.5, "middle": 2.0, "high": 3.0}
    noon = KEY | span | times | {"by": "hour", "value": 12}
    monday = KEY | span | times | {"by": "weekday", "value": 1, "low": 0.5}
    began = {"at": at(2), "days_before": 20.0, "days_after": 3.0, "plain": 0.5, "word": "fell", "controls": "cloud"}
    ratios = {"ratio_low": 0.25, "ratio": 0.5, "ratio_high": 0.75}
    more = {"profile": rows(PROFILE, noon, monday), "interruption": rows(INTERRUPTION, KEY | began | ratios)}
    report = weekly_report(given() | more, DAY, about())
    assert "after against before 0.5 (0.25 – 0.75) and 12: 2 (1.5 – 3)." in text(report.html)
    found = list(csv.DictReader(io.StringIO(report.csv["profile"])))
    assert [(row["by"], row["value"], row["middle"]) for row in found] == [
        ("hour", "12", "2.0"),
        ("weekday", "1", "2.0"),
    ]
    after = next(csv.DictReader(io.StringIO(report.csv["before_after"])))
    assert (after["reading"], after["ratio"], after["word"]) == ("R1", "0.5", "fell")
    assert 'id="when"' not in weekly_report(given(), DAY, about()).html


def test_how_many_there_were_in_all_stands_in_both_reports_with_what_speaks_against_it() -> None:
    span = KEY | {"start": at(1), "end": at(4), "seen": 12.0}
    none: dict[str, Any] = {"low": None, "middle": None, "high": None, "says": "made up"}
    number = none | {"low": 15.0, "middle": 20.0, "high": 30.0}
    missed = rows(
        MISSED,
        span | number | {"method": "effort", "lists": ["a"], "word": "doubtful", "warnings": ["declared"]},
        span | none | {"method": "capture", "lists": ["a"], "word": "cannot_say", "warnings": ["one_list"]},
    )
    told = given(week(1, 4)) | {"missed": missed}
    for report in (weekly_report(told, DAY, about()), daily_report(told, DAY, about())):
        said = text(report.html)
        assert "20 in all (15 to 30, 90 %); 12 of them were found. Doubtful: detection probabilities are mostly" in said
        assert said.index("Cannot say: one group of sources") < said.index("20 in all")
        beside = list(csv.DictReader(io.StringIO(report.csv["totals"])))
        assert [(row["method"], row["middle"]) for row in beside] == [("capture", ""), ("effort", "20.0")]
    assert "id='totals'" not in weekly_report(given(week(1, 4)), DAY, about()).html.replace('"', "'")


def ahead(area: str, day: int, expected: float, rank: float) -> dict[str, Any]:
    values = {"p_any": 0.9, "high": 7.0, "usual": 1.5, "triggered": 0.5}
    return {"area_id": area, "start": at(day), "end": at(day + 1), "expected": expected, "rank": rank} | values


def test_where_to_look_next_stands_in_reports_of_the_last_day_alone() -> None:
    told = given(week(1, 4)) | {
        "forecast": rows(
            FORECAST, ahead("north", 4, 1.0, 2.0), ahead("south", 4, 3.4, 1.0), ahead("south", 5, 2.0, 1.0)
        )
    }
    for report in (weekly_report(told, DAY, about()), daily_report(told, date(2030, 5, 3), about())):
        said = text(report.html)
        assert (
            "Area 4 May 5 May Any on 4 May At most, 19 times of 20 Usual there south 3.4 2 0.90 7 1.5 north 1 –" in said
        )
        beside = list(csv.DictReader(io.StringIO(report.csv["ahead"])))
        assert [(row["area_id"], row["day"], row["rank"]) for row in beside] == [
            ("south", "2030-05-04", "1.0"),
            ("north", "2030-05-04", "2.0"),
            ("south", "2030-05-05", "1.0"),
        ]
    before = daily_report(told, DAY, about())
    assert 'id="ahead"' not in before.html
    assert len(before.csv["ahead"].splitlines()) == 1
    assert weekly_pdf(told, DAY, about()) != weekly_pdf(given(week(1, 4)), DAY, about())
