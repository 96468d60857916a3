"""Figures that a reader could quote and be wrong: what stands beside them, on the page, on paper and of a week."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from teisen.agreement import load_agreement
from teisen.compliance import MISSED
from teisen.judgement.schema import FINDING
from teisen.observation import EXPOSURE
from teisen.release.report import ReportContext, daily_report, shown, weekly_report
from tests.release.made_up import DAY, about, at, finding, rows, tables
from tests.release.test_holding import KEY
from tests.release.test_report import Page
from tests.release.test_week import given as given_week
from tests.release.test_week import week

Given = Mapping[str, pl.DataFrame]


def text(html: str) -> str:
    return " ".join("".join(Page(html).text).split())


def both(given: Given, context: ReportContext) -> tuple[str, str]:
    return tuple(text(report(given, DAY, context).html) for report in (daily_report, weekly_report))  # type: ignore[return-value]


def reworded(**changes: Any) -> ReportContext:
    """The made-up context with its provision or its first reading changed."""
    context = about()
    [agreement] = context.agreements
    [provision] = agreement.provisions
    title = changes.pop("title", provision.title)
    readings = (replace(provision.readings[0], **changes), *provision.readings[1:])
    provision = replace(provision, title=title, readings=readings)
    return replace(context, agreements=(replace(agreement, provisions=(provision,)),))


def out_of_scope(*reasons: tuple[str, float]) -> Given:
    """The made-up tables, where nobody is named for the day's missile strike and the first reading leaves it out."""
    known = tables()
    said = [{"predicate": name, "share": share, "says": "so it is"} for name, share in reasons]
    row = finding("inc-one", "read-x", 0.0, "unlikely") | {"reasons": said, "attribution": []}
    others = known["finding"].filter(pl.col("subject_id") != "inc-one")
    nobody = pl.lit([], dtype=known["incident"].schema["actors"])
    nothing = pl.when(pl.col("word") == "seen").then(pl.lit("nothing_seen")).otherwise("word").alias("word")
    return known | {
        "incident": known["incident"].with_columns(actors=nobody),
        "finding": pl.concat([others, rows(FINDING, row)]),
        "rate": known["rate"].with_columns(nothing),
    }


def test_a_party_that_no_source_ever_names_is_told_apart_from_one_that_did_nothing() -> None:
    given = given_week(week(1, 4))
    for said in both(given, about()):
        assert "Named by no source of incidents in the whole case, as far as is released: Yland. A 0 beside" in said
    by_news = pl.when(pl.col("source_id") == "news").then(pl.lit("party-y"))
    for said in both(given | {"observation": given["observation"].with_columns(actor_stated=by_news)}, about()):
        assert "Named by no source" not in said


def test_where_every_source_speaks_for_a_party_none_is_said_to_speak_for_nobody() -> None:
    theirs = {name: replace(one, reported_by="party-y") for name, one in about().sources.items()}
    for said in both(given_week(week(1, 4)), about(sources=theirs)):
        assert "Every source of incidents in this case speaks for a party: Yland. Assessed, from their" in said
        assert "sources that speak for no party" not in said
    quiet = out_of_scope(("during", 1.0))
    assert "Every source of incidents" not in text(daily_report(quiet, DAY, about()).html)
    said = text(daily_report(quiet, DAY, about(sources=theirs)).html)
    assert said.index("Nothing was seen, and it was looked for") < said.rindex("Every source of incidents")


def test_a_week_says_who_did_it_and_whom_each_party_names() -> None:
    said = text(weekly_report(given_week(week(1, 4)), DAY, about()).html)
    assert "Who did it, on all days of the week" in said
    assert re.search(r"Recorded, by sources that speak for no party: Xland 0, Yland 0,? .*?undetermined", said)
    assert said.count("Its statements say who did it: Yland 1.") == 1
    assert said.count("Its statements say who did it: Xland 1.") == 1


def test_a_reading_that_binds_one_party_says_what_it_leaves_out_as_nobody_is_named() -> None:
    left_out = (
        "It counts only acts of: Xland. 1 more use of force may be in its scope, but nobody is said to have done it"
    )
    asked = (("during", 0.6), ("target_is", 0.0), ("target_is", 0.5), ("bound_party", 0.0))
    said = text(daily_report(out_of_scope(*asked), DAY, reworded(only=("party-x",))).html)
    assert left_out in said
    assert "Nothing that counts under it was seen: " in said
    assert "Nothing was seen, and it was looked for" not in said.partition("as Yland reads it")[0]
    assert left_out in text(weekly_report(out_of_scope(*asked), DAY, reworded(only=("party-x",))).html)
    assert "It counts only acts of" not in text(daily_report(out_of_scope(*asked), DAY, reworded()).html)
    late = out_of_scope(("during", 0.0), ("bound_party", 0.0))
    assert "It counts only acts of" not in text(daily_report(late, DAY, reworded(only=("party-x",))).html)


