"""Orbits from the times at which satellites saw fires, and predicted passes against those times.

    python benchmarks/passes.py
    python benchmarks/passes.py fit FIRMS.csv.gz FROM DAYS OUT.csv

The first prints the table of docs/benchmarks.md and rewrites it: on days to which the shipped elements were not fitted,
the share of fires whose place a predicted pass of their satellite crosses, within the swath, within ten minutes of
their time, the same for these places 5.3 hours later, how far off the time is, and fires by distance from the track.
``fit`` finds mean motion, node and phase of each satellite's circular, sun-synchronous orbit from the fires of DAYS
days from FROM on, and writes them as OMM.
"""

from __future__ import annotations

import csv
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from page import rewrite
from scipy.optimize import least_squares

from teisen.geodesy import MEAN_RADIUS_M, Floats
from teisen.library import data_folder, library
from teisen.sources import Ground, Scope, Source, SourceFile
from teisen.sources.orbits import earth_fixed, julian_dates, satellite, sidereal, track
from teisen.sources.profiles import load_profile
from teisen.sources.readers.firms import facts
from teisen.sources.readers.orbits import READER

NUMBERS = {"N": 37849, "N20": 43013, "N21": 54234, "T": 25994, "A": 27424}
NAMES = {"N": "SUOMI NPP", "N20": "NOAA 20", "N21": "NOAA 21", "T": "TERRA", "A": "AQUA"}
NOMINAL = {  # revolutions a day, inclination, local times of the ascending node to try
    "viirs": (227 / 16, 98.75, (13.2, 13.4, 13.6)),
    "modis-t": (233 / 16, 98.1, (20.5, 20.8, 21.2)),
    "modis-a": (233 / 16, 98.3, (13.6, 13.9, 14.2)),
}
WITHIN_S = 600.0
CHECKED = (  # fires, elements, to what these were fitted, the days checked
    ("firms_viirs_2026", "orbits-2026.csv", "23 March to 6 April, 18 May to 1 June 2026", "2026-04-06", "2026-05-18"),
    ("firms_viirs_2026", "orbits-2026.csv", "18 May to 1 June 2026", "2026-06-01", "2026-07-30"),
    ("firms_modis_snapshots", "orbits-2025.csv", "April 2025", "2025-05-01", "2025-06-21"),
)  # fmt: skip
EVERYWHERE = Scope(datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC), -180, -90, 180, 90)


def fires(path: str) -> pl.DataFrame:
    """satellite, time, lon, lat of a FIRMS file; a time is the start of a granule, good to a minute or some."""
    frame = pl.read_csv(path, infer_schema_length=0)
    lon, lat = next((x, y) for x, y in (("longitude", "latitude"), ("lng", "lat")) if x in frame.columns)
    when = pl.concat_str("acq_date", pl.col("acq_time").str.zfill(4), separator=" ")
    return frame.select(
        pl.col("satellite").replace({"Terra": "T", "Aqua": "A"}),
        time=when.str.to_datetime("%Y-%m-%d %H%M", time_unit="us", time_zone="UTC"),
        lon=pl.col(lon).cast(pl.Float64),
        lat=pl.col(lat).cast(pl.Float64),
    ).sort("satellite", "time", "lon", "lat")


def offsets(record: object, julian: Floats, places: Floats) -> tuple[Floats, Floats]:
    """Seconds until the satellite is nearest to each place, and the place's angle off the track in degrees."""
    h = 5 / 86_400
    before, here, after = (track(record, julian + k * h) for k in (-1, 0, 1))  # type: ignore[arg-type]
    ahead = after - before
    speed = np.linalg.norm(ahead, axis=-1) / 10
    ahead /= np.linalg.norm(ahead, axis=-1, keepdims=True)
    seconds = np.arctan2((places * ahead).sum(-1), (places * here).sum(-1)) / speed
    side = np.degrees(np.arcsin(np.clip((places * np.cross(here, ahead)).sum(-1), -1, 1)))
    return seconds, side


