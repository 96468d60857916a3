"""Readings that ask for a count are told by counts: they have no rate, and no incident answers whether they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from teisen.agreement import Counting
from teisen.judgement.schema import FINDING, TALLY
from teisen.release.report import ProvisionShown, ReadingShown, ReportContext, daily_report, weekly_report
from teisen.tables import Table
from tests.release.made_up import DAY, about, at, tables
from tests.release.test_report import Page

TRUCKS = Counting("trucks", "day", "UTC")


def built(table: Table, *given: tuple[Any, ...]) -> pl.DataFrame:
    return table.check(pl.DataFrame(list(given), schema=table.schema, orient="row"))


def tally(day: int, state: str = "counted", **counted: float) -> tuple[Any, ...]:
    voices = [{"source_id": name, "count": number, "p": float(name != "tally")} for name, number in counted.items()]
    return (f"tly-{day}", "trucks", "day", "UTC", False, at(day), at(day + 1), state, voices)


def violated(day: int, p: float = 1.0) -> tuple[Any, ...]:
    what = (f"fnd-{day}", "tally", f"tly-{day}", "truce", "aid", "daily", "mediator", p, p, "very likely", None, [], 1)
    return (*what, "It fell short.", [])


def shown_with(what: Counting, end: int = 9) -> ReportContext:
    """The made-up case with a reading that asks for a count besides."""
    known = about()
    (truce,) = known.agreements
    daily = ReadingShown("daily", "m", "Each day", at(1), at(end), (what,))
    aid = ProvisionShown("aid", "Trucks", "Fifty.", "en", (daily,))
    return replace(known, agreements=(replace(truce, provisions=(*truce.provisions, aid)),))


def summary_of(given: Mapping[str, pl.DataFrame], *, end: int = 9, what: Counting = TRUCKS) -> str:
    text = " ".join("".join(Page(daily_report(given, DAY, shown_with(what, end)).html).text).split())
    return text.partition("Recorded and assessed")[2].partition("What could be seen with what")[0]


def counted(*found: tuple[Any, ...], of: tuple[tuple[Any, ...], ...] = ()) -> Mapping[str, pl.DataFrame]:
    made = tables()
    return made | {"tally": built(TALLY, *found), "finding": pl.concat([made["finding"], built(FINDING, *of)])}


def test_what_was_counted_on_the_day_and_up_to_it_stands_in_the_summary() -> None:
    told = summary_of(counted(tally(1, "nobody_counted"), tally(2, news=43.0, tally=39.0), of=(violated(2),)))
    window = "2 May 00:00 – 3 May 00:00"
    assert (
        f"Counted of trucks, {window}: 43 (News) and 39 (Tally; not weighed beside the others); "
        "a violation is very likely (1.00)." in told
    )
    assert "2 periods: 1 counted as a whole, 0 in part, 1 by nobody; violations found: 1." in told


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (tally(2, "nobody_counted"), "Nobody counted trucks, 2 May 00:00 – 3 May 00:00: that is no zero."),
        (
            tally(2, "counted_in_part", news=20.0),
            "in part, 2 May 00:00 – 3 May 00:00: 20 (News); what was not counted is not in it.",
        ),
        (tally(2, news=60.0), "Counted of trucks, 2 May 00:00 – 3 May 00:00: 60 (News); no violation."),
        (tally(2), "Counted of trucks, 2 May 00:00 – 3 May 00:00: the count is withheld; no violation."),
        (tally(1, news=60.0), "Its period is not over, or lies outside the case: nothing is said of it yet."),
    ],
)
def test_nothing_counted_is_no_zero_and_a_part_is_no_whole(made: tuple[Any, ...], says: str) -> None:
    assert says in summary_of(counted(made))


def test_a_reading_whose_time_is_over_still_says_what_was_counted_in_it() -> None:
    told = summary_of(counted(tally(1, "counted_in_part", news=20.0)), end=2)
    assert "Its time is over. 1 period: 0 counted as a whole, 1 in part, 0 by nobody; violations found: 0." in told


@pytest.mark.parametrize(
    "other", [replace(TRUCKS, unit="flights"), replace(TRUCKS, per="week"), replace(TRUCKS, stays=True)]
)
def test_counts_of_another_thing_are_none_of_the_reading(other: Counting) -> None:
    assert "It asks for a count over no period" in summary_of(counted(tally(2, news=60.0)), what=other)


def test_the_week_says_how_many_of_its_periods_were_counted() -> None:
    given, shown = (
        counted(tally(1), tally(2, "nobody_counted"), tally(3, news=4.0), of=(violated(3),)),
        shown_with(TRUCKS),
    )
    text = " ".join("".join(Page(weekly_report(given, DAY, shown).html).text).split())
    assert "as m reads it 3 periods: 2 counted as a whole, 0 in part, 1 by nobody; violations found: 1." in text
