"""What sources could have seen: one source's word on an area and on a wider one is one look, two posts are two."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teisen.compliance.watched import looks, share_watched
from teisen.compliance.whereabouts import spots
from teisen.fusion import Fused, coverage, fuse
from teisen.geodesy import distance_m
from teisen.observation import AREA
from teisen.sources import Ground
from tests.fusion.worlds import AREAS, DAY, SOURCES, area, at, exposure, observations, seen, watch

ZONE = AREA.fill(
    pl.DataFrame(
        [area("zone", 28, 49, 34, 52) | {"level": "zone"}, area("town", 30.4, 50.4, 30.6, 50.6) | {"level": "zone"}],
        schema_overrides={"geometry": pl.Binary, "row": pl.Int64},
    )
)
NESTED = pl.concat([AREAS, ZONE])


def asked(**changes: Any) -> pl.DataFrame:
    row = {
        "id": 0,
        "lon": 30.5,
        "lat": 50.5,
        "area_id": "west",
        "from_s": at(0).timestamp(),
        "to_s": at(24).timestamp(),
    }
    return pl.DataFrame([row | changes], schema_overrides={"lon": pl.Float64, "lat": pl.Float64})


def told(*rows: dict[str, Any], **place: Any) -> dict[str, Any]:
    (row,) = coverage(asked(**place), exposure(*rows), NESTED).iter_rows(named=True)
    return row


def test_a_zone_stated_beside_the_region_in_it_is_not_watched_twice() -> None:
    """Half a day watched is half a day, also where the zone around says so too."""
    half = {"end": at(12)}
    row = told(watch("news", **half), watch("news", area_id="zone", p_detect=0.9, **half))
    assert (row["p"], row["watched"]) == (0.25, 0.5)


def test_the_narrowest_area_that_speaks_of_a_time_holds_then() -> None:
    """The town is cloudy till six, the region watched till noon, the zone all day, and beyond it all is as it is."""
    row = told(
        watch("news", area_id=None, p_detect=0.1),
        watch("news", area_id="zone", p_detect=0.2, reason="zone"),
        watch("news", p_detect=0.6, end=at(12), reason="region"),
        watch("news", area_id="town", p_detect=0.0, end=at(6), state="cloud", reason="town"),
    )
    assert row["p"] == pytest.approx((6 * 0.6 + 12 * 0.2) / 24)
    assert (row["watched"], row["blind"], row["reason"]) == (0.75, 0.25, "zone")


def test_a_wider_area_holds_for_kinds_and_sources_of_which_the_narrower_says_nothing() -> None:
    rows = [watch("news"), watch("news", area_id="zone", kind="shelling"), watch("fires", area_id="zone", p_detect=0.1)]
    found = coverage(asked(), exposure(*rows), NESTED)
    assert sorted(found.select("source_id", "kind", "p").rows()) == [
        ("fires", "missile-strike", 0.1), ("news", "missile-strike", 0.5), ("news", "shelling", 0.5),
    ]  # fmt: skip


def test_two_posts_whose_circles_meet_are_two_looks() -> None:
    posts = [watch("news", area_id=None, lon=lon, lat=50.5, radius_m=9000.0) for lon in (30.45, 30.55)]
    assert told(*posts)["p"] == 0.75
    assert told(*posts, watch("news", p_detect=0.2))["p"] == pytest.approx(0.8)


def test_what_posts_say_of_distance_holds_of_each_of_them() -> None:
    """One stands at the place, of the other distance leaves a half: at one time both miss, apart they add up."""
    far = round(
        float(distance_m(np.array([30.5]), np.array([50.5]), np.array([30.55]), np.array([50.5]))[0]) * 2**0.5, 1
    )
    near, off = (
        watch("news", area_id=None, lon=lon, lat=50.5, radius_m=far) | {"falls": True} for lon in (30.5, 30.55)
    )
    assert told(near)["p"] == 0.5
    assert told(off)["p"] == pytest.approx(0.25, abs=1e-4)
    assert told(near, off)["p"] == pytest.approx(1 - 0.5 * 0.75, abs=1e-4)
    assert told(near | {"end": at(12)}, off | {"start": at(12)})["p"] == pytest.approx(0.375, abs=1e-4)
    assert told(off, off | {"lon": 30.45, "falls": None})["p"] == pytest.approx(1 - 0.75 * 0.5, abs=1e-4)


@pytest.mark.filterwarnings("error")
def test_a_place_without_a_radius_is_watched_itself() -> None:
    assert told(watch("news", area_id=None, lon=30.5, lat=50.5, radius_m=None))["p"] == 0.5


def test_a_patrol_that_watches_step_after_step_watches_as_long_as_it_is_there() -> None:
    """Eight hours near the place in steps of a quarter of an hour; a second patrol meets it for the last of them."""
    ways = {lon: [at(8 + n / 4) for n in range(33)] for lon in (30.45, 30.46)}
    steps = [
        watch(
            "news", area_id=None, lon=round(lon + n / 1000, 5), lat=50.5, radius_m=9000.0, p_detect=0.8, start=a, end=b
        )
        for lon, way in ways.items()
        for n, (a, b) in enumerate(itertools.pairwise(way))
    ]
    row = told(*steps[:32])
    assert row["p"] == pytest.approx(0.8 * 8 / 24, abs=1e-6)
    assert row["watched"] == pytest.approx(8 / 24, abs=1e-6)
    assert told(*steps[:32], *steps[60:])["p"] == pytest.approx((0.8 * 8 + 0.16) / 24, abs=1e-6)


def test_posts_of_which_nobody_knows_how_well_they_see_stay_unknown_together() -> None:
    posts = [watch("news", area_id=None, lon=x, lat=50.5, radius_m=9000.0, p_detect=None) for x in (30.45, 30.55)]
    assert told(*posts)["p"] is None
    known = watch("news", area_id=None, lon=30.5, lat=50.5, radius_m=9000.0, p_detect=0.4, end=at(6))
    assert told(*posts, known)["p"] == 0.1


LOOKS = st.lists(
    st.tuples(
        st.sampled_from(["zone", "west", "town", 30.45, 30.55, 30.6]),
        st.integers(0, 11),
        st.integers(1, 12),
        st.sampled_from([0.0, 0.3, 0.8]),
    ),
    min_size=1,
    max_size=7,
)


@given(rows=LOOKS)
def test_chances_are_those_of_every_hour_of_the_narrowest_area_and_all_posts(
    rows: list[tuple[str | float, int, int, float]],
) -> None:
    free: dict[tuple[str | float, int], float] = {}
    for what, start, hours, p in rows:
        span = range(start, start + hours)
        if not any((what, hour) in free for hour in span):  # what is stated twice of one area or post has no one answer
            free |= dict.fromkeys([(what, hour) for hour in span], p)
    stated = [
        watch("news", start=at(hour), end=at(hour + 1), p_detect=p)
        | ({"area_id": what} if isinstance(what, str) else {"area_id": None, "lon": what, "lat": 50.5, "radius_m": 9e3})
        for (what, hour), p in free.items()
    ]
    hourly = []
    for hour in range(24):
        areas = [free[name, hour] for name in ("town", "west", "zone") if (name, hour) in free]
        posts = [free[lon, hour] for lon in (30.45, 30.55, 30.6) if (lon, hour) in free]
        hourly.append(1 - np.prod([1 - p for p in [*areas[:1], *posts]]))
    assert told(*stated)["p"] == pytest.approx(np.mean(hourly), abs=1e-6)


SPANS = st.lists(st.tuples(st.integers(0, 47), st.integers(1, 24), st.sampled_from((0.0, 0.3, 0.8))), max_size=4)
KINDS = ("missile-strike", "shelling")
OWN = [
    watch("news", area_id=name, start=at(n), end=at(n + 24), p_detect=p)
    for name, p in (("west", 0.5), ("east", 0.2))
    for n in (0, 24, 48)
] + [watch("fires", area_id=None, lon=30.5, lat=50.5, radius_m=5000.0, p_detect=0.4)]
"""The regions day by day, and what a satellite saw of a place."""


def fused_and_watched(*stated: dict[str, Any]) -> tuple[Fused, list[pl.DataFrame]]:
    """What is fused of two reports, and the share watched of each region for each kind."""
    rows = [seen("fires:1", kind="fire", start=at(3), end=at(3)), seen("paper:1", 31.5, 50.5, start=at(24), end=at(48))]
    fused = fuse(observations(*rows), exposure(*stated), Ground(areas=NESTED), SOURCES)
    cells = pl.DataFrame(
        [{"area_id": name, "day": DAY.date(), "from_s": at(0).timestamp(), "to_s": at(24).timestamp()}
         for name in ("west", "east")]
    )  # fmt: skip
    places = spots(fused.incidents.select("incident_id", "area_id", n=pl.lit(1.0)), fused.incidents, AREAS)
    looked = looks(cells, exposure(*stated), NESTED, None, places)
    return fused, [share_watched(looked, AREAS, {kind: 1.0}) for kind in KINDS]


@pytest.fixture(scope="module")
def alone() -> tuple[Fused, list[pl.DataFrame]]:
    """What the regions and the satellite give without a word on the zone."""
    return fused_and_watched(*OWN)


@given(zone=SPANS)
@settings(max_examples=60)
def test_stating_the_zone_too_changes_nothing(
    alone: tuple[Fused, list[pl.DataFrame]], zone: list[tuple[int, int, float]]
) -> None:
    """Where the regions are stated day by day, what is said of the zone around them beside that is said already."""
    more = [
        watch("news", area_id="zone", start=at(begin), end=at(begin + long), p_detect=p, reason="zone")
        for begin, long, p in dict.fromkeys(zone)
    ]
    (one, shares), (two, with_zone) = alone, fused_and_watched(*OWN, *more)
    assert one.evidence.equals(two.evidence)
    assert one.incidents.equals(two.incidents)
    assert all(share.equals(other) for share, other in zip(shares, with_zone, strict=True))
