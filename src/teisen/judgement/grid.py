"""Sites in the cells of a grid: which of many places lie within a distance of one, lines taken as they run.

A cell knows whether all of it is close to a site, none, or which pieces have to be asked; most places lie in a cell
that knows. Distances are those to the nearest point of a point or of a straight piece of a line, in the plane of the
latitude between the two; over the distances of agreements (up to 100 km) that is good to 0.1 %.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from teisen.geodesy import METRES_PER_DEGREE
from teisen.judgement.scatter import Scatter

MARGIN = 1.01
"""Bounds on how far a draw can lie are widened by this, for what the tangent plane and the sphere leave out."""
MOST_CELLS, FEWEST_CELLS, CELLS_OF_A_PIECE = 16_000_000, 1_000_000, 100
"""Bound the memory of a grid, two bytes a cell: so many, and within them so many for each piece."""
BLOCK = 2
"""Cells along the side of a block; boxes are looked up in blocks."""
RIM = BLOCK
"""Cells without sites on each side, a block of them, so that what lies beyond the grid is taken for nothing."""

ASKED, CLOSE = 1, 2
"""What a cell knows: its pieces have to be asked, or all of it is close; 0: none of it is."""

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Cells = Floats | NDArray[np.float32]


class SiteGrid:
    """Sites, asked which places lie within ``distance_m`` of one. Cells are half that distance wide if memory allows.

    Args:
        sites: SITE rows.
        distance_m: the distance.
    """

    def __init__(self, sites: pl.DataFrame, distance_m: float) -> None:
        self.distance = distance_m / METRES_PER_DEGREE
        pieces = _pieces(sites, 2 * distance_m)
        high = np.abs(pieces.half_lat) + self.distance * MARGIN
        shrink = np.cos(np.radians(np.minimum(np.abs(pieces.lat) + high, 89.9)))
        wide = np.abs(pieces.half_lon) + self.distance * MARGIN / shrink
        self.west = _gap(pieces.lon)
        east = (pieces.lon - self.west) % 360
        over = np.flatnonzero(east < wide)  # sites all around the globe: those at the seam stand on both sides of it
        kept = np.concatenate([np.arange(len(east)), over])
        self.pieces, high, wide = pieces.take(kept), high[kept], wide[kept]
        self.pieces.lon[:] = self.west + np.concatenate([east, east[over] + 360])
        low = self.pieces.lat - high
        self.south = float(low.min()) if len(low) else 0.0
        spans = np.array([self.pieces.lon + wide - self.west, low + 2 * high - self.south]).max(axis=1, initial=0.0)
        fine = self.distance / 2 / np.array([shrink.mean() if len(shrink) else 1.0, 1.0])
        most = min(max(CELLS_OF_A_PIECE * len(kept), FEWEST_CELLS), MOST_CELLS)
        self.cell = fine * max(1.0, float(np.sqrt(np.prod(spans / fine + 1) / most)))
        self.columns, self.rows = (np.ceil(spans / self.cell).astype(np.int64) + 2 * RIM + 1).tolist()
        # what a distance needs of a piece, side by side: its cosine too, and how that falls towards another latitude
        cosine, sine = np.cos(np.radians(self.pieces.lat)), np.sin(np.radians(self.pieces.lat))
        half = self.pieces.half_lon, self.pieces.half_lat
        self._beside = self.pieces.lon, self.pieces.lat, cosine, sine * (np.pi / 360)
        self._half = half if np.any(half) else None
        self._fill(wide, high)

    def _fill(self, wide: Floats, high: Floats) -> None:
        """Tell cells that are close as a whole, list the pieces of the others, and count blocks with any by box."""
        left, right = self._column(self.pieces.lon - wide), self._column(self.pieces.lon + wide)
        low, top = self._row(self.pieces.lat - high), self._row(self.pieces.lat + high)
        across = right - left + 1
        piece, nth = _runs(across * (top - low + 1))
        row, column = low[piece] + nth // across[piece], left[piece] + nth % across[piece]
        middle = self.west + (column - RIM + 0.5) * self.cell[0], self.south + (row - RIM + 0.5) * self.cell[1]
        apart = np.sqrt(self._apart(*middle, piece))
        widest = np.cos(np.radians(np.maximum(np.abs(middle[1]) - self.cell[1], 0.0)))
        corner = np.hypot(self.cell[0] / 2 * widest, self.cell[1] / 2)
        meets = apart <= (self.distance + corner) * MARGIN
        cell, piece = (row * self.columns + column)[meets], piece[meets]
        order = np.argsort(cell, kind="stable")
        self.cells, first = np.unique(cell[order], return_index=True)
        self.first, self.listed = np.append(first, len(order)), piece[order]
        self.state = np.zeros(self.rows * self.columns, dtype=np.uint8)
        self.state[self.cells] = ASKED
        self.state[cell[((apart + corner) * MARGIN <= self.distance)[meets]]] = CLOSE
        blocks = np.zeros((self.rows // BLOCK + 2, self.columns // BLOCK + 2), dtype=np.int32)
        blocks[self.cells // self.columns // BLOCK + 1, self.cells % self.columns // BLOCK + 1] = 1
        self.filled = blocks.cumsum(axis=0, dtype=np.int32).cumsum(axis=1, dtype=np.int32)

    def _column(self, lon: Floats) -> Ints:
        return _whole((lon - self.west) / self.cell[0], self.columns).astype(np.int64)

    def _row(self, lat: Floats) -> Ints:
        return _whole((lat - self.south) / self.cell[1], self.rows).astype(np.int64)

    def touched(self, lon: Floats, lat: Floats, reach_m: Floats) -> Bools:
        """Whether any place within ``reach_m`` of these may be close to a site."""
        high = reach_m * MARGIN / METRES_PER_DEGREE
        wide = high / np.cos(np.radians(np.minimum(np.abs(lat) + high, 89.9)))
        lon = self.west + (lon - self.west) % 360
        left, right = self._column(lon - wide) // BLOCK, self._column(lon + wide) // BLOCK + 1
        low, top = self._row(lat - high) // BLOCK, self._row(lat + high) // BLOCK + 1
        filled = self.filled
        beyond: Bools = (lon - wide < self.west) | (lon + wide >= self.west + 360)
        beyond |= filled[top, right] - filled[low, right] - filled[top, left] + filled[low, left] > 0
        return beyond

    def close(self, lon: Floats, lat: Floats) -> Bools:
        """Whether places lie within the distance of a site, in the shape of ``lon``."""
        lon = self.west + (lon - self.west) % 360
        column, row = (lon - self.west) / self.cell[0], (lat - self.south) / self.cell[1]
        return self._known(column, row, lambda asked: (lon.reshape(-1)[asked], lat.reshape(-1)[asked]))

    def close_drawn(self, lon: Scatter, lat: Scatter) -> Bools:
        """The same of places drawn around points, shape (points, worlds); only those near a brink are worked out.

        Cells are told to single precision: what a cell knows holds for a hundredth of the distance around it.
        """
        around = Scatter(self.west + (lon.middle - self.west) % 360, lon.steps, lon.drawn)
        column, row = around.cells(self.west, self.cell[0]), lat.cells(self.south, self.cell[1])
        if column.size and (column.min() < 0 or column.max() * self.cell[0] >= 360):  # over the seam
            column %= 360 / self.cell[0]
        worlds = lon.drawn.shape[1]

        def some(asked: Ints) -> tuple[Floats, Floats]:
            which = np.divmod(asked, worlds)
            return self.west + (lon.some(*which) - self.west) % 360, lat.some(*which)

        return self._known(column, row, some)

    def _known(self, column: Cells, row: Cells, places: Callable[[Ints], tuple[Floats, Floats]]) -> Bools:
        """What cells know of places, and where they don't, what their pieces do; ``places`` gives those numbered."""
        cell = _whole(row, self.rows)
        cell *= self.columns
        cell += _whole(column, self.columns)
        state = self.state.take(cell)
        answer: Bools = state == CLOSE
        asked = np.flatnonzero(state == ASKED)
        if len(asked):
            at = np.searchsorted(self.cells, cell.reshape(-1).take(asked))
            first = self.first.take(at)
            which, nth = _runs(self.first.take(at + 1) - first)
            lon, lat = places(asked)
            apart = self._apart(lon.take(which), lat.take(which), self.listed.take(first.take(which) + nth))
            answer.reshape(-1)[asked.take(which[apart <= self.distance**2])] = True
        return answer

    def _apart(self, lon: Floats, lat: Floats, piece: Ints) -> Floats:
        """Square of the distance, in degrees of latitude, between each place and the piece beside it."""
        x, y, shrink, slope = (column.take(piece) for column in self._beside)
        x -= lon
        y -= lat
        slope *= y
        shrink += slope
        x *= shrink
        if self._half is not None:
            dx, dy = (column.take(piece) for column in self._half)
            dx *= shrink
            along = np.clip(-(x * dx + y * dy) / np.maximum(dx * dx + dy * dy, 1e-30), -1.0, 1.0)
            x += along * dx
            y += along * dy
        x *= x
        y *= y
        x += y
        return x


