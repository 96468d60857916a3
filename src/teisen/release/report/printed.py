"""The day on paper: the same values as the page, in the order of the page, as a :class:`~teisen.release.paper.Paper`.

What fills hundreds of pages stays on the page and in the files beside it: the evidence under each incident, and entries
beyond the likeliest.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl
from markupsafe import Markup

from teisen.languages import say, say_again, speaking
from teisen.languages import words as words_of
from teisen.release.paper import Block, Facts, Figure, Grid, Heading, Lines, Notice, Paper, Quote, Text, pdf
from teisen.release.report import regions as by_region
from teisen.release.report import words
from teisen.release.report.context import ReportContext
from teisen.release.report.figures import drawn, figure, in_all, next_days, where
from teisen.release.report.gathered import Gathered, gather
from teisen.release.report.incidents import Incident, Judged
from teisen.release.report.regions import Region
from teisen.release.report.summary import NOTHING_SEEN, Line
from teisen.release.report.terms import ReadingOfDay
from teisen.release.report.watching import SIGHT

MOST_ENTRIES = 120
"""Uses of force that the paper lists, the likeliest; the page and incidents.csv have all."""
MOST_COLUMNS = 6
"""Readings that have a column of their own in the table of regions."""


def daily_pdf(tables: Mapping[str, pl.DataFrame], day: date, about: ReportContext) -> bytes:
    """The report of one day as a PDF, a pure function of what was released.

    Args:
        tables: released tables by name; what is absent was not released.
        day: the day, in the zone of ``about``.
        about: what the report states beside the tables, and its language.
    """
    with speaking(words_of(about.language)):
        return pdf(printed(gather(tables, day, about)))


def printed(found: Gathered) -> Paper:
    """The paper of a day, in the language being spoken."""
    about, day = found.days.about, found.days.day
    blocks: list[Block] = []
    if about.simulated:
        blocks.append(Notice(say("SIMULATED: nothing on this page happened. Every row comes from a simulation.")))
    for part in (
        _head,
        _summary,
        _map,
        _holding,
        _where,
        _chart,
        _regions,
        _readings,
        _entries,
        _claims,
        _seen,
    ):
        blocks += part(found)
    blocks += [*limits(about), *basis(about)]
    return Paper(
        title=about.title,
        subtitle=f"{say('Daily report')}, {words.day(day)}",
        language=about.language,
        dated=day,
        blocks=blocks,
        banner=say("SIMULATED") if about.simulated else "",
        author=about.origin,
        foot=say("For: {audience}", audience=say_again(about.audience)),
    )


def _head(found: Gathered) -> list[Block]:
    about = found.days.about
    for_whom = " ".join([say_again(about.audience) + ":", *map(say_again, about.policy)])
    by = say("all that the case has received")
    if about.as_of:
        moment = words.moment(about.as_of, about.zone)
        by = say("what was received and may be released by {moment} {zone}", moment=moment, zone=about.zone)
    version = about.code_version or say("not told")
    return [
        Facts(
            (
                (say("Day"), f"{words.day(found.days.day)}, {say('00:00 to 24:00 {zone}', zone=about.zone)}"),
                (say("For"), for_whom),
                (say("Cut-off"), by),
                (say("Rests on"), f"{words.entries(about.ledger_size)}, {say('code {version}', version=version)}"),
            )
        ),
        *(
            Text(Markup(say(one)).striptags(), small=True)  # noqa: S704  texts of this package
            for one in (
                "<b>Recorded</b>: a source reported it.",
                "<b>Assessed</b>: what the records amount to, with a probability.",
                "<b>Alleged</b>: a party says so; kept as stated, apart.",
            )
        ),
    ]


def _lines(rows: tuple[Line, ...]) -> Lines:
    return Lines(tuple((f"{one.head}{f' ({one.label})' if one.label else ''}:", one.says) for one in rows))


def _summary(found: Gathered) -> list[Block]:
    one = found.summary
    parts: list[tuple[str, tuple[Line, ...]]] = [
        (say("Recorded and assessed"), one.recorded),
        (say("Is it holding?"), one.holding),
        (say("Under each reading of the terms"), one.readings),
        (say("Alleged by the parties"), one.alleged),
        (say("What could be seen with what"), one.unseen),
    ]
    blocks: list[Block] = [Heading(say("Summary"))]
    for title, rows in parts:
        if rows:
            blocks += [Heading(title, 2), _lines(rows)]
    return blocks


def _map(found: Gathered) -> list[Block]:
    one = found.map
    if one.svg is None:
        return []
    told = [f"{title} ({n})" for _, title, n in one.kinds]
    told += [
        say("{held}, as {source} assesses it, as of {since}", held=c.party, source=c.source, since=c.since)
        for c in one.control
    ]
    told += [say("thick: {line}", line=one.line)] if one.line else []
    told += [say("grey dots: protected sites ({number})", number=words.number(one.sites))] if one.sites else []
    faint = say(
        "The fainter a symbol, the less probable that it is an incident of the conflict. Dashed circles: one standard "
        "deviation of the place, where wider than the symbol. “+n”: incidents known no closer than the region."
    )
    approximate = say("Some boundaries are approximate stand-ins.") if found.approximate else ""
    return [
        Heading(say("Map")),
        Figure(drawn(one.svg), one.says, "; ".join(told)),
        Text(faint, small=True),
        Text(" ".join(filter(None, (say(words.MAP_DISCLAIMER), approximate))), small=True),
    ]


def _holding(found: Gathered) -> list[Block]:
    if not found.holding.rows:
        return []
    told = say(
        "The band is where the rate of violations lies, with what could not be seen taken into account. A line marks a "
        "day on which what happened changed; dashed: another cause explains it, or none can be told."
    )
    return [Heading(say("Is it holding?")), figure(found.holding.svg, told)]


def _where(found: Gathered) -> list[Block]:
    return [*where(found.heat, found.rate_map), *in_all(found.totals), *next_days(found.ahead)]


def _chart(found: Gathered) -> list[Block]:
    told = say(
        "The shaded column is the day of this report. Read every bar with the strips below it: a low bar over a strip "
        "that was not watched says nothing. A dash: nothing stated."
    )
    return [Heading(say("Day by day")), figure(found.chart.svg, told)]


def _regions(found: Gathered) -> list[Block]:
    readings = [one for one in found.readings if one.in_force][:MOST_COLUMNS]
    rest = any(one.rest or one.rest_before for one in found.regions)
    heads = (
        *(say("Region"), say("Uses of force"), say("Day before"), say("Explosions"), say("Traces")),
        *((say("Other things"),) if rest else ()),
        *(
            say("Expected of the conflict"),
            *(one.label for one in readings),
            say("An attack there, of the kind seen best"),
        ),
    )
    rows = [_region(one, readings, rest=rest) for one in found.regions if not one.quiet]
    caption = say(
        "Recorded in each region on {day} against {before}. Traces: fires and the like, cause not told. "
        "Under R: violations expected.",
        day=words.day(found.days.day),
        before=words.day(found.days.before),
    )
    blocks: list[Block] = [Heading(say("Regions"))]
    if rows:
        widths = (3, *(1 for _ in range(5 if rest else 4)), 1.3, *(0.8 for _ in readings), 2.2)
        blocks.append(Grid(caption, heads, widths, tuple(rows), frozenset(range(1, len(heads) - 1))))
    together = []
    for why, members in by_region.quiet(found.regions):
        head = say("No use of force recorded on either day; {says}", says=say(NOTHING_SEEN.get(why, "")))
        if why == by_region.WITHHELD:
            least = found.days.about.smallest_cell
            head = say("Counts withheld (fewer than {least}, or to hide such a count)", least=least)
        together.append((f"{head}:", ", ".join(one.name for one in members) + "."))
    return [*blocks, *([Lines(tuple(together))] if together else [])]


def _region(one: Region, readings: list[ReadingOfDay], *, rest: bool) -> tuple[str, ...]:
    def number(value: float | None) -> str:
        return say("withheld") if value is None else words.number(value)

    conflict = say("withheld") if one.conflict is None else words.estimate(one.conflict)
    return (
        *(one.name, number(one.force), number(one.force_before), number(one.explosions), number(one.traces)),
        *((number(one.rest),) if rest else ()),
        conflict,
        *(words.estimate(one.expected.get(reading.label)) for reading in readings),
        say(SIGHT[one.verdict]),
    )


def _readings(found: Gathered) -> list[Block]:
    if not found.readings:
        return []
    zone = found.days.about.zone
    rows = []
    for one in found.readings:
        start, end = one.reading.start, one.reading.end
        begins = words.moment(start, zone) if start else say("no start stated")
        ends = words.moment(end, zone) if end else say("no end stated")
        levels = ", ".join(f"{say_again(level)} {n}" for level, n in one.levels) or "–"
        title = f"{one.label} {one.agreement}: {one.provision.title}; {one.reading.title} ({one.held_by})"
        rows.append((title, f"{begins} – {ends}", levels, *_rate(one)))
    heads = (
        *(say("Reading"), say("Window"), say("Findings"), say("Expected"), say("Rate a day"), say("Watched")),
        say("In a word"),
    )
    caption = say(
        "Incidents of the day that may be in scope, by level of probability; expected violations; and the rate with "
        "what could not be seen taken into account (5 % to 95 %)."
    )
    grid = Grid(caption, heads, (3.4, 2.2, 1.6, 0.9, 1.1, 1, 1.2), tuple(rows), frozenset({3, 4, 5}))
    blocks: list[Block] = [Heading(say("Findings by provision and reading")), grid]
    if found.partings:
        parted = tuple(
            (f"{p.subject}: {p.title}", ", ".join(p.in_under), ", ".join(p.out_under), p.because)
            for p in found.partings
        )
        sides = (say("Subject"), say("In scope under"), say("Not under"), say("Because of"))
        caption = say("In scope under one reading and not under another, and what decides.")
        blocks += [Heading(say("Where readings part"), 2), Grid(caption, sides, (4, 1.3, 1.3, 1.2), parted)]
    if found.tallies:
        counted = tuple(
            (
                f"{say_again(c.unit)}, {c.window}:",
                "; ".join([c.state, *c.counts, *(_finding(f) for f in c.findings)]),
            )
            for c in found.tallies
        )
        blocks += [Heading(say("Counted for quotas"), 2), Lines(counted)]
    blocks.append(Heading(say("The provisions' texts"), 2))
    for agreement in found.days.about.agreements:
        for provision in agreement.provisions:
            blocks += [Text("", f"{agreement.title}: {provision.title}"), Quote(provision.text, provision.language)]
    return blocks


def _rate(one: ReadingOfDay) -> tuple[str, str, str, str]:
    rate = one.rate
    if rate is None or not one.in_force:
        return "–", "–", "–", say("not assessed") if one.in_force else say("not in force")
    low, high, expected, watched = (_float(rate[name]) for name in ("rate_low", "rate_high", "expected", "watched"))
    span = "–" if low is None else f"{words.number(low)}–{words.number(high)}"
    return words.estimate(expected), span, words.share(watched), words.rate_word(str(rate["word"]))


def _float(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _finding(one: Judged) -> str:
    return f"{one.label} {words.chance(one.p if one.p is not None else one.in_scope)} {one.level}"


def _entries(found: Gathered) -> list[Block]:
    uses = [one for one in found.incidents if one.group == "force"]
    blocks: list[Block] = [Heading(say("Incidents"))]
    if not uses:
        return [*blocks, Text(say("No use of force was recorded on this day."))]
    heads = (say("Window"), say("Where"), say("Observation"), say("Description"), say("P(conflict)"), say("Findings"))
    caption = say(
        "Uses of force, one row an incident, likeliest first; places as released. "
        "The evidence under each stands on the page of this report."
    )
    rows = tuple(_entry(one) for one in uses[:MOST_ENTRIES])
    blocks.append(Grid(caption, heads, (1.3, 2, 1.6, 3, 0.9, 2), rows, frozenset({4})))
    if len(uses) > MOST_ENTRIES:
        more = say("and {number} more in {file}", number=len(uses) - MOST_ENTRIES, file="incidents.csv")
        blocks.append(Text(more, small=True))
    return blocks


def _entry(one: Incident) -> tuple[str, ...]:
    findings = "; ".join(_finding(f) for f in one.findings) or say("in no reading's scope")
    where = f"{one.where} (± {one.error})" if one.lon is not None else one.where
    return one.window, where, one.kind_title, one.title, words.chance(one.p), findings


def _claims(found: Gathered) -> list[Block]:
    blocks: list[Block] = [
        Heading(say("Allegations")),
        Text(
            say(
                "Statements about this day or made on it, each as stated. A total that covers more days than this one "
                "stands here too, with its own window. Weighed the same way for every party."
            )
        ),
    ]
    heads = (say("What"), say("Where"), say("Window"), say("Outcome"), say("P(corroborated)"))
    for party in found.claims:
        blocks.append(Heading(say("{party} alleges", party=party.party.name), 2))
        blocks += [Text(party.overall)] if party.overall else []
        rows = tuple((c.says, c.where, c.window, c.became, c.p_corroborated) for c in party.claims)
        if rows:
            caption = say("Each statement with what became of it.")
            blocks.append(Grid(caption, heads, (2.5, 2, 1.5, 2.5, 1.2), rows, frozenset({4})))
        else:
            blocks.append(Text(say("No statement about this day is on record.")))
    blocks.append(Heading(say("Right of reply"), 2))
    for one in found.replies:
        right = say(
            "<b>{party}</b> has the right to reply to any finding here, beside that finding.", party=one.party.name
        )
        said = [f"{s.action}, {s.when}: {s.text}" for s in one.said]
        on_record = " ".join(said) if said else say("No reply about this day is on record.")
        blocks.append(Text(f"{_plain(right)} {on_record}"))
    return blocks


def _seen(found: Gathered) -> list[Block]:
    lines = tuple((f"{one.title}:", one.told) for one in found.watches)
    return [Heading(say("What could be seen with what")), *([Lines(lines)] if lines else [])]


def limits(about: ReportContext) -> list[Block]:
    """What a report does not say, what the release changed, and licences."""
    known = (
        say(
            "An incident is what sources reported; what none of them could report is not here. The rates take that "
            "into account as far as sources state their effort."
        ),
        say(
            "Counts of incidents are not counts of shots: one incident may be a volley, one volley may be told as two "
            "incidents."
        ),
        say("Who did it is what sources state. Whether it was a violation is judged apart from who did it."),
        say(
            "The day is that of the middle of an incident's interval in {zone}; a report that gives a date alone may "
            "belong to the night before.",
            zone=about.zone,
        ),
    )
    heads = (say("Table"), say("What"), say("Why"), say("Rows"))
    rows = tuple(
        (row["table"], say_again(row["what"]), say_again(row["reason"]), words.number(row["count"]))
        for row in about.log.to_dicts()
    )
    caption = say("Withheld or made coarser for the audience “{audience}”.", audience=say_again(about.audience))
    log: Block = Grid(caption, heads, (1.4, 2.5, 3, 0.8), rows, frozenset({3}))
    if not rows:
        log = Text(say("Nothing was withheld or made coarser."))
    licences = tuple(
        (f"{s.profile.title}:", f"{s.profile.licence.attribution} ({say_again(s.profile.licence.name)})")
        for s in about.sources.values()
    )
    return [
        Heading(say("Limits")),
        Lines(tuple(("", one) for one in known)),
        Heading(say("What the release changed"), 2),
        log,
        Heading(say("Sources, licences and attributions"), 2),
        Lines(licences),
    ]


def basis(about: ReportContext) -> list[Block]:
    """The ledger that a report rests on."""
    rests = say(
        "This page is a function of the ledger ({entries}) and the code.", entries=words.entries(about.ledger_size)
    )
    runs = say(
        "Whoever has the case's folder runs <code>teisen verify</code>: it recomputes every hash and signature, "
        "derives everything again and names the first byte that differs."
    )
    head: list[Block] = [Text(say("Its signed head:")), Quote(about.checkpoint.strip())] if about.checkpoint else []
    return [Heading(say("What it rests on")), Text(f"{rests} {_plain(runs)}"), *head]


def _plain(text: str) -> str:
    return Markup(text).striptags()  # noqa: S704  texts of this package, put into no page
