"""Exposure: how long it takes for many regions and years, and what it looks like on a derived case.

python benchmarks/exposure.py speed           100 made-up regions, five years: processor seconds by source
python benchmarks/exposure.py months CASE     P(detect) by source and month, mean over regions and days, by kind
python benchmarks/exposure.py detection CASE  detection as estimated beside what is declared
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import shapely

from teisen.observation import AREA, CONDITION, NAME, ORBIT
from teisen.sources import Ground, Scope, Source
from teisen.sources.profiles import load_profile
from teisen.sources.readers import reader

REGIONS, YEARS = 100, 5
START = datetime(2021, 1, 1, tzinfo=UTC)
SCOPE = Scope(START, START + timedelta(days=365 * YEARS + 1), 20, 40, 40, 60)
ORIGIN = {"source_id": "made-up", "blob": "0" * 64}
SATELLITES = (37849, 43013, 54234)
pl.Config.set_tbl_rows(400)
pl.Config.set_tbl_cols(20)


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
    ground = made_up()
    span = CONDITION.build(
        {"start": [SCOPE.start], "end": [SCOPE.end], "quantity": ["file_span"], "value": [1.0], "row": [1]}
        | {name: [value] for name, value in ORIGIN.items()}
    )
    each = span.drop("area_id").join(pl.DataFrame({"area_id": ground.areas["area_id"]}), how="cross")
    for name, profile, options, stated, on in (
        ("VIIRS, elements every month", "firms-viirs", {"sensor": "viirs"}, span, ground),
        ("VIIRS, by schedule", "firms-viirs", {"sensor": "viirs"}, span, replace(ground, orbits=ORBIT.empty())),
        ("alerts", "air-raid-alerts", {}, CONDITION.fill(each), ground),
        ("tallies", "launch-tallies", {"zone": "UTC"}, span, ground),
    ):  # fmt: skip
        module = {"firms-viirs": "firms", "air-raid-alerts": "alerts", "launch-tallies": "tallies"}[profile]
        source = Source("made-up", module, load_profile(profile), options=options)
        clock, cpu = time.perf_counter(), time.process_time()
        rows = reader(module).expose(source, {"condition": stated}, on, SCOPE)
        cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
        print(f"{name}: {rows.height:,} rows, {cpu:.1f} s of processors, {clock:.1f} s")


def months(case: str) -> None:
    exposure = pl.read_parquet(Path(case) / "derived" / "exposure.parquet")
    exposure = exposure.with_columns(month=pl.col("start").dt.strftime("%Y-%m"))
    states = exposure.group_by("source_id", "month").agg(
        *[
            (pl.col("state") == state).mean().round(2).alias(state)
            for state in ("watched", "cloud", "outage", "unknown", "no_data")
        ]
    )
    kinds = exposure.filter(pl.col("kind").is_in(["drone-strike", "missile-strike"])).pivot(
        "kind", index=["source_id", "month"], values="p_detect", aggregate_function="mean"
    )
    print(states.join(kinds, on=["source_id", "month"], how="left").sort("source_id", "month"))


def detection(case: str) -> None:
    print(pl.read_parquet(Path(case) / "derived" / "detection.parquet").filter(pl.col("known") > 0))


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    {"speed": speed, "months": months, "detection": detection}[what](*rest)
