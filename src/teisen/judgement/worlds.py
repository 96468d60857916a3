"""Possible worlds of subjects: what an agreement's predicates ask, answered for every subject in every world.

Time is uniform between ``start`` and ``end``; a place is normal with the subject's ellipse, or even over its area;
kind, target, weapon and actor are drawn by their probabilities. Draws are those of :mod:`teisen.judgement.draws`, the
same for all subjects, so that a subject's worlds depend on nothing but itself.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable
from functools import partial

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from teisen import geodesy
from teisen.agreement import UNDETERMINED, Counting
from teisen.judgement.bits import WORD, Bits, pack
from teisen.judgement.counting import counted
from teisen.judgement.draws import WORLDS, Draws, draws
from teisen.judgement.grid import MARGIN, SiteGrid
from teisen.judgement.places import Places, Zone
from teisen.judgement.scatter import Scatter
from teisen.judgement.subjects import Slots, of_allegations, of_incidents, slots
from teisen.observation import in_class, vocabulary
from teisen.sources import Ground

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DRAWN_AT_ONCE = 128
"""Subjects whose places are drawn at once: 128 x 512 cells are 256 KiB and stay in a processor's cache."""


def worlds(table: pl.DataFrame, ground: Ground, n: int = WORLDS, parties: tuple[str, ...] = ()) -> PossibleWorlds:
    """Possible worlds of incidents (INCIDENT) or allegations (ALLEGATION; unread ones are left out), in their order.

    ``parties`` is the order in which parties share the draws of who did it: an agreement's own.
    """
    subjects = of_incidents(table) if "incident_id" in table.columns else of_allegations(table)
    return PossibleWorlds(subjects, Places(ground), draws(n), parties)


