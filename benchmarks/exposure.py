"""Exposure: how long it takes for many regions and years, and what it looks like in the shipped cases of real data.

python benchmarks/exposure.py speed    100 made-up regions, five years: processor seconds by source
python benchmarks/exposure.py cases    three cases derived: P(detect) by source and month, mean over regions and days,
                                       as declared; and detection as estimated beside what is declared

Prints tables and rewrites docs/benchmarks.md.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import shapely
from page import rewrite

from teisen.case import Case, derive, ingest_all
from teisen.library import data_folder, library
from teisen.observation import AREA, CONDITION, NAME, ORBIT
from teisen.sources import Ground, Scope, Source
from teisen.sources.profiles import load_profile
from teisen.sources.readers import reader

REGIONS, YEARS = 100, 5
START = datetime(2021, 1, 1, tzinfo=UTC)
SCOPE = Scope(START, START + timedelta(days=365 * YEARS + 1), 20, 40, 40, 60)
ORIGIN = {"source_id": "made-up", "blob": "0" * 64}
SATELLITES = (37849, 43013, 54234)
CASES = ("spring-2026", "energy-2025", "easter-2025")
BLIND = ("cloud", "outage", "unknown", "no_data")


def made_up() -> Ground:
    """Squares of 1 by 2 degrees with cloud on every day, a town in each, and elements every month."""
    cells = [(20 + 2 * (n % 10), 40 + n // 10) for n in range(REGIONS)]
    ids = [f"R-{n:03}" for n in range(REGIONS)]
    areas = pl.DataFrame(
        {
            "area_id": ids, "level": "region", "name": ids, "approximate": True, "row": range(REGIONS),
            "geometry": [shapely.to_wkb(shapely.box(x, y, x + 2, y + 1)) for x, y in cells],
        },
        schema_overrides={"row": pl.Int64},
    )  # fmt: skip
    names = pl.DataFrame(
        {"name": ids, "area_id": ids, "lon": [x + 1.0 for x, _ in cells], "lat": [y + 0.5 for _, y in cells]}
    )
    days = pl.DataFrame({"start": [START + timedelta(days=d) for d in range(365 * YEARS + 1)]})
    cloud = pl.DataFrame({"area_id": ids}).join(days, how="cross").with_columns(
        end=pl.col("start").dt.offset_by("1d"), quantity=pl.lit("cloud_fraction"), row=pl.int_range(pl.len()),
        value=pl.Series(np.random.default_rng(1).random(REGIONS * days.height).round(3)),
    )  # fmt: skip
    orbits = pl.DataFrame(
        [
            {"catalogue_number": number, "satellite": str(number), "epoch": START + timedelta(days=30 * m),
             "mean_motion": 14.195, "eccentricity": 0.0001, "inclination": 98.75,
             "ra_of_asc_node": (300 + 0.9856 * 30 * m) % 360, "arg_of_pericenter": 90.0,
             "mean_anomaly": float(40 * n), "bstar": 0.0, "row": m}
            for n, number in enumerate(SATELLITES) for m in range(12 * YEARS + 1)
        ]
    )  # fmt: skip
    origin = [pl.lit(v).alias(k) for k, v in ORIGIN.items()]
    utc = pl.Datetime("us", "UTC")
    return Ground(
        areas=AREA.fill(areas.with_columns(origin)),
        names=NAME.fill(names.with_columns(*origin, row=pl.lit(1, pl.Int64))),
        conditions=CONDITION.fill(cloud.with_columns(*origin, pl.col("start", "end").cast(utc))),
        orbits=ORBIT.fill(orbits.with_columns(*origin, pl.col("epoch").cast(utc))),
    )


def speed() -> None:
    """Processor seconds of the exposure of four sources."""
    ground = made_up()
    span = CONDITION.build(
        {"start": [SCOPE.start], "end": [SCOPE.end], "quantity": ["file_span"], "value": [1.0], "row": [1]}
        | {name: [value] for name, value in ORIGIN.items()}
    )
    each = span.drop("area_id").join(pl.DataFrame({"area_id": ground.areas["area_id"]}), how="cross")
    lines = ["| source | rows | processors s |", "|---|---:|---:|"]
    for name, profile, options, stated, on in (
        ("VIIRS, elements every month", "firms-viirs", {"sensor": "viirs"}, span, ground),
        ("VIIRS, by schedule", "firms-viirs", {"sensor": "viirs"}, span, replace(ground, orbits=ORBIT.empty())),
        ("alerts", "air-raid-alerts", {}, CONDITION.fill(each), ground),
        ("tallies", "launch-tallies", {"zone": "UTC"}, span, ground),
    ):  # fmt: skip
        module = {"firms-viirs": "firms", "air-raid-alerts": "alerts", "launch-tallies": "tallies"}[profile]
        source = Source("made-up", module, load_profile(profile), options=options)
        cpu = time.process_time()
        rows = reader(module).expose(source, {"condition": stated}, on, SCOPE)
        lines.append(f"| {name} | {rows.height:,} | {time.process_time() - cpu:.1f} |")
    rewrite("exposure-speed", lines)


def months(case: str, exposure: pl.DataFrame) -> list[str]:
    """A row for each source and month: the share that it watched, why not the rest, and P(detect) of two kinds."""
    by = ["source_id", pl.col("start").dt.strftime("%Y-%m").alias("month")]
    strikes = (("drone-strike", "drone"), ("missile-strike", "missile"))
    table = exposure.group_by(by).agg(
        *((pl.col("state") == state).mean().alias(state) for state in ("watched", *BLIND)),
        *(pl.col("p_detect").filter(pl.col("kind") == kind).mean().alias(name) for kind, name in strikes),
    )
    lines = []
    for row in table.sort("source_id", "month").iter_rows(named=True):
        blind = ", ".join(f"{row[state]:.0%} {state.replace('_', ' ')}" for state in BLIND if row[state] >= 0.005)
        detect = " | ".join("-" if row[name] is None else f"{row[name]:.3f}" for _, name in strikes)
        lines.append(f"| `{case}` | {row['source_id']} | {row['month']} | {row['watched']:.0%} | {blind} | {detect} |")
    return lines


def detected(case: str, detection: pl.DataFrame) -> list[str]:
    """A row for each source and kind or distance of which others made at least one incident known."""
    some = detection.filter(pl.col("known") >= 1, pl.col("feature") != "cloud").sort("source_id", "feature", "value")
    return [
        f"| `{case}` | {row['source_id']} | {'any' if row['value'] == '*' else row['value'].replace('-', ' ')} "
        f"| {row['known']:.1f} | {row['seen']:.1f} | {row['declared']:.2f} "
        f"| {row['estimate']:.2f} ({row['low']:.2f} to {row['high']:.2f}) "
        f"| {'yes' if row['basis'] == 'measured' else 'no'} |"
        for row in some.iter_rows(named=True)
    ]


def cases() -> None:
    """The shipped cases of real data, filled and derived anew."""
    data = data_folder()
    if data is None:
        sys.exit("There is no folder of real data: set TEISEN_DATA.")
    by_month = ["| case | source | month | watched | not watched | drone strike | missile strike |"]
    by_month += ["|---|---|---|---:|---|---:|---:|"]
    by_kind = ["| case | source | of | known | seen | declared | estimated (90 %) | fed back |"]
    by_kind += ["|---|---|---|---:|---:|---:|---:|---|"]
    for name in CASES:
        with tempfile.TemporaryDirectory() as folder:
            case = Case.create(Path(folder) / "case", library("cases") / name)
            ingest_all(case, data)
            tables = derive(case)
            by_month += months(name, tables["exposure"])
            by_kind += detected(name, tables["detection"])
    rewrite("exposure-months", by_month)
    rewrite("exposure-detection", by_kind)


if __name__ == "__main__":
    {"speed": speed, "cases": cases}[sys.argv[1]]()
