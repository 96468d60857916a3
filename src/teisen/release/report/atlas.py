"""The map of the day: regions, sea, control as its source assesses it, protected sites, and the day's incidents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from dataclasses import dataclass

import numpy as np
import polars as pl
import shapely
from markupsafe import Markup

from teisen.languages import counted, say
from teisen.release.report import words
from teisen.release.report.across import Box, crosses, fitted, within
from teisen.release.report.days import Days
from teisen.release.report.drawing import SYMBOLS, path, symbol, tag
from teisen.release.report.incidents import Incident
from teisen.release.report.projection import TOLERANCE_PX, Projection, simple

WIDTH, MARGIN = 960, 14
MOST_HIGH = 900
SITE_GRID_PX = 3
TICKS_KM = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True)
class Control:
    """Who is said to hold an area, by which source, as of when."""

    index: int
    party: str
    source: str
    since: str


@dataclass(frozen=True)
class Map:
    """The drawing (None: nothing to draw), what its legend needs, and a text that says the same."""

    svg: Markup | None
    kinds: tuple[tuple[str, str, int], ...]
    control: tuple[Control, ...]
    line: str
    sites: int
    sea: bool
    says: str


def draw(days: Days, incidents: list[Incident], withheld: Set[str] = frozenset()) -> Map:
    """The map of the day's incidents as the page shows them; of ``withheld`` regions it gives no count."""
    placed = [i for i in incidents if i.lon is not None and i.lat is not None]
    box = _box(days, placed)
    control_areas = days.areas("control")
    sites, control = days.table("site").sort("site_id"), _control(days, control_areas)
    counts = Counter(i.kind for i in incidents)
    kinds = tuple((k, words.kind(k), counts[k]) for k in [*SYMBOLS, *sorted(set(counts) - set(SYMBOLS))] if counts[k])
    line, line_says = _contact_line(days)
    says = _says(days, incidents, placed, withheld)
    if box is None:
        return Map(None, kinds, (), "", 0, sea=False, says=says)
    to = Projection(box, WIDTH, MOST_HIGH, MARGIN)
    inside = [(n, within(s, box)) for n, s in zip(days.regions["name"], days.shapes, strict=True)]
    inside = [(n, s) for n, s in inside if not s.is_empty]
    frame = shapely.box(-MARGIN, -MARGIN, WIDTH + MARGIN, to.height + MARGIN)
    named = [(n, shapely.intersection(to.shape(s), frame)) for n, s in inside]
    borders = simple([s for _, s in named], shared=True)
    sea = _areas(days.areas("sea"), to, frame, box)
    layers = [
        tag("title", say("Map of {day}", day=words.day(days.day))),
        tag("desc", says),
        tag("rect", x=0, y=0, width=WIDTH, height=to.height, class_="ground"),
        *sea,
        *(tag("path", tag("title", n), d=path(s), class_="land") for (n, _), s in zip(named, borders, strict=True)),
        *_controlled(days, control_areas, to, frame, box),
        *(tag("path", d=path(s), class_="border") for s in borders),
    ]
    if line is not None:
        layers.append(tag("path", d=path(shapely.simplify(to.shape(line), TOLERANCE_PX)), class_="front"))
    layers += [
        _sites(sites, to),
        *_names(named),
        *_incidents(placed, to),
        *_unplaced(days, [i for i in incidents if i.region not in withheld], to),
        _scale(to),
    ]
    # a group, not an image: an image would hide the links of its symbols from those who do not see them
    svg = tag("svg", *layers, viewBox=f"0 0 {WIDTH} {to.height}", role="group", class_="map")
    return Map(svg, kinds, control, line_says, sites.height, sea=bool(sea), says=says)


def _box(days: Days, placed: list[Incident]) -> Box | None:
    """West, south, east, north of the regions and the incidents, with a little room."""
    bounds = [shapely.bounds(s) for s in days.shapes]
    bounds += [np.array([i.lon, i.lat, i.lon, i.lat], float) for i in placed]
    if not bounds:
        return None
    every = np.array(bounds)
    west, south = every[:, 0].min(), every[:, 1].min()
    east, north = every[:, 2].max(), every[:, 3].max()
    across = fitted(days.shapes, np.array([i.lon for i in placed], float), days.about.box)
    if across is not None:
        west, east = across
        room = max(0.15, 0.02 * (east - west))
        _, low, _, high = days.about.box or (0.0, -90.0, 0.0, 90.0)
        return west - room, max(float(south - room), low), east + room, min(float(north + room), high)
    room = max(0.15, 0.02 * (east - west))
    w, so, e, n = days.about.box or (west - room, south - room, east + room, north + room)
    return (
        max(float(west - room), w),
        max(float(south - room), so),
        min(float(east + room), e),
        min(float(north + room), n),
    )


