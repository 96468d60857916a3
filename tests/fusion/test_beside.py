"""How often a source sees what others report, told by days moved: what chance puts together counts for nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np

from teisen.fusion.beside import LEAST, beside, share_seen
from teisen.fusion.kinds import kind_names
from teisen.fusion.reports import Reports, reports
from tests.fusion.worlds import DAY, SOURCES, observations, seen

NAMES = ("fires", "news")
DECLARED = np.full((2, len(kind_names())), 0.3)


def world(both: float, seed: int = 1, towns: int = 40, days: int = 60) -> Reports:
    """News of a town each day, and fires as many: with a chance of ``both`` there is one where and when news has it."""
    random = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for day in range(days):
        town = int(random.integers(towns))
        when = DAY + timedelta(days=day)
        rows.append(seen(f"news:{day:03}", 20.0 + 0.5 * town, 50.5, start=when, end=when + timedelta(days=1)))
        at = town if random.random() < both else int(random.integers(towns))
        lit = when + timedelta(hours=12)
        rows.append(seen(f"fires:{day:03}", 20.01 + 0.5 * at, 50.5, kind="fire", start=lit, end=lit))
    return reports(observations(*rows), SOURCES)


def share(of: Reports) -> float:
    source = np.searchsorted(np.array(NAMES), of.frame["source_id"].to_numpy().astype(str))
    return float(share_seen(of, source, DECLARED, 1)[0])


def test_what_is_beside_by_chance_lowers_what_is_declared() -> None:
    assert share(world(0.0)) < 0.6
    assert share(world(0.0, days=200)) < 0.3


def test_what_is_seen_as_often_as_declared_stays() -> None:
    assert share(world(0.4, days=120)) == 1.0


def test_a_source_that_is_mostly_right_keeps_what_it_declares() -> None:
    of = world(0.0)
    source = np.searchsorted(np.array(NAMES), of.frame["source_id"].to_numpy().astype(str))
    assert share_seen(of, source, DECLARED, 1)[1] == 1.0


def test_a_place_that_burns_every_day_tells_nothing() -> None:
    rows = [seen(f"fires:{n:03}", 30.51, 50.5, kind="fire", start=DAY + timedelta(days=n), end=DAY + timedelta(days=n))
            for n in range(60)]  # fmt: skip
    news = [seen(f"news:{n}", start=DAY + timedelta(days=n), end=DAY + timedelta(days=n + 1)) for n in range(30, 40)]
    of = reports(observations(*rows, *news), SOURCES)
    source = np.searchsorted(np.array(NAMES), of.frame["source_id"].to_numpy().astype(str))
    found = beside(of, source, DECLARED, 1, np.array([0]))
    assert found.telling[0] == 0
    assert share(of) == 1.0


def test_few_days_tell_nothing() -> None:
    assert share(world(0.0, days=6)) == 1.0


def test_it_is_at_least_a_twentieth_and_the_same_again() -> None:
    assert LEAST <= share(world(0.0, days=200)) == share(world(0.0, days=200))
