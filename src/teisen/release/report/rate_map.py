"""Maps of rates and, beside each, of ignorance: small multiples of the days reported, all in one projection.

Shades are steps of one colour each, so that they differ in lightness alone; what nobody could see is hatched and has a
word and no number.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import shapely
from markupsafe import Markup

from teisen.languages import say
from teisen.release.report import words
from teisen.release.report.across import Box, crosses, fitted, within
from teisen.release.report.days import Days, day_of
from teisen.release.report.drawing import path, tag
from teisen.release.report.heat import openness, says
from teisen.release.report.projection import Projection, simple
from teisen.release.report.terms import ALL, ReadingOfDay, beside, under

WIDTH, GAP, HEAD, LABEL, LEGEND, FOOT = 960, 12, 22, 18, 22, 14
HIGH_ONE, HIGH_MANY = 380, 210
"""Most that a map is high: of one day, and of several side by side."""
SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2)
"""Bounds of the shades of a rate, as shares of the highest of the reading that is drawn."""
TIMES = (4.0, 16.0, 64.0, 256.0)
"""Bounds of the shades of ignorance: how many times its lower end an interval's upper end is."""
SHADES = (0.06, 0.22, 0.42, 0.68, 1.0)
COARSE_PX = 1.2
"""Outlines are simplified to this."""
HATCH = 4.5
"""Pixels between the lines of what nobody could see."""
Row = dict[str, Any]


@dataclass(frozen=True)
class RateMap:
    """The drawing, and its numbers: one row a reading, area and day.

    ``each`` is the drawing in parts, one a reading.
    """

    svg: Markup
    rows: tuple[tuple[object, ...], ...]
    each: tuple[Markup, ...] = ()


@dataclass(frozen=True)
class _Ground:
    """What all maps share: path and hatching by area, borders of regions by id, names, and the size of a map."""

    paths: dict[str, str]
    hatched: dict[str, str]
    borders: dict[str, str]
    names: dict[str, str]
    width: float
    height: float


def draw(days: Days, readings: Sequence[ReadingOfDay]) -> RateMap:
    """Maps of the readings in force on the days reported, by sector of the line where sectors were released."""
    areas, rates = _areas(days)
    kept = rates.filter(pl.col("day").is_in(days.reported) & (pl.col("word") != "out_of_window"))
    kept = kept.join(areas.select("area_id"), on="area_id", how="semi")
    if kept.is_empty():
        return RateMap(Markup(""), ())
    ground = _ground(
        days, areas.join(kept.select("area_id"), on="area_id", how="semi").sort("area_id"), kept["day"].n_unique()
    )
    parts: list[Markup] = []
    rows: list[tuple[object, ...]] = []
    told: list[str] = []
    each: list[Markup] = []
    top = 0.0
    for one in readings:
        mine = kept.filter(under(one.key)).sort("day", "area_id")
        if not one.in_force or mine.is_empty():
            continue
        by_day: dict[date, dict[str, Row]] = {}
        for row in mine.iter_rows(named=True):
            by_day.setdefault(row["day"], {})[row["area_id"]] = row
            numbers = (row[c] for c in ("rate_low", "rate", "rate_high"))
            times = None if row["rate"] is None else round(openness(row), 2)
            rows.append((one.label, row["area_id"], row["day"].isoformat(), *numbers, times, row["word"]))
        told.append(_says(one, by_day, ground.names))
        drawn, height = _panel(one, by_day, ground, top)
        parts.append(drawn)
        each.append(_whole([_panel(one, by_day, ground, 0.0)[0]], told[-1], height))
        top += height
    if not parts:
        return RateMap(Markup(""), ())
    return RateMap(_whole(parts, " ".join(told), top), tuple(rows), tuple(each))


