"""The map: a base map that ships with the package, what is drawn on it, and a picture of it that needs no script.

In: a box, and a view. Out: GeoJSON, columns and SVG. ``ground.parquet`` and ``towns.parquet`` are written by
``scripts/base_map.py``, which names their sources. Knows no request and no template.
"""

from teisen.release.report.across import Box
from teisen.server.map.base import base_map, box_of
from teisen.server.map.layers import day_layer, incident_columns, line, regions, sites
from teisen.server.map.picture import picture
from teisen.server.map.planned import marks, plan_picture

__all__ = [
    "Box",
    "base_map",
    "box_of",
    "day_layer",
    "incident_columns",
    "line",
    "marks",
    "picture",
    "plan_picture",
    "regions",
    "sites",
]
