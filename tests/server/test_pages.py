"""Pages as pure functions of a view: what each model holds, and that nothing on them was not released."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from teisen.case import Case, derive
from teisen.languages import LANGUAGES, words
from teisen.release.report import daily_pdf, weekly_pdf, weekly_report
from teisen.server import Settings, State, View, create_app
from teisen.server.pages import allegations, compliance, incidents, ledger, positions, provisions, reports, situation
from teisen.server.pages.chosen import day_chosen
from teisen.server.problems import Refusal

DAY = date(2025, 4, 19)
PATHS = (
    *("/", "/?day=2025-04-20", "/incidents", "/incidents?q=second&sort=likely", "/provisions", "/allegations"),
    *("/positions", "/compliance", "/plan", "/reports", "/ledger", "/ledger/0", "/sign-in"),
)


@pytest.fixture(scope="module")
def view(shown: Path) -> View:
    return State.of(shown).view("public")


@pytest.fixture(scope="module")
def app(shown: Path) -> FastAPI:
    """A server that these tests only read from."""
    return create_app(shown, Settings(requests_per_minute=100_000))


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app, "http://127.0.0.1", headers={"accept": "text/html"})


def test_the_situation_answers_each_reading_in_force_and_counts_the_day(view: View) -> None:
    page = situation.situation(view, day_chosen(view, "2025-04-19"))
    assert [one.reading.label for one in page.answers] == ["R1"]
    assert (page.force, page.traces) == (1, 0)
    assert sum(day.force for day in page.line.days) == view.table("incident").height
    late = situation.situation(view, day_chosen(view, "2025-04-22"))
    assert [one.reading.label for one in late.asleep] == ["R1"]


@pytest.mark.parametrize("asked", ["never", "2025-05-01", "2025-4-1"])
def test_a_day_that_is_none_is_refused(view: View, asked: str) -> None:
    with pytest.raises(Refusal):
        day_chosen(view, asked)


def test_the_list_of_incidents_filters_and_pages(view: View) -> None:
    every = incidents.listed(view, incidents.Asked(), 1)
    assert every.total == view.table("incident").height
    day = incidents.listed(view, incidents.Asked(day="2025-04-19"), 9)
    assert {row.kind for row, _ in day.rows} == {"drone-strike"}
    assert (day.number, day.pages) == (1, 1)
    assert incidents.listed(view, incidents.Asked(words="zzz"), 1).total == 0


def test_an_incident_shows_every_line_of_evidence_and_its_entries(view: View) -> None:
    for row in view.table("incident").iter_rows(named=True):
        page = incidents.incident(view, row["incident_id"])
        lines = view.table("evidence").filter(incident_id=row["incident_id"])
        assert len(page.voices) == lines.height
        assert set(page.entries) <= set(range(view.size))
    with pytest.raises(Refusal):
        incidents.incident(view, "inc-000000000000")


def test_provisions_say_rules_in_the_readers_language(view: View) -> None:
    said = {
        code: provisions.provisions(view, day_chosen(view, "2025-04-19"), words(code))
        .agreements[0][2][0]
        .readings[0]
        .rule
        for code in LANGUAGES
    }
    assert len(set(said.values())) == len(LANGUAGES)


def test_parties_stand_in_the_cases_order_and_nothing_is_summed_over_them(view: View) -> None:
    page = allegations.allegations(view, "", "", 1)
    assert [party.id for party in page.parties] == ["party-a", "party-b"]
    assert [party.total for party in page.parties] == [
        view.table("allegation").filter(accuser=party).height for party in ("party-a", "party-b")
    ]


def test_compliance_positions_and_reports_have_a_model_even_of_little(view: View) -> None:
    page = compliance.compliance(view, "")
    assert page.reading is not None
    assert page.rows
    assert positions.of_case(view).agreements == ()
    assert sum(len(rows) for _, rows in reports.reports(view, (), inside=False).weeks) == 5
    with pytest.raises(Refusal):
        compliance.compliance(view, "no/such/reading")


def test_a_reading_that_asks_for_a_count_is_told_by_counts_and_not_by_rates(folder: Path) -> None:
    file = folder / "agreements" / "truce.yaml"
    text = file.read_text(encoding="utf-8")
    said = text.partition("statements:")[2].partition("id: ")[2].split(",")[0].split()[0]
    trucks = f"""\
  - id: trucks
    title: Trucks
    text: {{language: en, words: Ten a day., source: {said}}}
    binds: [party-a]
    readings:
      - id: daily
        title: Each day
        held_by: party-a
        sources: [{said}]
        rule:
          all_of:
            - during: {{from: 2025-04-19, to: 2025-04-21, zone: UTC}}
            - fewer_than: {{count: 10, unit: trucks, per: day, zone: UTC}}
