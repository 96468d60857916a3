"""What lies beside the page: the same content as CSV, and the day's incidents as GeoJSON (RFC 7946)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence

from teisen.release.report import ahead
from teisen.release.report.chart import Chart
from teisen.release.report.claims import Claims
from teisen.release.report.days import Days
from teisen.release.report.heat import Heat
from teisen.release.report.holding import Holding
from teisen.release.report.incidents import Incident, Reference
from teisen.release.report.rate_map import RateMap
from teisen.release.report.regions import WITHHELD, Region
from teisen.release.report.rhythm import Rhythm
from teisen.release.report.terms import PartingOfDay, ReadingOfDay
from teisen.release.report.totals import COLUMNS, Totals
from teisen.release.report.watching import Watch
from teisen.release.report.week import GatheredWeek, OutcomeOfWeek

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a text that starts so for a formula; it gets an apostrophe in front."""


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([[_cell(v) for v in row] for row in rows])
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value


def regions_csv(regions: list[Region], readings: list[ReadingOfDay]) -> str:
    """One row a region; ``withheld`` stands for a count that the release withheld."""
    labels = [one.label for one in readings if one.in_force]
    head = ["area_id", "name", "force", "force_day_before", "traces", "traces_day_before", "rest", "rest_day_before"]
    head += ["expected_conflict", "explosions", "attack_would_be"]
    head += [f"{what}_{label}" for label in labels for what in ("expected_violations", "watched")]
    rows = [
        [
            r.id,
            r.name,
            *(WITHHELD if v is None else v for v in _counts(r)),
            r.verdict,
            *(v for label in labels for v in (r.expected.get(label), r.watched.get(label))),
        ]
        for r in regions
    ]
    return _table(head, rows)


def _counts(r: Region) -> tuple[float | None, ...]:
    return r.force, r.force_before, r.traces, r.traces_before, r.rest, r.rest_before, r.conflict, r.explosions


def incidents_csv(incidents: list[Incident]) -> str:
    """One row an incident."""
    head = """
        incident_id area_id place lon lat place_error_m window kind p_conflict
        stated sources title actors
    """
    return _table(
        head.split(),
        (
            [
                i.id,
                i.region,
                i.where,
                i.lon,
                i.lat,
                i.error_m,
                i.window,
                i.kind,
                i.p,
                i.stated,
                i.means,
                i.title,
                i.actors,
            ]
            for i in incidents
        ),
    )


def evidence_csv(incidents: list[Incident]) -> str:
    """One row for each line of evidence, with the ledger entry and row that it was read from."""
    head = """
        incident_id relation source_id window kind count p_would_report log_ratio reason
        entry row
    """
    return _table(
        head.split(),
        (
            [i.id, e.relation, e.source_id, e.window, e.kind, e.count, e.p, e.weight, e.reason, *_entry(e.reference)]
            for i in incidents
            for e in i.evidence
        ),
    )


def _entry(reference: Reference | None) -> tuple[str, int | None]:
    return (reference.label, reference.row) if reference else ("", None)


def findings_csv(incidents: list[Incident], readings: list[ReadingOfDay]) -> str:
    """One row for each incident and reading under which it may be in scope."""
    keys = {one.label: one.key for one in readings}
    head = """
        incident_id reading agreement_id provision_id reading_id p_in_scope p_violation level severity explanation
        attribution
    """
    return _table(
        head.split(),
        (
            [i.id, f.label, *keys[f.label], f.in_scope, f.p, f.level, f.severity, f.says, f.attribution]
            for i in incidents
            for f in i.findings
        ),
    )


def readings_csv(readings: list[ReadingOfDay]) -> str:
    """What each label stands for, with the day's rate."""
    head = """
        reading agreement_id provision_id reading_id held_by in_force recorded expected watched
        rate_low rate rate_high word
    """
    rate = ("recorded", "expected", "watched", "rate_low", "rate", "rate_high", "word")
    return _table(
        head.split(),
        ([o.label, *o.key, o.held_by, o.in_force, *((o.rate or {}).get(name) for name in rate)] for o in readings),
    )


def partings_csv(partings: list[PartingOfDay]) -> str:
    """One row for each subject on which readings part."""
    return _table(
        ["subject", "subject_id", "in_under", "out_under", "because"],
        ([p.subject, p.subject_id, " ".join(p.in_under), " ".join(p.out_under), p.because] for p in partings),
    )


def allegations_csv(claims: list[Claims]) -> str:
    """One row an allegation, each party apart."""
    head = """
        accuser allegation_id stated window place says parts gap accused
        read outcome p_corroborated p_would_see number on_record happened incident_ids
    """
    return _table(
        head.split(),
        (
            [
                *(party.party.id, c.id, c.stated, c.window, c.where, c.says, c.parts, c.gap, c.accused, c.read),
                *(c.outcome, c.p_corroborated, c.p_would_see),
                *((c.number.word, c.number.on_record, c.number.happened) if c.number else ("",) * 3),
                " ".join(i for i, _ in c.matches),
            ]
            for party in claims
            for c in party.claims
        ),
    )


