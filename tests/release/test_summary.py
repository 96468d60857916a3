"""What the summary of a day says: who did it, what may be in a reading's scope, what is neither force nor a trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from teisen.decision import CORRECTION
from teisen.release.report import daily_report
from tests.release.made_up import DAY, about, tables
from tests.release.test_report import Page, read


def summary_of(given: Mapping[str, pl.DataFrame], **changes: Any) -> str:
    text = " ".join("".join(Page(daily_report(given, DAY, about(**changes)).html).text).split())
    return text.partition("Recorded and assessed")[2].partition("What could be seen with what")[0]


def test_the_summary_says_who_did_it_as_recorded_assessed_and_alleged_apart() -> None:
    given, known = tables(), about().sources
    neutral = "Recorded, by sources that speak for no party: "
    told = summary_of(given)
    assert f"{neutral}Xland 0, Yland 0, nobody named 0 and not released who names whom 2." in told
    assert "those of parties too: Xland 0.5, Yland 0 and undetermined 0.7." in told
    assert "Xland 1 statement about this day or made on it: 1 partly corroborated." in told
    assert told.count("Its statements say who did it: Yland 1.") == 1
    assert told.count("Its statements say who did it: Xland 1.") == 1
    fixed = {"incident_id": ["inc-one"], "field": ["actors"], "decision_id": ["dec-one"], "applied": [True]}
    told = summary_of(given | {"correction": CORRECTION.build(fixed)})
    assert f"{neutral}Xland 0, Yland 0, nobody named 1 and not released who names whom 1." in told
    by_news = pl.when(pl.col("source_id") == "news").then(pl.lit("party-y"))
    named = given | {"observation": given["observation"].with_columns(actor_stated=by_news)}
    told = summary_of(named)
    assert f"{neutral}Xland 0, Yland 1, nobody named 0 and not released who names whom 1." in told
    assert "Its own sources" not in told
    spoken_for = {n: replace(s, reported_by="party-x") if n == "news" else s for n, s in known.items()}
    told = summary_of(named, sources=spoken_for)
    assert f"{neutral}Xland 0, Yland 0, nobody named 1 and not released who names whom 1." in told
    assert told.count("Its own sources say who did uses of force recorded here: Yland 1.") == 1
    nothing = given | {"incident": given["incident"].filter(pl.col("kind") == "fire")}
    assert "Who did it" not in summary_of(nothing)


def test_under_a_reading_no_more_is_told_than_may_be_in_its_scope() -> None:
    given = tables()
    told = summary_of(given)
    assert "as Xland reads it (R1) 0.6 violations expected; of what was recorded may be in its scope: " in told
    assert "uses of force 1 of 2 and fires and other traces 1 of 1;" in told
    fewer = given | {"finding": given["finding"].with_columns(p_in_scope=pl.lit(0.0))}
    told = summary_of(fewer)
    assert "uses of force 0 of 2 and fires and other traces 0 of 1;" in told
    told = summary_of({name: table for name, table in given.items() if name != "finding"})
    assert "in its scope" not in told
    assert "0.6 violations expected; " in told


def test_a_movement_is_no_trace_of_fire_and_has_a_heading_of_its_own() -> None:
    given, head = tables(), "Movements and other things, neither force nor a trace of it"
    plain = daily_report(given, DAY, about())
    assert head not in plain.html
    assert "Other things" not in plain.html
    moved = pl.when(pl.col("incident_id") == "inc-two").then(pl.lit("movement")).otherwise("kind").alias("kind")
    report = daily_report(given | {"incident": given["incident"].with_columns(moved)}, DAY, about())
    text = " ".join("".join(Page(report.html).text).split())
    assert f"{head} 1 recorded; the day before 0." in text
    assert "Fires and other traces, cause not told 0 recorded" in text
    assert " and other things 1 of 1;" in text
    assert "fires and other traces 0 of" not in text
    assert text.count(f"{head}: 1") == 2
    alpha = next(row for row in read(report.csv["regions"]) if row["name"] == "Alpha")
    assert (alpha["force"], alpha["traces"], alpha["rest"], alpha["rest_day_before"]) == ("1", "0", "1", "0")
    assert any(row.get("rest_recorded") for row in read(report.csv["days"]))
