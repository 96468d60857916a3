"""How long judging takes, in seconds and MiB: ten provisions with three readings each, up to 1,000,000 incidents.

    python benchmarks/judging.py            prints the table and rewrites docs/benchmarks.md
    python benchmarks/judging.py 10000      one size alone, no page

Incidents, sites, lines and areas are made up from a fixed seed. Each figure is one process; seconds are those of
judging, its imports included, by the clock and summed over processors (which others' load changes less); all but the
first are of processors, those of rivals and ratios too. Memory is the peak of the process before judging, when the
incidents have been made, and after it. Rivals are what one
would write otherwise, in the same run on the same incidents:

- filter: Polars and shapely's tree over middles of places, starts of times and likeliest kinds; yes or no, without
  any uncertainty and without reasons;
- loop: an incident at a time, as many worlds drawn at random and asked with shapely, a rule left as soon as nothing is
  left of it. It runs on the first 1,000 incidents, and its seconds are scaled up from there.
"""

from __future__ import annotations

import copy
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray
from page import rewrite
from pyproj import Transformer

from teisen.agreement import Agreement, Predicate, load_agreement
from teisen.fusion.schema import INCIDENT
from teisen.observation import ALLEGATION, AREA, SITE, in_class
from teisen.sources import Ground

SIZES = (10_000, 100_000, 1_000_000)
WORLDS = 512
LOOPED = 1_000
"""Incidents that the loop is timed on."""
SEED = 20250420
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 365
WEST, SOUTH, EAST, NORTH = 22.0, 44.0, 40.0, 52.0
CLASSES = ("substation", "power-plant", "refinery", "medical", "residential", "bridge")
TARGETS = (*CLASSES, "military")
KINDS = ("drone-strike", "missile-strike", "shelling", "explosion", "fire")
CHANCES = pl.List(pl.Struct({"kind": pl.String, "p": pl.Float64}))
PLANE = Transformer.from_crs("EPSG:4326", "+proj=laea +lat_0=48 +lon_0=31", always_xy=True)
Bools, Floats, Ints = NDArray[np.bool_], NDArray[np.float64], NDArray[np.int64]


def ground() -> Ground:
    """3,000 sites, 300 lines of 40 vertices, 24 regions and a sea."""
    rng = np.random.default_rng(SEED)
    n = 3_000
    points = {
        "target_class": rng.choice(CLASSES, n),
        "lon": rng.uniform(WEST, EAST, n).round(5),
        "lat": rng.uniform(SOUTH, NORTH, n).round(5),
        "place_error_m": rng.choice([0.0, 200.0, 2000.0], n, p=[0.6, 0.3, 0.1]),
    }
    steps = np.cumsum(rng.normal(0, 0.03, (300, 40, 2)) + rng.normal(0, 0.03, (300, 1, 2)), axis=1)
    paths = np.round(rng.uniform((WEST, SOUTH), (EAST, NORTH), (300, 1, 2)) + steps, 5)
    lines = {
        "target_class": ["power-line"] * 300,
        "lon": paths[:, 0, 0],
        "lat": paths[:, 0, 1],
        "place_error_m": [100.0] * 300,
        "geometry": pl.Series(shapely.to_wkb(shapely.linestrings(paths)).tolist(), dtype=pl.Binary),
    }
    made_up = {"source_id": pl.lit("g"), "blob": pl.lit("00")}
    sites = pl.concat([pl.DataFrame(points), pl.DataFrame(lines)], how="diagonal").with_columns(
        row=pl.int_range(pl.len(), dtype=SITE.schema["row"]),
        site_id=pl.format("g:{}", pl.int_range(pl.len())),
        **made_up,
    )
    corners = [(x, y) for x in np.linspace(WEST, EAST, 7)[:-1] for y in np.linspace(SOUTH + 2, NORTH, 5)[:-1]]
    boxes = [shapely.segmentize(shapely.box(x, y, x + 3.0, y + 1.5), 0.05) for x, y in corners]
    names = [*(f"region-{k}" for k in range(len(boxes))), "sea"]
    shapes = [shapely.to_wkb(one) for one in (*boxes, shapely.box(WEST, SOUTH, EAST, SOUTH + 2))]
    areas = pl.DataFrame({"area_id": names, "name": names, "geometry": shapes}).with_columns(
        row=pl.int_range(pl.len(), dtype=AREA.schema["row"]),
        level=pl.col("name").str.replace(r"-\d+", ""),
        approximate=pl.lit(False),
        **made_up,
    )
    return Ground(areas=AREA.fill(areas), sites=SITE.fill(sites))


