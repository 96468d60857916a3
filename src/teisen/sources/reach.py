"""How far news reach: by language, distance to a town, who holds the ground, and the hours of a curfew.

What reporters can't reach goes unreported. A profile declares how much (``effort``, figures with origin and basis):

- ``town_km``: how far from a town they learn of things as of things in it; ``far``: factor beyond;
- ``no_access``: factor on ground that a party holds which lets no reporters in;
- ``other_language``: factor in areas whose people write in a language that the outlets do not read;
- ``curfew``: factor in the hours in which nobody is on the streets.

The source's option ``reach`` says where they hold. A region's factor is the mean over points spread evenly in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

import numpy as np
import polars as pl
import scipy
import shapely
from pydantic import Field

from teisen.documents import Strict
from teisen.errors import BadInput, Problem
from teisen.geodesy import Floats, chord, unit_vectors
from teisen.sources import effort, spans
from teisen.sources.moments import clock
from teisen.sources.reader import Ground, Source

POINTS_A_SIDE = 16
"""Points along each side of a region's box; those outside the region are dropped."""
EFFORT = ("town_km", "far", "no_access", "other_language", "curfew")


class Reach(Strict):
    """Where the profile's figures hold.

    Attributes:
        towns: whether distance to the towns that the case's names know counts.
        no_access: parties that let no reporters onto the ground they hold, as areas of level control tell it by day.
        languages: shell patterns of ids of areas whose language the outlets read; empty: all.
        curfew: hours of it, as ``00:00-05:00`` of ``zone``.
    """

    towns: bool = False
    no_access: list[str] = Field(default_factory=list)
    languages: list[str] = Field(default_factory=list)
    curfew: str | None = Field(default=None, pattern=r"^\d{2}:\d{2}-\d{2}:\d{2}$")
    zone: str = "UTC"

    def needs(self) -> Iterable[str]:
        """Figures that a profile has to declare for this."""
        if self.towns:
            yield from ("town_km", "far")
        if self.no_access:
            yield "no_access"
        if self.languages:
            yield "other_language"
        if self.curfew:
            yield "curfew"


def figures(source: Source, reach: Reach) -> Mapping[str, float]:
    """The figures that ``reach`` needs, from the source's profile.

    Raises:
        BadInput: the profile does not declare one.
    """
    declared = source.profile.effort
    for name in reach.needs():
        if name not in declared:
            what = f"option reach of source {source.source_id} needs the figure {name}, which its profile lacks"
            do = f"Declare effort.{name} with value, origin and basis."
            raise BadInput(Problem(f"profile {source.profile.id}", 0, "effort", what, do))
    return {name: figure.value for name, figure in declared.items()}


def within_reach(grid: pl.DataFrame, areas: pl.DataFrame, ground: Ground, source: Source, reach: Reach) -> pl.DataFrame:
    """``grid`` (``area_id``, ``start``, ``end``, ``state``, ``p_detect``, ``reason``) with p_detect times its reach.

    With a curfew every row becomes one for its hours and one or two for the others.
    """
    value = figures(source, reach)
    if not list(reach.needs()):
        return grid
    days = grid.select("start", "end").unique().sort("start")
    factor = _by_area(areas, days, ground, reach, value)
    grid = grid.join(factor, on=["area_id", "start"], how="left", maintain_order="left")
    part = pl.col("factor").fill_null(1.0)
    says = pl.concat_str("reason", pl.lit("; within reach "), effort.percent(part))
    grid = grid.with_columns(
        p_detect=pl.col("p_detect") * part, reason=pl.when(part < 1).then(says).otherwise("reason")
    ).drop("factor")
    if not reach.curfew:
        return grid
    first, last = (clock(text) for text in reach.curfew.split("-"))
    hours = spans.daily(days, first, last, reach.zone, surely=False)
    dark = spans.common(grid, hours).with_columns(
        p_detect=pl.col("p_detect") * value["curfew"], reason=pl.concat_str("reason", pl.lit("; curfew"))
    )
    return pl.concat([spans.without(grid, hours), dark])


def _by_area(
    areas: pl.DataFrame, days: pl.DataFrame, ground: Ground, reach: Reach, value: Mapping[str, float]
) -> pl.DataFrame:
    """``area_id``, ``start``, ``factor``: the mean over each area's points, by day."""
    names, points, at = _spread(areas)
    base = np.ones(len(points))
    if reach.towns:
        base = np.where(_near_town(points, ground, value["town_km"]), base, base * value["far"])
    if reach.languages:
        read = [any(fnmatchcase(name, pattern) for pattern in reach.languages) for name in names]
        base = np.where(np.array(read, bool)[at], base, base * value["other_language"])
    closed = ground.areas.filter((pl.col("level") == "control") & pl.col("controlled_by").is_in(reach.no_access))
    closed = closed.sort("valid_from", "area_id", "blob", "row")
    inside = [shapely.contains_xy(shape, points[:, 0], points[:, 1]) for shape in _shapes(closed)]
    count = np.bincount(at, minlength=len(names))
    out = []
    for start, end in days.iter_rows():
        # as it stood at the middle of the day
        noon = start + (end - start) / 2
        holds = closed.select(
            (pl.col("valid_from").is_null() | (pl.col("valid_from") <= noon))
            & (pl.col("valid_to").is_null() | (pl.col("valid_to") > noon))
        ).to_series()
        held = np.zeros(len(points), bool)
        for n in np.flatnonzero(holds.to_numpy()):
            held |= inside[n]
        part = np.where(held, base * value.get("no_access", 1.0), base)
        mean = np.bincount(at, part, len(names)) / np.maximum(count, 1)
        out.append(pl.DataFrame({"area_id": names, "factor": np.round(mean, 4)}).with_columns(start=pl.lit(start)))
    empty = pl.DataFrame(schema={"area_id": pl.String, "factor": pl.Float64, "start": days.schema["start"]})
    return pl.concat([empty, *(one.cast(empty.schema) for one in out)])


def _shapes(frame: pl.DataFrame) -> list[shapely.Geometry]:
    shapes = [shapely.from_wkb(data) for data in frame["geometry"]]
    for shape in shapes:
        shapely.prepare(shape)
    return shapes


def _spread(areas: pl.DataFrame) -> tuple[list[str], Floats, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Points spread over each area: names of areas, points (n, 2), and the index of the area of each."""
    points, at = [np.empty((0, 2))], [np.empty(0, np.int64)]
    inner = (np.arange(POINTS_A_SIDE) + 0.5) / POINTS_A_SIDE
    for n, shape in enumerate(_shapes(areas)):
        west, south, east, north = shape.bounds
        x, y = (grid.ravel() for grid in np.meshgrid(west + (east - west) * inner, south + (north - south) * inner))
        held = shapely.contains_xy(shape, x, y)
        middle = shapely.point_on_surface(shape)
        mine = np.column_stack([x[held], y[held]]) if held.any() else np.array([[middle.x, middle.y]])
        points.append(mine)
        at.append(np.full(len(mine), n))
    return areas["area_id"].to_list(), np.concatenate(points), np.concatenate(at)


def _near_town(points: Floats, ground: Ground, town_km: float) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    towns = ground.names.filter(pl.col("lon").is_not_null()).select("lon", "lat").unique().sort("lon", "lat")
    if towns.is_empty() or not len(points):
        return np.zeros(len(points), bool)
    far, _ = scipy.spatial.KDTree(unit_vectors(towns["lon"], towns["lat"])).query(
        unit_vectors(points[:, 0], points[:, 1])
    )
    return np.asarray(np.asarray(far) <= float(chord(town_km * 1000)))
