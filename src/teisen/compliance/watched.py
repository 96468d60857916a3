"""How well each area was watched on each day: P(some source would have reported an attack that happened then)."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from teisen.fusion import coverage, seen_by_source
from teisen.fusion.coverage import area_sizes
from teisen.observation import attack_kinds
from teisen.sources import Source

ALL = "*"


def watched(
    cells: pl.DataFrame, exposure: pl.DataFrame, areas: pl.DataFrame, sources: Mapping[str, Source] | None
) -> pl.DataFrame:
    """Probability that some source reports an attack, by area and day.

    Args:
        cells: ``area_id``, ``day``, ``from_s``, ``to_s``; without the row for all areas.
        sources: where given, only those that make incidents count (an alert alone records nothing), and sources of one
            group count once, with the best of them. Without it every source counts as one that makes, and alone.

    Attack kinds weigh the same. Time of a day without an exposure row counts as not watched.

    Returns:
        ``area_id``, ``day``, ``watched`` (empty: no source's probability is known), also for the area ``*``: the mean
        of areas, weighted by their size.
    """
    if sources is not None:
        makers = sorted(name for name, source in sources.items() if source.profile.role == "makes")
        exposure = exposure.filter(pl.col("source_id").is_in(makers))
    groups = {name: source.profile.group for name, source in (sources or {}).items()}
    attacks = attack_kinds()
    weights = pl.DataFrame({"kind": attacks, "weight": [1 / len(attacks)] * len(attacks)})
    places = cells.with_row_index("id").with_columns(
        pl.col("id").cast(pl.Int64), lon=pl.lit(None, pl.Float64), lat=pl.lit(None, pl.Float64)
    )
    seen = coverage(places, exposure, areas)
    by_source = seen_by_source(seen, seen.select("id").unique().join(weights, how="cross"))
    by_group = (
        by_source.filter(pl.col("p").is_not_null())
        .with_columns(group=pl.col("source_id").replace(groups))
        .group_by("id", "group")
        .agg(pl.col("p").max())
        .sort("id", "group")
        .group_by("id", maintain_order=True)
        .agg(watched=(1 - (1 - pl.col("p")).product()).round(4))
    )
    by_area = places.join(by_group, on="id", how="left", maintain_order="left").select("area_id", "day", "watched")
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
