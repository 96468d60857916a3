"""The case: a folder that holds what is monitored, its ledger, and all that is derived from it.

In: ``case.yaml``, agreements, mappings and profiles that people wrote, and files of sources. Out: entries in the
ledger, derived tables that depend on the ledger's content and the code alone, and their verification. May touch
every room but ``cli``; decides nothing itself about incidents or findings.
"""

from teisen.case.asof import PastCase, derive_past, size_at
from teisen.case.casefile import CaseFile, MapEntry
from teisen.case.comings import Coming, record_access
from teisen.case.deciding import Decided, decide, done_once, inside_id, waiting
from teisen.case.definitions import Definitions, parse_definitions
from teisen.case.derivation import derived_tables
from teisen.case.doubts import doubts, unknown_parties
from teisen.case.folder import Case, templates
from teisen.case.intake import FileResult, IngestResult, examine, ingest, ingest_all, receive
from teisen.case.publication import (
    Publication,
    files_of,
    prepare,
    publications,
    release_publication,
    withdraw_publication,
)
from teisen.case.reading import Progress, Received
from teisen.case.taken_back import TakenBack
from teisen.case.unnamed import unnamed
from teisen.case.unplaced import unplaced
from teisen.case.withdrawing import withdraw
from teisen.case.work import Verified, derive, derive_beside, unrecorded, verify

__all__ = [
    "Case",
    "CaseFile",
    "Coming",
    "Decided",
    "Definitions",
    "FileResult",
    "IngestResult",
    "MapEntry",
    "PastCase",
    "Progress",
    "Publication",
    "Received",
    "TakenBack",
    "Verified",
    "decide",
    "derive",
    "derive_beside",
    "derive_past",
    "derived_tables",
    "done_once",
    "doubts",
    "examine",
    "files_of",
    "ingest",
    "ingest_all",
    "inside_id",
    "parse_definitions",
    "prepare",
    "publications",
    "receive",
    "record_access",
    "release_publication",
    "size_at",
    "templates",
    "unknown_parties",
    "unnamed",
    "unplaced",
    "unrecorded",
    "verify",
    "waiting",
    "withdraw",
    "withdraw_publication",
]
