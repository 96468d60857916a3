"""Small values that tests of judgement build on: incidents, allegations, ground, an agreement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import shapely

from teisen.agreement import Agreement, load_agreement
from teisen.fusion.schema import EVIDENCE, INCIDENT
from teisen.library import library
from teisen.observation import ALLEGATION, AREA, EXPOSURE, SITE
from teisen.sources import Ground

NOON = datetime(2025, 4, 1, 12, tzinfo=UTC)


def shipped(name: str) -> Agreement:
    path = library("agreements") / f"{name}.yaml"
    return load_agreement(Path(path).read_text(encoding="utf-8"), path.name)


def agreement(rule: str, *, binds: str = "[a, b]", extra: str = "", parties: tuple[str, str] = ("a", "b")) -> Agreement:
    one, two = parties
    return load_agreement(
        f"""
format: teisen-agreement/1
id: test
title: Test
summary: A made-up agreement.
parties: [{{id: {one}, name: {one.upper()}}}, {{id: {two}, name: {two.upper()}}}]
statements: [{{id: s, who: a, date: 2025-01-01, language: en, text: T, citation: C, mark: sourced}}]
provisions:
  - id: p
    title: P
    text: {{language: en, words: W, source: s}}
    binds: {binds}
    readings:
      - {{id: one, title: One, held_by: a, sources: [s], rule: {rule}}}
{extra}
""",
        "test.yaml",
    )


def incident(name: str = "inc-1", **changes: Any) -> dict[str, Any]:
    start = changes.pop("start", NOON)
    base: dict[str, Any] = {
        "incident_id": name,
        "start": start,
        "end": changes.pop("end", start + timedelta(hours=1)),
        "lon": 30.0,
        "lat": 50.0,
        "place_error_m": 1000.0,
        "kind": "drone-strike",
        "kinds": [{"kind": "drone-strike", "p": 1.0}],
        "targets": [],
        "weapons": [],
        "actors": [],
        "p_conflict": 0.9,
        "n_observations": 1,
        "n_groups": 1,
        "title": "made up",
    }
    return base | changes


def incidents(*rows: dict[str, Any]) -> pl.DataFrame:
    return INCIDENT.hand_over(INCIDENT.fill(_frame(INCIDENT, rows)))


def allegation(name: str = "alg-1", **changes: Any) -> dict[str, Any]:
    start = changes.pop("start", NOON)
    base: dict[str, Any] = {
        "allegation_id": name,
        "accuser": "a",
        "accused": "b",
        "stated": start,
        "start": start,
        "end": changes.pop("end", start + timedelta(hours=1)),
        "source_zone": "UTC",
        "lon": 30.0,
        "lat": 50.0,
        "place_error_m": 1000.0,
        "kind": "drone-strike",
        "components": [],
        "read": "parsed",
        "flags": [],
        "source_id": "claims",
        "blob": "00",
        "row": 1,
    }
    return base | changes


def allegations(*rows: dict[str, Any]) -> pl.DataFrame:
    return ALLEGATION.hand_over(ALLEGATION.fill(_frame(ALLEGATION, rows)))


def evidence(*rows: dict[str, Any]) -> pl.DataFrame:
    base = {"observation_id": "o", "relation": "member", "log_ratio": 1.0, "reason": "made up"}
    return EVIDENCE.hand_over(EVIDENCE.fill(_frame(EVIDENCE, [base | row for row in rows])))


def exposure(*rows: dict[str, Any]) -> pl.DataFrame:
    base = {"state": "watched", "reason": "made up", "basis": "assumed", "kind": "drone-strike", "area_id": "square"}
    full = [{"exposure_id": f"x:{n}"} | base | row for n, row in enumerate(rows)]
    return EXPOSURE.hand_over(EXPOSURE.fill(_frame(EXPOSURE, full)))


def ground(areas: Sequence[dict[str, Any]] = (), sites: Sequence[dict[str, Any]] = ()) -> Ground:
    of = {"source_id": "g", "blob": "00"}
    area_rows = [
        {"level": "region", "name": row["area_id"], "approximate": False, "row": n} | of | row
        for n, row in enumerate(areas)
    ]
    site_rows = [{"place_error_m": 0.0, "row": n, "site_id": f"g:{n}"} | of | row for n, row in enumerate(sites)]
    return Ground(
        areas=AREA.fill(_frame(AREA, area_rows)) if areas else AREA.empty(),
        sites=SITE.fill(_frame(SITE, site_rows)) if sites else SITE.empty(),
    )


def square(area_id: str = "square", half: float = 1.0, **changes: Any) -> dict[str, Any]:
    box = shapely.box(30 - half, 50 - half, 30 + half, 50 + half)
    return {"area_id": area_id, "geometry": shapely.to_wkb(box)} | changes


def _frame(table: Any, rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    names = {name for row in rows for name in row}
    return pl.DataFrame(rows, schema=pl.Schema({n: t for n, t in table.schema.items() if n in names}))
