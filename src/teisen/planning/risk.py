"""Where more or less is to be expected along the line: weights of sectors that demand is multiplied by.

They come from the brief itself, by sector or by kilometres of the line, or from a forecast
(:data:`teisen.compliance.FORECAST`) of areas. What a forecast expects in an area is spread evenly over the line in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Annotated, Self

import numpy as np
import polars as pl
import shapely
from pydantic import Field, model_validator

from teisen.documents import Strict
from teisen.errors import BadInput, Problem
from teisen.geodesy import Floats
from teisen.planning.ground import Track

LEAST = 0.1
"""A forecast of little takes no more than nine tenths of the watch from a sector: nobody forecasts the first attack."""
WEIGHT_DECIMALS = 6

Weight = Annotated[float, Field(gt=0)]


class Stretch(Strict):
    """The line from one kilometre to another, with its weight; elsewhere it is 1."""

    from_km: float = Field(ge=0)
    to_km: float
    weight: Weight

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.to_km <= self.from_km:
            raise ValueError("to_km is above from_km")
        return self


class Risk(Strict):
    """Weights of the line: ``sectors`` by id, ``km`` by stretches, or ``forecast``; files are beside the brief.

    Attributes:
        sectors: weight by sector id; 1: as elsewhere.
        km: stretches of the line.
        file: CSV with ``sector_id`` and ``weight``, or with ``from_km``, ``to_km`` and ``weight``.
        forecast: CSV with ``area_id`` and ``expected`` (the table of a case); days are added up.
        areas: GeoJSON with the forecast's areas; each feature names its ``area_id``.
    """

    sectors: dict[str, Weight] = Field(default_factory=dict)
    km: tuple[Stretch, ...] = ()
    file: str | None = None
    forecast: str | None = None
    areas: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if [bool(one) for one in (self.sectors, self.km, self.file, self.forecast)].count(True) != 1:
            raise ValueError("give one of `sectors:`, `km:`, `file:` and `forecast:`")
        if bool(self.forecast) != bool(self.areas):
            raise ValueError("`forecast:` and `areas:` go together")
        return self


def weights(risk: Risk, on: Track, read: Callable[[str], str], file: str) -> pl.DataFrame:
    """The weight of every sector (``sector_id``, ``weight``), in the order of the line; their mean by length is 1.

    Args:
        risk: what the brief says of it.
        on: the line.
        read: the text of a file beside the brief.
        file: the brief, for errors.

    Raises:
        BadInput: a file is wrong, a sector is not there, or nothing is expected anywhere along the line.
    """
    where = file
    if risk.file:
        where = risk.file
        risk = _said(_csv(read(where), where), where)
    if risk.forecast and risk.areas:
        found = _forecast(
            _csv(read(risk.forecast), risk.forecast), _areas(read(risk.areas), risk.areas), on, risk.forecast
        )
    elif risk.sectors:
        if unknown := sorted(set(risk.sectors) - set(on.sector_ids)):
            do = f"Write ids of sectors.csv, as {on.sector_ids[0]}; they change with `sector_km`."
            raise BadInput(Problem(where, 0, "sector_id", f"the line has no sector {unknown[0]!r}", do))
        found = np.array([risk.sectors.get(one, 1.0) for one in on.sector_ids])
    else:
        found = _stretches(risk.km, on, where)
    low, high = _ends(on)
    mean = float(found @ (high - low)) / on.length_m
    return pl.DataFrame({"sector_id": on.sector_ids, "weight": np.round(found / mean, WEIGHT_DECIMALS)})


def _ends(on: Track) -> tuple[Floats, Floats]:
    return on.sector_from_m, np.append(on.sector_from_m[1:], on.length_m)


def _stretches(stretches: tuple[Stretch, ...], on: Track, where: str) -> Floats:
    """The mean weight of each sector over its length."""
    low, high = _ends(on)
    kept = sorted(stretches, key=lambda one: one.from_km)
    for one, after in pairwise(kept):
        if after.from_km < one.to_km:
            what = f"stretches overlap at km {after.from_km:g}"
            raise BadInput(Problem(where, 0, "km", what, "Let one end where the next begins."))
    if kept[0].from_km * 1000 >= on.length_m:
        what = f"the line ends at km {on.length_m / 1000:,.1f}"
        raise BadInput(Problem(where, 0, "km", what, "Count kilometres from where the line begins."))
    found = np.ones(len(low))
    for one in kept:
        inside = np.minimum(high, one.to_km * 1000) - np.maximum(low, one.from_km * 1000)
        found += (one.weight - 1) * np.maximum(inside, 0) / (high - low)
    return found


def _forecast(rows: pl.DataFrame, areas: list[tuple[str, shapely.Geometry]], on: Track, file: str) -> Floats:
    if not {"area_id", "expected"} <= set(rows.columns):
        raise BadInput(Problem(file, 1, "", "area_id or expected is missing", "Export the case's forecast table."))
    expected = dict(
        rows.select("area_id", pl.col("expected").cast(pl.Float64, strict=False))
        .group_by("area_id", maintain_order=True)
        .agg(pl.col("expected").sum())
        .iter_rows()
    )
    low, high = _ends(on)
    lon, lat = on.place((low + high) / 2, 0.0)
    found = np.zeros(len(low))
    for area_id, shape in areas:
        inside = shapely.contains_xy(shape, lon, lat)
        metres = float((high - low)[inside].sum())
        if metres > 0:
            found[inside] += max(expected.get(area_id, 0.0), 0.0) / metres
    if not found.any():
        what = "nothing is expected in any area that the line runs through"
        raise BadInput(Problem(file, 0, "", what, "See whether `areas:` has the same area_id."))
    return np.maximum(found, LEAST * float(found @ (high - low)) / on.length_m)


def _areas(text: str, file: str) -> list[tuple[str, shapely.Geometry]]:
    try:
        features = json.loads(text)["features"]
        return [
            (str(one["properties"]["area_id"]), shapely.from_geojson(json.dumps(one["geometry"]))) for one in features
        ]
    except (ValueError, KeyError, TypeError, shapely.errors.ShapelyError) as error:
        do = "Save a FeatureCollection of polygons; each names its `area_id`."
        raise BadInput(Problem(file, 0, "", f"it holds no areas: {error}", do)) from None


def _said(rows: pl.DataFrame, file: str) -> Risk:
    names = [one for one in (("sector_id", "weight"), ("from_km", "to_km", "weight")) if set(one) <= set(rows.columns)]
    if not names:
        do = "Write sector_id and weight, or from_km, to_km and weight."
        raise BadInput(Problem(file, 1, "", "columns are missing", do))
    numbers = rows.select(pl.col(name) for name in names[0]).with_columns(
        pl.col(name).cast(pl.Float64, strict=False) for name in names[0] if name != "sector_id"
    )
    for n, row in enumerate(numbers.to_dicts(), 2):
        if None in row.values() or not row["weight"] > 0 or row.get("to_km", 1.0) <= row.get("from_km", 0.0):
            do = "Write weights above 0, and to_km above from_km."
            raise BadInput(Problem(file, n, "weight", "a number is missing or too low", do))
    if numbers.is_empty():
        raise BadInput(Problem(file, 0, "", "it has no rows", "Leave `risk:` out to weigh all alike."))
    if names[0][0] == "sector_id":
        return Risk(sectors=dict(numbers.iter_rows()))
    return Risk(km=tuple(Stretch(**row) for row in numbers.to_dicts()))


def _csv(text: str, file: str) -> pl.DataFrame:
    try:
        return pl.read_csv(text.encode(), infer_schema=False)
    except pl.exceptions.PolarsError as error:
        what = f"it cannot be read: {str(error).splitlines()[0]}"
        raise BadInput(Problem(file, 0, "", what, "Name a CSV file beside the brief.")) from None
