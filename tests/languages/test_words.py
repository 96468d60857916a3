"""Catalogues: complete, with the same gaps as the English text, and used for whole sentences."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

import teisen
from teisen.errors import BadInput
from teisen.languages import LANGUAGES, words
from teisen.observation import vocabulary

PACKAGE = Path(teisen.__file__).parent
SPOKEN = {"words": None, "self": None}
"""Functions whose first argument is a text to translate."""


def texts() -> set[str]:
    """Every English text of the code and of the vocabulary that a catalogue has to hold."""
    found = {"{first} or {last}", "{first} and {last}", "d MMMM y HH:mm"}  # chosen from a table, or a constant
    for room in ("languages", "agreement", "judgement"):
        rows = extract_from_dir(PACKAGE / room, method_map=[("**.py", "python")], keywords=SPOKEN)
        found |= {row[2] for row in rows if isinstance(row[2], str) and row[2] not in LANGUAGES}
    known = vocabulary()
    found |= {kind.title for kind in known.kinds.values()}
    found |= {weapon.title for weapon in known.weapons.values()}
    return found | {one.title for one in known.target_classes.values()}


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_a_catalogue_holds_every_text_and_none_beside(language: str) -> None:
    catalogue = set(words(language).catalogue)
    assert sorted(texts() - catalogue) == []
    assert sorted(catalogue - texts()) == []


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_gaps_are_those_of_the_english_text(language: str) -> None:
    for text, translated in words(language).catalogue.items():
        assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", translated)), text


def test_lists_and_moments() -> None:
    english, japanese = words("en"), words("ja")
    assert english.listed([]) == "nobody"
    assert english.listed(["a"]) == "a"
    assert english.listed(["a", "b", "c"]) == "a, b or c"
    assert english.listed(["a", "b"], "and") == "a and b"
    assert japanese.listed(["甲", "乙", "丙"]) == "甲、乙または丙"
    moment = datetime(2025, 3, 18, 9, 5)  # noqa: DTZ001  a local clock
    assert english.moment(moment) == "18 March 2025 09:05"
    assert japanese.moment(moment) == "2025年3月18日 9:05"


def test_a_language_without_words_is_said_to_be_none() -> None:
    with pytest.raises(BadInput, match="no words in 'xx'"):
        words("xx")
