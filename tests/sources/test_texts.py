"""Texts in Ukrainian and Russian: all made up."""

from __future__ import annotations

import re
from datetime import date, timedelta

import polars as pl
import pytest

from teisen.sources import texts


def column(*values: str) -> pl.DataFrame:
    return pl.DataFrame({"t": list(values)})


def names_in(names: list[str], text: str) -> bool:
    folded = column(text).select(texts.folded(pl.col("t"))).item()
    return re.search(texts.name_pattern(names), folded) is not None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Kharkiv", "У Харкові вибухи"),
        ("Kharkiv", "Удар по Харькову"),
        ("Zaporizhzhya", "Удар по Запорожью"),
        ("Kostiantynivka", "вдарили по Костянтинівці"),
        ("Kryvyi Rih", "удар по Кривому Рогу"),
        ("Odessa", "атакували Одесу"),
        ("Marhanets", "автобус у Марганці"),
        ("Mariupol", "у Маріуполі"),
        ("Торецьк", "в Торецке"),
    ],
)
def test_a_name_is_found_in_cases_of_both_languages(name: str, text: str) -> None:
    assert names_in([name], text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Kharkiv", "у Харківській області"),
        ("Sumy", "на Сумщині"),
        ("Voronyne", "на Сумщині вибух"),
        ("Dnipro", "Дніпропетровщина"),
        ("Nikopol", "атакували Нікопольщину"),
    ],
)
def test_a_region_is_not_its_town(name: str, text: str) -> None:
    assert not names_in([name], text)


def test_no_name_fits_nothing() -> None:
    assert not names_in([""], "Харків")


@pytest.mark.parametrize(
    ("text", "areas"),
    [
        ("Вибухи на Сумщині", ["UA-59"]),
        ("над территориями Брянской и Ростовской областей", ["RU-BRY", "RU-ROS"]),
        ("в Белгородской области", ["RU-BEL"]),
        ("Харківська рада", []),
        ("над акваторией Черного моря", ["black-sea"]),
        ("у Криму", ["UA-43"]),
        ("кримінал", []),
    ],
)
def test_regions_are_read_from_words(text: str, areas: list[str]) -> None:
    found = column(text).select(texts.regions_in(pl.col("t"))).item().to_list()
    assert sorted(found) == sorted(areas)


def test_glued_headlines_are_cut_and_initials_are_not() -> None:
    text = "Вибух у Сумах. Міністр А. Коваль прибув до Відня. Ціни ростуть!"
    found = column(text).select(texts.sentences(pl.col("t"))).item().to_list()
    assert found == ["Вибух у Сумах.", "Міністр А. Коваль прибув до Відня.", "Ціни ростуть!"]


def test_language_is_told_by_letters_or_not_at_all() -> None:
    found = column("її дім", "этот дым", "на дорогах").select(t=texts.language(pl.col("t")))["t"].to_list()
    assert found == ["uk", "ru", None]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("28 марта около 5.30", date(2025, 3, 28)),
        ("в ніч на 2 січня", date(2025, 1, 2)),
        ("30 декабря был удар", date(2024, 12, 30)),
        ("с 18 марта на 30 дней", None),
        ("31 апреля", None),
        ("линия 35 кВ", None),
    ],
)
def test_days_are_read_with_the_year_before_the_post(text: str, day: date | None) -> None:
    assert texts.day_in(text, date(2025, 4, 9)) == day


def test_clocks_and_numbers() -> None:
    assert texts.clock_in("около 17.00 мск") == (17, 0)
    assert texts.clock_in("в 9.05 утра") == (9, 5)
    assert texts.clock_in("в 25 км") is None
    ten, two = timedelta(hours=10), timedelta(hours=2, minutes=30)
    assert texts.hours_in("с 10.00 мск до 2.30 мск") == texts.hours_in("з 10:00 до 2:30") == (ten, two)
    assert texts.hours_in("до 10.00") is None
    assert texts.is_each("по 2")
    assert not texts.is_each("2")
    assert texts.number_in("шесть БпЛА") == 6
    assert texts.number_in("по три БпЛА") == 3
    assert texts.number_in("132 украинских") == 132
    assert texts.number_in("35 кВ") is None
    assert texts.number_in("несколько") is None


def test_a_post_is_stripped_of_its_marks() -> None:
    assert texts.plain("**Атака** [по](https://example.org/1) __дому__") == "Атака по дому"


def test_a_name_of_signs_finds_nothing_and_makes_no_broken_pattern() -> None:
    for names in (["'"], ["*", "[", "\\", "{}"], ["a)("], ["x" * 1000 + "[z"]):
        pattern = texts.name_pattern(names)
        assert not pl.Series(["any text"]).str.contains(pattern).any(), names
