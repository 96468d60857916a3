"""Where and when use of force is likeliest in the next days: the input of the watch plan."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import scipy
import shapely

from teisen.compliance.change_schema import FORECAST
from teisen.compliance.hawkes import fit, nearness, onward, recent
from teisen.compliance.lines import day_starts, of_day
from teisen.geodesy import Floats
from teisen.observation import attack_kinds
from teisen.sources import Scope

AHEAD = 3
"""Days that are forecast."""
LEAST_DAYS = 14
"""Days of a case below which nothing is forecast (assumed)."""


def forecast(
    incidents: pl.DataFrame, rate: pl.DataFrame, areas: pl.DataFrame, scope: Scope, zone: str, *, days: int = AHEAD
) -> pl.DataFrame:
    """Expected uses of force by area in the days after the scope (FORECAST), as they happen, not as they are recorded.

    Args:
        incidents: INCIDENT; those of a kind of attack count, by P(conflict).
        rate: RATE: its areas are forecast, and what was watched of each on each day, by the reading
            under which that was most, is the effort.
        areas: AREA, for their middles.
        scope: the days that are known.
        zone: of the reporting day.
        days: how many to forecast.

    What recent incidents add is carried forward by its mean. A case of less than two weeks has no forecast.
    """
    starts = day_starts(scope, zone)
    known = len(starts) - 1
    attacks = incidents.filter(pl.col("kind").is_in(attack_kinds()))
    # Regions in which no reading holds have no rate; force is likely there all the same.
    regions = areas.filter(pl.col("level") == "region")["area_id"]
    also = attacks.filter(pl.col("area_id").is_in(regions.implode()))["area_id"]
    sectors = sorted({*rate["area_id"].drop_nulls(), *also} - {"*"})
    if known < LEAST_DAYS or not sectors:
        return FORECAST.empty()
    at = {area: n for n, area in enumerate(sectors)}
    counts, effort = np.zeros((known, len(sectors))), np.full((known, len(sectors)), np.nan)
    force = of_day(attacks, starts)
    summed = force.group_by("area_id", "nth").agg(pl.col("p_conflict").sort().sum().round(4))
    for area, nth, n in summed.sort("nth", "area_id", nulls_last=True).iter_rows():
        if area in at:
            counts[nth, at[area]] = n
    best = rate.group_by("area_id", "start", "end").agg(pl.col("watched").max())  # readings weigh kinds differently
    watched = of_day(best, starts)
    for area, nth, share in watched.select("area_id", "nth", "watched").iter_rows():
        if area in at and share is not None:
            effort[nth, at[area]] = share
    effort = np.where(np.isnan(effort), np.nanmean(effort) if np.isfinite(effort).any() else 1.0, effort)
    local = ZoneInfo(zone)
    weekday = np.array([s.astimezone(local).weekday() for s in starts[:-1]], dtype=np.int64)
    model = fit(counts, effort, _near(sectors, areas), weekday)
    mean_by_sector = counts.sum(axis=0) / np.maximum(effort.sum(axis=0), 1.0)
    past = recent(counts, effort)[-1]
    rows: list[dict[str, object]] = []
    first = starts[-1].astimezone(local).date()
    for step in range(days):
        day = first + timedelta(days=step)
        begin, end = (datetime.combine(d, time(), local).astimezone(UTC) for d in (day, day + timedelta(days=1)))
        mean, added = model.mean(past, day.weekday())
        order = np.lexsort((np.arange(len(sectors)), -np.round(mean, 3)))
        rank = np.empty(len(sectors))
        rank[order] = np.arange(1, len(sectors) + 1)
        shape = 1 / model.scatter
        chance = scipy.stats.nbinom(shape, shape / (shape + np.maximum(mean, 1e-9)))
        any_, high = 1 - np.asarray(chance.pmf(0)), np.asarray(chance.ppf(0.95))
        for n, area in enumerate(sectors):
            rows.append(
                {
                    "area_id": area,
                    "start": begin,
                    "end": end,
                    "expected": float(mean[n]),
                    "p_any": float(any_[n]),
                    "high": float(high[n]),
                    "usual": float(mean_by_sector[n] * model.rhythm[day.weekday()]),
                    "triggered": float(added[n]),
                    "rank": float(rank[n]),
                }
            )
        past = onward(past, mean)
    return FORECAST.hand_over(FORECAST.build({c.name: [r[c.name] for r in rows] for c in FORECAST.columns}))


def _near(sectors: list[str], areas: pl.DataFrame) -> Floats:
    """Nearness of sectors, from the middles of their shapes; those without a shape have no neighbours."""
    shapes = areas.filter(pl.col("area_id").is_in(sectors) & pl.col("geometry").is_not_null())
    first = shapes.sort("area_id", "source_id", "blob", "row").unique("area_id", keep="first", maintain_order=True)
    middles = shapely.centroid(shapely.from_wkb(first["geometry"].to_list()))
    place = [sectors.index(area) for area in first["area_id"]]
    near = np.zeros((len(sectors), len(sectors)))
    if len(place) > 1:
        near[np.ix_(place, place)] = nearness(shapely.get_x(middles), shapely.get_y(middles))
    return near
