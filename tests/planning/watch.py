"""Small settings for tests of the watch plan."""

from __future__ import annotations

from typing import Any

from teisen.planning import Brief, Setting, load_catalogue, made_line, setting

CONDITIONS = [
    {"id": "day", "share": 0.5, "night": False, "weather": "clear"},
    {"id": "night", "share": 0.5, "night": True, "weather": "wind"},
]
USE = ["patrol", "camera-thermal", "acoustic-artillery", "ground-radar"]


def brief(**changes: Any) -> Brief:
    """A brief for 40 km, with the changes; ``rules`` are changed one by one."""
    values: dict[str, Any] = {
        "format": "teisen-watch/1",
        "id": "small",
        "title": "Small",
        "parties": ["party-a", "party-b"],
        "line": {"made_km": 40},
        "sector_km": 10,
        "step_km": 2,
        "sites": {"every_km": 8, "depths_km": [1, 8]},
        "conditions": CONDITIONS,
        "use": USE,
        "watched": [
            {"kind": "shelling", "depths_m": [1000, 6000]},
            {"kind": "small-arms-fire", "depths_m": [300]},
        ],
    }
    rules = {"budget": 1_000_000, "window_h": 24} | changes.pop("rules", {})
    return Brief.model_validate(values | changes | {"rules": rules})


def here(**changes: Any) -> Setting:
    """The setting of :func:`brief`."""
    asked = brief(**changes)
    assert asked.line is not None
    assert asked.line.made_km
    return setting(asked, made_line(asked.line.made_km), *load_catalogue())
