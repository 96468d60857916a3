"""A picture of a day's map as SVG: for browsers without scripts, for print, and until the map itself is there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from math import cos, radians

import numpy as np
import shapely
from markupsafe import Markup
from numpy.typing import NDArray

from teisen.case import MapEntry
from teisen.geodesy import beside
from teisen.release.report.across import Box, crosses
from teisen.release.report.days import Days
from teisen.release.report.drawing import OTHER, SHAPES, SYMBOLS, path, tag
from teisen.server.map.base import CONTESTED, POLYGONS, box_of, named, shapes, towns
from teisen.server.map.layers import line
from teisen.server.view import View

WIDTH, HEIGHT = 960, 540
MOST_DRAWN = 1500
MOST_NAMED = 22
COLOURS = {
    "vermilion": "#c4470a", "blue": "#0063a5", "orange": "#b87400", "purple": "#9a3f78", "sky": "#2a86b8",
    "grey": "#5f6670",
}  # fmt: skip
STYLE: Mapping[str, Mapping[str, object]] = {
    "land": {"fill": "#faf8f3", "stroke": "#b9c2cb", "stroke_width": 0.5},
    "lake": {"fill": "#d4e4ef"},
    "river": {"fill": "none", "stroke": "#b5d0e3", "stroke_width": 1},
    "border": {"fill": "none", "stroke": "#8a939f", "stroke_width": 1.1},
    CONTESTED: {"fill": "none", "stroke": "#8a939f", "stroke_width": 1.1, "stroke_dasharray": "4 3"},
}


class Projection:
    """Degrees to pixels: equirectangular about the middle of the box, filling the picture."""

    def __init__(self, box: Box) -> None:
        west, south, east, north = box
        self.shrink = cos(radians((south + north) / 2))
        self.scale = min(WIDTH / ((east - west) * self.shrink), HEIGHT / (north - south))
        self.middle = (west + east) / 2, (south + north) / 2

    def __call__(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Pixels of places, y downwards."""
        lon = beside(points[:, 0], self.middle[0]) if crosses(self.box) else points[:, 0]
        x = (lon - self.middle[0]) * self.shrink * self.scale + WIDTH / 2
        y = (self.middle[1] - points[:, 1]) * self.scale + HEIGHT / 2
        return np.column_stack([x, y])

    @property
    def box(self) -> Box:
        """All that is in the picture."""
        x, y = WIDTH / 2 / self.scale / self.shrink, HEIGHT / 2 / self.scale
        return self.middle[0] - x, self.middle[1] - y, self.middle[0] + x, self.middle[1] + y


def picture(view: View, day: date, language: str = "en") -> str:
    """The SVG of a day; colours stand in attributes, so that nothing depends on a style sheet."""
    projection = Projection(box_of(view))
    return drawn([*ground(view, day, projection, language), *_incidents(view, day, projection)])


def drawn(parts: list[Markup]) -> str:
    """The SVG of parts in pixels."""
    svg = tag("svg", *parts, xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDTH} {HEIGHT}",
              width=WIDTH, height=HEIGHT, font_family="system-ui, sans-serif")  # fmt: skip
    return str(svg)


def ground(view: View, day: date, projection: Projection, language: str) -> list[Markup]:
    """The base map, the line and zones of a day, and towns."""
    parts = [tag("rect", width=WIDTH, height=HEIGHT, fill="#d4e4ef")]
    for layer, shape in shapes(projection.box, 1 / projection.scale, view.case.map):
        flat = shapely.transform(shape, projection)
        if layer in POLYGONS and crosses(projection.box):
            flat = shapely.union_all(shapely.get_parts(flat))  # no edge where its halves meet
        parts.append(tag("path", d=path(flat), **STYLE[layer]))
    for feature in line(view, day)["features"]:
        shape = shapely.transform(shapely.geometry.shape(feature["geometry"]), projection)
        dash = None if feature["properties"]["layer"] == "line" else "6 4"
        d = path(shapely.GeometryCollection([shape]).simplify(0.5))
        parts.append(tag("path", d=d, fill="none", stroke="#191d22", stroke_width=2, stroke_dasharray=dash))
    return [*parts, *_names(projection, language, view.case.map)]


def _names(projection: Projection, language: str, policy: MapEntry) -> list[Markup]:
    found: list[Markup] = []
    if policy.names == "none":
        return found
    for row in towns(projection.box, MOST_NAMED).iter_rows(named=True):
        ((x, y),) = projection(np.array([[row["x"], row["y"]]]))
        names = named(row, policy)
        name = names.get(language, names["en"])
        found.append(tag("circle", cx=x, cy=y, r=1.8, fill="#555d68"))
        found.append(
            tag("text", Markup.escape(name), x=x + 4, y=y + 3.5, font_size=10.5, fill="#333a42", stroke="#faf8f3",
                stroke_width=2.5, paint_order="stroke")
        )  # fmt: skip
    return found


def _incidents(view: View, day: date, projection: Projection) -> list[Markup]:
    rows = Days(view.tables, day, view.about).today.drop_nulls(["lon", "lat"]).head(MOST_DRAWN)
    if rows.is_empty():
        return []
    places = projection(rows.select("lon", "lat").to_numpy())
    errors, marks = [], []
    for (x, y), row in zip(places, rows.iter_rows(named=True), strict=True):
        shape, colour = SYMBOLS.get(row["kind"], OTHER)
        paint = COLOURS[colour]
        r = (row["place_error_m"] or 0) / 111_320 * projection.scale
        if r > 5:
            errors.append(tag("circle", cx=x, cy=y, r=r, fill=paint, fill_opacity=0.04, stroke=paint,
                              stroke_opacity=0.3, stroke_width=0.6))  # fmt: skip
        opacity = f"{0.35 + 0.6 * row['p_conflict']:.2f}"
        marks.append(tag("path", d=SHAPES[shape], fill=paint, fill_opacity=opacity, stroke="#fff", stroke_width=0.7,
                         transform=f"translate({x:.1f} {y:.1f})"))  # fmt: skip
    return [*errors, *marks[::-1]]
