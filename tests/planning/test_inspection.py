"""Inspection games against what is known of them: closed forms, limits and the violator's best answer."""

from __future__ import annotations

from itertools import combinations
from math import comb, e

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teisen.planning.inspection import (
    believed,
    confirmed,
    deterring,
    fewest,
    gain_of_violating,
    guaranteed,
    missed,
    timely,
    value_to_a_watcher,
    within_false_alarms,
)

counts = st.integers(1, 12).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts, st.floats(0, 1))
def test_to_wait_and_see_gains_the_violator_nothing(count, miss):
    assert value_to_a_watcher(*count, miss) == pytest.approx(guaranteed(*count, miss))


@given(counts, st.sampled_from([0.2, 1.0, 4.0]))
def test_the_gain_of_violating_is_the_closed_form(count, penalty):
    m, n = count
    if m < n:
        known = comb(n - 1, m) / sum(comb(n, i) * penalty ** (m - i) for i in range(m + 1))
        assert gain_of_violating(m, n, penalty) == pytest.approx(known)
    else:
        assert gain_of_violating(m, n, penalty) == 0


@given(st.integers(1, 30), st.floats(0, 0.9), st.floats(0, 1))
def test_the_fewest_inspections_are_enough_and_one_less_is_not(slots, miss, wanted):
    found = fewest(slots, miss, wanted)
    if found is None:
        assert guaranteed(slots, slots, miss) < wanted
        return
    assert guaranteed(found, slots, miss) >= wanted - 1e-9
    assert found == 0 or guaranteed(found - 1, slots, miss) < wanted + 1e-9


def test_one_unseen_inspection_tends_to_one_in_e_of_the_period():
    shares = [timely(slots, 1).mean_slots / slots for slots in (10, 40, 120)]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] == pytest.approx(1 / e, abs=0.003)


@pytest.mark.parametrize(("slots", "inspections", "miss"), [(6, 2, 0.0), (8, 3, 0.3), (5, 5, 0.1), (4, 0, 0.0)])
def test_no_beginning_takes_longer_than_the_guaranteed_time(slots, inspections, miss):
    plan = timely(slots, inspections, miss)
    for begin in range(slots):
        mean = 0.0
        for chosen, p in zip(plan.sets, plan.chance, strict=True):
            after = [slot for slot in chosen if slot >= begin]
            left = 1.0
            for slot in after:
                mean += p * left * (1 - miss) * (slot + 1 - begin)
                left *= miss
            mean += p * left * (slots - begin)
        assert mean <= plan.mean_slots + 1e-9
    assert plan.bound <= plan.mean_slots + 1e-9
    assert plan.mean_slots == pytest.approx(plan.bound, abs=1e-6)
    assert len({*plan.sets} & {*combinations(range(slots), inspections)}) == len(plan.sets)


def test_a_regime_keeps_to_its_false_alarms():
    calm, eager = within_false_alarms(28, 8, 2.0, 0.1), within_false_alarms(28, 8, 2.0, 1.0)
    assert (calm.false_alarms, eager.false_alarms) == (pytest.approx(0.1), pytest.approx(1.0))
    assert calm.found < eager.found < guaranteed(8, 28, 0)
    assert calm.missed == pytest.approx(missed(0.1 / 8, 2.0))
    assert within_false_alarms(28, 0, 2.0, 1.0).found == 0


@given(st.floats(0, 1), st.floats(0, 5))
def test_the_best_test_errs_less_the_further_apart_its_evidence_lies(alarm, apart):
    assert missed(alarm, apart) <= missed(alarm, 0) + 1e-12
    assert missed(alarm, 0) == pytest.approx(1 - alarm)


def test_false_alarms_make_violations_cheaper():
    assert deterring(1, 3, 0, 5) == 0.25
    assert deterring(1, 3, 0.2, 5) == 0.5
    assert deterring(1, 3, 1, 5) > 1


def test_rare_violations_make_most_alarms_false_until_a_second_means_confirms():
    found, alarm = confirmed((0.9, 0.05), (0.8, 0.05))
    assert believed(0.001, 0.9, 0.05) < 0.02
    assert believed(0.001, found, alarm) == pytest.approx(0.001 * 0.72 / (0.001 * 0.72 + 0.999 * 0.0025))


@pytest.mark.parametrize("call", [lambda: guaranteed(1, 0, 0), lambda: guaranteed(1, 2, 1.5), lambda: timely(40, 20)])
def test_what_cannot_be_is_refused(call):
    with pytest.raises(ValueError, match=r"slot|probability|sets"):
        call()
