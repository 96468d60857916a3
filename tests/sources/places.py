"""Made-up ground that tests of readers stand on: two square regions and a town."""

from __future__ import annotations

import shapely

from teisen.observation import AREA, CONDITION, NAME
from teisen.sources import Ground

EAST, WEST = "XX-E", "XX-W"


def ground(*conditions: dict[str, object]) -> Ground:
    boxes = [shapely.box(34, 49, 36, 51), shapely.box(24, 49, 26, 51)]
    areas = AREA.build(
        {
            "area_id": [EAST, WEST],
            "level": ["region", "region"],
            "name": ["East", "West"],
            "geometry": [shapely.to_wkb(box) for box in boxes],
            "approximate": [False, False],
            "source_id": ["ground", "ground"],
            "blob": ["0", "0"],
            "row": [1, 2],
        }
    )
    names = NAME.build(
        {
            "name": ["East oblast", "West oblast", "Eastern City", "Twice", "Twice"],
            "area_id": [EAST, WEST, EAST, EAST, WEST],
            "lon": [None, None, 34.8, 34.5, 25.5],
            "lat": [None, None, 50.9, 50.0, 50.0],
            "place_error_m": [None, None, 3000.0, 1000.0, 1000.0],
            "source_id": ["ground"] * 5,
            "blob": ["0"] * 5,
            "row": [1, 2, 3, 4, 5],
        }
    )
    origin = {"source_id": "weather", "blob": "0"}
    stated = [
        CONDITION.build({k: [v] for k, v in (origin | {"row": n} | row).items()}) for n, row in enumerate(conditions)
    ]
    return Ground(areas=areas, names=names, conditions=CONDITION.gather(stated))
