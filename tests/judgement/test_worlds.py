from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen import geodesy
from teisen.judgement import worlds
from teisen.judgement.bits import unpack
from tests.judgement.cases import NOON, allegation, allegations, ground, incident, incidents, square

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def us(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


@settings(max_examples=30, deadline=None)
@given(
    st.floats(-3, 3), st.floats(-3, 3), st.floats(10, 100_000), st.floats(0.01, 2), st.floats(0, 2), st.integers(0, 50)
)
def test_a_wider_zone_window_or_distance_never_lowers_p(  # noqa: PLR0917
    lon: float, lat: float, error: float, half: float, more: float, hours: int
) -> None:
    row = incidents(incident(lon=30 + lon, lat=50 + lat, place_error_m=error, end=NOON + timedelta(hours=5)))
    land = ground(
        [square("small", half), square("wide", half + more)],
        [{"target_class": "substation", "lon": 30.0, "lat": 50.0, "place_error_m": 500.0}],
    )
    drawn = worlds(row, land)
    small, wide = (unpack(drawn.within((name,))) for name in ("small", "wide"))
    assert (small <= wide).all()
    metres = half * 50_000
    assert (unpack(drawn.near(("energy",), metres)) <= unpack(drawn.near(("energy",), metres * (1 + more)))).all()
    end = us(NOON) + 3_600_000_000
    assert (unpack(drawn.during(us(NOON), end)) <= unpack(drawn.during(us(NOON), end + hours * 100_000_000))).all()


@pytest.mark.parametrize("error", [1.0, 20_000.0])
def test_what_is_surely_inside_or_outside_is_found_as_by_drawing_it(error: float) -> None:
    """The shortcut for subjects far from a border gives the answer of drawing them all."""
    n = 300
    rng = np.random.default_rng(3)
    rows = [
        incident(f"inc-{k:03d}", lon=float(x), lat=float(y), place_error_m=error)
        for k, (x, y) in enumerate(zip(rng.uniform(28, 32, n), rng.uniform(48, 52, n), strict=True))
    ]
    drawn = worlds(incidents(*rows), ground([square()], [{"target_class": "bridge", "lon": 30.0, "lat": 50.0}]))
    lon, lat = drawn.where(np.arange(n))
    assert np.array_equal(unpack(drawn.within(("square",))), (np.abs(lon - 30) < 1) & (np.abs(lat - 50) < 1))
    assert np.array_equal(unpack(drawn.near(("bridge",), 30_000.0)), geodesy.distance_m(lon, lat, 30.0, 50.0) <= 30_000)


def test_a_subject_known_by_its_area_alone_lies_evenly_over_it() -> None:
    row = allegations(allegation(lon=None, lat=None, place_error_m=None, area_id="square"))
    land = ground(
        [square(), square("west", geometry=shapely.to_wkb(shapely.box(29, 49, 29.5, 51))), square("whole", half=2.0)],
        [{"target_class": "refinery", "lon": 30.0, "lat": 50.0}],
    )
    drawn = worlds(row, land)
    assert unpack(drawn.within(("square",))).all()
    assert unpack(drawn.within(("whole",))).all()
    assert unpack(drawn.within(("west",))).mean() == pytest.approx(0.25, abs=0.01)
    lon, lat = drawn.where(np.arange(1))
    share = np.pi * 30**2 / (111.19 * 2) ** 2 / np.cos(np.radians(50))
    assert unpack(drawn.near(("energy",), 30_000.0)).mean() == pytest.approx(share, abs=0.02)
    assert (np.abs(lon - 30) < 1).all()
    assert (np.abs(lat - 50) < 1).all()


def test_a_subject_without_any_place_is_in_no_area_and_near_nothing() -> None:
    row = allegations(allegation(lon=None, lat=None, place_error_m=None))
    drawn = worlds(row, ground([square()], [{"target_class": "refinery", "lon": 30.0, "lat": 50.0}]))
    assert not unpack(drawn.within(("square",))).any()
    assert not unpack(drawn.near(("energy",), 100_000.0)).any()


def test_an_area_holds_only_while_it_is_valid() -> None:
    half_past = NOON + timedelta(minutes=30)
    row = incidents(incident(place_error_m=1.0))
    drawn = worlds(row, ground([square(level="control", valid_from=NOON - timedelta(days=1), valid_to=half_past)]))
    assert unpack(drawn.within(("control",))).mean() == 0.5


def test_a_line_is_near_all_along_it() -> None:
    wire = shapely.to_wkb(shapely.LineString([(29, 50), (31, 50)]))
    land = ground(sites=[{"target_class": "power-line", "lon": 30.0, "lat": 50.0, "geometry": wire}])
    x = np.linspace(29, 31, 101)
    rows = [incident(f"inc-{k:03d}", lon=float(lon), lat=50.0, place_error_m=0.0) for k, lon in enumerate(x)]
    assert unpack(worlds(incidents(*rows), land).near(("energy",), 260.0)).all()
    off = [row | {"lat": 50.1} for row in rows]
    assert not unpack(worlds(incidents(*off), land).near(("energy",), 1000.0)).any()


def test_kinds_and_targets_hold_in_the_share_of_worlds_that_their_probability_says() -> None:
    row = incident(
        kinds=[{"kind": "fire", "p": 0.25}, {"kind": "drone-strike", "p": 0.75}],
        targets=[{"kind": "refinery", "p": 0.5}],
    )
    drawn = worlds(incidents(row), ground())
    assert unpack(drawn.is_kind(("drone-strike",))).mean() == 0.75
    assert unpack(drawn.is_kind(("fire", "drone-strike"))).all()
    assert unpack(drawn.target_is(("energy",))).mean() == 0.5
    assert not unpack(drawn.target_is(("bridge",))).any()


def test_unread_allegations_have_no_worlds() -> None:
    assert worlds(allegations(allegation(read="unread")), ground()).shape[0] == 0
    assert isinstance(allegations(), pl.DataFrame)


def test_parties_share_the_draws_in_the_agreement_s_order_whatever_their_names() -> None:
    def did_it(names: tuple[str, str]) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
        first, second = names
        row = incident(actors=[{"party": first, "p": 0.3}, {"party": second, "p": 0.5}])
        return unpack(worlds(incidents(row), ground(), parties=names).done_by((first,)))

    assert np.array_equal(did_it(("a", "b")), did_it(("b", "a")))
    assert did_it(("a", "b")).mean() == pytest.approx(0.3, abs=0.002)