def incidents(n: int) -> pl.DataFrame:
    """Incidents of a year: two in three within kilometres of 400 places, one in twenty known by its region alone."""
    rng = np.random.default_rng((SEED, n))
    spots = rng.uniform((WEST, SOUTH), (EAST, NORTH), (400, 2))
    close = spots[rng.integers(0, 400, n)] + rng.normal(0, 0.05, (n, 2))
    place = np.where(rng.random((n, 1)) < 2 / 3, close, rng.uniform((WEST, SOUTH), (EAST, NORTH), (n, 2)))
    start = FIRST + pl.duration(seconds="s")
    first, other = pl.struct(kind="first", p="p"), pl.struct(kind=pl.lit("explosion"), p=(1 - pl.col("p")).round(4))
    drawn = pl.DataFrame(
        {
            "s": rng.integers(0, DAYS * 86_400, n),
            "span": rng.choice([600, 7200, 86_400], n, p=[0.3, 0.4, 0.3]),
            "lon": place[:, 0].round(5),
            "lat": place[:, 1].round(5),
            "place_error_m": rng.choice([50.0, 400.0, 1000.0, 5000.0], n, p=[0.1, 0.4, 0.4, 0.1]),
            "alone": rng.random(n) < 0.05,
            "region": rng.integers(0, 24, n),
            "first": rng.choice(KINDS, n),
            "target": rng.choice(TARGETS, n),
            "told": rng.random(n) < 0.4,
            "party": rng.choice(["a", "b"], n),
            "p": rng.uniform(0.5, 1.0, n).round(4),
        }
    )
    table = drawn.select(
        incident_id=pl.format("inc-{}", pl.int_range(pl.len())),
        start=start.cast(INCIDENT.schema["start"]),
        end=(start + pl.duration(seconds="span")).cast(INCIDENT.schema["end"]),
        **{name: pl.when(~pl.col("alone")).then(name) for name in ("lon", "lat", "place_error_m")},
        area_id=pl.when("alone").then(pl.format("region-{}", "region")),
        kind="first",
        kinds=pl.concat_list(first, other),
        targets=pl.when("told")
        .then(pl.concat_list(pl.struct(kind="target", p=pl.lit(1.0))))
        .otherwise(pl.lit([], CHANCES)),
        weapons=pl.lit([], CHANCES),
        actors=pl.concat_list(pl.struct(party="party", p=(pl.col("p") - 0.3).round(4))),
        p_conflict="p",
        n_observations=pl.lit(1, INCIDENT.schema["n_observations"]),
        n_groups=pl.lit(1, INCIDENT.schema["n_groups"]),
        title=pl.lit("made up"),
    )
    return INCIDENT.hand_over(INCIDENT.fill(table))


def agreement() -> Agreement:
    """Ten provisions with three readings each, 30 to 90 days long, over every predicate that looks at an incident."""
    provisions = []
    for k in range(10):
        begins = FIRST + timedelta(days=33 * k)
        ends = begins + timedelta(days=(30, 45, 60, 90)[k % 4])
        early = f"{{during: {{from: {begins:%Y-%m-%d}, to: {ends:%Y-%m-%d}, zone: Europe/Moscow}}}}"
        late = f"{{during: {{from: {begins + timedelta(days=7):%Y-%m-%d}, to: {ends:%Y-%m-%d}, zone: Europe/Kyiv}}}}"
        wide, narrow = ("energy, bridge", "energy") if k % 2 else ("medical, bridge", "medical")
        place = f"within: {{areas: [{'sea' if k < 5 else 'region-3, region-4, region-9'}]}}"
        near, at = (
            f"any_of: [{{target_is: [{which}]}}, {{near: {{classes: [{which}], distance_m: {metres}}}}}]"
            for which, metres in ((wide, (500, 1500, 3000)[k % 3]), (narrow, 500))
        )
        rules = (
            f"[{early}, {{is_kind: [attack]}}, {{bound_party: }}, {{{near}}}, {{unless: {{{place}}}}}]",
            f"[{late}, {{is_kind: [attack]}}, {{bound_party: }}, {{{at}}}]",
            f"[{early}, {{is_kind: [drone-strike, missile-strike]}}, {{bound_party: }}, {{{place}}}]",
        )
        readings = "".join(
            f"      - {{id: r{r}, title: R, held_by: {who}, sources: [s], rule: {{all_of: {rule}}}}}\n"
            for r, (who, rule) in enumerate(zip(("a", "b", "mediator"), rules, strict=True))
        )
        text = "text: {language: en, words: W, source: s}"
        provisions.append(f"  - id: p{k}\n    title: P\n    {text}\n    binds: [a, b]\n    readings:\n{readings}")
    head = (
        "format: teisen-agreement/1\nid: made-up\ntitle: T\nsummary: S\n"
        "parties: [{id: a, name: A}, {id: b, name: B}]\n"
        "statements: [{id: s, who: a, date: 2025-01-01, language: en, text: T, citation: C, mark: computed}]\n"
        "provisions:\n"
    )
    return load_agreement(head + "".join(provisions), "made-up.yaml")


