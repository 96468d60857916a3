"""The line of contact: where, on land, the area under one party's control ends and the other's begins.

It is the boundary of the controlled area without what is no contact: the outer border of the land that is contested and
the coast. Those are drawn by other hands than the control, so everything within ``tolerance_m`` of them counts as
border or coast. Its two ends are cut back by as much.

The length depends on how finely the line is drawn: state the tolerance and the simplification with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
import shapely

from teisen.errors import BadInput, Problem
from teisen.geodesy import geod
from teisen.observation.schema import NUMBER, TEXT, WHEN
from teisen.tables import METRE_DECIMALS, PLACE_DECIMALS, Column, Table

LENGTH_DECIMALS = 1
TOLERANCE_M = 3000.0
"""Between the 1 km of the maps' own detail and the 5 km from which the ends that are cut off show in the length."""
SMALLEST_POCKET_KM2 = 100.0
"""Land that is cut off from the rest and smaller than this is taken for water that the sea layer lacks (a lagoon)."""

LONGEST_EDGE_DEG = 0.1
"""Edges are cut to this before they are projected: then straight in degrees is straight in metres to about 1 m."""
FINER_BY = 30
"""The edge of what is shut out is drawn this many times finer than the tolerance that made it."""

LINE = Table(
    "line",
    "The line of contact by day.",
    (
        *WHEN,
        Column("geometry", pl.Binary(), "lines, WKB, WGS84", nullable=False),
        Column("length_km", NUMBER, "length on the ellipsoid, km", nullable=False, decimals=LENGTH_DECIMALS),
        Column("pieces", pl.Int64(), "how many pieces it has", nullable=False),
        Column("tolerance_m", NUMBER, "what is nearer to border or coast is no contact, metres", nullable=False),
        Column("simplify_m", NUMBER, "details under this were dropped, metres", nullable=False),
        Column("source_id", TEXT, "the source of the control", nullable=False),
    ),
    key=("source_id", "start"),
)

SECTOR = Table(
    "sector",
    "A piece of the line of contact.",
    (
        Column("sector_id", TEXT, "sector- and the place of its middle, 0.01 degree", nullable=False),
        Column("geometry", pl.Binary(), "a line, WKB, WGS84", nullable=False),
        Column("lon", NUMBER, "its middle, degrees", nullable=False, decimals=PLACE_DECIMALS),
        Column("lat", NUMBER, "degrees", nullable=False, decimals=PLACE_DECIMALS),
        Column("from_m", NUMBER, "metres along the line at which it begins", nullable=False, decimals=METRE_DECIMALS),
        Column("length_km", NUMBER, "length on the ellipsoid, km", nullable=False, decimals=LENGTH_DECIMALS),
        Column("source_id", TEXT, "the source of the control", nullable=False),
    ),
    key=("sector_id",),
)


def contact_line(
    areas: pl.DataFrame,
    land: pl.DataFrame,
    sea: pl.DataFrame,
    *,
    tolerance_m: float = TOLERANCE_M,
    simplify_m: float = 0,
    shortest_km: float = 1,
    smallest_pocket_km2: float = SMALLEST_POCKET_KM2,
) -> pl.DataFrame:
    """The line of contact by day (LINE), one row for each source and time of the control rows in ``areas``.

    Args:
        areas: AREA; its rows of level ``control`` are used.
        land: AREA; regions whose union is the land on which control is contested, without the neighbours beyond it.
        sea: AREA; seas, where regions reach into the water or for want of a coast.
        tolerance_m: what is nearer to the border of ``land`` or to ``sea`` is no contact.
        simplify_m: details of the control's boundary under this size are dropped first.
        shortest_km: pieces shorter than this are dropped.
        smallest_pocket_km2: land apart from the rest and smaller than this is no other side to be in contact with.

    Raises:
        BadInput: ``land`` has no rows.
    """
    if land.is_empty():
        what = "there is no land to draw the line of contact on"
        raise BadInput(Problem("case.yaml", 0, "line", what, "Name a source of areas of level region."))
    control = areas.filter(pl.col("level") == "control").sort("source_id", "valid_from", "area_id", "row")
    if control.is_empty():
        return LINE.empty()
    ground = _shape(land)
    plane = _Plane(ground)
    flat = plane.flat(ground)
    shut = flat.boundary.buffer(tolerance_m)
    if not sea.is_empty():
        shut = shapely.union(shut, plane.flat(_shape(sea)).buffer(tolerance_m))
    open_land = shapely.simplify(shapely.difference(flat, shut), tolerance_m / FINER_BY)
    rows = []
    for (source_id, start), day in control.group_by(["source_id", "valid_from"], maintain_order=True):
        held = plane.flat(_shape(day))
        held = shapely.simplify(held, simplify_m) if simplify_m else held
        pieces = list(_pieces(held, open_land, plane, shortest_km, smallest_pocket_km2))
        rows.append(
            {
                "start": start or datetime(1, 1, 1, tzinfo=UTC),
                "end": day["valid_to"].max() or datetime(9999, 1, 1, tzinfo=UTC),
                "geometry": shapely.MultiLineString(pieces).wkb,
                "length_km": sum(_length_km(piece) for piece in pieces),
                "pieces": len(pieces),
                "tolerance_m": float(tolerance_m),
                "simplify_m": float(simplify_m),
                "source_id": source_id,
            }
        )
    return LINE.hand_over(pl.DataFrame(rows, schema=LINE.schema))


