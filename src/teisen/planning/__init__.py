"""Planning the watch: the line of contact, its sectors, and later sensors and patrols along them.

In: areas (who controls what by day, the land that the parties contest, the sea). Out: the line by day with its length,
and sectors of it. May touch only tables; knows no file, no ledger and no server.
"""

from teisen.planning.line import LINE, SECTOR, contact_line, sectors
from teisen.planning.plan import Bound, Condition, Placed, Plan, Promise, Rules, Watched
from teisen.planning.schema import CANDIDATE, COVERAGE, DEMAND, DETECTION, OPTION, PLACEMENT

__all__ = [
    "CANDIDATE",
    "COVERAGE",
    "DEMAND",
    "DETECTION",
    "LINE",
    "OPTION",
    "PLACEMENT",
    "SECTOR",
    "Bound",
    "Condition",
    "Placed",
    "Plan",
    "Promise",
    "Rules",
    "Watched",
    "contact_line",
    "sectors",
]
