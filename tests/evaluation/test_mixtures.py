"""What crews are expected to find is what they find on the mean of many draws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.evaluation.crews import drive, looked
from teisen.evaluation.mixtures import missed
from teisen.evaluation.trials import DAYS, Happened
from teisen.planning.detection import factor
from teisen.planning.game import TICKETS
from teisen.planning.programme import Drawable, Place, Programme, SectorMix, Watch
from tests.planning.settings import small_plan, small_programme

KIND = "weapon-presence"


def made(*drawn: tuple[tuple[int, int], ...], tickets: tuple[int, ...] = (TICKETS,)) -> Programme:
    """A programme of one crew and two places 2 km apart; a draw is its (place, slot) pairs."""
    places = (Place(id="a", lon=30.0, lat=48.0), Place(id="b", lon=30.0, lat=48.018))
    routes = [tuple(Watch(place=place, slot=slot) for place, slot in one) for one in drawn]
    of = tuple(Drawable(tickets=n, routes=(route,)) for n, route in zip(tickets, routes, strict=True))
    sector = SectorMix(sector_id="s", places=places, crews=("crew-1",), drawn=of)
    return Programme(id="p", plan="0" * 64, slot_h=1, watch_h=0.5, period=24, sectors=(sector,))


def seen(*at_h: float, lat: float = 48.0) -> Happened:
    """Violations of KIND at these hours from the beginning, in clear weather by day, at the first place."""
    here, _ = small_plan()
    clear = next(n for n, one in enumerate(here.conditions) if one.weather == "clear" and not one.night)
    n = len(at_h)
    kind, number = np.full(n, KIND, dtype=object), np.full(n, clear, np.int64)
    return Happened(
        np.array(at_h) * 3600, np.full(n, 30.0), np.full(n, lat), kind, number, np.zeros(n, np.int64), here.conditions
    )


def one_look() -> float:
    """P(a visit in the light finds what lies where it watches)."""
    here, _ = small_plan()
    patrol = here.catalogue.sensor("patrol")
    clear = next(one for one in here.conditions if one.weather == "clear" and not one.night)
    return patrol.sees[KIND].near.value * factor(patrol, clear) * patrol.uptime.value


def left(programme: Programme, what: Happened, window_h: float = 6, **jammed: object) -> list[float]:
    here, _ = small_plan()
    return missed(programme, here.catalogue.sensor("patrol"), what, window_h=window_h, **jammed).tolist()


def test_a_visit_finds_what_is_there_while_it_watches():
    here, _ = small_plan()
    patrol = here.catalogue.sensor("patrol")
    lasting = min(patrol.sees[KIND].lasts_h.value, 6 - patrol.latency_h.value)
    assert lasting > 1
    visit = made(((0, 12),))  # begins between 12:00 and 12:30, watches for half an hour
    before, during, late, after = left(visit, seen(48 + 12 - lasting - 0.01, 60, 60.75, 61.01))
    assert before == 1
    assert during == pytest.approx(1 - one_look())
    assert late == pytest.approx(1 - one_look() / 2)
    assert after == 1


def test_draws_are_averaged_and_visits_of_one_draw_multiplied():
    half, rest = TICKETS // 4, TICKETS - TICKETS // 4
    twice = made(((0, 12), (0, 13)), (), tickets=(half, rest))
    assert left(twice, seen(60)) == [pytest.approx(1 - 0.25 * (1 - (1 - one_look()) ** 2))]
    apart = made(((0, 12),), ((0, 13),), tickets=(half, rest))
    assert left(apart, seen(60)) == [pytest.approx(1 - one_look())]
    assert left(made(()), seen(60)) == [1]


def test_days_are_drawn_independently():
    here, _ = small_plan()
    patrol = here.catalogue.sensor("patrol")
    wide = patrol.model_copy(
        update={"sees": {KIND: patrol.sees[KIND].model_copy(
            update={"lasts_h": patrol.sees[KIND].lasts_h.model_copy(update={"value": 30.0})})}}
    )  # fmt: skip
    coin = made(((0, 12),), (), tickets=(TICKETS // 2, TICKETS // 2))
    found = missed(coin, wide, seen(60), window_h=48)
    assert found.tolist() == [pytest.approx((1 - one_look() / 2) ** 2)]


def test_a_jammed_crew_finds_nothing_that_day():
    _, plan = small_plan()
    crew = next(one for one in plan.placement if one.sensor == "patrol").model_copy(update={"sector_id": "s"})
    deaf = np.zeros((1, DAYS + 1), bool)
    deaf[0, 2] = True
    visit = made(((0, 12),))
    assert left(visit, seen(36, 60), each=[crew], deaf=deaf) == [pytest.approx(1 - one_look()), 1]
    assert left(visit, seen(36, 60), each=[crew], deaf=~deaf) == [1, pytest.approx(1 - one_look())]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 30)), max_size=4), min_size=2, max_size=2),
    st.integers(1, TICKETS - 1),
    st.tuples(st.integers(0, 1), st.integers(0, 30)),
    st.floats(24, 72),
)
def test_a_further_visit_never_misses_more(drawn, tickets, further, at_h):
    shares = (tickets, TICKETS - tickets)
    fewer = made(*(tuple(one) for one in drawn), tickets=shares)
    more = made((*drawn[0], further), tuple(drawn[1]), tickets=shares)
    (less,), (before,) = (left(one, seen(at_h), 24) for one in (more, fewer))
    assert 0 <= less <= before + 1e-12
    assert before <= 1


def test_many_draws_miss_as_much_as_is_expected():
    here, plan = small_plan()
    programme, patrol = small_programme(), here.catalogue.sensor("patrol")
    each = [one for one in plan.placement if one.sensor == "patrol" for _ in range(one.number)]
    rng = np.random.default_rng(3)
    rows = np.flatnonzero(here.ground.demand["kind"].to_numpy() == KIND)[rng.integers(0, 8, 60)]
    n = len(rows)
    what = Happened(
        rng.uniform(86_400, 20 * 86_400, n),
        here.ground.demand["lon"].to_numpy()[rows],
        here.ground.demand["lat"].to_numpy()[rows],
        np.full(n, KIND, dtype=object),
        rng.integers(0, len(here.conditions), n),
        rows,
        here.conditions,
    )
    drawn = np.ones((300, n))
    for run in range(len(drawn)):
        looks = looked(drive(programme, each, rng), patrol, patrol.sees[KIND], what, KIND, window_h=24)
        np.multiply.at(drawn[run], looks["event"].to_numpy(), 1 - looks["chance"].to_numpy())
    expected = missed(programme, patrol, what, window_h=24)
    error = drawn.std(axis=0) / np.sqrt(len(drawn))
    assert (expected < 0.9).any()
    assert (np.abs(drawn.mean(axis=0) - expected) <= 4 * error + 1e-3).all()
