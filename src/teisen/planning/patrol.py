"""Where crews can be: places, ways between them, shifts, rest and safety; and the best route for given worths.

Time is cut into slots of one length. A period has so many, and begins anew; a crew's shift may reach into the next
period, so that the horizon has more slots than the period. A *visit* is one place in one slot of the horizon, numbered
``place * slots + slot``. A *route* is the visits of one crew that are drawn for one period.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from teisen.geodesy import Floats

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Route = tuple[int, ...]
"""Visits of one crew in a period, in order; empty: it stays at its base."""

_NEVER = -np.inf


@dataclass(frozen=True)
class Network:
    """Where crews can be.

    Attributes:
        steps: slots from one place to the next, shape (places, places): 1 where a crew that watches one place in a slot
            watches the other in the next; 3 where two slots are lost on the way; 0: there is no way. On the diagonal 1.
        safe: whether a crew may be there, shape (places, slots): mines, curfews, fighting, consent.
        side: index of the party on whose side a place lies, shape (places,); -1: on neither.
    """

    steps: Ints
    safe: Bools
    side: Ints

    def __post_init__(self) -> None:
        places, _ = self.safe.shape
        if self.steps.shape != (places, places) or self.side.shape != (places,):
            raise ValueError("steps, safe and side speak of different numbers of places")
        if (np.diag(self.steps) != 1).any() or (self.steps < 0).any():
            raise ValueError("steps are 1 on the diagonal and never negative")

    @property
    def places(self) -> int:
        """How many places there are."""
        return int(self.safe.shape[0])

    @property
    def slots(self) -> int:
        """How many slots the horizon has: a period and what of the next one its crews reach into."""
        return int(self.safe.shape[1])

    def effort(self, route: Route) -> int:
        """Slots on the first party's side less those on the second's."""
        at = self.side[np.array(route, np.int64) // self.slots] if route else np.zeros(0, np.int64)
        return int((at == 0).sum() - (at == 1).sum())


@dataclass(frozen=True)
class Crew:
    """One crew: the slots of the horizon in which it may be out, and how long a shift is.

    Whoever may be out in every period from ``start`` up to ``end`` rests from ``end`` to the next period's ``start``: a
    rest is a matter of the window, and :meth:`rest` tells it.

    Attributes:
        id: its name.
        start, end: the slots of its window, end excluded; a window past midnight ends past the period.
        shift: most slots from leaving the base to being back.
        reach: slots lost between its base and each place, shape (places,): 0 where it watches in the slot in which it
            leaves; below 0: it does not go there.
    """

    id: str
    start: int
    end: int
    shift: int
    reach: Ints

    def rest(self, period: int) -> int:
        """Slots of rest that it has at least between two shifts, where a period has so many."""
        return period - (self.end - self.start)


def allowed(route: Route, crew: Crew, network: Network) -> str | None:
    """What a crew may not do on a route; None where it may do all of it."""
    if not route:
        return None
    place, slot = np.divmod(np.array(route, np.int64), network.slots)
    if (crew.reach[place[[0, -1]]] < 0).any():
        return "it begins or ends where its base does not reach"
    leaves, back = int(slot[0] - crew.reach[place[0]]), int(slot[-1] + 1 + crew.reach[place[-1]])
    if leaves < crew.start or back > crew.end:
        return "it is out of its window"
    if back - leaves > crew.shift:
        return "it is longer than a shift"
    if not network.safe[place, slot].all():
        return "it is where it may not be"
    step = network.steps[place[:-1], place[1:]]
    if (step == 0).any() or (np.diff(slot) < step).any():
        return "it is faster than the way"
    return None


def best_route(worth: Floats, crew: Crew, network: Network) -> tuple[float, Route]:
    """The route of most worth, and its worth; see :func:`best_routes`."""
    return best_routes(worth, (crew,), network)[0]


def best_routes(worth: Floats, crews: Sequence[Crew], network: Network) -> list[tuple[float, Route]]:
    """For each crew the route of most worth, and its worth; staying at the base is worth 0.

    Args:
        worth: of each visit, shape (places, slots), alike for all crews; the worths of a route's visits add up.

    A longest path in the graph of places and slots, for all times of leaving of all crews at once, slot by slot since
    they left. Crews that may do the same get the same route.
    """
    ways = [(crew.start, crew.end, crew.shift, *crew.reach.tolist()) for crew in crews]
    known = {way: n for n, way in reversed(list(enumerate(ways)))}
    chosen = [crews[n] for n in sorted(known.values())]
    found = dict(zip(sorted(known.values()), _longest(worth, chosen, network), strict=True))
    return [found[known[way]] for way in ways]


def _longest(worth: Floats, crews: Sequence[Crew], network: Network) -> list[tuple[float, Route]]:
    places, slots = worth.shape
    value = np.where(network.safe, worth, _NEVER).T
    many = [crew.end - crew.start for crew in crews]
    first = np.concatenate([[0], np.cumsum(many)])
    leaves = np.concatenate([np.arange(crew.start, crew.end) for crew in crews])
    reach = np.repeat([crew.reach for crew in crews], many, axis=0)
    end, shift = (np.repeat([getattr(crew, name) for crew in crews], many) for name in ("end", "shift"))
    long = min(int(shift.max()), slots)
    best = np.full((long, len(leaves), places), _NEVER)
    came = np.full(best.shape, -1, np.int64)
    lost = [int(n) for n in np.unique(network.steps) if n > 0]
    over_way = {n: np.where(network.steps == n, 0.0, _NEVER).T for n in lost}
    for after in range(long):
        here = np.where(reach == after, 0.0, _NEVER)
        for n in lost:
            if after < n:
                continue
            over = best[after - n][:, None, :] + over_way[n]
            frm = over.argmax(axis=2)
            got = over.max(axis=2)
            better = got > here
            here = np.where(better, got, here)
            came[after] = np.where(better, (after - n) * places + frm, came[after])
        slot = leaves + after
        best[after] = here + np.where((slot < slots)[:, None], value[np.minimum(slot, slots - 1)], _NEVER)
    back = np.arange(long)[:, None, None] + 1 + reach
    home = (reach >= 0) & (back <= shift[:, None]) & (leaves[:, None] + back <= end[:, None])
    final = np.where(home, best, _NEVER)
    routes: list[tuple[float, Route]] = []
    for low, high in pairwise(first):
        mine = final[:, low:high]
        top = int(mine.argmax())
        if not mine.flat[top] > 0:
            routes.append((0.0, ()))
            continue
        after, leave, place = (int(n) for n in np.unravel_index(top, mine.shape))
        route: list[int] = []
        at = after * places + place
        while at >= 0:
            after, place = divmod(at, places)
            route.append(place * slots + int(leaves[low + leave]) + after)
            at = int(came[after, low + leave, place])
        routes.append((float(mine.flat[top]), tuple(reversed(route))))
    return routes


def all_routes(crew: Crew, network: Network) -> list[Route]:
    """Every route a crew may take, the empty one among them: for small games and for proofs."""
    found: set[Route] = {()}
    for leave in range(crew.start, crew.end):
        open_: list[Route] = [(p * network.slots + leave + int(crew.reach[p]),) for p in range(network.places)
                 if crew.reach[p] >= 0 and leave + crew.reach[p] < crew.end]  # fmt: skip
        while open_:
            route = open_.pop()
            place, slot = divmod(route[-1], network.slots)
            if not network.safe[place, slot]:
                continue
            if allowed(route, crew, network) is None:
                found.add(route)
            for to in range(network.places):
                n = int(network.steps[place, to])
                if n and slot + n < min(crew.end, leave + crew.shift):
                    open_.append((*route, to * network.slots + slot + n))
    return sorted(found)


def travel_steps(hours: Any, slot_h: float, watched_h: float) -> Ints:
    """Slots from place to place, from hours on the way, where a crew watches ``watched_h`` of each slot.

    Args:
        hours: shape (places, places); infinite where there is no way.

    Raises:
        ValueError: a crew would watch for longer than a slot lasts.
    """
    if not 0 < watched_h <= slot_h:
        raise ValueError("a crew watches for more than nothing and at most a slot")
    way = np.asarray(hours, float)
    free = slot_h - watched_h
    lost = np.ceil(np.maximum(np.where(np.isfinite(way), way, 0) - free, 0) / slot_h - 1e-9)
    steps = np.where(np.isfinite(way), 1 + lost, 0).astype(np.int64)
    np.fill_diagonal(steps, 1)
    return steps