def sectors(line: pl.DataFrame, length_km: float) -> pl.DataFrame:
    """The pieces (SECTOR) of the first line in ``line`` (LINE), each of about ``length_km``.

    Each piece of the line is cut into equal parts. Cut once and keep the sectors for a period: a line that moves gives
    other sectors. An id says where the sector is, so that a piece that comes or goes elsewhere leaves it as it is.

    Raises:
        ValueError: ``length_km`` is not above 0.
    """
    if not length_km > 0:
        raise ValueError("length_km must be above 0")
    rows: list[dict[str, Any]] = []
    from_m = 0.0
    for shape, source_id in line.sort("source_id", "start").head(1).select("geometry", "source_id").iter_rows():
        for piece in shapely.get_parts(shapely.from_wkb(shape)):
            for part in _cut(piece, max(1, round(_length_km(piece) / length_km))):
                middle = shapely.line_interpolate_point(part, 0.5, normalized=True)
                rows.append(
                    {
                        "geometry": part.wkb,
                        "lon": middle.x,
                        "lat": middle.y,
                        "from_m": from_m,
                        "length_km": _length_km(part),
                        "source_id": source_id,
                    }
                )
                from_m += 1000 * _length_km(part)
    if not rows:
        return SECTOR.empty()
    named = pl.DataFrame(rows).with_columns(sector_id=pl.Series([_place_id(row["lon"], row["lat"]) for row in rows]))
    again = pl.col("sector_id").cum_count().over("sector_id")
    unique = pl.when(again > 1).then(pl.format("{}-{}", "sector_id", again)).otherwise("sector_id")
    return SECTOR.hand_over(named.with_columns(sector_id=unique))


class _Plane:
    """An equal-area plane in metres around a shape, for buffers; lengths are taken on the ellipsoid."""

    def __init__(self, around: Any) -> None:
        from pyproj import CRS, Transformer  # noqa: PLC0415  slow to load, and few draw lines

        west, south, east, north = around.bounds
        plane = CRS.from_dict({"proj": "laea", "lon_0": (west + east) / 2, "lat_0": (south + north) / 2})
        self._to = Transformer.from_crs("OGC:CRS84", plane, always_xy=True)

    def flat(self, shape: Any) -> Any:
        """``shape`` in metres, mended where the change of coordinates crossed lines."""
        dense = shapely.segmentize(shape, LONGEST_EDGE_DEG)
        moved = shapely.transform(dense, lambda xy: np.column_stack(self._to.transform(xy[:, 0], xy[:, 1])))
        return moved if moved.is_valid else shapely.make_valid(moved)

    def degrees(self, shape: Any) -> Any:
        """``shape`` in degrees, on the grid on which places are kept."""
        inverse = shapely.transform(
            shape, lambda xy: np.column_stack(self._to.transform(xy[:, 0], xy[:, 1], direction="INVERSE"))
        )
        return shapely.transform(inverse, lambda xy: np.round(xy, PLACE_DECIMALS))


def _shape(areas: pl.DataFrame) -> Any:
    return shapely.union_all(shapely.from_wkb(areas["geometry"].to_list()))


def _pieces(held: Any, open_land: Any, plane: _Plane, shortest_km: float, smallest_km2: float) -> Iterator[Any]:
    """The boundary of ``held`` towards open land that is not held, in degrees, in the order of where pieces begin."""
    free = shapely.get_parts(shapely.difference(open_land, held))
    free = free[shapely.area(free) >= smallest_km2 * 1e6]
    beyond = shapely.buffer(shapely.union_all(free), 1.0)
    contact = shapely.intersection(shapely.boundary(held), beyond)
    lines = shapely.get_parts(contact)
    merged = shapely.line_merge(shapely.union_all(lines[shapely.get_type_id(lines) == 1]))
    found = [plane.degrees(piece) for piece in shapely.get_parts(merged)]
    kept = [shapely.normalize(piece) for piece in found if _length_km(piece) >= shortest_km]
    yield from sorted(kept, key=lambda piece: tuple(piece.coords[0]) + tuple(piece.coords[-1]))


def _length_km(line: Any) -> float:
    return float(geod().geometry_length(line)) / 1000


def _cut(line: Any, parts: int) -> list[Any]:
    """``line`` in equal parts (by length in degrees stretched to metres at its latitude)."""
    if parts == 1:
        return [line]
    x, y = shapely.get_coordinates(line).T
    along = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x) * np.cos(np.radians(y.mean())), np.diff(y)))])
    marks = np.linspace(0, along[-1], parts + 1)
    at_x, at_y = np.interp(marks, along, x), np.interp(marks, along, y)
    cut = []
    for n in range(parts):
        inside = (along > marks[n]) & (along < marks[n + 1])
        xy = np.column_stack([np.r_[at_x[n], x[inside], at_x[n + 1]], np.r_[at_y[n], y[inside], at_y[n + 1]]])
        cut.append(shapely.LineString(np.round(xy, PLACE_DECIMALS)))
    return cut


def _place_id(lon: float, lat: float) -> str:
    east, north = "E" if lon >= 0 else "W", "N" if lat >= 0 else "S"
    return f"sector-{round(abs(lat) * 100):04d}{north}-{round(abs(lon) * 100):05d}{east}"
