"""How many incidents there are around a place and time: the rival explanation of any two reports that lie close."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy

from teisen.fusion.near import Ints
from teisen.fusion.reports import Reports
from teisen.geodesy import MEAN_RADIUS_M, Floats, unit_vectors

NEIGHBOURS = 10
"""Incidents that the local density is taken over (assumed: its error is then about a third)."""
METRES_PER_SECOND = 5_000.0 / 86_400.0
"""One day weighs as much as 5 km (assumed): a hot spot is as wide as a district and as long as a week."""
NEAREST_M = 5_000.0
FARTHEST_M = 100_000.0
"""Bounds of the radius searched, metres (assumed): finer would count an incident's own reports, wider is nobody's
surroundings."""
CROWDED = 0.5
"""Added to the log of the density: incidents set each other off, so that there are more right beside one than its ten
nearest tell (chosen on the gallery of simulations with seed 999, between 0, 0.5 and 1)."""
CELL_DEG = 0.02
CELL_S = 86_400.0
KEY = ["x", "y", "t"]
STEP = 0.1
"""The log of a density is kept in such steps (10 %), far below its error: most new data then leave it as it was."""


@dataclass(frozen=True)
class Cells:
    """Cells of 0.02 degrees and a day that hold a report: ``frame`` with ``x``, ``y``, ``t``, in order of time.

    ``points`` are their middles in metres, shape (c, 4); ``density`` that of incidents about each, a m2 and second,
    within
    ``radius`` metres.
    """

    frame: pl.DataFrame
    points: Floats
    density: Floats
    radius: Floats

    def __len__(self) -> int:
        return len(self.points)

    @staticmethod
    def middles(frame: pl.DataFrame) -> Floats:
        """Middles of cells, metres: place on the globe, and time as so many metres a second; shape (cells, 4)."""
        x, y, t = (frame[name].to_numpy() + 0.5 for name in KEY)
        places = unit_vectors(x * CELL_DEG, y * CELL_DEG) * MEAN_RADIUS_M
        return np.column_stack([places, t * CELL_S * METRES_PER_SECOND])


def local_density(reports: Reports) -> Floats:
    """Distinct incidents per m2 and second around each report, shape (n,)."""
    return density_and_cells(reports)[0]


def density_and_cells(reports: Reports, before: Cells | None = None) -> tuple[Floats, Cells]:
    """Distinct incidents per m2 and second around each report, shape (n,), and the cells that tell it.

    Reports are first thinned to one in a cell of 0.02 degrees and a day, as copies of a report are no incidents. The
    density is that of the ball of place and time about a report's cell that holds the ten nearest other cells. Cells
    are fixed on the globe and in time.

    Args:
        before: cells of other reports; densities that the difference can't touch are taken from there.
    """
    places = reports.frame.select(
        (pl.col("lon") / CELL_DEG).floor().cast(pl.Int32).alias("x"),
        (pl.col("lat") / CELL_DEG).floor().cast(pl.Int32).alias("y"),
        pl.Series("t", np.floor((reports.start + reports.end) / 2 / CELL_S), dtype=pl.Int32),
    )
    frame = places.unique().sort("t", "x", "y")
    of = places.join(frame.with_row_index("of"), on=KEY, how="left", maintain_order="left")["of"]
    points = Cells.middles(frame)
    density, radius = np.empty(len(frame)), np.empty(len(frame))
    touched = np.arange(len(frame))
    if before is not None:
        old = before.frame.with_columns(density=pl.Series(before.density), radius=pl.Series(before.radius))
        known = frame.join(old, on=KEY, how="left", maintain_order="left")
        density, radius = (known[name].fill_null(np.inf).to_numpy().copy() for name in ("density", "radius"))
        changed = [
            Cells.middles(one)
            for one in (frame.join(before.frame, on=KEY, how="anti"), before.frame.join(frame, on=KEY, how="anti"))
        ]
        tree = scipy.spatial.cKDTree(np.concatenate(changed))
        away = tree.query(points, distance_upper_bound=FARTHEST_M * 1.001, workers=-1)[0] if tree.n else np.inf
        touched = np.flatnonzero(away <= np.minimum(radius, FARTHEST_M) * 1.001)
    density[touched], radius[touched] = _density(points, touched)
    return density[of.to_numpy()], Cells(frame, points, density, radius)


def _density(points: Floats, at: Ints) -> tuple[Floats, Floats]:
    """Density about some of the points, in steps of :data:`STEP` of its log, and the radius that it was taken
    within."""
    if not len(at):
        return np.empty(0), np.empty(0)
    tree, asked = scipy.spatial.cKDTree(points, leafsize=24, balanced_tree=False), points[at]
    found = np.asarray(tree.query(asked, k=[NEIGHBOURS + 1], distance_upper_bound=FARTHEST_M, workers=-1)[0])[:, 0]
    radius = np.clip(found, NEAREST_M, FARTHEST_M)
    others = np.full(len(at), float(NEIGHBOURS))
    counted = np.flatnonzero((radius <= NEAREST_M) | (radius >= FARTHEST_M))
    if counted.size:
        inside = tree.query_ball_point(asked[counted], radius[counted], return_length=True, workers=-1)
        others[counted] = np.asarray(inside, float) - 1
    volume = 4 / 3 * np.pi * radius**3 / METRES_PER_SECOND
    logs = np.log(np.maximum(others, 1.0) / volume) + CROWDED
    return np.exp(np.round(logs / STEP) * STEP), radius
