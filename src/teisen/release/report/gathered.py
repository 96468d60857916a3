"""A day's report as values, before it is a page, a paper or files: everything that they show, each thing once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from teisen.release.report import (
    ahead,
    atlas,
    chart,
    claims,
    counted,
    heat,
    holding,
    incidents,
    people,
    rate_map,
    regions,
    summary,
    terms,
    totals,
    watching,
    words,
)
from teisen.release.report.context import ReportContext
from teisen.release.report.days import Days

MOST_REASONS = 15
"""Reasons of set-aside rows listed a source; the rest are counted together, the CSV has them all."""
SetAside = tuple[str, int, list[tuple[str, int]]]


@dataclass(frozen=True)
class Gathered:
    """What a day's report shows; texts are in the language that was spoken when it was gathered."""

    days: Days
    readings: list[terms.ReadingOfDay]
    incidents: list[incidents.Incident]
    regions: list[regions.Region]
    watches: list[watching.Watch]
    claims: list[claims.Claims]
    partings: list[terms.PartingOfDay]
    tallies: list[counted.TallyOfDay]
    stands: Mapping[str, people.Stand]
    replies: tuple[people.PartySaid, ...]
    lost: tuple[people.Said, ...]
    summary: summary.Summary
    map: atlas.Map
    chart: chart.Chart
    holding: holding.Holding
    heat: heat.Heat
    rate_map: rate_map.RateMap
    totals: tuple[totals.Totals, ...]
    ahead: ahead.Ahead
    set_aside: list[SetAside]
    withheld: frozenset[str]
    shown: frozenset[str]

    @property
    def levels(self) -> list[str]:
        """The words of the levels that the day's findings have, in the order of the readings."""
        return list(dict.fromkeys(level for one in self.readings for level, _ in one.levels))

    @property
    def approximate(self) -> bool:
        """Whether some boundary is a stand-in."""
        return bool(self.days.regions["approximate"].any())


def gather(tables: Mapping[str, pl.DataFrame], day: date, about: ReportContext) -> Gathered:
    """The day as values, in the language that is being spoken (see :mod:`teisen.languages.speaking`)."""
    days = Days(tables, day, about)
    readings = terms.readings(days)
    found = incidents.of_day(days, readings)
    watches = watching.of_day(days)
    by_region = regions.of_day(days, readings, found, watches)
    alleged = claims.of_day(days, readings, {i.id for i in found})
    titles = {i.id: i.title for i in found} | {
        c.id: f"{c.says}, {c.where}, {c.window}" for party in alleged for c in party.claims
    }
    parted = terms.partings(days, readings, titles)
    standing = people.stands(days)
    made = [claim for party in alleged for claim in party.claims]
    shown = {i.id for i in found} | {claim.id for claim in made}
    shown |= {one.id for i in found for one in i.findings} | {one.id for claim in made for one in claim.findings}
    held = holding.of_day(days, readings)
    withheld = frozenset(r.id for r in by_region if r.withheld)
    return Gathered(
        days,
        readings,
        found,
        by_region,
        watches,
        alleged,
        parted,
        counted.tallies(days, readings),
        standing,
        people.replies(days, standing, shown),
        people.lost(days),
        summary.summary(
            days, found, by_region, readings=readings, claims=alleged, watches=watches, partings=len(parted), held=held
        ),
        atlas.draw(days, found, withheld),
        chart.draw(days, readings),
        held,
        heat.draw(days, readings),
        rate_map.draw(days, readings),
        totals.of_readings(days, readings),
        ahead.of_days(days),
        set_aside(days),
        withheld,
        frozenset(shown),
    )


def set_aside(days: Days) -> list[SetAside]:
    """Source, rows set aside, and reasons with their counts, the most frequent first."""
    rows = days.table("set_aside")
    found = []
    for source in [*days.about.sources, *sorted(set(rows["source_id"]) - set(days.about.sources))]:
        mine = rows.filter(pl.col("source_id") == source)
        if mine.is_empty():
            continue
        counts = mine.group_by("column", "what").len().sort(-pl.col("len").cast(pl.Int64), "column", "what")
        listed = [(f"{c}: {w}" if c else w, n) for c, w, n in counts.head(MOST_REASONS).iter_rows()]
        rest = counts.slice(MOST_REASONS)
        if rest.height:
            listed.append((words.other_reasons(rest.height), int(rest["len"].sum())))
        total = mine.select("blob", "row").unique().height
        found.append((days.about.source_title(source), total, listed))
    return found
