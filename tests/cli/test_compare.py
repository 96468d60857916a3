"""Earlier states and differences as a user asks for them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.test_commands import Shell, case, here, teisen

__all__ = ["case", "here", "teisen"]


@pytest.fixture
def filled(teisen: Shell, first_full: Path, tmp_path: Path) -> Path:
    for made, name in (("full", "case"), ("keys", "keys"), ("template", "template"), ("data", "data")):
        shutil.copytree(first_full / made, tmp_path / name)
    return tmp_path / "case"


def test_an_earlier_state_is_derived_beside_the_case(teisen: Shell, filled: Path, tmp_path: Path) -> None:
    size = teisen.json("status", "-c", filled)["ledger"]["size"]
    now = teisen.json("derive", "-c", filled, "--out", tmp_path / "now")
    then = teisen.json("derive", "-c", filled, "--at-size", size - 1, "--out", tmp_path / "then")
    assert now["as_of"]["size"] == size
    assert then["as_of"]["size"] == size - 1
    assert now["tables"]["observation"] > then["tables"]["observation"]
    again = teisen.json("derive", "-c", filled, "--as-of", "2200-01-01T02:00+02:00", "--out", tmp_path / "then")
    assert again["tables"] == now["tables"]
    code, out, _ = teisen("derive", "-c", filled, "--known-by", "2025-04-19T20:00+02:00", "--out", tmp_path / "eve")
    assert code == 0
    assert "Known by 2025-04-19T18:00:00Z" in out
    assert "news does not say when it published: 3 observations" in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--at-size", "3"), "--out"),
        (("--known-by", "2025-04-19"), "--out"),
        (("--as-of", "2025-04-19", "--at-size", "3", "--out", "x"), "not both"),
        (("--as-of", "yesterday", "--out", "x"), "no moment"),
        (("--as-of", "2025-04-19", "--out", "x"), "--known-by"),
        (("--at-size", "1000", "--out", "x"), "a number up to"),
    ],
)
def test_a_state_that_is_none_is_a_message(
    teisen: Shell, filled: Path, here: None, words: tuple[str, ...], says: str
) -> None:
    code, out, err = teisen("derive", "-c", filled, *words)
    assert code == 2
    assert says in out + err
    assert "Traceback" not in out + err


def test_a_changed_reading_is_told_from_what_to_what_and_why(teisen: Shell, filled: Path, tmp_path: Path) -> None:
    size = teisen.json("status", "-c", filled)["ledger"]["size"]
    path = filled / "agreements" / "truce.yaml"
    path.write_text(path.read_text().replace("- during: {from: 2025-04-19", "- during: {from: 2025-04-20"))
    teisen("derive", "-c", filled, "--at-size", size, "--out", tmp_path / "before")
    teisen("derive", "-c", filled)
    code, out, _ = teisen("compare", tmp_path / "before", filled / "derived")
    assert code == 0
    assert "truce/hostilities: reading one changed" in out
    assert "1  truce/hostilities/one: very likely -> none" in out
    told = teisen.json("compare", tmp_path / "before", filled / "derived")
    at_sizes = teisen.json("compare", size, "now", "-c", filled)
    assert at_sizes["rows"] == told["rows"]
    assert told["changes"]["finding"]["vanished"] == 1
    assert [row["because"] for row in told["rows"]] == [["reading"]] * len(told["rows"])
    assert "No incident, finding or outcome differs." in teisen("compare", size, size, "-c", filled)[1]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("elsewhere", "now"), (2, "no folder, no size and no moment")),
        (("case/ledger", "now"), (2, "no derived tables")),
        (("999", "now"), (2, "a number up to")),
        (("2025-04-19", "now"), (2, "--known-by")),
        (("3", "now", "-c", "nowhere"), (3, "teisen new")),
    ],
)
def test_a_side_that_is_none_is_a_message(
    teisen: Shell, filled: Path, here: None, words: tuple[str, ...], answer: tuple[int, str]
) -> None:
    found, out, err = teisen("compare", *words, *(() if "-c" in words else ("-c", filled)))
    assert found == answer[0]
    assert answer[1] in " ".join((out + err).replace("│", " ").split())
    assert "Traceback" not in out + err


def test_a_difference_is_published_through_the_policy(teisen: Shell, filled: Path, tmp_path: Path) -> None:
    size = teisen.json("status", "-c", filled)["ledger"]["size"]
    late = tmp_path / "late.csv"
    late.write_text("at,x,y,what,words\n2025-04-20 09:00,30.2,50.9,shelling,late\n")
    teisen("ingest", "news", late, "-c", filled)
    words = ("compare", size, "now", "-c", filled, "--out", tmp_path / "out")
    done = teisen.json(*words, "--as-of", "2025-04-23T12:00")
    rows = done["rows"]
    page = Path(done["page"]).read_text(encoding="utf-8")
    assert "news: late.csv added" in page
    early = (tmp_path / "out" / "difference.csv").read_text(encoding="utf-8").splitlines()
    assert teisen.json(*words, "--as-of", "2025-05-23")["rows"] == rows
    all_ = (tmp_path / "out" / "difference.csv").read_text(encoding="utf-8").splitlines()
    assert 1 < len(early) < len(all_) == len(rows) + 1
    assert "the test" in (tmp_path / "out" / "difference.csv.LICENCES.txt").read_text(encoding="utf-8")
    assert (tmp_path / "out" / "causes.csv").read_text(encoding="utf-8").startswith("cause,incident,finding")
    code, _, err = teisen("compare", size, "now", "-c", filled, "--out", tmp_path / "x", "--audience", "nobody")
    assert code == 2
    assert "nobody" in err


def test_tables_of_another_case_are_not_published(teisen: Shell, filled: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    template = tmp_path / "template" / "case.yaml"
    template.write_text(template.read_text().replace("id: small", "id: another"))
    teisen("new", other, "--template", template)
    teisen("derive", "-c", other)
    code, _, err = teisen("compare", other / "derived", filled / "derived", "-c", filled, "--out", tmp_path / "x")
    assert code == 2
    assert "before: the tables do not rest on a case.yaml" in err
    assert not (tmp_path / "x").exists()
