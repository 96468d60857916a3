"""How many incidents there are around a place and time: the rival explanation of any two reports that lie close."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.spatial import cKDTree

from teisen.fusion.reports import Reports
from teisen.geodesy import Floats

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


def local_density(reports: Reports) -> Floats:
    """Distinct incidents per m2 and second around each report, shape (n,).

    Reports are first thinned to one in a cell of 0.02 degrees and a day, as copies of a report are no incidents. The
    density is that of the ball of place and time that holds the ten nearest. The cells are fixed on the globe, so the
    order and number of reports of one incident do not matter.
    """
    if not len(reports):
        return np.empty(0)
    points = np.column_stack([reports.xyz, (reports.start + reports.end) / 2 * METRES_PER_SECOND])
    cells = reports.frame.select(
        (pl.col("lon") / CELL_DEG).floor().alias("x"),
        (pl.col("lat") / CELL_DEG).floor().alias("y"),
        pl.Series("t", np.floor((reports.start + reports.end) / 2 / CELL_S)),
    )
    first = cells.with_row_index("at").group_by("x", "y", "t").agg(pl.col("at").min())["at"].sort().to_numpy()
    tree = cKDTree(points[first])
    k = min(NEIGHBOURS + 1, len(first))
    distance = np.asarray(tree.query(points, k=[k], workers=-1)[0])[:, 0]
    radius = np.clip(np.where(k > NEIGHBOURS, distance, FARTHEST_M), NEAREST_M, FARTHEST_M)
    inside = tree.query_ball_point(points, radius, return_length=True, workers=-1)
    volume = 4 / 3 * np.pi * radius**3 / METRES_PER_SECOND
    return np.asarray(np.maximum(np.asarray(inside, float) - 1, 1.0) / volume)
