"""Statements: made-up posts in the form of the real ones."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from teisen.errors import BadInput
from teisen.observation import ALLEGATION, NAME
from teisen.sources import Ground, Intake, Source, SourceFile
from teisen.sources.profiles import load_profile
from teisen.sources.readers import reader
from tests.builders import SCOPE, source_file

READER = reader("statements")
RU = {"zone": "Europe/Moscow", "language": "ru", "cut_at": 400}
UK = {"zone": "Europe/Kyiv", "language": "uk", "admits": True}


def party(options: dict[str, object] = RU, by: str | None = "party-a") -> Source:
    return Source("said", "statements", load_profile("ministry-posts"), by, "party-b", options)


def read(
    *posts: str, at: str = "2025-03-29 13:35", source: Source | None = None, ground: Ground | None = None
) -> Intake:
    rows = "".join(f'{at},"{post}"\n' for post in posts)
    intake = READER.read(source_file("datetime,text_snippet\n" + rows), source or party(), ground or Ground(), SCOPE)
    ALLEGATION.hand_over(intake.table("allegation"))
    return intake


LIST = (
    "🎖 **В течение прошедших суток киевский режим продолжал атаки на объекты энергетики.** "
    "▫️ 28 марта около 5.30 в Белгородской области в результате атаки БпЛА отключена линия 35 кВ. "
    "▫️ В 10.34 в Курской области атака артиллерией по подстанции 110 кВ."
)


def test_each_item_of_a_list_is_an_allegation() -> None:
    found = read(LIST).table("allegation")
    assert found["area_id"].to_list() == ["RU-BEL", "RU-KRS"]
    assert found["target_class"].to_list() == ["power-line", "substation"]
    assert found["kind"].to_list() == ["drone-strike", "shelling"]
    assert found["read"].to_list()[0] == "parsed"
    assert found["accuser"].unique().to_list() == ["party-a"]
    assert found["accused"].unique().to_list() == ["party-b"]
    middle = found["start"] + (found["end"] - found["start"]) / 2
    assert middle.to_list() == [datetime(2025, 3, 28, 2, 30, tzinfo=UTC), datetime(2025, 3, 28, 7, 34, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("stated", "end"),
    [("2025-10-26 09:00", (1, 45)), ("2025-10-26 00:40", (0, 55))],
    ids=("either", "before it was said"),
)
def test_a_time_of_a_text_that_the_clock_shows_twice_is_either_but_none_that_was_to_come(
    stated: str, end: tuple[int, int]
) -> None:
    """On 26 October 2025 clocks of Kyiv went back from 04:00 to 03:00, at 01:00 UTC."""
    post = "В 3.30 в Курской области атака артиллерией по подстанции 110 кВ."
    scope = replace(SCOPE, end=datetime(2025, 11, 1, tzinfo=UTC))
    text = LIST.split("▫️", maxsplit=1)[0] + "▫️ 26 октября " + post
    content = f'datetime,text_snippet\n{stated},"{text}"\n'
    found = READER.read(source_file(content), party(RU | {"zone": "Europe/Kyiv"}), Ground(), scope).table("allegation")
    start, last = found.select("start", "end").row(0)
    assert ((start.hour, start.minute), (last.hour, last.minute)) == ((0, 15), end)


def test_a_total_keeps_its_parts_and_the_gap_between_them() -> None:
    post = (
        "Ночью уничтожены 28 украинских беспилотных летательных аппаратов: ▪️ по 12 БпЛА – над территориями Брянской и "
        "Ростовской областей, ▪️ два БпЛА – над территорией Республики Крым, ▪️ один БПЛА – Курской области."
    )
    found = read(post).table("allegation").row(0, named=True)
    assert (found["quantity"], found["unit"], found["components_gap"]) == (28, "drones", 1)
    parts = {part["label"]: part["quantity"] for part in found["components"]}
    assert parts == {"RU-BRY": 12, "RU-ROS": 12, "UA-43": 2, "RU-KRS": 1}
    assert "intercepted" in found["flags"]


def test_a_digest_with_a_number_of_attacks() -> None:
    post = "🗓 Главное за день ▫️ За прошедшие сутки ВСУ совершены четыре атаки на энергетическую инфраструктуру."
    found = read(post).table("allegation").row(0, named=True)
    assert (found["quantity"], found["unit"], found["read"]) == (4, "strikes", "partly")
    assert "summary" in found["flags"]


def test_an_accusation_that_says_nothing_more_stays_unread_with_its_text() -> None:
    found = (
        read("Киевский режим вновь нарушил режим прекращения огня, нанося удары.")
        .table("allegation")
        .row(0, named=True)
    )
    assert found["read"] == "unread"
    assert found["text"].startswith("Киевский режим")
    assert found["quantity"] is None


def test_the_day_of_something_else_is_not_the_day_of_the_attack() -> None:
    post = (
        "Несмотря на публичное заявление о принятии достигнутых договоренностей от 24 марта киевский режим продолжил "
        "нанесение ударов по энергетической инфраструктуре."
    )
    found = read(post).table("allegation").row(0, named=True)
    assert "day_unsaid" in found["flags"]
    assert found["end"] == datetime(2025, 3, 29, 13, 35, tzinfo=UTC)


def test_own_acts_and_other_news_allege_nothing_and_are_counted() -> None:
    intake = read("ВС РФ нанесли высокоточный удар по нефтебазе ВСУ.", "Министр наградил отличившихся.")
    assert intake.table("allegation").height == 0
    counts = dict(intake.table("condition").select("quantity", "value").iter_rows())
    assert counts == {"posts_read": 2, "posts_alleging": 0}


def test_a_town_of_the_ground_gives_the_place() -> None:
    names = NAME.build(
        {
            "name": ["Суджа", "Рыльск"], "lon": [35.27, 34.68], "lat": [51.19, 51.57], "place_error_m": [2000.0] * 2,
            "area_id": ["RU-KRS", "RU-KRS"], "source_id": ["g"] * 2, "blob": ["b"] * 2, "row": [1, 2],
        }
    )  # fmt: skip
    post = "▫️ 28 марта около 10.20 ВСУ нанесен удар РСЗО по газоизмерительной станции «Суджа»."
    found = read(post, ground=Ground(names=names)).table("allegation").row(0, named=True)
    assert (found["lon"], found["place_error_m"], found["target_class"]) == (35.27, 2000, "pumping-station")
    assert found["read"] == "parsed"


def test_a_side_that_tells_of_its_own_strikes() -> None:
    post = "Українські дрони в ніч на 20 березня завдали удару по нафтобазі у Саратовській області. `51.4867, 46.2615`"
    intake = read(post, at="2025-03-20 10:00", source=party(UK, "party-b"))
    found = intake.table("allegation").row(0, named=True)
    assert (found["accuser"], found["accused"], found["area_id"]) == ("party-b", "party-b", "RU-SAR")
    assert (found["target_class"], found["lon"]) == ("oil-storage", None)
    assert "own_act_claimed" in found["flags"]


PRESS = {"zone": "Europe/Kyiv", "time_zone": "Europe/Kyiv", "language": "uk", "words": "uk-press"}
QUOTED = "Сибіга: Росія вдарила по підстанції на Херсонщині та порушила домовленості."


def test_the_press_on_what_those_who_speak_for_a_side_say() -> None:
    others = ("Росія вдарила по підстанції на Херсонщині.", "Сибіга: якщо Росія вдарить по підстанції, буде відповідь.")
    found = read(QUOTED, *others, source=party(PRESS)).table("allegation")
    assert found["text"].to_list() == [QUOTED]
    assert found.select("target_class", "area_id", "accuser", "accused").row(0) == (
        "substation", "UA-65", "party-a", "party-b",
    )  # fmt: skip


def test_a_quote_told_again_is_one_and_a_day_without_an_hour_is_a_day() -> None:
    rows = f'2025-04-01 00:00:00,"{QUOTED}"\n2025-04-02 00:00:00,"{QUOTED}"\n'
    source = party(PRESS | {"days": True, "quotes": True})
    found = READER.read(source_file("datetime,text_snippet\n" + rows), source, Ground(), SCOPE).table("allegation")
    midnight = datetime(2025, 3, 31, 21, tzinfo=UTC)
    assert found.select("start", "end", "stated").rows() == [(midnight, *[midnight + timedelta(days=1)] * 2)]


def test_a_text_that_breaks_off_is_flagged() -> None:
    post = ("▫️ 28 марта в Курской области ВСУ атакован объект энергетики " + "и другие " * 60)[:400]
    assert "cut" in read(post).table("allegation").row(0, named=True)["flags"]


def test_who_speaks_must_be_declared() -> None:
    with pytest.raises(BadInput, match="reported_by"):
        read(LIST, source=party(by=None))


@pytest.mark.parametrize("options", [{"language": "xx"}, {**RU, "zone": "Europe/Nowhere"}, {**RU, "cut": 1}])
def test_wrong_options_are_named(options: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        read(LIST, source=party(options))


def test_damage_is_set_aside() -> None:
    content = (
        f'datetime,text_snippet\n2025-03-29 13:35,"{LIST}"\n2025-03-29 13:35,"{LIST}"\nnever,text\n2025-03-29 13:36,\n'
    )
    intake = READER.read(source_file(content), party(), Ground(), SCOPE)
    assert intake.table("allegation").height == 2
    assert intake.rows_set_aside == 3
    broken = READER.read(source_file(content.encode() + b"\xff\xfe\xfa,x\n"), party(), Ground(), SCOPE)
    assert broken.rows_set_aside == 4
    with pytest.raises(BadInput):
        READER.read(source_file("text_snippet\nx\n"), party(), Ground(), SCOPE)


def test_the_moratorium_in_the_real_posts(data: Path) -> None:
    path = data / "restricted_ru_mod_telegram" / "mod_russia_clean.csv.gz"
    if not path.exists():
        pytest.skip("restricted folder is absent")
    content = path.read_bytes()
    intake = READER.read(SourceFile(path.name, hashlib.sha256(content).hexdigest(), content), party(), Ground(), SCOPE)
    table = ALLEGATION.hand_over(intake.table("allegation"))
    energy = table.filter(pl.col("start") < datetime(2025, 4, 18, tzinfo=UTC), pl.col("target_class") != "military")
    assert {"power-line", "pumping-station", "energy"} <= set(energy["target_class"])
    assert energy.filter(pl.col("read") == "parsed").height >= 4
