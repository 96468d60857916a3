"""Plans as documents, for tests."""

from __future__ import annotations

from typing import Any

from teisen.planning.beside import Beside, Bought, Frontier, Next, NextOne
from teisen.planning.game import TICKETS
from teisen.planning.plan import Plan
from teisen.planning.programme import Drawable, Guarantee, Place, Programme, SectorMix, Watch

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


def beside(of: Plan) -> Beside:
    """What other budgets and one more sensor bring, and patrols: one crew, three slots of four hours at two places."""
    bought = (
        Bought(budget=500000, cost=480000, people=28.0, value=0.4, bound=0.45),
        Bought(budget=2000000, cost=1990000, people=120.0, value=0.8, bound=0.82),
    )
    places = tuple(Place(id=f"crew-place-{n}", lon=-30.5 + n / 10, lat=0.02) for n in range(2))
    routes = ((Watch(place=0, slot=2), Watch(place=0, slot=3), Watch(place=1, slot=4)),)
    sector = SectorMix(
        sector_id="sector-1",
        places=places,
        crews=("crew-1",),
        drawn=(Drawable(tickets=TICKETS, routes=routes),),
        guarantees=(Guarantee(kind="shelling", found=0.125, reached=0.375, most=0.4, hours=20.0, within_day=0.5),),
    )
    patrols = Programme(id="patrols", plan=of.sha256, slot_h=4, period=6, sectors=(sector,))
    more = (
        NextOne(sensor="camera", number=1, cost=75000, people=0.3, adds=0.0123, per_million=0.164, passes=("budget",),
                option_id="site-9/camera/always", sector_id="sector-2", kind="shelling", kind_before=0.8,
                kind_adds=0.02, lost_least=0.011, lost_most=0.011),
        NextOne(sensor="post", number=8, lost_least=0.001, lost_most=0.02),
    )  # fmt: skip
    return Beside(Frontier(plan=of.sha256, rows=bought), patrols, Next(plan=of.sha256, rows=more))
