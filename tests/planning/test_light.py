"""Which slots of a day may be dark, by the season's own night and by what somebody says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teisen.planning.choices import in_time
from teisen.planning.light import at_night, lights, pieces
from teisen.planning.plan import Condition


def season(night: float) -> tuple[Condition, ...]:
    return (
        Condition(id="day", share=1 - night, night=False, weather="clear"),
        Condition(id="night", share=night, night=True, weather="clear"),
    )


def test_a_slot_that_dusk_cuts_may_be_either():
    day, night = lights(season(15 / 24), 2, 14)  # night from 16:30 to 7:30
    assert np.flatnonzero(night).tolist() == [0, 1, 2, 3, 8, 9, 10, 11, 12, 13]
    assert np.flatnonzero(day).tolist() == [3, 4, 5, 6, 7, 8]
    assert pieces(season(15 / 24), 2, 12)[8] == [(0, 0.5), (0.5, 2)]
    assert pieces(season(15 / 24), 2, 12)[3] == [(0, 1.5), (1.5, 2)]
    assert pieces(season(15 / 24), 2, 12)[5] == [(0, 2)]


def test_a_night_that_is_said_makes_no_hour_light():
    day, night = lights(season(15 / 24), 1, 24, (22, 5))
    assert night.tolist() == lights(season(15 / 24), 1, 24)[1].tolist()
    assert np.flatnonzero(~day).tolist() == [0, 1, 2, 3, 4, 22, 23]
    wide = lights(season(0.0), 1, 24, (20, 6))
    assert np.flatnonzero(wide[1]).tolist() == [0, 1, 2, 3, 4, 5, 20, 21, 22, 23]
    assert wide[0].all()


@given(st.floats(0, 1), st.sampled_from([0.5, 1, 2, 3, 4, 6]), st.floats(0, 23.99))
def test_the_light_of_every_moment_is_among_those_of_its_slot(share, slot_h, hour):
    conditions = season(share)
    day, night = lights(conditions, slot_h, round(24 / slot_h))
    slot = int(hour // slot_h)
    edges = {round(edge, 4) for one in pieces(conditions, slot_h, round(24 / slot_h))[slot] for edge in one}
    if min(abs(hour - slot * slot_h - edge) for edge in edges) > 0.001:  # not the moment of dusk itself
        assert (night if at_night(conditions, np.array(hour)) else day)[slot]


def test_what_begins_in_a_slot_is_met_as_often_as_by_trying():
    rng = np.random.default_rng(1)
    visit, begin = rng.uniform(0, 1, 200_000), rng.uniform(1.2, 2, 200_000)
    tried = ((begin - 1 <= visit) & (visit <= begin + 0.25)).mean()
    assert in_time(2, 1, 0.25, (1.2, 2)) == pytest.approx(tried, abs=0.005)
    assert in_time(2, 2, 0.25, (0, 1)) == 1
