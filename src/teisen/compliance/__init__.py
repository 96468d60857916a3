"""Compliance: violations by provision, reading, area and day, with what could have been seen beside every count.

In: findings, incidents, evidence, exposure, agreements, areas, observations. Out: rates (:data:`RATE`), by kind and
party (:data:`RATE_PART`), their course (:data:`COURSE`) and profile (:data:`PROFILE`), what everybody missed
(:data:`MISSED`), and the days of each source (:data:`ACTIVITY`). May touch ``judgement`` and below; knows no file, no
release policy and no party by name. A day that nobody could see has no rate but a wide interval.
"""

from teisen.compliance.activity import activity
from teisen.compliance.assess import assess
from teisen.compliance.assessment import assessment
from teisen.compliance.schema import ACTIVITY, COURSE, MISSED, PROFILE, RATE, RATE_PART

__all__ = ["ACTIVITY", "COURSE", "MISSED", "PROFILE", "RATE", "RATE_PART", "activity", "assess", "assessment"]