def _areas(areas: pl.DataFrame, to: Projection, frame: shapely.Geometry, box: Box) -> list[Markup]:
    given = shapely.from_wkb(areas["geometry"].to_list())
    shapes = [shapely.intersection(to.shape(within(s, box) if crosses(box) else s), frame) for s in given]
    return [
        tag("path", tag("title", name), d=path(shape), class_="sea")
        for name, shape in zip(areas["name"], simple(shapes), strict=True)
        if not shape.is_empty
    ]


def _party_index(days: Days, party: str | None) -> int:
    return next((n for n, p in enumerate(days.about.parties) if p.id == party), len(days.about.parties))


def _controlled(days: Days, areas: pl.DataFrame, to: Projection, frame: shapely.Geometry, box: Box) -> list[Markup]:
    drawn = []
    for row in areas.iter_rows(named=True):
        given = shapely.from_wkb(row["geometry"])
        given = within(given, box) if crosses(box) else given
        shape = shapely.intersection(shapely.make_valid(to.shape(given)), frame)
        source = days.about.source_title(row["source_id"])
        held = _held(days, row["controlled_by"])
        says = say("{area}: {held}, as {source} assesses it", area=row["name"], held=held, source=source)
        data = path(simple([shape])[0]) if not shape.is_empty else ""
        if data:
            class_ = f"control c{_party_index(days, row['controlled_by']) % 4}"
            drawn.append(tag("path", tag("title", says), d=data, class_=class_))
    return drawn


def _held(days: Days, party: str | None) -> str:
    return (
        say("under effective control of {party}", party=days.about.name_of(party)) if party else say("control not told")
    )


def _control(days: Days, areas: pl.DataFrame) -> tuple[Control, ...]:
    found = {
        Control(
            _party_index(days, party) % 4,
            _held(days, party),
            days.about.source_title(source),
            words.moment(since, days.about.zone) if since else say("no date"),
        )
        for party, source, since in areas.select("controlled_by", "source_id", "valid_from").iter_rows()
    }
    return tuple(sorted(found, key=lambda c: (c.index, c.source, c.since)))


def _contact_line(days: Days) -> tuple[shapely.Geometry | None, str]:
    """The line of contact of the day, where the release gives one, and its length in words."""
    lines = days.tables.get("line", days.tables.get("contact_line"))
    if lines is None or lines.is_empty() or not {"start", "end", "geometry"} <= set(lines.columns):
        return None, ""
    start, end = days.bounds
    of_day = lines.filter((pl.col("start") < end) & (pl.col("end") > start) & pl.col("geometry").is_not_null())
    if of_day.is_empty():
        return None, ""
    says = say("line of contact")
    if "length_km" in of_day.columns and of_day["length_km"].null_count() == 0:
        says += ", " + say("{n} km", n=words.number(of_day["length_km"][0], 0))
    if "source_id" in of_day.columns:
        source = days.about.source_title(of_day["source_id"][0])
        says += ", " + say("from areas of control by {source}", source=source)
    return shapely.from_wkb(of_day["geometry"][0]), says


def _sites(sites: pl.DataFrame, to: Projection) -> Markup:
    """Sites as one path of small dots, one for each cell of a few pixels."""
    if sites.is_empty():
        return tag("g")
    at = to.pixels(sites.select("lon", "lat").to_numpy())
    inside = (at[:, 0] > 0) & (at[:, 0] < WIDTH) & (at[:, 1] > 0) & (at[:, 1] < to.height)
    cells = np.unique(np.round(at[inside] / SITE_GRID_PX).astype(int) * SITE_GRID_PX, axis=0)
    dots = "".join(f"M{x} {y}h0" for x, y in cells.tolist())
    return tag("path", tag("title", say("Protected sites")), d=dots, class_="site")


