"""Sightings against ordinary years: what is usual there and then stays doubtful, what is not gains."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.fusion import fuse
from teisen.fusion.background import against_background, ordinary, surroundings
from teisen.fusion.reports import Reports, reports
from teisen.observation import BACKGROUND, EXPOSURE
from teisen.sources import Ground
from tests.fusion.worlds import AREAS, BLOB, DAY, SOURCES, observations, seen

YEARS = (2016, 2018, 2019, 2020)
SEASON = 10
"""The season of DAY, the 103rd day of its year."""


def cell(x: int, y: int, days: int, seasons: tuple[int, ...] = tuple(range(36))) -> list[dict[str, Any]]:
    return [
        {"kind": "fire", "x": x, "y": y, "year": year, "season": season, "days": days} for year in YEARS
        for season in seasons
    ]  # fmt: skip


def background(*cells: list[dict[str, Any]]) -> pl.DataFrame:
    rows = pl.DataFrame([row for rows in cells for row in rows], schema_overrides=BACKGROUND.schema)
    return BACKGROUND.check(rows.with_columns(source_id=pl.lit("ordinary"), blob=pl.lit(BLOB), row=pl.lit(1, pl.Int64)))


PLAIN = background(*(cell(x, y, 1, (SEASON,)) for x in range(580, 640, 2) for y in range(990, 1030, 2)))
"""A plain that burns in one season only, everywhere alike."""


def fire(name: int, lon: float, lat: float, day: float = 0.0) -> dict[str, Any]:
    when = DAY + timedelta(days=day)
    return seen(f"fires:{name:03}", lon, lat, kind="fire", start=when, end=when)


def scattered(shift_days: float = 0.0) -> list[dict[str, Any]]:
    """As many fires as ordinary years have: half of the plain's cells in ten days."""
    spots = [(x, y) for x in range(580, 640, 2) for y in range(990, 1030, 2)]
    return [
        fire(n, x * 0.05 + 0.02, y * 0.05 + 0.02, shift_days + n * 7 % 10) for n, (x, y) in enumerate(spots) if n % 2
    ]


