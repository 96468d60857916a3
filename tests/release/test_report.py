from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from teisen.release.report import CaseCard, Report, ReportLink, daily_report, index_page, write_report
from teisen.release.report.watching import SIGHT
from teisen.release.watch import in_words
from teisen.tables import UTC_TIME
from tests.builders import source
from tests.release.made_up import BLOB, DAY, about, incident, rows, tables

VOID = {"meta", "input", "br", "link", "img", "hr"}


class Page(HTMLParser):
    """Checks that elements nest, and keeps ids, addresses, tables by caption and all text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[tuple[str, str, str]] = []
        self.text: list[str] = []
        self.cells: list[list[str]] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in {"src", "href", "action", "data", "srcset", "poster"}:
                self.addresses.append((tag, name, value or ""))
            assert not name.startswith("on"), "no event handlers"
            assert name != "style", "the policy of the page forbids style attributes"
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.cells.append([])
        if tag in {"td", "th"}:
            self.cells[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if "style" not in self.open and "script" not in self.open:
            self.text.append(data)
            if self.cells and ("td" in self.open or "th" in self.open):
                self.cells[-1][-1] += data

    def row(self, head: str) -> list[str]:
        return next([c.strip() for c in row] for row in self.cells if row and row[0].strip() == head)


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_same_input_gives_the_same_bytes() -> None:
    first = daily_report(tables(), DAY, about())
    shuffled = {name: frame.reverse() for name, frame in reversed(tables().items())}
    assert daily_report(shuffled, DAY, about()) == first


def test_the_page_is_well_formed_and_every_inner_link_leads_somewhere() -> None:
    page = Page(daily_report(tables(), DAY, about()).html)
    assert max(Counter(page.ids).values()) == 1
    inner = {value[1:] for _, _, value in page.addresses if value.startswith("#")}
    assert inner <= set(page.ids)
    assert f"entry-{BLOB[:16]}" in inner


def test_nothing_is_loaded_and_no_script_is_needed() -> None:
    report = daily_report(tables(), DAY, about())
    page = Page(report.html)
    beside = {f"{name}.csv" for name in report.csv} | {"incidents.geojson"}
    for tag, name, value in page.addresses:
        assert (tag, name) == ("a", "href")
        assert value.startswith(("#", "https://example.org/")) or value in beside
    assert "url(" not in report.html
    assert "@import" not in report.html
    assert "default-src 'none'" in unescape(report.html)
    without = re.sub(r"<script>.*?</script>", "", report.html, flags=re.DOTALL)
    assert "<script" not in without
    assert "Title of inc-one" in without


def test_texts_of_sources_are_escaped() -> None:
    html = daily_report(tables(), DAY, about()).html
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; вибух" in html
    assert "javascript:" not in html


def test_simulated_cases_say_so_everywhere() -> None:
    simulated = daily_report(tables(), DAY, about(simulated=True))
    assert "SIMULATED" in Page(simulated.html).text[0] + "".join(Page(simulated.html).text)
    assert "<title>SIMULATED" in simulated.html
    assert json.loads(simulated.geojson)["simulated"] is True
    assert "SIMULATED" not in daily_report(tables(), DAY, about()).html


def test_numbers_of_the_region_table_are_those_of_the_tables() -> None:
    given = tables()
    report = daily_report(given, DAY, about())
    page = Page(report.html)
    expected = {
        "Alpha": ("1", "0", "+1", "1", "1", "0", "1.4"),
        "Beta": ("1", "0", "+1", "1", "0", "0", "0.3"),
        "Gamma": ("0", "2", "−2", "0", "0", "0", "0"),
    }
    for name, cells in expected.items():
        assert tuple(page.row(name)[1:8]) == cells
        assert page.row(name)[8] == "0.6"
    on_csv = {row["name"]: row for row in read(report.csv["regions"])}
    assert sum(int(row["force"]) + int(row["traces"]) for row in on_csv.values()) == 3
    assert sum(float(row["expected_conflict"]) for row in on_csv.values()) == pytest.approx(1.7)
    rate = given["rate"].filter((pl.col("area_id") == "AA") & (pl.col("reading_id") == "read-x")).row(-1, named=True)
    assert float(on_csv["Alpha"]["expected_violations_R1"]) == rate["expected"]


def seen(report: Report, name: str) -> str:
    return next(r for r in read(report.csv["regions"]) if r["name"] == name)["attack_would_be"]


def test_nothing_seen_and_nobody_looked_read_differently() -> None:
    given = tables()
    given["incident"] = given["incident"].filter(pl.col("incident_id") == "inc-four")
    given["rate"] = given["rate"].with_columns(expected=pl.lit(0.0))
    report = daily_report(given, date(2030, 5, 3), about())
    assert [seen(report, name) for name in ("Alpha", "Beta", "Gamma")] == ["probably", "perhaps", "blind"]
    text = " ".join("".join(Page(report.html).text).split())
    unsure = "even an attack of the kind seen best may have gone unrecorded"
    assert f"No use of force recorded on either day; {unsure}: Beta." in text
    assert "No use of force recorded on either day; nobody could see: Gamma." in text
    del given["exposure"]
    blind = daily_report(given, date(2030, 5, 3), about())
    assert "no source says that it looked: Alpha, Beta, Gamma." in " ".join("".join(Page(blind.html).text).split())


@pytest.mark.parametrize(
    ("radius_m", "hours", "word"),
    [(10_000.0, 24, "hardly"), (200_000.0, 24, "probably"), (200_000.0, 3, "perhaps")],
)
@pytest.mark.parametrize("released", [False, True])
def test_a_camera_sees_the_share_of_a_region_and_day_that_it_watches(
    radius_m: float, hours: int, word: str, *, released: bool
) -> None:
    given = tables()
    midnight = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC)
    camera = given["exposure"].filter(source_id="news", area_id="AA").with_columns(
        start=pl.lit(midnight, UTC_TIME), end=pl.lit(midnight + timedelta(hours=hours), UTC_TIME),
        area_id=pl.lit(None, pl.String), lon=pl.lit(31.0), lat=pl.lit(49.0), radius_m=pl.lit(radius_m),
        p_detect=pl.lit(0.9),
    )  # fmt: skip
    given["exposure"] = pl.concat([camera, given["exposure"].filter(pl.col("area_id") != "AA")])
    if released:
        given["exposure"] = in_words(given["exposure"], given["area"])
    report = daily_report(given, DAY, about())
    assert (seen(report, "Alpha"), seen(report, "Beta")) == (word, "perhaps")
    days = read(report.csv["exposure_days"])
    best = next(d for d in days if (d["source_id"], d["day"]) == ("news", f"{DAY:%Y-%m-%d}"))
    assert best["attack_would_be"] == (word if word == "probably" else "perhaps")


def test_alerts_alone_do_not_make_a_watch() -> None:
    given = tables()
    given["exposure"] = given["exposure"].with_columns(source_id=pl.lit("alarm"))
    support = about(sources=about().sources | {"alarm": source("alarm", role="supports")})
    assert seen(daily_report(given, DAY, support), "Alpha") == "unstated"


def test_what_release_puts_in_place_of_probabilities_is_understood() -> None:
    given = tables()
    given["exposure"] = in_words(given["exposure"], given["area"])
    report = daily_report(given, DAY, about())
    assert [seen(report, name) for name in ("Alpha", "Beta", "Gamma")] == ["probably", "perhaps", "blind"]
    assert set(given["exposure"]["reason"]) <= set(SIGHT.values())


def test_withheld_cells_are_said_to_be_withheld_and_shown_nowhere() -> None:
    given = tables()
    given["rate"] = given["rate"].filter(pl.col("area_id") != "BB")
    report = daily_report(given, DAY, about(smallest_cell=3))
    text = " ".join("".join(Page(report.html).text).split())
    assert "Counts withheld (fewer than 3, or to hide such a count): Beta." in text
    assert next(r for r in read(report.csv["regions"]) if r["name"] == "Beta")["force"] == "withheld"
    assert "Beta: 1" not in text
    assert "Alpha: 1" in text


def test_a_region_that_was_never_assessed_is_not_called_withheld() -> None:
    given = tables()
    given["rate"] = given["rate"].filter(pl.col("area_id") != "BB")
    given["incident"] = given["incident"].filter(pl.col("incident_id") != "inc-three")
    report = daily_report(given, DAY, about(smallest_cell=3))
    assert next(r for r in read(report.csv["regions"]) if r["name"] == "Beta")["force"] == "0"


def test_what_was_not_released_is_not_shown() -> None:
    given = tables()
    shared = ("area", "rate")
    page = daily_report({name: given[name] for name in shared}, DAY, about())
    assert "Title of inc-one" not in page.html
    assert "secret" not in daily_report(given, DAY, about()).html + daily_report(given, DAY, about()).csv["set_aside"]
    without_text = dict(given)
    without_text["observation"] = given["observation"].with_columns(text=pl.lit(None, pl.String))
    assert "вибух" not in daily_report(without_text, DAY, about()).html
    inside = {name: frame for name, frame in given.items() if name != "observation"}
    assert "row not released" in daily_report(inside, DAY, about()).html


def test_swapping_the_parties_swaps_the_page() -> None:
    swap = {"party-x": "party-y", "party-y": "party-x", "Xland": "Yland", "Yland": "Xland"}

    def swapped(text: str) -> str:
        return re.sub("|".join(swap), lambda m: swap[m[0]], text)

    def in_table(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(
            [
                frame[name].replace(swap)
                for name in ("accuser", "accused", "held_by", "controlled_by", "actor_stated")
                if name in frame.columns
            ]
            + [
                pl.col(name).list.eval(
                    pl.struct(pl.element().struct.field("party").replace(swap), pl.element().struct.field("p"))
                )
                for name in ("actors", "attribution")
                if name in frame.columns
            ]
        )

    plain = about()
    other = about(
        parties=tuple(type(p)(swap[p.id], swap[p.name]) for p in plain.parties),
        agreements=eval_swapped(plain.agreements, swap),
        sources={
            k: type(s)(s.source_id, s.reader, s.profile, swap.get(s.reported_by or "", s.reported_by), s.about)
            for k, s in plain.sources.items()
        },
    )
    given = tables() | {"observation": tables()["observation"].with_columns(actor_stated=pl.lit("party-y"))}
    first = daily_report(given, DAY, plain)
    second = daily_report({name: in_table(frame) for name, frame in given.items()}, DAY, other)
    assert second.html == swapped(first.html)
    assert second.html != first.html
    assert dict(second.csv) == {name: swapped(text) for name, text in first.csv.items()}


def eval_swapped(agreements: tuple[object, ...], swap: Mapping[str, str]) -> tuple[object, ...]:
    return tuple(
        replace(
            a,
            provisions=tuple(
                replace(p, readings=tuple(replace(r, held_by=swap[r.held_by]) for r in p.readings))
                for p in a.provisions  # type: ignore[attr-defined]
            ),
        )
        for a in agreements  # type: ignore[type-var]
    )


def test_evidence_leads_to_the_ledger_and_a_miss_is_a_miss() -> None:
    report = daily_report(tables(), DAY, about())
    evidence = {
        (r["source_id"], r["relation"]): r for r in read(report.csv["evidence"]) if r["incident_id"] == "inc-one"
    }
    assert evidence["news", "reported it"]["entry"] == "entry 3"
    assert evidence["news", "reported it"]["row"] == "11"
    assert evidence["sky", "missed it"]["p_would_report"] == "P(would have reported it) 0.14"
    assert evidence["tally", "could not have seen it"]["entry"] == ""
    assert "passed over under clear sky" in report.html


def test_allegations_stand_apart_with_their_arithmetic() -> None:
    report = daily_report(tables(), DAY, about())
    text = " ".join("".join(Page(report.html).text).split())
    assert text.index("Xland alleges") < text.index("Yland alleges")
    assert "its parts leave 10 of its total unexplained" in text
    assert "Not read: it stands as text alone." in text
    assert "1 statement against others in this case: 1 partly corroborated. Had all happened as stated" in text
    assert "As far as that tells, 2 % to 99 % of them happened as stated (90 % interval): next to nothing can" in text
    assert "<b>They</b> broke it & we saw" in text
    assert [r["accuser"] for r in read(report.csv["allegations"])] == ["party-x", "party-y"]


def test_the_chart_holds_what_each_day_brought() -> None:
    days = {r["day"]: r for r in read(daily_report(tables(), DAY, about()).csv["days"])}
    assert [d["alerts_started:alarm"] for d in days.values()] == ["1.0", "1.0", "0.0"]
    assert [d["launched_stated:tally"] for d in days.values()] == ["55.0", "", ""]
    assert [d["force_reports:news"] for d in days.values()] == ["0.0", "1.0", "0.0"]
    assert [d["force_assessed"] for d in days.values()] == ["1.6", "1.2", "0.0"]


def test_days_are_those_of_the_reporting_zone() -> None:
    given = tables()
    given["incident"] = (
        given["incident"]
        .filter(pl.col("incident_id") == "inc-one")
        .with_columns(
            start=pl.lit(datetime(2030, 5, 2, 22, tzinfo=UTC)).dt.cast_time_unit("us"),
            end=pl.lit(datetime(2030, 5, 2, 23, tzinfo=UTC)).dt.cast_time_unit("us"),
        )
    )
    later = date(2030, 5, 3)
    assert (
        read(daily_report(given, later, about(zone="Europe/Kyiv")).csv["incidents"])[0]["window"] == "3 May 01:00–02:00"
    )
    assert read(daily_report(given, later, about()).csv["incidents"]) == []


def test_a_spreadsheet_takes_no_text_for_a_formula() -> None:
    given = tables()
    given["incident"] = given["incident"].with_columns(title=pl.lit("=1+1"))
    assert read(daily_report(given, DAY, about()).csv["incidents"])[0]["title"] == "'=1+1"


def test_an_empty_release_still_gives_a_sound_page() -> None:
    report = daily_report({}, DAY, about(agreements=(), sources={}, parties=(), entries={}))
    Page(report.html)
    assert "No incident was recorded on this day" in report.html
    assert json.loads(report.geojson)["features"] == []


def test_geojson_places_are_those_released() -> None:
    features = json.loads(daily_report(tables(), DAY, about()).geojson)["features"]
    assert {f["id"]: f["geometry"] and f["geometry"]["coordinates"] for f in features} == {
        "inc-one": [31.0, 49.0],
        "inc-two": [31.5, 49.2],
        "inc-three": None,
    }


def test_written_beside_each_other(tmp_path: Path) -> None:
    report = daily_report(tables(), DAY, about())
    page = write_report(report, tmp_path / "2030-05-02")
    assert page.read_text(encoding="utf-8") == report.html
    for link in re.findall(r'href="([a-z_]+\.(?:csv|geojson))"', report.html):
        assert (page.parent / link).stat().st_size


def test_an_index_leads_to_reports() -> None:
    days, weeks = (ReportLink("a/index.html", DAY, "3 incidents"),), (ReportLink("w/index.html", DAY, "2030-W18"),)
    html = index_page([CaseCard("A & B", True, "Two days.", days, weeks)])
    assert {("a", "href", f"{folder}/index.html") for folder in "aw"} <= set(Page(html).addresses)
    assert "A &amp; B" in html
    assert "SIMULATED" in html


def test_incidents_of_one_region_are_listed_likeliest_first() -> None:
    given = tables()
    from teisen.fusion.schema import INCIDENT

    given["incident"] = rows(INCIDENT, *(incident(f"inc-{n}", 2, 6, (31, 49), n / 10) for n in range(1, 9)))
    shown_rows = read(daily_report(given, DAY, about()).csv["incidents"])
    assert [float(r["p_conflict"]) for r in shown_rows] == [n / 10 for n in range(8, 0, -1)]
