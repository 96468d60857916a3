"""Which sources fell silent and did not say so, asked of all that was reported, under no agreement."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from teisen.compliance.instruments import working
from teisen.compliance.level import follow
from teisen.compliance.lines import lines
from teisen.judgement import FINDING
from teisen.sources import Scope, Source


def fell_silent(  # noqa: PLR0917  what a case has
    incidents: pl.DataFrame,
    evidence: pl.DataFrame,
    activity: pl.DataFrame,
    exposure: pl.DataFrame,
    areas: pl.DataFrame,
    scope: Scope,
    zone: str,
    sources: Mapping[str, Source],
) -> pl.DataFrame:
    """Groups that report less than they did (:func:`teisen.compliance.instruments.working`), of a case already derived.

    Args:
        incidents: INCIDENT. evidence: EVIDENCE. activity: ACTIVITY. exposure: EXPOSURE as declared. areas: AREA.
        scope: the days. zone: of the reporting day. sources: by id.
    """
    of = lines(FINDING.empty(), incidents, evidence, activity, exposure, (), areas, scope, zone, sources)
    return working(of, follow(of.counts, of.effort, of.weekday, of.begins))
