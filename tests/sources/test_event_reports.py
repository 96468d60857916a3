"""Event reports: made-up headlines, and what the real files give where they are at hand."""

from __future__ import annotations

import gzip
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
import shapely

from teisen.errors import BadInput
from teisen.observation import AREA, EXPOSURE, OBSERVATION
from teisen.sources import Ground, Intake, Source, SourceFile
from teisen.sources.profiles import load_profile
from teisen.sources.readers import reader
from tests.builders import SCOPE, source_file

HEAD = "datetime,lon,lat,place_name,event_type,headline\n"
READER = reader("event_reports")
SUMY, KHARKIV, VORONYNE = "34.80,50.92,Sumy", "36.23,49.99,Kharkiv", "34.12,51.11,Voronyne"


def news(**options: object) -> Source:
    return Source("news", "event_reports", load_profile("viina"), options={"zone": "Europe/Kyiv"} | options)


def read(*rows: str, ground: Ground | None = None) -> Intake:
    return READER.read(source_file(HEAD + "\n".join(rows) + "\n"), news(), ground or Ground(), SCOPE)


def row(place: str, headline: str, labels: str = "", at: str = "2025-04-13 00:00:00") -> str:
    return f'{at},{place},{labels},"{headline}"'


def one(place: str, headline: str, **more: str) -> dict[str, object]:
    found = read(row(place, headline, **more)).table("observation")
    assert found.height == 1
    OBSERVATION.hand_over(found)
    return found.row(0, named=True)


def test_a_headline_that_reports_force_at_its_place_makes() -> None:
    seen = one(SUMY, "Росія вдарила балістикою по Сумах")
    assert (seen["role"], seen["kind"], seen["lon"]) == ("makes", "missile-strike", 34.8)
    assert seen["actor_stated"] is None
    assert sum(k["p"] for k in seen["kinds"]) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("headline", "role"),
    [
        ("Кількість загиблих у Сумах зросла після удару", "supports"),
        ("Посол відреагував на удар по Сумах", "supports"),
        ("У Сумах відкрили виставку", "context"),
        ("У Сумах двоє чоловіків загинули в ДТП", "context"),
        ("Росія може вдарити по Сумах", "context"),
        ("У Сумах працює ППО", "supports"),
    ],
)
def test_follow_ups_support_and_the_rest_is_context(headline: str, role: str) -> None:
    assert one(SUMY, headline)["role"] == role


def test_a_region_put_on_a_village_has_an_area_and_no_place() -> None:
    seen = one(VORONYNE, "Росіяни атакували дроном авто на Сумщині")
    assert (seen["role"], seen["lon"], seen["area_id"]) == ("supports", None, "UA-59")
    assert "oblast_mention" in seen["flags"]


def test_a_word_taken_for_a_place_stays_context() -> None:
    seen = one("38.59,48.50,Novyi", "Новий удар по Сумах")
    assert (seen["role"], seen["lon"]) == ("context", None)
    assert "word_as_place" in seen["flags"]


def test_a_place_that_the_text_does_not_name_is_none() -> None:
    seen = one(KHARKIV, "Росія вдарила по Сумах")
    assert (seen["role"], seen["lon"]) == ("context", None)


def test_of_glued_headlines_only_the_part_that_names_the_place_counts() -> None:
    glued = "Росія вдарила дронами по Харкову. У Сумах відкрили нову виставку сучасного живопису."
    assert one(KHARKIV, glued)["role"] == "makes"
    seen = one(SUMY, glued)
    assert seen["role"] == "context"
    assert "glued" in seen["flags"]


def test_a_government_is_not_its_seat() -> None:
    kyiv = "30.52,50.45,Kyiv"
    assert one(kyiv, "Київ завдав удару по аеродрому")["role"] != "makes"
    assert one(kyiv, "Росія вдарила дронами по Києву")["role"] == "makes"


def test_a_direction_of_the_front_is_not_the_town() -> None:
    seen = one("37.18,48.28,Pokrovsk", "Удари дронів на Покровському напрямку")
    assert seen["role"] != "makes"
    assert "direction" in seen["flags"]


def test_the_class_hit_is_the_one_of_the_report() -> None:
    assert one(SUMY, "Російський дрон влучив у підстанцію в Сумах")["target_class"] == "substation"
    assert one(SUMY, "У Сумах відремонтували підстанцію")["target_class"] is None


def test_labels_only_weigh_where_no_weapon_is_named() -> None:
    plain = one(SUMY, "Росіяни вдарили по Сумах")
    shelled = one(SUMY, "Росіяни вдарили по Сумах", labels="artillery")
    share = [{k["kind"]: k["p"] for k in seen["kinds"]}["shelling"] for seen in (plain, shelled)]
    assert share[1] > share[0] > 0
    assert "kind_unsaid" in plain["flags"]


def test_a_date_alone_is_the_local_day_and_the_look_back() -> None:
    seen = one(SUMY, "Вибухи у Сумах")
    assert (seen["start"], seen["end"]) == (
        datetime(2025, 4, 11, 21, tzinfo=UTC),
        datetime(2025, 4, 13, 21, tzinfo=UTC),
    )
    hour = one(SUMY, "Вибухи у Сумах", at="2025-04-13 11:22:00")
    assert (hour["start"], hour["end"]) == (
        datetime(2025, 4, 12, 8, 22, tzinfo=UTC),
        datetime(2025, 4, 13, 8, 22, tzinfo=UTC),
    )


