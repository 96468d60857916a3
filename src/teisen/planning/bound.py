"""A value that no placement can pass by the same rules, and how near a placement comes to it.

For any placement x, whole or not, the detection of a cell is at most both the sum of p over the options taken and
1 - exp(-sum of -ln(1 - p)): the first is the better one where little is taken, the second where much is. Both are
concave in x. So is the smaller of the two, H, and at any point y the plane through a supergradient g of it lies above:
no placement passes H(y) + max over x of g (x - y). The maximum over the rules is a linear programme, which HiGHS
solves; moving y towards its answer lowers the bound (Frank and Wolfe 1956). Every bound on the way is proven, wherever
it stops.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import highspy
import numpy as np

from teisen.geodesy import Floats
from teisen.planning.coverage import Ints
from teisen.planning.limits import Limits
from teisen.planning.placement import Problem
from teisen.planning.solver import solver

SOFT = (0.02, 0.01, 0.005)
"""How softly the smaller of the two is taken, as steps go on: it makes progress smooth and leaves the bound valid."""
STEPS = 60
HALVINGS = 14


@dataclass(frozen=True)
class Proof:
    """What was proven: the bound, and what one more of each rule's bound would be worth at most, by name.

    ``beyond``: what all that is allowed of an option adds to the bound beyond what it takes of the rules, (options,).
    """

    bound: float
    steps: int
    worth: dict[str, float]
    price: Floats
    part: Floats
    beyond: Floats


def prove(of: Problem, within: Limits, start: Ints, *, near: float = 0.005, steps: int = STEPS) -> Proof:
    """A bound on the value of any placement.

    Args:
        of: what options see, in full or folded.
        within: the rules.
        start: a placement to begin at, the better the sooner done.
        near: stop when ``start`` is within this share of the bound.
        steps: stop after so many steps.
    """
    value = of.value(start)
    linear = _Linear(within)
    into = start.astype(np.float64)
    once, miss = _seen(of, into)
    best = np.inf
    proof = Proof(np.inf, 0, {}, within.price, into, np.zeros(len(within.each)))
    for step in range(steps):
        soft = SOFT[min(step * len(SOFT) // steps, len(SOFT) - 1)]
        share = _share(once, miss, soft)
        slope = np.exp(-miss)
        gain = of.seen @ (of.weight * share) + of.miss @ (of.weight * (1 - share) * slope)
        to, worth, held = linear.best(gain)
        at_zero = of.weight @ ((1 - share) * (1 - slope - miss * slope))
        bound = float(at_zero + gain @ to)
        if bound < best:
            best = bound
            prices = np.maximum(worth, 0)
            priced = prices @ within.use
            price = priced if (priced[within.each > 0] > 0).all() else within.price
            named = dict(zip(within.names, prices.tolist(), strict=True))
            proof = Proof(bound, step + 1, named, price, into, (gain - priced - held) * within.each)
        if value >= best * (1 - near):
            break
        more_once, more_miss = _seen(of, to)
        once_step, miss_step = more_once - once, more_miss - miss
        part = _longest(of.weight, (once, miss), (once_step, miss_step), soft)
        once, miss, into = once + part * once_step, miss + part * miss_step, into + part * (to - into)
    return replace(proof, bound=min(proof.bound, float(of.weight.sum())), part=into)


def costs_at_least(
    of: Problem, within: Limits, cost: Floats, enough: float, start: Ints, *, steps: int = STEPS // 2
) -> float:
    """A cost that no placement undercuts which has a weighted mean detection of at least ``enough``; proven.

    The planes through supergradients that :func:`prove` uses bound the detection that any cost buys; the cheapest x
    that reaches ``enough`` on such a plane is a fractional knapsack. Only what is allowed of each option is looked at.

    Args:
        of: what options see.
        within: how many of each option are allowed.
        cost: of one of each option, shape (options,).
        enough: the weighted mean of detection.
        start: a placement that reaches it, to begin at.
        steps: planes that are tried.
    """
    once, miss = _seen(of, start.astype(np.float64))
    best = 0.0
    for step in range(steps):
        share = _share(once, miss, SOFT[min(step * len(SOFT) // steps, len(SOFT) - 1)])
        slope = np.exp(-miss)
        gain = of.seen @ (of.weight * share) + of.miss @ (of.weight * (1 - share) * slope)
        at_zero = float(of.weight @ ((1 - share) * (1 - slope - miss * slope)))
        to, least = _cheapest(gain, cost, within.each.astype(np.float64), enough - at_zero)
        best = max(best, least)
        if not np.isfinite(least):
            return best
        more_once, more_miss = _seen(of, to)
        part = 2 / (step + 3)
        once, miss = once + part * (more_once - once), miss + part * (more_miss - miss)
    return best


def _cheapest(gain: Floats, cost: Floats, each: Floats, wanted: float) -> tuple[Floats, float]:
    """The cheapest x between 0 and ``each`` with gain x >= wanted, and its cost; infinite: there is none."""
    to = np.zeros(len(gain))
    if wanted <= 0:
        return to, 0.0
    may = np.flatnonzero((gain > 0) & (each > 0))
    order = may[np.argsort(-gain[may] / np.maximum(cost[may], 1e-12), kind="stable")]
    sums = np.cumsum(gain[order] * each[order])
    if not len(order) or sums[-1] < wanted:
        return to, np.inf
    last = int(np.searchsorted(sums, wanted))
    to[order[:last]] = each[order[:last]]
    before = sums[last - 1] if last else 0.0
    to[order[last]] = (wanted - before) / gain[order[last]]
    return to, float(cost @ to)


class _Linear:
    """max g x over the rules, x between 0 and the most of each: solved again and again for other g."""

    def __init__(self, within: Limits) -> None:
        self.rows, self.least = len(within.names), within.least
        held = [np.flatnonzero(one.of) for one in within.least]
        options = len(within.each)
        crowd = np.bincount(within.group)
        order = np.argsort(within.group, kind="stable")
        shared = order[crowd[within.group[order]] > 1]
        starts = np.flatnonzero(np.diff(within.group[shared], prepend=-1)) if len(shared) else np.zeros(0, int)
        rows, columns = np.nonzero(within.use)
        counts = np.bincount(rows, minlength=self.rows)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = options, self.rows + len(starts) + len(held)
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.col_cost_ = np.zeros(options)
        lp.col_lower_, lp.col_upper_ = np.zeros(options), within.each.astype(float)
        free = np.full(lp.num_row_ - len(held), -np.inf)
        lp.row_lower_ = np.concatenate([free, [float(one.number) for one in within.least]])
        crowded = np.array([within.each[shared[n]] for n in starts], float)
        lp.row_upper_ = np.concatenate([within.most, crowded, np.full(len(held), np.inf)])
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        sizes = np.concatenate([counts, np.diff(np.append(starts, len(shared))), [len(one) for one in held]])
        lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
        lp.a_matrix_.index_ = np.concatenate([columns, shared, *held])
        ones = np.ones(len(shared) + sum(len(one) for one in held))
        lp.a_matrix_.value_ = np.concatenate([within.use[rows, columns], ones])
        self.solver = solver()
        self.solver.passModel(lp)
        self.columns = np.arange(options, dtype=np.int32)

    def best(self, gain: Floats) -> tuple[Floats, Floats, Floats]:
        """The best x, the worth of one more of each bound, and what numbers at least press on each option (below 0).

        Raises:
            RuntimeError: the solver did not reach the optimum, without which nothing is proven.
        """
        scale = float(np.abs(gain).max()) or 1.0
        self.solver.changeColsCost(len(self.columns), self.columns, gain / scale)
        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(f"HiGHS: {self.solver.getModelStatus()}")
        found = self.solver.getSolution()
        duals = np.array(found.row_dual) * scale
        held = np.zeros(len(self.columns))
        for one, dual in zip(self.least, duals[len(duals) - len(self.least) :], strict=True):
            held[one.of] += min(dual, 0.0)
        return np.array(found.col_value), duals[: self.rows], held


def _seen(of: Problem, number: Floats) -> tuple[Floats, Floats]:
    taken = np.flatnonzero(number > 0)
    part = number[taken]
    return np.asarray(of.seen[taken].T @ part), np.asarray(of.miss[taken].T @ part)


def _share(once: Floats, miss: Floats, soft: float) -> Floats:
    """The weight of the sum of p in the soft smaller of the two."""
    apart: Any = np.clip((once + np.expm1(-miss)) / soft, -50, 50)
    return np.asarray(1 / (1 + np.exp(apart)))


def _soft(once: Floats, miss: Floats, soft: float) -> Floats:
    other = -np.expm1(-miss)
    low = np.minimum(once, other)
    return np.asarray(low - soft * np.log1p(np.exp(-np.abs(once - other) / soft)))


def _longest(weight: Floats, at: tuple[Floats, Floats], step: tuple[Floats, Floats], soft: float) -> float:
    """The part of a step, 0 to 1, after which the soft smaller of the two is greatest (it is concave: by thirds)."""
    low, high = 0.0, 1.0

    def value(part: float) -> float:
        return float(weight @ _soft(at[0] + part * step[0], at[1] + part * step[1], soft))

    for _ in range(HALVINGS):
        third = (high - low) / 3
        if value(low + third) < value(high - third):
            low += third
        else:
            high -= third
    return (low + high) / 2
