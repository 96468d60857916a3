"""How many there were: against sums and integrals written out, which share no code with what they check."""

from __future__ import annotations

from itertools import pairwise, product
from math import exp, factorial, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.judgement.posterior import ODDS, Number, chances_of_seeing, on_record

CHANCES = st.lists(st.floats(0.0, 1.0), max_size=6)
SEEN = np.array([0.2, 0.5, 0.8])


def ways(chances: list[float]) -> list[float]:
    """P(exactly n hold), every way written out."""
    found = [0.0] * (len(chances) + 1)
    for held in product([True, False], repeat=len(chances)):
        found[sum(held)] += float(np.prod([p if h else 1 - p for h, p in zip(held, chances, strict=True)]))
    return found


@given(CHANCES)
def test_the_number_on_record_is_the_sum_of_all_ways_it_may_come(chances: list[float]) -> None:
    assert on_record(np.array(chances), np.zeros(len(chances))) == pytest.approx(ways(chances))


@given(st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)), max_size=5), st.randoms())
def test_half_of_what_nobody_attributes_is_expected_to_be_the_accused_s(
    pairs: list[tuple[float, float]], random: object
) -> None:
    sure, rest = [a for a, _ in pairs], [(1 - a) * b for a, b in pairs]
    record = on_record(np.array(sure), np.array(rest))
    assert record.sum() == pytest.approx(1.0)
    assert np.arange(len(record)) @ record == pytest.approx(sum(sure) + sum(rest) / 2, abs=1e-6)
    back = on_record(np.array(sure[::-1]), np.array(rest[::-1]))
    assert (back == record).all()


def test_who_did_what_nobody_attributes_is_one_question_and_no_toss_for_each() -> None:
    together = Number(on_record(np.zeros(10), np.ones(10)))
    assert together.at_least(10) > 0.1  # ten tosses: 0.001
    assert together.at_least(1) < 0.95


def test_what_sources_attribute_tells_of_what_they_do_not() -> None:
    expected = [
        float(np.arange(9) @ on_record(np.zeros(8), np.ones(8), told))
        for told in ((0.0, 9.0), (0.0, 1.0), (0.0, 0.0), (1.0, 0.0), (9.0, 0.0), (90.0, 0.0))
    ]
    assert expected == sorted(expected)
    assert expected[2] == pytest.approx(4.0)
    assert expected[-1] < 8 * 0.98  # of ten at most


def unseen(on: int, p: float, u: int) -> float:
    """P(u unseen | ``on`` seen): the rate integrated out under its Jeffreys prior, on a fine grid of its logarithm."""
    step = 0.002
    rates = np.exp(np.arange(-16.0, 7.0, step))
    prior = rates**-0.5 * rates * step
    seen = np.exp(on * np.log(rates * p) - rates * p - log(factorial(on))) * prior
    not_seen = np.exp(u * np.log(rates * (1 - p)) - rates * (1 - p) - log(factorial(u)))
    return float((seen * not_seen).sum() / seen.sum())


@pytest.mark.parametrize("p", [0.3, 0.8])
@pytest.mark.parametrize("on", [0, 1, 4])
def test_the_unseen_are_what_a_rate_nobody_knows_lets_expect(on: int, p: float) -> None:
    number = Number(np.eye(on + 1)[on], np.array([p]))
    for n in (on + 1, on + 2, on + 5):
        below = sum(unseen(on, p, u) for u in range(n - on))
        assert number.at_least(n) == pytest.approx(1 - below, abs=1e-3)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=5), st.sampled_from([0.05, 0.25, 0.5, 0.75, 0.95]))
def test_quantiles_are_those_of_the_sum_over_everything_that_can_have_been(chances: list[float], q: float) -> None:
    record = ways(chances)
    most = 200
    p = np.zeros(most)  # P(n happened), negative binomials by the recursion of their terms
    for on, weight in enumerate(record):
        for chance in SEEN:
            term = chance ** (on + 0.5)
            for u in range(most - on):
                p[on + u] += weight / len(SEEN) * term
                term *= (on + 0.5 + u) / (u + 1) * (1 - chance)
    total = np.cumsum(p)
    assert total[-1] == pytest.approx(1.0, abs=1e-6)
    found = Number(on_record(np.array(chances), np.zeros(len(chances))), SEEN)
    quantile = found.quantile(q)
    assert quantile is not None
    assert total[quantile] >= q - 1e-6
    assert quantile == 0 or total[quantile - 1] < q + 1e-6
    assert [found.at_least(n) for n in range(6)] == pytest.approx([1 - p[:n].sum() for n in range(6)], abs=1e-6)


@given(CHANCES)
def test_more_is_never_likelier_and_where_nobody_looked_only_the_record_counts(chances: list[float]) -> None:
    record = on_record(np.array(chances), np.zeros(len(chances)))
    for number in (Number(record), Number(record, SEEN)):
        found = [number.at_least(n) for n in range(12)]
        assert all(one >= other - 1e-12 for one, other in pairwise(found))
    assert Number(record).at_least(len(chances) + 1) == 0.0
    assert [Number(record).at_least(n) <= Number(record, SEEN).at_least(n) + 1e-12 for n in range(12)] == [True] * 12


def test_what_is_hardly_watched_bounds_nothing() -> None:
    assert len(chances_of_seeing(None)) == len(chances_of_seeing(0.01)) == 0
    assert (chances_of_seeing(1.0) > 0.99).all()
    about = chances_of_seeing(0.5)
    assert float(np.median(about)) == 0.5
    assert about[0] == pytest.approx(1 / (1 + exp(-ODDS[0])), abs=1e-6)
    assert Number(np.array([1.0]), np.array([1e-13])).quantile(0.95) is None
