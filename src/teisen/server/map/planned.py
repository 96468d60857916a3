"""A picture of a watch plan: the line, and the places of sensors where they leave."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from teisen.release.annex import MARKS
from teisen.release.report.drawing import SHAPES, tag
from teisen.server.map.base import Box, box_of
from teisen.server.map.picture import Projection, drawn, ground
from teisen.server.view import View

MARGIN_DEG = 0.1


def marks(placed: pl.DataFrame) -> dict[str, tuple[str, str]]:
    """A path and a colour for each sensor that has places; empty: no place leaves."""
    sensors = sorted(set(placed.drop_nulls(["lon", "lat"])["sensor"]))
    shapes = list(SHAPES.values())
    return {name: (shapes[n % len(shapes)], MARKS[n % len(MARKS)]) for n, name in enumerate(sensors)}


def plan_picture(view: View, day: date, placed: pl.DataFrame, language: str) -> str:
    """The SVG of what stands where.

    Args:
        view: the view, for the base map and the line.
        day: whose line is drawn.
        placed: PLACED, as it was cut for the audience of ``view``.
        language: of the towns' names.
    """
    at = placed.drop_nulls(["lon", "lat"])
    projection = Projection(_around(box_of(view), at))
    parts = ground(view, day, projection, language)
    known = marks(placed)
    if at.height:
        places = projection(at.select("lon", "lat").to_numpy())
        for (x, y), sensor in zip(places, at["sensor"], strict=True):
            shape, colour = known[sensor]
            where = f"translate({x:.1f} {y:.1f})"
            parts.append(tag("path", d=shape, fill=colour, stroke="#fff", stroke_width=0.8, transform=where))
    return drawn(parts)


def _around(box: Box, at: pl.DataFrame) -> Box:
    """The box of the places; that of the case where there is none."""
    if at.is_empty():
        return box
    places = at.select("lon", "lat").to_numpy()
    (west, south), (east, north) = np.min(places, axis=0), np.max(places, axis=0)
    edge = max(MARGIN_DEG, float(east - west) * 0.08, float(north - south) * 0.08)
    return float(west) - edge, float(south) - edge, float(east) + edge, float(north) + edge
