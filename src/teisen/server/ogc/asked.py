"""What a request for features asks for, read strictly: what is not known or not well formed is refused (400)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl
import shapely

from teisen.languages import text
from teisen.server.problems import Refusal
from teisen.tables import Table

MOST = 10_000
"""Most features in an answer."""
USUAL = 100
FURTHEST = 10_000_000
STARTS, ENDS = ("start", "valid_from", "stated", "decided"), ("end", "valid_to", "stated", "decided")
"""Columns that a feature's time begins and ends with; of a table the first pair that it has."""
OWN = frozenset({"bbox", "datetime", "limit", "offset", "f", "lang"})
NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,30})?([eE][+-]?\d{1,2})?")
SIMPLE = (pl.String, pl.Boolean, pl.Int64, pl.Float64)


@dataclass(frozen=True)
class Asked:
    """Which features, and which part of them."""

    bbox: tuple[float, float, float, float] | None
    times: tuple[datetime | None, datetime | None] | None
    same: tuple[tuple[str, Any], ...]
    limit: int
    offset: int


def asked(table: Table, query: Sequence[tuple[str, str]]) -> Asked:
    """The parameters of a request for features of ``table``.

    Raises:
        Refusal: a parameter is unknown, stands twice, or its value is not well formed (400).
    """
    given = dict(query)
    if len(given) != len(query):
        raise Refusal(400, text("A parameter stands twice."))
    filters = queryables(table)
    if unknown := sorted(set(given) - OWN - set(filters)):
        raise Refusal(400, text("No parameter is called {name} here.").format(name=unknown[0]))
    if given.get("f", "json") not in ("json", "geojson"):
        raise Refusal(400, text("Features come as GeoJSON alone: f=json."))
    return Asked(
        _bbox(given["bbox"]) if "bbox" in given else None,
        _times(given["datetime"]) if "datetime" in given else None,
        tuple((name, _value(name, given[name], filters[name])) for name in sorted(filters) if name in given),
        min(_whole("limit", given.get("limit", str(USUAL)), 1), MOST),
        _whole("offset", given.get("offset", "0"), 0),
    )


def queryables(table: Table) -> dict[str, Any]:
    """Columns that features can be filtered by: those of one simple value."""
    return {c.name: c.dtype for c in table.columns if c.dtype in SIMPLE and c.name not in {"lon", "lat", *OWN}}


def chosen(frame: pl.DataFrame, what: Asked) -> pl.DataFrame:
    """The rows of a table that are asked for, all parts of them; with ``bbox`` only rows that have a place."""
    for name, value in what.same:
        frame = frame.filter(pl.col(name) == value)
    if what.times:
        frame = frame.filter(_during(frame, *what.times))
    return frame if what.bbox is None else frame.filter(_inside(frame, what.bbox))


def _during(frame: pl.DataFrame, since: datetime | None, until: datetime | None) -> pl.Expr:
    """Rows whose time meets the interval; an end that is not told is open, and a row without a time meets all."""
    starts, ends = (next((n for n in names if n in frame.columns), None) for names in (STARTS, ENDS))
    begun = pl.lit(True) if starts is None or until is None else (pl.col(starts) <= until).fill_null(True)
    lasts = pl.lit(True) if ends is None or since is None else (pl.col(ends) >= since).fill_null(True)
    return begun & lasts


def _inside(frame: pl.DataFrame, bbox: tuple[float, float, float, float]) -> pl.Series:
    west, south, east, north = bbox
    spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    hit = pl.Series([False]).new_from_index(0, frame.height)
    if "lon" in frame.columns:
        across = pl.any_horizontal(pl.col("lon").is_between(a, b) for a, b in spans)
        hit = frame.select((across & pl.col("lat").is_between(south, north)).fill_null(False)).to_series()
    if "geometry" in frame.columns:
        shapes = shapely.from_wkb(frame["geometry"].to_list())
        boxes = [shapely.box(a, south, b, north) for a, b in spans]
        met = pl.Series([bool(any(shapely.intersects(s, b) for b in boxes)) for s in shapes], dtype=pl.Boolean)
        own = frame["geometry"].is_not_null()
        hit = (own & met) | (~own & hit)
    return hit


def _bbox(given: str) -> tuple[float, float, float, float]:
    parts = given.split(",")
    if len(parts) not in (4, 6) or not all(NUMBER.fullmatch(part) for part in parts):
        raise Refusal(400, text("Write bbox as west,south,east,north in degrees of CRS84."))
    numbers = [float(part) for part in parts]
    west, south, east, north = numbers if len(numbers) == 4 else (*numbers[:2], *numbers[3:5])
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise Refusal(400, text("Write bbox as west,south,east,north in degrees of CRS84, south below north."))
    return west, south, east, north


def _times(given: str) -> tuple[datetime | None, datetime | None]:
    """An instant or an interval (RFC 3339), open with ``..`` or nothing."""
    parts = given.split("/")
    if len(parts) == 1:
        moment = _moment(parts[0])
        return moment, moment
    if len(parts) != 2:
        raise Refusal(400, text("Write datetime as an instant or as start/end."))
    since, until = (None if part in ("", "..") else _moment(part) for part in parts)
    if since is None and until is None:
        raise Refusal(400, text("An interval needs a start or an end."))
    if since is not None and until is not None and until < since:
        raise Refusal(400, text("The interval ends before it begins."))
    return since, until


def _moment(given: str) -> datetime:
    try:
        moment = datetime.fromisoformat(given)
        utc = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.tzinfo is None or "T" not in given.upper():
        raise Refusal(400, text("Write a moment as 2025-04-20T00:00:00Z."))
    return utc


def _whole(name: str, given: str, least: int) -> int:
    if not (given.isascii() and given.isdigit() and len(given) <= 9) or not least <= int(given) <= FURTHEST:
        raise Refusal(400, text("Write {name} as a whole number from {least} on.").format(name=name, least=least))
    return int(given)


def _value(name: str, given: str, dtype: Any) -> Any:
    if dtype == pl.String:
        return given
    if dtype == pl.Boolean:
        if given not in ("true", "false"):
            raise Refusal(400, text("Write {name} as true or false.").format(name=name))
        return given == "true"
    if not NUMBER.fullmatch(given):
        raise Refusal(400, text("Write {name} as a number.").format(name=name))
    return float(given)


def described(dtype: Any) -> Mapping[str, str]:
    """A filter's type as a JSON schema has it."""
    names: Mapping[Any, str] = {pl.String: "string", pl.Boolean: "boolean", pl.Int64: "integer", pl.Float64: "number"}
    return {"type": next(name for kind, name in names.items() if dtype == kind)}