class PossibleWorlds:
    """Answers to what predicates ask (:class:`teisen.agreement.Worlds`), as bits of shape (subjects, words).

    What was asked of a subject once is kept, for all agreements and readings; :meth:`take` shares it.
    """

    def __init__(self, subjects: pl.DataFrame, places: Places, drawn: Draws, parties: tuple[str, ...] = ()) -> None:
        self.subjects = subjects
        self.parties = parties
        self.places = places
        self.draws = drawn
        self.rows: Ints = np.arange(subjects.height)
        self.start: Ints = subjects["start"].dt.epoch("us").to_numpy()
        self.end: Ints = np.maximum(subjects["end"].dt.epoch("us").to_numpy(), self.start)
        self.lon, self.lat = (subjects[name].to_numpy().astype(float) for name in ("lon", "lat"))
        major = subjects["place_error_m"].fill_null(0.0)
        self.major: Floats = major.to_numpy()
        self.minor: Floats = subjects["place_error_minor_m"].fill_null(major).to_numpy()
        self.azimuth: Floats = np.radians(subjects["place_azimuth_deg"].fill_null(0.0).to_numpy())
        self.has_point: Bools = ~np.isnan(self.lon)
        area = subjects["area_id"].fill_null("")
        self.areas: list[str] = area.unique().sort().to_list()
        self.area: Ints = area.rank("dense").cast(pl.Int64).to_numpy() - 1  # place in ``areas``
        self.reach: Floats = drawn.reach * np.maximum(self.major, self.minor)
        self._laid: dict[tuple[str, str, tuple[str, ...]], Slots] = {}
        self._given: dict[tuple[object, ...], tuple[Bits, Bools]] = {}

    @property
    def shape(self) -> tuple[int, int]:
        """Subjects and worlds."""
        return len(self.rows), len(self.draws.time)

    def take(self, rows: Bools | Ints) -> PossibleWorlds:
        """The worlds of some subjects."""
        return self._but(rows=self.rows[rows])

    def seen_by(self, parties: tuple[str, ...]) -> PossibleWorlds:
        """The same worlds where parties share the draws of who did it in another order."""
        return self._but(parties=parties)

    def _but(self, **changes: object) -> PossibleWorlds:
        other = copy.copy(self)
        vars(other).update(changes)
        return other

    def where(self, rows: Ints) -> tuple[Floats, Floats]:
        """Longitudes and latitudes of subjects, shape (rows, worlds); not a number where no place is known."""
        lon, lat = (axis.all() for axis in self._scattered(rows))
        for n in np.flatnonzero(~self.has_point[rows]):
            spread = self._spread(self.areas[self.area[rows[n]]])
            if spread is not None:
                lon[n], lat[n] = spread
        return lon, lat

    def _scattered(self, rows: Ints, site_error_m: float = 0.0) -> tuple[Scatter, Scatter]:
        """Places drawn around points; with an error of sites, as seen from a site that is off by its draws."""
        sin, cos = np.sin(self.azimuth[rows]), np.cos(self.azimuth[rows])
        major, minor = self.major[rows], self.minor[rows]
        north = np.full(len(rows), 1 / geodesy.METRES_PER_DEGREE)
        east = north / np.clip(np.cos(np.radians(self.lat[rows])), 1e-6, None)
        drawn = self.draws

        def axis(middle: Floats, metre: Floats, along: Floats, across: Floats, site: Floats) -> Scatter:
            steps = [metre * along * major, metre * across * minor, -metre * site_error_m]
            kept = 3 if site_error_m else 2
            return Scatter(middle[rows], np.array(steps[:kept]), np.array([drawn.along, drawn.across, site][:kept]))

        return axis(self.lon, east, sin, cos, drawn.site_east), axis(self.lat, north, cos, -sin, drawn.site_north)

    def _spread(self, area_id: str) -> tuple[Floats, Floats] | None:
        return self.places.inside(area_id, self.draws.u, self.draws.v) if area_id else None

    def during(self, start_us: int | None, end_us: int | None) -> Bits:
        """It happened from ``start_us`` up to but without ``end_us``."""
        return self._once(("during", start_us, end_us), lambda rows: self._between(rows, start_us, end_us))

    def _between(self, rows: Ints, start_us: int | None, end_us: int | None) -> Bits:
        """Time is start + draw x span: the worlds before a moment are those with the lowest draws."""
        start, span = self.start[rows], (self.end - self.start)[rows]

        def before(moment: int) -> Bits:
            left = (moment - start).astype(np.float64)
            bound = np.where(left > 0, np.inf, -np.inf)
            return self.draws.ladders["time"].below(np.divide(left, span, out=bound, where=span > 0))

        ended = before(end_us) if end_us is not None else self._all(rows)
        return ended & ~before(start_us) if start_us is not None else ended

    def _all(self, rows: Ints) -> Bits:
        return np.full((len(rows), self.shape[1] // WORD), ~np.uint64(0))

    def within(self, areas: tuple[str, ...]) -> Bits:
        """It happened in one of the areas, named by id or level; a subject known to lie in a lasting one by id does."""
        with self.places.lock:
            return self._once(("within", areas), lambda rows: self._in_areas(rows, areas))

    def _in_areas(self, rows: Ints, areas: tuple[str, ...]) -> Bits:
        zones = self.places.zones(areas)
        passing = {zone.area_id for zone in zones if zone.start_us is not None or zone.end_us is not None}
        lasting = [area for area in areas if area not in passing]
        named = self.subjects["area_id"].is_in(lasting).fill_null(False).to_numpy() & ~self.has_point
        answer = np.where(named[rows, None], self._all(rows), np.uint64(0))
        return self._in_zones(rows, zones, ("within", areas), answer)

    def _in_zones(self, rows: Ints, zones: list[Zone], key: tuple[Hashable, ...], answer: Bits) -> Bits:
        """Add to ``answer`` the worlds in which the place lies in one of the zones while that holds."""
        for n, zone in enumerate(zones):
            meets = self._meets(rows, zone.start_us, zone.end_us)
            some = rows[meets]
            inside = self._in_zone(some, zone, answer[meets])
            self._add_areas(some, inside, (*key, n), partial(shapely.contains_xy, zone.shape))
            answer[meets] |= self._while(some, inside, zone.start_us, zone.end_us)
        return answer

    def _meets(self, rows: Ints, start_us: int | None, end_us: int | None) -> Ints:
        """Which of the rows may have happened while something held."""
        met = np.ones(len(rows), dtype=np.bool_)
        if start_us is not None:
            met &= self.end[rows] >= start_us
        if end_us is not None:
            met &= self.start[rows] < end_us
        return np.flatnonzero(met)

    def _while(self, rows: Ints, answer: Bits, start_us: int | None, end_us: int | None) -> Bits:
        """Those worlds of an answer in which it happened between two moments; none: open."""
        if start_us is None and end_us is None:
            return answer
        return answer & self._between(rows, start_us, end_us)

    def _in_zone(self, rows: Ints, zone: Zone, known: Bits) -> Bits:
        """In which worlds the place lies in the zone; most subjects lie far from its border and aren't drawn."""
        lon, lat = self.lon[rows], self.lat[rows]
        high = self.reach[rows] * MARGIN / geodesy.METRES_PER_DEGREE
        wide = high / np.clip(np.cos(np.radians(np.abs(lat) + high)), 1e-6, None)
        west, south, east, north = zone.shape.bounds
        seam = (lon + wide > 180) | (lon - wide < -180)
        near = (seam | (lon + wide >= west) & (lon - wide <= east)) & (lat + high >= south) & (lat - high <= north)
        near = np.flatnonzero(near & ~(known == ~np.uint64(0)).all(axis=1))
        boxes = shapely.box(*(side[near] for side in (lon - wide, lat - high, lon + wide, lat + high)))
        surely = shapely.contains_properly(zone.shape, boxes)
        answer = np.zeros_like(known)
        answer[near[surely]] = ~np.uint64(0)
        maybe = near[~surely]
        maybe = maybe[shapely.intersects(zone.shape, boxes[~surely]) | seam[maybe]]
        for some in _batches(maybe):
            x, y = (axis.all() for axis in self._scattered(rows[some]))
            answer[some] = pack(shapely.contains_xy(zone.shape, geodesy.on_globe(x), y))
        return answer

    def near(self, classes: tuple[str, ...], distance_m: float) -> Bits:
        """It happened at most ``distance_m`` from a site; a site's own place error is drawn too."""
        present = self.places.classes(classes)  # readings that word a list differently often mean the same sites
        return self._once(("near", present, distance_m), lambda rows: self._near_sites(rows, present, distance_m))

    def _near_sites(self, rows: Ints, present: tuple[str, ...], distance_m: float) -> Bits:
        answer = np.zeros_like(self._all(rows))
        placed = np.flatnonzero(self.has_point[rows])
        there = rows[placed]
        for error, grid in self.places.sites(present, distance_m):
            reach = self.reach[there] + self.draws.site_reach * error
            maybe = placed[grid.touched(self.lon[there], self.lat[there], reach)]
            for some in _batches(maybe):
                answer[some] |= pack(grid.close_drawn(*self._scattered(rows[some], error)))
            with self.places.lock:
                self._add_areas(rows, answer, ("near", present, distance_m, error), partial(self._close, grid, error))
        return answer

    def near_line(self, lines: tuple[str, ...], distance_m: float) -> Bits:
        """It happened at most ``distance_m`` from one of the lines, as it ran at the time."""
        return self._once(("near_line", lines, distance_m), lambda rows: self._near_lines(rows, lines, distance_m))

    def _near_lines(self, rows: Ints, lines: tuple[str, ...], distance_m: float) -> Bits:
        answer = np.zeros_like(self._all(rows))
        with self.places.lock:
            known = self.places.lines(lines, distance_m)
        for n, line in enumerate(known):
            meets = self._meets(rows, line.start_us, line.end_us)
            some = rows[meets]
            near = np.zeros_like(answer[meets])
            placed = np.flatnonzero(self.has_point[some])
            there = some[placed]
            maybe = placed[line.grid.touched(self.lon[there], self.lat[there], self.reach[there])]
            for batch in _batches(maybe):
                near[batch] = pack(line.grid.close_drawn(*self._scattered(some[batch])))
            with self.places.lock:
                self._add_areas(some, near, ("near_line", lines, distance_m, n), line.grid.close)
            answer[meets] |= self._while(some, near, line.start_us, line.end_us)
        return answer

    def on_side(self, *, own: bool) -> Bits:
        """It lies on ground held by the party that did it, or by another; an undetermined actor has no side."""
        answer = np.zeros((self.shape[0], self.shape[1] // WORD), dtype=np.uint64)
        holders = self.places.holders
        for party in self._parties_said():
            others = [holder for holder in holders if (holder == party) == own]
            if others:
                did = self._drawn("actors", "party", [party], "actor", self.parties)
                answer |= did & np.bitwise_or.reduce([self._held_by(holder) for holder in others])
        return answer

    def _parties_said(self) -> tuple[str, ...]:
        """Everyone whom some subject's sources name."""
        named = self.subjects["actors"].explode(empty_as_null=True, keep_nulls=True).drop_nulls()
        return tuple(named.struct.field("party").unique().sort())

    def _held_by(self, party: str) -> Bits:
        """In which worlds the place lies on ground that the party holds."""

        def asked(rows: Ints) -> Bits:
            zones = self.places.held(party)
            return self._in_zones(rows, zones, ("held", party), np.zeros_like(self._all(rows)))

        with self.places.lock:
            return self._once(("held", party), asked)

    def _close(self, grid: SiteGrid, error_m: float, lon: Floats, lat: Floats) -> Bools:
        """Whether one place in each world is close to a site of ``grid``, which is off by its draws."""
        return grid.close(*geodesy.moved(lon, lat, -error_m * self.draws.site_east, -error_m * self.draws.site_north))

    def _add_areas(
        self, rows: Ints, answer: Bits, key: tuple[Hashable, ...], ask: Callable[[Floats, Floats], Bools]
    ) -> None:
        """Put into ``answer`` what ``ask`` says of subjects known by an area alone, which share its places.

        An area is asked once under ``key``, however many subjects and chunks there are.
        """
        alone = np.flatnonzero(~self.has_point[rows])
        areas = self.area[rows[alone]]
        known = self.places.answers
        for number in np.unique(areas):
            area = self.areas[number]
            of = (area, self.shape[1], *key)
            if of not in known:
                spread = self._spread(area)
                known[of] = None if spread is None else pack(ask(*spread))
            bits = known[of]
            if bits is not None:
                answer[alone[areas == number]] |= bits

    def target_is(self, classes: tuple[str, ...]) -> Bits:
        """The thing hit is stated to be of one of the classes, or of one within them."""
        known = vocabulary().target_classes
        wanted = [name for name in known if any(in_class(name, wide) for wide in classes)]
        return self._drawn("targets", "kind", wanted, "target")

    def with_weapon(self, weapons: tuple[str, ...]) -> Bits:
        """One of the weapons is stated to have been used or seen."""
        return self._drawn("weapons", "kind", list(weapons), "weapon")

    def is_kind(self, kinds: tuple[str, ...]) -> Bits:
        """It was of one of the kinds."""
        return self._drawn("kinds", "kind", list(kinds), "kind")

    def done_by(self, parties: tuple[str, ...]) -> Bits:
        """One of the parties did it; where nobody is said to have, ``undetermined`` among them decides."""
        named = [party for party in parties if party != UNDETERMINED]
        answer = self._drawn("actors", "party", named, "actor", self.parties)
        if UNDETERMINED in parties:
            answer = answer | self._once(("actors", UNDETERMINED), self._nobody_said)
        return answer

    def _nobody_said(self, rows: Ints) -> Bits:
        said = pl.col("actors").list.eval(pl.element().struct.field("p")).list.sum()
        total: Floats = self.subjects[rows].select(said.fill_null(0.0)).to_series().to_numpy()
        return ~self.draws.ladders["actor"].below(total)

    def counted(self, what: Counting, *, below: float | None = None, above: float | None = None) -> Bits:
        """It is a count of that, below or above a number in some such period; incidents are no counts."""
        if "counts" not in self.subjects.columns:
            return np.zeros((self.shape[0], self.shape[1] // WORD), dtype=np.uint64)
        return self._once(("counted", what, below, above), lambda rows: self._counts(rows, what, below, above))

    def _counts(self, rows: Ints, what: Counting, below: float | None, above: float | None) -> Bits:
        """A tally has no kind, so the draws of kinds are free to say which source's count is right."""
        answer = np.zeros_like(self._all(rows))
        ladder = self.draws.ladders["kind"]
        for index, low, high in counted(self.subjects[rows], what, below, above):
            answer[index] |= ladder.below(high) & ~ladder.below(low)
        return answer

    def _drawn(self, column: str, field: str, words: list[str], axis: str, order: tuple[str, ...] = ()) -> Bits:
        """In which worlds one of ``words`` was drawn."""
        if (column, field, order) not in self._laid:
            self._laid[column, field, order] = slots(self.subjects, column, field, order)
        laid = self._laid[column, field, order]

        def of(rows: Ints) -> Bits:
            answer = np.zeros((self.subjects.height, self.shape[1] // WORD), dtype=np.uint64)
            ladder = self.draws.ladders[axis]
            for index, low, high in laid.of(words):
                answer[index] |= ladder.below(high) & ~ladder.below(low)
            return answer[rows]

        return self._once((column, tuple(words), order), of)

    def _once(self, key: tuple[object, ...], ask: Callable[[Ints], Bits]) -> Bits:
        """The answer of ``ask`` for these rows; rows asked before are not asked again."""
        if key not in self._given:
            size = self.subjects.height
            self._given[key] = np.zeros((size, self.shape[1] // WORD), dtype=np.uint64), np.zeros(size, dtype=np.bool_)
        bits, known = self._given[key]
        missing = self.rows[~known[self.rows]]
        if len(missing):
            bits[missing] = ask(missing)
            known[missing] = True
        return bits[self.rows]


def _batches(rows: Ints) -> list[Ints]:
    """Row numbers, a bounded number at once; none of none."""
    return np.split(rows, range(DRAWN_AT_ONCE, len(rows), DRAWN_AT_ONCE)) if len(rows) else []