def test_later_copies_of_a_text_support_the_first() -> None:
    text = "Росія вдарила по Сумах"
    found = read(row(SUMY, text), row(SUMY, text + ".", at="2025-04-14 00:00:00")).table("observation")
    assert found["role"].to_list() == ["makes", "supports"]
    assert found["native_id"].n_unique() == 1
    assert found["observation_id"].n_unique() == 2


def test_a_namesake_in_another_region_has_no_place() -> None:
    box = shapely.to_wkb(shapely.box(35, 49, 37, 50.5))
    areas = AREA.build(
        {
            "area_id": ["UA-63"], "level": ["region"], "name": ["x"], "geometry": [box], "approximate": [False],
            "source_id": ["a"], "blob": ["b"], "row": [1],
        }
    )  # fmt: skip
    rows = [
        row("25.0,49.8,Zolochiv", "Удар дронів по Золочеву на Харківщині"),
        row(KHARKIV, "Удар по Харкову на Харківщині"),
    ]
    found = read(*rows, ground=Ground(areas=areas)).table("observation")
    assert found["lon"].is_null().to_list() == [True, False]
    assert found["area_id"].to_list() == ["UA-63", None]


def test_order_of_rows_does_not_matter() -> None:
    rows = [row(SUMY, "Вибухи у Сумах"), row(KHARKIV, "Удар по Харкову"), row(VORONYNE, "Обстріл на Сумщині")]
    drop = ["row", "blob"]
    one_way, other = (OBSERVATION.hand_over(read(*r).table("observation")).drop(drop) for r in (rows, rows[::-1]))
    assert one_way.equals(other)


def test_damage_is_set_aside_row_by_row() -> None:
    good = row(SUMY, "Вибухи у Сумах")
    bad = [
        row("34.80,150.92,Sumy", "Вибухи"), row("x,50.9,Sumy", "Вибухи"), row(SUMY, ""),
        row(SUMY, "Вибухи", at="2025-13-41 00:00:00"), row(SUMY, "Вибухи", at="1825-04-13 00:00:00"), "2025-04-13,1,2",
    ]  # fmt: skip
    intake = read(good, *bad, good, good)
    assert intake.table("observation").height == 1
    assert intake.rows_set_aside == len(bad) + 2
    assert intake.table("set_aside")["what"].str.len_chars().min() > 5


def test_swapped_places_are_set_aside() -> None:
    assert read(row("50.92,34.80,Sumy", "Вибухи у Сумах")).rows_set_aside == 1


def test_broken_files_are_refused_with_a_message() -> None:
    whole = (HEAD + row(SUMY, "Вибухи у Сумах") + "\n").encode()
    for content in (b"", whole.decode().encode("utf-16"), b"a,b\n1,2\n"):
        with pytest.raises(BadInput):
            READER.read(source_file(content), news(), Ground(), SCOPE)


def test_a_truncated_gzip_keeps_what_came_before() -> None:
    rows = "".join(row(SUMY, f"Вибухи у Сумах номер {n * 7919}") + "\n" for n in range(3000))
    packed = gzip.compress((HEAD + rows).encode(), mtime=0)
    intake = READER.read(source_file(packed[: len(packed) // 2]), news(), Ground(), SCOPE)
    assert 0 < intake.table("observation").height < 3000
    assert intake.table("set_aside")["row"].to_list()[-1] == 0


def test_an_option_that_is_not_known_is_named() -> None:
    with pytest.raises(BadInput, match="zoen"):
        READER.read(source_file(HEAD), news(zoen="UTC"), Ground(), SCOPE)


def test_days_without_a_file_and_days_of_few_reports_are_told() -> None:
    rows = [row(SUMY, f"Вибухи у Сумах {d} {n}", at=f"2025-04-{d:02} 12:00:00") for d in (1, 2, 3) for n in range(20)]
    rows.append(row(SUMY, "Вибухи у Сумах", at="2025-04-04 12:00:00"))
    intake = read(*rows)
    areas = AREA.build(
        {
            "area_id": ["UA-59"], "level": ["region"], "name": ["x"], "approximate": [False], "row": [1],
            "geometry": [shapely.to_wkb(shapely.box(33, 50, 36, 52))], "source_id": ["a"], "blob": ["b"],
        }
    )  # fmt: skip
    found = EXPOSURE.hand_over(READER.expose(news(), intake.tables, Ground(areas=areas), SCOPE))
    days = pl.col("start").is_in([datetime(2025, 4, day, tzinfo=UTC) for day in (1, 4, 5)])
    of = found.filter(days, pl.col("kind") == "shelling").sort("start")
    assert of["state"].to_list() == ["watched", "outage", "no_data"]
    assert of["p_detect"].is_null().to_list() == [False, True, True]


def test_the_easter_truce_shows_and_sumy_is_reported(data: Path) -> None:
    content = (data / "viina_reports" / "viina_incidents_202504.csv.gz").read_bytes()
    file = SourceFile("april", hashlib.sha256(content).hexdigest(), content)
    intake = READER.read(file, news(), Ground(), SCOPE)
    makes = OBSERVATION.hand_over(intake.table("observation")).filter(pl.col("role") == "makes")
    day = pl.col("reported").dt.offset_by("-1us").dt.convert_time_zone("Europe/Kyiv").dt.day()
    by_day = dict(makes.group_by(day).len().iter_rows())
    assert by_day.get(20, 0) * 3 < min(by_day[17], by_day[21])
    sumy = makes.filter(pl.col("place_name") == "Sumy", day == 13)
    assert "missile-strike" in sumy["kind"].to_list()
    assert intake.rows_set_aside < 10