def _names(named: list[tuple[str, shapely.Geometry]]) -> list[Markup]:
    """Region names in the middle of the largest piece, where that has room for them."""
    written = []
    for name, shape in named:
        parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
        if not parts:
            continue
        largest = max(parts, key=lambda p: p.area)
        short = name.removesuffix(" Oblast").removeprefix("Autonomous Republic of ")
        west, _, east, _ = largest.bounds
        if east - west > 5.2 * len(short):
            middle = largest.centroid
            point = middle if largest.contains(middle) else shapely.point_on_surface(largest)
            label = Markup.escape(short)
            written.append(tag("text", label, x=float(point.x), y=float(point.y) - 8, class_="region-name"))
    return written


def _incidents(placed: list[Incident], to: Projection) -> list[Markup]:
    """Least probable first, so that the most probable lies on top."""
    if not placed:
        return []
    at = to.pixels(np.array([[i.lon, i.lat] for i in placed], float))
    drawn: list[Markup] = []
    circles: list[Markup] = []
    for incident, (x, y) in sorted(zip(placed, at.tolist(), strict=True), key=lambda c: (c[0].p, c[0].id)):
        radius = (incident.error_m or 0) * to.scale
        if radius > 6:
            circles.append(tag("circle", cx=x, cy=y, r=radius, class_="error"))
        chance = f"{say('P(conflict)')} {words.chance(incident.p)}"
        says = f"{incident.title}. {incident.kind_title}, {incident.window}, {chance}"
        mark = symbol(incident.kind, x, y, 0.25 + 0.75 * incident.p, 0.65 if incident.group == "trace" else 1.0)
        drawn.append(
            tag(
                "a",
                tag("title", say("{incident}, place ± {error}", incident=says, error=incident.error)),
                mark,
                href=f"#{incident.id}",
            )
        )
    return [tag("g", *circles), tag("g", *drawn)]


def _unplaced(days: Days, incidents: list[Incident], to: Projection) -> list[Markup]:
    """A count in each region of incidents of which no more than the region is known."""
    counts = Counter(i.region for i in incidents if i.lon is None)
    drawn = []
    for (area_id, name), shape in zip(days.region_names.items(), days.shapes, strict=True):
        if counts[area_id]:
            point = to.shape(shapely.point_on_surface(shape))
            says = say(
                "{region}: {incidents} known no closer than the region",
                region=name,
                incidents=words.incidents(counts[area_id]),
            )
            x, y = float(point.x), float(point.y)
            back = tag("rect", x=x - 13, y=y + 1, width=26, height=15, rx=3, class_="badge")
            drawn.append(
                tag(
                    "g",
                    tag("title", says),
                    back,
                    tag("text", f"+{counts[area_id]}", x=x, y=y + 12, class_="badge-text"),
                )
            )
    return drawn


def _scale(to: Projection) -> Markup:
    length = max((t for t in TICKS_KM if t * 1000 * to.scale <= WIDTH / 5), default=TICKS_KM[0])
    x, y, wide = 20.0, to.height - 18.0, length * 1000 * to.scale
    bar = tag("path", d=f"M{x:.0f} {y - 5:.0f}v5h{wide:.1f}v-5", class_="scale")
    return tag("g", bar, tag("text", say("{n} km", n=length), x=x + wide / 2, y=y - 5, class_="scale-text"))


def _says(days: Days, incidents: list[Incident], placed: list[Incident], withheld: Set[str]) -> str:
    if not incidents:
        return say(
            "No incident was recorded on {day}; read this with what could have been seen.", day=words.day(days.day)
        )
    told = [i.region for i in incidents if i.region not in withheld]
    regions = Counter(days.region_names.get(region, say("outside the regions")) for region in told)
    most = sorted(regions.items(), key=lambda r: (-r[1], r[0]))[:5]
    listed = words.listing([f"{name} {n}" for name, n in most])
    recorded = counted(
        len(incidents),
        "{n} incident recorded on {day}, {placed} of them with a place.",
        "{n} incidents recorded on {day}, {placed} of them with a place.",
        day=words.day(days.day),
        placed=len(placed),
    )
    most_in = say("Most in: {regions}.", regions=listed) if listed else ""
    return " ".join(filter(None, (recorded, most_in, say("The table of regions below gives them all."))))
