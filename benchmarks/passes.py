"""Orbits from the times at which satellites saw fires, and predicted passes against those times.

    python benchmarks/passes.py fit FIRMS.csv.gz FROM DAYS OUT.csv
    python benchmarks/passes.py check FIRMS.csv.gz ELEMENTS [FROM [TO]]

``fit`` finds mean motion, node and phase of each satellite's circular, sun-synchronous orbit from the fires of DAYS
days from FROM on, and writes them as OMM. ``check`` gives, by satellite and month, the share of fires whose place a
predicted pass of their satellite crosses, within the swath, within ten minutes of their time, the same for these places
5.3 hours later, and fires by distance from the track.
"""

from __future__ import annotations

import csv
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from scipy.optimize import least_squares
from tests.builders import source

from teisen.geodesy import MEAN_RADIUS_M, Floats
from teisen.sources import Ground, Scope, SourceFile
from teisen.sources.orbits import earth_fixed, julian_dates, satellite, sidereal, track
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


def check(seen: pl.DataFrame, elements: pl.DataFrame) -> None:
    """Print what the module says."""
    print("satellite,month,fires,within_10_min,seconds_5,seconds_50,seconds_95,share_on_a_pass_of_the_other_hours")
    for key in seen["satellite"].unique().sort():
        mine = elements.filter(catalogue_number=NUMBERS[key])
        rows = seen.filter(satellite=key)
        sensor = "viirs" if key.startswith("N") else "modis"
        half = facts().orbits[sensor].swath_km * 500 / MEAN_RADIUS_M * 180 / np.pi
        parts = []
        for (month,), part in rows.group_by(pl.col("time").dt.strftime("%Y-%m"), maintain_order=True):
            nearest = [
                min(mine.iter_rows(named=True), key=lambda row: abs(row["epoch"] - t)) for t in [part["time"][0]]
            ]
            seconds, side = offsets(
                satellite(nearest[0]), julian_dates(part["time"]), earth_fixed(part["lon"], part["lat"])
            )
            good = (np.abs(seconds) <= WITHIN_S) & (np.abs(side) <= half)
            moved = julian_dates(part["time"]) + 5.3 / 24  # the same places at an hour that is none of theirs
            other, away = offsets(satellite(nearest[0]), moved, earth_fixed(part["lon"], part["lat"]))
            chance = ((np.abs(other) <= WITHIN_S) & (np.abs(away) <= half)).mean()
            q = np.quantile(seconds, [0.05, 0.5, 0.95]).round().astype(int)
            print(f"{NAMES[key]},{month},{part.height},{good.mean():.4f},{q[0]},{q[1]},{q[2]},{chance:.4f}")
            parts.append(
                part.with_columns(km=pl.Series(np.abs(side) * np.pi / 180 * MEAN_RADIUS_M / 1000), good=pl.Series(good))
            )
        cells = (
            pl.concat(parts)
            .filter("good")
            .group_by("time", (pl.col("lon") * 40).floor(), (pl.col("lat") * 60).floor())
            .agg(pl.col("km").mean())
        )
        bins = cells.group_by((pl.col("km") / 100).floor().cast(pl.Int64).alias("km_100")).len().sort("km_100")
        near = bins.filter(pl.col("km_100") < 7)["len"].mean()
        print(
            f"{NAMES[key]}: cells with fire by 100 km off the track, against the mean under 700 km:",
            *[f"{n * 100}:{c / near:.2f}" for n, c in bins.iter_rows()],
        )


def main() -> None:
    what, path, *rest = sys.argv[1:]
    seen = fires(path)
    if what == "fit":
        start, days, out = datetime.fromisoformat(rest[0]).replace(tzinfo=UTC), float(rest[1]), rest[2]
        epoch = start + timedelta(days=days / 2)
        some = seen.filter(pl.col("time").is_between(start, start + timedelta(days=days)))
        write([fit(key, some.filter(satellite=key), epoch) for key in some["satellite"].unique().sort()], out)
        return
    content = Path(rest[0]).read_bytes()
    elements = READER.read(SourceFile(rest[0], "", content), source("orbits", "orbits"), Ground(), EVERYWHERE).table(
        "orbit"
    )
    bounds = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in rest[1:3]]
    if bounds:
        seen = seen.filter(
            pl.col("time") >= bounds[0], pl.col("time") < (bounds[1] if len(bounds) > 1 else EVERYWHERE.end)
        )
    check(seen, elements)


if __name__ == "__main__":
    main()
