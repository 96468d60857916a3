"""From the globe to a drawing: an equal-area projection in pixels, and shapes as they can be told apart in it."""

from __future__ import annotations

import numpy as np
import shapely
from pyproj import Transformer

from teisen.release.report.across import Box
from teisen.release.report.drawing import Pixels

TOLERANCE_PX = 0.7
"""Borders are simplified to this; at a map of 1,400 km that is about 1 km."""
LEAST_AREA_PX = 2.0


class Projection:
    """Azimuthal equal-area about the middle of what is drawn, in pixels, north up."""

    def __init__(self, box: Box, width: float, most_high: float, margin: float) -> None:
        """Fit ``box`` (west, south, east, north, degrees) into ``width`` and at most ``most_high`` pixels."""
        west, south, east, north = box
        lon, lat = (west + east) / 2, (south + north) / 2
        plane = f"+proj=laea +lat_0={lat:.3f} +lon_0={lon:.3f} +ellps=WGS84"
        self._to = Transformer.from_crs("OGC:CRS84", plane, always_xy=True)
        edge = np.linspace(0, 1, 21)
        xs = np.concatenate([west + (east - west) * edge] * 2 + [np.full(21, west), np.full(21, east)])
        ys = np.concatenate([np.full(21, south), np.full(21, north)] + [south + (north - south) * edge] * 2)
        x, y = self._to.transform(xs, ys)
        self.left, self.top = float(np.min(x)), float(np.max(y))
        across, high = float(np.max(x)) - self.left, self.top - float(np.min(y))
        self.margin = margin
        self.scale = min((width - 2 * margin) / across, (most_high - 2 * margin) / high)
        self.height = round(high * self.scale) + 2 * round(margin)
        self.shift = margin + ((width - 2 * margin) - across * self.scale) / 2

    def pixels(self, lonlat: Pixels) -> Pixels:
        """Places in degrees as pixels from the top left."""
        x, y = self._to.transform(lonlat[:, 0], lonlat[:, 1])
        right = (x - self.left) * self.scale + self.shift
        down = (self.top - y) * self.scale + self.margin
        return np.round(np.column_stack([right, down]), 2)

    def shape(self, shape: shapely.Geometry) -> shapely.Geometry:
        """A shape in degrees in pixels."""
        return shapely.transform(shape, self.pixels)


def simple(
    shapes: list[shapely.Geometry], *, shared: bool = False, tolerance_px: float = TOLERANCE_PX
) -> list[shapely.Geometry]:
    """Shapes as they can be told apart at this scale; shared borders stay shared, specks go, a whole shape never."""
    if not shapes:
        return []
    every = np.array(shapes, dtype=object)
    if shared and all(s.geom_type in {"Polygon", "MultiPolygon"} and not s.is_empty for s in shapes):
        thin = shapely.coverage_simplify(every, tolerance_px)
    else:
        thin = shapely.simplify(every, tolerance_px)
    return [_without_specks(s) for s in thin]


def _without_specks(shape: shapely.Geometry) -> shapely.Geometry:
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
    kept = [p for p in parts if p.area >= LEAST_AREA_PX] or parts[:1]
    return shapely.MultiPolygon(kept) if kept else shape
