"""What changed between two versions of a plan: every value that differs, as a table; places besides, as a map.

Lists are compared by what names their items (an option, a kind, a condition), not by where these stand in the document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from teisen.observation.schema import TEXT
from teisen.planning.plan import Plan
from teisen.tables import Column, Table

PLAN_CHANGE = Table(
    "plan_change",
    "A value that differs between two versions of a plan.",
    (
        Column("part", TEXT, "the part of the document: placement, promises, rules, watched, ...", nullable=False),
        Column("item", TEXT, "what names the item; empty: the part is one", nullable=False),
        Column("change", TEXT, "added, removed or changed", nullable=False),
        Column("field", TEXT, "the value's name; empty: the whole item", nullable=False),
        Column("before", TEXT, "as it was; empty: it was not there"),
        Column("after", TEXT, "as it is; empty: it is not there"),
    ),
    key=("part", "item", "field"),
)

NAMED_BY: Mapping[str, tuple[str, ...]] = {
    "ground": ("name",),
    "catalogue": ("name",),
    "conditions": ("id",),
    "watched": ("kind",),
    "placement": ("option_id",),
    "promises": ("kind", "window_h"),
    "margins": ("of",),
    "assumptions": ("id",),
}
"""What names an item of a list."""
SHOWN: Mapping[str, tuple[str, ...]] = {
    "placement": ("number", "sensor", "schedule", "sector_id", "side"),
    "promises": ("mean", "least", "least_sector"),
}
"""What is told of an item that came or went; of others all."""
SAID_APART = ("format", "version")
"""Differs by itself, and says nothing."""


def changes(old: Plan, new: Plan) -> pl.DataFrame:
    """What differs (PLAN_CHANGE)."""
    before, after = old.model_dump(mode="json"), new.model_dump(mode="json")
    rows = [
        (part, *row)
        for part in sorted({*before, *after} - {*SAID_APART})
        for row in _part(part, before.get(part), after.get(part))
    ]
    return PLAN_CHANGE.hand_over(pl.DataFrame(rows, schema=PLAN_CHANGE.schema, orient="row"))


def change_map(old: Plan, new: Plan) -> dict[str, Any]:
    """Where something was placed, removed or changed: a GeoJSON FeatureCollection of the options that differ."""
    rows = changes(old, new).filter(part="placement")
    at = {one.option_id: one for one in (*old.placement, *new.placement)}
    features = []
    for item, change in rows.group_by("item", maintain_order=True).agg(pl.col("change").first()).iter_rows():
        one = at[item]
        if one.lon is None or one.lat is None:
            continue
        properties = {"option_id": item, "sensor": one.sensor, "sector_id": one.sector_id, "change": change}
        numbers = [next((p.number for p in plan.placement if p.option_id == item), 0) for plan in (old, new)]
        geometry = {"type": "Point", "coordinates": [one.lon, one.lat]}
        properties |= {"number_before": numbers[0], "number_after": numbers[1]}
        features.append({"type": "Feature", "id": item, "geometry": geometry, "properties": properties})
    return {"type": "FeatureCollection", "features": features}


def _part(part: str, before: Any, after: Any) -> Iterator[tuple[str, str, str, str | None, str | None]]:
    """Item, change, field, before, after."""
    if part in NAMED_BY:
        one, two = ({_name(part, item): item for item in side or []} for side in (before, after))
        for name in sorted({*one, *two}):
            yield from _item(name, one.get(name), two.get(name), SHOWN.get(part))
    elif isinstance(before, Mapping) or isinstance(after, Mapping):
        yield from _item("", before, after)
    elif before != after:
        yield "", "changed", part, _text(before), _text(after)


def _item(
    name: str, before: Any, after: Any, shown: tuple[str, ...] | None = None
) -> Iterator[tuple[str, str, str, str | None, str | None]]:
    if before is None or after is None:
        if before != after:
            told = [one and ({k: one[k] for k in shown} if shown else one) for one in (before, after)]
            yield name, "added" if before is None else "removed", "", _text(told[0]), _text(told[1])
        return
    for field in sorted({*before, *after}):
        if before.get(field) != after.get(field):
            yield name, "changed", field, _text(before.get(field)), _text(after.get(field))


def _name(part: str, item: Mapping[str, Any]) -> str:
    return " ".join(_text(item[field]) or "" for field in NAMED_BY[part])


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_text(one)}" for key, one in value.items() if one not in (None, [], ""))
    if isinstance(value, list):
        return ", ".join(_text(one) or "" for one in value)
    return str(value)