CLUSTER = [fire(900 + n, 30.52 + 0.05 * (n % 5), 50.52 + 0.05 * (n // 5 % 5), n % 10) for n in range(40)]
OUT_OF_SEASON = [fire(900 + n, 30.52 + 0.01 * n, 50.52, 40 + n) for n in range(5)]


def compared(rows: list[dict[str, Any]], ordinary: pl.DataFrame = PLAIN) -> tuple[Reports, Reports]:
    before = reports(observations(*rows), SOURCES)
    return before, against_background(before, ordinary, SOURCES)


def p(of: Reports, name: str) -> float:
    at = of.frame["observation_id"].to_list().index(name)
    return float(1 / (1 + np.exp(-of.base[at])))


def test_where_all_burns_as_ever_a_fire_is_hardly_one_of_the_conflict() -> None:
    before, after = compared(scattered())
    inside = [name for name in after.frame["observation_id"] if "ordinary here" in after.credit[_at(after, name)]]
    assert len(inside) > 200
    assert np.mean([p(after, name) for name in inside]) < 0.03
    assert p(before, inside[0]) == p(before, inside[-1]) > 0.09


def test_a_few_fires_alone_are_as_doubtful_as_declared() -> None:
    """What an area's share is has to be told by many: of one fire hardly more is known than before."""
    before, after = compared([fire(900, 30.53, 50.53)])
    assert "ordinary here" in after.credit[_at(after, "fires:900")]
    assert abs(p(after, "fires:900") - p(before, "fires:900")) < 0.05  # its cell burns more than those beside it


def test_a_lone_fire_counts_for_more_in_an_area_of_open_war() -> None:
    """Two plains 300 km apart, and in one of them fires at six places at a season at which neither ever burns."""
    plains = [PLAIN, background(*(cell(x, y, 1, (SEASON,)) for x in range(700, 760, 2) for y in range(990, 1030, 2)))]
    war = [
        fire(1000 + 8 * k + n, 29.4 + 0.6 * (k % 4) + 0.01 * n, 49.7 + 0.4 * (k // 4), 40 + n)
        for k in range(6)
        for n in range(8)
    ]
    _, after = compared(
        [*scattered(), *war, fire(900, 30.73, 50.72, 40), fire(901, 36.53, 50.43, 40)], pl.concat(plains)
    )
    assert all(": 0 others" in after.credit[_at(after, f"fires:{n}")] for n in (900, 901))
    assert p(after, "fires:900") > 3 * p(after, "fires:901")


def test_a_cluster_where_all_else_burns_as_ever_gains_little() -> None:
    """One field of forty fires is what ordinary years have too; it gains against its neighbours."""
    _, after = compared([*scattered(), *CLUSTER])
    inside = [name for name in after.frame["observation_id"] if ": 2 others" in after.credit[_at(after, name)]]
    assert 1.3 * float(np.mean([p(after, name) for name in inside])) < p(after, "fires:912") < 0.1


def test_a_few_fires_out_of_season_gain() -> None:
    _, after = compared([*scattered(), *OUT_OF_SEASON])
    assert p(after, "fires:902") > 0.3
    assert "4 others" in after.credit[_at(after, "fires:902")]


def test_a_cell_that_burns_all_year_loses() -> None:
    works = pl.concat([PLAIN, background(cell(609, 1011, 3))])
    spot = fire(900, 30.47, 50.57)
    _, after = compared([*scattered(), spot], works)
    _, without = compared([*scattered(), spot])
    assert p(after, "fires:900") < p(without, "fires:900") / 3
    assert "times its neighbours'" in after.credit[_at(after, "fires:900")]


def test_what_the_archive_does_not_speak_of_keeps_the_declared_odds() -> None:
    rows = [*scattered(), fire(900, 35.0, 50.5), seen("news:1"), seen("fires:x", kind="explosion")]
    before, after = compared(rows)
    for name in ("fires:900", "news:1", "fires:x"):
        assert p(after, name) == p(before, name)
        assert "of this source's reports are true" in after.credit[_at(after, name)]


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=5, deadline=None)
def test_order_does_not_matter(seed: int) -> None:
    rows = [*scattered(), *(fire(900 + n, 30.5, 50.5, n / 3) for n in range(9))]
    _, one = compared(rows)
    shuffled = [rows[i] for i in np.random.default_rng(seed).permutation(len(rows))]
    _, other = compared(shuffled, PLAIN.sample(fraction=1.0, shuffle=True, seed=seed % 1000))
    assert one.base.tobytes() == other.base.tobytes()
    assert one.credit.equals(other.credit)


@given(extra=st.integers(1, 30))
@settings(max_examples=8, deadline=None)
def test_more_fires_at_a_place_never_make_it_more_ordinary(extra: int) -> None:
    def cluster(size: int) -> list[dict[str, Any]]:
        return [fire(900 + n, 30.52 + 0.05 * (n % 5), 50.52 + 0.05 * (n // 5 % 5), n % 10) for n in range(size)]

    _, fewer = compared([*scattered(), *cluster(10)])
    _, more = compared([*scattered(), *cluster(10 + extra)])
    assert p(more, "fires:905") >= p(fewer, "fires:905") - 0.01


def test_beyond_the_edge_of_the_archive_nothing_is_unusual() -> None:
    """Where the archive ends, at 28.95 degrees east, fires beyond it are no excess over it."""
    cluster = [fire(900 + n, 28.87 + 0.02 * (n % 5), 50.52 + 0.01 * (n // 5), n % 10) for n in range(40)]
    before, after = compared([*scattered(), *cluster])
    beyond = [f"fires:{900 + n}" for n in range(40)]
    assert all(p(after, name) == p(before, name) for name in beyond)
    assert not any("ordinary here" in after.credit[_at(after, name)] for name in beyond)


def test_a_gap_within_the_archive_is_known_to_be_one() -> None:
    hole = PLAIN.filter((pl.col("x") != 610) | (pl.col("y") != 1010))
    spot = fire(900, 30.53, 50.53)
    _, after = compared([*scattered(), spot], hole)
    assert "ordinary here" in after.credit[_at(after, "fires:900")]


def test_further_fires_of_an_incident_are_counted_once() -> None:
    """What lies about a fire that ordinary years weigh is in its odds: its incident is as probable as the likeliest."""
    spot = [fire(900 + n, 30.5201 + 0.001 * n, 50.52) for n in range(4)]
    rows = observations(*scattered(), *spot)
    told = fuse(rows, EXPOSURE.empty(), Ground(areas=AREAS, background=PLAIN), SOURCES)
    members = told.evidence.filter(pl.col("relation") == "member")
    mine = members.filter(pl.col("observation_id").is_in([row["observation_id"] for row in spot]))
    assert mine["incident_id"].n_unique() == 1
    incident = told.incidents.filter(incident_id=mine["incident_id"][0])
    assert members.filter(incident_id=mine["incident_id"][0]).height == 4
    weighed = against_background(reports(rows, SOURCES), PLAIN, SOURCES)
    likeliest = max(p(weighed, row["observation_id"]) for row in spot)
    assert abs(incident["p_conflict"][0] - likeliest) < 2e-3


def test_incidents_carry_it() -> None:
    rows = observations(*scattered(), *OUT_OF_SEASON)
    plain = fuse(rows, EXPOSURE.empty(), Ground(areas=AREAS), SOURCES)
    told = fuse(rows, EXPOSURE.empty(), Ground(areas=AREAS, background=PLAIN), SOURCES)
    assert plain.incidents["incident_id"].equals(told.incidents["incident_id"])
    assert 0.08 < plain.incidents["p_conflict"].max() <= 0.1  # 0.1 is declared; one that stands alone loses a little
    assert told.incidents["p_conflict"].max() > 0.4
    assert told.evidence["reason"].str.contains("are ordinary here at this season").any()


def _at(of: Reports, name: str) -> int:
    return of.frame["observation_id"].to_list().index(name)


ALL_YEAR = background(
    *(cell(x, y, 2, tuple(range(35))) + cell(x, y, 3, (35,)) for x in range(590, 610) for y in range(1000, 1010))
)
"""A plain that burns alike on all days of the year; the last season has fifteen of them."""


@pytest.mark.parametrize("last", [(1, 10), (6, 15), (12, 9), (12, 23), (12, 26), (12, 31)])
def test_the_longer_last_season_of_a_year_is_as_ordinary_as_others(last: tuple[int, int]) -> None:
    usual, p = _all_alike(datetime(2025, 4, 13, 12, tzinfo=UTC))
    here = _all_alike(datetime(2025, *last, 12, tzinfo=UTC))
    assert here == (pytest.approx(usual, rel=0.01), pytest.approx(p, rel=0.01))


def _all_alike(last: datetime) -> tuple[float, float]:
    """What is usual about fires of ten days in that plain, and their P(conflict), on average."""
    spots = [(x, y) for x in range(590, 610) for y in range(1000, 1010)]
    days = [last - timedelta(days=n * 7 % 10) for n in range(len(spots))]
    rows = [
        seen(f"fires:{n:03}", x * 0.05 + 0.02, y * 0.05 + 0.02, kind="fire", start=day, end=day)
        for n, ((x, y), day) in enumerate(zip(spots, days, strict=True))
    ]
    before, after = compared(rows, ALL_YEAR)
    _, usual = surroundings(before, ordinary(ALL_YEAR))
    return float(usual.mean()), float((1 / (1 + np.exp(-after.base))).mean())
