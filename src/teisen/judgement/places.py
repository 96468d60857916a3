"""Where areas and sites are: possible places of a subject asked against polygons and distances.

Most subjects lie so far from a border, or so deep inside, that no draw changes the answer; the others alone are drawn.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from threading import RLock

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray
from shapely.affinity import translate

from teisen import geodesy
from teisen.judgement.bits import Bits
from teisen.judgement.grid import SiteGrid
from teisen.observation import in_class
from teisen.sources import Ground

GRID = 256
"""Cells along each side of the box of an area from which places in it are drawn."""

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Zone:
    """One row of the area table: a prepared polygon, and when it holds (microseconds since 1970; none: open)."""

    shape: shapely.Geometry
    start_us: int | None
    end_us: int | None
    area_id: str


@dataclass(frozen=True)
class Line:
    """Lines of the area table that hold from ``start_us`` to ``end_us``, as a grid that knows what is near them."""

    grid: SiteGrid
    start_us: int | None
    end_us: int | None


LINE_LEVEL = "line"
LONGEST_EDGE_DEG = 0.1
"""Edges of lines are cut to this: the plane that a distance is told in is then right for all of an edge."""
HELD = pl.col("controlled_by").is_not_null() & pl.col("level").is_in(["control", "zone"])
"""Rows of the area table that say who holds the ground."""
_VALID = (pl.col("valid_from").dt.epoch("us"), pl.col("valid_to").dt.epoch("us"))


class Places:
    """The ground as judgement asks about it; shapes and grids are made once and kept.

    Chunks judged at the same time share it: whoever makes or asks a shape holds ``lock``, for a prepared shape keeps
    notes in itself. Grids are only read once they are made.
    """

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.lock = RLock()
        self._grids: dict[tuple[tuple[str, ...], float], list[tuple[float, SiteGrid]]] = {}
        self._lines: dict[tuple[tuple[str, ...], float], list[Line]] = {}
        self._zones: dict[tuple[str, ...], list[Zone]] = {}
        self._held: dict[str, list[Zone]] = {}
        self._inside: dict[tuple[str, int], tuple[Floats, Floats] | None] = {}
        self.answers: dict[tuple[Hashable, ...], Bits | None] = {}
        """Answers kept for subjects known by an area alone, by the area and what was asked of its places."""

    def zones(self, areas: tuple[str, ...]) -> list[Zone]:
        """The polygons of areas named by id or by level."""
        if areas not in self._zones:
            self._zones[areas] = self._shapes(pl.col("area_id").is_in(list(areas)) | pl.col("level").is_in(list(areas)))
        return self._zones[areas]

    @cached_property
    def holders(self) -> tuple[str, ...]:
        """Ids of the parties that hold ground."""
        return tuple(self.ground.areas.filter(HELD)["controlled_by"].unique().sort())

    def held(self, party: str) -> list[Zone]:
        """The polygons of the ground that a party holds."""
        if party not in self._held:
            self._held[party] = self._shapes(HELD & (pl.col("controlled_by") == party))
        return self._held[party]

    def _shapes(self, which: pl.Expr) -> list[Zone]:
        rows = self.ground.areas.filter(which).select("area_id", "geometry", *_VALID)
        zones = [Zone(shapely.from_wkb(wkb), start, end, area) for area, wkb, start, end in rows.iter_rows()]
        shapely.prepare([zone.shape for zone in zones])
        return zones

    def lines(self, lines: tuple[str, ...], distance_m: float) -> list[Line]:
        """The lines named by id, asked who is within ``distance_m`` of one; those that hold as long share a grid."""
        if (lines, distance_m) not in self._lines:
            named = pl.col("area_id").is_in(list(lines)) & (pl.col("level") == LINE_LEVEL)
            rows = self.ground.areas.filter(named).sort("area_id", "valid_from", "geometry")
            shapes = shapely.segmentize(shapely.from_wkb(rows["geometry"].to_list()), LONGEST_EDGE_DEG)
            drawn = rows.select(*_VALID, lon=0.0, lat=0.0, place_error_m=0.0).with_columns(  # as agreed: without error
                geometry=pl.Series(shapely.to_wkb(shapes).tolist(), dtype=pl.Binary)
            )
            groups = drawn.group_by("valid_from", "valid_to", maintain_order=True)
            self._lines[lines, distance_m] = [
                Line(SiteGrid(of, distance_m), *(None if moment is None else int(str(moment)) for moment in when))
                for when, of in groups
            ]
        return self._lines[lines, distance_m]

    def classes(self, wide: tuple[str, ...]) -> tuple[str, ...]:
        """The classes of known sites that are one of ``wide`` or lie within one."""
        known = self.ground.sites["target_class"].unique().sort()
        return tuple(name for name in known if any(in_class(name, one) for one in wide))

    def sites(self, classes: tuple[str, ...], distance_m: float) -> list[tuple[float, SiteGrid]]:
        """The sites of exactly these classes by place error (metres), asked who is within ``distance_m`` of one."""
        if (classes, distance_m) not in self._grids:
            sites = self.ground.sites.filter(pl.col("target_class").is_in(list(classes))).sort("site_id")
            groups = sorted(
                sites.group_by(["place_error_m"], maintain_order=True), key=lambda group: float(group[0][0])
            )
            self._grids[classes, distance_m] = [(float(error), SiteGrid(of, distance_m)) for (error,), of in groups]
        return self._grids[classes, distance_m]

    def shape(self, area_id: str) -> shapely.Geometry | None:
        """The shape of an area, its rows put together; None where it is not known.

        Put together when it is asked for: ground under control has a row a day, together they fill memory, and no
        subject names it as its place.
        """
        rows = self.ground.areas.filter(pl.col("area_id") == area_id)["geometry"].sort()
        parts = shapely.from_wkb(rows.to_list())
        return None if not len(parts) else parts[0] if len(parts) == 1 else shapely.union_all(parts)

    def inside(self, area_id: str, u: Floats, v: Floats) -> tuple[Floats, Floats] | None:
        """Places in an area for uniforms ``u`` and ``v``, evenly over its ground; None where its shape is not known.

        The box is cut into cells; ``u`` picks a column by the ground that its cells inside cover, ``v`` a cell in it.
        Even draws stay even this way, and go with the draws of time and kind as those of a point do.
        """
        of = area_id, len(u)
        if of not in self._inside:
            shape = self.shape(area_id)
            self._inside[of] = None if shape is None or shape.is_empty else _spread(shape, u, v)
        return self._inside[of]


def _spread(shape: shapely.Geometry, u: Floats, v: Floats) -> tuple[Floats, Floats]:
    shape = _joined(shape)
    west, south, east, north = shape.bounds
    middle = (np.arange(GRID) + 0.5) / GRID
    lon, lat = west + middle * (east - west), south + middle * (north - south)
    shapely.prepare(shape)
    inside = shapely.contains_xy(shape, *np.meshgrid(lon, lat, indexing="ij"))
    if not inside.any():
        point = shape.representative_point()
        return geodesy.on_globe(np.full(u.shape, point.x)), np.full(u.shape, point.y)
    weight = inside * np.cos(np.radians(lat))
    columns = np.cumsum(weight.sum(axis=1))
    column = np.searchsorted(columns, u * columns[-1], side="right").clip(0, GRID - 1)
    rows = np.cumsum(weight[column], axis=1)
    row = (rows <= (v * rows[:, -1])[:, None]).sum(axis=1).clip(0, GRID - 1)
    return geodesy.on_globe(lon[column]), lat[row]


def _joined(shape: shapely.Geometry) -> shapely.Geometry:
    """A shape that is cut at the 180th meridian with its western parts moved east of it, where that makes it whole."""
    parts = shapely.get_parts(shape)
    boxes = shapely.bounds(parts)
    if shape.bounds[2] - shape.bounds[0] <= 180 or len(parts) < 2:
        return shape
    by = np.where(boxes[:, [0, 2]].mean(axis=1) < 0, 360.0, 0.0)
    if (boxes[:, 2] + by).max() - (boxes[:, 0] + by).min() >= shape.bounds[2] - shape.bounds[0]:
        return shape
    return shapely.union_all([translate(part, east) for part, east in zip(parts, by.tolist(), strict=True)])