def exposure_csv(watches: list[Watch], names: Mapping[str, str]) -> str:
    """One row for each source and region."""
    return _table(
        ["source_id", "area_id", "name", "state", "share_of_stated_time", "p_low", "p_high", "says"],
        (
            [w.source_id, region, names.get(region, ""), c.state, round(c.share, 4), c.low, c.high, c.says]
            for w in watches
            for region, c in w.cells.items()
        ),
    )


def days_csv(chart: Chart) -> str:
    """The chart's numbers: one row a day, one column a series; empty: nothing stated."""
    rows = ([d.isoformat(), *(s.values[n] for s in chart.series)] for n, d in enumerate(chart.days))
    return _table(["day", *(s.key for s in chart.series)], rows)


def heat_csv(heat: Heat) -> str:
    """One row a reading, area and day: rate with interval and the word for it."""
    return _table(["reading", "area", "day", "rate_low", "rate", "rate_high", "word"], heat.rows)


def map_csv(drawn: RateMap) -> str:
    """One row a reading, area and day that is mapped: rate with interval, upper over lower end, and the word for it."""
    return _table(["reading", "area", "day", "rate_low", "rate", "rate_high", "times", "word"], drawn.rows)


def profile_csv(rhythm: Rhythm) -> str:
    """One row a reading and weekday (1: Monday) or hour: found, as many as if all were alike, times the average."""
    return _table(["reading", "by", "value", "expected", "even", "low", "middle", "high"], rhythm.profile)


def around_csv(rhythm: Rhythm) -> str:
    """One row a reading and the day on which it began: counts after over before, with interval and controls."""
    head = "reading at days_before days_after plain ratio_low ratio ratio_high controls word"
    return _table(head.split(), rhythm.around)


def holding_csv(held: Holding) -> str:
    """The drawing of what holds: one row a reading and day, with rate, share watched, answer and changes."""
    head = """
        reading day rate_low rate rate_high watched answer p ratio_low ratio ratio_high changes
    """
    return _table(head.split(), held.rows)


def week_csv(found: GatheredWeek) -> str:
    """One row a reading in force in the week: its rate with interval, and times that of the week before."""
    head = """
        reading agreement_id provision_id reading_id held_by week days expected watched low middle high
        times_low times times_high p_below
    """
    columns = head.split()[6:]
    return _table(
        head.split(),
        (
            [r.one.label, *r.one.key, r.one.held_by, found.week.name, *((r.rate or {}).get(name) for name in columns)]
            for r in found.readings
        ),
    )


def outcomes_csv(outcomes: Iterable[OutcomeOfWeek]) -> str:
    """One row a party and outcome; ``would_record`` is how many of those on others others would have seen."""
    return _table(
        ["accuser", "outcome", "statements", "would_record"],
        ([o.party.id, word, n, o.opportunity] for o in outcomes for word, n in o.outcomes),
    )


def totals_csv(totals: Iterable[Totals]) -> str:
    """One row a reading and way of telling how many violations there were in all; ``seen``: those found."""
    return _table(["reading", *COLUMNS], (row for one in totals for row in one.rows))


def ahead_csv(told: ahead.Ahead) -> str:
    """One row a day and area of what is expected; empty where nothing is forecast from the days reported."""
    return _table(ahead.COLUMNS, told.rows)


def exposure_days_csv(chart: Chart) -> str:
    """The chart's exposure: share of the time that a source stated, by day and state."""
    rows = chart.exposure.iter_rows()
    return _table(
        ["source_id", "day", "state", "share_of_stated_time", "p_high", "attack_would_be"],
        ([s, d.isoformat(), state, round(share, 4), high, sight] for s, d, state, share, high, sight in rows),
    )


def geojson(days: Days, incidents: list[Incident]) -> str:
    """The day's incidents as a FeatureCollection; an incident without a place has no geometry."""
    about = days.about
    features = [
        {
            "type": "Feature",
            "id": i.id,
            "geometry": None if i.lon is None else {"type": "Point", "coordinates": [i.lon, i.lat]},
            "properties": {
                "area_id": i.region or None,
                "findings": [{"reading": f.label, "p_violation": f.p, "level": f.level} for f in i.findings],
                "kind": i.kind,
                "p_conflict": i.p,
                "place": i.where,
                "place_error_m": i.error_m,
                "sources": i.means,
                "title": i.title,
                "window": i.window,
            },
        }
        for i in incidents
    ]
    licences = {i: s.profile.licence for i, s in about.sources.items()}
    collection = {
        "type": "FeatureCollection",
        "case": about.case_id,
        "title": about.title,
        "day": days.day.isoformat(),
        "zone": about.zone,
        "simulated": about.simulated,
        "audience": about.audience,
        "attributions": [{"source": i, "attribution": x.attribution, "licence": x.name} for i, x in licences.items()],
        "features": features,
    }
    return json.dumps(collection, ensure_ascii=False, indent=1) + "\n"
