"""Changes found in real sources, told of no date, and what cases of real data answer.

    python benchmarks/real_change.py        prints the tables and rewrites docs/benchmarks.md; needs TEISEN_DATA

Counts of a day are as sources give them.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import ruptures
from page import rewrite

from teisen.case import Case, derive, ingest_all
from teisen.compliance.change import changes
from teisen.compliance.lines import EVERYTHING, Lines
from teisen.compliance.segments import segments
from teisen.library import data_folder, library


def activity_of_real() -> pl.DataFrame:
    """Alerts started, launches stated and reports of a use of force by day, from the files as they are."""
    data = data_folder()
    if data is None:
        raise SystemExit("There is no folder of real data: set TEISEN_DATA.")
    moment = pl.col("started_at").str.slice(0, 19).str.to_datetime()
    alerts = pl.read_csv(next((data / "air_raid_alerts").glob("alerts_oblast_merged*")))
    alerts = alerts.with_columns(day=moment.dt.date()).group_by("day").len("alerts")
    tallies = pl.read_csv(data / "uaf_missile_attacks" / "missile_attacks_daily.csv.gz", infer_schema_length=None)
    tallies = tallies.with_columns(day=pl.col("time_start").str.slice(0, 10).str.to_date())
    tallies = tallies.group_by("day").agg(launched=pl.col("launched").cast(pl.Float64).sum())
    parts = []
    for path in sorted((data / "viina_reports").glob("viina_incidents_*.csv.gz")):
        month = pl.read_csv(path).with_columns(day=pl.col("datetime").str.slice(0, 10).str.to_date())
        parts.append(month.filter(pl.col("event_type").fill_null("").str.contains("airstrike|uav|artillery|firefigh")))
    news = pl.concat(parts).group_by("day").len("news")
    days = pl.DataFrame({"day": pl.date_range(date(2022, 10, 1), date(2026, 6, 1), eager=True)})
    for frame in (alerts, tallies, news):
        days = days.join(frame.with_columns(pl.col("day").cast(pl.Date)), on="day", how="left")
    return days.sort("day").with_columns(pl.col("alerts", "launched").fill_null(0).cast(pl.Float64))


PERIODS = {
    "alerts, tallies, news": (("alerts", "launched", "news"), date(2024, 1, 1), date(2025, 8, 31)),
    "alerts, tallies": (("alerts", "launched"), date(2022, 10, 1), date(2026, 6, 1)),
}
TRUCES = ((date(2025, 4, 19), date(2025, 4, 20)), (date(2025, 5, 8), date(2025, 5, 10)))
"""Announced from 19 April 18:00 to 21 April 00:00, and from 8 May 00:00 to 11 May 00:00, Moscow time."""


def real() -> None:
    """Every spell in which the daily watch found less happening, on each set of sources."""
    days = activity_of_real()
    rows = []
    for name, (columns, first, last) in PERIODS.items():
        part = days.filter((pl.col("day") >= first) & (pl.col("day") <= last))
        counts = part.select(pl.col(columns).fill_null(0).cast(pl.Float64)).to_numpy()[None]
        effort = part.select(pl.col(columns).is_not_null().cast(pl.Float64)).to_numpy()[None]
        weekday = part["day"].dt.weekday().to_numpy() - 1
        dates = part["day"].to_list()
        of = Lines(
            (EVERYTHING,),
            tuple(datetime(d.year, d.month, d.day, tzinfo=UTC) for d in (*dates, dates[-1] + timedelta(days=1))),
            columns, counts, effort, np.zeros((1, len(dates))), weekday.astype(np.int64),
        )  # fmt: skip
        table = changes(of).sort("start").filter((pl.col("what") == "fall") | (pl.col("word") != "scatter"))
        falls = table.filter((pl.col("what") == "fall") & (pl.col("p_behaviour") >= 0.5))
        for row in falls.iter_rows(named=True):
            start = row["start"].date()
            back = table.filter((pl.col("what") == "return") & (pl.col("start") > row["start"]))["start"]
            end = back[0].date() - timedelta(days=1) if len(back) else last
            truce = any(abs((start - a).days) <= 1 and abs((end - b).days) <= 1 for a, b in TRUCES)
            found = (row["found"] - timedelta(days=1)).date() if row["found"] else None
            rows.append(
                f"| {name} | {start} to {end} | {found} | {row['ratio']:g} | {row['p_behaviour']:.2f} | "
                f"{'a truce of the agreements' if truce else ''} |"
            )
            print(rows[-1], flush=True)
    head = [
        "| sources | spell | alarm at the end of | level | P(behaviour) | known as |",
        "|---|---|---|---:|---:|---|",
    ]
    rewrite("change-real", [*head, *rows])


def cases() -> None:
    """The answers that the cases of real data give, by reading."""
    rows = []
    for name in ("easter-2025", "energy-2025"):
        with tempfile.TemporaryDirectory() as folder:
            case = Case.create(Path(folder) / name, library("cases") / name)
            ingest_all(case, data_folder())
            table = derive(case)["verdict"].sort("start")
        for key, days in table.group_by("agreement_id", "provision_id", "reading_id", maintain_order=True):
            count = dict(days.group_by("word").len().iter_rows())
            cells = [str(count.get(w, 0)) for w in ("holding", "eroding", "collapsed", "cannot_tell")]
            most = days.group_by("says").len().sort("len", "says", descending=True)["says"][0]
            span = f"{days['start'][0].date()} to {days['start'][-1].date()}"
            rows.append(f"| {key[0]}, {key[2]} | {span} | {' | '.join(cells)} | {most} |")
    head = ["| reading | days | holding | eroding | collapsed | cannot tell | the reason given most often |"]
    rewrite("change-cases", [*head, "|---|---|---:|---:|---:|---:|---|", *sorted(rows)])


def looking_back() -> None:
    """The exact cut and PELT on the spring of 2025, alerts and launches together."""
    days = activity_of_real().filter((pl.col("day") >= date(2025, 3, 1)) & (pl.col("day") <= date(2025, 6, 30)))
    dates, counts = days["day"].to_list(), days.select("alerts", "launched").to_numpy()
    spells = segments(counts)
    scaled = np.sqrt(counts / counts.mean(axis=0))
    cuts = ruptures.Pelt(model="l2", min_size=1, jump=1).fit(scaled).predict(pen=3 * np.log(len(dates)) * scaled.var())
    ours = ", ".join(f"{dates[s.first]} to {dates[s.last]}: {s.rate:.0f}" for s in spells)
    theirs = ", ".join(str(dates[c]) for c in cuts[:-1])
    rewrite(
        "change-segments",
        [
            "| method | spells of March to June 2025 (alerts and launches a day), or first days of a new spell |",
            "|---|---|",
            f"| Teisen, exact cut | {ours} |",
            f"| ruptures, PELT | {theirs or 'none'} |",
        ],
    )


if __name__ == "__main__":
    real()
    cases()
    looking_back()
