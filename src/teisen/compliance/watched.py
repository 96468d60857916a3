"""How well each area was watched on each day: P(some source would have reported an attack that happened then)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from teisen.fusion import coverage, seen_by_source
from teisen.fusion.coverage import area_sizes
from teisen.observation import attack_kinds
from teisen.sources import Source

ALL = "*"
DETECTION_ERROR: Mapping[str, float] = {"measured": 0.15, "declared": 0.4, "assumed": 0.5}
"""Standard deviation of the log of a probability to detect, by how it is known (assumed): where it is chosen, the truth
lies within a factor of 2.3 of it in nine of ten cases."""


@dataclass(frozen=True)
class Looks:
    """What each source could have seen of each cell, by kind; asked of exposure once and used for any mix of kinds."""

    places: pl.DataFrame
    seen: pl.DataFrame
    groups: pl.DataFrame

    def by_group(self, kinds: Mapping[str, float] | None = None) -> pl.DataFrame:
        """``id``, ``group``, ``p`` (known ones alone) and ``error``: P(detect) of the best source of each group.

        ``kinds`` are the weights of kinds, which sum to 1; without them kinds of attack weigh the same.
        """
        mix = kinds or dict.fromkeys(attack_kinds(), 1 / len(attack_kinds()))
        weights = pl.DataFrame(
            {"kind": list(mix), "weight": list(mix.values())}, schema_overrides={"weight": pl.Float64}
        )
        by_source = seen_by_source(self.seen, self.seen.select("id").unique().join(weights, how="cross"))
        return (
            by_source.filter(pl.col("p").is_not_null())
            .join(self.groups, on="source_id")
            .sort(["id", "group", "p", "source_id"], descending=[False, False, True, False])
            .unique(["id", "group"], keep="first", maintain_order=True)
            .select("id", "group", "p", "error")
        )


def looks(
    cells: pl.DataFrame, exposure: pl.DataFrame, areas: pl.DataFrame, sources: Mapping[str, Source] | None
) -> Looks:
    """What each source could have seen of ``cells``: ``area_id``, ``day``, ``from_s``, ``to_s``.

    Args:
        cells: areas by days, without the row for all areas.
        exposure: EXPOSURE.
        areas: AREA.
        sources: where given, only those that make incidents count (an alert alone records nothing), and sources of one
            group count once, with the best of them. Without it every source counts as one that makes, and alone.
    """
    if sources is not None:
        makers = sorted(name for name, source in sources.items() if source.profile.role == "makes")
        exposure = exposure.filter(pl.col("source_id").is_in(makers))
    named = {name: source.profile.group for name, source in (sources or {}).items()}
    groups = (
        exposure.filter(pl.col("p_detect").is_not_null())
        .group_by("source_id")
        .agg(error=pl.col("basis").replace_strict(DETECTION_ERROR, default=0.5).pow(2).mean().sqrt().round(4))
        .with_columns(group=pl.col("source_id").replace(named))
        .sort("source_id")
    )
    places = cells.with_row_index("id").with_columns(
        pl.col("id").cast(pl.Int64), lon=pl.lit(None, pl.Float64), lat=pl.lit(None, pl.Float64)
    )
    return Looks(places, coverage(places, exposure, areas), groups)


def watched(
    cells: pl.DataFrame, exposure: pl.DataFrame, areas: pl.DataFrame, sources: Mapping[str, Source] | None
) -> pl.DataFrame:
    """:func:`share_watched` of what :func:`looks` tells."""
    return share_watched(looks(cells, exposure, areas, sources), areas)


def share_watched(looked: Looks, areas: pl.DataFrame, kinds: Mapping[str, float] | None = None) -> pl.DataFrame:
    """Probability that some source reports an attack, by area and day.

    Time of a day without an exposure row counts as not watched.

    Returns:
        ``area_id``, ``day``, ``watched`` (empty: no source's probability is known), also for the area ``*``: the mean
        of areas, weighted by their size.
    """
    by_group = (
        looked.by_group(kinds)
        .group_by("id", maintain_order=True)
        .agg(watched=(1 - (1 - pl.col("p")).product()).round(4))
    )
    by_area = looked.places.join(by_group, on="id", how="left", maintain_order="left").select(
        "area_id", "day", "watched"
    )
    sized = by_area.join(area_sizes(areas), on="area_id", how="left", maintain_order="left")
    size = pl.col("size_m2").fill_null(pl.col("size_m2").mean()).fill_null(1.0)
    known = pl.col("watched").is_not_null()
    everywhere = (
        sized.with_columns(size=size)
        .sort("day", "area_id")
        .group_by("day", maintain_order=True)
        .agg(
            watched=pl.when(known.any()).then(
                ((pl.col("watched").fill_null(0.0) * pl.col("size")).sum() / pl.col("size").sum()).round(4)
            )
        )
        .select(pl.lit(ALL).alias("area_id"), "day", "watched")
    )
    return pl.concat([by_area, everywhere])


def loads(looked: Looks, kinds: Mapping[str, float] | None = None) -> pl.DataFrame:
    """What one standard deviation of error in a group's detection does to the log of ``watched``, by area and day.

    Returns:
        ``area_id``, ``day``, ``group``, ``load``; groups fail apart from one another.
    """
    each = looked.by_group(kinds).filter(pl.col("p") > 0).with_columns(miss=(1 - pl.col("p")).clip(1e-6))
    others = pl.col("miss").product().over("id")
    moved = each.with_columns(load=pl.col("p") * others / pl.col("miss") / (1 - others) * pl.col("error"))
    return moved.join(looked.places, on="id").select("area_id", "day", "group", pl.col("load").round(6))
