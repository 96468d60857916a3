"""What the model of rates promises: intervals that cover, nothing counted twice, the same whatever the order."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import gamma

from teisen.compliance.bursts import evidence, given
from teisen.compliance.counts import Cells, columns
from teisen.compliance.intervals import day_quantiles, log_gamma_quantiles
from teisen.compliance.rates import Fit, day_rates, fit, update, whole_rates
from teisen.compliance.smoothing import Manner, beginning, draw, smooth

Floats = NDArray[np.float64]
DAYS, AREAS = 60, 8


def manner(cells: Cells, burst: float = 1.5) -> Manner:
    wide = cells.found.shape[1] * cells.found.shape[2]
    return Manner(*(np.full(wide, value) for value in (0.05, 0.7, 0.98, burst)))


def cells(found: Floats, effort: Floats, doubt: Floats | None = None) -> Cells:
    return Cells(found, np.zeros_like(found) if doubt is None else doubt, effort, ())


def made_up(seed: int = 7, effort: float = 0.5) -> tuple[Floats, Cells]:
    rng = np.random.default_rng(seed)
    common = np.cumsum(rng.normal(0, 0.05, DAYS))
    rate = np.exp(common[:, None] + rng.normal(0, 0.7, AREAS)) * rng.gamma(1.5, 1 / 1.5, (DAYS, AREAS))
    found = rng.poisson(rate * effort).astype(float)
    return rate[:, None], cells(found[:, None], np.full((DAYS, 1, AREAS), effort))


def fitted(some: Cells) -> Fit:
    return fit(some, manner(some))


def test_nine_in_ten_intervals_cover_the_rate_of_the_day() -> None:
    inside = []
    for seed in range(20, 30):
        rate, some = made_up(seed)
        low, _, high = day_rates(fitted(some))
        inside.append(((rate >= low) & (rate <= high)).mean())
    assert 0.87 < np.mean(inside) < 0.93


def test_what_is_learned_is_near_what_was_drawn() -> None:
    _, some = made_up()
    learned = fit(some).manner
    assert 0.7 < learned.burst[0] < 4
    assert 0.3 < learned.apart[0] < 1.5
    assert len(set(learned.burst)) == 1


def test_an_area_nobody_saw_is_wide_and_follows_the_others() -> None:
    _, some = made_up()
    effort = some.effort.copy()
    effort[:, :, 0] = 0
    found = np.where(effort > 0, some.found, 0.0)
    low, middle, high = day_rates(fitted(cells(found, effort)))
    blind, seen = (np.log(high / low)[:, 0, areas].mean() for areas in (slice(0, 1), slice(1, None)))
    assert blind > seen * 1.2
    assert 0.2 < np.median(middle[:, 0, 0]) / np.median(middle[:, 0, 1:]) < 5


def test_a_source_that_stops_is_no_fall_of_the_rate() -> None:
    rate, _ = made_up()
    rng = np.random.default_rng(3)
    effort = np.full_like(rate, 0.6)
    effort[DAYS // 2 :] = 0.1
    found = rng.poisson(np.full_like(rate, 2.0) * effort).astype(float)
    _, middle, _ = day_rates(fitted(cells(found, effort)))
    first, last = middle[: DAYS // 2].mean(), middle[DAYS // 2 :].mean()
    assert found[: DAYS // 2].mean() > 4 * found[DAYS // 2 :].mean()
    assert 0.5 < last / first < 1.5


def test_order_of_areas_changes_nothing_but_the_order() -> None:
    _, some = made_up()
    turned = cells(some.found[..., ::-1].copy(), some.effort[..., ::-1].copy())
    one, other = day_rates(fitted(some))[1], day_rates(fitted(turned))[1]
    np.testing.assert_allclose(one, other[..., ::-1], rtol=1e-6)


def test_series_do_not_touch_one_another() -> None:
    (_, one), (_, other) = made_up(1), made_up(2)
    both = cells(np.concatenate([one.found, other.found], axis=1), np.concatenate([one.effort, other.effort], axis=1))
    np.testing.assert_allclose(day_rates(fitted(both))[1][:, :1], day_rates(fitted(one))[1], rtol=1e-2)


def test_the_whole_of_one_area_is_that_area() -> None:
    _, some = made_up()
    alone = fitted(cells(some.found[:, :, :1], some.effort[:, :, :1]))
    for part, whole in zip(day_rates(alone), whole_rates(alone, np.zeros(1)), strict=True):
        np.testing.assert_allclose(part[:, :, 0], whole, rtol=0.03)


def test_the_whole_is_near_the_sum_of_its_areas() -> None:
    rate, some = made_up()
    low, middle, high = whole_rates(fitted(some), np.zeros(1))
    total = rate.sum(axis=2)
    assert ((total >= low) & (total <= high)).mean() > 0.8
    assert np.median(middle / total) == pytest.approx(1, abs=0.25)
    assert whole_rates(fitted(some), np.ones(1))[1] == pytest.approx(2 * middle, rel=1e-9)


def test_few_counts_make_the_whole_neither_too_high_nor_too_low() -> None:
    off = []
    for seed in range(40, 46):
        rng = np.random.default_rng(seed)
        rate = np.exp(-1 + rng.normal(0, 0.7, AREAS * 3)) * np.ones((DAYS, 1))
        some = cells(rng.poisson(rate * 0.5).astype(float)[:, None], np.full((DAYS, 1, AREAS * 3), 0.5))
        middle = whole_rates(fit(some, manner(some, burst=100.0)), np.zeros(1))[1]
        off.append(np.log(middle.sum() / (some.found.sum() / 0.5)))
    assert np.mean(off) == pytest.approx(0, abs=0.02)


def test_areas_nobody_saw_are_taken_for_as_many_others_on_average() -> None:
    off = []
    for seed in range(50, 56):
        rng = np.random.default_rng(seed)
        rate = np.exp(rng.normal(0, 0.7, AREAS * 3)) * np.ones((DAYS, 1))
        effort = np.full((DAYS, 1, AREAS * 3), 0.8)
        effort[..., : AREAS * 2] = 0
        some = cells(rng.poisson(rate * effort[:, 0]).astype(float)[:, None], effort)
        model = fit(some, manner(some, burst=100.0))
        mean = np.exp(model.mean + model.variance / 2)[:, 0].mean(axis=0)
        off.append(np.log(mean[: AREAS * 2].mean() / mean[AREAS * 2 :].mean()))
    assert np.mean(off) == pytest.approx(0, abs=0.1)


def test_what_detection_may_be_off_widens_every_interval_alike() -> None:
    _, some = made_up()
    load = np.full_like(some.effort, 0.4)
    unsure = Cells(some.found, some.doubt, some.effort, (load,))
    sure_width, width = (np.log(q[2] / q[0]) for q in (day_rates(fitted(some)), day_rates(fitted(unsure))))
    assert (width > sure_width).all()
    whole, unsure_whole = (whole_rates(fitted(c), np.zeros(1)) for c in (some, unsure))
    assert (np.log(unsure_whole[2] / unsure_whole[0]) > 2 * 1.645 * 0.39).all()
    assert (np.log(whole[2] / whole[0]) < np.log(unsure_whole[2] / unsure_whole[0])).all()


def test_doubtful_findings_widen_the_interval() -> None:
    _, some = made_up()
    as_usual = some.effort * np.exp(fitted(some).mean)
    sure, doubtful = cells(as_usual, some.effort), cells(as_usual, some.effort, as_usual * 0.5)
    one, other = (np.log(q[2] / q[0]) for q in (day_rates(fitted(sure)), day_rates(fitted(doubtful))))
    assert (other > one).all()


@pytest.mark.parametrize("sure", [1.0, 0.7, 0.3])
@pytest.mark.parametrize("found", [0.0, 0.4, 2.0, 9.0])
def test_the_factor_of_a_day_is_what_integration_over_it_gives(sure: float, found: float) -> None:
    mean, burst = 1.5, 1.5
    g = np.exp(np.linspace(-25, 4, 40_001))
    log_p = found / sure * np.log(1 - sure + sure * g) - mean * (g - 1) + gamma.logpdf(g, burst, scale=1 / burst)
    weight = np.exp(log_p) * g
    step = np.log(g[1] / g[0])
    day = given(*(np.array(value) for value in (found, mean, sure, burst)))
    given_all = evidence(*(np.array([value]) for value in (found, mean, sure, burst)))
    assert given_all[0] == pytest.approx(np.log(weight.sum() * step), abs=1e-3)
    assert np.log(day.factor) == pytest.approx(np.log((weight * g).sum() / weight.sum()), abs=0.1)
    if sure == 1 or not found:
        assert day.shape == pytest.approx(burst + found)


def test_what_is_found_bursts_less_than_what_happens_where_it_is_not_sure() -> None:
    rng = np.random.default_rng(40)
    real, false = rng.poisson(rng.gamma(1.5, 1 / 1.5, 4000)), rng.poisson(1.0, 4000)
    found = np.asarray(0.5 * (real + false), float)  # p is 0.5 of every finding, as half of them are false
    tried = np.array([0.5, 1.0, 1.5, 2.2, 3.5, 6.0])
    half, one = np.full(4000, 0.5), np.ones(4000)
    blurred = [evidence(found, one, half, np.full(4000, burst)).sum() for burst in tried]
    taken_as_sure = [evidence(2 * found, 2 * one, one, np.full(4000, burst)).sum() for burst in tried]
    assert tried[np.argmax(blurred)] == 1.5
    assert tried[np.argmax(taken_as_sure)] == 6.0


def test_a_single_doubtful_finding_weighs_what_it_should_for_each_shape() -> None:
    """Laplace's integral is off by a hundredth, most for small shapes: over thousands of cells, several units."""
    one, burst = np.ones(4), np.array([0.5, 1.0, 2.0, 4.0])
    told = evidence(0.8 * one, 0.3 * one, 0.8 * one, burst)
    exact = burst * np.log(burst / (burst + 0.3)) + 0.3 + np.log(0.2 + 0.8 * burst / (burst + 0.3))
    np.testing.assert_allclose(told, exact, atol=1e-9)


