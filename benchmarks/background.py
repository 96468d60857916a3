"""How fires weighed against ordinary years do: on peaceful years held out, and in a year of open war.

    python benchmarks/background.py          prints the tables and rewrites docs/benchmarks.md

Peace: each ordinary year of the archive is in turn taken for a case's fires, and the other three for its background.
Every fire that is then called of the conflict (P of 0.5 and more) is a false alarm. War: the fires of spring 2026, with
all four years for background; near means within 20 km of settlements of either side's control, where most of it is.

What a P is worth: called fires that lie within a neighbourhood of each other are one event, which a lone fire of it
shares its P with. As many events as the peaceful years have in the same season are taken for ordinary ones of 2026.

Rivals get the same neighbourhoods and, in their favour, the threshold at which they call as many fires of the peaceful
years false as Teisen does:

- count: how many days with fires there are in the neighbourhood (a density, or DBSCAN with any minimum);
- excess: the Poisson tail of that count given the mean of the same cells and season in ordinary years (the idea of The
  Economist's war-fire model), without a factor learned from the year itself.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from page import rewrite
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from scipy.stats import poisson

from teisen.fusion import fuse
from teisen.fusion.background import HALF_CELLS, HALF_DAYS, against_background, ordinary, surroundings
from teisen.fusion.reports import Reports, reports
from teisen.geodesy import MEAN_RADIUS_M, Floats, unit_vectors
from teisen.library import data_folder
from teisen.observation import BACKGROUND, CELL_DEG, EXPOSURE, OBSERVATION
from teisen.sources import Ground, Scope, Source, SourceFile
from teisen.sources.profiles import load_profile
from teisen.sources.readers import reader

Flags = np.ndarray[Any, np.dtype[np.bool_]]

YEARS = (2016, 2018, 2019, 2020)
NEAR_M = 20_000
CALLED = 0.5
SPRING = (82, 177)
"""Days of the year that the fires of 2026 cover."""
WORTH = ((0.5, 0.7), (0.7, 0.9), (0.9, 1.0))
"""Events are told apart by the largest P of their fires."""


def read(source: Source, path: Path, scope: Scope, table: str) -> pl.DataFrame:
    """One table that a reader reads from one file."""
    file = SourceFile(path.name, path.name, path.read_bytes())
    return reader(source.reader).read(file, source, Ground(), scope).table(table)


def whole(year: int) -> Scope:
    """All of a year, wherever."""
    return Scope(datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC), -180, -90, 180, 90)


def calls(fires: pl.DataFrame, background: pl.DataFrame, source: Source) -> tuple[Reports, dict[str, Floats]]:
    """Fires that the archive speaks of, and by method how much each looks like one of the conflict."""
    sources = {source.source_id: source}
    found = against_background(reports(fires, sources), background, sources)
    rates = ordinary(background)
    x, y = (np.floor(v / CELL_DEG).astype(np.int64) for v in (found.lon, found.lat))
    found = found.take(np.flatnonzero(rates.has(x, y)))
    count, usual = surroundings(found, rates)
    return found, {
        "Teisen": 1 / (1 + np.exp(-found.base)),
        "count": count.astype(float),
        "excess": -poisson.logsf(count, np.maximum(usual, 1e-6)),
    }


def events(found: Reports, p: Floats, near: Flags) -> tuple[Floats, Flags]:
    """Largest P of each event, and whether it is ``near`` the line: fires called in spring that hang together by
    neighbourhoods of each other."""
    season = found.frame["start"].dt.ordinal_day().is_between(*SPRING).to_numpy()
    some = np.flatnonzero(season & (p >= CALLED))
    day = np.floor((found.start[some] + found.end[some]) / 2 / 86_400)
    cells = np.column_stack([found.lon[some] / CELL_DEG, found.lat[some] / CELL_DEG]) / (HALF_CELLS + 0.5)
    points = np.column_stack([cells, day / (HALF_DAYS + 0.5)])
    pairs = cKDTree(points).query_pairs(1.0, p=np.inf, output_type="ndarray")
    graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(some), len(some)))
    many, event = connected_components(graph, directed=False)
    most = np.zeros(many)
    np.maximum.at(most, event, p[some])
    return most, np.bincount(event, near[some], many) > 0


def area_km2(background: pl.DataFrame) -> float:
    """Area of the cells that the archive knows."""
    rates = ordinary(background)
    lat = np.radians((rates.y0 + np.nonzero(rates.known)[0] + 0.5) * CELL_DEG)
    side = np.radians(CELL_DEG) * MEAN_RADIUS_M / 1000
    return float((side**2 * np.cos(lat)).sum())


def near_the_line(fires: Reports, folder: Path) -> Flags:
    """Whether a fire is within 20 km of settlements of both sides, as they were on 1 May 2026."""
    names = ("viina-places.json.gz", "viina-control-timeline.json.gz")
    places, changes = (json.loads(gzip.decompress((folder / name).read_bytes())) for name in names)
    held: dict[str, list[tuple[float, float]]] = {"one": [], "other": []}
    for place, rows in changes.items():
        states = [state for day, state in rows if day <= 20260501]
        if states and place in places:
            where = (places[place]["lng"], places[place]["lat"])
            for side in (
                ("one", "other") if states[-1] == "CONTESTED" else ("one",) if states[-1] == "RU" else ("other",)
            ):
                held[side].append(where)
    trees = [cKDTree(unit_vectors(*np.array(spots).T) * MEAN_RADIUS_M) for spots in held.values()]
    return np.logical_and(*(tree.query(fires.xyz)[0] < NEAR_M for tree in trees))


def measure(data: Path) -> tuple[list[str], list[str], list[str]]:
    """Rows of the three tables."""
    archive = data / "firms_fire_dates_by_year"
    ordinary_years = Source("ordinary", "background", load_profile("firms-dates"))
    dates = Source("dates", "firms", load_profile("firms-viirs"), options={"sensor": "viirs"})
    viirs = Source("viirs", "firms", load_profile("firms-viirs"), options={"sensor": "viirs"})
    path = {year: archive / f"ukr_fire_data_{year}.csv.gz" for year in YEARS}
    known = {year: read(ordinary_years, path[year], whole(year), "background") for year in YEARS}
    every = BACKGROUND.gather(known.values())
    km2 = area_km2(every)

    peace, peaceful, quiet = [], [], []
    for year in YEARS:
        others = BACKGROUND.gather(frame for other, frame in known.items() if other != year)
        fires = read(dates, path[year], whole(year), "observation")
        found, scores = calls(fires, others, dates)
        peaceful.append(scores)
        quiet.append(events(found, scores["Teisen"], np.zeros(len(found), np.bool_))[0])
        fires = fires.join(found.frame, on="observation_id", how="semi")
        fused = fuse(OBSERVATION.check(fires), EXPOSURE.empty(), Ground(background=others), {"dates": dates})
        false = int((fused.incidents["p_conflict"] >= CALLED).sum())
        rate = false / km2 * 1000 / 12
        cells = [f"{len(found):,}", f"{scores['Teisen'].mean():.3f}", f"{fused.incidents.height:,}", f"{false:,}"]
        peace.append(f"| {year} | {' | '.join(cells)} | {rate:.3f} |")
    together = {name: np.concatenate([scores[name] for scores in peaceful]) for name in peaceful[0]}
    share = float((together["Teisen"] >= CALLED).mean())

    fires = read(
        viirs,
        next((data / "firms_viirs_2026").glob("*.csv.gz")),
        Scope(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC), 21, 43, 42, 53),
        "observation",
    )
    found, scores = calls(fires, every, viirs)
    near = near_the_line(found, data / "viina_2026_points")
    war = []
    for name, values in scores.items():
        least = np.quantile(together[name], 1 - share, method="higher") if name != "Teisen" else CALLED
        called = values > least if name != "Teisen" else values >= least
        false = float((together[name] > least).mean() if name != "Teisen" else share)
        war.append(f"| {name} | {false:.2%} | {called[near].mean():.1%} | {called[~near].mean():.1%} |")
    print(f"{km2:,.0f} km2, {near.sum():,} near, {(~near).sum():,} elsewhere")
    return peace, war, list(worth(quiet, *events(found, scores["Teisen"], near)))


def worth(quiet: list[Floats], now: Floats, near: Flags) -> Iterator[str]:
    """Rows of events by their P: those of 2026, those of peaceful springs, and what share is more than ordinary."""
    for low, high in WORTH:
        mine, *usual = (most[(most >= low) & ((most < high) | (high == 1))] for most in (now[~near], *quiet))
        close = now[near & (now >= low) & ((now < high) | (high == 1))]
        each, mean = ", ".join(str(len(one)) for one in usual), sum(map(len, usual)) / len(usual)
        share = f"{max(1 - mean / len(mine), 0):.2f}" if len(mine) else "-"
        stated = np.concatenate([mine, close]).mean()
        yield f"| {low} to {high} | {stated:.2f} | {len(close)} | {len(mine)} | {each} | {share} |"


if __name__ == "__main__":
    folder = data_folder()
    if folder is None:
        raise SystemExit("There is no folder of real data; set TEISEN_DATA.")
    peace, war, worths = measure(folder)
    head = [
        "| year held out | fires | mean P | incidents | called | called a 1,000 km2 and month |",
        "|---|" + "---:|" * 5,
    ]
    rewrite("background-peace", [*head, *peace])
    head = ["| method | called, peaceful years | called, 2026, near | called, 2026, elsewhere |", "|---|" + "---:|" * 3]
    rewrite("background-war", [*head, *war])
    head = [
        "| P | mean P | events 2026, near | elsewhere | peaceful springs, each | elsewhere, more than ordinary |",
        "|---|" + "---:|" * 5,
    ]
    rewrite("background-worth", [*head, *worths])
