"""Is it holding? What the report says and draws of it, and when it leaves."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from importlib import resources
from typing import Any

import polars as pl

from teisen.compliance import CHANGE, FORECAST, VERDICT
from teisen.release import Policy, release
from teisen.release.report import daily_report
from tests.outward import secret
from tests.release.made_up import DAY, about, at, rows, tables
from tests.release.test_report import Page

KEY = {"agreement_id": "truce", "provision_id": "halt", "reading_id": "read-x"}


def answer(day: int, word: str, p: float, **more: Any) -> dict[str, Any]:
    values = {"p_holding": p, "p_eroding": 0.0, "p_collapsed": 1 - p, "p_cannot_tell": 0.0, "sources": 2.0, "p": p}
    ratios = {"ratio_low": 0.1, "ratio": 0.25, "ratio_high": 0.5, "effort": 1.0}
    says = {"says": "What it forbids is at 0.25 of the time before.", "word": word}
    return KEY | {"start": at(day), "end": at(day + 1)} | values | ratios | says | more


def fell(day: int, word: str = "behaviour") -> dict[str, Any]:
    chances = {"p_behaviour": 0.9, "p_instrument": 0.1, "p_access": 0.0, "p_scatter": 0.0, "instrument": "news"}
    when = {"start": at(day), "end": at(day + 1), "found": at(day + 1), "what": "fall", "word": word}
    return KEY | when | chances | {"ratio_low": 0.1, "ratio": 0.2, "ratio_high": 0.4, "says": "It fell."}


def given(*verdicts: dict[str, Any]) -> dict[str, pl.DataFrame]:
    return tables() | {"verdict": rows(VERDICT, *verdicts), "change": rows(CHANGE, fell(2))}


def test_the_summary_has_the_answer_with_its_probability_and_reason() -> None:
    html = daily_report(given(answer(2, "holding", 0.93)), DAY, about()).html
    text = " ".join(Page(html).text)
    assert "Holding, with probability 0.93. What it forbids is at 0.25 of the time before." in text


def test_cannot_tell_is_said_without_a_figure() -> None:
    html = daily_report(given(answer(2, "cannot_tell", 0.6)), DAY, about()).html
    assert "Cannot tell. What it forbids" in " ".join(Page(html).text)


def test_the_drawing_has_its_words_and_its_numbers() -> None:
    report = daily_report(given(answer(1, "collapsed", 0.9), answer(2, "holding", 0.93)), DAY, about())
    text = " ".join(Page(report.html).text)
    assert "collapsed 1 May and holding 2 May" in text
    assert "Fall on 2 May: less happened" in text
    found = {row["day"]: row for row in csv.DictReader(io.StringIO(report.csv["holding"]))}
    assert found["2030-05-02"]["answer"] == "holding"
    assert found["2030-05-02"]["changes"] == "fall: less happened"
    assert found["2030-05-01"]["p"] == "0.9"
    assert "#holding" in report.html


def test_without_an_answer_there_is_no_drawing() -> None:
    report = daily_report(tables(), DAY, about())
    assert 'id="holding"' not in report.html
    assert "#holding" not in report.html


def test_answers_wait_and_the_public_gets_no_forecast_ahead() -> None:
    ahead = {"area_id": "AA", "start": at(3), "end": at(4), "expected": 1.0, "p_any": 0.6, "high": 3.0, "usual": 1.0,
             "triggered": 0.0, "rank": 1.0}  # fmt: skip
    out = {"forecast": rows(FORECAST, ahead)} | {k: given(answer(2, "holding", 0.9))[k] for k in ("verdict", "change")}
    policy = Policy.model_validate({})
    early, late = (
        release(out, policy, "public", at(3) + timedelta(hours=h), {}, secret=secret).tables for h in (1, 73)
    )
    assert early["verdict"].is_empty()
    assert early["change"].is_empty()
    assert early["forecast"].is_empty()
    assert late["verdict"].height == 1
    assert late["change"].height == 1
    assert late["forecast"].is_empty()
    assert release(out, policy, "mission", at(3), {}, secret=secret).tables["forecast"].height == 1


def test_what_was_watched_has_not_the_colour_of_an_answer() -> None:
    style = resources.files("teisen.release.report").joinpath("templates", "style.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"\.(share|v-\w+)\{fill:var\(--(\w+)\)", style))
    assert colours["share"] not in {colour for name, colour in colours.items() if name != "share"}
