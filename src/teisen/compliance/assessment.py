"""All that is said of compliance, from one look at what was found and what could have been seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from teisen.agreement import Agreement
from teisen.compliance.assess import rate_table
from teisen.compliance.basis import Basis, basis
from teisen.compliance.course import course_table
from teisen.compliance.missed import missed_table
from teisen.compliance.parts import part_table
from teisen.compliance.profile import profile_table
from teisen.compliance.rates import fit
from teisen.compliance.schema import SECTOR_RATE
from teisen.compliance.together import reported
from teisen.compliance.watched import ALL
from teisen.compliance.weeks import week_table
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
    detection: pl.DataFrame | None = None,
    working: pl.DataFrame | None = None,
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
        detection: DETECTION: how sure estimated detection is.
        working: groups that report less than they did (:func:`teisen.compliance.working`).

    Returns:
        ``rate`` (RATE), ``sector_rate`` (SECTOR_RATE, empty where ``areas`` has none of level sector), ``rate_part``
        (RATE_PART), ``course`` (COURSE), ``week`` (WEEK), ``profile`` (PROFILE), ``missed`` (MISSED).
    """

    told = reported(incidents, evidence, sources)

    def rests(level: str) -> Basis:
        return basis(
            findings,
            incidents,
            exposure,
            agreements,
            areas,
            scope,
            zone,
            sources=sources,
            level=level,
            detection=detection,
            working=working,
            reported=told,
        )

    rests_on = rests("region")
    fitted = fit(rests_on.cells())
    by_sector = SECTOR_RATE.empty()
    if (areas["level"] == "sector").any():
        within = rests("sector")
        by_sector = SECTOR_RATE.hand_over(rate_table(within, fit(within.cells())).filter(pl.col("area_id") != ALL))
    return {
        "rate": rate_table(rests_on, fitted),
        "sector_rate": by_sector,
        "rate_part": part_table(rests_on, fitted),
        "course": course_table(rests_on, fitted, at),
        "week": week_table(rests_on, fitted),
        "profile": profile_table(rests_on, fitted, incidents, exposure, zone=zone, agreements=agreements),
        "missed": missed_table(rests_on, fitted, evidence, sources),
    }
