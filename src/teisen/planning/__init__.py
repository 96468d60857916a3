"""Planning the watch: the line of contact, its sectors, and later sensors and patrols along them.

In: areas (who controls what by day, the land that the parties contest, the sea). Out: the line by day with its length,
and sectors of it, also as areas. May touch only tables; knows no file, no ledger and no server.
"""

from teisen.planning.line import LINE, SECTOR, contact_line, sectors
from teisen.planning.strips import sector_areas

__all__ = ["LINE", "SECTOR", "contact_line", "sector_areas", "sectors"]
