"""Possible worlds of subjects: what an agreement's predicates ask, answered for every subject in every world.

Time is uniform between ``start`` and ``end``; a place is normal with the subject's ellipse, or even over its area;
kind, target and actor are drawn by their probabilities. Draws are those of :mod:`teisen.judgement.draws`, the same for
all subjects, so that a subject's worlds depend on nothing but itself.
"""

from __future__ import annotations

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from teisen import geodesy
from teisen.agreement import UNDETERMINED
from teisen.judgement.draws import WORLDS, Draws, draws
from teisen.judgement.places import Places, SiteGroup, Zone
from teisen.judgement.subjects import of_allegations, of_incidents, slots
from teisen.observation import in_class, vocabulary
from teisen.sources import Ground

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MARGIN = 1.01
"""Bounds on how far a draw can lie are widened by this, for what the tangent plane and the sphere leave out."""
DRAWN_AT_ONCE = 4_000
"""Subjects whose places are drawn at once; bounds memory (4,000 x 512 unit vectors are 49 MB)."""


def worlds(table: pl.DataFrame, ground: Ground, n: int = WORLDS, parties: tuple[str, ...] = ()) -> PossibleWorlds:
    """Possible worlds of incidents (INCIDENT) or allegations (ALLEGATION; unread ones are left out), in their order.

    ``parties`` is the order in which parties share the draws of who did it: an agreement's own.
    """
    subjects = of_incidents(table) if "incident_id" in table.columns else of_allegations(table)
    return PossibleWorlds(subjects, Places(ground), draws(n), parties)


