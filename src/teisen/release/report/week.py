"""A week as values: Monday to Sunday, from the same released tables as the daily report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import polars as pl

from teisen.compliance import monday
from teisen.languages import counted, say
from teisen.release.report import (
    ahead,
    chart,
    claims,
    gathered,
    heat,
    holding,
    quotas,
    rate_map,
    rhythm,
    terms,
    totals,
    watching,
    who,
    words,
)
from teisen.release.report.context import Party, ReportContext
from teisen.release.report.days import Days, bounds, day_of, span
from teisen.release.report.groups import GROUPS
from teisen.release.report.terms import ALL, ReadingOfDay, under

LENGTH = timedelta(days=7)


@dataclass(frozen=True)
class Week(Days):
    """The released tables of a case, seen from a week; ``day`` is its last day that the case covers."""

    @classmethod
    def of(cls, tables: Mapping[str, pl.DataFrame], day: date, about: ReportContext) -> Week:
        """The week that holds ``day``."""
        return cls(tables, max(day, min(monday(day) + LENGTH - timedelta(days=1), about.last)), about)

    @property
    def monday(self) -> date:
        """Its first day, covered by the case or not."""
        return monday(self.day)

    @cached_property
    def reported(self) -> list[date]:
        """Its days that the case covers."""
        return span(max(self.monday, min(self.about.first, self.day)), self.day)

    @cached_property
    def drawn(self) -> list[date]:
        """The week and the one before it, as far as the case covers them."""
        return span(min(max(self.monday - LENGTH, self.about.first), self.reported[0]), self.day)

    @cached_property
    def bounds(self) -> tuple[datetime, datetime]:
        """First moment of its Monday and of the next, in UTC."""
        zone = self.about.zone
        return bounds(self.monday, zone)[0], bounds(self.monday + LENGTH - timedelta(days=1), zone)[1]

    @property
    def name(self) -> str:
        """The week as ISO 8601 names it: 2025-W16."""
        year, number, _ = self.day.isocalendar()
        return f"{year}-W{number:02}"


@dataclass(frozen=True)
class ReadingOfWeek:
    """A reading in force in the week: a word for each day (a key of ANSWERS, else a dash) with its probability.

    A day of which nothing can be told has none.

    ``rate`` is its row of the table of weeks, None where it was not released; ``says`` and ``against`` say it in words.
    """

    one: ReadingOfDay
    answers: tuple[tuple[str, float | None], ...]
    rate: Mapping[str, Any] | None
    says: str
    against: str
    blind: str

    def cells(self) -> tuple[str, ...]:
        """The word of each day as it is written."""
        told = ((say(holding.ANSWERS.get(word, word)), p) for word, p in self.answers)
        return tuple(word if p is None else f"{word} {words.chance(p)}" for word, p in told)


@dataclass(frozen=True)
class PartingOfWeek:
    """How many subjects of the week readings of one provision part on, which readings, and because of what."""

    provision: str
    in_under: str
    out_under: str
    because: str
    count: int


@dataclass(frozen=True)
class OutcomeOfWeek:
    """What became of a party's statements of the week, by outcome, and how many of them others could have recorded.

    ``says`` puts it in words, and whom it names.
    """

    party: Party
    outcomes: tuple[tuple[str, int], ...]
    opportunity: float | None
    says: str


@dataclass(frozen=True)
class SeenOfWeek:
    """How well an attack would have been seen by a source, day by day, in words."""

    title: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class GatheredWeek:
    """What a week's report shows; texts are in the language that was spoken when it was gathered."""

    week: Week
    readings: tuple[ReadingOfWeek, ...]
    recorded: tuple[tuple[str, tuple[int, ...]], ...]
    who: str
    partings: tuple[PartingOfWeek, ...]
    subjects: list[terms.PartingOfDay]
    claims: list[claims.Claims]
    outcomes: tuple[OutcomeOfWeek, ...]
    seen: tuple[SeenOfWeek, ...]
    chart: chart.Chart
    holding: holding.Holding
    heat: heat.Heat
    rate_map: rate_map.RateMap
    totals: tuple[totals.Totals, ...]
    ahead: ahead.Ahead
    rhythm: rhythm.Rhythm
    set_aside: list[gathered.SetAside]


