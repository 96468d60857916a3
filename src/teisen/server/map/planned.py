"""A picture of a watch plan: the line, and where they leave the places of sensors and those that crews watch."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from teisen.geodesy import stretch
from teisen.release.annex import MARKS, Cut
from teisen.release.report.across import Box
from teisen.release.report.drawing import SHAPES, tag
from teisen.server.map.base import box_of
from teisen.server.map.picture import Projection, drawn, ground
from teisen.server.view import View

MARGIN_DEG = 0.1
PATROL = "#0063a5"
SMALLEST, LARGER = 2.5, 2.0
"""Radius in pixels of a place where crews hardly are, and how much larger with the root of their hours a day."""


def marks(placed: pl.DataFrame) -> dict[str, tuple[str, str]]:
    """A path and a colour for each sensor that has places; empty: no place leaves."""
    sensors = sorted(set(placed.drop_nulls(["lon", "lat"])["sensor"]))
    shapes = list(SHAPES.values())
    return {name: (shapes[n % len(shapes)], MARKS[n % len(MARKS)]) for n, name in enumerate(sensors)}


def plan_picture(view: View, day: date, plan: Cut, language: str) -> str:
    """The SVG of what stands where, and of where crews go: the larger a circle, the more hours they are there.

    Args:
        view: the view, for the base map and the line.
        day: whose line is drawn.
        plan: as it was cut for the audience of ``view``.
        language: of the towns' names.
    """
    at = plan.placed.drop_nulls(["lon", "lat"])
    patrolled = plan.patrolled.sort("hours", "sector_id", "place_id", descending=[True, False, False])
    projection = Projection(_around(box_of(view), pl.concat([at.select("lon", "lat"), patrolled.select("lon", "lat")])))
    parts = ground(view, day, projection, language)
    known = marks(plan.placed)
    if patrolled.height:
        for (x, y), hours in zip(
            projection(patrolled.select("lon", "lat").to_numpy()), patrolled["hours"], strict=True
        ):
            r = round(SMALLEST + LARGER * hours**0.5, 1)
            parts.append(tag("circle", cx=round(x, 1), cy=round(y, 1), r=r, fill=PATROL, fill_opacity=0.18,
                             stroke=PATROL, stroke_width=1))  # fmt: skip
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
    (_, south), (_, north) = np.min(places, axis=0), np.max(places, axis=0)
    west, east = stretch(places[:, 0], places[:, 0])
    edge = max(MARGIN_DEG, float(east - west) * 0.08, float(north - south) * 0.08)
    return float(west) - edge, float(south) - edge, float(east) + edge, float(north) + edge
