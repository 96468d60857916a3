"""How many incidents there are around a place and time: the rival explanation of any two reports that lie close."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.spatial import cKDTree

from teisen.fusion.near import Ints
from teisen.fusion.reports import Reports
from teisen.geodesy import MEAN_RADIUS_M, Floats, unit_vectors

NEIGHBOURS = 10
"""Incidents that the local density is taken over (assumed: its error is then about a third)."""
METRES_PER_SECOND = 5_000.0 / 86_400.0
"""One day weighs as much as 5 km (assumed): a hot spot is as wide as a district and as long as a week."""
NEAREST_M = 5_000.0
FARTHEST_M = 200_000.0
"""Bounds of the radius searched, metres (assumed): finer would count an incident's own reports, wider is nobody's
surroundings."""
CELL_DEG = 0.02
CELL_S = 86_400.0
STEP = 0.1
"""The log of a density is kept in such steps (10 %), far below its error: most new data then leave it as it was."""


@dataclass(frozen=True)
class Cells:
    """Cells of 0.02 degrees and a day that hold a report, in order; ``points`` their middles in metres, shape (c, 4)."""

    frame: pl.DataFrame
    points: Floats

    def __len__(self) -> int:
        return len(self.points)


def cells(reports: Reports) -> tuple[Cells, Ints]:
    """The cells that ``reports`` lie in, and which each one lies in. Cells are fixed on the globe and in time."""
    places = reports.frame.select(
        (pl.col("lon") / CELL_DEG).floor().cast(pl.Int32).alias("x"),
        (pl.col("lat") / CELL_DEG).floor().cast(pl.Int32).alias("y"),
        pl.Series("t", np.floor((reports.start + reports.end) / 2 / CELL_S), dtype=pl.Int32),
    )
    frame = places.unique().sort("t", "x", "y")
    of = places.join(frame.with_row_index("of"), on=["x", "y", "t"], how="left", maintain_order="left")["of"]
    x, y, t = (frame[name].to_numpy() + 0.5 for name in ("x", "y", "t"))
    points = np.column_stack(
        [unit_vectors(x * CELL_DEG, y * CELL_DEG) * MEAN_RADIUS_M, t * CELL_S * METRES_PER_SECOND]
    )
    return Cells(frame, points), of.to_numpy().astype(np.int64)


def local_density(reports: Reports) -> Floats:
    """Distinct incidents per m2 and second around each report, shape (n,).

    Reports are first thinned to one in a cell of 0.02 degrees and a day, as copies of a report are no incidents. The
    density is that of the ball of place and time about a report's cell that holds the ten nearest other cells.
    """
    occupied, of = cells(reports)
    return density_at(occupied, np.arange(len(occupied)))[of]


def density_at(occupied: Cells, at: Ints) -> Floats:
    """The density about the cells ``at`` of those ``occupied``, in steps of :data:`STEP` of its log, shape (at,)."""
    if not len(at):
        return np.empty(0)
    tree, points = cKDTree(occupied.points, leafsize=24, balanced_tree=False), occupied.points[at]
    k = NEIGHBOURS + 1
    few = len(occupied) < k
    radius = np.full(len(at), FARTHEST_M)
    if not few:
        found = tree.query(points, k=[k], distance_upper_bound=FARTHEST_M, workers=-1)[0][:, 0]
        radius = np.clip(found, NEAREST_M, FARTHEST_M)
    others = np.full(len(at), float(NEIGHBOURS))
    counted = np.flatnonzero((radius <= NEAREST_M) | (radius >= FARTHEST_M))
    if counted.size:
        inside = tree.query_ball_point(points[counted], radius[counted], return_length=True, workers=-1)
        others[counted] = np.asarray(inside, float) - 1
    volume = 4 / 3 * np.pi * radius**3 / METRES_PER_SECOND
    return np.asarray(np.exp(np.round(np.log(np.maximum(others, 1.0) / volume) / STEP) * STEP))
