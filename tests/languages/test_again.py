"""Sentences that stages wrote in English, said again."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teisen.languages import LANGUAGES, again, words
from teisen.languages.again import GAP, LEAST_LETTERS, NUMBERS

OTHERS = [code for code in LANGUAGES if code != "en"]


def test_english_and_what_is_not_known_stay_as_they_are() -> None:
    assert again("it happened at any time", "en") == "it happened at any time"
    assert again("Something that no stage says.", "uk") == "Something that no stage says."
    assert again("", "uk") == ""


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("said", ["a, " * 20_000, "a, " * 600, "x and y or z, " * 140, "shelling, " * 150 + "x"])
def test_what_somebody_sent_is_not_tried_without_end(said: str, language: str) -> None:
    again("a first sentence", language)
    begun = time.process_time()
    assert again(said, language) == said
    assert time.process_time() - begun < 2, "600 joints took a second, 1,500 took 16"


@pytest.mark.parametrize("language", OTHERS)
def test_clauses_moments_and_numbers_are_said_again_in_turn(language: str) -> None:
    known = words(language)
    start = {"ja": "2025年3月18日 0:00", "uk": "18 березня 2025 року, 00:00", "ru": "18 марта 2025 года, 00:00"}[
        language
    ]
    clause = known("it happened from {start} on ({zone})", start=start, zone="Europe/Kyiv")
    says = "In scope in 62 % of possible worlds only; least sure is that {clause}."
    english = "it happened from 18 March 2025 00:00 on (Europe/Kyiv)"
    assert again(says.replace("{clause}", english), language) == known(
        "In scope in {percent} % of possible worlds only; least sure is that {clause}.", percent="62", clause=clause
    )


def test_parts_of_a_reason_are_said_again_each() -> None:
    said = again("cloud 80 % (normal of the month); the files hold 42 % of the day; 3 passes", "uk")
    assert said == "хмарність 80 % (норма місяця); файли містять 42 % доби; проходів: 3"
    found = "reported it; 90 % of this source's reports are true; of an incident it mostly makes more reports than one"
    assert again(found, "ja").startswith("報告した; この情報源の報告の90%は正しい")
    whole = "Some feed, of fires: watched, would have reported it with p 0.31; nothing reported (no file for this day)"
    assert (
        again(whole, "ru") == "Some feed, of fires: наблюдал, сообщил бы с p 0,31; не сообщил (файла за эти сутки нет)"
    )


def test_clauses_and_lists_whose_titles_hold_an_or_themselves() -> None:
    clause = (
        "a source says that energy infrastructure or infrastructure was hit or it happened within 500 m of a site of "
        "this kind: oil refinery, gas production or storage, pumping, compressor or metering station, substation or "
        "transformer or port"
    )
    assert again(f"Out of scope: {clause}.", "uk") == (
        "Не підпадає під дію положення: джерело повідомляє, що уражено: енергетична інфраструктура або інфраструктура "
        "або це сталося не далі ніж за 500 м від об’єкта такого виду: нафтопереробний завод, об’єкт видобутку або "
        "зберігання газу, насосна, компресорна або газовимірювальна станція, підстанція або трансформатор або порт."
    )


def test_lists_of_names_are_put_together_as_the_language_does() -> None:
    english = "one who is bound did it (party-a, party-b or party-c)"
    assert again(english, "ja") == "義務を負う当事者（party-a、party-bまたはparty-c）が行った"


def test_names_of_the_tables_stay_as_they_are() -> None:
    assert again("watched withheld", "ja") == "watchedを非公開"
    assert again("Not released: name.", "uk") == "Не оприлюднюється: name."


def test_titles_in_small_letters_and_untold_ones() -> None:
    assert again("oil refinery", "uk") == "нафтопереробний завод"
    assert again("it was missile strike", "ru") == "это было: ракетный удар"
    assert again("the weapon is stated to be of class mortar", "ja") == "兵器が迫撃砲に当たると述べられている"


@pytest.mark.parametrize("language", OTHERS)
@given(value=st.text("XYZ", min_size=1, max_size=4), number=st.integers(0, 9999))
def test_every_text_is_recognised_with_its_gaps_filled(language: str, value: str, number: int) -> None:
    known = words(language)
    for english in known.catalogue:
        names = GAP.findall(english)
        letters = sum(c.isalpha() for c in GAP.sub("", english))
        if names and letters >= LEAST_LETTERS and "<" not in english and "}{" not in english:
            filled = {name: str(number) if name in NUMBERS else value for name in names}
            assert again(english.format(**filled), language) == known(english, **filled)