def gather_week(tables: Mapping[str, pl.DataFrame], day: date, about: ReportContext) -> GatheredWeek:
    """The week that holds ``day`` as values, in the language that is being spoken."""
    week = Week.of(tables, day, about)
    readings = [replace(one, in_force=_in_force(week, one)) for one in terms.readings(week)]
    alleged = claims.of_day(week, readings, set())
    titles = dict(week.today.select("incident_id", "title").iter_rows()) | {
        one.id: f"{one.says}, {one.where}, {one.window}" for party in alleged for one in party.claims
    }
    parted = terms.partings(week, readings, titles)
    drawing = chart.draw(week, readings)
    told = who.of_days(week)
    return GatheredWeek(
        week,
        tuple(_reading(week, one) for one in readings if one.in_force),
        _recorded(week),
        who.sentence(week, told) if told.of else "",
        _partings(parted, readings),
        parted,
        alleged,
        tuple(_outcome(week, one, told) for one in alleged),
        _seen(week),
        drawing,
        holding.of_day(week, readings),
        heat.draw(week, readings),
        rate_map.draw(week, readings),
        totals.of_readings(week, readings),
        ahead.of_days(week),
        rhythm.draw(week, readings),
        gathered.set_aside(week),
    )


def _recorded(week: Week) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """What was recorded on each day, by group; what is neither force nor a trace of it only where there is any."""
    heads = {
        "force": say("Uses of force recorded"),
        "trace": say("Fires and other traces"),
        "rest": say("Movements and other things"),
    }
    rows = [
        (heads[group], tuple(week.recorded(week.reported[0], week.reported[-1], group).values())) for group in GROUPS
    ]
    return tuple(rows if any(rows[-1][1]) else rows[:-1])


def _in_force(week: Week, one: ReadingOfDay) -> bool:
    """Whether a reading is in force on any day of the week."""
    mine = week.rates.filter(under(one.key) & (pl.col("area_id") == ALL) & pl.col("day").is_in(week.reported))
    if mine.height:
        return bool((mine["word"] != "out_of_window").any())
    start, end = week.bounds
    begun = one.reading.start is None or one.reading.start < end
    return begun and (one.reading.end is None or one.reading.end > start)


def _reading(week: Week, one: ReadingOfDay) -> ReadingOfWeek:
    start, end = week.bounds
    verdicts = week.table("verdict").with_columns(day_of(week.about.zone)).filter(under(one.key))
    told = {
        row["day"]: (str(row["word"]), row["p"] if row["word"] != "cannot_tell" else None)
        for row in verdicts.iter_rows(named=True)
    }
    rows = week.table("week").filter(under(one.key) & (pl.col("start") >= start) & (pl.col("start") < end))
    row = rows.row(0, named=True) if rows.height else None
    return ReadingOfWeek(
        one,
        tuple(told.get(d, ("–", None)) for d in week.reported),
        row,
        quotas.within(week, one.reading, one.key)
        if one.counted
        else f"{_says(row, one)} {terms.nobody_named(week, one)}".strip(),
        "" if one.counted else _against(row),
        _blind(week, one),
    )


def _says(row: Mapping[str, Any] | None, one: ReadingOfDay) -> str:
    if row is None:
        return say("Not assessed for this week in this release.")
    gaps = {"low": words.number(row["low"]), "high": words.number(row["high"])}
    if row["middle"] is None:
        return words.sentence(say("nobody could see; from what is known elsewhere {low} to {high} violations", **gaps))
    said = say(
        "{middle} violations a day ({low} to {high}, 90 %), with what could not be seen taken into account; found in "
        "{days} days in force: {expected}; watched: {share}.",
        middle=words.number(row["middle"]),
        days=words.number(row["days"]),
        expected=words.estimate(row["expected"]),
        share=words.share(row["watched"]),
        **gaps,
    )
    parts = terms.divided(one, row["expected"])
    return f"{said} {say('What was expected lies among: {parts}.', parts=parts)}" if parts else said


