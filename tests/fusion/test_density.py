"""What there is around reports: false alarms are no denser where more happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from teisen.fusion.density import CROWDED, Grid, around, in_a_cell
from teisen.fusion.reporting import Reporting
from teisen.fusion.reports import Reports, reports
from teisen.geodesy import METRES_PER_DEGREE, Floats
from tests.builders import figure, source
from tests.fusion.worlds import DAY, observations, seen

BLOCK = (30.08, 30.72), (50.56, 51.2)
"""A block of 32 cells of 0.02 degrees, west to east and south to north."""
FIRST_DAY = DAY - timedelta(days=3)
"""20,188 days since 1970: a block of four begins."""


def told(name: str, wrong: float, *, days: int = 4) -> Reports:
    """A hundred reports a day from a few kilometres of the block's middle, and four a day from all over it."""
    random, rows = np.random.default_rng(11), []
    for day in range(days):
        for n in range(104):
            lon, lat = (
                random.uniform(low + 0.001, high - 0.001) if n < 4 else (low + high) / 2 + random.uniform(-0.04, 0.04)
                for low, high in BLOCK
            )
            when = FIRST_DAY + timedelta(days=day, hours=float(random.uniform(1, 23)))
            row: dict[str, Any] = seen(f"{name}:{day}-{n:03}", lon, lat, start=when, end=when, kind="shelling")
            rows.append(row)
    return reports(observations(*rows), {name: source(name, group=name, false_share=figure(wrong))})


def alarms(first: Reports, *, beside: bool = False) -> Floats:
    """Density of false alarms around each, a m2 and second."""
    grid = Grid.over(first)
    plain = Reporting.of(first.speaking[0])
    plain = replace(plain, in_a_cell=in_a_cell(first, plain, grid))
    return around(first, plain, grid=grid, beside=beside)[0].alarms


def evenly(count: float, days: int) -> float:
    """Density of so many over the block."""
    side = 0.64 * METRES_PER_DEGREE
    return float(count / (side**2 * np.cos(np.radians(np.mean(BLOCK[1]))) * days * 86_400))


def crowded(first: Reports) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Which lie in the middle."""
    return np.asarray((np.abs(first.lon - np.mean(BLOCK[0])) < 0.04) & (np.abs(first.lat - np.mean(BLOCK[1])) < 0.04))


@pytest.mark.parametrize("days", [1, 4])
def test_a_source_that_is_mostly_right_errs_no_more_often_where_most_happens(days: int) -> None:
    first = told("posts", 0.1, days=days)
    middle = crowded(first)
    assert alarms(first)[middle] == pytest.approx(evenly(0.1 * len(first), days), rel=0.06)
    assert alarms(first, beside=True)[middle] == pytest.approx(alarms(first)[middle] * np.exp(CROWDED), rel=0.11)


def test_and_where_little_happens_less_often() -> None:
    first = told("posts", 0.1)
    assert np.median(alarms(first)[~crowded(first)]) < evenly(0.1 * len(first), 4) / 3


def test_what_is_mostly_wrong_is_so_most_where_most_is_reported() -> None:
    first = told("fires", 0.9)
    found, middle = alarms(first), crowded(first)
    assert np.median(found[middle]) > 10 * evenly(0.9 * len(first), 4)
    assert np.median(found[middle]) > 20 * np.median(found[~middle])
