"""The made-up ground: regions, towns and protected sites, listed in the scenario or made along its line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import scipy
import shapely
from numpy.random import Generator
from numpy.typing import NDArray
from shapely.ops import split

from teisen.geodesy import Floats, chord_to_m, unit_vectors
from teisen.simulation.line import Line
from teisen.simulation.scenario import Scenario

Ints = NDArray[np.int64]
SITE_CLASSES = ("substation", "power-plant", "refinery", "bridge", "medical")
"""Classes of made sites, in turn."""
JITTER = 0.3
"""Made towns and sites lie this share of their spacing off it (standard deviation; assumed)."""
NOWHERE = -1


@dataclass(frozen=True)
class MadeGround:
    """The ground: names and places as arrays of the same order.

    ``towns`` and ``sites`` are places (n, 2) in degrees; ``site_along`` and ``site_depth`` metres along the line
    and from it.
    """

    region_ids: tuple[str, ...]
    region_names: tuple[str, ...]
    shapes: NDArray[np.object_]
    town_names: tuple[str, ...]
    towns: Floats
    site_names: tuple[str, ...]
    site_classes: tuple[str, ...]
    sites: Floats
    site_along: Floats
    site_depth: Floats

    def region_of(self, lon: Floats, lat: Floats) -> Ints:
        """Index of the region that each place lies in (the first of two); -1: none."""
        found = np.full(len(lon), NOWHERE, np.int64)
        which, region = shapely.STRtree(self.shapes).query(shapely.points(lon, lat), predicate="intersects")
        order = np.lexsort((-region, which))
        found[which[order]] = region[order]
        return found

    def nearest_town(self, lon: Floats, lat: Floats) -> tuple[Ints, Floats]:
        """Index of the nearest town of each place, and the distance to it in metres."""
        far, at = scipy.spatial.cKDTree(unit_vectors(*self.towns.T)).query(unit_vectors(lon, lat))
        return np.asarray(at, np.int64), chord_to_m(far)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the regions, degrees."""
        west, south, east, north = shapely.total_bounds(self.shapes)
        return float(west), float(south), float(east), float(north)


def make_ground(scenario: Scenario, line: Line, rng: Generator) -> MadeGround:
    """The ground of a scenario: what it lists, then what it has made."""
    given = scenario.ground
    boxes = [shapely.box(*region.box) for region in given.regions]
    ids, names = [region.id for region in given.regions], [region.name for region in given.regions]
    if given.regions_every_km:
        made_ids, made = _made_regions(line, given.regions_every_km * 1000, given.reach_km * 1000)
        boxes += made
        ids += made_ids
        names += [f"Region {name.removeprefix('SIM-')}" for name in made_ids]
    towns = np.array([(town.lon, town.lat) for town in given.towns]).reshape(-1, 2)
    town_names = [town.name for town in given.towns]
    if given.towns_every_km:
        made_towns = _scattered(line, given.towns_every_km * 1000, given.reach_km * 1000, rng)
        town_names += [f"Town {n:04d}" for n in range(1, len(made_towns) + 1)]
        towns = np.concatenate([towns, made_towns])
    sites = np.array([(site.lon, site.lat) for site in given.sites]).reshape(-1, 2)
    classes = [site.target_class for site in given.sites]
    site_names = [site.name for site in given.sites]
    if given.sites_every_km:
        made_sites = _scattered(line, given.sites_every_km * 1000, given.reach_km * 1000, rng)
        classes += [SITE_CLASSES[n % len(SITE_CLASSES)] for n in range(len(made_sites))]
        site_names += [f"Site {n:04d}" for n in range(1, len(made_sites) + 1)]
        sites = np.concatenate([sites, made_sites])
    sites, towns = np.round(sites, 5), np.round(towns, 5)
    along, depth = line.along(*sites.T)
    return MadeGround(
        tuple(ids), tuple(names), np.array(boxes, dtype=object), tuple(town_names), towns,
        tuple(site_names), tuple(classes), sites, along, depth,
    )  # fmt: skip


