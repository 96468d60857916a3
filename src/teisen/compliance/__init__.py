"""Compliance: violations by provision, reading, area and day, with what could have been seen beside every count.

In: findings, incidents, exposure, agreements, areas, observations. Out: rates (:data:`RATE`) and the days of each
source (:data:`ACTIVITY`). May touch ``judgement`` and below;
knows no file, no release policy and no party by name. A day that nobody could see has no rate but a wide interval.
"""

from teisen.compliance.activity import activity
from teisen.compliance.assess import assess
from teisen.compliance.schema import ACTIVITY, RATE

__all__ = ["ACTIVITY", "RATE", "activity", "assess"]
