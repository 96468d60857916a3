"""Line of sight over a grid of heights, with the Earth's curvature and refraction.

A straight line of sight over a round Earth is drawn as one over a flat Earth with a hump of d1 d2 / (2 k R) between the
two ends, d1 and d2 the distances to them; k = 1 / (1 - 0.13) for light (Gauss's coefficient of refraction 0.13) and
k = 4/3 for radar (ITU-R P.453, the standard radio atmosphere).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from teisen.errors import BadInput, Problem
from teisen.geodesy import MEAN_RADIUS_M, Floats, distance_m

LIGHT_K = 1 / (1 - 0.13)
RADIO_K = 4 / 3
Flags = NDArray[np.bool_]
SAMPLES = 64
"""Heights that are looked up along each line of sight; fewer than the grid has for long ones."""
BATCH = 20_000


@dataclass(frozen=True)
class Terrain:
    """Heights in metres on a grid of degrees: ``heights[row, column]``, the first row north.

    ``west``, ``north`` are the outer corner of the first cell; ``step_lon``, ``step_lat`` the size of cells, degrees.
    """

    heights: Floats
    west: float
    north: float
    step_lon: float
    step_lat: float

    def height(self, lon: Floats, lat: Floats) -> Floats:
        """Heights at places, metres, between the middles of cells; outside the grid that of its edge."""
        rows, columns = self.heights.shape
        y = np.clip((self.north - lat) / self.step_lat - 0.5, 0, rows - 1)
        x = np.clip((lon - self.west) / self.step_lon - 0.5, 0, columns - 1)
        top, left = np.minimum(y.astype(int), max(rows - 2, 0)), np.minimum(x.astype(int), max(columns - 2, 0))
        down, right = np.minimum(top + 1, rows - 1), np.minimum(left + 1, columns - 1)
        v, u = y - top, x - left
        upper = self.heights[top, left] * (1 - u) + self.heights[top, right] * u
        lower = self.heights[down, left] * (1 - u) + self.heights[down, right] * u
        return np.asarray(upper * (1 - v) + lower * v)

    def sight(self, eye: Floats, eye_up_m: float, to: Floats, to_up_m: float, k: float = LIGHT_K) -> Flags:
        """Whether ``eye`` sees ``to``, pair by pair: degrees, shape (n, 2), and metres above the ground at each end."""
        parts = [
            self._sight(eye[n : n + BATCH], eye_up_m, to[n : n + BATCH], to_up_m, k) for n in range(0, len(eye), BATCH)
        ]
        return np.concatenate(parts) if parts else np.zeros(0, bool)

    def _sight(self, eye: Floats, eye_up_m: float, to: Floats, to_up_m: float, k: float) -> Flags:
        part = np.arange(1, SAMPLES) / SAMPLES
        between = eye[:, None] + part[None, :, None] * (to - eye)[:, None]
        ground = self.height(between[..., 0], between[..., 1])
        length = distance_m(*eye.T, *to.T)[:, None]
        hump = part * (1 - part) * length**2 / (2 * k * MEAN_RADIUS_M)
        low, high = self.height(*eye.T) + eye_up_m, self.height(*to.T) + to_up_m
        line = low[:, None] + part * (high - low)[:, None]
        return np.asarray((ground + hump <= line).all(axis=1))


def read_terrain(path: Path) -> Terrain:
    """Read a GeoTIFF of heights in WGS84 degrees (needs the extra ``terrain``).

    Raises:
        BadInput: the reader is not installed, the file cannot be read, or its grid is not in degrees.
    """
    try:
        import rasterio  # noqa: PLC0415  an extra
    except ImportError:
        do = "Install it with `pip install teisen[terrain]`."
        raise BadInput(Problem(str(path), 0, "", "the reader of elevation is not installed", do)) from None
    try:
        with rasterio.open(path) as file:
            grid = file.transform
            if (file.crs is not None and not file.crs.is_geographic) or grid.b or grid.d:
                do = "Warp it to WGS84 degrees (EPSG:4326) first."
                raise BadInput(Problem(str(path), 0, "", "its grid is not in degrees, north up", do))
            heights = file.read(1, masked=True).filled(0).astype(np.float64)
    except rasterio.errors.RasterioError as error:
        raise BadInput(Problem(str(path), 0, "", f"it cannot be read: {error}", "Name a GeoTIFF of heights.")) from None
    return Terrain(heights, grid.c, grid.f, grid.a, -grid.e)
