"""Words of a language: lists, counts, numbers, days and moments; and the language that is being written in."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from teisen.errors import BadInput
from teisen.languages import LANGUAGES, counted, say, speaking, spoken, words


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
    assert words("uk").moment(moment) == "18 березня 2025 року, 09:05"
    assert words("ru").moment(moment) == "18 марта 2025 года, 09:05"


def test_days() -> None:
    said = [words(code).day(date(2025, 5, 9)) for code in LANGUAGES]
    assert said == ["9 May 2025", "2025年5月9日", "9 травня 2025 року", "9 мая 2025 года"]


@pytest.mark.parametrize(
    ("n", "uk", "ru"),
    [
        (0, "0 інцидентів", "0 инцидентов"),
        (1, "1 інцидент", "1 инцидент"),
        (2, "2 інциденти", "2 инцидента"),
        (5, "5 інцидентів", "5 инцидентов"),
        (11, "11 інцидентів", "11 инцидентов"),
        (21.0, "21 інцидент", "21 инцидент"),
        (112, "112 інцидентів", "112 инцидентов"),
        (1.5, "1,5 інциденти", "1,5 инцидента"),
        (1200, "1\u202f200 інцидентів", "1\u202f200 инцидентов"),
    ],
)
def test_three_plural_forms(n: float, uk: str, ru: str) -> None:
    forms = ("{n} incident", "{n} incidents")
    assert words("uk").counted(n, *forms) == uk
    assert words("ru").counted(n, *forms) == ru


def test_one_plural_form_and_two() -> None:
    forms = ("{n} incident", "{n} incidents")
    assert [words("ja").counted(n, *forms) for n in (1, 5)] == ["1件の事案", "5件の事案"]
    assert [words("en").counted(n, *forms) for n in (0, 1, 2)] == ["0 incidents", "1 incident", "2 incidents"]
    assert words("uk").counted(2, "{n} unknown thing", "{n} unknown things") == "2 unknown things"


def test_numbers_take_the_signs_of_the_language() -> None:
    assert [words(code).number(-1234.56) for code in LANGUAGES] == ["−1\u202f234.6"] * 2 + ["−1\u202f234,6"] * 2
    assert words("uk").number(3.0) == "3"


def test_what_is_said_is_in_the_language_being_written_in_alone() -> None:
    assert say("Map") == "Map"
    with speaking(words("uk")):
        assert say("Map") == "Карта"
        with speaking(words("ja")):
            assert say("Map") == "地図"
        assert counted(3, "{n} incident", "{n} incidents") == "3 інциденти"
        assert spoken().language == "uk"
    assert say("Map") == "Map"


def test_a_language_without_words_is_said_to_be_none() -> None:
    with pytest.raises(BadInput, match="no words in 'xx'"):
        words("xx")
