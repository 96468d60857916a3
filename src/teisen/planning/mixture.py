"""The linear programme of a game of one leader: the mixture of what it may do that is best against the worst choice.

It grows by columns (what the mission may do) and takes in rows (what the violator may choose) where they bind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np

from teisen.geodesy import Floats
from teisen.planning.solver import solver

NOTICED = 1e-9
"""What a row may fall short of before it is taken in."""
AT_ONCE = 60
"""Rows taken in at once: the furthest short of what they ask for."""


@dataclass(frozen=True)
class Asked:
    """What the mixture has to do: maximise v + sum of ``reward * detection`` so that detection >= share * v + floor.

    Attributes:
        share: of v that each choice is owed, shape (choices,); all 0: v is left out.
        floor: what each choice has for certain, shape (choices,).
        reward: what detection of each choice is worth besides, shape (choices,).
        uneven: most slots of effort on one party's side above the other's; None: as much as there is.
    """

    share: Floats
    floor: Floats
    reward: Floats
    uneven: float | None = None


@dataclass
class Answer:
    """The best mixture of the columns there are, and the duals that ask for another one.

    Attributes:
        weights: of each column, summing to 1.
        value: v.
        worth: of a further unit of detection of each choice, shape (choices,).
        price: what a column has to be worth to come in.
        tilt: of a slot of effort on the first party's side.
    """

    weights: Floats
    value: float
    worth: Floats
    price: float
    tilt: float


class Mixture:
    """Columns with their detection of each choice, shape (columns, choices), and their effort.

    The programme stays in the solver between calls, so that each solution starts from the last one.
    """

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.detection: list[Floats] = []
        self._rows: list[int] = []
        self._solver = solver()
        self._solver.setOptionValue("solver", "simplex")
        self._solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
        share = asked.share[asked.share > 0]
        v = (1.0, -1.0, 1 / share.min()) if len(share) else (0.0, 0.0, 0.0)
        self._solver.addCol(v[0], v[1], v[2], 0, [], [])
        uneven = highspy.kHighsInf if asked.uneven is None else asked.uneven
        self._solver.addRow(1.0, 1.0, 0, [], [])
        self._solver.addRow(-uneven, uneven, 0, [], [])

    def add(self, detection: Floats, effort: int) -> None:
        """Take in a column."""
        self.detection.append(detection)
        filled = [(0, 1.0), (1, float(effort)), *((n + 2, float(detection[row])) for n, row in enumerate(self._rows))]
        index = [n for n, x in filled if x]
        value = [x for _, x in filled if x]
        reward = float(detection @ self.asked.reward)
        self._solver.addCol(reward, 0.0, highspy.kHighsInf, len(index), index, value)

    def solve(self) -> Answer:
        """The best mixture of the columns.

        Raises:
            ValueError: no mixture of them gives every choice its floor.
        """
        seen = np.array(self.detection)
        if not self._rows:
            self._take_in(self._most_short(seen[0], 0.0), seen)
        while True:
            answer = self._solved()
            if not (new := self._most_short(answer.weights @ seen, answer.value)):
                return answer
            self._take_in(new, seen)

    def _take_in(self, rows: list[int], seen: Floats) -> None:
        for row in rows:
            self._rows.append(row)
            values = np.append(-self.asked.share[row], seen[:, row])
            index = np.flatnonzero(values)
            floor = float(self.asked.floor[row])
            self._solver.addRow(floor, highspy.kHighsInf, len(index), index, values[index])

    def _most_short(self, detected: Floats, value: float) -> list[int]:
        """The rows that are not in yet and are furthest short of what they ask for; at first, the nearest to it."""
        slack = detected - self.asked.share * value - self.asked.floor
        slack[self._rows] = np.inf
        order = np.argsort(slack, kind="stable")[:AT_ONCE]
        return [int(row) for row in order if slack[row] < -NOTICED] or ([int(order[0])] if not self._rows else [])

    def _solved(self) -> Answer:
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise ValueError("no mixture gives every choice what it is owed")
        solution = self._solver.getSolution()
        weights = np.maximum(np.array(solution.col_value[1:]), 0)
        dual = np.array(solution.row_dual)  # what the objective gains from a unit more on the right
        worth = self.asked.reward.copy()
        worth[self._rows] += np.maximum(-dual[2:], 0)
        return Answer(weights / weights.sum(), float(solution.col_value[0]), worth, float(dual[0]), float(-dual[1]))


def tickets(weights: Sequence[float] | Floats, total: int) -> list[int]:
    """Whole numbers that sum to ``total``, in proportion to ``weights``: largest remainder, the first of equals."""
    exact = np.asarray(weights, float) * total / float(np.sum(weights))
    whole = np.floor(exact).astype(np.int64)
    rest = int(total - whole.sum())
    order = np.argsort(-np.round(exact - whole, 9), kind="stable")[:rest]
    whole[order] += 1
    return [int(n) for n in whole]
