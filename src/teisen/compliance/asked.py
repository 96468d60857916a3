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


def inside(found: pl.DataFrame, elsewhere: Mapping[Key, frozenset[str]], reading: Sequence[str]) -> pl.DataFrame:
    """``found`` without areas outside of where a reading holds: what is a violation under it lies in one of the others,
    divided as its place has it, or where it lies in none of them, in no area.

    Args:
        found: ``reading``, ``area_id``, ``day``, ``finding_id``, ``part`` and more.
        elsewhere: areas outside of where each reading holds (:func:`outside`).
        reading: columns with the ids of a reading.
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
    lost = marked.filter(left <= 0).unique(which, keep="first", maintain_order=True)
    nowhere = lost.with_columns(area_id=pl.lit(None, pl.String), part=pl.col("whole"))
    return pl.concat([kept, nowhere]).select(found.columns)
