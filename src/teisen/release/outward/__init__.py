"""Outward: released tables in the formats that the field reads; each a pure function that gives bytes or text.

In: what was released (:class:`~teisen.release.Released`) and what a report states beside it (``ReportContext``). Out:
CSV with HXL tags, GeoParquet, an Atom feed, CAP 1.2 notices, an iCalendar. No file, no clock, no network. Each says
where nothing of it happened; feed, notices and calendar carry a disclaimer, tables have their attributions beside them.
"""

from teisen.release.outward.atom import atom, notices
from teisen.release.outward.cap import cap, notable
from teisen.release.outward.geoparquet import geoparquet
from teisen.release.outward.hxl import HXL, hxl_csv
from teisen.release.outward.ical import ical
from teisen.release.outward.notes import SIMULATED, attributions, disclaimer

__all__ = [
    "HXL",
    "SIMULATED",
    "atom",
    "attributions",
    "cap",
    "disclaimer",
    "geoparquet",
    "hxl_csv",
    "ical",
    "notable",
    "notices",
]
