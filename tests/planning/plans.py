"""Plans as documents, for tests."""

from __future__ import annotations

from typing import Any

from teisen.planning.plan import Plan

SHA = "a" * 64


def placed(n: int, sensor: str = "post", **changes: Any) -> dict[str, Any]:
    """Something placed at kilometre 10 n."""
    values = {
        "option_id": f"site-{n}/{sensor}/always", "site_id": f"site-{n}", "sector_id": f"sector-{n // 2}",
        "sensor": sensor,
        "schedule": "always", "number": 1, "lon": round(-31 + n * 0.09, 5), "lat": 0.01,
        "side": ("party-a", "party-b")[n % 2],
        "cost": 100000.0, "people": 6.0,
    }  # fmt: skip
    return values | changes


def plan(**changes: Any) -> Plan:
    """A plan of six posts along 60 km."""
    values: dict[str, Any] = {
        "format": "teisen-plan/1", "id": "line-plan", "title": "Watch of the line", "parties": ("party-a", "party-b"),
        "line": {"name": "line.geojson", "sha256": SHA}, "line_km": 60.0, "sectors": 3,
        "catalogue": [{"name": "basic", "sha256": SHA}],
        "conditions": [{"id": "day", "share": 0.5, "night": False, "weather": "clear"},
                       {"id": "night", "share": 0.5, "night": True, "weather": "cloud"}],
        "watched": [{"kind": "shelling"}, {"kind": "small-arms-fire"}],
        "rules": {"budget": 1000000.0},
        "placement": [placed(n) for n in range(6)],
        "promises": [{"kind": "shelling", "window_h": 24.0, "mean": 0.8, "least": 0.6, "least_sector": "sector-2",
                      "by_two": 0.2},
                     {"kind": "small-arms-fire", "window_h": 24.0, "mean": 0.5, "least": 0.1,
                      "least_sector": "sector-1", "by_two": 0.1}],
        "bound": {"value": 0.65, "bound": 0.66, "method": "Frank-Wolfe"},
        "assumptions": [{"id": "post.sees.shelling.near", "value": 0.8, "low": 0.5, "high": 0.9, "basis": "assumed",
                         "origin": "chosen", "at_low": 0.5, "at_high": 0.7}],
    }  # fmt: skip
    return Plan.model_validate(values | changes)
