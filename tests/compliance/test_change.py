"""Changes: found soon, seldom falsely, and told from what only looks like one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from teisen.compliance import Lines, changes
from teisen.compliance.alarms import fall_from, return_from, watch
from teisen.compliance.level import OCTAVES, follow
from tests.compliance.lines import DAY0, WARM, counts, lines, truce


def falls(of: Lines, since: int = 0) -> list[dict[str, Any]]:
    table = changes(of).filter((pl.col("what") == "fall") & (pl.col("start") >= DAY0 + timedelta(days=since)))
    return table.to_dicts()


@pytest.mark.parametrize("seed", range(5))
def test_a_truce_is_found_on_its_day_and_called_behaviour(seed: int) -> None:
    found = falls(lines(counts(seed, truce())), WARM - 1)[0]
    assert abs((found["start"] - DAY0).days - WARM) <= 1
    assert (found["found"] - DAY0).days - WARM <= 3  # by the end of the third day
    assert found["word"] == "behaviour"
    assert found["ratio"] < 0.35


@pytest.mark.parametrize("seed", range(5))
def test_the_end_of_a_truce_is_found(seed: int) -> None:
    level = np.concatenate([truce(), np.ones(10)])
    table = changes(lines(counts(seed, level))).filter(pl.col("what") == "return")
    days = [(start - DAY0).days - WARM - 30 for start in table["start"]]
    assert any(abs(day) <= 2 for day in days)


def test_a_source_that_falls_silent_is_that_source() -> None:
    for seed in range(5):
        shown = counts(seed, np.ones(WARM + 30))
        shown[:, WARM:, 1] = 0.0
        found = falls(lines(shown))
        assert [row["instrument"] for row in found if row["word"] == "instrument"]
        assert {row["instrument"] for row in found if row["word"] == "instrument"} == {"b"}
        assert not [row for row in found if row["word"] == "behaviour"]


def test_a_source_that_reports_a_third_is_that_source() -> None:
    rng, named = np.random.default_rng(9), 0
    for seed in range(10):
        shown = counts(seed, np.ones(WARM + 30))
        shown[:, WARM:, 0] = rng.binomial(shown[:, WARM:, 0].astype(int), 0.33)
        found = falls(lines(shown))
        named += "a" in {row["instrument"] for row in found if row["word"] == "instrument"}
        assert "behaviour" not in {row["word"] for row in found}
    assert named >= 9


def test_a_source_that_fails_just_before_a_truce_is_not_taken_for_the_truce() -> None:
    """What the watch did not ring for is explained by its own days, and not by those of the truce that followed."""
    for seed in (32, 33, 38, 39):
        shown = counts(seed, truce(), (30.0, 4.0, 4.0))
        shown[:, WARM - 2 : WARM, 0] = 0.0
        rows = falls(lines(shown), WARM - 7)
        assert "behaviour" not in {row["word"] for row in rows if row["found"] is None}
        assert [row["word"] for row in rows if row["found"] is not None] == ["behaviour"]


def test_a_source_that_reports_twice_as_much_fell_not() -> None:
    for seed in range(5):
        shown = counts(seed, np.ones(WARM + 30))
        shown[:, WARM:, 0] *= 2
        assert "a" not in {row["instrument"] for row in falls(lines(shown), WARM - 7) if row["word"] == "instrument"}


def test_two_sources_that_fall_silent_at_once_are_no_truce() -> None:
    shown = counts(1, np.ones(WARM + 30))
    shown[:, WARM:, :2] = 0.0
    assert "behaviour" not in {row["word"] for row in falls(lines(shown))}


def test_the_only_source_falling_silent_cannot_be_told() -> None:
    shown = counts(1, np.ones(WARM + 30), (10.0,))
    shown[:, WARM:] = 0.0
    found = falls(lines(shown))
    assert found
    assert {row["word"] for row in found} == {"cannot_tell"}


def test_less_effort_is_access() -> None:
    rng = np.random.default_rng(4)
    shown = counts(4, np.ones(WARM + 30))
    effort = np.ones_like(shown)
    effort[:, WARM:] = 0.15
    shown[:, WARM:] = rng.binomial(shown[:, WARM:].astype(int), 0.15)
    words = [row["word"] for row in falls(lines(shown, effort), WARM - 1)]
    assert "access" in words
    assert "behaviour" not in words


def test_little_effort_leaves_a_fault_open_and_is_access_all_the_same() -> None:
    shown = np.concatenate([counts(seed, np.ones(WARM + 30), (2.0, 1.0, 0.5)) for seed in range(40)])
    effort = np.ones_like(shown)
    effort[:, WARM:] = 0.15
    shown[:, WARM:] = np.random.default_rng(4).binomial(shown[:, WARM:].astype(int), 0.15)
    table = changes(lines(shown, effort)).filter(
        pl.col("word") == "access", pl.col("start") >= DAY0 + timedelta(WARM - 3)
    )
    assert table["agreement_id"].n_unique() >= 38


def test_without_less_effort_nothing_is_access() -> None:
    shown = np.concatenate([counts(seed, truce(0.5)) for seed in range(5)])
    shown[:, WARM:, 0] = 0.0
    table = changes(lines(shown))
    assert len(table) > 5
    assert (table["p_access"] == 0.0).all()


def test_a_stated_outage_is_nothing() -> None:
    shown, effort = counts(5, np.ones(WARM + 30)), np.ones((1, WARM + 30, 3))
    shown[:, WARM:, 0] = effort[:, WARM:, 0] = 0.0
    assert not [row for row in falls(lines(shown, effort)) if row["word"] in {"behaviour", "instrument"}]


@pytest.mark.parametrize("scatters", [0.0, 0.35])
@pytest.mark.parametrize("stands", [1.0, 0.5, 0.33])
def test_seldom_a_false_alarm_wherever_a_line_stands(stands: float, scatters: float) -> None:
    days, settled = np.arange(WARM + 14 + 365), WARM + 14
    shocks = np.exp(scatters * np.random.default_rng(0).normal(size=(12, len(days))) - scatters**2 / 2)
    shown = np.concatenate([counts(seed, of) for seed, of in enumerate(shocks * np.where(days < WARM, 1.0, stands))])
    found = follow(shown, np.ones_like(shown), days % 7, np.full(12, WARM))
    each = zip(found.low, found.back, fall_from(found), return_from(found), strict=True)
    false = sum(day >= settled for line in each for _, day in watch(*line)) / 2  # a fall that was none returns
    assert false <= 12 + 2 * np.sqrt(12)  # at most one a year and line, with what chance allows


def test_it_takes_more_where_days_scatter_and_where_a_line_stands_near_the_bound() -> None:
    def takes(stands: float, scatters: float) -> tuple[float, float]:
        """Mean P from which a fall and a return are called on the last day of 8 lines."""
        shocks = np.exp(scatters * np.random.default_rng(1).normal(size=(8, WARM + 30)))
        shown = np.concatenate([counts(seed, truce(stands) * days) for seed, days in enumerate(shocks)])
        found = follow(shown, np.ones_like(shown), np.arange(WARM + 30) % 7, np.full(8, WARM))
        return fall_from(found)[:, -1].mean(), return_from(found)[:, -1].mean()

    assert takes(1.0, 0.0)[0] < takes(1.0, 0.5)[0]
    assert takes(1.0, 0.0)[0] < 0.5 < takes(0.5, 0.0)[0]
    assert takes(0.05, 0.0)[1] == pytest.approx(0.8)
    assert 0.8 < takes(0.33, 0.0)[1] < takes(0.5, 0.0)[1]
    assert takes(0.33, 0.0)[1] < takes(0.33, 0.5)[1]


def test_what_is_certain_to_the_last_bit_leaves_the_level_known() -> None:
    shown = np.random.default_rng(0).poisson(3000.0, (3, 110, 3)).astype(float)
    shown[:, 70:76] = 0.0
    shown[:, 90:100, 0] = 0.0
    found = follow(shown, np.ones_like(shown), np.arange(110) % 7)
    assert np.isfinite(found.level).all()
    assert (found.off[:, 95, 0] > 0.9).all()


def test_probabilities_sum_to_one() -> None:
    table = changes(lines(counts(2, truce(0.3))))
    p = table.select("p_behaviour", "p_instrument", "p_access", "p_scatter").sum_horizontal()
    assert np.allclose(p, 1.0, atol=2e-4)
    found = follow(counts(2, truce()), np.ones((1, WARM + 30, 3)), np.arange(WARM + 30) % 7)
    assert np.allclose(found.level.sum(axis=-1), 1)
    assert found.level.shape[-1] == len(OCTAVES)


def test_order_of_sources_and_lines_decides_nothing() -> None:
    shown = np.concatenate([counts(3, truce()), counts(4, np.ones(WARM + 30))])
    plain = changes(lines(shown)).drop("agreement_id", "instrument", "says")
    turned = changes(lines(shown[::-1, :, ::-1].copy())).drop("agreement_id", "instrument", "says")
    order = ["start", "what", "p_behaviour"]
    assert plain.sort(order).equals(turned.sort(order))


def test_dates_decide_nothing() -> None:
    shown = counts(3, truce())
    later = changes(lines(shown, first=DAY0 + timedelta(days=700)))
    moved = later.with_columns(pl.col("start", "end", "found").dt.offset_by("-700d"))
    assert moved.equals(changes(lines(shown)))


def test_nothing_watched_gives_no_change() -> None:
    assert changes(lines(np.zeros((1, 20, 0)))).is_empty()
    assert changes(lines(np.zeros((1, 20, 2)), np.zeros((1, 20, 2)))).is_empty()
