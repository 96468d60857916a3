"""The linear programme of a game of one leader: the mixture of what it may do that is best against the worst choice.

It grows by columns (what the mission may do) and takes in rows (what the violator may choose) where they bind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np

from teisen.geodesy import Floats

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


@dataclass
class Mixture:
    """Columns with their detection of each choice, shape (columns, choices), and their effort."""

    asked: Asked
    detection: list[Floats] = field(default_factory=list)
    effort: list[int] = field(default_factory=list)
    _rows: list[int] = field(default_factory=list)

    def add(self, detection: Floats, effort: int) -> None:
        """Take in a column."""
        self.detection.append(detection)
        self.effort.append(effort)

    def solve(self) -> Answer:
        """The best mixture of the columns.

        Raises:
            ValueError: no mixture of them gives every choice its floor.
        """
        asked, seen = self.asked, np.array(self.detection)
        if not self._rows:
            self._rows = self._most_short(seen[0], 0.0)
        while True:
            answer = self._solved(seen)
            short = self._most_short(answer.weights @ seen, answer.value)
            if not (new := [row for row in short if row not in set(self._rows)]):
                worth = np.zeros(len(asked.share))
                worth[self._rows] = answer.worth
                answer.worth = worth + asked.reward
                return answer
            self._rows += new

    def _most_short(self, detected: Floats, value: float) -> list[int]:
        slack = detected - self.asked.share * value - self.asked.floor
        order = np.argsort(slack, kind="stable")[:AT_ONCE]
        return [int(row) for row in order if slack[row] < -NOTICED] or ([int(order[0])] if not self._rows else [])

    def _solved(self, seen: Floats) -> Answer:
        asked, rows = self.asked, np.array(self._rows)
        columns, with_v = len(seen), bool((asked.share > 0).any())
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = columns + 1, len(rows) + 2
        reward = seen @ asked.reward
        model.sense_ = highspy.ObjSense.kMaximize
        model.col_cost_ = np.append(reward, 1.0 if with_v else 0.0)
        model.col_lower_ = np.append(np.zeros(columns), -1.0 if with_v else 0.0)
        model.col_upper_ = np.append(np.ones(columns), 1 / asked.share[asked.share > 0].min() if with_v else 0.0)
        uneven = highspy.kHighsInf if asked.uneven is None else asked.uneven
        model.row_lower_ = np.concatenate([asked.floor[rows], [1.0, -uneven]])
        model.row_upper_ = np.concatenate([np.full(len(rows), highspy.kHighsInf), [1.0, uneven]])
        top = np.column_stack([seen[:, rows].T, -asked.share[rows]])
        matrix = np.vstack([top, np.append(np.ones(columns), 0.0), np.append(np.array(self.effort, float), 0.0)])
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        filled = matrix != 0
        model.a_matrix_.start_ = np.append(0, filled.sum(axis=1).cumsum())
        model.a_matrix_.index_ = np.nonzero(filled)[1]
        model.a_matrix_.value_ = matrix[filled]
        solver = _Quiet()
        for name, setting in (("output_flag", False), ("threads", 1), ("solver", "simplex")):
            solver.setOptionValue(name, setting)
        solver.passModel(model)
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise ValueError("no mixture gives every choice what it is owed")
        solution = solver.getSolution()
        weights = np.maximum(np.array(solution.col_value[:columns]), 0)
        dual = np.array(solution.row_dual)  # what the objective gains from a unit more on the right
        worth, price, tilt = np.maximum(-dual[:-2], 0), dual[-2], -dual[-1]
        return Answer(weights / weights.sum(), solution.col_value[columns], worth, price, tilt)


class _Quiet(highspy.Highs):
    """The solver without its banner on standard output, which the wrapper's own callbacks bring about."""

    def __init__(self) -> None:
        super(highspy.Highs, self).__init__()


def tickets(weights: Sequence[float] | Floats, total: int) -> list[int]:
    """Whole numbers that sum to ``total``, in proportion to ``weights``: largest remainder, the first of equals."""
    exact = np.asarray(weights, float) * total / float(np.sum(weights))
    whole = np.floor(exact).astype(np.int64)
    rest = int(total - whole.sum())
    order = np.argsort(-np.round(exact - whole, 9), kind="stable")[:rest]
    whole[order] += 1
    return [int(n) for n in whole]
