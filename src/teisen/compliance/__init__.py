"""Compliance: violations by provision, reading, area and day, with what could have been seen beside every count.

In: findings, incidents, exposure, agreements, areas, observations. Out: rates (:data:`RATE`), how well each
source detects (:data:`DETECTION`) and its days (:data:`ACTIVITY`). May touch ``judgement`` and below;
knows no file, no release policy and no party by name. A day that nobody could see has no rate but a wide interval.
"""

from teisen.compliance.activity import activity
from teisen.compliance.assess import assess
from teisen.compliance.detection import estimated, recalibrated
from teisen.compliance.schema import ACTIVITY, DETECTION, RATE

__all__ = ["ACTIVITY", "DETECTION", "RATE", "activity", "assess", "estimated", "recalibrated"]
