"""What fusing real data gives: fires, news, alerts and tallies of spring 2025 and of spring 2026.

    python benchmarks/real_fusion.py    prints the tables and rewrites docs/benchmarks.md

Whether fires and reports of news see the same is told by shifting: fires are moved by some days in time, round the
period, and all is joined anew. What is joined then is joined by chance.

Each period is a case with the sources of its template, from files to incidents. Nobody knows the truth of it, so the
tables say what came out and give examples that can be looked up. Words are shown of sources alone whose licence lets
them pass.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
from page import rewrite

from teisen.case import Case, ingest_all
from teisen.case.reading import ground_of, read_files
from teisen.fusion import Fused, fuse
from teisen.fusion.beside import beside
from teisen.fusion.copies import originals
from teisen.fusion.detection import detection
from teisen.fusion.fuse import distinct, hear
from teisen.fusion.habits import Habits, habits_of
from teisen.fusion.in_reach import COVERED
from teisen.fusion.making import join
from teisen.fusion.reports import Reports
from teisen.geodesy import distance_m
from teisen.library import data_folder, library
from teisen.observation import vocabulary
from teisen.sources import Ground, Source

PERIODS = (("spring 2025", "energy-2025", "2025-03-01", "2025-06-01"),
           ("spring 2026", "spring-2026", "2026-03-01", "2026-07-01"))  # fmt: skip
CALLED = 0.5
EXAMPLES = 4
SHIFTS = (-24, -16, -8, 8, 16, 24)
"""Days by which fires are moved."""
WELL_KNOWN = (("2025-04-04", 33.39, 47.91), ("2025-04-13", 34.80, 50.91), ("2025-04-24", 30.45, 50.46))
"""Days and places (degrees) of strikes that much was written of: Kryvyi Rih, Sumy, Kyiv."""
WORDS = 110


def fused(
    template: str, first: str, after: str, folder: Path
) -> tuple[pl.DataFrame, Fused, Ground, Mapping[str, Source]]:
    """Observations, incidents, ground and sources of a case made from a template for this time."""
    source, place = library("cases") / template, folder / "template"
    place.mkdir()
    (folder / "ground").symlink_to(library("cases") / "ground")
    (place / "ground").symlink_to(library("cases") / "ground")
    if (source / "mappings").is_dir():
        (place / "mappings").symlink_to(source / "mappings")
    text = (source / "case.yaml").read_text(encoding="utf-8")
    period = f"period: {{from: {first}, to: {after}}}"
    (place / "case.yaml").write_text(re.sub(r"^period: .*$", period, text, flags=re.M), encoding="utf-8")
    case = Case.create(folder / "case", place)
    ingest_all(case, data_folder())
    definitions = case.definitions
    tables = read_files(case.received(), case.ledger.blob, definitions.sources, definitions.case.scope)
    started = time.process_time()
    ground = ground_of(tables)
    found = fuse(tables["observation"], tables["exposure"], ground, definitions.sources)
    print(f"{template}: fused in {time.process_time() - started:.1f} s of processor", file=sys.stderr, flush=True)
    return tables["observation"], found, ground, definitions.sources


def counts(name: str, seen: pl.DataFrame, found: Fused, sources: Mapping[str, Source]) -> Iterator[str]:
    """Rows of the table, one for all incidents and one for those that are called of the conflict."""
    fires = seen.filter(pl.col("source_id").str.starts_with("fires")).height
    makes = seen.filter(role="makes").height
    own = {one: source.profile.group for one, source in sources.items()}
    members = found.evidence.filter(relation="member").with_columns(group=pl.col("source_id").replace(own))
    makers = members.group_by("incident_id").agg(makers=pl.col("group").n_unique())
    incidents = found.incidents.join(makers, on="incident_id")
    for which, some in (("all", incidents), (f"P {CALLED} and more", incidents.filter(pl.col("p_conflict") >= CALLED))):
        made, heard = (some.filter(pl.col(column) >= 2).height for column in ("makers", "n_groups"))
        cells = [f"{fires:,}", f"{makes - fires:,}", f"{seen.height - makes:,}", which, f"{some.height:,}", f"{made:,}",
                 f"{heard:,}", f"{heard / some.height:.1%}", f"{some['n_observations'].mean():.1f}"]  # fmt: skip
        yield f"| {name} | {' | '.join(cells)} |"


def examples(name: str, seen: pl.DataFrame, found: Fused, sources: Mapping[str, Source]) -> Iterator[str]:
    """Well-known strikes, and incidents of most independent sources, one a place and a day."""
    named = found.incidents.filter(pl.col("place_name").is_not_null(), pl.col("kind") != "fire").sort(
        ["n_groups", "n_observations", "incident_id"], descending=[True, True, False]
    )
    near = [
        named.filter(
            pl.col("start").dt.date() <= pl.lit(day).str.to_date(),
            pl.col("end") > pl.lit(day).str.to_datetime(time_zone="UTC"),
            pl.Series(distance_m(named["lon"], named["lat"], lon, lat) < 15_000),
        ).head(1)
        for day, lon, lat in WELL_KNOWN
    ]
    most = named.unique("place_name", keep="first", maintain_order=True)
    most = most.unique(pl.col("start").dt.date(), keep="first", maintain_order=True).head(EXAMPLES)
    for one in pl.concat([*near, most]).unique("incident_id").sort("start", "incident_id").iter_rows(named=True):
        under = found.evidence.filter(incident_id=one["incident_id"])
        under = under.filter((pl.col("relation") == "member") | (pl.col("log_ratio") > 0))
        rows = under.join(seen, on=["observation_id", "source_id"]).sort("source_id", "start", "observation_id")
        said = "; ".join(
            _said(sources[str(source)], mine) for (source,), mine in rows.group_by("source_id", maintain_order=True)
        )
        when = f"{one['start']:%Y-%m-%d %H:%M} to {one['end']:%Y-%m-%d %H:%M}"
        kind = f"{vocabulary().kinds[one['kind']].title}, {one['p_conflict']:.2f}"
        yield f"| {name} | {when} | {one['place_name']} | {kind} | {one['n_groups']} | {said} |"


def _said(source: Source, rows: pl.DataFrame) -> str:
    """What one source said: how many reports, of which kinds, and words of one; where its licence lets it pass."""
    if not source.profile.licence.redistribute:
        return f"*{source.profile.title}*: supports it"
    kinds = ", ".join(vocabulary().kinds[kind].title.lower() for kind in rows["kind"].unique().sort())
    many = f"{rows.height} reports" if rows.height > 1 else "1 report"
    words = rows["text"].drop_nulls().unique().sort().head(1).to_list()
    shown = re.sub(r"[|\s]+", " ", words[0])[:WORDS].strip() if words else ""
    return f"*{source.profile.title}*: {many} ({kinds})" + (f": “{shown}”" if shown else "")


def beside_news(name: str, seen: pl.DataFrame, ground: Ground, sources: Mapping[str, Source]) -> str:
    """Row of reports with a fire beside them, and incidents of both, as it was and with the days of fires moved."""
    own, habits = _placed(seen, Ground(), sources)  # as habits are learned: before ordinary years weigh anything
    who = habits.reporting.sources
    declared = np.array([COVERED * detection(sources[one]) for one in who])
    at = next(n for n, one in enumerate(who) if one.startswith("fires"))
    found = beside(own, habits.reporting.index(own), declared, 1, np.array([at]))
    cells = [f"{getattr(found, figure)[at]:,.0f}" for figure in ("telling", "seen", "usual", "hoped")]
    joined = [_of_both(_moved(seen, days), ground, sources) for days in (0, *SHIFTS)]
    chance = ", ".join(str(many) for many in joined[1:])
    return f"| {name} | {' | '.join(cells)} | {joined[0]} | {sum(joined[1:]) / len(SHIFTS):.0f} ({chance}) |"


def _placed(seen: pl.DataFrame, ground: Ground, sources: Mapping[str, Source]) -> tuple[Reports, Habits]:
    makes = distinct(seen.filter(role="makes"))
    habits = habits_of(makes, sources)
    placed = hear(makes, ground, sources, habits).placed
    return placed.take(np.flatnonzero(originals(placed) == np.arange(len(placed)))), habits


def _of_both(seen: pl.DataFrame, ground: Ground, sources: Mapping[str, Source]) -> int:
    """Incidents that are made of a fire and a report together."""
    own, habits = _placed(seen, ground, sources)
    label = pl.DataFrame({"label": join(own, habits.reporting).label, "group": own.frame["group"]})
    return label.group_by("label").agg(pl.col("group").n_unique()).filter(pl.col("group") > 1).height


def _moved(seen: pl.DataFrame, days: int) -> pl.DataFrame:
    """Observations with those of fires moved by so many days, round the time that they cover."""
    fires = pl.col("source_id").str.starts_with("fires")
    first, last = seen.filter(fires).select(pl.col("start").min(), last=pl.col("start").max()).row(0)
    turn = timedelta(days=(last - first).days + 1)
    then = pl.col("start") + timedelta(days=days)
    late = timedelta(days=days) - pl.when(then > last).then(turn).when(then < first).then(-turn).otherwise(timedelta(0))
    return seen.with_columns(
        pl.when(fires).then(pl.col(name) + late).otherwise(name).alias(name) for name in ("start", "end")
    )


def main() -> None:
    if data_folder() is None:
        sys.exit("There is no folder of real data: set TEISEN_DATA.")
    table = [
        "| period | fires | news | supports | incidents | n | two sources and more | with supports | share | each of |",
        "|---|---:|---:|---:|---|---:|---:|---:|---:|---:|",
    ]
    shown = ["| period | when (UTC) | place | kind, P | sources | what each said |", "|---|---|---|---|---:|---|"]
    both = [
        "| period | reports that tell | a fire beside | by chance | more, as declared | joined | joined, days moved |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, template, first, after in PERIODS:
        with tempfile.TemporaryDirectory() as folder:
            seen, found, ground, sources = fused(template, first, after, Path(folder))
        table += counts(name, seen, found, sources)
        shown += examples(name, seen, found, sources)
        both.append(beside_news(name, seen, ground, sources))
    rewrite("real-fusion", table)
    rewrite("real-fusion-beside", both)
    rewrite("real-fusion-examples", shown)


if __name__ == "__main__":
    main()
