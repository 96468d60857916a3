"""Which kinds and places a reading asks for, so that rates ask how well those are watched and no others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
import shapely

from teisen.agreement import Predicate
from teisen.agreement.predicates import AllOf, AnyOf, IsKind, Within
from teisen.agreement.vocabulary import kinds_of
from teisen.compliance.windows import Key

LEAST_SHARE = 0.01
"""An area of which less lies within a rule's areas lies beside them: outlines are drawn to so much (assumed)."""


def asked_kinds(rule: Predicate) -> frozenset[str] | None:
    """Kinds that may fall under a rule; none: it asks for no kind. Exceptions (``unless``) take none away."""
    if isinstance(rule, IsKind):
        return frozenset(kinds_of(rule.is_kind))
    if isinstance(rule, AllOf):
        some = [kinds for part in rule.parts if (kinds := asked_kinds(part)) is not None]
        return frozenset.intersection(*some) if some else None
    if isinstance(rule, AnyOf):
        each = [asked_kinds(part) for part in rule.parts]
        return frozenset().union(*(kinds for kinds in each if kinds is not None)) if None not in each else None
    return None


def outside(rule: Predicate, asked: pl.DataFrame, areas: pl.DataFrame) -> frozenset[str]:
    """Ids of areas in which nothing can fall under a rule, as they lie outside of where it holds.

    Args:
        rule: of a reading; exceptions (``unless``) take no area away.
        asked: AREA, those that are asked about.
        areas: AREA, among them those that the rule names by id or level. One that is not among them may lie anywhere.
    """
    if isinstance(rule, Within):
        named = set(rule.within.areas)
        if not named <= {*areas["area_id"], *areas["level"]}:
            return frozenset()
        there = areas.filter(pl.col("area_id").is_in(named) | pl.col("level").is_in(named))
        where = shapely.union_all(shapely.make_valid(shapely.from_wkb(there["geometry"].to_list())))
        shapes = shapely.make_valid(shapely.from_wkb(asked["geometry"].to_list()))
        share = shapely.area(shapely.intersection(shapes, where)) / shapely.area(shapes)
        inside = {area for area, part in zip(asked["area_id"], share, strict=True) if not part < LEAST_SHARE}
        return frozenset(asked["area_id"]) - inside
    if isinstance(rule, AllOf):
        return frozenset().union(*(outside(part, asked, areas) for part in rule.parts))
    if isinstance(rule, AnyOf):
        return frozenset.intersection(*(outside(part, asked, areas) for part in rule.parts))
    return frozenset()


def inside(
    found: pl.DataFrame,
    elsewhere: Mapping[Key, frozenset[str]],
    reading: Sequence[str],
    places: pl.DataFrame,
    asked: pl.DataFrame,
) -> pl.DataFrame:
    """``found`` without areas outside of where a reading holds: what is a violation under it lies in one of the others.

    It is divided over them as its place has it. Where that has it in none of them, it lies in the nearest (in degrees,
    which is near enough to tell one neighbour from another); what is known by its area alone lies in none.

    Args:
        found: ``reading``, ``area_id``, ``day``, ``finding_id``, ``incident_id``, ``part`` and more.
        elsewhere: areas outside of where each reading holds (:func:`outside`).
        reading: columns with the ids of a reading.
        places: ``incident_id``, ``lon``, ``lat``.
        asked: AREA, those asked about.
    """
    rows = [(*key, area) for key, ids in elsewhere.items() for area in sorted(ids)]
    if not rows:
        return found
    off = pl.DataFrame(rows, schema=[*reading, "area_id"], orient="row")
    which = [*reading, "finding_id", "day"]
    marked = found.join(off.with_columns(off=True), on=[*reading, "area_id"], how="left", maintain_order="left")
    marked = marked.with_columns(pl.col("off").fill_null(False), whole=pl.col("part").sum().over(which))
    left = pl.col("part").filter(~pl.col("off")).sum().over(which)
    kept = marked.filter(~pl.col("off")).with_columns(part=pl.col("part") * pl.col("whole") / left)
    lost = marked.filter(left <= 0).unique(which, keep="first", maintain_order=True).with_columns(part=pl.col("whole"))
    lost = lost.drop("area_id").join(places, on="incident_id", how="left", maintain_order="left")
    near = [
        mine.with_columns(area_id=_nearest(mine, asked.filter(~pl.col("area_id").is_in(elsewhere.get(key, ())))))
        for key, mine in lost.group_by(reading, maintain_order=True)
    ]
    return pl.concat([kept, *near], how="diagonal").select(found.columns)


def _nearest(places: pl.DataFrame, areas: pl.DataFrame) -> pl.Series:
    """The id of the area nearest to each place (``lon``, ``lat``); null: no place is known, or there is no area."""
    if areas.is_empty():
        return pl.Series([None] * places.height, dtype=pl.String)
    areas = areas.sort("area_id")
    known = places["lon"].is_not_null().to_numpy()
    points = shapely.points(places["lon"].fill_null(0.0).to_numpy(), places["lat"].fill_null(0.0).to_numpy())
    nearest = shapely.STRtree(shapely.from_wkb(areas["geometry"].to_list())).nearest(points)
    return areas["area_id"].gather(nearest).zip_with(pl.Series(known), pl.Series([None], dtype=pl.String))
