"""Small patrol games for tests, with all that can be done in them listed."""

from __future__ import annotations

from itertools import product

import numpy as np

from teisen.geodesy import Floats
from teisen.planning.choices import Choices, patrol_game
from teisen.planning.game import Game, Joint
from teisen.planning.patrol import Crew, Network, all_routes


def small(seed: int, *, places: int, period: int, crews: int, lasts: int) -> tuple[Game, Choices, Floats]:
    """A game with random ways, safety, chances and bases; crews' windows reach into the next period."""
    rng = np.random.default_rng(seed)
    steps = rng.integers(0, 3, (places, places))
    np.fill_diagonal(steps, 1)
    horizon = period + 2
    network = Network(steps, rng.random((places, horizon)) < 0.9, rng.integers(-1, 2, places))
    begins = [int(rng.integers(0, period)) for _ in range(crews)]
    who = tuple(
        Crew(
            f"crew-{n}",
            begin,
            min(begin + period, horizon),
            int(rng.integers(2, period + 1)),
            rng.integers(-1, 2, places),
        )
        for n, begin in enumerate(begins)
    )
    choices = Choices(places, period, 2, np.array([1, lasts]))
    see = np.round(rng.random((2, places, places)) * (rng.random((2, places, places)) < 0.6), 3)
    base = np.round(rng.random((places, period, 2)) * 0.4, 3)
    return patrol_game(network, who, choices, see, base), choices, see


def every_joint(game: Game) -> list[Joint]:
    """All joint routes."""
    return list(product(*(all_routes(crew, game.network) for crew in game.crews)))


def line_sector(*, places: int = 8, crews: int = 3, kinds: int = 2) -> tuple[Game, Choices, Floats, Floats]:
    """A stretch of a line: places 4 km apart on alternating sides, crews in shifts of ten hours around the clock."""
    x = np.arange(places) * 4.0
    away = np.abs(x[:, None] - x)
    steps = np.where(away <= 10, 1, 2).astype(np.int64)
    horizon = 24 + 12
    network = Network(steps, np.ones((places, horizon), bool), np.arange(places) % 2)
    reach = (np.abs(x - x[places // 2]) > 10).astype(np.int64)
    who = tuple(Crew(f"crew-{n}", n * 24 // crews, n * 24 // crews + 12, 10, reach) for n in range(crews))
    see = np.stack([np.clip((0.9 - 0.2 * k) * (1 - (away / (6 + 3 * k)) ** 2), 0, 1) for k in range(kinds)])
    choices = Choices(places, 24, kinds, np.array([1, 3])[:kinds])
    base = np.full((places, 24, kinds), 0.1)
    return patrol_game(network, who, choices, see, base), choices, see, base
