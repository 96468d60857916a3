"""Rows of released tables as features: an id, a geometry in CRS84 (or none), and everything else as properties."""

from __future__ import annotations

import hashlib
from typing import Any

import polars as pl
import shapely

from teisen.release.exports import shapes
from teisen.server.api.rows import plain
from teisen.server.view import View
from teisen.tables import Table

PLACES = ("geometry", "lon", "lat")


def features(table: Table, frame: pl.DataFrame) -> list[dict[str, Any]]:
    """One feature (RFC 7946) a row, in its order."""
    properties = plain(frame.drop(PLACES, strict=False))
    found = zip(identities(table, frame), shapes(frame), properties, strict=True)
    return [{"type": "Feature", "id": name, "geometry": shape, "properties": values} for name, shape, values in found]


def identities(table: Table, frame: pl.DataFrame) -> list[str]:
    """The id of each row: its key where that is one text, else a hash of the key's parts."""
    if len(table.key) == 1 and table.schema[table.key[0]] == pl.String:
        return [str(value) for value in frame[table.key[0]]]
    rows = frame.select(table.key).iter_rows()
    return [hashlib.sha256("|".join(map(str, row)).encode()).hexdigest()[:20] for row in rows]


def extent(view: View, name: str) -> dict[str, Any]:
    """Where and when the features of a collection are, as far as they are told."""
    frame = view.table(name)
    found: dict[str, Any] = {}
    boxes = []
    if "lon" in frame.columns and frame["lon"].count():
        placed = frame.select("lon", "lat").drop_nulls().to_numpy()
        boxes.append([*placed.min(axis=0).tolist(), *placed.max(axis=0).tolist()])
    if "geometry" in frame.columns and frame["geometry"].count():
        boxes.append(shapely.total_bounds(shapely.from_wkb(frame["geometry"].drop_nulls().to_list())).tolist())
    if boxes:
        low, high = ([f(box[i] for box in boxes) for i in at] for f, at in ((min, (0, 1)), (max, (2, 3))))
        crs = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
        found["spatial"] = {"bbox": [[*low, *high]], "crs": crs}
    if {"start", "end"} <= set(frame.columns) and frame.height:
        times = plain(frame.select(pl.col("start").min(), pl.col("end").max()))[0]
        found["temporal"] = {"interval": [[times["start"], times["end"]]]}
    return found
