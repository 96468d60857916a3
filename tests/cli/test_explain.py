"""Why an incident stands and what each reading says of it, from the command line, on the small case."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from teisen.case import Case, derive, ingest_all, stored
from teisen.cli import app
from teisen.errors import BadInput
from tests.case import small

run = CliRunner()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("explain")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEISEN_KEYS", str(place / "keys"))
        case = Case.create(place / "case", small.template(place / "template"))
        ingest_all(case, small.data(place / "data"))
        derive(case)
    return case.folder


def explained(folder: Path, *words: str) -> dict[str, Any]:
    done = run.invoke(app, ["explain", *words, "--case", str(folder), "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_each_reading_says_in_either_language_what_the_table_says(folder: Path) -> None:
    finding = stored.read_tables(folder / "derived", ("finding",))["finding"].filter(subject="incident")
    incident = finding["subject_id"][0]
    english = explained(folder, incident)["findings"]
    stated = dict(finding.filter(subject_id=incident).select("reading_id", "explanation").iter_rows())
    assert {one["reading_id"]: one["explanation"] for one in english} == stated
    japanese = explained(folder, incident, "--language", "ja")["findings"]
    assert [one["reading_id"] for one in japanese] == [one["reading_id"] for one in english]
    assert all("。" in one["explanation"] for one in japanese)
    text = run.invoke(app, ["explain", incident, "--case", str(folder)]).stdout
    assert "What each reading says of it:" in text


def test_allegations_that_it_fits_are_named_with_what_became_of_them(folder: Path) -> None:
    outcome = stored.read_tables(folder / "derived", ("outcome",))["outcome"]
    fits = outcome.filter(outcome["incident_ids"].list.len() > 0)
    incident = fits["incident_ids"][0][0]
    named = fits.filter(fits["incident_ids"].list.contains(incident)).sort("allegation_id")
    assert [one["allegation_id"] for one in explained(folder, incident)["allegations"]] == named[
        "allegation_id"
    ].to_list()
    text = run.invoke(app, ["explain", incident, "--case", str(folder)]).stdout
    assert f"{named['allegation_id'][0]} (" in text.partition("Allegations that it fits:")[2]


def test_all_of_it_is_said_in_the_language_that_is_asked_for(folder: Path) -> None:
    tables = stored.read_tables(folder / "derived", ("evidence", "finding"))
    several = tables["evidence"].filter(relation="member").group_by("incident_id").len().sort("len", "incident_id")
    judged = set(tables["finding"].filter(subject="incident")["subject_id"])
    incident = next(one for one in reversed(several["incident_id"].to_list()) if one in judged)
    english, ukrainian = (
        run.invoke(app, ["explain", incident, "--language", language, "--case", str(folder)], catch_exceptions=False)
        for language in ("en", "uk")
    )
    assert "What moves P(conflict), as log ratios:" in english.stdout
    assert len(ukrainian.stdout.splitlines()) == len(english.stdout.splitlines())
    ids = {*tables["evidence"]["source_id"], *tables["evidence"]["observation_id"].drop_nulls()}
    said = [line for line in ukrainian.stdout.splitlines() if line and not line.startswith("inc-")]
    for line in said:
        bare = re.sub("|".join(map(re.escape, sorted(ids, key=len, reverse=True))), "", line)
        assert re.search("[а-яіїєґ]", bare), line
    members = explained(folder, incident, "--language", "uk")["members"]
    assert all(re.search("[а-яіїєґ]", one["says"]) for one in members)


def test_an_unknown_incident_or_language_is_said_to_be_so(folder: Path) -> None:
    with pytest.raises(BadInput, match=r"^There is no incident inc-000000000000"):
        run.invoke(app, ["explain", "inc-000000000000", "--case", str(folder)], catch_exceptions=False)
    with pytest.raises(BadInput, match="no words in 'xx'"):
        run.invoke(app, ["explain", "any", "--language", "xx", "--case", str(folder)], catch_exceptions=False)


def test_an_incident_is_found_by_the_id_that_it_has_where_it_leaves_and_that_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = stored.read_tables(folder / "derived", ("incident",))["incident"]["incident_id"][0]
    monkeypatch.setenv("TEISEN_KEYS", str(folder.parent / "no-keys"))
    assert explained(folder, incident)["outside_id"] is None
    monkeypatch.setenv("TEISEN_KEYS", str(folder.parent / "keys"))
    outside = explained(folder, incident)["outside_id"]
    assert explained(folder, outside) == explained(folder, incident)
    text = run.invoke(app, ["explain", outside, "--case", str(folder)]).stdout
    assert text.startswith(f"{incident}: ")
    assert f"Its id where it leaves: {outside}" in text


def test_a_case_that_had_no_secret_is_told_of_it_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEISEN_KEYS", str(folder.parent / "keys"))
    secret = Case.open(folder).ledger.secret_file
    secret.unlink()
    words = ["export", "csv", "incident", "--case", str(folder), "--audience"]
    inside, first, again = (run.invoke(app, [*words, audience]) for audience in ("mission", "public", "public"))
    assert [one.exit_code for one in (inside, first, again)] == [0, 0, 0]
    told = ["under the secret in" in one.stderr for one in (inside, first, again)]
    assert told == [False, True, False]
    assert secret.read_text(encoding="utf-8").strip() not in first.output
    secret.unlink()
    incident = stored.read_tables(folder / "derived", ("incident",))["incident"]["incident_id"][0]
    asked = [run.invoke(app, ["explain", incident, "--case", str(folder)]) for _ in range(2)]
    assert ["under the secret in" in one.stderr for one in asked] == [True, False]
