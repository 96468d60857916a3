from __future__ import annotations

import pytest

from tests.cli.test_commands import Shell, teisen

__all__ = ["teisen"]

ASKED = ("plan", "inspections", "--slots")


def test_a_number_of_inspections_has_its_guarantee(teisen: Shell) -> None:
    told = teisen.json(*ASKED, 10, "--number", 3, "--missed", 0.1, "--false-alarm", 0.05, "--penalty", 4)
    assert told["found"] == pytest.approx(0.27)
    assert told["false_alarms"] == pytest.approx(0.15)
    assert told["deters_from"] == pytest.approx(0.2)
    assert told["deters"] is True
    assert told["least_mean_slots"] - 1e-6 <= told["mean_slots"] < 10
    assert sum(one["chance"] for one in told["sets"]) == pytest.approx(1)
    assert all(len(one["slots"]) == 3 and min(one["slots"]) >= 1 for one in told["sets"])
    said = teisen(*ASKED, 10, "--number", 3, "--missed", 0.1)[1]
    assert "found with 27.0%" in said
    assert "does not deter" in said


def test_the_fewest_inspections_are_found_with_and_without_a_test_of_their_own(teisen: Shell) -> None:
    told = teisen.json(*ASKED, 10, "--wanted", 0.45, "--missed", 0.1)
    assert told["inspections"] == 5
    tested = [
        teisen.json(*ASKED, 10, "--separation", 3, "--false-alarms", 0.5, *words)
        for words in (("--wanted", 0.5), ("--number", 9))
    ]
    assert tested[0]["found"] >= 0.5
    fewer = teisen.json(*ASKED, 10, "--separation", 3, "--false-alarms", 0.5, "--number", tested[0]["inspections"] - 1)
    assert fewer["found"] < 0.5
    assert tested[1]["false_alarms"] == pytest.approx(0.5)
    assert "not even one in every slot" in teisen(*ASKED, 10, "--wanted", 0.95, "--missed", 0.1)[1]
    assert "too many sets" in teisen(*ASKED, 60, "--number", 30)[1]


@pytest.mark.parametrize(
    "words",
    [(), ("--number", 2, "--wanted", 0.5), ("--number", 11), ("--number", 2, "--separation", 2),
     ("--number", 2, "--separation", 2, "--false-alarms", 1, "--missed", 0.1)],
)  # fmt: skip
def test_what_does_not_go_together_is_said(teisen: Shell, words: tuple[object, ...]) -> None:
    assert teisen(*ASKED, 10, *words)[0] == 2
