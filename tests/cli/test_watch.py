"""The commands on a plan that is made: agree on it, try it, annex it, and draw its patrols so that anybody can
check."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
import yaml

from teisen.case import Case
from teisen.planning.beside import Frontier
from tests.case import small
from tests.cli.test_commands import Shell
from tests.planning.plans import beside
from tests.planning.plans import plan as made_up
from tests.planning.settings import BRIEF


@pytest.fixture
def teisen(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.setenv("TEISEN_KEYS", str(tmp_path / "keys"))
    monkeypatch.delenv("TEISEN_DEBUG", raising=False)
    return Shell(monkeypatch, capsys)


@pytest.fixture
def case(teisen: Shell, tmp_path: Path) -> Path:
    teisen("new", tmp_path / "case", "--template", small.template(tmp_path / "template"))
    return tmp_path / "case"


@pytest.fixture
def plan(teisen: Shell, tmp_path: Path) -> Path:
    folder = tmp_path / "plan"
    folder.mkdir()
    (folder / "brief.yaml").write_text(BRIEF, encoding="utf-8")
    assert teisen("plan", "solve", folder)[0] == 0
    return folder


def test_a_plan_is_agreed_when_everybody_signed_it_and_changes_are_told(teisen, case, plan, tmp_path):
    for name, whom, lacks in (("ana", "party-a", 2), ("bo", "party-b", 1), ("mia", "mediator", 0)):
        done = teisen.json("plan", "sign", plan, "--as", name, "--for", whom, "-c", case)
        assert len(done["missing"]) == lacks
    teisen.json("plan", "comment", plan, "--as", "ana", "--for", "party-a", "-t", "two crews are few", "-c", case)
    code, out, _ = teisen("plan", "signed", "small-plan", "-c", case)
    assert code == 0
    assert "agreed" in out
    assert "ana for party-a: two crews are few" in out
    later = tmp_path / "later"
    shutil.copytree(plan, later)
    values = json.loads((later / "plan.json").read_text())
    values["version"], values["placement"] = 2, values["placement"][1:]
    (later / "plan.json").write_text(json.dumps(values))
    changed = teisen.json(
        "plan", "changes", plan, later, "--map", tmp_path / "m.geojson", "--table", tmp_path / "t.csv"
    )
    assert changed["words"][0].startswith("Gone from placement")
    assert len(json.loads((tmp_path / "m.geojson").read_text())["features"]) == 1
    assert pl.read_csv(tmp_path / "t.csv").height == len(changed["changes"]) == 1
    assert teisen.json("plan", "sign", later, "--as", "ana", "--for", "party-a", "-c", case)["missing"] == [
        "party-b",
        "mediator",
    ]
    assert Case.open(case).ledger.verify().size == len(Case.open(case).ledger.entries())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--as", "ana", "--for", "party-c"), "is no party of this plan"),
        (("--as", "ana", "--for", "party-b"), "ana signs for party-a"),
        (("--as", "ana", "--for", "party-a"), "has signed this version already"),
        (("--as", "bo", "--for", "party-b", "--withdraw", "-r", "why"), "no signature under this version"),
        (("--as", "ana", "--for", "party-a", "--withdraw"), "has no words"),
        (("--as", "a b", "--for", "party-a"), "no name for a key"),
    ],
)
def test_what_cannot_be_signed_is_said_in_one_sentence(teisen, case, plan, words, said):
    assert teisen("plan", "sign", plan, "--as", "ana", "--for", "party-a", "-c", case)[0] == 0
    code, _, err = teisen("plan", "sign", plan, *words, "-c", case)
    assert code == 2
    assert said in " ".join(err.split())


def test_a_version_is_not_changed_under_its_number(teisen, case, plan):
    assert teisen("plan", "sign", plan, "--as", "ana", "--for", "party-a", "-c", case)[0] == 0
    values = json.loads((plan / "plan.json").read_text()) | {"title": "Other"}
    (plan / "plan.json").write_text(json.dumps(values))
    code, _, err = teisen("plan", "sign", plan, "--as", "bo", "--for", "party-b", "-c", case)
    assert code == 2
    assert "on record with another content" in err


def test_a_version_is_put_on_record_with_what_lies_beside_it_and_only_if_it_is_of_that_version(teisen, case, plan):
    (plan / "patrols.json").write_bytes(beside(made_up()).programme.canonical())
    told = teisen.json("plan", "record", plan, "-c", case)
    assert (told["added"], told["frontier"], told["patrols"]) == (1, False, False)
    teisen("plan", "solve", plan, "--budgets", "2e6,1e6")
    told = teisen.json("plan", "record", plan, "-c", case)
    assert (told["added"], told["frontier"]) == (1, True)
    there = Frontier.model_validate_json((plan / "frontier.json").read_text())
    assert [row.budget for row in there.rows] == [1e6, 2e6]
    assert teisen.json("plan", "record", plan, "-c", case)["added"] == 0


def test_what_one_more_sensor_brings_is_told_written_and_put_on_record(teisen, case, plan):
    told = teisen.json("plan", "next", plan)
    sensors = ["acoustic-artillery", "camera-thermal", "patrol", "post"]
    assert [row["sensor"] for row in told["next"]] == sensors
    assert all(row["adds"] > 0 for row in told["next"])
    assert pl.read_csv(plan / "next.csv").height == len(sensors)
    assert pl.read_csv(plan / "without.csv")["number"].sum() == 16
    says = {"en": "What one more of each", "uk": "ще один датчик", "ja": "もう1つ", "ru": "ещё один датчик"}
    for language, words in says.items():
        code, out, _ = teisen("plan", "next", plan, "--language", language)
        assert code == 0
        assert words in out
    told = teisen.json("plan", "record", plan, "-c", case)
    assert (told["added"], told["next"]) == (2, True)
    assert teisen.json("plan", "record", plan, "-c", case)["added"] == 0
    (plan / "next.json").write_text("{}", encoding="utf-8")
    code, _, err = teisen("plan", "record", plan, "-c", case)
    assert code == 2
    assert "teisen plan next" in err


def test_a_plan_of_another_brief_is_not_asked_what_one_more_brings(teisen, plan):
    asked = yaml.safe_load(BRIEF)
    wider = asked | {"use": [*asked["use"], "ground-radar"]}
    (plan / "brief.yaml").write_text(yaml.safe_dump(wider), encoding="utf-8")
    assert "ground-radar" in [row["sensor"] for row in teisen.json("plan", "next", plan)["next"]]
    for change in ({"rules": {"budget": 1e6}}, {"use": ["post"], "take": []}, {"line": {"made_km": 60}}):
        (plan / "brief.yaml").write_text(yaml.safe_dump(asked | change), encoding="utf-8")
        code, _, err = teisen("plan", "next", plan)
        assert code == 2
        assert "teisen plan solve" in err


def test_an_annex_leaves_no_sooner_than_the_terms_say(teisen, case, plan, tmp_path):
    with (case / "case.yaml").open("a", encoding="utf-8") as file:
        file.write("release: {public: {plan_delay_hours: 24}}\n")
    Case.open(case).record_definitions()
    teisen("plan", "record", plan, "-c", case)
    code, _, err = teisen("plan", "annex", plan, "--out", tmp_path / "public", "-c", case)
    assert code == 2
    assert "24 hours after they are put on record" in err
    assert teisen("plan", "annex", plan, "--out", tmp_path / "full", "--audience", "mission", "-c", case)[0] == 0


def test_an_annex_is_written_for_its_audience(teisen, case, plan, tmp_path):
    code, _, err = teisen("plan", "annex", plan, "--out", tmp_path / "x", "-c", case)
    assert code == 2
    assert "not on record" in err
    teisen("plan", "sign", plan, "--as", "ana", "--for", "party-a", "-c", case)
    public = teisen.json("plan", "annex", plan, "--out", tmp_path / "public", "--language", "ja", "-c", case)
    assert "annex.geojson" not in public["files"]
    assert "places" in public["withheld"]
    full = teisen.json("plan", "annex", plan, "--out", tmp_path / "full", "--audience", "mission", "-c", case)
    assert full["withheld"] == []
    assert (tmp_path / "full" / "annex.pdf").read_bytes().startswith(b"%PDF")


def test_a_plan_is_tried_on_ceasefires(teisen, plan, tmp_path):
    done = teisen.json("plan", "simulate", plan, "--runs", 3, "--only", "quiet,jamming")
    assert {row["trial"] for row in done["delivered"]} == {"quiet", "jamming"}
    assert (plan / "delivered.csv").is_file()
    code, out, _ = teisen("plan", "simulate", plan, "--runs", 3, "--only", "jamming")
    assert code == 0
    assert ", jamming " in out
    assert "Jamming: A third of all radio links" in out
    _, said, _ = teisen("plan", "simulate", plan, "--runs", 2, "--only", "winter", "--language", "uk")
    assert "Зима: Погода" in said
    assert teisen("plan", "simulate", plan, "--only", "rain")[0] == 2
    (plan / "brief.yaml").write_text(BRIEF.replace("made_km: 40", "made_km: 50"), encoding="utf-8")
    code, _, err = teisen("plan", "simulate", plan)
    assert code == 2
    assert "another line" in err


def test_patrols_are_drawn_from_seeds_that_everybody_committed_to_and_checked_afterwards(teisen, case, plan, tmp_path):
    (tmp_path / "shifts.yaml").write_text(yaml.safe_dump({"stops": 2, "slot_h": 4, "watch_h": 2}))
    made = teisen.json("plan", "patrol", plan, "--shifts", tmp_path / "shifts.yaml", "--gap", 0.05)
    assert made["programme"]["plan"] == json.loads(teisen("plan", "compare", plan, "--json")[1])["plans"][0]["sha256"]
    patrols = plan / "patrols.json"
    (tmp_path / "risk.csv").write_text("lon,lat,expected\n0,48,\n")
    code, _, err = teisen("plan", "patrol", plan, "--risk", tmp_path / "risk.csv")
    assert code == 2
    assert "risk.csv, line 1" in err

    def seed(verb: str, *words: object) -> dict:
        return teisen.json("plan", "seed", verb, "june", *words, "-c", case)

    seed("commit", "--as", "mission", "--run", "--patrols", patrols, "--first", "2199-06-02", "--days", 3)
    for who in ("party-a", "party-b", "mediator"):
        seed("commit", "--as", who)
    for who in ("party-a", "party-b", "mediator"):
        seed("open", "--as", who)
    assert seed("start")["contributions"] == ["mediator", "party-a", "party-b"]
    drawn = tmp_path / "day-1.csv"
    rows = seed("draw", "--patrols", patrols, "--day", 1, "--out", drawn)["rows"]
    assert rows == pl.read_csv(drawn).height > 0
    assert seed("check", "--patrols", patrols)["schedule"] == []
    seed("show", "--day", 1)
    checked = seed("check", "--patrols", patrols, "--done", drawn)
    assert len(checked["schedule"]) == rows
    assert checked["departures"] == checked["wrong"] == []
    pl.read_csv(drawn, infer_schema=False)[1:].write_csv(drawn)
    assert [row["what"] for row in seed("check", "--patrols", patrols, "--done", drawn)["departures"]] == ["missed"]
    ledger = b"".join(p.read_bytes() for p in (case / "ledger").rglob("*") if p.is_file())
    kept = [json.loads(p.read_text()) for p in (tmp_path / "keys" / "seeds").rglob("*.json")]
    assert len(kept) == 4
    assert next(one["last"] for one in kept if "last" in one).encode() not in ledger
    assert all(p.stat().st_mode & 0o077 == 0 for p in (tmp_path / "keys" / "seeds").rglob("*.json"))


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("commit", "june", "--as", "party-a"), 2, "nobody has committed to run it"),
        (("open", "june", "--as", "party-a"), 2, "has not committed"),
        (("show", "june", "--day", 1), 2, "nobody has committed to run it"),
        (("check", "june", "--patrols", "none.json"), 2, "cannot be read"),
        (("start", "june"), 2, "nobody runs it"),
    ],
)
def test_what_comes_too_early_is_said(teisen, case, words, code, said):
    ended, _, err = teisen("plan", "seed", *words, "-c", case)
    assert ended == code
    assert said in err


def test_a_budget_that_buys_nothing_gives_a_plan_of_nothing(teisen: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "poor"
    folder.mkdir()
    poor = BRIEF.partition("take:")[0].replace("budget: 20000000", "budget: 1")
    (folder / "brief.yaml").write_text(poor, encoding="utf-8")
    code, out, err = teisen("plan", "solve", folder)
    assert code == 0, err
    assert "0.0000" in out
