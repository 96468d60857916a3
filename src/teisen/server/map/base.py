"""The base map of a box: land, lakes, rivers, borders and towns, clipped and simplified."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import as_file, files
from math import cos, radians
from typing import Any

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from teisen.case import MapEntry
from teisen.languages import LANGUAGES
from teisen.release.report.across import AROUND as AROUND_GLOBE
from teisen.release.report.across import Box, crosses, fitted, halves
from teisen.server.view import View

STEP = 1e-4
"""Degrees of one step of a stored coordinate."""
AROUND = 0.2
"""How far the map goes beyond what a screen shows of it, in shares of that."""
WIDEST, TALLEST = 2.6, 0.8
"""Width against height of the map on the widest and on the tallest screen."""
PIXELS = 4000
"""Simplified so that nothing moves by more than one part in this of the map's width."""
MOST_TOWNS = 900
CONTESTED = "contested"
LAYERS = ("land", "lake", "river", "border", CONTESTED)
SOURCED = MapEntry()
"""Borders as the source draws them, and both names."""
POLYGONS = frozenset({"land", "lake"})


def box_of(view: View) -> Box:
    """The box that a case's map shows: that of its file, else around its areas, else around its incidents.

    One that goes once around is narrowed to what lies on both sides of the 180th meridian; its east is then beyond 180.
    """
    if view.about.box:
        return _narrowed(view, view.about.box)
    areas = view.table("area")
    if areas.height:
        west, south, east, north = shapely.total_bounds(shapely.from_wkb(areas["geometry"].drop_nulls().to_list()))
        return float(west), float(south), float(east), float(north)
    placed = view.table("incident").drop_nulls(["lon", "lat"])
    if placed.height:
        west, east = placed["lon"].min(), placed["lon"].max()
        south, north = placed["lat"].min(), placed["lat"].max()
        return tuple(float(v) + d for v, d in zip((west, south, east, north), (-0.5, -0.5, 0.5, 0.5), strict=True))  # type: ignore[arg-type, return-value]
    return (-180.0, -60.0, 180.0, 75.0)


def _narrowed(view: View, box: Box) -> Box:
    _, south, _, north = box
    regions = view.table("area").filter(pl.col("level") == view.about.level)["geometry"].drop_nulls()
    placed = view.table("incident")["lon"].drop_nulls().to_numpy().astype(np.float64)
    across = fitted(shapely.from_wkb(regions.to_list()), placed, box)
    return box if across is None else (across[0], south, across[1], north)


def wider(box: Box) -> Box:
    """The box with its surroundings, as far as a screen of any shape shows them, and a little more for panning."""
    west, south, east, north = box
    shrink = cos(radians((south + north) / 2))
    width, height = (east - west) * shrink, north - south
    x = max(width, height * WIDEST) / shrink * (0.5 + AROUND)
    y = max(height, width / TALLEST) * (0.5 + AROUND)
    lon, lat = (west + east) / 2, (south + north) / 2
    if crosses(box) and 2 * x < AROUND_GLOBE:
        return lon - x, max(-85.0, lat - y), lon + x, min(85.0, lat + y)
    return max(-180.0, lon - x), max(-85.0, lat - y), min(180.0, lon + x), min(85.0, lat + y)


@lru_cache(maxsize=8)
def base_map(box: Box, policy: MapEntry = SOURCED) -> Mapping[str, Any]:
    """GeoJSON of the ground around ``box``; every feature has ``layer``: land, lake, river, border, contested or town.

    Towns have ``en``, ``ja``, ``uk`` and ``ru`` (absent where not known), ``local`` (names in the languages spoken
    there), and ``rank`` (0 for the largest on), as far as ``policy`` has names drawn.
    """
    outer = wider(box)
    tolerance = (outer[2] - outer[0]) / PIXELS
    features = [
        {"type": "Feature", "properties": {"layer": layer}, "geometry": _geojson(shape)}
        for layer, shape in shapes(outer, tolerance, policy)
    ]
    return {"type": "FeatureCollection", "features": [*features, *_towns(outer, policy)]}


def shapes(box: Box, tolerance: float, policy: MapEntry = SOURCED) -> Iterator[tuple[str, BaseGeometry]]:
    """Layers with their geometry clipped to the box, in the order in which they are drawn, borders by ``policy``."""
    found: dict[str, list[BaseGeometry]] = {layer: [] for layer in LAYERS}
    for half in halves(box):
        west, south, east, north = half
        near = _ground().filter(
            (pl.col("east") >= west)
            & (pl.col("west") <= east)
            & (pl.col("north") >= south)
            & (pl.col("south") <= north)
        )
        for layer in LAYERS:
            found[layer] += _clipped(near.filter(pl.col("layer") == layer), half, tolerance, layer)
    found["border"], found[CONTESTED] = _by_policy(found["border"], found[CONTESTED], policy)
    for layer, parts in found.items():
        if parts:
            yield layer, shapely.GeometryCollection(parts)


