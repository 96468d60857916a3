"""Passes of satellites over areas, from orbital elements (SGP4).

A satellite that scans across its track sees a place at the moment it is nearest to it, if the place lies within the
swath. The track is propagated in steps of a minute with SGP4 (the library ``sgp4``, which is Vallado's reference
code), turned with the Earth, and the moment of closest approach found by a parabola through the three nearest steps:
good to some seconds, far under the error of elements that are some weeks old.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import ArrayLike
from sgp4.api import WGS72, Satrec

from teisen.geodesy import MEAN_RADIUS_M, Floats
from teisen.tables import UTC_TIME

HOLDS = timedelta(days=60)
"""Elements are used this long before and after their epoch. Measured with elements fitted to two weeks: two months on,
97 to 100 % of fires lie within ten minutes of a predicted pass; after four months one satellite is off by more
(benchmarks/passes.py)."""
STEP_S = 60.0
EPOCH_1950 = 2433281.5
"""Julian date of what SGP4 counts its days from."""
UNIX_JULIAN = 2440587.5
STRIDE = 4
"""Steps from which is looked first whether the satellite is anywhere near."""
WITHIN_A_STRIDE = 0.3
"""Radians: more than a low satellite moves in a stride."""
FLATTENING = 1 / 298.257223563
PASSES = pl.Schema(
    [("area_id", pl.String()), ("satellite", pl.String()), ("time", UTC_TIME), ("off_track_m", pl.Float64())]
)


def passes(
    elements: pl.DataFrame, middles: pl.DataFrame, start: datetime, end: datetime, reach_m: float
) -> pl.DataFrame:
    """Passes of satellites over places.

    Args:
        elements: ORBIT. Of several epochs of a satellite the nearest counts, up to :data:`HOLDS` away.
        middles: ``area_id``, ``lon``, ``lat``: a place of each area.
        start, end: UTC.
        reach_m: half the width of the swath, metres along the ground.

    Returns:
        ``area_id``, ``satellite``, ``time`` (of closest approach), ``off_track_m`` (metres along the ground from the
        track), ordered by area and time.
    """
    found = [PASSES.to_frame()]
    for _, mine in elements.sort("catalogue_number", "epoch", "source_id", "blob", "row").group_by(
        "catalogue_number", maintain_order=True
    ):
        sets = mine.unique("epoch", keep="first", maintain_order=True)
        epochs = sets["epoch"].to_list()
        for at, row in enumerate(sets.iter_rows(named=True)):
            first = max(start, row["epoch"] - HOLDS, *[e + (row["epoch"] - e) / 2 for e in epochs[at - 1 : at] if at])
            last = min(end, row["epoch"] + HOLDS, *[e - (e - row["epoch"]) / 2 for e in epochs[at + 1 : at + 2]])
            if first < last:
                named = pl.lit(row["satellite"]).alias("satellite")
                rows = _passes(satellite(row), middles, (first, last), reach_m).with_columns(named)
                found.append(rows.select(PASSES.names()))
    return pl.concat(found).sort("area_id", "time", "satellite")


def satellite(row: Mapping[str, object]) -> Satrec:
    """SGP4's record of one row of elements (ORBIT)."""
    value = {name: float(v) for name, v in row.items() if isinstance(v, int | float)}
    days = float(julian_dates(pl.Series([row["epoch"]]))[0]) - EPOCH_1950
    record = Satrec()
    record.sgp4init(
        WGS72, "i", int(value["catalogue_number"]), days, value["bstar"], 0.0, 0.0,
        value["eccentricity"], np.radians(value["arg_of_pericenter"]), np.radians(value["inclination"]),
        np.radians(value["mean_anomaly"]), value["mean_motion"] * 2 * np.pi / 1440, np.radians(value["ra_of_asc_node"]),
    )  # fmt: skip
    return record


