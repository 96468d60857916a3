"""From definitions and received files to every table of a case: a pure function, to be called in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from fnmatch import fnmatchcase

import polars as pl

from teisen.agreement import stated_allegations
from teisen.case.casefile import LineEntry
from teisen.case.definitions import Definitions, parse_definitions
from teisen.case.known import known_by
from teisen.case.reading import Content, Progress, Received, ground_of, once, read_files, silent
from teisen.compliance import (
    activity,
    assessment,
    changes,
    daily_cloud,
    estimated,
    follow,
    forecast,
    interruptions,
    lines,
    recalibrated,
    standing,
    verdict,
    working,
)
from teisen.decision import Act, corrected, decisions, limited, replay, subject_states
from teisen.fusion import Fused, fuse, habit_table
from teisen.judgement import corroboration, judge, over_by, own_voice, tallies, weigh
from teisen.observation import ALLEGATION, AREA
from teisen.planning import LINE, contact_line, sector_areas, sectors
from teisen.sources import Ground, Source

Fusing = Callable[[pl.DataFrame, pl.DataFrame, Ground, Mapping[str, Source]], Fused]
"""Incidents from observations, exposure, ground and sources, as :func:`teisen.fusion.fuse` gives them."""
LINE_OF_CONTACT = "line-of-contact"
"""Id under which rules name the case's own line of contact, as it ran on each day."""


def derived_tables(
    definitions: Definitions | Mapping[str, bytes],
    received: Iterable[Received],
    content: Content,
    progress: Progress = silent,
    *,
    acts: Iterable[Act] = (),
    known: datetime | None = None,
    fused_by: Fusing = fuse,
) -> dict[str, pl.DataFrame]:
    """Derive all tables of a case.

    Args:
        definitions: parsed, or YAML by path in the case folder.
        received: the files, in any order.
        content: gives a file's bytes by SHA-256.
        progress: told step by step.
        acts: what people decided, in any order.
        known: leave out what could not have been known at this moment (:func:`teisen.case.known.known_by`).
        fused_by: fuses, with what :func:`teisen.fusion.fuse` gives, perhaps sooner.

    Returns:
        Tables by name, those of :data:`teisen.release.TABLES`. The same content gives the same rows in the same order,
        whatever the order of ``received``.

    Raises:
        BadInput: a definition does not fit.
    """
    if not isinstance(definitions, Definitions):
        definitions = parse_definitions(definitions)
    case, agreements, sources = definitions.case, definitions.agreements, definitions.sources
    tables = read_files(received, content, sources, case.scope, progress, known=known)
    stated = map(stated_allegations, agreements, definitions.agreement_blobs)
    tables["allegation"] = once(ALLEGATION, [tables["allegation"], *stated])
    if known:
        tables = known_by(tables, known)
    ground = ground_of(tables)
    exposure = tables["exposure"]
    progress("fusing", 0, 1)
    fused = fused_by(tables["observation"], exposure, ground, sources)
    record = replay(act for act in acts if known is None or act.time <= known)
    people = corrected(
        fused.incidents,
        fused.evidence,
        observations=tables["observation"],
        record=record,
        ground=ground,
        sources=sources,
    )
    incidents = people.to_judge
    progress("drawing the line and judging", 0, 1)
    line = line_of(case.line, ground.areas)
    until = over_by(tables["observation"], min(case.scope.end, known or case.scope.end))
    counted = tallies(tables["observation"], agreements, sources, case.scope.start, until, ground.areas)
    cut = sectors_of(case.line, line)
    judged = judge(incidents, tables["allegation"], agreements, with_line(ground, line), tallies=counted)
    findings = limited(judged.findings, agreements, people.attributed)
    progress("following the lines", 0, 1)
    days = activity(tables["observation"], case.zone)
    always = standing(incidents, agreements, ground)
    followed = lines(
        always, incidents, people.evidence, days, exposure, agreements, ground.areas, case.scope, case.zone, sources
    )
    levels = follow(followed.counts, followed.effort, followed.weekday, followed.begins)
    silenced = working(followed, levels)
    progress("estimating detection", 0, 1)
    detection = estimated(
        incidents,
        people.evidence,
        exposure,
        tables["observation"],
        ground=ground,
        sources=sources,
        working=silenced,
    )
    measured = recalibrated(exposure, detection)
    progress("weighing allegations", 0, 1)
    heard = own_voice(people.evidence, tables["observation"], tables["allegation"])
    outcome = weigh(tables["allegation"], incidents, heard, measured, sources, ground, findings=findings)
    progress("assessing compliance", 0, 1)
    compliance = assessment(
        findings,
        incidents,
        people.evidence,
        measured,
        agreements,
        pl.concat([ground.areas, cut]),
        case.scope,
        case.zone,
        sources=sources,
        detection=detection,
        working=silenced,
    )
    derived = {"finding": findings["finding_id"], "incident": people.incidents["incident_id"]}
    derived["allegation"] = tables["allegation"]["allegation_id"]
    return tables | {
        "incident": people.incidents,
        "evidence": people.evidence,
        "learned": fused.learned,
        "habit": habit_table(fused.habits),
        "tally": counted,
        "finding": findings,
        "decision": decisions(record, derived, people.settled),
        "subject_state": subject_states(record),
        "correction": people.corrections,
        "parting": judged.partings,
        "outcome": outcome,
        "corroboration": corroboration(outcome, findings, [party.id for party in case.parties]),
        **compliance,
        "detection": detection,
        "activity": days,
        "change": changes(followed, levels),
        "verdict": verdict(followed),
        "interruption": interruptions(followed, daily_cloud(ground, followed.starts)),
        "forecast": forecast(incidents, compliance["rate"], ground.areas, case.scope, case.zone),
        "contact_line": line,
        "sector_area": cut,
    }


def line_of(entry: LineEntry | None, areas: pl.DataFrame) -> pl.DataFrame:
    """The line of contact by day (LINE); none where the case says nothing of one, or nobody tells who holds what."""
    if entry is None:
        return LINE.empty()
    regions = areas.filter(pl.col("level") == "region")
    ids = [i for i in regions["area_id"] if any(fnmatchcase(i, pattern) for pattern in entry.land)]
    land = regions.filter(pl.col("area_id").is_in(ids))
    control = areas.filter(pl.col("level") == "control")
    if land.is_empty() or control.is_empty():
        return LINE.empty()
    sea = areas.filter(pl.col("level") == "sea")
    return contact_line(control, land, sea, **({} if entry.tolerance_m is None else {"tolerance_m": entry.tolerance_m}))


def sectors_of(entry: LineEntry | None, line: pl.DataFrame) -> pl.DataFrame:
    """Sectors of the line of contact (LINE) as areas (AREA); none where the case asks for none."""
    if entry is None or entry.sectors is None:
        return AREA.empty()
    return sector_areas(sectors(line, entry.sectors.length_km), entry.sectors.reach_km)


def with_line(ground: Ground, line: pl.DataFrame) -> Ground:
    """The ground with the line of contact (LINE) in it, by day, as the lines :data:`LINE_OF_CONTACT`."""
    drawn = line.sort(LINE.key).select(
        "geometry",
        "source_id",
        valid_from="start",
        valid_to="end",
        area_id=pl.lit(LINE_OF_CONTACT),
        level=pl.lit("line"),
        name=pl.lit("Line of contact"),
        approximate=pl.lit(False),
        blob=pl.lit(""),
        row=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
    )
    return replace(ground, areas=pl.concat([ground.areas, AREA.fill(drawn)]))
