"""Crews in a trial: they drive the routes that their programme draws anew for each day, and look where they come.

What a crew finds is what is there while it watches a place. Each look fails by itself (a turn that is not driven, an
access that is refused), as the programme reckons with it; a crew that is jammed reports nothing that day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy
from numpy.random import Generator
from numpy.typing import NDArray

from teisen.evaluation.trials import DAYS, HOUR, Happened, Ints
from teisen.geodesy import Floats, chord, distance_m, unit_vectors
from teisen.planning.catalogue import Seeing, Sensor
from teisen.planning.detection import at_distance, factor
from teisen.planning.game import TICKETS
from teisen.planning.light import at_night
from teisen.planning.plan import Placed
from teisen.planning.programme import Programme

LATE_DAYS = 8
"""Days after a trial's end that are driven too: what happened last may be found in them."""
APART_H = 1e6
"""Hours that keep the visits of one place apart from those of the next."""


@dataclass(frozen=True)
class Driven:
    """Visits of all crews in one run, by place and time: when each begins (hours), at which place, by which crew."""

    at_h: Floats
    place: Ints
    crew: Ints
    lon: Floats
    lat: Floats
    watch_h: float


def drive(programme: Programme, each: list[Placed], rng: Generator) -> Driven:
    """Draw the routes of every day of a run.

    Args:
        programme: the mixtures.
        each: the plan's patrols one by one; the n-th of a sector is the programme's n-th crew there.
        rng: draws in place of the committed seeds.
    """
    parts: list[tuple[Ints, Ints, Ints]] = []
    lon: list[float] = []
    lat: list[float] = []
    free = programme.slot_h - programme.watch_h
    for sector in programme.sectors:
        mine = np.array([n for n, one in enumerate(each) if one.sector_id == sector.sector_id], np.int64)
        first = len(lon)
        lon += [place.lon for place in sector.places]
        lat += [place.lat for place in sector.places]
        routes = [
            [(watch.slot, watch.place, crew) for crew, route in enumerate(one.routes) for watch in route]
            for one in sector.drawn
        ]
        chance = np.array([one.tickets for one in sector.drawn]) / TICKETS
        drawn = rng.choice(len(routes), DAYS + LATE_DAYS + 1, p=chance)
        for day, which in enumerate(drawn, start=-1):
            if routes[which]:
                slot, place, crew = np.array(routes[which], np.int64).T
                parts.append((slot + day * programme.period, place + first, mine[crew]))
    slot, place, crew = (np.concatenate([part[n] for part in parts] or [np.zeros(0, np.int64)]) for n in range(3))
    at_h = slot * programme.slot_h + programme.begins_h + rng.random(len(slot)) * free
    order = np.lexsort((crew, at_h, place))
    return Driven(at_h[order], place[order], crew[order], np.array(lon, float), np.array(lat, float), programme.watch_h)


def looked(driven: Driven, sensor: Sensor, sees: Seeing, seen: Happened, kind: str, *, window_h: float) -> pl.DataFrame:
    """Looks of crews at violations of a kind whose report comes within the window.

    Columns: ``event``, ``crew``, ``day`` of the visit, ``chance`` of the look, ``after_h`` until the report.
    """
    mine = np.flatnonzero(seen.kind == kind)
    event, place, far = _near(driven, sees, seen, mine)
    begins = seen.seconds[event] / HOUR
    lasting = min(sees.lasts_h.value, window_h - sensor.latency_h.value)
    key = driven.place * APART_H + driven.at_h
    low = np.searchsorted(key, place * APART_H + begins - driven.watch_h, "left")
    high = np.searchsorted(key, place * APART_H + begins + lasting, "right") if lasting >= 0 else low
    many = high - low
    visit = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many) + np.repeat(low, many)
    event, far, begins = np.repeat(event, many), np.repeat(far, many), np.repeat(begins, many)
    hour = driven.at_h[visit]
    dark = at_night(seen.conditions, hour % 24).astype(int)
    # The weather is that of the event, the light that of the visit.
    by = np.array([[factor(sensor, one.model_copy(update={"night": night})) for one in seen.conditions]
                   for night in (False, True)])  # fmt: skip
    chance = at_distance(sees, far) * by[dark, seen.condition[event]] * sensor.uptime.value
    after = np.maximum(hour - begins, 0) + sensor.latency_h.value
    day = np.clip(hour // 24, 0, DAYS).astype(np.int64)
    table = {"event": event, "crew": driven.crew[visit], "day": day, "chance": chance, "after_h": after}
    return pl.DataFrame(table).filter(pl.col("after_h") <= window_h, pl.col("chance") > 0)


def _near(driven: Driven, sees: Seeing, seen: Happened, mine: Ints) -> tuple[Ints, Ints, Floats]:
    """Events and places within reach of each other, and how far they are."""
    none = np.zeros(0, np.int64)
    if not len(mine) or not len(driven.lon) or sees.reach_m is None:
        return none, none, np.zeros(0)
    there = scipy.spatial.cKDTree(unit_vectors(seen.lon[mine], seen.lat[mine]))
    here = scipy.spatial.cKDTree(unit_vectors(driven.lon, driven.lat))
    found = there.sparse_distance_matrix(here, float(chord(sees.reach_m.value)), output_type="ndarray")
    order = np.lexsort((found["j"], found["i"]))
    event, place = mine[found["i"][order]], found["j"][order].astype(np.int64)
    return event, place, distance_m(driven.lon[place], driven.lat[place], seen.lon[event], seen.lat[event])


def hits(looks: pl.DataFrame, deaf: NDArray[np.bool_], rng: Generator) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The looks of crews that are not jammed, and those of them that found something."""
    heard = looks.filter(~pl.Series(deaf[looks["crew"].to_numpy(), looks["day"].to_numpy()], dtype=pl.Boolean))
    return heard, heard.filter(pl.Series(rng.random(heard.height)) < pl.col("chance"))
