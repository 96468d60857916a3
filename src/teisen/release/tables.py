"""The tables that a case derives, by name: all that a release or an export can speak of."""

from __future__ import annotations

from collections.abc import Mapping

from teisen.compliance.change_schema import CHANGE, FORECAST, INTERRUPTION, VERDICT
from teisen.compliance.schema import ACTIVITY, COURSE, DETECTION, MISSED, PROFILE, RATE, RATE_PART, SECTOR_RATE, WEEK
from teisen.decision.schema import CORRECTION, DECISION, SUBJECT_STATE
from teisen.fusion.schema import EVIDENCE, HABIT, INCIDENT, LEARNED
from teisen.judgement.schema import CORROBORATION, FINDING, OUTCOME, PARTING, TALLY
from teisen.planning import LINE, SECTOR_AREA
from teisen.release.difference import DIFFERENCE
from teisen.sources import READ_TABLES
from teisen.tables import Table

TABLES: Mapping[str, Table] = {
    **READ_TABLES,
    **{
        table.name: table
        for table in (
            INCIDENT,
            EVIDENCE,
            LEARNED,
            HABIT,
            TALLY,
            FINDING,
            PARTING,
            OUTCOME,
            CORROBORATION,
            RATE,
            ACTIVITY,
            DETECTION,
        )
    },
    **{table.name: table for table in (CHANGE, VERDICT, INTERRUPTION, FORECAST)},
    **{table.name: table for table in (SECTOR_RATE, RATE_PART, COURSE, WEEK, PROFILE, MISSED)},
    **{table.name: table for table in (DECISION, SUBJECT_STATE, CORRECTION)},
    "contact_line": LINE,
    "sector_area": SECTOR_AREA,
    "difference": DIFFERENCE,
}
"""Tables by name: those that readers fill, those that the stages hand over, and the difference of two derivations."""
