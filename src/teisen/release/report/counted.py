"""What sources counted for the agreements' quotas, in the periods that the day lies in."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from teisen.languages import say, text
from teisen.release.report import incidents, quotas, words
from teisen.release.report.days import Days
from teisen.release.report.incidents import Judged
from teisen.release.report.terms import ReadingOfDay

STATES = {
    "counted": text("counted"),
    "counted_in_part": text("counted in part"),
    "nobody_counted": text("nobody counted"),
}


@dataclass(frozen=True)
class TallyOfDay:
    """One tally: what of, in which period, how much by which source, and the findings on it."""

    id: str
    unit: str
    window: str
    state: str
    counts: tuple[str, ...]
    findings: tuple[Judged, ...]


def tallies(days: Days, readings: list[ReadingOfDay]) -> list[TallyOfDay]:
    """Tallies of periods that share time with the day, by unit, the shortest period first."""
    start, end = days.bounds
    rows = days.table("tally").filter((pl.col("start") < end) & (pl.col("end") > start))
    rows = rows.sort("unit", pl.col("end") - pl.col("start"), "start", "tally_id")
    mine = days.table("finding").filter(pl.col("subject") == "tally")
    found = incidents.findings(days, mine, readings)
    return [
        TallyOfDay(
            row["tally_id"],
            row["unit"],
            words.window(row["start"], row["end"], days.about.zone),
            say(STATES[row["state"]]),
            quotas.counts(days, row["counts"]),
            found.get(row["tally_id"], ()),
        )
        for row in rows.iter_rows(named=True)
    ]
