"""Deciding from the command line, on the small case."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from teisen.case import Case, derive, ingest_all, stored
from teisen.cli import app
from teisen.errors import BadInput
from tests.case import small

run = CliRunner()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TEISEN_KEYS", str(tmp_path / "keys"))
    case = Case.create(tmp_path / "case", small.template(tmp_path / "template"))
    ingest_all(case, small.data(tmp_path / "data"))
    derive(case)
    return case.folder


def said(*words: str, folder: Path) -> Any:
    done = run.invoke(app, [*words, "--case", str(folder), "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_a_finding_is_confirmed_replied_to_and_has_a_history(folder: Path, tmp_path: Path) -> None:
    about = stored.read_tables(folder / "derived", ("finding",))["finding"]["finding_id"][0]
    as_ana = ("--as", "ana", "--reason", "two sources")
    confirmed = said("decide", "confirm", about, *as_ana, folder=folder)
    assert (confirmed["from"], confirmed["to"], confirmed["signed_as"]) == ("automatic", "finding", "ana")
    words = tmp_path / "reply.txt"
    words.write_text("It was not us.\n", encoding="utf-8")
    said("reply", about, "--party", "party-a", "--as", "lia", "--file", str(words), folder=folder)
    told = said("history", about, folder=folder)
    assert [one["said"]["reason"] for one in told["decisions"]] == ["two sources", "It was not us."]
    assert told["state"] == "finding"
    assert "appeal" in told["possible"]
    text = run.invoke(app, ["history", about, "--case", str(folder)]).stdout
    assert "lia (party liaison of party-a) replied: It was not us." in text
    assert said("history", "--orphaned", folder=folder)["decisions"] == []


def test_the_queue_counts_and_shows_what_waits(folder: Path) -> None:
    review = folder / "case.yaml"
    review.write_text(review.read_text(encoding="utf-8") + "review: {four_eyes: [confirm]}\n", encoding="utf-8")
    about = stored.read_tables(folder / "derived", ("finding",))["finding"]["finding_id"][0]
    said("decide", "confirm", about, "--as", "ana", "--reason", "seen", folder=folder)
    first = said("queue", "--top", "1", folder=folder)
    assert (first["waiting"][0]["waits"], first["waiting"][0]["subject_id"]) == ("second", about)
    assert first["waiting"][0]["proposed"] == "confirm"


def test_what_is_not_allowed_ends_with_a_message(folder: Path) -> None:
    about = stored.read_tables(folder / "derived", ("finding",))["finding"]["finding_id"][0]
    with pytest.raises(BadInput, match="not for the role party-liaison"):
        said("decide", "confirm", about, "--role", "party-liaison", "--party", "party-a", "-r", "we win", folder=folder)
    assert run.invoke(app, ["decide", "correct", about, "-r", "x", "--set", "kind", "-c", str(folder)]).exit_code == 2
    assert run.invoke(app, ["reply", about, "--party", "party-a", "-c", str(folder)]).exit_code == 2
