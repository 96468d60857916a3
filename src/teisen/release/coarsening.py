"""Coarser places, shapes and times: a value leaves as the cell that it lies in, and doing it twice changes nothing."""

from __future__ import annotations

import numpy as np
import polars as pl
import shapely

from teisen.geodesy import METRES_PER_DEGREE, Floats
from teisen.release.outgoing import Outgoing
from teisen.sources.away import named

FLOORED = ("start", "reported", "stated", "valid_from", "valid_to")
CEILED = ("end",)
ERROR, ELLIPSE = ("place_error_m",), ("place_error_minor_m", "place_azimuth_deg")
STEP = 0.1
"""Errors of coarse places leave in steps of this share of a cell, rounded up."""
AWAY = r"^(\d+) km away, "
"""How a line of evidence begins that tells how far it lies from its incident."""
NAMED = ("place_name", "title")
WIDTH = {"second": "1s", "minute": "1m", "hour": "1h", "day": "1d"}


def coarsen_places(work: Outgoing, place_km: float) -> None:
    """Bring places and shapes onto a grid of so many km; errors of places grow by a cell's own
    (what is even over a side of c metres has the variance c2 / 12), rounded up: to the metre they would tell the finer
    one, and so how far a place lay from who told it.

    They are circles then: an ellipse would tell how far away and in which direction a place lay from who told it. So
    would a name with that beside it, which loses it.
    """
    reason = f"places leave on a grid of {place_km:g} km"
    cell_m = place_km * 1000
    for name, frame in list(work.tables.items()):
        if "lon" in frame.columns:
            lon, lat = snap(frame["lon"].to_numpy(), frame["lat"].to_numpy(), cell_m)
            error = (pl.col("place_error_m").fill_null(0.0).pow(2) + cell_m**2 / 12).sqrt()
            error = (error / (cell_m * STEP)).ceil() * cell_m * STEP
            grown = [pl.when(pl.col("lon").is_not_null()).then(error).alias(c) for c in ERROR if c in frame.columns]
            grown += [pl.lit(None, pl.Float64).alias(c) for c in ELLIPSE if c in frame.columns]
            place = [pl.Series("lon", lon).fill_nan(None), pl.Series("lat", lat).fill_nan(None)]
            work.note(name, "place coarsened", reason, frame["lon"].count())
            work.tables[name] = frame.with_columns(*place, *grown)
            _coarsen_names(work, name, reason)
        if name in ("site", "contact_line", "sector_area", "area"):
            _coarsen_shapes(work, name, cell_m, reason)
    if "evidence" in work.tables:
        _coarsen_distances(work, place_km, reason)


def _coarsen_distances(work: Outgoing, place_km: float, reason: str) -> None:
    """How far evidence lies away, in cells: a fire's exact place is known to everybody, and so its neighbour's."""
    frame = work.tables["evidence"]
    far = frame["reason"].str.extract(AWAY)
    whole = {km: f"{round(int(km) / place_km) * place_km:g}" for km in far.drop_nulls().unique()}
    told = pl.concat_str(far.replace(whole), frame["reason"].str.replace(r"^\d+", ""))
    coarse = frame.with_columns(reason=pl.when(far.is_not_null()).then(told).otherwise("reason"))
    work.note("evidence", "reason shortened", reason, int((coarse["reason"] != frame["reason"]).sum()))
    work.tables["evidence"] = coarse


def _coarsen_names(work: Outgoing, name: str, reason: str) -> None:
    """Names of places, and titles that end with them, without how far away and in which direction."""
    frame = work.tables[name]
    columns = [column for column in NAMED if column in frame.columns]
    texts = {text for column in columns for text in frame[column].drop_nulls().unique()}
    bare = {text: alone for text in texts if (alone := named(text)) != text}
    if bare:
        hit = pl.any_horizontal(pl.col(column).is_in([*bare]) for column in columns)
        work.note(name, "title and place name replaced", reason, int(frame.select(hit.sum()).item()))
        work.tables[name] = frame.with_columns(pl.col(columns).replace(bare))


def _coarsen_shapes(work: Outgoing, name: str, cell_m: float, reason: str) -> None:
    """Bring the corners of lines and of areas of control onto a grid; administrative and agreed areas stay."""
    frame = work.tables[name]
    fine = frame["geometry"].is_not_null()
    if name == "area":
        fine = fine & (frame["level"] == "control")
    if not fine.any():
        return
    shapes = shapely.from_wkb(frame["geometry"].filter(fine).to_list())
    coarse = iter(shapely.to_wkb(shapely.set_precision(shapes, cell_m / METRES_PER_DEGREE), byte_order=1).tolist())
    cells = [next(coarse) if hit else cell for hit, cell in zip(fine, frame["geometry"], strict=True)]
    work.note(name, "shape coarsened", reason, int(fine.sum()))
    work.tables[name] = frame.with_columns(pl.Series("geometry", cells, dtype=pl.Binary))


def snap(lon: Floats, lat: Floats, cell_m: float) -> tuple[Floats, Floats]:
    """Middles of the grid cells, ``cell_m`` high and about as wide, that places in degrees lie in.

    Rows of the grid have one width of their own, taken at their middle latitude, so that the same place always falls
    into the same cell; snapping twice changes nothing. A cell whose middle lies beyond a pole or the meridian of 180
    degrees leaves as the place on it that is nearest.
    """
    step = cell_m / METRES_PER_DEGREE
    middle = (np.floor(lat / step) + 0.5) * step
    wide = step / np.clip(np.cos(np.radians(middle)), 0.01, None)
    return np.clip((np.floor(lon / wide) + 0.5) * wide, -180, 180), np.clip(middle, -90, 90)


def coarsen_times(work: Outgoing, width: str) -> None:
    """Widen times to whole seconds, minutes, hours or days (``width``, a key of :data:`WIDTH`)."""
    every = WIDTH[width]
    for name, frame in list(work.tables.items()):
        floor = [pl.col(c).dt.truncate(every) for c in FLOORED if c in frame.columns]
        ceil = [
            pl.when(pl.col(c).dt.truncate(every) == pl.col(c))
            .then(pl.col(c))
            .otherwise(pl.col(c).dt.truncate(every).dt.offset_by(every))
            .alias(c)
            for c in CEILED
            if c in frame.columns
        ]
        if floor or ceil:
            coarse = frame.with_columns(*floor, *ceil)
            times = [c for c in (*FLOORED, *CEILED) if c in frame.columns]
            moved = pl.any_horizontal(frame[c].ne_missing(coarse[c]) for c in times)
            work.note(name, "time widened", f"times leave to the {width}", int(frame.select(moved.sum()).item()))
            work.tables[name] = coarse
