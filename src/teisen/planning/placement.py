"""Which options to take: greedy by what each adds for its price, then taken apart and filled again while that helps.

The detection of a cell by several options is 1 - prod(1 - p): each further one adds less, so that greedy needs to look
again only at the option that was best before (Minoux 1978), and reaches at least 1 - 1/e of the best under one bound on
number (Nemhauser, Wolsey and Fisher 1978). How near it truly comes is proven afterwards, by :mod:`.bound`.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy

from teisen.geodesy import Floats
from teisen.planning.coverage import Coverage, Ints
from teisen.planning.limits import Limits

ROUNDS = 8
APART = 0.15
"""Share of a placement that is taken out at a time, what is missed least for its price first."""


@dataclass(frozen=True)
class Problem:
    """A placement to be found: -ln(1 - p) and p by option and cell (same pattern), and the weight of each cell."""

    miss: Any
    seen: Any
    weight: Floats

    def of(self, number: Ints) -> Floats:
        """Detection of each cell."""
        taken = np.flatnonzero(number)
        return np.asarray(-np.expm1(-(self.miss[taken].T @ number[taken].astype(np.float64))))

    def value(self, number: Ints) -> float:
        """The weighted mean of detection."""
        return float(self.weight @ self.of(number))


def folded(coverage: Coverage, bin_m: float) -> tuple[Problem, Ints]:
    """The problem with cells put together that lie within ``bin_m`` of the line and are alike; and where each went.

    Detection is concave in -ln(1 - p), and the mean of a concave function is at most the function of the mean (Jensen):
    what is proven to be out of reach here is out of reach in full.
    """
    demand = coverage.demand
    keys = demand.select("kind", "side", "depth_m", "sector_id").with_columns(
        bin=(demand["along_m"] / bin_m).floor().cast(int)
    )
    group = keys.select(keys.to_struct("k").rank("dense").alias("k") - 1)["k"].to_numpy().astype(np.int64)
    halves = _half(coverage)
    many = len(coverage.conditions)
    cell = (group[coverage.row] * 2 + halves) * many + coverage.condition
    used, cell = np.unique(cell, return_inverse=True)
    weight: Floats = np.bincount(cell, weights=coverage.weight, minlength=len(used)).astype(np.float64)
    share = (coverage.weight / weight[cell]).astype(np.float32)
    fold = scipy.sparse.csr_matrix((share, (np.arange(len(cell)), cell)), shape=(len(cell), len(used)))
    single = coverage.matrix.copy()
    single.data = -np.expm1(-single.data)
    miss, seen = (coverage.matrix @ fold).tocsr(), (single @ fold).tocsr()
    return Problem(miss.astype(np.float64), seen.astype(np.float64), weight), cell.astype(np.int64)


def problem(coverage: Coverage) -> tuple[Problem, Ints]:
    """The problem in full, and the cell of each of the coverage's cells: the same."""
    miss = coverage.matrix.astype(np.float64)
    seen = miss.copy()
    seen.data = -np.expm1(-seen.data)
    return Problem(miss, seen, coverage.weight), np.arange(len(coverage.weight))


def place(
    of: Problem, within: Limits, price: Floats | None = None, rounds: int = ROUNDS, start: Ints | None = None
) -> Ints:
    """How many of each option to take, shape (options,).

    Args:
        of: what they see.
        within: the bounds.
        price: what to hold one of each option to cost; without it the shares that it takes of the bounds.
        rounds: how often the placement is taken apart and filled again.
        start: what is taken whatever else is, and holds all that is to be taken at least.

    What is to be taken at least is taken first: the cheapest of it, or what it costs least to be held to.

    Raises:
        Impossible: no placement keeps to the bounds.
    """
    price = within.price if price is None else price
    best = _fill(of, within, price, within.fewest() if start is None else start)
    value = of.value(best)
    nothing = np.zeros_like(best) if start is None else start
    for left in (*((nothing,) if within.least else ()), *(None for _ in range(rounds))):
        met = _met(of, within, price, best, np.maximum(_apart(of, price, best), nothing) if left is None else left)
        if met is None:
            continue
        again = _fill(of, within, price, met)
        reached = of.value(again)
        if reached <= value + 1e-9:
            if left is None:
                break
            continue
        best, value = again, reached
    return best


