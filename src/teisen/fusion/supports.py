"""Supports: reports that move the odds of incidents and make none, such as alerts, tallies and aftermath."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from teisen.fusion.detection import detection
from teisen.fusion.exposed import starts
from teisen.fusion.habits import Habits
from teisen.fusion.kinds import UNRELATED, either_way, kind_names, leaves, numbered
from teisen.fusion.near import DAY_S, Ints, by_day, near_between
from teisen.fusion.posterior import Settled
from teisen.fusion.reports import Reports
from teisen.geodesy import Floats, distance_m
from teisen.sources import Source

SUPPORT_SIGMAS = 3.0
LEAST_SHARE = 0.01
AT_MOST = 3.0
"""Largest log ratio of one support (a factor of 20): no alert or tally alone makes an incident certain (assumed)."""
LEAST_FIT = 0.02
BASE_DAYS = 15
"""What a source usually says is taken over so many days to either side (assumed: habits change within months)."""
AT_ONCE = 500_000
"""Pairs of support and incident that are weighed together."""
WIDE_M = 100_000.0
"""A place error from which a support speaks of a country rather than of a place, metres (assumed)."""


def detections(names: Sequence[str], source: Ints, sources: Mapping[str, Source], kinds: Floats) -> Floats:
    """P(each of some sources reports an incident of ``kinds``, shape (n, kinds)), shape (n,); ``source`` tells which of
    ``names`` each is."""
    if not len(source):
        return np.empty(0)
    table = np.array([detection(sources.get(name)) for name in names])
    return np.asarray(np.einsum("nk,nk->n", table[source], kinds))


def supporting(supports: Reports, base: Floats, settled: Settled, sources: Mapping[str, Source]) -> pl.DataFrame:
    """Which supports fit which incidents, and how much they move their odds.

    A support fits where its area holds the incident, or it lies within three standard deviations, and its time meets
    the incident's. ``fit`` is the chance that it speaks of the incident: share of the incident's interval that it
    covers, times nearness, times compatibility of kinds (a kind that is no trace of another, as an alert, speaks of
    all). The evidence ratio is ``fit * p_detect / base + 1 - fit``, ``base`` being the share of time in which
    the same source says such a thing of the same place: an alert that is always on moves nothing, and neither does
    a tally of a whole country, whose base is 1. Supports never count against: what is missing counts as a miss.

    Args:
        base: of each support, from :func:`base_share`.

    Returns:
        ``support`` and ``incident`` (indices), ``fit``, ``base``, ``log_ratio`` (0 to 3), ``distance_m``.
    """
    ways = (_by_area, _by_place) if len(supports) and len(settled) else ()
    near = pl.concat([pl.DataFrame(schema=SCHEMA), *(way(supports, settled) for way in ways)])
    parts = [
        _weighed(supports, settled, sources, base, near.slice(at, AT_ONCE))
        for at in range(0, max(near.height, 1), AT_ONCE)
    ]
    return pl.concat(parts).sort("incident", "support")


def _weighed(
    supports: Reports, settled: Settled, sources: Mapping[str, Source], base: Floats, near: pl.DataFrame
) -> pl.DataFrame:
    s, z = near["support"].to_numpy(), near["incident"].to_numpy()
    shared = np.minimum(supports.end[s], settled.end[z]) - np.maximum(supports.since[s], settled.start[z])
    length = np.maximum(settled.end - settled.start, 1.0)[z]
    others = np.where(np.eye(len(kind_names())) > 0, 0.0, leaves())
    speaks = np.asarray((others > UNRELATED).any(axis=0))
    speaks[kind_names().index("other")] = False
    kinds = settled.kinds[z]
    about = either_way() @ (supports.distinct * speaks).T + (supports.distinct * ~speaks).sum(axis=1)
    kind_fit = np.einsum("nk,nk->n", kinds, about.T[supports.kind_of[s]])
    fit = np.clip(shared / length, 0.0, 1.0) * near["nearness"].to_numpy() * np.clip(kind_fit, 0.0, 1.0)
    p_detect = detections(supports.names, supports.source[s], sources, kinds)
    base = base[s]
    ratio = np.clip(np.log(np.maximum(fit * p_detect / base + 1 - fit, LEAST_SHARE)), 0.0, AT_MOST)
    wide = supports.sigma[s] >= WIDE_M
    keep = (np.round(fit, 4) >= LEAST_FIT) & (p_detect > UNRELATED) & ~(wide & (np.round(ratio, 3) <= 0))
    weighed = near.drop("nearness").with_columns(
        fit=pl.Series(np.round(fit, 4)),
        base=pl.Series(base),
        log_ratio=pl.Series(np.round(ratio, 3) + 0.0),
    )
    return weighed.filter(pl.Series(keep))


def base_share(supports: Reports, habits: Habits) -> Floats:
    """Share of the days around it in which the same source says something of the same place, shape (n,), 0.01 to 1.

    Days around are :data:`BASE_DAYS` to either side, as far as there are observations at all. The same
    place is the same area, or the same cell of 0.1 degrees. What names no place speaks of all: 1. Kept to 0.01.
    """
    if not len(supports):
        return np.empty(0)
    key = ["source_id", "area_id", "lon", "lat"]
    rows = supports.frame.select(
        "source_id",
        pl.when(pl.col("lon").is_null()).then("area_id").alias("area_id"),
        pl.col("lon").round(1),
        pl.col("lat").round(1),
    )
    of = rows.join(rows.unique().sort(key).with_row_index("of"), on=key, nulls_equal=True, maintain_order="left")["of"]
    group = of.to_numpy().astype(np.int64)
    day = np.floor((supports.since + supports.end) / 2 / DAY_S).astype(np.int64)
    length = np.round(supports.end - supports.since).astype(np.int64)
    stride = int(day.max() - day.min()) + 4 * BASE_DAYS
    order = np.argsort(group * stride + day - day.min(), kind="stable")
    at = (group * stride + day - day.min())[order]
    total = np.concatenate([[0], np.cumsum(length[order])])
    low, high = (group * stride + day - day.min() + step for step in (-BASE_DAYS, BASE_DAYS))
    said = total[np.searchsorted(at, high, side="right")] - total[np.searchsorted(at, low)]
    days = np.minimum(day + BASE_DAYS, habits.last_day) - np.maximum(day - BASE_DAYS, habits.first_day) + 1
    share = np.round(said / (np.maximum(days, 1) * DAY_S), 2)
    no_place = rows.select(pl.col("area_id").is_null() & pl.col("lon").is_null()).to_series().to_numpy()
    return np.where(no_place, 1.0, np.clip(share, LEAST_SHARE, 1.0))


SCHEMA = {"support": pl.Int64, "incident": pl.Int64, "nearness": pl.Float64, "distance_m": pl.Float64}


def _by_area(supports: Reports, settled: Settled) -> pl.DataFrame:
    """Supports of an area alone with the incidents of their time in it; those that name no place that is known with
    every incident of their time."""
    area = supports.frame["area_id"]
    alone = np.flatnonzero(np.isnan(supports.lon))
    named = area.is_not_null().to_numpy()[alone]
    names, which = numbered(area.gather(alone[named]))
    of = np.full(len(alone), len(names))
    of[named] = which
    everywhere = np.arange(len(settled) if (~named).any() else 0)
    held = pl.concat([settled.inside["area_id"], settled.area_id]).cast(pl.Enum(names), strict=False).to_physical()
    known = np.flatnonzero(held.is_not_null().to_numpy())
    at = np.concatenate([settled.inside["at"].to_numpy(), np.arange(len(settled))])[known]
    pairs = np.sort(held.to_numpy()[known].astype(np.int64) * len(settled) + at)
    there, at = np.divmod(pairs[starts(pairs)], max(len(settled), 1))
    there, at = np.append(there, np.full(len(everywhere), len(names))), np.append(at, everywhere)
    said = pl.DataFrame({"support": alone, "of": of, "from_s": supports.since[alone], "to_s": supports.end[alone]})
    links = pl.DataFrame({"incident": at, "of": there, "from_s": settled.start[at], "to_s": settled.end[at]})
    met = by_day(said).join(by_day(links), on=["of", "day"], suffix="_2")
    share = pl.min_horizontal("to_s", "to_s_2") > pl.max_horizontal("from_s", "from_s_2")
    found = met.filter(share).select("support", "incident").unique()
    return found.select(pl.all(), nearness=pl.lit(1.0), distance_m=pl.lit(None, pl.Float64))


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
