"""Earlier states and differences as a user asks for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.case import small
from tests.cli.test_commands import Shell, case, here, teisen

__all__ = ["case", "here", "teisen"]


@pytest.fixture
def filled(teisen: Shell, case: Path, tmp_path: Path) -> Path:
    teisen("ingest", "--all", "--data", small.data(tmp_path / "data"), "-c", case)
    teisen("derive", "-c", case)
    return case


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
