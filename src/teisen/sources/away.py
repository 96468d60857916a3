"""What was seen or heard some way from who tells it: ``4-6 km NE`` of a town, a post or a camera, as missions write.

The place is that far away in that direction; its error is an ellipse along the line of sight (``place_azimuth_deg``),
as distance and direction are told in steps of their own. A distance alone is a ring around who tells it.
"""

from __future__ import annotations

import math
import re
from dataclasses import astuple, dataclass

import numpy as np
import polars as pl

from teisen.geodesy import Floats, geod
from teisen.sources.rows import Rows

POINTS = ("n", "nne", "ne", "ene", "e", "ese", "se", "sse", "s", "ssw", "sw", "wsw", "w", "wnw", "nw", "nnw")
"""Points of the compass, 22.5 degrees each, clockwise from north."""
UNIFORM = 1 / math.sqrt(12)
"""Standard deviation of what lies evenly in a step of one."""
OF_DISTANCE = 0.2
"""Standard deviation of a distance that is told as one number, by its size (assumed: an estimate by ear or eye)."""
OF_DEGREES = 5.0
"""Standard deviation of a direction in degrees (assumed: a hand compass, rounded)."""
FARTHEST_M = 200_000.0
"""Beyond this nobody hears or sees what happens on the ground (assumed): a slip of the pen."""
ELLIPSE = ("place_error_minor_m", "place_azimuth_deg")
_NUMBER = r"(\d+(?:\.\d+)?)"
_DISTANCE = rf"(?:(?:at|about|approx\.?|approximately|ca\.?|~)\s*)*{_NUMBER}(?:\s*(?:-|to)\s*{_NUMBER})?\s*(km|m)"
_DIRECTION = rf"(?:to the\s+)?(?:([nsew][a-z -]*?)|{_NUMBER}\s*(?:°|deg|degrees))"
_OF = r"(?:\s+of\s.*)?"
_FORMS = (
    (re.compile(rf"{_DISTANCE}(?:[\s,;]*{_DIRECTION})?{_OF}"), (0, 1, 2, 3, 4)),
    (re.compile(rf"{_DIRECTION}[\s,;]*{_DISTANCE}{_OF}"), (2, 3, 4, 0, 1)),
)
"""Forms that are read, and where in each stand distance from and to, unit, point of the compass and degrees."""


@dataclass(frozen=True)
class Away:
    """A distance and a direction (degrees clockwise from north; nan: all around), with a standard deviation each."""

    away_m: float
    away_error_m: float
    azimuth_deg: float
    azimuth_error_deg: float


READ = tuple(Away.__dataclass_fields__)


def away(text: str) -> Away | None:
    """What a text says, or None where it is no distance with or without a direction.

    Points of the compass of three letters are steps of 22.5 degrees, others of 45; a distance from one number to
    another lies evenly between them.
    """
    plain = re.sub(r"\s+", " ", text.lower().replace("–", "-").replace("—", "-")).strip(" .")
    for form, order in _FORMS:
        if found := form.fullmatch(plain):
            groups = found.groups()
            return _read(*(groups[n] for n in order))
    return None


def _read(near: str, far: str | None, unit: str, point: str | None, degrees: str | None) -> Away | None:
    size = 1000.0 if unit == "km" else 1.0
    first, last = float(near) * size, float(far or near) * size
    letters = re.sub(r"[ -]", "", re.sub("north|south|east|west", lambda word: word[0][0], point or ""))
    azimuth = float(degrees) if degrees else math.nan
    error = OF_DEGREES if degrees else math.nan
    if letters:
        if letters not in POINTS:
            return None
        azimuth, error = POINTS.index(letters) * 22.5, (22.5 if len(letters) == 3 else 45.0) * UNIFORM
    if last < first or not 0 < last <= FARTHEST_M or azimuth > 360:
        return None
    spread = (last - first) * UNIFORM if last > first else first * OF_DISTANCE
    return Away((first + last) / 2, spread, azimuth, error)


def named(text: str) -> str:
    """What stands before a distance and direction in brackets at the end of a text; the text where there is none."""
    for found in re.finditer(r" \(", text) if text.endswith(")") else ():
        if away(text[found.end() : -1]):
            return text[: found.start()]
    return text


def set_off(rows: Rows, *, heading: str) -> None:
    """Move places of ``rows`` by column ``away`` (texts; null: they stay), with their error; none of an area is known.

    ``place_error_m`` is that of who tells it (null: none); a row whose text is not understood is set aside. Writes
    ``lon``, ``lat``, ``place_error_m``, ``place_error_minor_m``, ``place_azimuth_deg``, ``area_id``.
    """
    texts = rows.frame["away"].drop_nulls().unique().sort()
    told = [(text, *astuple(found)) for text in texts if (found := away(text))]
    schema = {"away": pl.String, **dict.fromkeys(READ, pl.Float64)}
    known = pl.DataFrame(told, schema=schema, orient="row")
    rows.frame = rows.frame.join(known, on="away", how="left", maintain_order="left")
    rows.set_aside(
        pl.col("away").is_not_null() & pl.col("away_m").is_null(),
        heading,
        pl.format("'{}' is no distance and direction", pl.col("away").str.slice(0, 40)),
        "Write it as 4-6 km NE, 3 km or 1500 m 270°, or leave it empty where it is not known.",
    )
    rows.set_aside(
        pl.col("away").is_not_null() & pl.col("lon").is_null(),
        heading,
        "it tells how far away, but not from where",
        "Give the place that it is told from (`place`, or `lon` and `lat`).",
    )
    frame = rows.frame
    off = pl.col("away").is_not_null()
    moved = [pl.when(off).then(pl.Series(n, v)).otherwise(pl.col(n)) for n, v in _placed(frame).items()]
    absent = [pl.lit(None, pl.Float64).alias(n) for n in ELLIPSE if n not in frame.columns]
    area = pl.when(~off).then("area_id") if "area_id" in frame.columns else pl.lit(None, pl.String)
    rows.frame = frame.with_columns(absent).with_columns(*moved, area.alias("area_id"))


def _placed(frame: pl.DataFrame) -> dict[str, Floats]:
    """Where rows lie, in degrees, with their errors in metres; see :class:`Away` and :func:`set_off`."""
    lon, lat, own = (frame[name].fill_null(0.0).to_numpy() for name in ("lon", "lat", "place_error_m"))
    far, far_error, azimuth, azimuth_error = (frame[name].fill_null(0.0).to_numpy() for name in READ)
    ring = np.isnan(azimuth)
    east, north, _ = geod().fwd(lon, lat, np.where(ring, 0.0, azimuth), np.where(ring, 0.0, far))
    around = np.hypot(far, far_error) / math.sqrt(2)
    along = np.hypot(np.where(ring, around, far_error), own)
    across = np.hypot(np.where(ring, around, far * np.radians(azimuth_error)), own)
    return {
        "lon": np.asarray(east),
        "lat": np.asarray(north),
        "place_error_m": np.maximum(along, across),
        "place_error_minor_m": np.minimum(along, across),
        "place_azimuth_deg": np.where(ring, 0.0, np.where(along >= across, azimuth, azimuth + 90.0) % 180.0),
    }
