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


class Places:
    """The ground as judgement asks about it; shapes and grids are made once and kept.

    Chunks judged at the same time share it: whoever makes or asks a shape holds ``lock``, for a prepared shape keeps
    notes in itself. Grids are only read once they are made.
    """

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.lock = RLock()
        self._grids: dict[tuple[tuple[str, ...], float], list[tuple[float, SiteGrid]]] = {}
        self._zones: dict[tuple[str, ...], list[Zone]] = {}
        self._inside: dict[tuple[str, int], tuple[Floats, Floats] | None] = {}
        self.answers: dict[tuple[Hashable, ...], Bits | None] = {}
        """Answers kept for subjects known by an area alone, by the area and what was asked of its places."""

    def zones(self, areas: tuple[str, ...]) -> list[Zone]:
        """The polygons of areas named by id or by level."""
        if areas not in self._zones:
            named = pl.col("area_id").is_in(list(areas)) | pl.col("level").is_in(list(areas))
            rows = self.ground.areas.filter(named).select(
                "area_id",
                "geometry",
                pl.col("valid_from").dt.epoch("us"),
                pl.col("valid_to").dt.epoch("us"),
            )
            zones = [Zone(shapely.from_wkb(wkb), start, end, area) for area, wkb, start, end in rows.iter_rows()]
            shapely.prepare([zone.shape for zone in zones])
            self._zones[areas] = zones
        return self._zones[areas]

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

    @cached_property
    def known_areas(self) -> dict[str, shapely.Geometry]:
        """The shape of each area by id, its rows put together."""
        shapes: dict[str, list[shapely.Geometry]] = {}
        for area_id, wkb in self.ground.areas.select("area_id", "geometry").sort("area_id", "geometry").iter_rows():
            shapes.setdefault(area_id, []).append(shapely.from_wkb(wkb))
        return {area: parts[0] if len(parts) == 1 else shapely.union_all(parts) for area, parts in shapes.items()}

    def inside(self, area_id: str, u: Floats, v: Floats) -> tuple[Floats, Floats] | None:
        """Places in an area for uniforms ``u`` and ``v``, evenly over its ground; None where its shape is not known.

        The box is cut into cells; ``u`` picks a column by the ground that its cells inside cover, ``v`` a cell in it.
        Even draws stay even this way, and go with the draws of time and kind as those of a point do.
        """
        of = area_id, len(u)
        if of not in self._inside:
            shape = self.known_areas.get(area_id)
            self._inside[of] = None if shape is None or shape.is_empty else _spread(shape, u, v)
        return self._inside[of]


def _spread(shape: shapely.Geometry, u: Floats, v: Floats) -> tuple[Floats, Floats]:
    west, south, east, north = shape.bounds
    middle = (np.arange(GRID) + 0.5) / GRID
    lon, lat = west + middle * (east - west), south + middle * (north - south)
    shapely.prepare(shape)
    inside = shapely.contains_xy(shape, *np.meshgrid(lon, lat, indexing="ij"))
    if not inside.any():
        point = shape.representative_point()
        return np.full(u.shape, point.x), np.full(u.shape, point.y)
    weight = inside * np.cos(np.radians(lat))
    columns = np.cumsum(weight.sum(axis=1))
    column = np.searchsorted(columns, u * columns[-1], side="right").clip(0, GRID - 1)
    rows = np.cumsum(weight[column], axis=1)
    row = (rows <= (v * rows[:, -1])[:, None]).sum(axis=1).clip(0, GRID - 1)
    return lon[column], lat[row]