def reach(of: Problem, within: Limits, group: Ints, enough: float | Floats, price: Floats) -> Ints:
    """Take options by what they add where it is not yet enough, until every group of cells has enough or none helps.

    Args:
        of: what options see.
        within: which options are allowed; the other bounds are not looked at.
        group: the group of each cell, from 0.
        enough: the weighted mean of detection that each group is to have, one for all or shape (groups,).
        price: what one of each option costs.

    Wolsey (1982): greedy costs at most a logarithmic factor more than the cheapest.
    """
    open_ended = replace(within, most=np.full_like(within.most, np.inf))
    number = _Filling(of, open_ended, price, np.zeros(of.miss.shape[0], np.int64)).until(group, enough)
    return _pruned(of, number, group, enough, price)


def _pruned(of: Problem, number: Ints, group: Ints, enough: float | Floats, price: Floats) -> Ints:
    """The placement without what turned out not to be needed for every group that has enough, the dearest first."""
    missed = of.weight * (1 - of.of(number))
    whole = np.bincount(group, weights=of.weight)
    spare = (1 - enough) * whole + 1e-12 - np.bincount(group, weights=missed)
    left = number.copy()
    taken = np.flatnonzero(number)
    for option in taken[np.argsort(-price[taken], kind="stable")]:
        low, high = of.seen.indptr[option : option + 2]
        cells, seen = of.seen.indices[low:high], of.seen.data[low:high]
        more = missed[cells] * (1 / np.maximum(1 - seen, 1e-12) - 1)
        touched, at = np.unique(group[cells], return_inverse=True)
        lost = np.bincount(at, weights=more)
        if (lost <= np.maximum(spare[touched], 0)).all():
            missed[cells] += more
            spare[touched] -= lost
            left[option] -= 1
    return left


def _fill(of: Problem, within: Limits, price: Floats, start: Ints) -> Ints:
    return _Filling(of, within, price, start).run()


def _met(of: Problem, within: Limits, price: Floats, best: Ints, start: Ints) -> Ints | None:
    """``start`` with what it must have at least; None: taking the best of it first left no room for the rest.

    A unit of the price is held to be worth what it buys on average in ``best``.
    """
    if within.met(start):
        return start
    worth = of.value(best) / max(float(price @ best), 1e-15)
    number = _Filling(of, within, price, start).meet(worth)
    return number if within.met(number) else None


def _apart(of: Problem, price: Floats, number: Ints) -> Ints:
    """The placement without the share of it that is missed least for its price."""
    taken = np.flatnonzero(number)
    missed = of.weight * (1 - of.of(number))
    mine = of.seen[taken]
    more = mine.copy()
    more.data = mine.data / np.maximum(1 - mine.data, 1e-9)
    loss = np.asarray(more @ missed) / price[taken]
    out = taken[np.argsort(loss, kind="stable")[: max(1, round(APART * len(taken)))]]
    left = number.copy()
    left[out] = 0
    return left


