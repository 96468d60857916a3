"""Compliance: violations by provision, reading, area and day, with what could have been seen beside every count.

In: findings, incidents, exposure, agreements, areas. Out: rates (:data:`RATE`). May touch ``judgement`` and below;
knows no file, no release policy and no party by name. A day that nobody could see has no rate but a wide interval.
"""

from teisen.compliance.assess import assess
from teisen.compliance.schema import RATE

__all__ = ["RATE", "assess"]