def track(record: Satrec, julian: Floats) -> Floats:
    """Unit vectors, shape (n, 3), Earth-fixed, to the satellite at Julian dates (UTC)."""
    _, place, _ = record.sgp4_array(np.floor(julian), julian - np.floor(julian))
    angle = sidereal(julian)
    cos, sin = np.cos(angle), np.sin(angle)
    fixed = np.stack([place[:, 0] * cos + place[:, 1] * sin, place[:, 1] * cos - place[:, 0] * sin, place[:, 2]], -1)
    return np.asarray(fixed / np.linalg.norm(fixed, axis=-1, keepdims=True))


def sidereal(julian: Floats) -> Floats:
    """Greenwich mean sidereal time in radians (IAU 1982, without its cubic term)."""
    days = julian - 2451545.0
    centuries = days / 36525
    return np.radians((280.46061837 + 360.98564736629 * days + 0.000387933 * centuries**2) % 360)


def earth_fixed(lon: ArrayLike, lat: ArrayLike) -> Floats:
    """Unit vectors, shape (n, 3), from the Earth's centre to places on the WGS84 ellipsoid."""
    lam, phi = np.radians(np.asarray(lon, float)), np.radians(np.asarray(lat, float))
    below = np.arctan((1 - FLATTENING) ** 2 * np.tan(phi))
    return np.stack([np.cos(below) * np.cos(lam), np.cos(below) * np.sin(lam), np.sin(below)], axis=-1)


def julian_dates(times: pl.Series) -> Floats:
    """Julian dates of UTC times."""
    return np.asarray(times.dt.epoch("us").to_numpy() / 86_400e6 + UNIX_JULIAN)


def _julian(moment: datetime) -> float:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(days=1) + UNIX_JULIAN


def _passes(record: Satrec, middles: pl.DataFrame, span: tuple[datetime, datetime], reach_m: float) -> pl.DataFrame:
    """Passes of one satellite: local maxima of the cosine of its distance, within reach."""
    step = STEP_S / 86_400
    first, last = _julian(span[0]), _julian(span[1])
    places = earth_fixed(middles["lon"], middles["lat"])
    centre = places.mean(axis=0)
    centre /= np.linalg.norm(centre)
    spread = float(np.arccos(np.clip(places @ centre, -1, 1)).max(initial=0.0))
    close = float(np.cos(min(reach_m / MEAN_RADIUS_M + spread + WITHIN_A_STRIDE, np.pi)))
    strides = np.arange(first, last + STRIDE * step, STRIDE * step)
    near = strides[track(record, strides) @ centre >= close]
    counts = np.unique(np.round((near - first) / step).astype(np.int64)[:, None] + np.arange(-STRIDE, STRIDE + 1))
    moments = first + counts * step
    under = track(record, moments)
    whole = np.flatnonzero((np.diff(counts)[:-1] == 1) & (np.diff(counts)[1:] == 1)) + 1
    which, times, off = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0)]
    for area, place in enumerate(places):
        cosine = under @ place
        before, here, after = (cosine[whole + k] for k in (-1, 0, 1))
        top = (here > before) & (here >= after)
        b, h, a = before[top], here[top], after[top]
        bend, slope = (a + b) / 2 - h, (a - b) / 2
        away = np.arccos(np.clip(h - slope**2 / (4 * bend), -1, 1)) * MEAN_RADIUS_M
        when = moments[whole[top]] - slope / (2 * bend) * step
        kept = (away <= reach_m) & (when >= first) & (when < last)
        which.append(np.full(int(kept.sum()), area))
        times.append(np.round((when[kept] - UNIX_JULIAN) * 86_400).astype(np.int64) * 1_000_000)
        off.append(np.round(away[kept]))
    return pl.DataFrame(
        {
            "area_id": middles["area_id"].gather(np.concatenate(which)),
            "time": pl.Series(np.concatenate(times)).cast(UTC_TIME),
            "off_track_m": np.concatenate(off),
        }
    )
