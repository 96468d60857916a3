"""Is it holding? The words, and what no word may hide."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from teisen.compliance import Lines, verdict
from tests.compliance.lines import WARM, counts, lines, truce


def words(of: Lines) -> list[str]:
    return verdict(of).sort("start")["word"].to_list()


@pytest.mark.parametrize("seed", range(4))
def test_a_truce_that_holds_is_holding_within_days(seed: int) -> None:
    said = words(lines(counts(seed, truce(0.08)), begins=WARM))
    assert len(said) == 30
    assert set(said[3:]) == {"holding"}


@pytest.mark.parametrize("seed", range(4))
def test_a_truce_that_never_began_is_collapsed(seed: int) -> None:
    said = words(lines(counts(seed, truce(1.0)), begins=WARM))
    assert "holding" not in said
    assert said.count("collapsed") >= 25


def test_a_truce_that_breaks_is_collapsed_within_two_days() -> None:
    level = np.concatenate([truce(0.08), np.ones(10)])
    said = words(lines(counts(1, level), begins=WARM))
    assert set(said[32:]) == {"collapsed"}


def test_a_truce_that_slips_is_not_holding_but_eroding() -> None:
    said: list[str] = []
    for seed in range(6):
        level = np.concatenate([truce(0.05, 40), np.full(40, 0.33)])
        found = words(lines(counts(seed, level), begins=WARM))
        assert "eroding" not in found[:38]
        said += found[48:]
    assert said.count("eroding") > len(said) / 3
    assert said.count("holding") < len(said) / 10


@pytest.mark.parametrize("source", range(3))
def test_a_source_that_falls_silent_is_not_holding(source: int) -> None:
    said: list[str] = []
    for seed in range(8):
        shown = counts(seed, truce(1.0))
        shown[:, WARM:, source] = 0.0
        said += words(lines(shown, begins=WARM))
    assert said.count("holding") <= len(said) * 0.05
    assert said.count("collapsed") > len(said) / 2


def test_two_sources_that_fall_silent_leave_the_last_one_to_tell() -> None:
    shown = np.concatenate([counts(seed, truce(1.0), (2.0, 1.0, 0.5)) for seed in range(30)])
    shown[:, WARM:, :2] = 0.0
    of = lines(shown, begins=WARM)
    said = verdict(of).filter(pl.col("start") >= of.starts[WARM + 7])["word"]
    assert (said == "holding").mean() <= 0.1


def test_the_only_source_proves_nothing_by_silence() -> None:
    shown = counts(3, truce(1.0), (10.0,))
    shown[:, WARM:] = 0.0
    table = verdict(lines(shown, begins=WARM))
    assert set(table["word"]) == {"cannot_tell"}
    assert "fault of the one source" in table["says"][-1]


def test_a_day_that_nobody_saw_has_no_answer() -> None:
    shown = counts(3, truce(0.08))
    effort = np.ones_like(shown)
    effort[:, WARM + 20] = shown[:, WARM + 20] = 0.0
    table = verdict(lines(shown, effort, begins=WARM)).sort("start")
    assert table["word"][20] == "cannot_tell"
    assert table["ratio"][20] is None
    assert table["word"][19] == table["word"][21] == "holding"


def test_without_a_time_before_there_is_no_answer() -> None:
    table = verdict(lines(counts(3, np.full(30, 0.1)), begins=0))
    assert set(table["word"]) == {"cannot_tell"}
    assert set(table["says"]) == {"Fewer than seven days before it are known: too little to compare with."}


def test_what_was_rare_before_is_not_kept_by_its_absence() -> None:
    shown = np.zeros((1, WARM + 30, 3))
    shown[0, 10, 0] = 1.0
    assert set(words(lines(shown, begins=WARM))) == {"cannot_tell"}


def test_probabilities_sum_to_one() -> None:
    for level in (0.05, 0.4, 1.0):
        table = verdict(lines(counts(6, truce(level)), begins=WARM))
        p = table.select("p_holding", "p_eroding", "p_collapsed", "p_cannot_tell").sum_horizontal()
        assert np.allclose(p, 1.0, atol=3e-4)
        assert table.filter((pl.col("word") != "cannot_tell") & (pl.col("p") < 0.8)).is_empty()


def test_an_answer_knows_nothing_of_later_days() -> None:
    shown = counts(7, truce(0.1))
    early = verdict(lines(shown[:, : WARM + 10], begins=WARM))
    whole = verdict(lines(shown, begins=WARM)).sort("start").head(10)
    assert early.equals(whole)


def test_without_sources_there_is_no_answer() -> None:
    table = verdict(lines(np.zeros((1, WARM + 5, 0)), begins=WARM))
    assert set(table["word"]) == {"cannot_tell"}