def orbit(
    key: str, epoch: datetime, motion: float, angles: tuple[float, float], inclination: float
) -> dict[str, object]:
    """Elements (ORBIT) of a circular orbit; ``angles`` are of node and phase, radians; the inclination in degrees."""
    node, phase = angles
    return {
        "catalogue_number": NUMBERS[key], "satellite": NAMES[key], "epoch": epoch, "mean_motion": motion,
        "eccentricity": 0.0001, "inclination": inclination, "ra_of_asc_node": np.degrees(node) % 360,
        "arg_of_pericenter": 90.0, "mean_anomaly": (np.degrees(phase) - 90) % 360, "bstar": 0.0,
    }  # fmt: skip


def fit(key: str, seen: pl.DataFrame, epoch: datetime) -> dict[str, object]:
    """Elements of one satellite, from its fires."""
    motion, inclination, nodes = NOMINAL["viirs" if key.startswith("N") else f"modis-{key.lower()}"]
    half = facts().orbits["viirs" if key.startswith("N") else "modis"].swath_km * 500 / MEAN_RADIUS_M * 180 / np.pi
    granule = 45.0 if key.startswith("N") else 150.0
    julian, places = julian_dates(seen["time"]), earth_fixed(seen["lon"], seen["lat"])
    sun = float(sidereal(julian_dates(pl.Series([epoch])))[0]) + np.pi
    thin = slice(None, None, max(1, seen.height // 300))
    tried = []
    for local in nodes:
        for phase in np.linspace(0, 2 * np.pi, 72, endpoint=False):
            node = sun + (local - 12) * np.pi / 12
            seconds, side = offsets(
                satellite(orbit(key, epoch, motion, (node, phase), inclination)), julian[thin], places[thin]
            )
            tried.append((float(np.median(np.abs(seconds) / 60 + np.clip(np.abs(side) - half, 0, None))), node, phase))
    _, node, phase = min(tried)

    def off(x: Floats) -> Floats:
        seconds, side = offsets(satellite(orbit(key, epoch, x[0], (x[1], x[2]), inclination)), julian, places)
        return np.concatenate([np.clip(seconds - granule, -900, 900) / 30, np.clip(np.abs(side) - half, 0, 30) * 5])

    best = least_squares(off, [motion, node, phase], x_scale=[1e-3, 1e-2, 1e-2], loss="soft_l1").x
    return orbit(key, epoch, float(best[0]), (float(best[1]), float(best[2])), inclination)


def write(rows: list[dict[str, object]], out: str) -> None:
    """The elements as OMM in CSV."""
    heads = ("OBJECT_NAME", "OBJECT_ID", "EPOCH", "MEAN_MOTION", "ECCENTRICITY", "INCLINATION", "RA_OF_ASC_NODE",
             "ARG_OF_PERICENTER", "MEAN_ANOMALY", "EPHEMERIS_TYPE", "CLASSIFICATION_TYPE", "NORAD_CAT_ID",
             "ELEMENT_SET_NO", "REV_AT_EPOCH", "BSTAR", "MEAN_MOTION_DOT", "MEAN_MOTION_DDOT")  # fmt: skip
    with Path(out).open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(heads)
        for r in rows:
            epoch = r["epoch"]
            assert isinstance(epoch, datetime)
            lines.writerow([
                r["satellite"], "", f"{epoch:%Y-%m-%dT%H:%M:%S.%f}", f"{r['mean_motion']:.8f}",
                f"{r['eccentricity']:.7f}",
                f"{r['inclination']:.4f}", f"{r['ra_of_asc_node']:.4f}", f"{r['arg_of_pericenter']:.4f}",
                f"{r['mean_anomaly']:.4f}", 0, "U", r["catalogue_number"], 999, 0, 0, 0, 0,
            ])  # fmt: skip


def known(name: str) -> pl.DataFrame:
    """The shipped elements of that file."""
    file = SourceFile(name, "", (library("cases") / "ground" / name).read_bytes())
    source = Source("orbits", "orbits", load_profile("fitted-orbits"))
    return READER.read(file, source, Ground(), EVERYWHERE).table("orbit")


def check(key: str, seen: pl.DataFrame, elements: pl.DataFrame) -> list[str]:
    """Cells of the table for one satellite's fires; each is set against the elements of the nearest epoch."""
    half = facts().orbits["viirs" if key.startswith("N") else "modis"].swath_km * 500 / MEAN_RADIUS_M * 180 / np.pi
    mine = elements.filter(catalogue_number=NUMBERS[key]).sort("epoch")
    seen = seen.sort("time").join_asof(mine, left_on="time", right_on="epoch", strategy="nearest")
    parts = []
    for _, part in seen.group_by("epoch", maintain_order=True):
        record, places = satellite(part.row(0, named=True)), earth_fixed(part["lon"], part["lat"])
        seconds, side = offsets(record, julian_dates(part["time"]), places)
        other, away = offsets(record, julian_dates(part["time"]) + 5.3 / 24, places)  # an hour that is none of theirs
        good = (np.abs(seconds) <= WITHIN_S) & (np.abs(side) <= half)
        chance = (np.abs(other) <= WITHIN_S) & (np.abs(away) <= half)
        km = np.radians(np.abs(side)) * MEAN_RADIUS_M / 1000
        parts.append(part.select("time", "lon", "lat").with_columns(
            seconds=pl.Series(seconds), good=pl.Series(good), chance=pl.Series(chance), km=pl.Series(km)
        ))  # fmt: skip
    all_of = pl.concat(parts)
    cells = all_of.filter("good").group_by("time", (pl.col("lon") * 40).floor(), (pl.col("lat") * 60).floor())
    bins = cells.agg(pl.col("km").mean()).group_by((pl.col("km") / 100).floor().cast(pl.Int64)).len().sort("km")
    near = bins.filter(pl.col("km") < 7)["len"].mean()
    by_distance = {n * 100: count / near for n, count in bins.iter_rows()}
    q = np.quantile(all_of["seconds"], [0.05, 0.5, 0.95])
    return [
        f"{all_of.height:,}", f"{all_of['good'].mean():.1%}", f"{all_of['chance'].mean():.1%}",
        f"{q[1]:.0f} ({q[0]:.0f} to {q[2]:.0f})",
        ", ".join(f"{by_distance[km]:.2f}" for km in (300, 700, 1000, 1300) if km in by_distance),
    ]  # fmt: skip


def table(data: Path) -> None:
    """All satellites on the days of ``CHECKED``."""
    lines = [
        "| satellite | fitted to | checked on | fires | within 10 minutes | 5.3 h later | off by s (90 %) | far off |",
        "|---|---|---|---:|---:|---:|---:|---|",
    ]
    for folder, elements, fitted, first, after in CHECKED:
        (path,) = (file for file in (data / folder).glob("*.csv.gz"))
        start, end = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (first, after))
        some = fires(str(path)).filter(pl.col("time").is_between(start, end, closed="left"))
        for key in some["satellite"].unique().sort():
            cells = check(key, some.filter(satellite=key), known(elements))
            lines.append(f"| {NAMES[key]} | {fitted} | {first} to {after} | {' | '.join(cells)} |")
    rewrite("passes", lines)


def main() -> None:
    if len(sys.argv) == 1:
        data = data_folder()
        if data is None:
            sys.exit("There is no folder of real data: set TEISEN_DATA.")
        table(data)
        return
    _, _, path, first, days, out = sys.argv
    start = datetime.fromisoformat(first).replace(tzinfo=UTC)
    epoch = start + timedelta(days=float(days) / 2)
    some = fires(path).filter(pl.col("time").is_between(start, start + timedelta(days=float(days))))
    write([fit(key, some.filter(satellite=key), epoch) for key in some["satellite"].unique().sort()], out)


if __name__ == "__main__":
    main()
