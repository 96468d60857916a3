"""Sectors of the line as areas: the ground that lies nearer to one sector than to any other, up to some distance."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import shapely

from teisen.geodesy import Floats
from teisen.observation import AREA
from teisen.tables import PLACE_DECIMALS

SECTOR_AREA = replace(
    AREA, name="sector_area", doc="Sectors of the line of contact as areas; rates by sector (sector_rate) are theirs."
)
POINT_EVERY_M = 500.0
"""A sector's line is stood for by points so far apart when it is asked which sector is nearest."""
EDGE_M = 10_000.0
"""Edges are cut to this before they leave the plane."""


def sector_areas(sectors: pl.DataFrame, reach_km: float) -> pl.DataFrame:
    """Sectors (SECTOR) as areas (AREA) of level ``sector``, which overlap nowhere.

    Args:
        sectors: SECTOR.
        reach_km: how far an area goes from the line on either side.

    Raises:
        ValueError: ``reach_km`` is not above 0.
    """
    from pyproj import CRS, Transformer  # noqa: PLC0415  slow to load, and few draw lines

    if not reach_km > 0:
        raise ValueError("reach_km must be above 0")
    if sectors.is_empty():
        return AREA.empty()
    rows = sectors.sort("sector_id").with_row_index("row", offset=1)
    lines = shapely.from_wkb(rows["geometry"].to_list())
    west, south, east, north = shapely.total_bounds(lines)
    plane = CRS.from_dict({"proj": "laea", "lon_0": (west + east) / 2, "lat_0": (south + north) / 2})
    to = Transformer.from_crs("OGC:CRS84", plane, always_xy=True)
    flat = shapely.transform(lines, lambda xy: np.column_stack(to.transform(xy[:, 0], xy[:, 1])))
    points, owner = _points(flat)
    band = shapely.union_all(shapely.buffer(flat, reach_km * 1000))
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=band))
    cell, point = shapely.STRtree(shapely.points(points)).query(cells, predicate="contains")
    owned = np.full(len(cells), -1)
    owned[cell] = owner[point]
    shapes = [
        shapely.intersection(shapely.union_all(cells[owned == n]), shapely.buffer(flat[n], reach_km * 1000))
        for n in range(rows.height)
    ]

    def degrees(xy: Floats) -> Floats:
        back = np.column_stack(to.transform(xy[:, 0], xy[:, 1], direction="INVERSE"))
        return np.round(back, PLACE_DECIMALS)

    drawn = [_sound(shapely.transform(shapely.segmentize(shape, EDGE_M), degrees)) for shape in shapes]
    return AREA.hand_over(
        AREA.fill(
            rows.select(
                area_id="sector_id",
                level=pl.lit("sector"),
                name=pl.col("sector_id"),
                geometry=pl.Series([shape.wkb for shape in drawn]),
                approximate=pl.lit(True),
                source_id="source_id",
                blob=pl.lit(""),
                row=pl.col("row").cast(pl.Int64),
            )
        )
    )


def _points(lines: Any) -> tuple[Floats, Floats]:
    """Points along lines (n, 2), none at an end that two lines share, and the number of the line of each."""
    points, owner = [], []
    for number, line in enumerate(lines):
        n = max(2, round(line.length / POINT_EVERY_M))
        at = (np.arange(n) + 0.5) / n
        points.append(shapely.get_coordinates(shapely.line_interpolate_point(line, at, normalized=True)))
        owner.append(np.full(n, number))
    return np.round(np.concatenate(points), 1), np.concatenate(owner)


def _sound(shape: Any) -> Any:
    """``shape`` as polygons alone, mended where rounding crossed its edges."""
    mended = shape if shape.is_valid else shapely.make_valid(shape)
    parts = shapely.get_parts(mended)
    kept = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    return shapely.normalize(shapely.multipolygons(kept) if len(kept) != 1 else kept[0])