@pytest.mark.parametrize(("bound", "only"), [("bound_party:", ()), ("bound_party: [a]", ("a",))])
def test_a_reading_asks_who_did_it_where_it_does_not_bind_everybody(bound: str, only: tuple[str, ...]) -> None:
    agreement = load_agreement(
        f"""
format: teisen-agreement/1
id: halt
title: Halt
summary: Made up.
parties: [{{id: a, name: A}}, {{id: b, name: B}}]
statements: [{{id: said, who: a, date: 2030-05-01, language: en, text: Halt., citation: made up, mark: background}}]
provisions:
  - id: halt
    title: Halt
    text: {{language: en, words: Halt., source: said}}
    binds: [a, b]
    readings:
      - id: one
        title: One
        held_by: a
        sources: [said]
        rule:
          all_of:
            - during: {{from: 2030-05-01, to: 2030-05-04, zone: UTC}}
            - {bound}
""",
        "halt.yaml",
    )
    [reading] = shown(agreement).provisions[0].readings
    assert (reading.start, reading.end, reading.only) == (at(1), at(4), only)


def test_what_is_expected_is_divided_into_uses_of_force_and_fires_of_which_nobody_tells_the_cause() -> None:
    given = given_week(week(1, 4))
    daily, weekly = both(given, about())
    traces = given["incident"].filter(kind="fire")["incident_id"].to_list()
    mine = given["finding"].filter(subject="incident", reading_id="read-x")
    assert mine.filter(pl.col("subject_id").is_in(traces))["p_violation"].sum() > 0
    parts = (
        r"What was expected lies among: uses of force ([\d.]+) and fires and other traces, cause not told ([\d.]+)\."
    )
    for said, whole in ((daily, 0.6), (weekly, 2.5)):
        found = re.search(parts, said)
        assert found
        assert sum(map(float, found.groups())) == pytest.approx(whole, abs=0.11)
    alone = given | {"finding": given["finding"].filter(~pl.col("subject_id").is_in(traces))}
    assert "What was expected lies among" not in "".join(both(alone, about()))


def test_a_total_of_watched_places_says_what_was_found_elsewhere_and_keeps_to_the_window() -> None:
    span = KEY | {"start": at(1), "end": at(4), "says": "", "low": 15.0, "middle": 20.0, "high": 30.0}
    none = span | {"low": None, "middle": None, "high": None, "seen": 31.0}
    missed = rows(
        MISSED,
        none | {"method": "capture", "lists": ["a"], "word": "cannot_say", "warnings": ["one_list"]},
        span | {"method": "effort", "seen": 12.0, "lists": ["a"], "word": "holds", "warnings": []},
    )
    given = given_week(week(1, 4)) | {"missed": missed}
    context = reworded(start=at(1, 15), end=at(3, 21))
    beyond = "19 of the 31 found lie where next to nobody could see one, and are not in it."
    for said in both(given, context):
        assert "12 of them were found. It is of places and days that some source watched; " + beyond in said
        assert "1 May 15:00 – 3 May 21:00" in said
    fewer = given | {"missed": missed.with_columns(seen=pl.lit(12.0))}
    assert "next to nobody" not in "".join(both(fewer, context))


def test_how_well_an_attack_would_be_seen_is_told_of_each_kind() -> None:
    given = tables()
    first = given["exposure"].row(0, named=True)
    less = [first | {"exposure_id": f"news:{kind}", "kind": kind, "p_detect": p}
            for kind, p in (("shelling", 0.2), ("ground-assault", 0.01))]  # fmt: skip
    exposure = EXPOSURE.hand_over(pl.concat([given["exposure"], rows(EXPOSURE, *less)]))
    said = text(daily_report(given | {"exposure": exposure}, DAY, about()).html)
    assert "An attack of the kind seen best would probably be seen in 1 of 3 regions" in said
    assert (
        "By kind, where it sees best: would probably be seen: Missile strike; may be seen: Artillery, mortar or rocket "
        "fire; would hardly be seen: Assault or clash on the ground; no effort stated: Air strike" in said
    )


def test_a_long_title_leaves_a_drawings_label_its_reading_and_whose_it_is() -> None:
    long = "No strikes on facilities of energy, of transport and of anything that somebody could call infrastructure"
    context = reworded(title=long)
    for report in (daily_report, weekly_report):
        html = report(given_week(week(1, 4)), date(2030, 5, 2), context).html
        labels = set(re.findall(r">(R1 No strikes on [^<]*… \(Xland\))<", html))
        assert labels
        assert all(len(label) <= 90 for label in labels)


def test_the_legend_of_small_rates_tells_its_steps_apart() -> None:
    given = given_week(week(1, 4))
    numbers = [pl.col(name) / 1000 for name in ("rate_low", "rate", "rate_high")]
    html = weekly_report(given | {"rate": given["rate"].with_columns(numbers)}, DAY, about()).html
    steps = re.findall(r">([\d.]+) – ([\d.]+)</text>", html)
    assert steps
    assert all(low != high for low, high in steps)