class Land:
    """The made-up ground as one would lay it out for shapely: in a plane, a tree for each class and error."""

    def __init__(self) -> None:
        made = ground()
        self.areas = {name: _flat(shapely.from_wkb(wkb)) for name, wkb in made.areas["area_id", "geometry"].iter_rows()}
        shapely.prepare(list(self.areas.values()))
        self.trees = {}
        for key, group in made.sites.group_by("target_class", "place_error_m"):
            points = shapely.points(group["lon"].to_numpy(), group["lat"].to_numpy())
            lines = shapely.from_wkb(group["geometry"].to_list())
            self.trees[key] = shapely.STRtree(_flat(np.where(shapely.is_missing(lines), points, lines)))


def _flat(shapes: Any) -> Any:
    return shapely.transform(shapes, lambda x: np.column_stack(PLANE.transform(*x.T)))


class Asked:
    """What both rivals share: some number of cases, each with a time and a place in the plane."""

    def __init__(self, land: Land, time_us: Floats, x: Floats, y: Floats) -> None:
        self.land, self.time, self.x, self.y = land, time_us, x, y

    def during(self, start_us: int, end_us: int) -> Bools:
        return (self.time >= start_us) & (self.time < end_us)

    def within(self, areas: tuple[str, ...]) -> Bools:
        return np.logical_or.reduce([shapely.contains_xy(self.land.areas[a], self.x, self.y) for a in areas])

    def off(self, error_m: float) -> tuple[Floats, Floats]:
        return self.x, self.y

    def near(self, classes: tuple[str, ...], distance_m: float) -> Bools:
        answer = np.zeros(len(self.x), bool)
        for (name, error), tree in self.land.trees.items():
            if any(in_class(name, wide) for wide in classes):
                x, y = self.off(error)
                known = np.flatnonzero(~np.isnan(x))
                points = shapely.points(x[known], y[known])
                answer[known[tree.query(points, predicate="dwithin", distance=distance_m)[0]]] = True
        return answer

    def target_is(self, classes: tuple[str, ...]) -> Bools:
        return self.one_of("target", {name for name in TARGETS if any(in_class(name, wide) for wide in classes)})

    def is_kind(self, kinds: tuple[str, ...]) -> Bools:
        return self.one_of("kind", set(kinds))

    def done_by(self, parties: tuple[str, ...]) -> Bools:
        return self.one_of("actor", set(parties))

    def one_of(self, what: str, words: set[str]) -> Bools:
        raise NotImplementedError

    def some(self, rows: Ints) -> Asked:
        """A few of the cases: those that are left."""
        few = copy.copy(self)
        few.time, few.x, few.y = self.time[rows], self.x[rows], self.y[rows]
        return few


class Middles(Asked):
    """Incidents by their middles and what is likeliest of them: the filter."""

    def __init__(self, table: pl.DataFrame, land: Land) -> None:
        start, lon, lat = (table[name].to_physical().fill_null(np.nan).to_numpy() for name in ("start", "lon", "lat"))
        super().__init__(land, start, *PLANE.transform(lon, lat))
        target = pl.col("targets").list.first().struct.field("kind")
        self.words = table.select(
            "kind", "area_id", target=target, actor=pl.col("actors").list.first().struct.field("party")
        )

    def within(self, areas: tuple[str, ...]) -> Bools:
        return super().within(areas) | self.one_of("area_id", set(areas))

    def one_of(self, what: str, words: set[str]) -> Bools:
        return self.words[what].is_in(list(words)).fill_null(False).to_numpy()

    def some(self, rows: Ints) -> Asked:
        few = super().some(rows)
        few.words = self.words[rows]
        return few


