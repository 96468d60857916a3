"""All that is said of compliance, from one look at what was found and what could have been seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from teisen.agreement import Agreement
from teisen.compliance.assess import rate_table
from teisen.compliance.basis import basis
from teisen.compliance.course import course_table
from teisen.compliance.missed import missed_table
from teisen.compliance.parts import part_table
from teisen.compliance.profile import profile_table
from teisen.compliance.rates import fit
from teisen.sources import Scope, Source


def assessment(  # noqa: PLR0917  the signature of the room
    findings: pl.DataFrame,
    incidents: pl.DataFrame,
    evidence: pl.DataFrame,
    exposure: pl.DataFrame,
    agreements: Sequence[Agreement],
    areas: pl.DataFrame,
    scope: Scope,
    zone: str,
    *,
    sources: Mapping[str, Source],
    at: date | None = None,
) -> dict[str, pl.DataFrame]:
    """Rates, their parts, course and profile, and what everybody missed, of every reading.

    Args:
        findings: FINDING.
        incidents: INCIDENT.
        evidence: EVIDENCE: which source saw which incident.
        exposure: EXPOSURE.
        agreements: whose readings.
        areas: AREA.
        scope: days from the first to the last that it touches.
        zone: IANA time zone of the reporting day.
        sources: by id, for their groups and whom they speak for.
        at: first day of what counts as after, for the course; None: no comparison.

    Returns:
        ``rate`` (RATE), ``rate_part`` (RATE_PART), ``course`` (COURSE), ``profile`` (PROFILE), ``missed`` (MISSED).
    """
    rests_on = basis(findings, incidents, exposure, agreements, areas, scope, zone, sources=sources)
    fitted = fit(rests_on.cells())
    return {
        "rate": rate_table(rests_on, fitted),
        "rate_part": part_table(rests_on, fitted),
        "course": course_table(rests_on, fitted, at),
        "profile": profile_table(rests_on, fitted, incidents, exposure, zone),
        "missed": missed_table(rests_on, fitted, evidence, sources),
    }