class _Filling:
    """A placement that is being filled: what is missed so far, what is left of the bounds, which groups are taken."""

    def __init__(self, of: Problem, within: Limits, price: Floats, start: Ints) -> None:
        self.of, self.within, self.price = of, within, np.maximum(price, 1e-15)
        self.number = start.copy()
        self.left = within.most - within.use @ start
        self.taken = {int(g) for g in within.group[start > 0]}
        self.open = of.weight * (1 - of.of(start))

    def run(self) -> Ints:
        """Take what adds most for its price while anything adds and fits."""
        heap = self._heap()
        while heap:
            option = self._next(heap)
            if option is None:
                break
            if (self.within.use[:, option] <= self.left + 1e-9).all():
                self._take(option, heap)
        return self.number

    def meet(self, worth: float) -> Ints:
        """Take of what is to be taken at least what adds most beyond its price, each unit of which is ``worth``."""
        member = np.array([one.of for one in self.within.least])
        lacks = np.array([one.number - int(self.number[one.of].sum()) for one in self.within.least])
        may = np.flatnonzero(member.any(axis=0) & (self.number < self.within.each))
        gain = np.asarray(self.of.seen @ self.open) - worth * self.price
        heap = [(-float(gain[n]), int(n)) for n in may]
        heapq.heapify(heap)
        while heap and (lacks > 0).any():
            _, option = heapq.heappop(heap)
            shut = not self.number[option] and int(self.within.group[option]) in self.taken
            full = (self.within.use[:, option] > self.left + 1e-9).any()
            if shut or full or not (member[:, option] & (lacks > 0)).any():
                continue
            cells, seen = self._row(option)
            now = float(self.open[cells] @ seen) - worth * float(self.price[option])
            if heap and (-now, option) > heap[0]:
                heapq.heappush(heap, (-now, option))
                continue
            self._put(option)
            lacks -= member[:, option]
            if self.number[option] < self.within.each[option]:
                heapq.heappush(heap, (-now, option))
        return self.number

    def until(self, group: Ints, enough: float | Floats) -> Ints:
        """Take what adds most for its price to groups of cells that do not have enough."""
        whole = np.bincount(group, weights=self.of.weight)
        have = whole - np.bincount(group, weights=self.open)
        wanted = enough * whole - 1e-12
        members = np.argsort(group, kind="stable")
        first = np.searchsorted(group[members], np.arange(len(whole) + 1))
        shut = have >= wanted
        self.full = self.open.copy()
        self.open[shut[group]] = 0
        heap = self._heap()
        while heap and not shut.all():
            option = self._next(heap)
            if option is None:
                break
            cells, seen = self._row(option)
            gain = self.full[cells] * seen
            self.full[cells] -= gain
            np.add.at(have, group[cells], gain)
            self._take(option, heap)
            for done in np.unique(group[cells]):
                if not shut[done] and have[done] >= wanted[done]:
                    shut[done] = True
                    self.open[members[first[done] : first[done + 1]]] = 0
        return self.number

    def _row(self, option: int) -> tuple[Ints, Floats]:
        low, high = self.of.seen.indptr[option : option + 2]
        return self.of.seen.indices[low:high], self.of.seen.data[low:high]

    def _heap(self) -> list[tuple[float, int]]:
        gain = np.asarray(self.of.seen @ self.open) / self.price
        may = np.flatnonzero((self.number < self.within.each) & (gain > 0))
        heap = [(-float(gain[n]), int(n)) for n in may]
        heapq.heapify(heap)
        return heap

    def _next(self, heap: list[tuple[float, int]]) -> int | None:
        """The option that adds most for its price now; None: none adds anything."""
        while heap:
            _, option = heapq.heappop(heap)
            if not self.number[option] and int(self.within.group[option]) in self.taken:
                continue
            if (self.within.use[:, option] > self.left + 1e-9).any():
                continue
            cells, seen = self._row(option)
            now = float(self.open[cells] @ seen) / self.price[option]
            if now <= 1e-15:
                continue
            if heap and (-now, option) > heap[0]:
                heapq.heappush(heap, (-now, option))
                continue
            return option
        return None

    def _take(self, option: int, heap: list[tuple[float, int]]) -> None:
        cells, seen = self._row(option)
        self._put(option)
        if self.number[option] < self.within.each[option]:
            now = float(self.open[cells] @ seen) / self.price[option]
            heapq.heappush(heap, (-now, option))

    def _put(self, option: int) -> None:
        cells, seen = self._row(option)
        self.open[cells] *= 1 - seen
        self.left = self.left - self.within.use[:, option]
        self.number[option] += 1
        self.taken.add(int(self.within.group[option]))


def _half(coverage: Coverage) -> Ints:
    """For each cell, 0 or 1: which half of a demand that two means have to see."""
    at = coverage.row * len(coverage.conditions) + coverage.condition
    again = np.zeros(len(at), np.int64)
    order = np.argsort(at, kind="stable")
    again[order[1:]] = (at[order[1:]] == at[order[:-1]]).astype(np.int64)
    return again
