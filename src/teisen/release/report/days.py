"""Released tables cut to days of the reporting zone, with every incident and exposure put in its region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import shapely

from teisen.compliance import CHANGE, FORECAST, INTERRUPTION, MISSED, PROFILE, VERDICT
from teisen.compliance.schema import ACTIVITY, RATE, SECTOR_RATE, WEEK
from teisen.decision import CORRECTION, DECISION, SUBJECT_STATE
from teisen.fusion.schema import EVIDENCE, INCIDENT
from teisen.judgement.schema import CORROBORATION, FINDING, OUTCOME, PARTING, TALLY
from teisen.observation import ALLEGATION, AREA, EXPOSURE, OBSERVATION, SET_ASIDE, SITE
from teisen.planning import SECTOR_AREA
from teisen.release.report.context import ReportContext
from teisen.release.report.groups import Group, of_group
from teisen.tables import Table

SHOWN = {
    t.name: t
    for t in (
        *(AREA, SECTOR_AREA, SITE, OBSERVATION, EXPOSURE, ALLEGATION, SET_ASIDE),
        *(INCIDENT, EVIDENCE, TALLY, FINDING, PARTING, OUTCOME, CORROBORATION, RATE, SECTOR_RATE, WEEK, ACTIVITY),
        *(CHANGE, VERDICT, INTERRUPTION, PROFILE, MISSED, FORECAST),
        *(DECISION, SUBJECT_STATE, CORRECTION),
    )
}
AROUND = 10
"""Days drawn before and after the day, at most; a case of up to twice as many and one is drawn whole."""
ELSEWHERE = ""
"""Region id of what lies in no region, or is not placed at all."""


def bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """First moment of a day and of the next one in ``zone``, in UTC."""
    tz = ZoneInfo(zone)
    first, after = (datetime.combine(d, time(), tz).astimezone(UTC) for d in (day, day + timedelta(days=1)))
    return first, after


def day_of(zone: str) -> pl.Expr:
    """The day, in ``zone``, of the middle of a row's interval."""
    middle = pl.col("start") + (pl.col("end") - pl.col("start")) / 2
    return middle.dt.convert_time_zone(zone).dt.date().alias("day")


