"""Evaluation: how right fusion is where the truth is known.

In: what fusion handed over, and the truth of a simulation. Out: scores and calibration (:data:`SCORE`,
:data:`CALIBRATION`). May touch ``simulation`` and below; changes nothing.
"""

from teisen.evaluation.evaluate import Evaluation, evaluate
from teisen.evaluation.schema import CALIBRATION, SCORE

__all__ = ["CALIBRATION", "SCORE", "Evaluation", "evaluate"]
