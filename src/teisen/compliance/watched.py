"""How well each area was watched on each day: P(some source would have reported an attack that happened then)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from teisen.compliance.schema import DETECTION
from teisen.compliance.swing import figures, swings
from teisen.compliance.together import Reported, apart
from teisen.compliance.whereabouts import EVEN, alike, weighed
from teisen.fusion import coverage, seen_by_source
from teisen.fusion.exposed import watch
from teisen.fusion.narrowest import area_sizes
from teisen.observation import attack_kinds
from teisen.sources import Source

ALL = "*"
NINETY = 1.6448536269514722
"""Quantile of the normal distribution for an interval of 90 %."""
DETECTION_ERROR: Mapping[str, float] = {"measured": 0.15, "declared": 0.4, "assumed": 0.5}
"""Standard deviation of the log odds to detect, by how it is known (assumed): where it is chosen, the odds lie within a
factor of 2.3 of it in nine of ten cases. Of a small probability that is a factor; one near 1 cannot be far off."""
REACH_ERROR = 0.15
"""Standard deviation of the log of what part of what happens lies where and when a source looks (assumed): passes,
hours, cloud and reach are stated, and what happens need not keep to where it was found."""
CHANGED_ERROR = 0.5
"""Standard deviation of the log odds of what share of its reports a source that changed still makes (assumed)."""


@dataclass(frozen=True)
class Looks:
    """What each source could have seen of each cell, by kind; asked of exposure once and used for any mix of kinds.

    Attributes:
        cells: ``area_id``, ``day``: areas by days.
        places: ``id``, ``spot``, ``area_id``, ``day``, ``weight``: the spots of each cell, and what share of the area's
            violations lies at each.
        seen: by ``id``, source and kind, what :func:`teisen.fusion.coverage` gives.
        groups: ``source_id``, ``group``, ``error``.
        figures: ``source_id``, ``kind``, ``figure``: P(detect) where the source looks, of those that state it.
        less: ``id``, ``group``, ``share``: where a group reports less than it did; none: nowhere.
        together: ``group``, ``apart``: how far sources of a group watch apart; of others the best counts.
    """

    cells: pl.DataFrame
    places: pl.DataFrame
    seen: pl.DataFrame
    groups: pl.DataFrame
    figures: pl.DataFrame
    less: pl.DataFrame | None = None
    together: pl.DataFrame | None = None

    def by_group(self, kinds: Mapping[str, float] | None = None) -> pl.DataFrame:
        """``id``, ``group``, ``p`` (known ones alone) and ``error``: P(detect) of each group, and of its best source
        the standard deviation of its log.

        A source that states no figures of its own is taken to have every opportunity. ``kinds`` are the weights of
        kinds, which sum to 1; without them kinds of attack weigh the same.
        """
        mix = _weights(kinds)
        by_source = self._by_source(mix)
        best = (
            by_source.unique(["id", "group"], keep="first", maintain_order=True)
            .join(swings(self.figures, mix), on="source_id", how="left", maintain_order="left")
            .select("id", "group", "p", error=pl.col("error") * pl.coalesce("swing", 1 - pl.col("p")))
            .with_columns(error=(pl.col("error").pow(2) + REACH_ERROR**2).sqrt())
        )
        if self.together is not None and not self.together.is_empty():
            more = (
                _free(by_source.join(self.together, on="group", how="semi", maintain_order="left"))
                .join(self.together, on="group", maintain_order="left")
                .select("id", "group", more=((pl.col("free") - pl.col("best")) * pl.col("apart")).round(4))
            )
            best = best.join(more, on=["id", "group"], how="left", maintain_order="left").select(
                "id", "group", pl.col("p") + pl.col("more").fill_null(0.0), "error"
            )
        if self.less is None:
            return best
        changed, less = pl.col("share").is_not_null(), CHANGED_ERROR * (1 - pl.col("share"))
        return best.join(self.less, on=["id", "group"], how="left", maintain_order="left").select(
            "id",
            "group",
            p=(pl.col("p") * pl.col("share").fill_null(1.0)).round(4),
            error=pl.when(changed).then((pl.col("error").pow(2) + less.pow(2)).sqrt()).otherwise("error"),
        )

    def _by_source(self, mix: Mapping[str, float]) -> pl.DataFrame:
        """``id``, ``group``, ``source_id``, ``p`` (known ones alone), ``error``, the best of a group first."""
        weights = pl.DataFrame(
            {"kind": list(mix), "weight": list(mix.values())}, schema_overrides={"weight": pl.Float64}
        )
        return (
            seen_by_source(self.seen, self.seen.select("id").unique().join(weights, how="cross"))
            .filter(pl.col("p").is_not_null())
            .join(self.groups, on="source_id")
            .sort(["id", "group", "p", "source_id"], descending=[False, False, True, False])
        )

    def chances(self, kinds: Mapping[str, float]) -> pl.DataFrame:
        """What :func:`teisen.compliance.together.apart` asks, by group, over where things happen: areas weigh by what
        was found in them, kinds by ``kinds``."""
        of_area = (pl.col("n") + EVEN * pl.col("even")).sum().over("area_id", "day")
        weight = self.places.select("id", weight=pl.col("weight") * of_area)
        each = _free(self._by_source(_weights(kinds))).join(weight, on="id", maintain_order="left")
        mean = [(pl.col(name) * pl.col("weight")).sum() for name in ("best", "free", "all")]
        return each.group_by("group", maintain_order=True).agg(mean)

    def mean_of(self, group: str) -> float:
        """Mean P(detect) of a group over all areas and days."""
        mine = self.by_group().filter(pl.col("group") == group).join(self.places.select("id", "weight"), on="id")
        return float((mine["p"] * mine["weight"]).sum()) / max(self.cells.height, 1)


def _weights(kinds: Mapping[str, float] | None) -> Mapping[str, float]:
    return kinds or dict.fromkeys(attack_kinds(), 1 / len(attack_kinds()))


def _free(by_source: pl.DataFrame) -> pl.DataFrame:
    """``id``, ``group``, and P(detect) of its best source, of all taken as independent, and their sum."""
    p = pl.col("p")
    return by_source.group_by("id", "group", maintain_order=True).agg(
        best=p.max(), free=1 - (1 - p).product(), all=p.sum()
    )


def looks(  # noqa: PLR0917  what rates rest on
    cells: pl.DataFrame,
    exposure: pl.DataFrame,
    areas: pl.DataFrame,
    sources: Mapping[str, Source] | None,
    asked: pl.DataFrame | None = None,
    detection: pl.DataFrame | None = None,
    working: pl.DataFrame | None = None,
    reported: Reported | None = None,
) -> Looks:
    """What each source could have seen of ``cells``: ``area_id``, ``day``, ``from_s``, ``to_s``.

    Args:
        cells: areas by days, without the row for all areas.
        exposure: EXPOSURE.
        areas: AREA.
        sources: where given, only those that make incidents count (an alert alone records nothing), and sources of one
            group count once, with the best of them. Without it every source counts as one that makes, and alone.
        asked: where in the areas (:func:`teisen.compliance.whereabouts.spots`); without it over the whole of each.
        detection: DETECTION: how sure what was measured is; without it as :data:`DETECTION_ERROR` has it.
        working: groups that report less than they did (:func:`teisen.compliance.instruments.working`).
        reported: what groups of several sources reported (:func:`teisen.compliance.together.reported`); without it the
            best source of a group counts alone.
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
        .join(_measured(detection), on="source_id", how="left")
        .select("source_id", "group", error=pl.coalesce("measured", "error"))
        .sort("source_id")
    )
    laid = watch(exposure)
    if asked is None:
        whole = pl.lit(None, pl.Float64)
        spot = cells.select("area_id").unique(maintain_order=True).with_columns(lon=whole, lat=whole)
        spot = spot.with_columns(n=pl.lit(0.0), even=pl.lit(1.0))
    else:
        spot = alike(asked, laid, areas)
    spot = spot.with_row_index("spot")
    places = (
        cells.join(spot, on="area_id", maintain_order="left_right")
        .with_row_index("id")
        .with_columns(pl.col("id").cast(pl.Int64))
    )
    seen = coverage(places.select("id", "area_id", "lon", "lat", "from_s", "to_s"), laid, areas)
    less = None
    if working is not None and not working.is_empty():
        begins = pl.from_epoch((pl.col("from_s") * 1e6).cast(pl.Int64), "us").dt.replace_time_zone("UTC")
        less = places.select("id", start=begins).join(working, on="start").select("id", "group", "share")
    stated = figures(sources, detection)
    first = Looks(cells.select("area_id", "day"), places, seen, groups, stated, less)
    average = (
        places.join(_some(first.by_group()), on="id", how="left", maintain_order="left")
        .group_by("spot", maintain_order=True)
        .agg(pl.col("watched").fill_null(0.0).mean().round(6))
    )
    weight = weighed(spot.join(average, on="spot", maintain_order="left")).select("spot", "weight")
    placed = places.join(weight, on="spot", maintain_order="left")
    looked = replace(first, places=placed.select("id", "spot", "area_id", "day", "weight", "n", "even"))
    if reported is None or reported.groups.is_empty():
        return looked
    return replace(looked, together=apart(reported.groups, looked.chances(reported.kinds)))


