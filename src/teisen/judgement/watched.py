"""What sources could have seen of what is alleged: exposure over its window, at its place, for its kind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from teisen.fusion import coverage
from teisen.fusion.near import containing
from teisen.judgement.subjects import KIND_NOT_SAID, KIND_OF_FORCE
from teisen.observation import attack_kinds
from teisen.sources import Source

SHORTEST = timedelta(hours=1)
"""A moment stands for the hour after it: few statements are finer. Assumed."""
HARDLY = 0.05
"""What was found where hardly anybody looks counts as watched so well at least, as for rates."""
MOST_SPOTS = 40
"""Places of an area that are asked about, the surest incidents'."""

WITHIN = 0.99
"""Share of a named area that has to lie in a watched one: outlines are drawn to so much. Assumed."""

Floats = NDArray[np.float64]


def would_see(
    allegations: pl.DataFrame, exposure: pl.DataFrame, sources: Mapping[str, Source], areas: pl.DataFrame
) -> Floats:
    """P(some source that is not the accuser's would have reported it | it happened as alleged), one an allegation.

    By what exposure gives each source there and then (:func:`teisen.fusion.coverage`) for the kind alleged: of sources
    of one group the best counts; groups are independent: 1 - product(1 - p). Not a number where an allegation names no
    place, also where a source states what it sees everywhere: stated by region the same would tell nothing. A kind for
    which no row stands, or of which it is not known how well it was watched, counts as not watched. Sources that make
    no incidents (alerts, tallies) are left out: what they see could corroborate nothing. What is alleged of an area is
    watched as well by whoever watches a wider one that holds it: a corridor lies in its sea.
    """
    silent = [name for name, source in sources.items() if source.profile.role != "makes"]
    named = allegations["lon"].is_not_null() | allegations["area_id"].is_not_null()
    watched = exposure.filter(~pl.col("source_id").is_in(silent))
    would = np.where(named.to_numpy(), 0.0, np.nan)
    asked = _asked(allegations).filter(named)
    if asked.height and watched.height:
        missed = (
            coverage(asked.drop("kind", "accuser"), watched, areas, _inside(asked, watched, areas))
            .drop_nulls("p")
            .join(asked.select("id", "kind", "accuser"), on=["id", "kind"])
            .with_columns(
                group=_of({n: source.profile.group for n, source in sources.items()}).fill_null(pl.col("source_id")),
                whose=_of({n: source.reported_by for n, source in sources.items()}),
            )
            .filter(pl.col("whose").is_null() | (pl.col("whose") != pl.col("accuser")))
            .group_by("id", "group")
            .agg(pl.col("p").max())
            .group_by("id")
            .agg((1 - pl.col("p")).sort().product().alias("missed"))
            .sort("id")
        )
        would[missed["id"].to_numpy()] = 1 - missed["missed"].to_numpy()
    return would


def _inside(asked: pl.DataFrame, watched: pl.DataFrame, areas: pl.DataFrame) -> pl.DataFrame:
    """Which watched areas hold each of ``asked``, a point or an area alone: ``at`` (index) and ``area_id``."""
    wide = areas.filter(pl.col("area_id").is_in(watched["area_id"].drop_nulls().unique().to_list()))
    points = containing(wide, *(asked[name].cast(pl.Float64).to_numpy() for name in ("lon", "lat")))
    alone = asked.select("area_id").with_row_index("at").filter(asked["lon"].is_null())
    named = areas.filter(pl.col("area_id").is_in(alone["area_id"].unique().to_list()), pl.col("level") != "control")
    outer = wide.filter(~pl.col("level").is_in(["control", "line"]))
    small, large = (shapely.from_wkb(table["geometry"].to_list()) for table in (named, outer))
    i, j = shapely.STRtree(large).query(small, predicate="intersects")
    size = shapely.area(small[i])
    holds = shapely.area(shapely.intersection(small[i], large[j])) >= WITHIN * np.where(size > 0, size, np.inf)
    held = pl.DataFrame({"area_id": named["area_id"].gather(i[holds]), "wider": outer["area_id"].gather(j[holds])})
    found = alone.join(held, on="area_id").select(pl.col("at").cast(pl.Int64), area_id="wider")
    return pl.concat([points, found]).unique().sort("at", "area_id")


def where_it_lies(
    allegations: pl.DataFrame,
    known: Mapping[str, pl.DataFrame],
    exposure: pl.DataFrame,
    sources: Mapping[str, Source],
    areas: pl.DataFrame,
) -> Floats:
    """:func:`would_see` of statements of a number; of those of an area asked for where in it incidents lie.

    What happens keeps to strips and spots of an area, and so do posts. Each place of an incident weighs what was found
    there over how well it was watched then, and the area as a whole as one more. Where no kind is alleged each place is
    asked for its incident's.

    Args:
        allegations: ALLEGATION. known: INCIDENT by accuser, with P(of the conflict) without the accuser's own sources.
        exposure: EXPOSURE. sources: by id. areas: AREA.
    """
    even = would_see(allegations, exposure, sources, areas)
    rows = allegations.with_row_index("nth")
    spots = pl.concat([_spots(rows.filter(accuser=accuser), known[accuser]) for accuser in sorted(known)] or [rows[:0]])
    if spots.is_empty():
        return even
    there = would_see(spots, exposure, sources, areas)
    weight = spots["p_conflict"].to_numpy() / np.maximum(there, HARDLY)
    over, total = np.where(np.isnan(even), 0.0, even), np.ones(len(even))
    np.add.at(over, spots["nth"].to_numpy(), weight * there)
    np.add.at(total, spots["nth"].to_numpy(), weight)
    return np.where(np.isnan(even), np.nan, over / total)


def _spots(allegations: pl.DataFrame, incidents: pl.DataFrame) -> pl.DataFrame:
    """Each statement about an area once for each of the surest incidents that lie in it (``nth``: its row)."""
    placed = incidents.filter(
        pl.col("lon").is_not_null() & pl.col("kind").is_in(attack_kinds()) & (pl.col("p_conflict") > 0)
    )
    surest = (
        placed.sort("p_conflict", "incident_id", descending=[True, False])
        .group_by("area_id", maintain_order=True)
        .head(MOST_SPOTS)
        .select("area_id", "p_conflict", at_lon="lon", at_lat="lat", of="kind")
    )
    vague = pl.col("kind").is_in([KIND_NOT_SAID, KIND_OF_FORCE])
    return (
        allegations.filter(pl.col("lon").is_null())
        .join(surest, on="area_id", maintain_order="left_right")
        .with_columns(lon="at_lon", lat="at_lat", kind=pl.when(vague).then("of").otherwise("kind"))
    )


def _asked(allegations: pl.DataFrame) -> pl.DataFrame:
    kind = pl.when(pl.col("kind") == KIND_NOT_SAID).then(pl.lit(KIND_OF_FORCE)).otherwise(pl.col("kind"))
    end = pl.max_horizontal("end", pl.col("start") + SHORTEST)
    return allegations.select(
        *("accuser", "lon", "lat", "area_id"),
        id=pl.int_range(pl.len(), dtype=pl.Int64),
        kind=kind,
        from_s=pl.col("start").dt.epoch("us") / 1e6,
        to_s=end.dt.epoch("us") / 1e6,
    )


def _of(by_source: Mapping[str, str | None]) -> pl.Expr:
    known = {name: value for name, value in by_source.items() if value is not None}
    if not known:
        return pl.lit(None, dtype=pl.String)
    return pl.col("source_id").replace_strict(known, default=None, return_dtype=pl.String)
