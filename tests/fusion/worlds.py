"""Small made-up observations, exposure and areas for the tests of fusion and compliance."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import shapely

from teisen.observation import AREA, EXPOSURE, OBSERVATION
from teisen.sources import Ground
from tests.builders import figure, source

DAY = datetime(2025, 4, 13, tzinfo=UTC)
BLOB = "0" * 64


def at(hours: float, day: datetime = DAY) -> datetime:
    return day + timedelta(hours=hours)


def seen(name: str, lon: float | None = 30.5, lat: float | None = 50.5, **changes: Any) -> dict[str, Any]:
    """One observation; ``name`` is ``source:anything``."""
    kind = changes.get("kind", "missile-strike")
    return {
        "observation_id": name,
        "start": at(0),
        "end": at(24),
        "time_meaning": "within",
        "source_zone": "UTC",
        "lon": lon,
        "lat": lat,
        "kind": kind,
        "kinds": [{"kind": kind, "p": 1.0}],
        "role": "makes",
        "flags": [],
        "source_id": name.split(":", maxsplit=1)[0],
        "blob": BLOB,
        "row": 1,
    } | changes


def observations(*rows: dict[str, Any]) -> pl.DataFrame:
    names = OBSERVATION.schema.names()
    full = [{column: row.get(column) for column in names} for row in rows]
    return OBSERVATION.check(pl.DataFrame(full, schema=OBSERVATION.schema))


def watch(source_id: str, **changes: Any) -> dict[str, Any]:
    row = {
        "start": at(0),
        "end": at(24),
        "area_id": "west",
        "kind": "missile-strike",
        "state": "watched",
        "p_detect": 0.5,
        "reason": "held",
        "basis": "assumed",
        "source_id": source_id,
    } | changes
    row["exposure_id"] = f"{source_id}:{hashlib.sha256(repr(sorted(row.items())).encode()).hexdigest()[:16]}"
    return row


def exposure(*rows: dict[str, Any]) -> pl.DataFrame:
    names = EXPOSURE.schema.names()
    full = [{column: row.get(column) for column in names} for row in rows]
    return EXPOSURE.check(pl.DataFrame(full, schema=EXPOSURE.schema))


def area(area_id: str, west: float, south: float, east: float, north: float) -> dict[str, Any]:
    return {
        "area_id": area_id,
        "level": "region",
        "name": area_id.title(),
        "geometry": shapely.to_wkb(shapely.box(west, south, east, north)),
        "approximate": True,
        "source_id": "areas",
        "blob": BLOB,
        "row": 1,
    }


AREAS = AREA.fill(
    pl.DataFrame(
        [area("west", 29, 50, 31, 51), area("east", 31, 50, 33, 51)],
        schema_overrides={"geometry": pl.Binary, "row": pl.Int64},
    )
)
GROUND = Ground(areas=AREAS)

NEWS = source("news", group="news", role="makes", place_error_m=figure(3000), time_error_s=figure(3600),
              false_share=figure(0.2), detection={"missile-strike": figure(0.7), "drone-strike": figure(0.6)},
              title="News")  # fmt: skip
PAPER = source("paper", group="news", role="makes", place_error_m=figure(3000), false_share=figure(0.2), title="Paper")
FIRES = source("fires", group="satellites", role="makes", place_error_m=figure(400), time_error_s=figure(5400),
               false_share=figure(0.9), detection={"missile-strike": figure(0.15)}, title="Fires")  # fmt: skip
ALERTS = source("alerts", group="alerts", role="supports", detection={"missile-strike": figure(0.9)}, title="Alerts")
TALLY = source("tally", group="tally", role="supports", place_error_m=figure(8000), time_error_s=figure(3600),
               detection={"missile-strike": figure(0.8)}, title="Tally", reported_by="party-b")  # fmt: skip
SOURCES = {s.source_id: s for s in (NEWS, PAPER, FIRES, ALERTS, TALLY)}
