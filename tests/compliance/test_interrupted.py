"""The step at a date: its size, and that neither effort nor what controls share is taken for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from teisen.compliance import interruptions
from teisen.compliance.interrupted import interruption
from teisen.compliance.lines import EVERYTHING
from tests.compliance.lines import WARM, counts, lines, truce

DAYS = np.arange(120)
AFTER = DAYS >= 60
WEEKDAY = DAYS % 7


def test_the_interval_covers_the_step() -> None:
    covered = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        mean = 10 * np.where(AFTER, 0.4, 1.0) * np.where(WEEKDAY == 5, 1.5, 1.0)
        shown = rng.poisson(mean * rng.gamma(5, 0.2, 120)).astype(float)
        found = interruption(shown, np.ones(120), AFTER, WEEKDAY)
        assert found is not None
        covered += found.ratio_low <= 0.4 <= found.ratio_high
    assert covered >= 31  # 36 of 40 expected; below 31 has a chance of one in a hundred


def test_less_effort_is_no_step() -> None:
    effort = np.where(AFTER, 0.2, 1.0)
    shown = np.random.default_rng(1).poisson(30 * effort).astype(float)
    found = interruption(shown, effort, AFTER, WEEKDAY)
    assert found is not None
    assert found.ratio_low < 1 < found.ratio_high


def test_what_the_control_shares_is_no_step() -> None:
    rng = np.random.default_rng(2)
    wave = np.exp(0.8 * np.sin(DAYS / 9))
    control = rng.poisson(200 * wave).astype(float)
    shown = rng.poisson(20 * wave).astype(float)
    found = interruption(shown, np.ones(120), AFTER, WEEKDAY, control[:, None])
    assert found is not None
    assert found.ratio == pytest.approx(1, abs=0.15)


def test_what_happens_elsewhere_and_cloud_are_controls() -> None:
    """A fall that is everywhere is no step of a reading that concerns a part, and controls are named."""
    rng = np.random.default_rng(3)
    wave = np.exp(0.8 * np.sin(np.arange(WARM + 60) / 25))
    own, rest = (rng.poisson(mean * wave).astype(float) for mean in (20, 200))
    of = lines(np.stack([own + rest, own])[:, :, None], begins=WARM)
    of = replace(of, keys=(EVERYTHING, *of.keys[1:]), share=np.stack([np.zeros(WARM + 60), of.share[1]]))
    cloud = np.clip(rng.normal(0.5, 0.2, WARM + 60), 0, 1)
    row = interruptions(of, cloud).row(0, named=True)
    assert row["controls"] == "what it leaves out, cloud"
    assert row["ratio"] == pytest.approx(1, abs=0.15)
    assert abs(np.log(row["ratio"])) < abs(np.log(row["plain"])) / 2
    assert interruptions(of).row(0, named=True)["controls"] == "what it leaves out"


def test_too_few_days_have_no_estimate() -> None:
    assert interruption(np.ones(120), np.ones(120), DAYS >= 115, WEEKDAY) is None
    assert interruption(np.zeros(120), np.ones(120), AFTER, WEEKDAY) is None


def test_a_reading_has_its_row() -> None:
    row = interruptions(lines(counts(1, truce(0.1)), begins=WARM)).row(0, named=True)
    assert row["word"] == "fell"
    assert row["ratio_low"] < 0.1 < row["ratio_high"] or row["ratio"] == pytest.approx(0.1, abs=0.04)
    assert row["days_before"] == WARM
