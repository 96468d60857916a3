"""The report in every language: the same things said, nothing of its own left in English, the same files beside it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from teisen.compliance.verdict import _sentence as verdict_says
from teisen.judgement.saying import COUNTED_SAYS, NUMBER_SAYS, SAYS
from teisen.languages import LANGUAGES, again, speaking, words
from teisen.release import Policy
from teisen.release.policy import DEFAULTS
from teisen.release.report import daily_pdf, daily_report
from tests.release.made_up import DAY, about, tables
from tests.release.test_report import Page

OTHERS = [code for code in LANGUAGES if code != "en"]
SCRIPT = {"ja": r"[ぁ-んァ-ン一-龯]", "uk": r"[а-яґєії]", "ru": r"[а-яё]"}
GIVEN = re.compile(r"X?land|News|Title|truce|Let there|None|From|They|drone strikes|teisen verify|set_aside|counted")
"""Words of the made-up case, and of commands and files, which stand as they are."""


@pytest.mark.parametrize("language", OTHERS)
def test_everything_that_the_page_itself_says_is_in_its_language(language: str) -> None:
    html = daily_report(tables(), DAY, about(language=language)).html
    english = daily_report(tables(), DAY, about()).html
    page, plain = Page(html), Page(english)
    assert f'<html lang="{language}">' in html
    assert page.ids == plain.ids
    assert len(page.cells) == len(plain.cells)
    same = {a.strip() for a in page.text} & {b.strip() for b in plain.text}
    said = [text for text in same if re.search(r"[a-z]{3,} [a-z]{2,}", text)]
    assert [text for text in said if not GIVEN.search(text)] == []


@pytest.mark.parametrize("language", OTHERS)
def test_the_files_beside_the_page_are_the_same_in_every_language(language: str) -> None:
    english, other = daily_report(tables(), DAY, about()), daily_report(tables(), DAY, about(language=language))
    assert (english.csv, english.geojson) == (other.csv, other.geojson)


def stage_sentences() -> list[str]:
    """Sentences as the stages write them, with their gaps filled."""
    gaps = {"{n}": "3 incidents", "{p}": "0.61", "{c}": "0.08", "{w}": "0.4"}
    said = list(SAYS.values())
    for gap, value in gaps.items():
        said = [text.replace(gap, value) for text in said]
    said += list(COUNTED_SAYS.values())
    said += [one.replace("{unit}", "drones") for one in NUMBER_SAYS.values()]
    said += [one for name in DEFAULTS for one in Policy({}).terms(name).says]  # type: ignore[arg-type]
    p = [0.7, 0.2, 0.05, 0.05]
    said += [verdict_says(word, p, (0.02, 0.12, 0.5), 3) for word in ("holding", "eroding", "collapsed", "cannot_tell")]  # type: ignore[arg-type]
    said += [
        "a copy of news:7: counts once",
        "reported it; 93 % of this source's reports are true",
        "reported it; days with one within 3 cells and 5 days: 2 others, 0.41 are ordinary here at this season",
        "reported it; in this area 2.3 % are of the conflict",
        "reported it; this cell has 2.1 times its neighbours' in ordinary years",
        "over its area, covers 97 % of its time; this source says so here 12 % of the time: moves nothing",
        "4 km away, covers 50 % of its time; this source says so here 3 % of the time; curfew",
        "cloud 80 % (of the day); the files hold 42 % of the day; 3 passes",
        "12 reports, usually 40; what outlets miss is unknown; within reach 62 %; curfew",
        "under alert for 42 % of the day",
        "the feed is silent for 20 %, longer than its habit (26 h): it failed, or had nothing to say; curfew",
        "younger than 72 hours",
        "a count below 3, or needed to hide one",
        "link withheld",
    ]
    return said


@pytest.mark.parametrize("language", OTHERS)
def test_sentences_of_stages_are_recognised(language: str) -> None:
    for english in stage_sentences():
        said = again(english, language)
        assert re.search(SCRIPT[language], said.lower()), english
        left = re.sub(r"set_aside\.raw|link|news:7|name", "", said)
        assert not re.search(r"[a-z]{4,}", left), said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_day_on_paper_is_the_same_bytes_again(language: str) -> None:
    context = about(language=language)
    first = daily_pdf(tables(), DAY, context)
    assert first == daily_pdf(tables(), DAY, context)
    assert first.startswith(b"%PDF-1.7")
    assert len({first, daily_pdf(tables(), DAY, replace(context, simulated=True))}) == 2


def test_the_mediator_is_named_in_the_readers_language() -> None:
    with speaking(words("uk")):
        assert about().name_of("mediator") == "посередник"
        assert about().name_of("somebody") == "somebody"