@dataclass(frozen=True)
class Days:
    """The released tables of a case, seen from one day. A column that release took out is there and empty."""

    tables: Mapping[str, pl.DataFrame]
    day: date
    about: ReportContext

    def table(self, name: str) -> pl.DataFrame:
        """The released table of that name with all its declared columns; what was not released is empty."""
        declared, frame = SHOWN[name], self.tables.get(name)
        if frame is None:
            return declared.empty()
        absent = [pl.lit(None, dtype=t).alias(n) for n, t in declared.schema.items() if n not in frame.columns]
        return frame.with_columns(absent)

    @property
    def before(self) -> date:
        """The day before."""
        return self.day - timedelta(days=1)

    @cached_property
    def reported(self) -> list[date]:
        """The days that are reported: the one."""
        return [self.day]

    @cached_property
    def drawn(self) -> list[date]:
        """The days of drawings: the whole case where it is short, else those around the day."""
        first, last = min(self.about.first, self.day), max(self.about.last, self.day)
        if (last - first).days <= 2 * AROUND:
            return span(first, last)
        around = timedelta(days=AROUND)
        return span(max(first, self.day - around), min(last, self.day + around))

    @cached_property
    def bounds(self) -> tuple[datetime, datetime]:
        """First moment of the day and of the next, in UTC."""
        return bounds(self.day, self.about.zone)

    @cached_property
    def regions(self) -> pl.DataFrame:
        """Areas of the reporting level that hold on the day, one row an id, ordered by name."""
        level = pl.col("level") == self.about.level
        return self._valid(level).unique("area_id", keep="first", maintain_order=True).sort("name", "area_id")

    @cached_property
    def region_names(self) -> dict[str, str]:
        """Name of each region by id."""
        return dict(self.regions.select("area_id", "name").iter_rows())

    def areas(self, level: str) -> pl.DataFrame:
        """Areas of a level that hold at the middle of the day, in the table's order."""
        return self._valid(pl.col("level") == level)

    def _valid(self, keep: pl.Expr) -> pl.DataFrame:
        middle = self.bounds[0] + (self.bounds[1] - self.bounds[0]) / 2
        begun = pl.col("valid_from").is_null() | (pl.col("valid_from") <= middle)
        lasts = pl.col("valid_to").is_null() | (pl.col("valid_to") > middle)
        return self.table("area").filter(keep & begun & lasts).sort("source_id", "area_id", "blob", "row")

    @cached_property
    def shapes(self) -> list[shapely.Geometry]:
        """Polygons of :attr:`regions`, in their order."""
        return list(shapely.from_wkb(self.regions["geometry"].to_list()))

    def place(self, frame: pl.DataFrame) -> pl.DataFrame:
        """``frame`` with ``region``: its area where that is a region, else the one its place lies in, else ''."""
        ids = self.regions["area_id"].to_list()
        found = np.full(frame.height, ELSEWHERE, dtype=object)
        if ids and frame.height:
            lon = frame["lon"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
            lat = frame["lat"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
            has = np.flatnonzero(~(np.isnan(lon) | np.isnan(lat)))
            tree = shapely.STRtree(self.shapes)
            points, inside = tree.query(shapely.points(lon[has], lat[has]), predicate="intersects")
            for point, region in sorted(zip(points.tolist(), inside.tolist(), strict=True), reverse=True):
                found[has[point]] = ids[region]  # on a border the first region by name has it
        by_place = pl.Series("by_place", found.tolist(), dtype=pl.String)
        own = pl.when(pl.col("area_id").is_in(ids)).then("area_id")
        return frame.with_columns(pl.coalesce(own, by_place).alias("region"))

    @cached_property
    def incidents(self) -> pl.DataFrame:
        """All released incidents with ``day`` and ``region``, likeliest first within the day."""
        frame = self.place(self.table("incident").with_columns(day_of(self.about.zone)))
        return frame.sort("day", -pl.col("p_conflict"), "start", "incident_id")

    @cached_property
    def today(self) -> pl.DataFrame:
        """Incidents of the days reported."""
        return self.incidents.filter(pl.col("day").is_in(self.reported))

    @cached_property
    def rates(self) -> pl.DataFrame:
        """Rates with ``day``."""
        return self.table("rate").with_columns(day_of(self.about.zone))

    @cached_property
    def rates_today(self) -> pl.DataFrame:
        """Rates of the day."""
        return self.rates.filter(pl.col("day") == self.day)

    @cached_property
    def findings_today(self) -> pl.DataFrame:
        """Findings of the day's incidents, with their incident's region, kind (``of_kind``) and ``actors``."""
        incidents = self.today.select("region", "actors", subject_id="incident_id", of_kind="kind")
        return self.table("finding").filter(pl.col("subject") == "incident").join(incidents, on="subject_id")

    @cached_property
    def allegations_today(self) -> pl.DataFrame:
        """Allegations about the day, or stated on it, in the order in which they were stated."""
        start, end = self.bounds
        about = (pl.col("start") < end) & (pl.col("end") > start)
        stated = (pl.col("stated") >= start) & (pl.col("stated") < end)
        return self.table("allegation").filter(about | stated).sort("stated", "start", "allegation_id")

    def recorded(self, first: date, last: date, group: Group) -> dict[date, int]:
        """Number of incidents of a group on each day from ``first`` to ``last``, both included."""
        mine = self.incidents.filter(of_group(group))
        counts = dict(mine.group_by("day").len().iter_rows())
        return {d: counts.get(d, 0) for d in span(first, last)}


def span(first: date, last: date) -> list[date]:
    """The days from ``first`` to ``last``, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def declared(name: str) -> Table:
    """The declared table of that name."""
    return SHOWN[name]