def _areas(days: Days) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Areas with their shapes, and their rates with ``day``: sectors where both were released, else regions."""
    sectors, fine = days.table("sector_area"), days.table("sector_rate")
    if sectors.height and fine.height:
        return sectors.sort("area_id"), fine.with_columns(day_of(days.about.zone))
    return days.regions.sort("area_id"), days.rates.filter(pl.col("area_id") != ALL)


def _ground(days: Days, areas: pl.DataFrame, shown: int) -> _Ground:
    """Of ``areas`` on so many days of ``days``."""
    shapes = list(shapely.from_wkb(areas["geometry"].to_list()))
    names = days.region_names | dict(areas.select("area_id", "name").iter_rows())
    many = shown > 1
    columns = shown if many else 2
    width = (WIDTH - GAP * (columns - 1)) / columns
    box = _box(days, shapes)
    to = Projection(box, width, HIGH_MANY if many else HIGH_ONE, 3)
    frame = shapely.box(0, 0, width, to.height)

    def cut(shape: shapely.Geometry) -> shapely.Geometry:
        return shapely.intersection(to.shape(within(shape, box) if crosses(box) else shape), frame)

    drawn = simple([cut(s) for s in shapes], shared=True, tolerance_px=COARSE_PX)
    ids = areas["area_id"].to_list()
    land = {i: cut(s) for i, s in zip(days.regions["area_id"], days.shapes, strict=True)}
    land = {i: shape for i, shape in land.items() if not shape.is_empty}
    borders = map(path, simple(list(land.values()), shared=True, tolerance_px=COARSE_PX))
    return _Ground(
        dict(zip(ids, map(path, drawn), strict=True)),
        dict(zip(ids, _hatched(drawn, width, to.height), strict=True)),
        dict(zip(land, borders, strict=True)),
        names,
        width,
        to.height,
    )


def _hatched(shapes: list[shapely.Geometry], width: float, height: float) -> list[str]:
    """Lines across each shape, as a drawing that loads nothing cannot name a pattern."""
    starts = np.arange(-height, width, HATCH)
    lines = shapely.multilinestrings([[[x, height], [x + height, 0.0]] for x in starts])
    return [path(shapely.intersection(lines, shape)) for shape in shapes]


def _box(days: Days, shapes: list[shapely.Geometry]) -> Box:
    west, south, east, north = (float(x) for x in shapely.total_bounds(np.array(shapes, dtype=object)))
    west, east = fitted(shapes, np.zeros(0), days.about.box) or (west, east)
    room = max(0.05, 0.02 * (east - west))
    return west - room, south - room, east + room, north + room


def _whole(parts: list[Markup], said: str, height: float) -> Markup:
    title = tag("title", say("Maps of rates, and of how far they are open"))
    box = f"0 0 {WIDTH} {int(height)}"
    return tag("svg", title, tag("desc", said), *parts, viewBox=box, role="img", class_="chart")


def _panel(one: ReadingOfDay, by_day: dict[date, dict[str, Row]], ground: _Ground, top: float) -> tuple[Markup, float]:
    """The maps of one reading with their legend, and how high they are together."""
    most = max((row["rate"] or 0.0 for of in by_day.values() for row in of.values()), default=0.0) or 1.0
    title = f"{one.label} {one.held_by}: {one.provision.title}"
    parts = [tag("text", tag("title", title), Markup.escape(beside(one, 90)), x=4, y=top + 14, class_="name")]
    many, begun = len(by_day) > 1, top
    top += HEAD
    for rate in (True, False):
        y = top + (0 if rate or not many else ground.height + LABEL)
        for n, (day, of) in enumerate(by_day.items()):
            x = n * (ground.width + GAP) if many else (0 if rate else ground.width + GAP)
            what = say("violations a day") if rate else say("how open it is: upper over lower end")
            head = words.day_short(day) if many and rate else what if n == 0 else ""
            parts.append(tag("text", head, x=x + 4, y=y + 12, class_="note"))
            shades = list(_shades(of, most, ground, rate=rate, titled=not many))
            parts.append(tag("g", *shades, transform=f"translate({x:.1f} {y + LABEL:.1f})"))
    top += (ground.height + LABEL) * (2 if many else 1)
    parts += [*_legend(top, most, rate=True), *_legend(top + LEGEND, most, rate=False)]
    return tag("g", *parts), top + 2 * LEGEND + FOOT - begun


def _shades(of: dict[str, Row], most: float, ground: _Ground, *, rate: bool, titled: bool) -> Iterator[Markup]:
    """Areas of one day, put together by their shade; those that nobody could see last."""
    bare = "".join(outline for region, outline in ground.borders.items() if region not in of)
    if bare:
        yield tag("path", d=bare, class_="border")
    by_shade: dict[int, list[str]] = {}
    for area, row in of.items():
        by_shade.setdefault(_shade(row, most, rate=rate), []).append(area)
    for shade, areas in sorted(by_shade.items()):
        look = _look(shade, rate=rate)
        if titled:
            told = {area: f"{ground.names.get(area, area)}: {says(of[area])}" for area in areas}
            yield tag("g", *(tag("path", tag("title", told[area]), d=ground.paths[area]) for area in areas), **look)
        else:
            yield tag("path", d="".join(ground.paths[area] for area in areas), **look)
        if shade == UNSEEN:
            yield tag("path", d="".join(ground.hatched[area] for area in areas), class_="hatch")


UNSEEN = len(SHADES)


def _shade(row: Row, most: float, *, rate: bool) -> int:
    if row["rate"] is None:
        return UNSEEN
    if rate:
        return int(np.searchsorted(SHARES, row["rate"] / most, side="right"))
    return int(np.searchsorted(TIMES, openness(row), side="right"))


def _look(shade: int, *, rate: bool) -> dict[str, object]:
    if shade == UNSEEN:
        return {"class_": "mapped unhatched"}
    return {"class_": f"mapped {'bar' if rate else 'vague'}", "fill_opacity": f"{SHADES[shade]:.2f}"}


def _legend(top: float, most: float, *, rate: bool) -> Iterator[Markup]:
    bounds = [most * share for share in SHARES] if rate else list(TIMES)
    decimals = max(2, 1 - math.floor(math.log10(bounds[0])))  # so that no two ends read alike
    ends = [words.number(bound, decimals) for bound in bounds]
    told = [f"< {ends[0]}", *(f"{a} – {b}" for a, b in itertools.pairwise(ends)), f"≥ {ends[-1]}"]
    what = say("violations a day") if rate else say("how open it is: upper over lower end")
    yield tag("text", what, x=4, y=top + 14, class_="note")
    entries = list(enumerate(told))
    if rate:
        entries.append((UNSEEN, say(words.RATES["nobody_could_see"])))
    for n, (shade, label) in enumerate(entries):
        x = 250 + n * 112
        yield tag("rect", x=x, y=top + 5, width=16, height=11, **_look(shade, rate=rate))
        if shade == UNSEEN:
            yield tag(
                "path", d=f"M{x} {top + 12:g}l7-7M{x + 4} {top + 16:g}l11-11M{x + 11} {top + 16:g}l5-5", class_="hatch"
            )
        yield tag("text", label, x=x + 21, y=top + 14, class_="note")


def _says(one: ReadingOfDay, by_day: dict[date, dict[str, Row]], names: dict[str, str]) -> str:
    """The maps in words, day by day: where most is, of what least is known, and what nobody could see."""
    told = [f"{one.label} {one.provision.title}."]
    for day, of in by_day.items():
        seen = {area: row for area, row in of.items() if row["rate"] is not None}
        most = sorted(seen, key=lambda area: (-seen[area]["rate"], area))[:3]
        least = sorted(seen, key=lambda area: (-openness(seen[area]), area))[:3]
        blind = [names.get(area, area) for area in of if area not in seen]
        told.append(f"{words.day(day)}:")
        if seen:
            places = words.listing([f"{names.get(area, area)} {says(seen[area])}" for area in most])
            told.append(say("Most violations: {places}.", places=places))
            open_ = words.listing([names.get(area, area) for area in least])
            told.append(say("Least is known of: {places}.", places=open_))
        if blind:
            told.append(say("Areas that nobody could see: {n} of {all}.", n=len(blind), all=len(of)))
    return " ".join(told)
