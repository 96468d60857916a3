"""The case: a folder that holds what is monitored, its ledger, and all that is derived from it.

In: ``case.yaml``, agreements, mappings and profiles that people wrote, and files of sources. Out: entries in the
ledger, derived tables that depend on the ledger's content and the code alone, and their verification. May touch
every room but ``cli``; decides nothing itself about incidents or findings.
"""

from teisen.case.asof import PastCase, derive_past, size_at
from teisen.case.casefile import CaseFile
from teisen.case.deciding import Decided, decide, waiting
from teisen.case.definitions import Definitions, parse_definitions
from teisen.case.derivation import derived_tables
from teisen.case.folder import Case, templates
from teisen.case.intake import FileResult, IngestResult, ingest, ingest_all
from teisen.case.reading import Progress, Received
from teisen.case.work import Verified, derive, unrecorded, verify

__all__ = [
    "Case",
    "CaseFile",
    "Decided",
    "Definitions",
    "FileResult",
    "IngestResult",
    "PastCase",
    "Progress",
    "Received",
    "Verified",
    "decide",
    "derive",
    "derive_past",
    "derived_tables",
    "ingest",
    "ingest_all",
    "parse_definitions",
    "size_at",
    "templates",
    "unrecorded",
    "verify",
    "waiting",
]