class OneByOne(Asked):
    """Random worlds of one incident: the loop."""

    def __init__(self, row: dict[str, Any], land: Land, rng: np.random.Generator) -> None:
        if row["lon"] is None:
            west, south, east, north = land.areas[row["area_id"]].bounds
            x, y = rng.uniform(west, east, WORLDS), rng.uniform(south, north, WORLDS)
        else:
            middle = np.array(PLANE.transform(row["lon"], row["lat"]))[:, None]
            x, y = middle + row["place_error_m"] * rng.normal(size=(2, WORLDS))
        start, end = (row[name].timestamp() * 1e6 for name in ("start", "end"))
        super().__init__(land, start + (end - start) * rng.random(WORLDS), x, y)
        self.rng = rng
        self.slots = {
            "kind": [(slot["kind"], slot["p"]) for slot in row["kinds"]],
            "target": [(slot["kind"], slot["p"]) for slot in row["targets"]],
            "actor": [(slot["party"], slot["p"]) for slot in row["actors"]],
        }
        self.drawn = {name: rng.random(WORLDS) for name in self.slots}

    def off(self, error_m: float) -> tuple[Floats, Floats]:
        x, y = error_m * self.rng.normal(size=(2, len(self.x)))
        return self.x + x, self.y + y

    def one_of(self, what: str, words: set[str]) -> Bools:
        answer, low = np.zeros(len(self.x), bool), 0.0
        for word, p in self.slots[what]:
            if word in words:
                answer |= (self.drawn[what] >= low) & (self.drawn[what] < low + p)
            low += p
        return answer

    def some(self, rows: Ints) -> Asked:
        few = super().some(rows)
        few.drawn = {name: drawn[rows] for name, drawn in self.drawn.items()}
        return few


def holds(rule: Predicate, cases: Asked) -> Bools:
    """The rule as one would write it by hand: a case that is out is asked no further."""
    if rule.name == "unless":
        return ~holds(rule.parts[0], cases)
    if rule.name not in {"all_of", "any_of"}:
        return rule.holds(cases)
    answer = np.full(len(cases.x), rule.name == "all_of")
    for part in rule.parts:
        left = np.flatnonzero(answer == (rule.name == "all_of"))
        if len(left):
            answer[left] = holds(part, cases.some(left))
    return answer


def rules() -> list[Predicate]:
    made = agreement()
    return [made.rule(provision, reading) for provision in made.provisions for reading in provision.readings]


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def teisen(n: int) -> tuple[float, ...]:
    table, land, agreed = incidents(n), ground(), agreement()
    before, started, spent = peak_mib(), time.perf_counter(), time.process_time()
    from teisen.judgement import judge_in_parts  # noqa: PLC0415  its imports are timed

    found = sum(part.findings.height for part in judge_in_parts(table, ALLEGATION.empty(), [agreed], land))
    return time.perf_counter() - started, time.process_time() - spent, found, before, peak_mib()


def filtering(n: int) -> tuple[float, int]:
    table, asked = incidents(n), rules()
    started = time.process_time()
    middles = Middles(table, Land())
    found = [table["incident_id"].filter(pl.Series(holds(rule, middles))) for rule in asked]
    return time.process_time() - started, sum(map(len, found))


def looping(n: int) -> tuple[float, int]:
    table, land, rng, asked = incidents(n).head(LOOPED), Land(), np.random.default_rng(SEED), rules()
    started = time.process_time()
    found = 0
    for row in table.iter_rows(named=True):
        worlds = OneByOne(row, land, rng)
        found += sum(bool(holds(rule, worlds).any()) for rule in asked)
    scale = n / table.height
    return (time.process_time() - started) * scale, round(found * scale)


def measure(sizes: Sequence[int]) -> list[str]:
    """Rows of the table."""
    lines = [
        "| incidents | findings | clock s | judge s | µs each | MiB before, peak | filter s | ÷ | loop s | × |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for n in sizes:
        took: dict[str, list[float]] = {}
        for way in WAYS:
            command = [sys.executable, __file__, way, str(n)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            took[way] = [float(figure) for figure in done.stdout.split()]
        (seconds, cpu, found, before, peak), plain, loop = took["teisen"], took["filtering"][0], took["looping"][0]
        cells = [f"{n:,}", f"{found:,.0f}", f"{seconds:.1f}", f"{cpu:.1f}", f"{1e6 * cpu / n:.0f}"]
        cells += [f"{before:,.0f}, {peak:,.0f}"]
        cells += [f"{plain:.2f}", f"{cpu / plain:.0f}", f"{loop:,.0f}", f"{loop / cpu:.0f}"]
        lines.append(f"| {' | '.join(cells)} |")
        print(lines[-1], file=sys.stderr, flush=True)
    return lines


WAYS = {way.__name__: way for way in (teisen, filtering, looping)}

if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(*WAYS[sys.argv[1]](int(sys.argv[2])))
    elif len(sys.argv) == 2:
        print("\n".join(measure([int(sys.argv[1])])))
    else:
        rewrite("judging", measure(SIZES))
