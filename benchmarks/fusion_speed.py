"""How long fusing takes, in seconds and MiB, from 10 thousand to 10 million observations.

    python benchmarks/fusion_speed.py                 prints the table and rewrites docs/benchmarks.md
    python benchmarks/fusion_speed.py parts 10000000  one size alone and one way (all or parts), no page

Observations are made up from a fixed seed along a line of some 2,000 km, 5,000 a day: posts that hear and cameras that
see moments, patrols and two outlets of one group that state a day (the second repeats the first, half of the time in
the same words), fires, and alerts that only support. Every source states what it could have seen, by day and region.
The package is compiled first, as installing does. Each size is a process of its own that reads them from a file: all at
once, or part after part of time, each written to a file of its own (`fuse_in_parts`). Clock and processor seconds are
those of the whole process, its start included, and so is the peak; `fuse s` is the clock of fusing alone.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import teisen

RUNS = (
    ("all", 10_000),
    ("all", 13_000),
    ("all", 100_000),
    ("all", 1_000_000),
    ("parts", 1_000_000),
    ("parts", 10_000_000),
)
SEED = 20250419
A_DAY = 5_000
WEST, EAST, SOUTH, NORTH = 22.0, 40.0, 46.0, 50.0
REGIONS = 24
START_US = 1_735_689_600_000_000
"""2025-01-01, microseconds since 1970."""
SOURCES: dict[str, dict[str, Any]] = {
    "posts": {"group": "mission", "place": 1_500, "time": 300, "false": 0.1, "sees": 0.5},
    "cameras": {"group": "cameras", "place": 300, "time": 60, "false": 0.03, "sees": 0.25},
    "patrols": {"group": "mission", "place": 800, "time": 3_600, "false": 0.05, "sees": 0.3, "hours": 24},
    "outlet": {"group": "press", "place": 3_000, "time": 3_600, "false": 0.15, "sees": 0.35, "hours": 24},
    "agency": {"group": "press", "place": 3_000, "time": 3_600, "false": 0.15, "sees": 0.35, "hours": 24},
    "fires": {"group": "satellites", "place": 400, "time": 600, "false": 0.6, "sees": 0.25},
    "alerts": {"group": "alerts", "place": 50_000, "time": 600, "false": 0.3, "sees": 0.9, "role": "supports"},
}


def sources() -> Any:
    from teisen.observation import Figure, Licence, Profile  # noqa: PLC0415  its imports are timed
    from teisen.sources import Source  # noqa: PLC0415

    def figure(value: float) -> Figure:
        return Figure(value=value, origin="made up", basis="assumed")

    licence = Licence(name="CC0", attribution="nobody", redistribute=True)
    return {
        name: Source(
            name,
            "made-up",
            Profile(
                id=name, title=name.title(), licence=licence, role=one.get("role", "makes"), group=one["group"],
                place_error_m=figure(one["place"]), time_error_s=figure(one["time"]), delay_s=figure(3_600),
                false_share=figure(one["false"]), detection={"shelling": figure(one["sees"])},
            ),
        )
        for name, one in SOURCES.items()
    }  # fmt: skip


def regions() -> Any:
    import numpy as np  # noqa: PLC0415
    import polars as pl  # noqa: PLC0415
    import shapely  # noqa: PLC0415

    from teisen.observation import AREA  # noqa: PLC0415

    edges = np.linspace(WEST, EAST, REGIONS + 1)
    rows = [
        {"area_id": f"region-{n:02}", "level": "region", "name": f"Region {n}", "approximate": True,
         "source_id": "made-up", "blob": "0" * 64, "row": n + 1,
         "geometry": shapely.to_wkb(shapely.box(edges[n], SOUTH - 1, edges[n + 1], NORTH + 1))}
        for n in range(REGIONS)
    ]  # fmt: skip
    return AREA.fill(pl.DataFrame(rows, schema_overrides={"geometry": pl.Binary, "row": pl.Int64}))


def observations(n: int) -> Any:
    """``n`` observations (OBSERVATION); two in three incidents at hot spots along the line, of which 400 are active."""
    import numpy as np  # noqa: PLC0415
    import polars as pl  # noqa: PLC0415

    from teisen.observation import OBSERVATION  # noqa: PLC0415

    rng = np.random.default_rng(SEED)
    expected = sum(one["sees"] / (1 - one["false"]) for name, one in SOURCES.items() if name != "alerts")
    m, days = int(1.1 * n / expected) + 100, max(n / A_DAY, 1.0)
    hot = np.column_stack([rng.uniform(WEST, EAST, 400), np.zeros(400)])
    lon = np.where(rng.random(m) < 0.67, rng.choice(hot[:, 0], m) + rng.normal(0, 0.05, m), rng.uniform(WEST, EAST, m))
    lat = 48 + 1.5 * np.sin(lon) + rng.normal(0, 0.06, m)
    when, kind = rng.uniform(0, days * 86_400, m), rng.choice(["shelling", "drone-strike", "missile-strike"], m)
    parts = []
    for name, one in SOURCES.items():
        if name == "alerts":
            continue
        seen = np.flatnonzero(rng.random(m) < one["sees"])
        false = int(len(seen) * one["false"] / (1 - one["false"]))
        at = np.concatenate([seen, rng.integers(0, m, false)])
        wrong = np.arange(len(at)) >= len(seen)
        off = rng.normal(0, one["place"] / 111_195, (2, len(at))) + np.where(wrong, rng.normal(0, 0.3, (2, len(at))), 0)
        time_s = when[at] + rng.normal(0, one["time"], len(at)) + np.where(wrong, rng.uniform(-9e5, 9e5, len(at)), 0)
        time_s = time_s % (days * 86_400)
        day = np.floor(time_s / 86_400) * 86_400
        whole = "hours" in one
        parts.append(
            pl.DataFrame(
                {
                    "source_id": [name] * len(at),
                    "native_id": np.where(wrong, -1, at),
                    "start": day if whole else time_s,
                    "end": day + 86_400 if whole else time_s,
                    "lon": lon[at] + off[0] / 0.67,
                    "lat": lat[at] + off[1],
                    "kind": ["fire"] * len(at) if name == "fires" else kind[at],
                }
            )
        )
    press = list(SOURCES).index("outlet")
    some = parts[press].filter(pl.Series(rng.random(parts[press].height) < 0.4))
    parts[press + 1] = some.with_columns(source_id=pl.lit("agency"))
    words = pl.when(pl.col("source_id") == "outlet").then(pl.format("text-{}", "at")).when(
        (pl.col("source_id") == "agency") & (pl.col("at") % 2 == 0)
    ).then(pl.format("text-{}", "at"))  # fmt: skip
    rows = pl.concat(parts).with_columns(at=pl.col("native_id")).with_columns(native_id=words)
    alerts = int(days * REGIONS * 2)
    start = rng.uniform(0, days * 86_400, alerts)
    told = pl.DataFrame(
        {"source_id": ["alerts"] * alerts, "start": start, "end": start + rng.uniform(1_200, 14_400, alerts),
         "area_id": [f"region-{k:02}" for k in rng.integers(0, REGIONS, alerts)], "kind": ["alert"] * alerts}
    )  # fmt: skip
    rows = pl.concat([rows.sample(n - alerts, shuffle=True, seed=SEED), told], how="diagonal_relaxed")
    moment = [
        (pl.lit(START_US) + (pl.col(name) * 1e6).cast(pl.Int64)).cast(pl.Datetime("us", "UTC")).alias(name)
        for name in ("start", "end")
    ]
    name = pl.format("{}:{}", "source_id", pl.col("k").hash(SEED).cast(pl.String).str.zfill(20))
    return OBSERVATION.fill(
        rows.drop("at").with_row_index("k").select(
            name.alias("observation_id"),
            "native_id", *moment, pl.lit("within").alias("time_meaning"), pl.lit("UTC").alias("source_zone"),
            pl.col("lon").round(5), pl.col("lat").round(5), "area_id", "kind",
            pl.concat_list(pl.struct(kind="kind", p=pl.lit(1.0))).alias("kinds"),
            pl.when(pl.col("source_id") == "alerts").then(pl.lit("supports")).otherwise(pl.lit("makes")).alias("role"),
            pl.lit([], pl.List(pl.String)).alias("flags"), "source_id", pl.lit("0" * 64).alias("blob"),
            (pl.col("k").cast(pl.Int64) + 1).alias("row"),
        )
    )  # fmt: skip


def exposure(n: int) -> Any:
    import polars as pl  # noqa: PLC0415

    from teisen.observation import EXPOSURE  # noqa: PLC0415

    days = pl.DataFrame({"day": range(int(max(n / A_DAY, 1.0)) + 1)})
    start = (pl.lit(START_US) + pl.col("day") * 86_400_000_000).cast(pl.Datetime("us", "UTC"))
    who = pl.DataFrame({"source_id": list(SOURCES), "p_detect": [one["sees"] for one in SOURCES.values()]})
    where = pl.DataFrame({"area_id": [f"region-{k:02}" for k in range(REGIONS)]})
    return EXPOSURE.fill(
        days.join(who, how="cross").join(where, how="cross").select(
            pl.format("{}:{}-{}", "source_id", "day", "area_id").alias("exposure_id"), start.alias("start"),
            (start + pl.duration(days=1)).alias("end"), "area_id", pl.lit("shelling").alias("kind"),
            pl.lit("watched").alias("state"), "p_detect", pl.lit("made up").alias("reason"),
            pl.lit("assumed").alias("basis"), "source_id",
        )
    )  # fmt: skip


def one(folder: Path, way: str) -> None:
    """Fuse what lies in ``folder``, in a process of its own, which looks for garbage as the command line does."""
    from teisen.garbage import look_seldom  # noqa: PLC0415  its imports are timed

    look_seldom()
    import polars as pl  # noqa: PLC0415

    from teisen.fusion import fuse, fuse_in_parts  # noqa: PLC0415
    from teisen.sources import Ground  # noqa: PLC0415

    seen, watched, areas = (pl.scan_parquet(folder / f"{name}.parquet") for name in ("seen", "watched", "areas"))
    height, ground, started = seen.select(pl.len()).collect().item(), Ground(areas=areas.collect()), time.perf_counter()
    if way == "all":
        incidents = fuse(seen.collect(), watched.collect(), ground, sources()).incidents.height
    else:
        incidents = 0
        for n, part in enumerate(fuse_in_parts(seen, watched, ground, sources())):
            part.incidents.write_parquet(folder / f"incident-{n:04}.parquet")
            part.evidence.write_parquet(folder / f"evidence-{n:04}.parquet")
            incidents += part.incidents.height
    took = time.perf_counter() - started
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([height, incidents, took, peak_mib]))


def row(way: str, n: int) -> str:
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(Path(teisen.__file__).parent)], check=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, __file__, "make", str(n), folder], check=True)
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        command = [sys.executable, __file__, "one", folder, way]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        clock, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    height, incidents, took, peak = json.loads(done.stdout)
    cells = [
        f"{height:,}",
        "all at once" if way == "all" else "in parts",
        f"{incidents:,}",
        f"{clock:.2f}",
        f"{took:.2f}",
        f"{cpu:.2f}",
        f"{1e6 * cpu / height:.0f}",
    ]
    return f"| {' | '.join([*cells, f'{peak:,.0f}'])} |"


def make(n: int, folder: Path) -> None:
    observations(n).sort("start").write_parquet(folder / "seen.parquet", row_group_size=100_000)
    exposure(n).write_parquet(folder / "watched.parquet")
    regions().write_parquet(folder / "areas.parquet")


HEAD = [
    "| observations | fused | incidents | clock s | fuse s | processors s | µs each | peak MiB |",
    "|---:|---|---:|---:|---:|---:|---:|---:|",
]

if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make", size, folder]:
            make(int(size), Path(folder))
        case ["one", folder, way]:
            one(Path(folder), way)
        case [way, size]:
            print("\n".join([*HEAD, row(way, int(size))]))
        case _:
            from page import rewrite

            rows = []
            for run in RUNS:
                rows.append(row(*run))
                print(rows[-1], file=sys.stderr, flush=True)
            rewrite("fusion-speed", [*HEAD, *rows])
