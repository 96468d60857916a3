"""What crews are to be expected to find, from the mixtures that their routes are drawn from.

A day's routes are one draw, days and sectors are independent of each other; within a draw the visits are what they are,
and nothing is averaged before chances are multiplied. A visit begins at any moment of its slot that leaves time for the
watch, and finds what is there while it watches. So P(missed) is the product over sectors and days of the mean, over the
draws, of the product over its visits of 1 - P(the visit is in time) x P(it finds what it looks at).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import scipy
from numpy.typing import NDArray

from teisen.evaluation.trials import DAYS, HOUR, Happened, Ints
from teisen.geodesy import Floats, distance_m
from teisen.planning.catalogue import Seeing, Sensor
from teisen.planning.detection import at_distance, factor
from teisen.planning.game import SURE, TICKETS
from teisen.planning.light import night_h
from teisen.planning.plan import Condition, Placed
from teisen.planning.programme import Programme, SectorMix

MOMENT_H = 1e-6
"""A visit that takes the whole of its slot begins within so much of the slot's beginning."""
BATCH = 4_000_000
"""Numbers that are held at a time, for memory."""


def missed(
    programme: Programme,
    sensor: Sensor,
    seen: Happened,
    *,
    window_h: float,
    each: Sequence[Placed] = (),
    deaf: NDArray[np.bool_] | None = None,
) -> Floats:
    """P(no crew finds and reports it within the window) of each violation, before routes are drawn; shape (n,).

    Args:
        programme: the mixtures.
        sensor: the programme's, as the catalogue has it.
        seen: the violations.
        window_h: hours within which a report has to arrive.
        each: the plan's patrols one by one; the n-th of a sector is the programme's n-th crew there.
        deaf: whether each of them is jammed on each day, shape (patrols, days); by default none is.
    """
    out = np.ones(len(seen.seconds))
    for sector in programme.sectors:
        if not any(any(one.routes) for one in sector.drawn):
            continue
        crews = np.array([n for n, one in enumerate(each) if one.sector_id == sector.sector_id], np.int64)
        mixture: _Mixture | None = None
        for kind, sees in sensor.sees.items():
            lasting = min(sees.lasts_h.value, window_h - sensor.latency_h.value)
            mine = np.flatnonzero(seen.kind == kind)
            look = _look(sector, sensor, sees, seen, mine)
            there = look.any(axis=0)
            if lasting < 0 or not there.any():
                continue
            mixture = mixture or _Mixture(programme, sector, None if deaf is None else deaf[crews])
            out[mine[there]] *= mixture.missed(sensor, seen, mine[there], look[:, there], lasting)
    return out


def _look(sector: SectorMix, sensor: Sensor, sees: Seeing, seen: Happened, mine: Ints) -> Floats:
    """P(one look from each place finds each violation) in clear weather by day, shape (places, violations)."""
    lon, lat = (np.array([getattr(place, name) for place in sector.places])[:, None] for name in ("lon", "lat"))
    return at_distance(sees, distance_m(lon, lat, seen.lon[mine], seen.lat[mine])) * sensor.uptime.value


class _Mixture:
    """A sector's draws as a matrix (draws, visits) of how often each visit is made in each; jammed, crew by crew."""

    def __init__(self, programme: Programme, sector: SectorMix, deaf: NDArray[np.bool_] | None) -> None:
        self.programme, self.deaf = programme, deaf
        rows, columns = [], []
        for n, one in enumerate(sector.drawn):
            for crew, route in enumerate(one.routes):
                rows += [n] * len(route)
                columns += [(0 if deaf is None else crew, watch.place, watch.slot) for watch in route]
        visits, at = np.unique(np.array(columns, np.int64), axis=0, return_inverse=True)
        self.crew, self.place, self.slot = visits.T
        shape = (len(sector.drawn), len(visits))
        self.made = scipy.sparse.csr_array((np.ones(len(rows)), (rows, at.ravel())), shape=shape)
        self.chance = np.array([one.tickets for one in sector.drawn]) / TICKETS
        self.begins_h = self.slot * programme.slot_h + programme.begins_h

    def missed(self, sensor: Sensor, seen: Happened, mine: Ints, look: Floats, lasting: float) -> Floats:
        """P(missed) of some violations; ``look`` has shape (places, violations)."""
        by = np.array([[factor(sensor, one.model_copy(update={"night": night})) for one in seen.conditions]
                       for night in (False, True)])  # fmt: skip
        out = np.ones(len(mine))
        first = -math.ceil((float(self.begins_h.max()) + self.programme.slot_h) / 24)
        many = max(1, BATCH // max(self.made.shape))
        for low in range(0, len(mine), many):
            part = slice(low, low + many)
            day, second = np.divmod(seen.seconds[mine[part]], 86_400)
            begins, which = np.unique(second / HOUR, return_inverse=True)
            weather = by[:, seen.condition[mine[part]]]
            for later in range(first, math.floor((24 + lasting) / 24) + 1):
                light = self._in_time(begins, later * 24, lasting, seen.conditions)
                if not any(one.any() for one in light):
                    continue
                finds = sum(one[:, which] * weather[n] for n, one in enumerate(light)) * look[self.place, part]
                if self.deaf is not None:
                    when = np.floor(self.begins_h / 24).astype(np.int64)[:, None] + later + day.astype(np.int64)
                    finds = np.where(self.deaf[self.crew[:, None], np.clip(when, 0, DAYS)], 0.0, finds)
                out[part] *= self.chance @ np.exp(self.made @ np.log1p(-np.minimum(finds, SURE)))
        return out

    def _in_time(self, begins: Floats, later_h: float, lasting: float, conditions: Sequence[Condition]) -> list[Floats]:
        """P(each visit of the draw so many hours later meets what begins at these hours), by day and by night.

        Each of shape (visits, hours).
        """
        free = max(self.programme.slot_h - self.programme.watch_h, MOMENT_H)
        early = (self.begins_h + later_h)[:, None]
        low = np.maximum(early, begins - self.programme.watch_h)
        high = np.maximum(np.minimum(early + free, begins + lasting), low)
        dark = _dark(high, conditions) - _dark(low, conditions)
        return [(high - low - dark) / free, dark / free]


def _dark(hour: Floats, conditions: Sequence[Condition]) -> Floats:
    """Hours of night from the first noon to an hour."""
    night = night_h(conditions)
    days, rest = np.divmod(hour + 12, 24)
    return np.asarray(days * night + np.clip(rest - (24 - night) / 2, 0, night), np.float64)
