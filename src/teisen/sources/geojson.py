"""From the bytes of a GeoJSON file to its features, the areas and lines in them; what fails is set aside by number."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from teisen.errors import BadInput, Problem
from teisen.geodesy import METRES_PER_DEGREE
from teisen.observation import SET_ASIDE
from teisen.sources.reader import Scope, Source, SourceFile
from teisen.sources.rows import unpack
from teisen.tables import Table

MENDED_GRID_DEG = 1e-7
"""Polygons that had to be made valid are put on this grid (about 1 cm), so that they are the same everywhere."""
WIDEST_DEG, WHOLE_GLOBE_DEG = 180.0, 360.0
"""A part wider than the one and narrower than the other was drawn across the 180th meridian the long way round."""
LONG_WAY = "seems to cross the 180th meridian the long way round"
CUT = "Cut it there into a {} (RFC 7946, section 3.1.9)."
RAW_LENGTH = 2000
"""Characters of a feature that are kept with the reason why it was set aside."""


@dataclass(frozen=True)
class Feature:
    """One feature: its number in the file (from 1), its properties, and its geometry as it stood there."""

    row: int
    properties: dict[str, Any]
    geometry: Any


class Aside:
    """Features of one file that could not be read, on their way to SET_ASIDE."""

    def __init__(self, file: SourceFile, source: Source) -> None:
        self.file = file
        self.source = source
        self.rows: list[dict[str, Any]] = []

    def add(self, row: int, column: str, what: str, do: str, raw: str = "") -> None:
        """Set number ``row`` aside."""
        self.rows.append({"row": row, "column": column, "what": what, "do": do, "raw": raw[:RAW_LENGTH]})

    def table(self) -> pl.DataFrame:
        """All that was set aside (SET_ASIDE)."""
        whole = {"source_id": self.source.source_id, "file": self.file.name, "blob": self.file.blob}
        return table_of(SET_ASIDE, [whole | row for row in self.rows])


def features(file: SourceFile) -> list[Feature]:
    """The features of a GeoJSON file, plain or gzipped.

    Raises:
        BadInput: it breaks off, is no JSON, no feature collection, or not in degrees of WGS84.
    """
    content, damage = unpack(file)
    if damage:
        raise BadInput(Problem(file.name, 0, "", damage, "Send the file again, whole."))
    return features_of(content, file.name)


def features_of(content: bytes, name: str) -> list[Feature]:
    """The features in ``content``, a GeoJSON text called ``name`` in messages.

    Raises:
        BadInput: as :func:`features`.
    """
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadInput(Problem(name, 0, "", "it is not UTF-8", "Save the file as UTF-8 and send it again.")) from None
    except (ValueError, RecursionError) as error:
        what = f"not readable as JSON: {error}"
        raise BadInput(Problem(name, 0, "", what, "Send the file again, whole, as GeoJSON.")) from None
    found = data.get("features") if isinstance(data, dict) else None
    if not isinstance(found, list):
        what = "it holds no list of features"
        raise BadInput(Problem(name, 0, "features", what, "Send a GeoJSON FeatureCollection."))
    crs = str(_object(_object(data.get("crs")).get("properties")).get("name", "CRS84"))
    if not crs.endswith(("CRS84", "4326")):
        what = f"its coordinates are in {crs}, not in degrees of WGS84"
        raise BadInput(Problem(name, 0, "crs", what, "Convert it to WGS84 (EPSG:4326)."))
    parts = [feature if isinstance(feature, dict) else {} for feature in found]
    return [
        Feature(number, _object(part.get("properties")), part.get("geometry")) for number, part in enumerate(parts, 1)
    ]


def _object(given: Any) -> dict[str, Any]:
    """A JSON object; the empty one in place of anything else."""
    return given if isinstance(given, dict) else {}


class _NoShape(Exception):
    """What is wrong with a geometry, and what to do."""


def polygon(feature: Feature, aside: Aside, scope: Scope | None = None) -> Any | None:
    """The polygon or multipolygon of a feature, made valid; None where it was set aside.

    With ``scope``, one that lies outside the case's box but would be in it with longitude and latitude exchanged is
    taken for swapped.
    """
    return _or_aside(feature, aside, lambda raw: _mended(_shape(raw, scope, "Polygon")))


def line(feature: Feature, aside: Aside, scope: Scope | None = None) -> Any | None:
    """The line or lines of a feature; None where it was set aside. ``scope`` as for :func:`polygon`."""
    return _or_aside(feature, aside, lambda raw: _long(_shape(raw, scope, "LineString")))


def _or_aside(feature: Feature, aside: Aside, read: Callable[[str], Any]) -> Any | None:
    raw = json.dumps(feature.geometry, ensure_ascii=False)
    try:
        return read(raw)
    except _NoShape as error:
        what, do = error.args
        aside.add(feature.row, "geometry", what, do, raw)
        return None


def _shape(raw: str, scope: Scope | None, wanted: str) -> Any:
    """The geometry in ``raw``, of the type ``wanted`` or several of it."""
    try:
        shape = None if raw == "null" else shapely.from_geojson(raw)
    except (shapely.errors.GEOSException, TypeError) as error:
        what = f"not readable as a GeoJSON geometry ({error})"
        raise _NoShape(what, "Correct the feature's geometry.") from None
    if shape is None or shape.is_empty or shape.geom_type not in (wanted, f"Multi{wanted}"):
        kind = "empty" if shape is None or shape.is_empty else f"a {shape.geom_type}"
        word = {"Polygon": "polygon", "LineString": "line"}[wanted]
        raise _NoShape(f"the geometry is {kind}, not a {word}", f"Give a {wanted} or Multi{wanted}.")
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        what = f"coordinates from {west:g} {south:g} to {east:g} {north:g} are no degrees"
        raise _NoShape(what, "Convert it to WGS84.")
    if long_way_round([shape]).any():
        what = f"it is {east - west:g} degrees wide: it {LONG_WAY}"
        raise _NoShape(what, CUT.format(f"Multi{wanted}"))
    if scope and _swapped(scope, west, south, east, north):
        raise _NoShape("longitude and latitude seem to be exchanged", "Write longitude first, then latitude.")
    return shape


def long_way_round(shapes: Sequence[Any]) -> NDArray[np.bool_]:
    """Which shapes (None: none) have a part that seems to cross the 180th meridian the long way round."""
    parts, of = shapely.get_parts(np.array(shapes, dtype=object), return_index=True)
    wide = np.ptp(shapely.bounds(parts)[:, [0, 2]], axis=1)
    found = np.zeros(len(shapes), np.bool_)
    found[of[(wide > WIDEST_DEG) & (wide < WHOLE_GLOBE_DEG)]] = True
    return found


def in_one_piece(shape: Any) -> Any:
    """A shape cut at the 180th meridian with its parts side by side, on longitudes beyond 180; others as they are."""
    if shape is None or shape.bounds[2] - shape.bounds[0] <= WIDEST_DEG:
        return shape
    parts = [
        part
        if part.is_empty or part.centroid.x >= 0
        else shapely.transform(part, lambda xy: np.add(xy, (WHOLE_GLOBE_DEG, 0.0)))
        for part in shapely.get_parts(shape)
    ]
    moved = type(shape)(parts) if len(parts) > 1 else shape
    return moved if moved.bounds[2] - moved.bounds[0] < shape.bounds[2] - shape.bounds[0] else shape


def _long(shape: Any) -> Any:
    if shape.length == 0:
        raise _NoShape("the line has no length", "Draw the line again.")
    return shape


def _mended(shape: Any) -> Any:
    if shape.is_valid:
        return shape
    mended = shapely.set_precision(shapely.make_valid(shape), MENDED_GRID_DEG)
    parts = [part for part in shapely.get_parts(mended) if part.geom_type in ("Polygon", "MultiPolygon")]
    if not any(part.area > 0 for part in parts):
        raise _NoShape("the ring has no area", "Draw the polygon again.")
    return shapely.union_all(parts)


def simplified(shapes: list[Any], tolerance_m: float) -> list[Any]:
    """Polygons with fewer vertices; neighbours keep their shared borders. Details under ``tolerance_m`` go."""
    if not shapes or tolerance_m <= 0:
        return shapes
    return list(shapely.coverage_simplify(np.array(shapes, dtype=object), tolerance_m / METRES_PER_DEGREE))


def table_of(table: Table, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Few rows as ``table``; a column that they lack is empty."""
    return table.check(pl.DataFrame(list(rows), schema=table.schema) if rows else table.empty())


def _swapped(scope: Scope, west: float, south: float, east: float, north: float) -> bool:
    box = shapely.box(scope.west, scope.south, scope.east, scope.north)
    as_is, exchanged = shapely.box(west, south, east, north), shapely.box(south, west, north, east)
    return bool(not box.intersects(as_is) and box.contains(exchanged))
