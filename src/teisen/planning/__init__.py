"""Planning the watch: the line of contact, its sectors, and sensors along them, with what they see and cost.

In: areas (who controls what by day, the land that the parties contest, the sea); a brief and a sensor catalogue. Out:
the line by day with its length, sectors of it, also as areas; a plan with what it promises and how near it is to the
best; its patrols, what they guarantee, and what a ledger's entries say of consent and of seeds. May touch only tables,
agreements, entries of a ledger and what ships; knows no case and no server.
"""

from teisen.planning.brief import Brief, parse_brief, read_line
from teisen.planning.catalogue import Catalogue, load_catalogue
from teisen.planning.coverage import Coverage, Ground, cover, detected, long, make_options
from teisen.planning.ground import candidates, demand, made_line, track
from teisen.planning.line import LINE, SECTOR, contact_line, sectors
from teisen.planning.plan import Bound, Condition, Placed, Plan, Promise, Rules, Watched
from teisen.planning.schema import CANDIDATE, COVERAGE, DEMAND, DETECTION, OPTION, PLACEMENT
from teisen.planning.solve import Setting, find, placement, plan_of, setting, solve
from teisen.planning.strips import SECTOR_AREA, sector_areas
from teisen.planning.zones import ZONE, zones

__all__ = [
    "CANDIDATE",
    "COVERAGE",
    "DEMAND",
    "DETECTION",
    "LINE",
    "OPTION",
    "PLACEMENT",
    "SECTOR",
    "SECTOR_AREA",
    "ZONE",
    "Bound",
    "Brief",
    "Catalogue",
    "Condition",
    "Coverage",
    "Ground",
    "Placed",
    "Plan",
    "Promise",
    "Rules",
    "Setting",
    "Watched",
    "candidates",
    "contact_line",
    "cover",
    "demand",
    "detected",
    "find",
    "load_catalogue",
    "long",
    "made_line",
    "make_options",
    "parse_brief",
    "placement",
    "plan_of",
    "read_line",
    "sector_areas",
    "sectors",
    "setting",
    "solve",
    "track",
    "zones",
]
