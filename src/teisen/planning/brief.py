"""What a plan is asked for: line, ground, sensors, what is to be seen, and the rules; or a placement that is given.

The format ``teisen-watch/1``, a YAML file that people write; :mod:`.solve` makes a plan of it.
"""

from __future__ import annotations

import json
from typing import Annotated, Literal, Self

import polars as pl
import shapely
from pydantic import Field, model_validator

from teisen.agreement.vocabulary import Id
from teisen.documents import Strict, parse
from teisen.errors import BadInput, Problem
from teisen.geodesy import geod
from teisen.planning.line import LINE
from teisen.planning.plan import Condition, Reference, Rules, Schedule, Watched
from teisen.planning.risk import Risk

AT_SEA = "naval-force"
"""The kind that is watched for on sea areas."""

Km = Annotated[float, Field(gt=0)]


class LineOf(Strict):
    """The line: a GeoJSON file beside the brief, or a made-up one of that length."""

    file: str | None = None
    made_km: Km | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.file is None) == (self.made_km is None):
            raise ValueError("give `file:` or `made_km:`")
        return self


class Sites(Strict):
    """Where sensors may stand: every so many kilometres, at these distances from the line, on both sides.

    ``forbidden``: a GeoJSON file of areas; ``access``: a GeoJSON file of settlements or roads that a site has to
    be near to; ``terrain``: a GeoTIFF of heights; ``forest``: a GeoTIFF of the share of forest, 0 to 1.
    """

    every_km: Km = 2
    depths_km: tuple[float, ...] = Field(default=(1, 10, 25), min_length=1)
    forbidden: str | None = None
    access: str | None = None
    most_access_km: Km = 5
    terrain: str | None = None
    forest: str | None = None


class Taken(Strict):
    """So many of a sensor, evenly along the line and in turn on both sides, at sites as near as may be to a depth."""

    sensor: Id
    number: int = Field(gt=0)
    schedule: Schedule = "always"
    depth_km: float = Field(default=1, ge=0)


class Brief(Strict):
    """What a plan is asked for.

    Attributes:
        parties: who holds the ground to the left and to the right of the line as it runs.
        agreement: the agreement whose keeping is watched, by name and hash.
        sector_km: length of the sectors that promises are made for.
        step_km: distance along the line between places at which violations are to be seen.
        line: where forces face each other on land; without it the plan is one of the sea alone.
        sea: a GeoJSON file of sea areas; the kind naval-force is then to be seen there, from sensors on their shores.
        season: conditions of the catalogue to watch under; or ``conditions`` of one's own.
        sensors: a catalogue that ships, or a file beside the brief; ``use``: only these sensors of it.
        take: a placement that is given, to be judged as it is; without it one is found.
        risk: where along the line more is to be expected, and is to be seen with more weight.
    """

    format: Literal["teisen-watch/1"]
    id: Id
    title: str
    parties: tuple[Id, Id]
    agreement: Reference | None = None
    line: LineOf | None = None
    sector_km: Km = 20
    step_km: Km = 2
    sites: Sites = Sites()
    sea: str | None = None
    sensors: str = "basic"
    use: tuple[Id, ...] = ()
    season: str = "year"
    conditions: tuple[Condition, ...] = ()
    watched: tuple[Watched, ...] = Field(min_length=1)
    rules: Rules
    take: tuple[Taken, ...] = ()
    risk: Risk | None = None

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.line is None and self.sea is None:
            raise ValueError("give `line:`, `sea:` or both")
        if self.line is None and (self.risk or any(one.kind != AT_SEA for one in self.watched)):
            raise ValueError(f"without `line:` only {AT_SEA} is watched for, and there is no `risk:`")
        return self


def parse_brief(text: str, file: str) -> Brief:
    """Read a brief.

    Raises:
        BadInput: it is wrong.
    """
    return parse(text, Brief, file)


def read_line(text: str, file: str) -> pl.DataFrame:
    """A line (LINE) from GeoJSON: the lines of all its features, in their order, in WGS84 degrees.

    Raises:
        BadInput: it is no GeoJSON, has no line in it, or leaves the globe.
    """
    shapes = [one for shape in _shapes(text, file) for one in shapely.get_parts(shape) if one.geom_type == "LineString"]
    if not shapes:
        raise BadInput(Problem(file, 0, "", "there is no line in it", "Put in a LineString or MultiLineString."))
    whole = shapely.MultiLineString(shapes)
    west, south, east, north = whole.bounds
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        do = "Write longitude and latitude in degrees, WGS84, in this order."
        raise BadInput(Problem(file, 0, "coordinates", "they lie outside the globe", do))
    row = pl.DataFrame(
        {
            "geometry": [whole.wkb],
            "length_km": [float(geod().geometry_length(whole)) / 1000],
            "pieces": [len(shapes)],
            "tolerance_m": [0.0],
            "simplify_m": [0.0],
            "source_id": ["file"],
        }
    ).with_columns(
        start=pl.datetime(1, 1, 1, time_zone="UTC", time_unit="us"),
        end=pl.datetime(9999, 1, 1, time_zone="UTC", time_unit="us"),
    )
    return LINE.hand_over(row.select(LINE.schema.names()))


def read_places(text: str, file: str) -> pl.DataFrame:
    """Places (``lon``, ``lat``) from GeoJSON: its points, and the corners of its lines.

    Raises:
        BadInput: it is no GeoJSON.
    """
    xy = shapely.get_coordinates(_shapes(text, file))
    return pl.DataFrame({"lon": xy[:, 0], "lat": xy[:, 1]})


def read_areas(text: str, file: str) -> pl.DataFrame:
    """Areas (``geometry``, WKB) from GeoJSON.

    Raises:
        BadInput: it is no GeoJSON.
    """
    return pl.DataFrame({"geometry": [shape.wkb for shape in _shapes(text, file)]}, schema={"geometry": pl.Binary()})


def _shapes(text: str, file: str) -> list[shapely.Geometry]:
    try:
        read = json.loads(text)
        features = read["features"] if read.get("type") == "FeatureCollection" else [read]
        return [shapely.from_geojson(json.dumps(one.get("geometry", one))) for one in features]
    except (ValueError, KeyError, TypeError, AttributeError, shapely.errors.ShapelyError) as error:
        do = "Save it as GeoJSON, with geometries in WGS84 degrees."
        raise BadInput(Problem(file, 0, "", f"it is no GeoJSON: {error}", do)) from None
