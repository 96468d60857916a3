"""Measures that the profile and the word lists of the event reports rest on; reads the folder of real data.

    python benchmarks/viina.py roles     precision and recall of role "makes" against labels by hand (viina_labels.csv)
    python benchmarks/viina.py shares    kinds among reports whose words name one weapon
    python benchmarks/viina.py traps     places that many reports are put on and few of them name
    python benchmarks/viina.py delay     days from the day that a text states to the day of the report
    python benchmarks/viina.py places    distance from a quarter or neighbour to the town that the text names
    python benchmarks/viina.py days      reports a day

Labels: one reader read the headline and place of random rows and wrote whether the headline itself reports the use of
force at that place (makes). Samples: 160 random rows of April 2025, 120 of March, and 60 of March and 50 of May that
the rules found to make (all drawn before their rows were read; misses and false finds were mended afterwards where a
rule could).
"""

from __future__ import annotations

import hashlib
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from teisen.geodesy import distance_m
from teisen.library import data_folder, library
from teisen.sources import Ground, Scope, Source, SourceFile, texts
from teisen.sources.profiles import load_profile
from teisen.sources.readers import reader

MONTHS = ("202503", "202504", "202505")
SCOPE = Scope(datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 9, 1, tzinfo=UTC), -180, -90, 180, 90)
LABELS = Path(__file__).with_name("viina_labels.csv")
pl.Config.set_tbl_rows(60)


def observations(months: tuple[str, ...] = MONTHS) -> pl.DataFrame:
    folder = data_folder()
    if folder is None:
        raise SystemExit("no folder of real data: set TEISEN_DATA")
    source = Source("viina", "event_reports", load_profile("viina"), options={"zone": "Europe/Kyiv"})
    names = (library("cases") / "ground" / "names.csv").read_bytes()
    gazetteer = Source("names", "names", load_profile("teisen-names"))
    listed = reader("names").read(_file("names", names), gazetteer, Ground(), SCOPE).table("name")
    found = []
    for month in months:
        content = (folder / "viina_reports" / f"viina_incidents_{month}.csv.gz").read_bytes()
        ground = Ground(names=listed)
        read = reader("event_reports").read(_file(month, content), source, ground, SCOPE).table("observation")
        found.append(read.with_columns(month=pl.lit(month)))
    return pl.concat(found)


def _file(name: str, content: bytes) -> SourceFile:
    return SourceFile(name, hashlib.sha256(content).hexdigest(), content)


def has(flag: str) -> pl.Expr:
    return pl.col("flags").list.contains(flag)


def roles() -> None:
    labels = pl.read_csv(LABELS)
    read = observations().join(labels, on="observation_id")
    for name, part in read.group_by("sample", maintain_order=True):
        makes, truth = part["role"] == "makes", part["label"] == "makes"
        copies = part.filter((pl.col("role") != "makes") & (pl.col("label") == "makes") & has("repeated")).height
        hits, found, real = (makes & truth).sum(), makes.sum(), truth.sum()
        print(f"{name[0]}: {part.height} rows, {real} make by hand, {found} by rule, {hits} by both;", end=" ")
        print(f"{copies} of the {real - hits} missed are later copies of a text, held back on purpose")


def shares() -> None:
    read = observations().filter((pl.col("role") == "makes") & ~has("kind_unsaid"))
    sure = read.filter(pl.col("kinds").list.eval(pl.element().struct.field("p")).list.max() > 0.9)
    named = sure.filter(pl.col("kind").is_in(["drone-strike", "missile-strike", "air-strike", "shelling"]))
    print(named["kind"].value_counts(sort=True).with_columns(share=pl.col("count") / named.height))


def traps() -> None:
    table = (
        observations()
        .group_by("place_name")
        .agg(reports=pl.len(), not_named=has("place_not_named").mean(), region_told=has("oblast_mention").mean())
    )
    print(table.filter(pl.col("reports") >= 20, pl.col("not_named") > 0.5).sort("reports", descending=True).head(60))


def delay() -> None:
    read = observations(tuple(f"2025{n:02}" for n in range(1, 9))).filter(pl.col("role") == "makes")
    rows = [
        (said, reported.date())
        for text, reported in read.select("text", pl.col("reported").dt.offset_by("-1us")).iter_rows()
        if (said := texts.day_in(text, date(2025, 8, 31))) is not None
    ]
    days = pl.Series("days", [(reported - said).days for said, reported in rows])
    print(f"{len(rows)} texts that make and state a day")
    print(days.filter(days.is_between(-1, 30)).value_counts(sort=True))


def places() -> None:
    spots = observations().filter(pl.col("lon").is_not_null()).group_by("place_name").agg(pl.col("lon", "lat").median())
    spot = {name: (lon, lat) for name, lon, lat in spots.iter_rows()}
    towns = texts.lexicon("traps")["towns"]
    pairs = [(q, t) for q, names in towns.items() for t in names[:1] if q in spot and t in spot]
    away = pl.Series([float(distance_m(*spot[q], *spot[t])) for q, t in pairs])
    print([(q, t, round(d)) for (q, t), d in zip(pairs, away, strict=True)])
    print(
        f"{len(pairs)} quarters, per axis {((away**2).mean() / 2) ** 0.5:.0f} m, median distance {away.median():.0f} m"
    )


def days() -> None:
    read = observations(tuple(f"2025{n:02}" for n in range(1, 9)))
    count = read.group_by(pl.col("reported").dt.offset_by("-1us").dt.convert_time_zone("Europe/Kyiv").dt.date()).len()
    print(count["len"].describe(), count.sort("len").head(10))


if __name__ == "__main__":
    {f.__name__: f for f in (roles, shares, traps, delay, places, days)}[sys.argv[1]]()
