"""What `teisen assess` shows: per provision and reading the rate, what was watched, and what all missed."""

from __future__ import annotations

from pathlib import Path

from tests.cli.test_commands import Shell, case, here, teisen

__all__ = ["case", "here", "teisen"]


def test_each_reading_has_its_rate_and_what_was_watched(teisen: Shell, case: Path) -> None:
    assert teisen("derive", "-c", case)[0] == 0
    code, out, _ = teisen("assess", "-c", case)
    assert code == 0
    assert ", held by " in out
    assert "a day (" in out or "nobody could see" in out
    assert "Watched: " in out
    values = teisen.json("assess", "-c", case)
    assert out.count(", held by ") == len(values["readings"])
    first = values["readings"][0]
    assert set(first) >= {"agreement_id", "provision_id", "reading_id", "rate", "watched", "course", "missed"}


def test_around_a_date_it_is_assessed_anew(teisen: Shell, case: Path) -> None:
    teisen("derive", "-c", case)
    plain, around = (teisen.json("assess", *at, "-c", case)["readings"] for at in ((), ("--at", "2025-04-20")))
    measures = {row["measure"] for one in around for row in one["course"]}
    assert {"before", "after", "change"} <= measures
    assert [one["rate"] for one in plain] == [one["rate"] for one in around]


def test_before_deriving_it_says_what_to_do(teisen: Shell, case: Path) -> None:
    code, _, err = teisen("assess", "-c", case)
    assert code == 2
    assert "teisen derive" in err