def _clipped(rows: pl.DataFrame, box: Box, tolerance: float, layer: str) -> list[BaseGeometry]:
    clip = shapely.box(*box)
    parts: dict[int, list[NDArray[np.float64]]] = {}
    for row in rows.select("part", "x", "y").iter_rows(named=True):
        parts.setdefault(row["part"], []).append(_points(row))
    found = []
    for lines in parts.values():
        if layer in POLYGONS:
            shape: BaseGeometry = shapely.make_valid(shapely.Polygon(*_unrolled(lines)))
        else:
            shape = shapely.LineString(lines[0])
        copies = [shape] if shape.bounds[2] <= AROUND_GLOBE / 2 else [shape, _a_turn_west(shape)]
        for copy in copies:
            cut = shapely.intersection(copy, clip).simplify(tolerance)
            if not cut.is_empty:
                found.append(cut)
    return found


def _unrolled(rings: list[NDArray[np.float64]]) -> tuple[NDArray[np.float64], list[NDArray[np.float64]]]:
    """A shell and its holes with longitudes that do not jump where the source crosses the 180th meridian.

    What crosses goes on beyond 180. A ring around a pole stays as it is: it ends a turn from where it begins.
    """
    shell, *holes = map(_steady, rings)
    if shell[:, 0].min() < -AROUND_GLOBE / 2:
        shell = shell + np.array([AROUND_GLOBE, 0.0])
    left = shell[:, 0].min()
    return shell, [hole + np.array([AROUND_GLOBE * (hole[:, 0].max() < left), 0.0]) for hole in holes]


def _steady(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    turns = np.concatenate([[0.0], np.cumsum(-np.round(np.diff(ring[:, 0]) / AROUND_GLOBE))])
    return ring + np.column_stack([turns * AROUND_GLOBE, np.zeros(len(ring))]) if turns[-1] == 0 else ring


def _a_turn_west(shape: BaseGeometry) -> BaseGeometry:
    return shapely.transform(shape, lambda lonlat: lonlat - np.array([AROUND_GLOBE, 0.0]))


def _by_policy(
    settled: list[BaseGeometry], contested: list[BaseGeometry], policy: MapEntry
) -> tuple[list[BaseGeometry], list[BaseGeometry]]:
    """Which borders are drawn as settled and which as contested."""
    if policy.borders == "none":
        return [], []
    if policy.borders == "contested":
        return [], [*settled, *contested]
    if not policy.contested:
        return settled, contested
    boxes = shapely.union_all([shapely.box(*box) for box in policy.contested])
    inside = [cut for one in settled if not (cut := shapely.intersection(one, boxes)).is_empty]
    outside = [cut for one in settled if not (cut := shapely.difference(one, boxes)).is_empty]
    return outside, [*contested, *inside]


def _points(row: Mapping[str, list[int]]) -> NDArray[np.float64]:
    return np.column_stack([np.cumsum(row[axis], dtype=np.float64) for axis in ("x", "y")]) * STEP


@cache
def _ground() -> pl.DataFrame:
    with as_file(files("teisen.server.map").joinpath("ground.parquet")) as path:
        return pl.read_parquet(path)


@cache
def _named() -> pl.DataFrame:
    with as_file(files("teisen.server.map").joinpath("towns.parquet")) as path:
        return pl.read_parquet(path)


def towns(box: Box, most: int) -> pl.DataFrame:
    """The largest towns in a box, the largest first."""
    inside = pl.any_horizontal(
        pl.col("x").is_between(west, east) & pl.col("y").is_between(south, north)
        for west, south, east, north in halves(box)
    )
    return _named().filter(inside).head(most)


def named(row: Mapping[str, Any], policy: MapEntry) -> dict[str, str]:
    """The names of a town that are drawn, by language, and ``local``; ``en`` stands for languages without one."""
    names = {name: str(row[name]) for name in (*LANGUAGES, "local") if row[name]}
    if policy.names == "local":
        return {"en": names.get("local", names["en"])}
    if policy.names == "reader":
        names.pop("local", None)
    return names


def _towns(box: Box, policy: MapEntry) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = []
    if policy.names == "none":
        return features
    for rank, row in enumerate(towns(box, MOST_TOWNS).iter_rows(named=True)):
        names = named(row, policy)
        place = [round(row["x"], 3), round(row["y"], 3)]
        properties = {"layer": "town", "rank": rank, **names}
        features.append(
            {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": place}}
        )
    return features


def _geojson(shape: BaseGeometry) -> dict[str, Any]:
    """A collection as one MultiPolygon or MultiLineString, at three decimals (about 100 m)."""
    flat = shapely.get_parts(shapely.get_parts(shape))
    flat = [one for part in flat for one in shapely.get_parts(part)]
    if any(one.geom_type == "Polygon" for one in flat):
        rings = [
            [_rounded(p.exterior), *(_rounded(hole) for hole in p.interiors)]
            for p in flat
            if p.geom_type == "Polygon" and p.area > 0
        ]
        return {"type": "MultiPolygon", "coordinates": rings}
    return {
        "type": "MultiLineString",
        "coordinates": [_rounded(line) for line in flat if line.geom_type == "LineString"],
    }


def _rounded(line: BaseGeometry) -> list[list[float]]:
    rounded: list[list[float]] = np.round(shapely.get_coordinates(line), 3).tolist()
    return rounded