"""
    file.write_text(text.replace("allegations:\n", trucks + "allegations:\n"), encoding="utf-8")
    derive(Case.open(folder))
    view = State.of(folder).view("public")
    page = compliance.compliance(view, "truce/trucks/daily", words("uk"))
    assert page.counted[0].startswith("2 строки: пораховано повністю 0")
    assert len(page.counted) == 3
    known = {one.reading.key[1]: one for one in situation.situation(view, day_chosen(view, "2025-04-19")).answers}
    assert known["trucks"].word == ""
    assert known["trucks"].says.startswith("Nobody counted trucks, ")
    assert compliance.compliance(view, "").counted == ()


def test_an_entry_that_stays_inside_shows_its_hash_alone(view: View) -> None:
    shown = {one.index: one for one in ledger.ledger(view, 1, False).lines}
    hidden = [index for index, one in shown.items() if not one.shown]
    for index in hidden:
        page = ledger.entry(view, index)
        assert (page.line.type, page.line.author, page.content) == ("", "", "")
        assert len(page.leaf) == 64
        assert "data" not in ledger.proof_of(view, index)


def test_pages_have_no_inline_script_or_style_and_one_heading(client: TestClient) -> None:
    for path in PATHS:
        html = client.get(path).text
        assert len(re.findall("<h1", html)) == 1, path
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", html), path
        assert not re.search(r'<(?:link|script|img)[^>]*="(?:https?:)?//', html), path


def test_a_page_in_every_language_says_so_and_keeps_the_rest_of_the_address(client: TestClient) -> None:
    for code in LANGUAGES:
        html = client.get(f"/?day=2025-04-19&lang={code}").text
        assert f'<html lang="{code}">' in html
        assert "day=2025-04-19&amp;lang=" in html


def test_drawings_speak_the_readers_language_and_end_their_axes_on_short_numbers(client: TestClient) -> None:
    for path in ("/?day=2025-04-19&lang=uk", "/compliance?lang=uk"):
        drawing = next(one for one in re.findall("<svg.*?</svg>", client.get(path).text, re.DOTALL) if "<text" in one)
        assert " квіт." in drawing, path
        assert not re.search("watched:|traces", drawing), path
        axis = re.findall(r'text-anchor="end">([\d,]+)</text>', drawing)
        assert axis, path
        assert all(len(number.strip("0").replace(",", "")) <= 2 for number in axis), path


def test_what_is_withheld_of_areas_is_no_column_of_dashes_and_is_said(view: View) -> None:
    shown = compliance.compliance(view, "")
    assert shown.places_withheld == view.released.small_withheld("course")
    of = compliance.Place("Region", 0.0, None, (0.0, None, 1.0))
    assert not replace(shown, places=(of, of)).places_watched
    assert replace(shown, places=(of, replace(of, watched=0.0))).places_watched


def test_what_a_reader_writes_into_the_address_is_escaped(client: TestClient) -> None:
    html = client.get("/incidents?q=%3Cscript%3Ealert(1)%3C/script%3E&kind=%22onload=x").text
    assert "<script>alert" not in html
    assert '"onload=x' not in html


def test_no_chance_stands_beside_a_word_that_is_no_answer(client: TestClient) -> None:
    found = re.findall(r'<p class="word">(.*?)</p>', client.get("/?day=2025-04-19").text, re.DOTALL)
    assert [word.split("</span>")[1].strip() for word in found] == ["Cannot tell"]


def test_the_report_of_a_day_brings_its_own_policy(client: TestClient) -> None:
    answer = client.get("/reports/2025-04-19/")
    assert "sha256-" in answer.headers["content-security-policy"]
    assert client.get("/reports/2025-04-19/incidents.csv").text.startswith("incident")
    assert client.get("/reports/2025-04-19/no.csv").status_code == 404


def test_the_maps_answers_are_named_and_not_sent_twice(client: TestClient) -> None:
    first = client.get("/map/incidents.json")
    again = client.get("/map/incidents.json", headers={"if-none-match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert client.get("/map/incident/0", follow_redirects=False).headers["location"].startswith("/incidents/inc-")
    assert client.get("/map/incident/0?tag=older", follow_redirects=False).status_code == 409


def test_refusals_that_people_meet_are_in_their_language(client: TestClient) -> None:
    said = {"ja": "先にサインインしてください。", "uk": "Спершу ввійдіть.", "ru": "Сначала войдите."}
    for code, words_of in said.items():
        assert words_of in client.get(f"/review?lang={code}").text
        covers = client.get(f"/?day=2031-01-01&lang={code}").text
        assert "The case covers" not in covers
        assert "2025-04-" in covers


def test_weeks_stand_beside_days_and_open_as_page_paper_and_table(client: TestClient, view: View) -> None:
    listed = client.get("/reports").text
    assert 'href="/reports/2025-W16/"' in listed
    whole = client.get("/reports/2025-W16/?lang=ja")
    assert whole.status_code == 200
    assert 'lang="ja"' in whole.text
    assert "2025-W16" in whole.text
    assert "sha256-" in whole.headers["content-security-policy"]
    table = client.get("/reports/2025-W16/week.csv")
    assert table.text == weekly_report(view.tables, DAY, view.about).csv["week"]
    for name, made in (("2025-W16", weekly_pdf), ("2025-04-19", daily_pdf)):
        paper = client.get(f"/reports/{name}/report.pdf")
        assert paper.headers["content-type"] == "application/pdf"
        assert paper.content == made(view.tables, DAY, view.about)
    for wrong in ("2025-W54", "2025-W01", "2025-W161", "never"):
        assert client.get(f"/reports/{wrong}/").status_code == 404
    assert client.get("/reports/2025-W16/incidents.geojson").status_code == 404
