"""The line of contact: places by metres along it and metres from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import ArrayLike

from teisen.geodesy import METRES_PER_DEGREE, Floats, moved


@dataclass(frozen=True)
class Line:
    """A line through ``nodes`` (n, 2), degrees. Depth is positive to the left of it as one goes along."""

    nodes: Floats

    @cached_property
    def _steps(self) -> tuple[Floats, Floats, Floats]:
        """East and north of each piece in metres, and metres along the line at each node."""
        step = np.diff(self.nodes, axis=0)
        middle = (self.nodes[1:, 1] + self.nodes[:-1, 1]) / 2
        east, north = step[:, 0] * METRES_PER_DEGREE * np.cos(np.radians(middle)), step[:, 1] * METRES_PER_DEGREE
        return east, north, np.concatenate([[0.0], np.cumsum(np.hypot(east, north))])

    @property
    def length_m(self) -> float:
        """Its length in metres."""
        return float(self._steps[2][-1])

    def place(self, along_m: ArrayLike, depth_m: ArrayLike) -> tuple[Floats, Floats]:
        """Longitudes and latitudes, degrees, of places by metres along the line and from it."""
        east, north, at = self._steps
        along = np.clip(np.asarray(along_m, float), 0, at[-1])
        piece = np.clip(np.searchsorted(at, along, side="right") - 1, 0, len(east) - 1)
        length = np.hypot(east, north)[piece]
        part = ((along - at[piece]) / length)[:, None]
        base = self.nodes[piece] + part * (self.nodes[piece + 1] - self.nodes[piece])
        depth = np.asarray(depth_m, float)
        return moved(base[:, 0], base[:, 1], -north[piece] / length * depth, east[piece] / length * depth)

    def along(self, lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
        """Metres along the line and from it, of places; by the nearest point of the line."""
        shrink = np.cos(np.radians(self.nodes[:, 1].mean()))
        flat = self.nodes * [shrink, 1.0] * METRES_PER_DEGREE
        x, y = np.asarray(lon, float) * shrink * METRES_PER_DEGREE, np.asarray(lat, float) * METRES_PER_DEGREE
        run = shapely.LineString(flat)
        points = shapely.points(x, y)
        on = shapely.line_locate_point(run, points)
        at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(flat, axis=0).T))])
        piece = np.clip(np.searchsorted(at, on, side="right") - 1, 0, len(flat) - 2)
        step = flat[piece + 1] - flat[piece]
        side = np.sign(step[:, 0] * (y - flat[piece, 1]) - step[:, 1] * (x - flat[piece, 0]))
        return np.interp(on, at, self._steps[2]), side * shapely.distance(run, points)
