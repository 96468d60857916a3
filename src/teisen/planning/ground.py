"""The ground of a plan: where violations are to be seen and where sensors may stand, along the line and at sea.

Places are laid out at equal steps along the line and at distances from it, on the side of each party. The line's own
teeth are finer than those distances, so its direction is taken between places ``smooth_m`` before and behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import scipy
import shapely

from teisen.geodesy import METRES_PER_DEGREE, Floats, chord, chord_to_m, moved, unit_vectors
from teisen.planning.line import LINE, sectors
from teisen.planning.plan import Watched
from teisen.planning.schema import CANDIDATE, DEMAND

SMOOTH_M = 5000.0
NOWHERE_NEAR_M = 1e7
SEA_SECTOR_DEG = 0.5
COAST = "coast"
"""Sector of every site on a shore."""
MEANDER_M, MEANDER_LENGTH_M = 25_000.0, 180_000.0


def made_line(length_km: float, lon: float = 0.0, lat: float = 48.0) -> pl.DataFrame:
    """A made-up line (LINE) of that length, from a place eastward in gentle bends; it is nowhere in particular."""
    step = 2000.0
    east = np.arange(0, length_km * 1000, step / 2)
    north = MEANDER_M * np.sin(2 * np.pi * east / MEANDER_LENGTH_M)
    run = np.concatenate([[0], np.cumsum(np.hypot(np.diff(east), np.diff(north)))])
    along = np.append(np.arange(0, length_km * 1000, step), length_km * 1000)
    x, y = np.interp(along, run, east), np.interp(along, run, north)
    at = np.column_stack(moved(np.full(len(x), lon), np.full(len(x), lat), x, y))
    shape = shapely.MultiLineString([shapely.LineString(np.round(at, 5))])
    row = {"geometry": shape.wkb, "length_km": float(length_km), "pieces": 1, "tolerance_m": 0.0, "simplify_m": 0.0,
           "source_id": "made"}  # fmt: skip
    start = pl.datetime(1, 1, 1, time_zone="UTC", time_unit="us")
    end = pl.datetime(9999, 1, 1, time_zone="UTC", time_unit="us")
    return LINE.hand_over(pl.DataFrame([row]).with_columns(start=start, end=end).select(LINE.schema.names()))


@dataclass(frozen=True)
class Track:
    """The line as metres along it: nodes with their place, and which piece and sector they belong to."""

    along_m: Floats
    lonlat: Floats
    pieces: Floats
    """Where each piece begins and ends, metres along the line, shape (pieces, 2)."""
    sector_ids: tuple[str, ...]
    sector_from_m: Floats

    @property
    def length_m(self) -> float:
        """Its length, metres."""
        return float(self.along_m[-1])

    def steps(self, spacing_m: float) -> Floats:
        """Places at about equal steps in the middle of each step, metres along the line; at least one a piece."""
        laid = []
        for low, high in self.pieces:
            n = max(1, round((high - low) / spacing_m))
            laid.append(low + (np.arange(n) + 0.5) * (high - low) / n)
        return np.concatenate(laid)

    def sector(self, along_m: Floats) -> list[str]:
        """The ids of the sectors that places along the line lie in."""
        at = np.clip(np.searchsorted(self.sector_from_m, along_m, side="right") - 1, 0, len(self.sector_ids) - 1)
        return [self.sector_ids[n] for n in at]

    def place(self, along_m: Floats, left_m: Floats | float, smooth_m: float = SMOOTH_M) -> tuple[Floats, Floats]:
        """Longitudes and latitudes of places by metres along the line and metres to the left of it."""
        piece = np.clip(np.searchsorted(self.pieces[:, 0], along_m, side="right") - 1, 0, len(self.pieces) - 1)
        low, high = self.pieces[piece].T
        low, high = low + 1e-3, high - 1e-3  # pieces touch: the end of one is the beginning of the next
        before, behind = (self._at(np.clip(along_m + by, low, high)) for by in (-smooth_m, smooth_m))
        at = self._at(np.clip(along_m, low, high))
        step = (behind - before) * METRES_PER_DEGREE
        step[:, 0] *= np.cos(np.radians(at[:, 1]))
        step /= np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-9)[:, None]
        return moved(at[:, 0], at[:, 1], -step[:, 1] * left_m, step[:, 0] * left_m)

    def _at(self, along_m: Floats) -> Floats:
        return np.column_stack([np.interp(along_m, self.along_m, self.lonlat[:, n]) for n in (0, 1)])


NO_TRACK = Track(np.zeros(1), np.zeros((1, 2)), np.zeros((0, 2)), (), np.zeros(0))
"""Where there is no line, but sea alone."""


def track(line: pl.DataFrame, sector_km: float) -> Track:
    """Measure the first line in ``line`` (LINE), cut into sectors of about ``sector_km``."""
    cut = sectors(line, sector_km).sort("from_m", "sector_id")
    along: list[Floats] = []
    nodes: list[Floats] = []
    pieces: list[list[float]] = []
    last: Any = None
    for from_m, length_km, wkb in cut.select("from_m", "length_km", "geometry").iter_rows():
        xy = shapely.get_coordinates(shapely.from_wkb(wkb))
        run = np.hypot(np.diff(xy[:, 0]) * np.cos(np.radians(xy[:, 1].mean())), np.diff(xy[:, 1]))
        part = np.concatenate([[0], np.cumsum(run)])
        along.append(from_m + part / max(part[-1], 1e-12) * length_km * 1000)
        nodes.append(xy)
        if last is None or not np.array_equal(last, xy[0]):
            pieces.append([from_m, from_m])
        pieces[-1][1] = float(along[-1][-1])
        last = xy[-1]
    joined = np.maximum.accumulate(np.concatenate(along))
    return Track(joined, np.concatenate(nodes), np.array(pieces), tuple(cut["sector_id"]), cut["from_m"].to_numpy())


def demand(
    on: Track,
    watched: Sequence[Watched],
    parties: tuple[str, str],
    spacing_m: float,
    risk: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Places along the line at which each kind is to be seen (DEMAND).

    Args:
        on: the line.
        watched: kinds with the distances from the line at which they happen; 0 is on the line, others on both sides.
        parties: who holds the ground to the left and to the right of the line as it runs.
        spacing_m: metres between places along the line.
        risk: ``sector_id`` and ``weight`` (1: as elsewhere), where more or less is to be expected.
    """
    along = on.steps(spacing_m)
    sector = on.sector(along)
    shares = np.full(len(along), 1.0)
    if risk is not None:
        by_sector = dict(risk.select("sector_id", "weight").iter_rows())
        shares = np.array([by_sector.get(one, 1.0) for one in sector])
    frames = []
    for one in watched:
        strips = [(side, depth) for depth in one.depths_m for side in ((0,) if depth == 0 else (1, -1))]
        for sign, depth in strips:
            lon, lat = on.place(along, float(sign) * depth)
            side = {0: "", 1: parties[0], -1: parties[1]}[sign]
            frames.append(
                pl.DataFrame(
                    {
                        "demand_id": [f"{m / 1000:08.3f}-{depth / 1000:g}-{side or 'line'}" for m in along],
                        "kind": one.kind,
                        "sector_id": sector,
                        "along_m": along,
                        "side": side,
                        "depth_m": float(depth),
                        "lon": lon,
                        "lat": lat,
                        "weight": shares / shares.sum() / len(strips),
                    }
                )
            )
    return DEMAND.hand_over(pl.concat(frames))


