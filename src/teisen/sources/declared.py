"""What a mapping declares as watched, as rows of exposure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from teisen.sources import effort
from teisen.sources.mapping import Watched
from teisen.sources.reach import within_reach
from teisen.sources.reader import Ground, Scope, Source
from teisen.tables import UTC_TIME


def declared(watched: Watched, zone: str, source: Source, ground: Ground, scope: Scope) -> pl.DataFrame:
    """Exposure rows of one declaration, by UTC day; the first and last end where a day of ``zone`` does."""
    days, clock = effort.days(scope), ZoneInfo(zone)
    if watched.first:
        first = datetime.combine(watched.first, time(), clock).astimezone(UTC)
        days = days.with_columns(pl.max_horizontal("start", pl.lit(first, UTC_TIME)))
    if watched.last:
        last = datetime.combine(watched.last + timedelta(days=1), time(), clock).astimezone(UTC)
        days = days.with_columns(pl.min_horizontal("end", pl.lit(last, UTC_TIME)))
    days = days.filter(pl.col("start") < pl.col("end"))
    areas = effort.regions(ground, watched.areas)
    places = pl.DataFrame([watched.around.model_dump()]) if watched.around else areas.select("area_id")
    grid = places.join(days, how="cross")
    if watched.kinds:
        kinds = pl.DataFrame({"kind": list(watched.kinds), "chance": list(map(float, watched.kinds.values()))})
        grid = grid.join(kinds, how="cross")
    else:
        grid = effort.by_kind(grid, source)
    seen = watched.state in ("watched", "cloud", "jammed")
    blind = None if watched.state == "unknown" else 0.0
    grid = grid.with_columns(
        state=pl.lit(watched.state),
        p_detect=pl.col("chance") if seen else pl.lit(blind, pl.Float64),
        reason=pl.lit(watched.reason),
        basis=pl.lit(watched.basis),
    )
    if not watched.around:
        grid = within_reach(grid, areas, ground, source, watched.reach)
    return effort.exposure(grid, source)
