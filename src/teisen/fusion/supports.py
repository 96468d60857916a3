"""Supports: reports that move the odds of incidents and make none, such as alerts, tallies and aftermath."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from teisen.fusion.kinds import UNRELATED, by_trace, either_way, kind_names, leaves
from teisen.fusion.near import by_day, containing, near_between
from teisen.fusion.posterior import Settled
from teisen.fusion.reports import Reports
from teisen.geodesy import Floats, distance_m
from teisen.sources import Source

UNDECLARED_DETECTION = 0.5
"""P(a source reports an incident) where its profile declares no detection at all (assumed)."""
SUPPORT_SIGMAS = 3.0
LEAST_SHARE = 0.01
AT_MOST = 3.0
"""Largest log ratio of one support (a factor of 20): no alert or tally alone makes an incident certain (assumed)."""
LEAST_FIT = 0.02
WIDE_M = 100_000.0
"""A place error from which a support speaks of a country rather than of a place, metres (assumed)."""


def detection(source: Source | None) -> Floats:
    """P(the source reports | an incident of each kind), shape (kinds,); by traces where a kind is not declared."""
    declared = source.profile.detection if source else {}
    if not declared:
        return np.full(len(kind_names()), UNDECLARED_DETECTION)
    rows = [kind_names().index(kind) for kind in declared]
    values = np.array([figure.value for figure in declared.values()])
    found = np.asarray((by_trace()[:, rows] * values).max(axis=1))
    found[rows] = values
    return found


def detections(reports: Reports, sources: Mapping[str, Source]) -> Floats:
    """:func:`detection` of each report's source, shape (n, kinds)."""
    names = reports.frame["source_id"].to_list()
    tables = {name: detection(sources.get(name)) for name in sorted(set(names))}
    return np.array([tables[name] for name in names]).reshape(len(names), len(kind_names()))


def supporting(
    supports: Reports, settled: Settled, sources: Mapping[str, Source], areas: pl.DataFrame, span_s: float
) -> pl.DataFrame:
    """Which supports fit which incidents, and how much they move their odds.

    A support fits where its area holds the incident, or it lies within three standard deviations, and its time meets
    the incident's. ``fit`` is the chance that it speaks of the incident: share of the incident's interval that it
    covers, times nearness, times compatibility of kinds (a kind that is no trace of another, as an alert, speaks of
    all). The evidence ratio is ``fit * p_detect / base + 1 - fit``, ``base`` being the share of the time span in which
    the same source says such a thing of the same place: an alert that is always on moves nothing, and neither does
    a tally of a whole country, whose base is 1. Supports never count against: what is missing counts as a miss.

    Returns:
        ``support`` and ``incident`` (indices), ``fit``, ``base``, ``log_ratio`` (0 to 3), ``distance_m``.
    """
    near = pl.concat(
        [_by_area(supports, settled, areas), _by_place(supports, settled), _of_no_place(supports, settled)]
    )
    s, z = near["support"].to_numpy(), near["incident"].to_numpy()
    shared = np.minimum(supports.end[s], settled.end[z]) - np.maximum(supports.since[s], settled.start[z])
    length = np.maximum(settled.end - settled.start, 1.0)[z]
    others = np.where(np.eye(len(kind_names())) > 0, 0.0, leaves())
    speaks = np.asarray((others > UNRELATED).any(axis=0))
    speaks[kind_names().index("other")] = False
    kind_fit = np.einsum("nk,nk->n", settled.kinds[z] @ either_way(), supports.kinds[s] * speaks)
    kind_fit += (supports.kinds[s] * ~speaks).sum(axis=1)
    fit = np.clip(shared / length, 0.0, 1.0) * near["nearness"].to_numpy() * np.clip(kind_fit, 0.0, 1.0)
    p_detect = np.einsum("nk,nk->n", detections(supports, sources)[s], settled.kinds[z])
    base = base_share(supports, span_s)[s]
    ratio = np.clip(np.log(np.maximum(fit * p_detect / base + 1 - fit, LEAST_SHARE)), 0.0, AT_MOST)
    wide = supports.sigma[s] >= WIDE_M
    keep = (np.round(fit, 4) >= LEAST_FIT) & (p_detect > UNRELATED) & ~(wide & (np.round(ratio, 3) <= 0))
    weighed = near.drop("nearness").with_columns(
        fit=pl.Series(np.round(fit, 4)),
        base=pl.Series(np.round(base, 4)),
        log_ratio=pl.Series(np.round(ratio, 3) + 0.0),
    )
    return weighed.filter(pl.Series(keep)).sort("incident", "support")