def candidates(
    on: Track,
    parties: tuple[str, str],
    spacing_m: float,
    depths_m: Sequence[float],
    *,
    forbidden: pl.DataFrame | None = None,
    access: pl.DataFrame | None = None,
    most_access_km: float = 5,
) -> pl.DataFrame:
    """Places along the line at which sensors may stand (CANDIDATE), on both sides; each needs its holder's consent.

    Args:
        on: the line.
        parties: who holds the ground to the left and to the right of the line as it runs.
        spacing_m: metres between places along the line.
        depths_m: distances from the line.
        forbidden: AREA; nothing may stand in these.
        access: ``lon`` and ``lat`` of places that can be reached (settlements, points of roads).
        most_access_km: what is further than this from any place of ``access`` cannot be used.
    """
    along = on.steps(spacing_m)
    sector = on.sector(along)
    frames = []
    for depth in depths_m:
        for sign, side in ((1, parties[0]), (-1, parties[1])):
            lon, lat = on.place(along, sign * depth)
            ids = [f"{m / 1000:08.3f}-{depth / 1000:g}-{side}" for m in along]
            frames.append(
                pl.DataFrame(
                    {"site_id": ids, "sector_id": sector, "along_m": along, "lon": lon, "lat": lat}
                ).with_columns(side=pl.lit(side), consent=pl.lit(side), depth_m=pl.lit(float(depth)))
            )
    found = pl.concat(frames).with_columns(forbidden=pl.lit(False), access_km=pl.lit(None, pl.Float64()))
    lon, lat = found["lon"].to_numpy(), found["lat"].to_numpy()
    if forbidden is not None and not forbidden.is_empty():
        shut = shapely.union_all(shapely.from_wkb(forbidden["geometry"].to_list()))
        found = found.with_columns(forbidden=pl.Series(shapely.contains_xy(shut, lon, lat)))
    if access is not None and not access.is_empty():
        km = nearest_m(lon, lat, access["lon"].to_numpy(), access["lat"].to_numpy()) / 1000
        found = found.with_columns(
            access_km=pl.Series(km), forbidden=pl.col("forbidden") | pl.Series(km > most_access_km)
        )
    return CANDIDATE.hand_over(found.select(CANDIDATE.schema.names()))


