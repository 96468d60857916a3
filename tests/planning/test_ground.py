from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import shapely

from teisen.agreement import load_agreement
from teisen.errors import BadInput
from teisen.geodesy import geod
from teisen.library import library
from teisen.planning import (
    DEMAND,
    ZONE,
    candidates,
    demand,
    find,
    load_catalogue,
    made_line,
    read_line,
    setting,
    track,
    zones,
)
from teisen.planning.brief import read_places
from teisen.planning.ground import sea_demand
from teisen.planning.plan import Watched
from teisen.planning.solve import promises
from teisen.planning.zones import depths_m
from tests.planning.watch import brief

SIDES = ("party-a", "party-b")


@pytest.mark.parametrize("km", [50, 777, 2000])
def test_a_made_line_is_as_long_as_asked_and_measured_the_same(km: float) -> None:
    line = made_line(km)
    length = geod().geometry_length(shapely.from_wkb(line["geometry"][0])) / 1000
    assert length == pytest.approx(km, rel=0.01)
    assert track(line, 20).length_m / 1000 == pytest.approx(length, rel=1e-3)


def test_places_lie_at_their_distance_on_their_side() -> None:
    on = track(made_line(200), 20)
    found = demand(on, [Watched(kind="shelling", depths_m=(0, 4000))], SIDES, 1000)
    flat = [np.cos(np.radians(48)), 1]
    shape = shapely.LineString(on.lonlat * flat)
    off = shapely.distance(shapely.points(found.select("lon", "lat").to_numpy() * flat), shape) * 111_200
    near = found["depth_m"].to_numpy() == 0
    assert off[near].max() < 20
    assert off[~near].min() > 3500
    assert off[~near].max() < 4050
    assert found["weight"].sum() == pytest.approx(1, abs=1e-3)
    north = found.filter(pl.col("side") == "party-a").sort("along_m")["lat"].to_numpy()
    south = found.filter(pl.col("side") == "party-b").sort("along_m")["lat"].to_numpy()
    assert (north > south).all()  # the line runs east, its left is north
    assert DEMAND.check(found) is not None


def test_no_place_is_laid_between_two_pieces_of_a_line() -> None:
    pieces = '{"type": "MultiLineString", "coordinates": [[[30, 50], [31, 50]], [[35, 50], [36, 50]]]}'
    on = track(read_line(pieces, "line.geojson"), 10)
    assert len(on.pieces) == 2
    lon, _ = on.place(on.steps(2000), 0.0)
    assert not ((lon > 31.001) & (lon < 34.999)).any()
    assert len(set(on.sector_ids)) == len(on.sector_ids)


def test_sites_are_shut_by_areas_and_by_want_of_access() -> None:
    on = track(made_line(100), 20)
    half = pl.DataFrame({"geometry": [shapely.box(0, 40, 0.7, 60).wkb]})
    town = pl.DataFrame({"lon": [1.2], "lat": [48.1]})
    all_open = candidates(on, SIDES, 4000, (1000,))
    shut = candidates(on, SIDES, 4000, (1000,), forbidden=half, access=town, most_access_km=15)
    assert not all_open["forbidden"].any()
    assert (shut.filter(pl.col("lon") < 0.69)["forbidden"]).all()
    assert shut.filter(~pl.col("forbidden"))["access_km"].max() <= 15  # type: ignore[operator]
    assert 0 < (~shut["forbidden"]).sum() < shut.height
    assert (shut["consent"] == shut["side"]).all()


def test_the_sea_is_a_grid_of_places_without_a_side() -> None:
    sea = pl.DataFrame({"geometry": [shapely.box(31, 44, 33, 46).wkb]})
    found = sea_demand(sea, 10_000)
    assert set(found["side"]) == {""}
    assert found.height == pytest.approx(157 * 222 / 100, rel=0.05)
    assert found["sector_id"].n_unique() == 16


def test_the_sea_is_watched_from_its_shores() -> None:
    sea = pl.DataFrame({"geometry": [shapely.box(0.0, 46, 1.5, 47).wkb]})
    watched = [{"kind": "naval-force", "depths_m": [1000]}, {"kind": "shelling", "depths_m": [1000]}]
    asked = brief(watched=watched, use=["coastal-radar", "ais", "acoustic-artillery"], step_km=8, rules={"budget": 9e6})
    there = setting(asked, made_line(40), *load_catalogue(), sea=sea)
    west = pl.DataFrame({"geometry": [shapely.box(-0.5, 45, 0.5, 48).wkb]})
    shut = setting(asked, made_line(40), *load_catalogue(), sea=sea, forbidden=west).coverage.options
    assert any(one.startswith("coast-0.000") for one in there.coverage.options["site_id"])
    assert not any(one.startswith("coast-0.000") for one in shut["site_id"])
    options = there.coverage.options.join(there.ground.candidates, on="site_id")
    assert set(options.filter(pl.col("sector_id") == "coast")["sensor"]) == {"coastal-radar", "ais"}
    assert set(options.filter(pl.col("sector_id") != "coast")["sensor"]) == {"acoustic-artillery"}
    number, proof = find(there)
    found = {one.kind: one.mean for one in promises(there, number)}
    assert found["naval-force"] > 0.5
    assert there.coverage.value(number) <= proof.bound + 1e-9


def test_withdrawals_come_from_the_agreement() -> None:
    path = library("agreements") / "minsk-2015.yaml"
    found = zones(load_agreement(path.read_text(encoding="utf-8"), path.name))
    ZONE.check(found)
    guns = found.filter((pl.col("provision_id") == "artillery") & (pl.col("reading_id") == "each-from-its-own-line"))
    assert guns.select("line_id", "party", "distance_m").rows() == [
        ("line-2014-09-19", "party-b", 25000.0),
        ("line-of-contact", "party-a", 25000.0),
    ]
    assert "artillery-152" in guns["weapons"][0]
    assert "artillery-85" not in guns["weapons"][0]
    assert found["distance_m"].max() == 70_000
    assert depths_m(found, "weapon-presence", 2) == (17_500, 52_500)
    assert depths_m(found, "naval-force") == ()


def test_a_wrong_line_is_said_to_be_wrong() -> None:
    with pytest.raises(BadInput, match="no GeoJSON"):
        read_line("nonsense", "x.geojson")
    with pytest.raises(BadInput, match="no line in it"):
        read_line('{"type": "Point", "coordinates": [1, 2]}', "x.geojson")
    with pytest.raises(BadInput, match="outside the globe"):
        read_line('{"type": "LineString", "coordinates": [[500000, 5000000], [500100, 5000000]]}', "x.geojson")
    assert read_places('{"type": "Point", "coordinates": [1, 2]}', "x").rows() == [(1.0, 2.0)]
    assert np.isfinite(track(made_line(10), 3).length_m)