def base_share(supports: Reports, span_s: float) -> Floats:
    """Share of the span in which the same source says something of the same place, shape (n,), 0.01 to 1.

    The same place is the same area, or the same cell of 0.1 degrees. What names no place speaks of all: 1.
    """
    rows = supports.frame.select(
        "source_id",
        pl.when(pl.col("lon").is_null()).then("area_id").alias("area_id"),
        pl.col("lon").round(1),
        pl.col("lat").round(1),
    ).with_columns(length=pl.Series(supports.end - supports.since))
    total = rows.select(pl.col("length").sum().over("source_id", "area_id", "lon", "lat")).to_series().to_numpy()
    no_place = rows.select(pl.col("area_id").is_null() & pl.col("lon").is_null()).to_series().to_numpy()
    return np.where(no_place, 1.0, np.clip(total / max(span_s, 1.0), LEAST_SHARE, 1.0))


SCHEMA = {"support": pl.Int64, "incident": pl.Int64, "nearness": pl.Float64, "distance_m": pl.Float64}


def _by_area(supports: Reports, settled: Settled, areas: pl.DataFrame) -> pl.DataFrame:
    spans = pl.DataFrame({"support": np.arange(len(supports)), "from_s": supports.since, "to_s": supports.end})
    spans = spans.with_columns(supports.frame.select("area_id", "lon")).filter(
        pl.col("lon").is_null() & pl.col("area_id").is_not_null()
    )
    named = spans["area_id"].unique().implode()
    places = containing(areas.filter(pl.col("area_id").is_in(named)), settled.lon, settled.lat)
    index = pl.DataFrame({"at": np.arange(len(settled)), "from_s": settled.start, "to_s": settled.end})
    stated = index.select("at", settled.area_id.alias("area_id")).drop_nulls()
    links = pl.concat([places, stated]).unique().join(index, on="at").filter(pl.col("area_id").is_in(named))
    met = (
        by_day(spans.drop("lon"))
        .join(by_day(links).rename({"from_s": "a", "to_s": "b"}), on=["area_id", "day"])
        .filter(pl.min_horizontal("to_s", "b") > pl.max_horizontal("from_s", "a"))
        .select("support", incident="at", nearness=pl.lit(1.0), distance_m=pl.lit(None, pl.Float64))
    )
    return met.cast(pl.Schema(SCHEMA)).unique()


def _of_no_place(supports: Reports, settled: Settled) -> pl.DataFrame:
    """Supports that name no place that is known, with every incident of their time."""
    spans = pl.DataFrame({"support": np.arange(len(supports)), "from_s": supports.since, "to_s": supports.end})
    spans = spans.filter(supports.frame["area_id"].is_null() & supports.frame["lon"].is_null())
    index = pl.DataFrame({"at": np.arange(len(settled)), "a": settled.start, "b": settled.end})
    days = by_day(index.rename({"a": "from_s", "b": "to_s"})).rename({"from_s": "a", "to_s": "b"})
    return (
        by_day(spans)
        .join(days, on="day")
        .filter(pl.min_horizontal("to_s", "b") > pl.max_horizontal("from_s", "a"))
        .select("support", incident="at", nearness=pl.lit(1.0), distance_m=pl.lit(None, pl.Float64))
        .cast(pl.Schema(SCHEMA))
        .unique()
    )


def _by_place(supports: Reports, settled: Settled) -> pl.DataFrame:
    s = np.flatnonzero(~np.isnan(supports.lon))
    z = np.flatnonzero(~np.isnan(settled.lon))
    i, j = near_between(supports.spots.take(s), settled.spots.take(z))
    i, j = s[i], z[j]
    away = distance_m(supports.lon[i], supports.lat[i], settled.lon[j], settled.lat[j])
    sigmas = away / np.hypot(supports.spots.sigma[i], settled.spots.sigma[j])
    close = sigmas <= SUPPORT_SIGMAS
    return pl.DataFrame(
        {
            "support": i[close],
            "incident": j[close],
            "nearness": np.exp(-0.5 * sigmas[close] ** 2),
            "distance_m": np.round(away[close]),
        },
        schema=SCHEMA,
    )