def _against(row: Mapping[str, Any] | None) -> str:
    if row is None or row["times_low"] is None:
        return say("No comparison: not in force in the week before, or not assessed.")
    gaps = {"low": words.number(row["times_low"], 2), "high": words.number(row["times_high"], 2)}
    if row["times"] is None:
        return say("No comparison: nobody could see one of the two weeks ({low} to {high} times, 90 %).", **gaps)
    return say(
        "{times} times the week before ({low} to {high}, 90 %); it is lower with probability {p}.",
        times=words.number(row["times"], 2),
        p=words.chance(row["p_below"]),
        **gaps,
    )


def _blind(week: Week, one: ReadingOfDay) -> str:
    """How many areas and days of the week nobody could see; empty where rates by area were not released."""
    force = pl.col("day").is_in(week.reported) & (pl.col("word") != "out_of_window") & (pl.col("area_id") != ALL)
    mine = week.rates.filter(under(one.key) & force)
    if mine.is_empty():
        return ""
    blind = mine.filter(pl.col("word") == "nobody_could_see").height
    return say("Nobody could see {n} of {all} areas and days.", n=words.number(blind), all=words.number(mine.height))


def _partings(parted: list[terms.PartingOfDay], readings: list[ReadingOfDay]) -> tuple[PartingOfWeek, ...]:
    titles = {one.label: one.provision.title for one in readings}
    counts = Counter((p.in_under, p.out_under, p.because) for p in parted)
    ranked = sorted(counts.items(), key=lambda c: (-c[1], c[0]))
    return tuple(
        PartingOfWeek(titles.get((*inside, *out)[0], "–"), ", ".join(inside), ", ".join(out), because, n)
        for (inside, out, because), n in ranked
    )


def _outcome(week: Week, one: claims.Claims, told: who.Told) -> OutcomeOfWeek:
    """What became of one party's statements about the week, and what others could have recorded of those on others."""
    named = who.alleged(week, told, one.party.id, [claim.accused_id for claim in one.claims])
    if not one.claims:
        return OutcomeOfWeek(
            one.party, (), None, f"{say('No statement about this week is on record.')} {named}".strip()
        )
    outcomes = words.listing([f"{n} {title}" for title, n in one.outcomes])
    n = len(one.claims)
    counts = Counter(claim.outcome for claim in one.claims)
    became = tuple((word, counts[word]) for word in [*words.OUTCOMES, ""] if counts[word])
    made = counted(n, "{n} statement: {outcomes}.", "{n} statements: {outcomes}.", outcomes=outcomes)
    others = week.allegations_today.filter(
        (pl.col("accuser") == one.party.id) & (pl.col("accused") != pl.col("accuser"))
    )
    known = others.join(week.table("outcome"), on="allegation_id").filter(pl.col("p_would_see").is_not_null())
    if known.is_empty():
        return OutcomeOfWeek(
            one.party,
            became,
            None,
            f"{made} {say('How many of them others could have recorded is not told.')} {named}".strip(),
        )
    opportunity = float(known["p_would_see"].sort().sum())
    could = say(
        "Of {n} against others that name a place, others would have recorded {number}, had all happened as stated.",
        n=words.number(known.height),
        number=words.estimate(opportunity),
    )
    return OutcomeOfWeek(one.party, became, opportunity, f"{made} {could} {named}".strip())


def _seen(week: Week) -> tuple[SeenOfWeek, ...]:
    """Each source that states effort on some day: the best it could do, and for which share of what it states."""
    rows = watching.by_day(week, week.reported[0], week.reported[-1])
    found = []
    for source in [*week.about.sources, *sorted(set(rows["source_id"]) - set(week.about.sources))]:
        mine = rows.filter(pl.col("source_id") == source)
        if mine.height:
            cells = tuple(_sight(mine.filter(pl.col("day") == d)) for d in week.reported)
            found.append(SeenOfWeek(week.about.source_title(source), cells))
    return tuple(found)


def _sight(states: pl.DataFrame) -> str:
    if states.is_empty():
        return say(words.UNSTATED)
    watched = states.filter(pl.col("state") == "watched")
    row = (watched if watched.height else states.sort(-pl.col("share"), "state")).row(0, named=True)
    word = say(watching.SIGHT[row["sight"]]) if watched.height else words.state(row["state"])
    return word if row["share"] > 0.995 else f"{word} ({words.share(row['share'])})"
