"""What the stages of whole cases say is recognised, so that no report is half in English."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from teisen.case import Case, stored
from teisen.languages import LANGUAGES, again

SAID = {"evidence": "reason", "outcome": "explanation", "verdict": "says", "finding": "explanation"}
STAYS = re.compile(r"news:\w+|[a-z-]+:\w+")
"""Ids, which are the same in every language."""
STATED = ("the newsroom published nothing on this day: 100% of the time",)
"""What a case's own files state, and nobody translates: the reason of an outage in the simulated case's mapping."""


def sentences(case: Case) -> Iterator[str]:
    for name, column in SAID.items():
        tables = stored.read_tables(case.derived, [name])
        yield from sorted(set(tables[name][column].drop_nulls()))


def left(english: str, said: str, titles: list[str]) -> str:
    """What of a sentence is still English, without what stands as the case states it."""
    for title in titles:
        said = said.replace(title, "")
    return " ".join(re.findall(r"\b[a-z]{3,} [a-z]{3,}\b", STAYS.sub("", said)))


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
@pytest.mark.parametrize("name", ["simulated", "easter", "energy"])
def test_sentences_of_every_stage_are_said_again(name: str, language: str, request: pytest.FixtureRequest) -> None:
    case: Case = request.getfixturevalue(name)
    titles = [source.profile.title for source in case.definitions.sources.values()]
    titles += [*(party.name for party in case.definitions.case.parties), *STATED]
    english = {one for one in sentences(case) if left(one, again(one, language), titles)}
    assert sorted(english)[:5] == []
