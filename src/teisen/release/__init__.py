"""Release: what leaves a case, for whom, how late and how coarse; reports and exports of it.

In: derived tables, the case's policy, the sources' licences. Out: released tables with a log of every redaction, and
files written from them. Everything that leaves goes through :func:`release`. May touch all rooms before it; knows no
ledger and no case folder.
"""

from teisen.release.ids import Ids, Secret, is_outside
from teisen.release.outgoing import REDACTION
from teisen.release.party import with_own
from teisen.release.policy import Policy, Terms
from teisen.release.redaction import Released, release
from teisen.release.tables import TABLES

__all__ = [
    "REDACTION",
    "TABLES",
    "Ids",
    "Policy",
    "Released",
    "Secret",
    "Terms",
    "is_outside",
    "release",
    "with_own",
]