def _measured(detection: pl.DataFrame | None) -> pl.DataFrame:
    """``source_id`` and ``measured``: standard deviation of the log odds to detect, of sources of which it was
    estimated."""
    rows = DETECTION.empty() if detection is None else detection
    whole = rows.filter((pl.col("feature") == "kind") & (pl.col("value") == ALL) & (pl.col("basis") == "measured"))
    low, high = (pl.col(name).clip(1e-4, 1 - 1e-4) for name in ("low", "high"))
    span = (high / (1 - high)).log() - (low / (1 - low)).log()
    return whole.select("source_id", measured=(span / (2 * NINETY)).round(4))


def _some(by_group: pl.DataFrame) -> pl.DataFrame:
    """``id`` and ``watched``: P(some group reports it), groups taken as independent."""
    miss = (1 - pl.col("p")).product()
    return by_group.group_by("id", maintain_order=True).agg(watched=1 - miss)


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
    at = looked.places.join(_some(looked.by_group(kinds)), on="id", how="left", maintain_order="left")
    known = pl.col("watched").is_not_null()
    mean = (pl.col("watched").fill_null(0.0) * pl.col("weight")).sum() / pl.col("weight").sum()
    by_area = looked.cells.join(
        at.group_by("area_id", "day", maintain_order=True).agg(watched=pl.when(known.any()).then(mean.round(4))),
        on=["area_id", "day"],
        how="left",
        maintain_order="left",
    )
    sized = by_area.join(area_sizes(areas), on="area_id", how="left", maintain_order="left")
    size = pl.col("size_m2").fill_null(pl.col("size_m2").mean()).fill_null(1.0)
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
    """What one standard deviation of error in a group's detection does to the log of ``watched``, by area and day
    (:mod:`teisen.compliance.swing`).

    Returns:
        ``area_id``, ``day``, ``group``, ``load``; groups fail apart from one another.
    """
    each = looked.by_group(kinds).filter(pl.col("p") > 0).with_columns(miss=(1 - pl.col("p")).clip(1e-6))
    missed = pl.col("miss").product().over("id")
    at = looked.places.select("id", "area_id", "day", "weight").join(
        _some(each.select("id", "p")), on="id", maintain_order="left"
    )
    whole = at.group_by("area_id", "day").agg(whole=(pl.col("watched") * pl.col("weight")).sum())
    return (
        each.with_columns(moves=pl.col("p") * missed / pl.col("miss") * pl.col("error"))
        .join(at, on="id")
        .group_by("area_id", "day", "group")
        .agg(moves=(pl.col("moves") * pl.col("weight")).sum())
        .join(whole, on=["area_id", "day"])
        .select("area_id", "day", "group", load=(pl.col("moves") / pl.col("whole").clip(1e-9)).round(6))
        .sort("area_id", "day", "group")
    )
