"""One coordinate of places drawn around points, worked out as closely as it is asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Scatter:
    """Longitudes (or latitudes) of places drawn around points, the sum of a middle and of steps times their draws.

    Attributes:
        middle: of each point, degrees, shape (points,).
        steps: how far a draw of 1 moves a point, degrees, shape (k, points).
        drawn: what is drawn for each step, the same for all points, shape (k, worlds).
    """

    middle: Floats
    steps: Floats
    drawn: Floats

    def all(self) -> Floats:
        """All of them, shape (points, worlds)."""
        moved: Floats = np.multiply.outer(self.steps[0], self.drawn[0])
        for step, drawn in zip(self.steps[1:], self.drawn[1:], strict=True):
            moved += np.multiply.outer(step, drawn)
        moved += self.middle[:, None]
        return moved

    def some(self, point: Ints, world: Ints) -> Floats:
        """Those of some points in some worlds; to the last bit the numbers of :meth:`all`."""
        moved: Floats = self.steps[0][point] * self.drawn[0][world]
        for step, drawn in zip(self.steps[1:], self.drawn[1:], strict=True):
            moved += step[point] * drawn[world]
        moved += self.middle[point]
        return moved

    def cells(self, first: float, width: float) -> Floats32:
        """How many ``width`` beyond ``first`` they lie, to single precision, in a tenth of the time of :meth:`all`."""
        start = (self.middle - first) / width
        points = np.vstack([self.steps / width, start]).astype(np.float32)
        worlds = np.vstack([self.drawn, np.ones(self.drawn.shape[1])]).astype(np.float32)
        return points.T @ worlds
