"""The weekly report as a page with its CSVs, and as a paper: the same values, in the same order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from teisen.languages import ENGLISH, say, say_again, speaking
from teisen.languages import words as words_of
from teisen.release.paper import Block, Facts, Grid, Heading, Lines, Notice, Paper, Text, pdf
from teisen.release.report import files, words
from teisen.release.report.context import ReportContext
from teisen.release.report.figures import figure, in_all, next_days, where
from teisen.release.report.page import Report, render
from teisen.release.report.printed import basis, limits
from teisen.release.report.terms import as_read
from teisen.release.report.week import GatheredWeek, gather_week


def weekly_report(tables: Mapping[str, pl.DataFrame], day: date, about: ReportContext) -> Report:
    """The report of the week that holds ``day``, a pure function of what was released.

    Args:
        tables: released tables by name; what is absent was not released.
        day: a day of the week (Monday to Sunday), in the zone of ``about``.
        about: what the report states beside the tables.
    """
    with speaking(ENGLISH):
        plain = gather_week(tables, day, about)
        csv = _csv(plain)
    with speaking(words_of(about.language)):
        found = plain if about.language == ENGLISH.language else gather_week(tables, day, about)
        return Report(found.week.day, _html(found, sorted(csv)), csv, "")


def weekly_pdf(tables: Mapping[str, pl.DataFrame], day: date, about: ReportContext) -> bytes:
    """The report of the week that holds ``day`` as a PDF; arguments as :func:`weekly_report`."""
    with speaking(words_of(about.language)):
        return pdf(_paper(gather_week(tables, day, about)))


def _csv(found: GatheredWeek) -> dict[str, str]:
    """The tables beside the page, by name, in English."""
    return {
        "week": files.week_csv(found),
        "holding": files.holding_csv(found.holding),
        "heat": files.heat_csv(found.heat),
        "map": files.map_csv(found.rate_map),
        "totals": files.totals_csv(found.totals),
        "ahead": files.ahead_csv(found.ahead),
        "profile": files.profile_csv(found.rhythm),
        "before_after": files.around_csv(found.rhythm),
        "days": files.days_csv(found.chart),
        "exposure_days": files.exposure_days_csv(found.chart),
        "partings": files.partings_csv(found.subjects),
        "allegations": files.allegations_csv(found.claims),
        "outcomes": files.outcomes_csv(found.outcomes),
    }


def _html(found: GatheredWeek, csv_names: list[str]) -> str:
    about = found.week.about
    values: dict[str, Any] = {
        name: getattr(found, name)
        for name in ("chart", "holding", "heat", "rate_map", "totals", "ahead", "rhythm", "set_aside")
    }
    return render(
        "week.html.j2",
        about=about,
        found=found,
        span=_span(found),
        as_read=as_read,
        csv_names=csv_names,
        log=about.log.to_dicts(),
        **values,
    )


def _span(found: GatheredWeek) -> str:
    first, last = found.week.reported[0], found.week.reported[-1]
    return words.day(first) if first == last else f"{words.day(first)} – {words.day(last)}"


def _paper(found: GatheredWeek) -> Paper:
    about, week = found.week.about, found.week
    blocks: list[Block] = []
    if about.simulated:
        blocks.append(Notice(say("SIMULATED: nothing on this page happened. Every row comes from a simulation.")))
    for_whom = " ".join([say_again(about.audience) + ":", *map(say_again, about.policy)])
    version = about.code_version or say("not told")
    blocks.append(
        Facts(
            (
                (say("Week"), f"{week.name}: {_span(found)}, {about.zone}"),
                (say("For"), for_whom),
                (say("Cut-off"), cut_off(about)),
                (say("Rests on"), f"{words.entries(about.ledger_size)}, {say('code {version}', version=version)}"),
            )
        )
    )
    blocks += [*_answers(found), *_drawings(found), *_partings(found), *_claims(found), *_seen(found)]
    return Paper(
        title=about.title,
        subtitle=f"{say('Weekly report')}, {_span(found)}",
        language=about.language,
        dated=week.day,
        blocks=[*blocks, *limits(about), *basis(about)],
        banner=say("SIMULATED") if about.simulated else "",
        author=about.origin,
        foot=say("For: {audience}", audience=say_again(about.audience)),
    )


def cut_off(about: ReportContext) -> str:
    """Up to when the report knows."""
    if about.as_of is None:
        return say("all that the case has received")
    moment = words.moment(about.as_of, about.zone)
    return say("what was received and may be released by {moment} {zone}", moment=moment, zone=about.zone)


def _answers(found: GatheredWeek) -> list[Block]:
    days = found.week.reported
    heads = (say("Reading"), *(words.day_short(d) for d in days))
    rows = [(f"{r.one.label} {as_read(r.one)}", *r.cells()) for r in found.readings]
    rows += [(head, *map(words.number, counts)) for head, counts in found.recorded]
    caption = say("The answer of each day under each reading in force, with its probability; a dash: none.")
    lines = tuple(
        (f"{r.one.label} {as_read(r.one)}:", f"{r.says} {r.against} {r.blind}".strip()) for r in found.readings
    )
    told: Block = Lines(lines) if lines else Text(say("No reading is in force in this week."))
    who: list[Block] = [Heading(say("Who did it, on all days of the week"), 2), Text(found.who)] if found.who else []
    return [
        Heading(say("Findings by provision and reading")),
        Grid(caption, heads, (2.4, *(1 for _ in days)), tuple(rows)),
        *who,
        Heading(say("The week's rate, and against the week before"), 2),
        *([Text(beneath_bursts(), small=True)] if lines else []),
        told,
    ]


def beneath_bursts() -> str:
    """What a rate over several days is, and why it may lie below what was found."""
    return say(
        "Rates are of what lies beneath the bursts of single days, drawn together over areas and days: of a few days "
        "or one area they may lie below what was found."
    )


def _drawings(found: GatheredWeek) -> list[Block]:
    blocks: list[Block] = []
    shaded = say("The shaded columns are the days of this week; those before them are the week before.")
    if found.holding.rows:
        band = say(
            "The band is where the rate of violations lies, with what could not be seen taken into account. A line "
            "marks a day on which what happened changed; dashed: another cause explains it, or none can be told."
        )
        blocks += [Heading(say("Is it holding?")), figure(found.holding.svg, f"{band} {shaded}")]
    blocks += [*where(found.heat, found.rate_map), *in_all(found.totals), *next_days(found.ahead)]
    if found.rhythm.svg:
        over = say(
            "Over the whole case, given what could be seen. First: counts after the reading began over those before, "
            "with controls. Intervals are cut at four times; the numbers are in profile.csv and before_after.csv."
        )
        blocks += [Heading(say("After against before, weekdays and hours")), figure(found.rhythm.svg, over)]
    return [*blocks, Heading(say("Day by day")), figure(found.chart.svg, shaded)]


def _partings(found: GatheredWeek) -> list[Block]:
    blocks: list[Block] = [Heading(say("Where readings part"))]
    if not found.partings:
        return [*blocks, Text(say("On nothing of this week do readings part."))]
    heads = (say("Provision"), say("In scope under"), say("Not under"), say("Because of"), say("How many"))
    rows = tuple((p.provision, p.in_under, p.out_under, p.because, words.number(p.count)) for p in found.partings)
    caption = say("In scope under one reading and not under another, and what decides.")
    return [*blocks, Grid(caption, heads, (3, 1.3, 1.3, 1.5, 0.8), rows, frozenset({4}))]


def _claims(found: GatheredWeek) -> list[Block]:
    lines = tuple((say("{party} alleges", party=one.party.name) + ":", one.says) for one in found.outcomes)
    return [Heading(say("Allegations")), Lines(lines)]


def _seen(found: GatheredWeek) -> list[Block]:
    heads = (say("Source"), *(words.day_short(d) for d in found.week.reported))
    rows = tuple((one.title, *one.cells) for one in found.seen)
    blocks: list[Block] = [Heading(say("What could be seen with what"))]
    if not rows:
        return [*blocks, Text(say("No source states what it could see in this week."))]
    return [*blocks, Grid(_seen_caption(), heads, (1.6, *(1 for _ in found.week.reported)), rows)]


def _seen_caption() -> str:
    return say(
        "How well an attack of the kind seen best would be seen, and for which share of the time stated; else what "
        "stood in the way."
    )
