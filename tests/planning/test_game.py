"""The patrol game: the guarantee holds against every answer of the violator, and no mixture passes the bound."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from teisen.planning.deciding import deciding
from teisen.planning.elapsed import later, mean_slots, slots_until, unseen, within
from teisen.planning.game import TICKETS, Game, Mix, solve
from teisen.planning.patrol import all_routes, allowed, best_route, best_routes, travel_steps
from tests.planning.games import every_joint, line_sector, small

games = st.builds(
    small,
    st.integers(0, 2**32 - 1),
    places=st.integers(1, 3),
    period=st.integers(2, 3),
    crews=st.integers(1, 2),
    lasts=st.integers(1, 3),
)


def found(game: Game, joint: tuple[tuple[int, ...], ...], choice: int) -> float:
    """P(found) of a choice, multiplied out visit by visit."""
    missed = 1 - float(game.base[choice])
    for route in joint:
        for visit in route:
            missed *= 1 - min(float(game.sees[visit, choice]), 1 - 1e-9)
    return 1 - missed


def value_of(game: Game) -> float:
    """The value of the game with every joint route in it."""
    seen = np.array([game.detection(joint) for joint in every_joint(game)])[:, game.reached]
    if not game.reached.any():
        return 1.0
    count, choices = seen.shape
    answer = linprog(
        np.append(np.zeros(count), -1.0),
        A_ub=np.column_stack([-seen.T, np.ones(choices)]),
        b_ub=np.zeros(choices),
        A_eq=[np.append(np.ones(count), 0.0)],
        b_eq=[1.0],
        bounds=[(0, None)] * count + [(None, None)],
    )
    return float(-answer.fun)


@settings(max_examples=40, deadline=None)
@given(games)
def test_no_answer_of_the_violator_finds_less_detection_than_is_guaranteed(made):
    game, _, _ = made
    mix = solve(game)
    assert sum(mix.tickets) == TICKETS
    chance = np.array(mix.tickets) / TICKETS
    for kind, least in mix.guaranteed(game).items():
        for choice in np.flatnonzero(game.kind == kind):
            really = sum(p * found(game, joint, int(choice)) for p, joint in zip(chance, mix.joints, strict=True))
            assert really >= least - 1e-9


@settings(max_examples=40, deadline=None)
@given(games)
def test_the_guarantee_is_the_value_of_the_game_and_lies_under_the_bound(made):
    game, _, _ = made
    mix, value = solve(game, gap=1e-6), value_of(game)
    least = min(mix.reached(game).values(), default=1.0)
    assert least <= value + 1e-6
    assert value <= mix.bound + 1e-6
    if len(game.crews) == 1 and (game.sees > 0).sum(axis=0).max() <= 1:
        assert least == pytest.approx(value, abs=5e-6)


@settings(max_examples=40, deadline=None)
@given(games)
def test_the_violators_mixture_proves_the_bound_against_every_joint_route(made):
    game, _, _ = made
    mix = solve(game)
    if not game.reached.any():
        return
    best = max(float(mix.violator @ game.detection(joint)) for joint in every_joint(game))
    assert mix.violator.sum() == pytest.approx(1)
    assert best <= mix.bound + 1e-9


@settings(max_examples=40, deadline=None)
@given(games, st.integers(0, 2**32 - 1))
def test_the_best_route_is_the_best_of_all_and_is_allowed(made, seed):
    game, _, _ = made
    worth = np.random.default_rng(seed).normal(size=(game.network.places, game.network.slots))
    for crew in game.crews:
        value, route = best_route(worth, crew, game.network)
        every = all_routes(crew, game.network)
        assert allowed(route, crew, game.network) is None
        assert value == pytest.approx(max(sum(worth.flat[list(one)]) for one in every))
        assert value == pytest.approx(sum(worth.flat[list(route)]))
    alone = [best_route(worth, crew, game.network) for crew in game.crews]
    assert best_routes(worth, game.crews, game.network) == alone


@settings(max_examples=40, deadline=None)
@given(games, st.integers(0, 2**32 - 1))
def test_every_choice_is_found_at_least_as_surely_as_one_that_decides(made, seed):
    game, _, _ = made
    owed = np.random.default_rng(seed).choice([0.5, 1.0], len(game.base))
    which = deciding(game.sees, game.base, game.kind, owed, game.reached)
    seen = np.array([game.detection(joint) for joint in every_joint(game)])
    assert game.reached[which].all()
    for choice in np.flatnonzero(game.reached):
        same = which[(game.kind[which] == game.kind[choice]) & (owed[which] >= owed[choice])]
        assert (seen[:, same] <= seen[:, [choice]] + 1e-9).all(axis=0).any()


@settings(max_examples=40, deadline=None)
@given(games)
def test_both_sides_get_equal_effort_where_it_is_asked_for(made):
    game, _, _ = made
    mix = solve(game, uneven=0.0)
    assert mix.effort(game) == pytest.approx(0, abs=1e-4)
    assert min(mix.reached(game).values(), default=1.0) <= value_of(game) + 1e-6


@pytest.fixture(scope="module")
def sector() -> tuple[Game, Mix]:
    game, _, _, _ = line_sector(places=5, crews=2)
    return game, solve(game, uneven=0.0)


def test_on_a_sector_sampled_draws_find_no_less_than_is_guaranteed(sector):
    game, mix = sector
    rng = np.random.default_rng(7)
    drawn = rng.choice(len(mix.joints), 4000, p=mix.chance())
    rate = np.array([game.detection(joint) for joint in mix.joints])
    for kind, least in mix.guaranteed(game).items():
        mine = np.flatnonzero(game.kind == kind)
        answer = mine[mix.detection[mine].argmin()]
        for choice in [answer, *rng.choice(mine, 20)]:
            share = (rng.random(4000) < rate[drawn, choice]).mean()
            assert share >= least - 4 * np.sqrt(least * (1 - least) / 4000)
    assert min(mix.guaranteed(game).values()) >= mix.bound - 0.005
    assert mix.bound > 0.15


def test_the_hardest_kind_is_helped_first_and_no_kind_gets_more_than_it_could_alone(sector):
    game, mix = sector
    hardest = solve(game, uneven=0.0, by_kind=False)
    assert min(mix.guaranteed(game).values()) == pytest.approx(min(hardest.guaranteed(game).values()), abs=0.006)
    for kind, least in mix.guaranteed(game).items():
        assert least <= mix.alone[kind] + 1e-9


def test_a_forecast_moves_effort_and_keeps_its_share_of_the_guarantee(sector):
    game, mix = sector
    risk = np.zeros(len(game.base))
    risk[: len(risk) // 8] = 1.0
    leaning = solve(game, uneven=0.0, risk=risk, keep=0.8)
    assert float(risk @ leaning.detection) > float(risk @ mix.detection)
    for kind, least in mix.guaranteed(game).items():
        assert leaning.guaranteed(game)[kind] >= 0.8 * least - 0.01


def test_what_a_violator_gains_more_from_gets_more_detection(sector):
    game, _ = sector
    share = np.where(np.arange(len(game.base)) < len(game.base) // 2, 1.0, 0.5)
    mix = solve(game, share=share, by_kind=False)
    assert mix.detection[share == 1.0].min() > mix.detection[share == 0.5].min() * 1.2


def test_the_parties_names_change_nothing():
    game, _, _ = small(3, places=3, period=3, crews=2, lasts=2)
    network = game.network
    swapped = np.where(network.side >= 0, 1 - network.side, -1)
    other = Game(type(network)(network.steps, network.safe, swapped), game.crews, game.sees, game.base, game.kind)
    one, two = solve(game, uneven=0.0, gap=1e-6), solve(other, uneven=0.0, gap=1e-6)
    assert min(one.guaranteed(game).values()) == pytest.approx(min(two.guaranteed(other).values()), abs=1e-5)


def test_the_same_game_gives_the_same_mixture():
    game, _, _ = small(5, places=3, period=3, crews=2, lasts=2)
    assert solve(game).joints == solve(game).joints
    assert solve(game).tickets == solve(game).tickets


def test_time_until_found_is_that_of_drawn_schedules():
    game, choices, see, base = line_sector(places=4, crews=2)
    mix = solve(game)
    slots = mean_slots(game, mix, choices, see, base=base)
    target, slot, kind = np.unravel_index(slots.argmax(), slots.shape)
    left = unseen(game, mix, choices, see, base=base, slots=24)
    rng, times = np.random.default_rng(3), []
    horizon = game.network.slots
    for _ in range(3000):
        draws = {day: mix.joints[rng.choice(len(mix.joints), p=mix.chance())] for day in range(-1, 40)}
        after = 0
        while True:
            day, hour = divmod(int(slot) + after, 24)
            missed = 1 - base[target, hour, kind]
            for of, at in ((day, hour), (day - 1, hour + 24)):
                for route in draws[of]:
                    for visit in route:
                        if visit % horizon == at:
                            missed *= 1 - see[kind, visit // horizon, target]
            if rng.random() >= missed:
                break
            after += 1
        times.append(after)
    assert np.mean(times) == pytest.approx(slots[target, slot, kind], abs=4 * np.std(times) / 3000**0.5)
    assert np.mean(np.array(times) < 24) == pytest.approx(within(left, 24)[target, slot, kind], abs=0.04)


@settings(max_examples=30, deadline=None)
@given(games)
def test_no_more_is_guaranteed_than_is_found_while_a_violation_lasts(made):
    """What the game promises counts one draw; what is found counts all of them."""
    game, choices, see = made
    mix = solve(game)
    nobody = np.zeros((choices.targets, choices.period, choices.kinds))
    left = unseen(game, mix, choices, see, base=nobody, slots=int(choices.lasts.max()))
    promised = choices.of(mix.detection)
    base = choices.of(game.base)
    for kind in range(choices.kinds):
        by_patrols = within(left, int(choices.lasts[kind]))[:, :, kind]
        really = 1 - (1 - base[:, :, kind]) * (1 - by_patrols)
        assert (really >= promised[:, :, kind] - 1e-6).all()


@settings(max_examples=25, deadline=None)
@given(games, st.floats(0.02, 0.9))
def test_what_comes_later_is_known_from_the_first_periods(made, missed):
    game, choices, see = made
    mix = solve(game, by_kind=False)
    base = np.full((choices.targets, choices.period, choices.kinds), 0.01)
    far = unseen(game, mix, choices, see, base=base, slots=8 * choices.period)
    left = far[: 3 * choices.period]
    for slots in (1, 3 * choices.period, 4 * choices.period + 1, 8 * choices.period):
        assert later(left, slots, choices.period) == pytest.approx(far[slots - 1], abs=1e-9)
    until = slots_until(left, np.full(left.shape[1:], missed), choices.period)
    for n in np.unique(until[until <= len(far)]).astype(int):
        mine = until == n
        assert (far[n - 1][mine] <= missed + 1e-9).all()
        assert n == 1 or (far[n - 2][mine] > missed - 1e-9).all()
    assert (far[-1][until > len(far)] > missed - 1e-9).all()


def test_ways_in_hours_become_slots():
    steps = travel_steps(np.array([[0, 0.3, 1.6], [0.3, 0, np.inf], [1.6, np.inf, 0]]), 1.0, 0.5)
    assert steps.tolist() == [[1, 1, 3], [1, 1, 0], [3, 0, 1]]
    with pytest.raises(ValueError, match="watches"):
        travel_steps(np.zeros((1, 1)), 1.0, 1.5)
