"""What the annex says, block by block, in the language that is being spoken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from teisen.languages import say, spoken
from teisen.observation import vocabulary
from teisen.planning.consent import missing
from teisen.release.annex.cut import Cut
from teisen.release.annex.drawing import drawing
from teisen.release.annex.wording import sentences
from teisen.release.paper import Block, Facts, Figure, Grid, Heading, Lines, Notice, Paper, Text

MOST_CHANGES = 60
HIDDEN = "–"


def paper(found: Cut, *, language: str, dated: date, audience: str, author: str) -> Paper:
    """The annex as a paper."""
    plan = found.plan
    return Paper(
        title=plan.title,
        subtitle=say("Technical annex: watch plan {id}, version {version}", id=plan.id, version=plan.version),
        language=language,
        dated=dated,
        blocks=[block for part in PARTS for block in part(found)],
        author=author,
        foot=say("For: {audience}", audience=audience),
    )


def content(found: Cut) -> list[Block]:
    """What a plan is and what it sees, without its signatures, its changes and its drawing: those stand beside it."""
    parts = (_head, _asked, _stands, _promised, _patrols, _limits)
    return [block for part in parts for block in part(found) if not isinstance(block, Figure)]


def _head(found: Cut) -> Iterator[Block]:
    plan = found.plan
    number = spoken().number
    if not found.full:
        yield Notice(
            say(
                "Places of sensors, sectors, patrols and where the plan sees least are withheld: they would help "
                "whoever wants to break the ceasefire unseen."
            )
        )
    yield Facts(
        (
            (say("Parties"), ", ".join(plan.parties)),
            *(((say("Length of the line"), say("{n} km", n=number(plan.line_km))),) if plan.line_km else ()),
            (say("Sectors"), number(plan.sectors)),
            (say("Hash of the document (SHA-256)"), plan.sha256),
            (say("Made from"), ", ".join(f"{one.name} ({one.sha256[:12]})" for one in (plan.line, *plan.catalogue))),
        )
    )


def _asked(found: Cut) -> Iterator[Block]:
    rules, number = found.plan.rules, spoken().number
    yield Heading(say("What the plan keeps to"))
    rows = [
        (say("Budget a year"), say("{n} million US dollars", n=number(rules.budget / 1e6))),
        (say("Spent a year"), say("{n} million US dollars", n=number(found.spent / 1e6))),
        (say("People in the field"), number(found.people, 0)),
        (say("Reported within"), say("{n} h", n=number(rules.window_h))),
    ]
    if rules.refused:
        rows.append((say("No sites on the ground of"), ", ".join(rules.refused)))
    if rules.effort_share < 1:
        rows.append((say("Most spent on one side's ground"), _share(rules.effort_share)))
    if found.full:
        for one in rules.at_least:
            where = one.sector or say("each sector")
            rows.append(
                (say("At least in {where}", where=where), f"{number(one.number)} {one.sensor or say('sensors')}")
            )
    for rule in rules.in_time:
        kind, hours = _kind(rule.kind), number(rule.within_h)
        where = (
            say("{kind}: detected within {n} hours at every place, at least", kind=kind, n=hours)
            if rule.where == "place"
            else say("{kind}: detected within {n} hours in every sector, at least", kind=kind, n=hours)
        )
        rows.append((where, _share(rule.detection)))
    yield Facts(tuple(rows))


def _stands(found: Cut) -> Iterator[Block]:
    yield Heading(say("What stands where"))
    number = spoken().number
    totals = found.placed.group_by("sensor").agg(pl.col("number").sum(), pl.col("number").null_count().alias("hidden"))
    rows = [
        (sensor, HIDDEN if hidden else number(count)) for sensor, count, hidden in totals.sort("sensor").iter_rows()
    ]
    yield Grid(say("Sensors and patrols"), (say("Sensor"), say("Number")), (3, 1), tuple(rows), frozenset({1}))
    yield from _map(found)
    if found.full:
        by_sector = found.placed.filter(pl.col("sector_id") != "").group_by("sector_id", "side", "sensor", "schedule")
        listed = by_sector.agg(pl.col("number").sum()).sort("sector_id", "side", "sensor", "schedule")
        named = {"always": say("day and night"), "day": say("by day"), "night": say("by night")}
        yield Grid(
            say("By sector and side"),
            (say("Sector"), say("Ground of"), say("Sensor"), say("Watches"), say("Number")),
            (3, 2, 2, 2, 1),
            tuple((a, b, c, named[d], number(n)) for a, b, c, d, n in listed.iter_rows()),
            frozenset({4}),
        )


def _map(found: Cut) -> Iterator[Block]:
    svg = drawing(found)
    if svg is None:
        return
    if found.full:
        says = say("Map of the places of sensors; the table has the same by sector.")
        yield Figure(svg, says, say("Places, north up"))
    else:
        yield Figure(svg, say("Map of the line, made coarse."), say("The line, coarse, north up"))


def _promised(found: Cut) -> Iterator[Block]:
    yield Heading(say("What it sees"))
    yield Text(
        say(
            "Probability that a violation is detected and reported within the time, over the whole line and the year's "
            "hours and weather, by the figures of the sensor catalogue."
        )
    )
    heads = [say("Violation"), say("Within"), say("On average"), say("By two independent means")]
    if found.full:
        heads += [say("In the worst sector"), say("Worst sector")]
    rows = []
    for row in found.promised.iter_rows(named=True):
        cells = [_kind(row["kind"]), say("{n} h", n=spoken().number(row["window_h"])), _share(row["mean"]),
                 _share(row["by_two"])]  # fmt: skip
        rows.append((*cells, _share(row["least"]), row["least_sector"]) if found.full else tuple(cells))
    widths = (3.0, 2.0, 2.0, 2.0, 2.0, 3.0)[: len(heads)]
    yield Grid(say("Detection that is promised"), tuple(heads), widths, tuple(rows), frozenset({2, 3, 4}))
    if found.plan.bound is not None:
        yield Text(
            say(
                "No plan by the same rules can be better than this one by more than {share}: that is proven, not "
                "estimated.",
                share=_share(found.plan.bound.gap),
            )
        )


def _patrols(found: Cut) -> Iterator[Block]:
    if not found.patrols:
        return
    yield Heading(say("Patrols"))
    yield Text(
        say(
            "Routes are drawn anew for each day from mixtures that are part of this plan. What follows from seeds that "
            "the parties, the mediator and the mission committed to beforehand, everybody can check afterwards."
        )
    )
    if not found.full:
        return
    rows = [
        (
            row["sector_id"],
            _kind(row["kind"]),
            _share(row["found"]),
            _share(row["reached"]),
            _share(row["most"]),
            _share(row["within_hour"]),
            _share(row["within_day"]),
            _share(row["within_week"]),
            HIDDEN if row["surely_h"] is None else spoken().number(row["surely_h"]),
        )
        for row in found.guaranteed.iter_rows(named=True)
    ]
    yield Grid(
        say("Guaranteed against a violator who knows the mixtures and chooses place, hour, kind and weather"),
        (
            say("Sector"),
            say("Violation"),
            say("Found, anywhere"),
            say("Where crews can come"),
            say("At most possible there"),
            say("If it goes on: found within an hour"),
            say("Found within a day if it goes on"),
            say("If it goes on: found within a week"),
            say("Hours until nine in ten are found"),
        ),
        (4.4, 3.4, 1.7, 1.7, 1.7, 1.8, 1.8, 1.8, 1.8),
        tuple(rows),
        frozenset({2, 3, 4, 5, 6, 7, 8}),
    )


def _signed(found: Cut) -> Iterator[Block]:
    yield Heading(say("Signatures"))
    plan = found.plan
    mine = found.signatures.filter(pl.col("sha256") == plan.sha256, pl.col("standing") == "in_force")
    for row in mine.sort("entry").iter_rows(named=True):
        yield Text(
            say("{whom}, on {moment} UTC, entry {entry}", whom=_whom(row["for_whom"]),
                moment=spoken().moment(row["time"]), entry=row["entry"])
        )  # fmt: skip
    lacking = missing(found.signatures, plan.sha256, plan.parties)
    if lacking:
        listed = spoken().listed([_whom(one) for one in lacking], "and")
        yield Text(say("Not signed yet by {whom}. The plan is not agreed.", whom=listed))
    else:
        yield Text(say("All parties and the mediator signed this version."))


def _changed(found: Cut) -> Iterator[Block]:
    if found.changes.is_empty():
        return
    yield Heading(say("What changed since the version before"))
    yield Lines(tuple(("", sentence) for sentence in sentences(found.changes.head(MOST_CHANGES))))
    if found.changes.height > MOST_CHANGES:
        yield Text(say("The first {n} of {all}; changes.csv has all.", n=MOST_CHANGES, all=found.changes.height))


def _limits(found: Cut) -> Iterator[Block]:
    yield Heading(say("What it rests on"))
    yield Text(
        say(
            "Detection is reckoned, not measured: by distance, hour and weather, with independent devices. Jamming, "
            "and violations at other depths than planned for, are not in it."
        )
    )
    if found.plan.assumptions:
        rows = [(one.id, f"{one.value:g}", f"{one.low:g} … {one.high:g}", one.origin) for one in found.plan.assumptions]
        heads = (say("Figure"), say("Value"), say("Varied between"), say("Why"))
        yield Grid(say("Figures without a source"), heads, (3, 1, 2, 4), tuple(rows), frozenset({1, 2}))


PARTS = (_head, _asked, _stands, _promised, _patrols, _signed, _changed, _limits)


def _share(value: float | None) -> str:
    """A probability in per cent; one that is not there is not written as none."""
    return HIDDEN if value is None else f"{spoken().number(value * 100)} %"


def _kind(word: str) -> str:
    return spoken()(vocabulary().kinds[word].title)


def _whom(word: str) -> str:
    return say("the mediator") if word == "mediator" else word