def test_what_the_others_found_is_weighed_once_in_all() -> None:
    """Where nobody looked the evidence is a share of what the others found, less than what an area of its own has."""
    told = []
    for areas in (4, 8):
        _, some = made_up()
        effort = np.concatenate([np.zeros((DAYS, 1, areas)), some.effort], axis=2)
        found = np.concatenate([np.zeros((DAYS, 1, areas)), some.found], axis=2)
        counts, level, _ = columns(cells(found, effort))
        how = Manner(*(np.full(areas + AREAS, value) for value in (0.05, 0.7, 0.98, 1.5)))
        told.append(smooth(counts, how, beginning(level, how, counts)).evidence)
        assert counts.share[-1] == pytest.approx(1 / AREAS, rel=0.5)
    np.testing.assert_allclose(told[0][:4], told[1][:4])
    assert abs(told[0][0]) < abs(told[0][4:]).mean()


def test_the_daily_update_gives_nearly_what_the_whole_gives() -> None:
    _, some = made_up()
    whole = fitted(some)
    newest = update(some.since(30), whole.manner, whole.before(30))
    np.testing.assert_allclose(day_rates(newest)[1][-1], day_rates(whole)[1][-1], rtol=0.1)


def test_paths_drawn_have_the_moments_of_the_posterior() -> None:
    _, some = made_up()
    counts, level, _ = columns(some)
    how = manner(some)
    done = smooth(counts, how, beginning(level, how, counts))
    paths = draw(done, how, counts, 2000, 1)
    np.testing.assert_allclose(paths.mean(axis=0), done.mean, atol=0.08)
    np.testing.assert_allclose(paths.var(axis=0), done.variance, rtol=0.25)
    assert np.array_equal(paths, draw(done, how, counts, 2000, 1))


def test_quantiles_are_those_of_a_gamma_where_nothing_else_is_unsure() -> None:
    shape = np.array([0.3, 1.0, 5.0, 200.0])
    some = Cells(shape - 0.2, np.zeros(4), np.full(4, 2.0), ())
    mean = np.full(4, 0.1)
    given = day_quantiles(mean, np.full(4, 1e-12), np.full(4, 0.2), some)
    scale = 1 / (0.2 * np.exp(-0.1) + 2.0)
    for q, quantile in zip((0.05, 0.5, 0.95), given, strict=True):
        np.testing.assert_allclose(quantile, gamma.ppf(q, shape, scale=scale), rtol=2e-2)


def test_quantiles_are_lognormal_where_all_is_normal() -> None:
    low, middle, high = log_gamma_quantiles(np.array([0.5]), np.array([1e6]), np.array([0.49]))
    assert middle[0] == pytest.approx(np.exp(0.5), rel=1e-2)
    assert np.log(high[0] / low[0]) == pytest.approx(2 * 1.645 * 0.7, rel=1e-2)