def sea_demand(areas: pl.DataFrame, spacing_m: float, kind: str = "naval-force") -> pl.DataFrame:
    """Places on a grid over sea areas (AREA) at which a kind is to be seen (DEMAND); sectors of half a degree."""
    shape = shapely.union_all(shapely.from_wkb(areas["geometry"].to_list()))
    west, south, east, north = shape.bounds
    tall = spacing_m / METRES_PER_DEGREE
    wide = tall / np.cos(np.radians((south + north) / 2))
    x, y = (
        one.ravel()
        for one in np.meshgrid(np.arange(west + wide / 2, east, wide), np.arange(south + tall / 2, north, tall))
    )
    inside = shapely.contains_xy(shape, x, y)
    x, y = x[inside], y[inside]
    cell = [f"sea-{a:g}-{b:g}" for a, b in zip(_down(x), _down(y), strict=True)]
    return DEMAND.hand_over(
        pl.DataFrame({"demand_id": [f"sea-{a:.3f}-{b:.3f}" for a, b in zip(x, y, strict=True)], "sector_id": cell})
        .with_columns(pl.Series("lon", x), pl.Series("lat", y), kind=pl.lit(kind), side=pl.lit(""))
        .with_columns(along_m=pl.lit(0.0), depth_m=pl.lit(0.0), weight=pl.lit(1 / max(len(x), 1)))
    )


def coast(areas: pl.DataFrame, spacing_m: float, forbidden: pl.DataFrame | None = None) -> pl.DataFrame:
    """Places on the shore of sea areas (AREA) at which sensors may stand (CANDIDATE); whose it is, is not told.

    Nothing may stand in areas that are ``forbidden`` (AREA).
    """
    shape = shapely.union_all(shapely.from_wkb(areas["geometry"].to_list()))
    step = spacing_m / METRES_PER_DEGREE
    points = [
        xy
        for ring in shapely.get_parts(shapely.boundary(shape))
        for xy in shapely.get_coordinates(
            shapely.line_interpolate_point(ring, np.arange(step / 2, max(ring.length, step), step))
        )
    ]
    x, y = np.array(points).reshape(-1, 2).T
    shut = np.zeros(len(x), bool)
    if forbidden is not None and not forbidden.is_empty():
        shut = shapely.contains_xy(shapely.union_all(shapely.from_wkb(forbidden["geometry"].to_list())), x, y)
    found = pl.DataFrame(
        {
            "site_id": [f"coast-{a:.3f}-{b:.3f}" for a, b in zip(x, y, strict=True)],
            "lon": x,
            "lat": y,
            "forbidden": shut,
        }
    )
    return CANDIDATE.hand_over(
        found.unique("site_id", maintain_order=True).with_columns(
            sector_id=pl.lit(COAST), side=pl.lit(""), consent=pl.lit(""),
            along_m=pl.lit(0.0), depth_m=pl.lit(0.0), access_km=pl.lit(None, pl.Float64()),
        ).select(CANDIDATE.schema.names())
    )  # fmt: skip


def nearest_m(lon: Floats, lat: Floats, to_lon: Floats, to_lat: Floats) -> Floats:
    """Metres from each place to the nearest of others."""
    tree = scipy.spatial.cKDTree(unit_vectors(to_lon, to_lat))
    far = tree.query(unit_vectors(lon, lat), distance_upper_bound=float(chord(NOWHERE_NEAR_M)))[0]
    return chord_to_m(np.minimum(far, 2.0))


def _down(degrees: Floats) -> Floats:
    return np.floor(degrees / SEA_SECTOR_DEG) * SEA_SECTOR_DEG
