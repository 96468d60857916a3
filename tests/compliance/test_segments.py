"""Looking back: cuts where the level changed, and none where only the effort did."""

from __future__ import annotations

import numpy as np
import pytest

from teisen.compliance.segments import segments
from tests.compliance.lines import counts


@pytest.mark.parametrize("seed", range(5))
def test_cuts_lie_where_the_level_changes(seed: int) -> None:
    level = np.concatenate([np.ones(60), np.full(20, 0.1), np.ones(40)])
    spells = segments(counts(seed, level)[0])
    assert [s.first for s in spells] == pytest.approx([0, 60, 80], abs=1)
    assert spells[1].rate < spells[0].rate / 4


def test_effort_alone_makes_no_cut() -> None:
    rng = np.random.default_rng(1)
    effort = np.where(np.arange(120) < 60, 1.0, 0.2)
    spells = segments(rng.poisson(20 * effort).astype(float), effort)
    assert len(spells) == 1
    assert spells[0].rate == pytest.approx(20, rel=0.1)


def test_days_that_nobody_saw_make_no_cut() -> None:
    rng = np.random.default_rng(2)
    effort = np.ones(100)
    effort[40:60] = 0
    assert len(segments(rng.poisson(20 * effort).astype(float), effort)) == 1


def test_calm_series_are_seldom_cut() -> None:
    cut = sum(len(segments(counts(seed, np.ones(200))[0])) > 1 for seed in range(20))
    assert cut <= 2


def test_no_days_no_spells() -> None:
    assert segments(np.zeros(0)) == []
    assert len(segments(np.zeros(10))) == 1
