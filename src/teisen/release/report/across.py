"""Boxes that cross the 180th meridian: how a map of what lies on both sides of it is fitted, and what falls into it.

A box is west, south, east and north in degrees; one that crosses has its east beyond 180. A case whose box goes once
around, as it is written where the case crosses, is shown by what is in it.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from teisen.geodesy import Floats, beside, stretch

Box = tuple[float, float, float, float]
AROUND = 360.0


def crosses(box: Box) -> bool:
    """Whether a box lies on both sides of the meridian."""
    return box[2] - box[0] < AROUND and (box[2] > 180 or box[0] < -180)


def fitted(shapes: Iterable[BaseGeometry], places: Floats, given: Box | None) -> tuple[float, float] | None:
    """West and east of what is there, east beyond 180, if that is narrower across the meridian; None: it is not.

    Args:
        shapes: what is drawn.
        places: longitudes of what is drawn besides, degrees, shape (n,).
        given: the case's box; one that does not go once around is left as it is.
    """
    if given is not None and given[2] - given[0] < AROUND:
        return None
    parts = shapely.get_parts(np.array(list(shapes), dtype=object))
    bounds = shapely.bounds(parts[~shapely.is_empty(parts)]).reshape(-1, 4)
    west, east = np.concatenate([bounds[:, 0], places]), np.concatenate([bounds[:, 2], places])
    if not len(west):
        return None
    found = stretch(west, east)
    return found if found[1] > 180 else None


def halves(box: Box) -> list[Box]:
    """A box as one or two between -180 and 180."""
    west, south, east, north = box
    if not crosses(box):
        return [box]
    if west < -180:
        west, east = west + AROUND, east + AROUND
    return [(west, south, 180.0, north), (-180.0, south, east - AROUND, north)]


def within(shape: BaseGeometry, box: Box) -> BaseGeometry:
    """What of a shape falls into a box; where the box crosses, in one piece, with longitudes beside its middle."""
    if not crosses(box):
        return shapely.intersection(shape, shapely.box(*box))
    middle = (box[0] + box[2]) / 2

    def moved(part: BaseGeometry, at: float) -> BaseGeometry:
        by = float(beside(at, middle)) - at
        return shapely.transform(part, lambda lonlat: lonlat + np.array([by, 0.0]))

    pieces = [moved(shapely.intersection(shape, shapely.box(*half)), (half[0] + half[2]) / 2) for half in halves(box)]
    return shapely.union_all([piece for piece in pieces if not piece.is_empty])