class PossibleWorlds:
    """Answers of shape (subjects, worlds) to what predicates ask (:class:`teisen.agreement.Worlds`)."""

    def __init__(self, subjects: pl.DataFrame, places: Places, drawn: Draws, parties: tuple[str, ...] = ()) -> None:
        self.subjects = subjects
        self.parties = parties
        self.places = places
        self.draws = drawn
        self.start: Ints = subjects["start"].dt.epoch("us").to_numpy()
        self.end: Ints = np.maximum(subjects["end"].dt.epoch("us").to_numpy(), self.start)
        self.lon, self.lat = (subjects[name].to_numpy().astype(float) for name in ("lon", "lat"))
        major = subjects["place_error_m"].fill_null(0.0)
        self.major: Floats = major.to_numpy()
        self.minor: Floats = subjects["place_error_minor_m"].fill_null(major).to_numpy()
        self.azimuth: Floats = np.radians(subjects["place_azimuth_deg"].fill_null(0.0).to_numpy())
        self.has_point: Bools = ~np.isnan(self.lon)
        self._near: dict[tuple[tuple[str, ...], float], Bools] = {}

    @property
    def shape(self) -> tuple[int, int]:
        """Subjects and worlds."""
        return self.subjects.height, len(self.draws.time)

    def take(self, rows: Bools) -> PossibleWorlds:
        """The worlds of some subjects."""
        return PossibleWorlds(self.subjects.filter(pl.Series(rows)), self.places, self.draws, self.parties)

    def times(self, rows: Ints) -> Ints:
        """Times of subjects, microseconds since 1970, shape (rows, worlds)."""
        span = (self.end - self.start)[rows, None]
        return self.start[rows, None] + np.floor(span * self.draws.time).astype(np.int64)

    def where(self, rows: Ints) -> tuple[Floats, Floats]:
        """Longitudes and latitudes of subjects, shape (rows, worlds); not a number where no place is known."""
        along, across = self.draws.along * self.major[rows, None], self.draws.across * self.minor[rows, None]
        sin, cos = np.sin(self.azimuth[rows, None]), np.cos(self.azimuth[rows, None])
        east, north = along * sin + across * cos, along * cos - across * sin
        lon, lat = geodesy.moved(self.lon[rows, None], self.lat[rows, None], east, north)
        areas = self.subjects["area_id"].to_list()
        for n in np.flatnonzero(~self.has_point[rows]):
            spread = self.places.inside(areas[rows[n]], self.draws.u, self.draws.v) if areas[rows[n]] else None
            if spread is not None:
                lon[n], lat[n] = spread
        return lon, lat

    def during(self, start_us: int | None, end_us: int | None) -> Bools:
        """It happened from ``start_us`` up to but without ``end_us``."""
        low = -(1 << 62) if start_us is None else start_us
        high = (1 << 62) if end_us is None else end_us
        surely = (self.start >= low) & (self.end < high)
        maybe = (self.end >= low) & (self.start < high) & ~surely
        answer = np.repeat(surely[:, None], self.shape[1], axis=1)
        rows = np.flatnonzero(maybe)
        time = self.times(rows)
        answer[rows] = (time >= low) & (time < high)
        return answer

    def within(self, areas: tuple[str, ...]) -> Bools:
        """It happened in one of the areas, named by id or level; a subject known to lie in one of them by id does."""
        named = self.subjects["area_id"].is_in(list(areas)).fill_null(False).to_numpy() & ~self.has_point
        answer = np.repeat(named[:, None], self.shape[1], axis=1)
        for zone in self.places.zones(areas):
            self._add_zone(zone, answer)
        return answer

    def _add_zone(self, zone: Zone, answer: Bools) -> None:
        east = self.draws.reach * np.maximum(self.major, self.minor) * MARGIN / geodesy.METRES_PER_DEGREE
        wide = east / np.clip(np.cos(np.radians(np.abs(self.lat) + east)), 1e-6, None)
        boxes = shapely.box(self.lon - wide, self.lat - east, self.lon + wide, self.lat + east)
        touches = np.where(self.has_point, shapely.intersects(zone.shape, boxes), True) & ~answer.all(axis=1)
        always = zone.start_us is None and zone.end_us is None
        surely = touches & self.has_point & shapely.contains_properly(zone.shape, boxes) & always
        answer[surely] = True
        for rows in _batches(touches & ~surely):
            inside = shapely.contains_xy(zone.shape, *self.where(rows))
            if not always:
                time = self.times(rows)
                inside &= time >= (-(1 << 62) if zone.start_us is None else zone.start_us)
                inside &= time < ((1 << 62) if zone.end_us is None else zone.end_us)
            answer[rows] |= inside

    def near(self, classes: tuple[str, ...], distance_m: float) -> Bools:
        """It happened at most ``distance_m`` from a site; a site's own place error is drawn too."""
        present = self.places.classes(classes)  # readings that word a list differently often mean the same sites
        if (present, distance_m) not in self._near:
            answer = np.zeros(self.shape, dtype=np.bool_)
            for group in self.places.sites(present, distance_m):
                self._add_sites(group, distance_m, answer)
            self._near[present, distance_m] = answer
        return self._near[present, distance_m]

    def _add_sites(self, group: SiteGroup, distance_m: float, answer: Bools) -> None:
        reach = self.draws.reach * np.maximum(self.major, self.minor) + self.draws.site_reach * group.error_m
        known = np.where(self.has_point[:, None], geodesy.unit_vectors(self.lon, self.lat), 0.0)
        chord, _ = group.tree.query(known)
        nearest = np.where(self.has_point, geodesy.chord_to_m(np.minimum(chord, 2.0)), np.nan)
        surely = nearest + reach * MARGIN <= distance_m
        answer[surely] = True
        maybe = (nearest - reach * MARGIN <= distance_m) & ~surely | ~self.has_point
        limit = float(geodesy.chord(distance_m))
        for rows in _batches(maybe & ~answer.all(axis=1)):
            lon, lat = geodesy.moved(
                *self.where(rows), -group.error_m * self.draws.site_east, -group.error_m * self.draws.site_north
            )
            placed = ~np.isnan(lon)
            vectors = geodesy.unit_vectors(lon[placed], lat[placed])
            found, _ = group.tree.query(vectors, distance_upper_bound=limit * (1 + 1e-9), workers=-1)
            close = np.zeros(lon.shape, dtype=np.bool_)
            close[placed] = found <= limit
            answer[rows] |= close

    def target_is(self, classes: tuple[str, ...]) -> Bools:
        """The thing hit is stated to be of one of the classes, or of one within them."""
        known = vocabulary().target_classes
        wanted = [name for name in known if any(in_class(name, wide) for wide in classes)]
        return self._drawn("targets", "kind", wanted, self.draws.target)

    def is_kind(self, kinds: tuple[str, ...]) -> Bools:
        """It was of one of the kinds."""
        return self._drawn("kinds", "kind", list(kinds), self.draws.kind)

    def done_by(self, parties: tuple[str, ...]) -> Bools:
        """One of the parties did it; where nobody is said to have, ``undetermined`` among them decides."""
        named = [party for party in parties if party != UNDETERMINED]
        answer = self._drawn("actors", "party", named, self.draws.actor, self.parties)
        if UNDETERMINED in parties:
            said = pl.col("actors").list.eval(pl.element().struct.field("p")).list.sum()
            total: Floats = self.subjects.select(said.fill_null(0.0)).to_series().to_numpy()
            answer |= self.draws.actor >= total[:, None]
        return answer

    def _drawn(self, column: str, field: str, words: list[str], drawn: Floats, order: tuple[str, ...] = ()) -> Bools:
        """In which worlds one of ``words`` was drawn."""
        answer = np.zeros(self.shape, dtype=np.bool_)
        slot = slots(self.subjects, column, field, words, order)
        nth = slot.select(pl.int_range(pl.len()).over("index")).to_series().to_numpy()
        index, low, high = (slot[name].to_numpy() for name in ("index", "low", "high"))
        for n in range(int(nth.max()) + 1 if len(nth) else 0):
            rows = nth == n
            answer[index[rows]] |= (drawn >= low[rows, None]) & (drawn < high[rows, None])
        return answer


def _batches(rows: Bools) -> list[Ints]:
    """Numbers of the rows that are true, a bounded number at once."""
    numbers = np.flatnonzero(rows)
    return [numbers[n : n + DRAWN_AT_ONCE] for n in range(0, len(numbers), DRAWN_AT_ONCE)]