def _made_regions(line: Line, every_m: float, reach_m: float) -> tuple[list[str], list[shapely.Polygon]]:
    """Regions between cuts across the line, one on either side of each stretch."""
    n = max(1, round(line.length_m / every_m))
    nodes = line.along(*line.nodes.T)[0]
    ids, made = [], []
    for number in range(n):
        cuts = np.array([number, number + 1]) * line.length_m / n
        inside = nodes[(nodes > cuts[0]) & (nodes < cuts[1])]
        along = np.concatenate([cuts[:1], inside, cuts[1:]])
        for side, letter in ((1.0, "L"), (-1.0, "R")):
            near, far = line.place(along, 0 * along), line.place(along, 0 * along + side * reach_m)
            ring = np.concatenate([np.column_stack(near), np.column_stack(far)[::-1]])
            ids.append(f"SIM-{letter}{number + 1:02d}")
            made.append(shapely.make_valid(shapely.Polygon(np.round(ring, 6))))
    return ids, made


def _scattered(line: Line, every_m: float, reach_m: float, rng: Generator) -> Floats:
    """Places on both sides of the line on a grid of ``every_m`` with some jitter, (n, 2) degrees."""
    steps = (np.arange(max(1, round(line.length_m / every_m))) + 0.5) * every_m
    rows = np.arange(every_m / 2, reach_m, every_m) if every_m < reach_m else np.array([reach_m / 2])
    along, depth = (grid.ravel() for grid in np.meshgrid(steps, np.concatenate([-rows[::-1], rows])))
    spread = min(every_m, reach_m) * JITTER
    along, depth = along + rng.normal(0, spread, len(along)), depth + rng.normal(0, spread / 2, len(depth))
    return np.column_stack(line.place(np.clip(along, 0, line.length_m), depth))


def held_by_second(line: Line, ground: MadeGround) -> shapely.MultiPolygon:
    """The part of the regions to the right of the line, drawn out at its ends: what the second party holds."""
    first, last = line.nodes[0] - line.nodes[1], line.nodes[-1] - line.nodes[-2]
    west, south, east, north = ground.bounds
    far = max(east - west, north - south)
    ends = [line.nodes[0] + first / np.hypot(*first) * far, line.nodes[-1] + last / np.hypot(*last) * far]
    whole = shapely.union_all(ground.shapes)
    parts = split(whole, shapely.LineString([ends[0], *line.nodes, ends[1]])).geoms
    middle = shapely.point_on_surface(list(parts))
    right = line.along(shapely.get_x(middle), shapely.get_y(middle))[1] < 0
    return shapely.MultiPolygon([part for part, mine in zip(parts, right, strict=True) if mine])


def ground_files(ground: MadeGround, line: Line, first_day: date) -> dict[str, str]:
    """The ground as files: regions as GeoJSON, sites as CSV, the area that the second party holds as GeoJSON."""
    features = [
        _feature({"id": id_, "name": name}, shape)
        for id_, name, shape in zip(ground.region_ids, ground.region_names, ground.shapes, strict=True)
    ]
    sites = pl.DataFrame(
        {
            "id": ground.site_names,
            "name": ground.site_names,
            "class": ground.site_classes,
            "lon": ground.sites[:, 0],
            "lat": ground.sites[:, 1],
        },
        schema={"id": pl.String, "name": pl.String, "class": pl.String, "lon": pl.Float64, "lat": pl.Float64},
    )
    return {
        "regions.geojson": _collection(features),
        "sites.csv": sites.write_csv(),
        control_file(first_day): _collection([_feature({}, held_by_second(line, ground))]),
    }


def control_file(first_day: date) -> str:
    """Name of the file of control, which holds from its day on."""
    return f"control-{first_day:%Y%m%d}.geojson"


def _feature(properties: dict[str, str], shape: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(shape))}


def _collection(features: list[dict[str, Any]]) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features}, sort_keys=True)