@dataclass(frozen=True)
class Pieces:
    """Points and straight pieces of lines: the middle, half of the run (signed; a point's is 0) and the place error.

    A piece runs from its middle less half of its run to its middle and half of it. Degrees and metres.
    """

    lon: Floats
    lat: Floats
    half_lon: Floats
    half_lat: Floats
    error: Floats

    def take(self, rows: Ints) -> Pieces:
        """Some of the pieces."""
        return Pieces(self.lon[rows], self.lat[rows], self.half_lon[rows], self.half_lat[rows], self.error[rows])


def _pieces(sites: pl.DataFrame, longest_m: float) -> Pieces:
    """Sites as points and pieces of lines no longer than ``longest_m``."""
    points = sites.filter(pl.col("geometry").is_null()).select("lon", "lat", "place_error_m").to_numpy()
    drawn = sites.filter(pl.col("geometry").is_not_null())
    shapes = np.array(shapely.from_wkb(drawn["geometry"].to_list()), dtype=object)
    parts, whose = shapely.get_parts(shapes, return_index=True)
    ends, line = shapely.get_coordinates(shapely.segmentize(parts, longest_m / METRES_PER_DEGREE), return_index=True)
    joined = line[1:] == line[:-1]
    start, end = ends[:-1][joined], ends[1:][joined]
    middle, half, none = (start + end) / 2, (end - start) / 2, np.zeros(len(points))
    return Pieces(
        np.concatenate([points[:, 0], middle[:, 0]]),
        np.concatenate([points[:, 1], middle[:, 1]]),
        np.concatenate([none, half[:, 0]]),
        np.concatenate([none, half[:, 1]]),
        np.concatenate([points[:, 2], drawn["place_error_m"].to_numpy()[whose[line[:-1][joined]]]]),
    )


def _whole(cells: Cells, most: int) -> NDArray[np.int32]:
    """Numbers of cells along one axis after the rim, those beyond in the first and the last; alters ``cells``."""
    cells += RIM
    np.clip(cells, 0, most - 1, out=cells)
    return cells.astype(np.int32)


def _gap(lon: Floats) -> float:
    """The longitude in the middle of the widest stretch without sites, from which a grid is counted eastward."""
    if not len(lon):
        return -180.0
    around = np.sort(lon % 360)
    gaps = np.diff(around, append=around[0] + 360)
    return float((around[gaps.argmax()] + gaps.max() / 2) % 360 - 360)


def _runs(lengths: Ints) -> tuple[Ints, Ints]:
    """For runs of these lengths one after the other: which run each element is of, and its number in it."""
    run = np.repeat(np.arange(len(lengths)), lengths)
    return run, np.arange(len(run)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
