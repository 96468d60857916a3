"""Small made-up derived tables for tests of what leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import polars as pl
import shapely

from teisen.observation import Licence
from teisen.release import TABLES
from teisen.sources import Source
from tests.builders import source

START = datetime(2025, 4, 1, tzinfo=UTC)
CLOSED_WORDS = "words of a closed source"


def sources() -> dict[str, Source]:
    closed = Licence(name="none", attribution="a channel", redistribute=False)
    return {"open": source("open"), "shut": source("shut", licence=closed)}


def observations(places: Sequence[tuple[float, float]], minutes: Sequence[int], shut: Sequence[bool]) -> pl.DataFrame:
    n = len(places)
    times = [START + timedelta(minutes=m) for m in minutes]
    owner = ["shut" if s else "open" for s in shut]
    return TABLES["observation"].build(
        {
            "observation_id": [f"{owner[i]}:{i:016x}" for i in range(n)],
            "start": times,
            "end": times,
            "time_meaning": ["within"] * n,
            "source_zone": ["UTC"] * n,
            "lon": [p[0] for p in places],
            "lat": [p[1] for p in places],
            "place_error_m": [100.0] * n,
            "kind": ["explosion"] * n,
            "kinds": [[{"kind": "explosion", "p": 1.0}]] * n,
            "role": ["makes"] * n,
            "flags": [[]] * n,
            "text": [CLOSED_WORDS if s else "free words" for s in shut],
            "source_id": owner,
            "blob": ["ab"] * n,
            "row": list(range(1, n + 1)),
        }
    )


def incidents(places: Sequence[tuple[float, float]], minutes: Sequence[int], shut: Sequence[bool]) -> pl.DataFrame:
    n = len(places)
    times = [START + timedelta(minutes=m) for m in minutes]
    return TABLES["incident"].build(
        {
            "incident_id": [f"inc-{i:012x}" for i in range(n)],
            "start": times,
            "end": times,
            "lon": [p[0] for p in places],
            "lat": [p[1] for p in places],
            "place_error_m": [100.0] * n,
            "place_name": [CLOSED_WORDS if s else "Town" for s in shut],
            "kind": ["explosion"] * n,
            "kinds": [[{"kind": "explosion", "p": 1.0}]] * n,
            "targets": [[]] * n,
            "weapons": [[]] * n,
            "actors": [[]] * n,
            "p_conflict": [0.9] * n,
            "n_observations": [1] * n,
            "n_groups": [1] * n,
            "title": [CLOSED_WORDS if s else "free words" for s in shut],
        }
    )


def evidence(shut: Sequence[bool]) -> pl.DataFrame:
    owner = ["shut" if s else "open" for s in shut]
    n = len(owner)
    return TABLES["evidence"].build(
        {
            "incident_id": [f"inc-{i:012x}" for i in range(n)] * 2,
            "source_id": owner + ["open"] * n,
            "observation_id": [f"{owner[i]}:{i:016x}" for i in range(n)] + [""] * n,
            "relation": ["member"] * n + ["missed"] * n,
            "log_ratio": [1.0] * n + [-0.2] * n,
            "p_detect": [None] * n + [0.4] * n,
            "reason": ["reported it"] * n + ["missed it"] * n,
        }
    )


def exposure(rows: Sequence[tuple[str | None, float | None, int, float | None]]) -> pl.DataFrame:
    """Rows of area, longitude (at latitude 50), hour from START, probability."""
    return TABLES["exposure"].build(
        {
            "exposure_id": [f"open:{i:016x}" for i in range(len(rows))],
            "start": [START + timedelta(hours=h) for _, _, h, _ in rows],
            "end": [START + timedelta(hours=h + 1) for _, _, h, _ in rows],
            "area_id": [a for a, _, _, _ in rows],
            "lon": [x for _, x, _, _ in rows],
            "lat": [None if x is None else 50.0 for _, x, _, _ in rows],
            "radius_m": [None if x is None else 5000.0 for _, x, _, _ in rows],
            "kind": ["explosion"] * len(rows),
            "state": ["watched" if p else "cloud" for _, _, _, p in rows],
            "p_detect": [p for _, _, _, p in rows],
            "reason": ["as it was"] * len(rows),
            "basis": ["declared"] * len(rows),
            "source_id": ["open"] * len(rows),
        }
    )


def areas() -> pl.DataFrame:
    return TABLES["area"].build(
        {
            "area_id": ["R-1", "held"],
            "level": ["region", "control"],
            "name": ["Region", "Held"],
            "geometry": [shapely.to_wkb(shapely.box(30, 49, 31, 51)), shapely.to_wkb(shapely.box(30.1234, 49, 31, 51))],
            "approximate": [False, False],
            "source_id": ["open", "open"],
            "blob": ["ab", "ab"],
            "row": [1, 2],
        }
    )


def rates(recorded: Mapping[str, float]) -> pl.DataFrame:
    """One provision and reading on one day, counts by area, and their total under ``*``."""
    counts = dict(recorded) | {"*": sum(recorded.values())}
    n = len(counts)
    return TABLES["rate"].build(
        {
            "agreement_id": ["a"] * n,
            "provision_id": ["p"] * n,
            "reading_id": ["r"] * n,
            "area_id": list(counts),
            "start": [START] * n,
            "end": [START + timedelta(days=1)] * n,
            "recorded": [float(v) for v in counts.values()],
            "expected": [float(v) for v in counts.values()],
            "watched": [0.5] * n,
            "word": ["seen"] * n,
        }
    )
