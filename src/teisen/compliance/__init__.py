"""Compliance: violations by provision, reading, area and day, with what could have been seen beside every count.

In: findings, incidents, evidence, exposure, agreements, areas, observations. Out: rates (:data:`RATE`), by sector of
the line (:data:`SECTOR_RATE`), by kind and party (:data:`RATE_PART`), their course (:data:`COURSE`), weeks
(:data:`WEEK`) and profile (:data:`PROFILE`), what everybody missed (:data:`MISSED`), how well each source detects
(:data:`DETECTION`) and its days (:data:`ACTIVITY`), changes with what else could explain them (:data:`CHANGE`,
:data:`INTERRUPTION`), the answer of each day (:data:`VERDICT`) and where violations are likeliest next
(:data:`FORECAST`). May touch ``judgement`` and below; knows no file, no release policy and no party by name. A day
that nobody could see has no rate but a wide interval.
"""

from teisen.compliance.activity import activity
from teisen.compliance.assess import assess
from teisen.compliance.assessment import assessment
from teisen.compliance.change import changes
from teisen.compliance.change_schema import CHANGE, FORECAST, INTERRUPTION, VERDICT
from teisen.compliance.detection import estimated, recalibrated
from teisen.compliance.forecast import forecast
from teisen.compliance.instruments import working
from teisen.compliance.interrupted import interruptions
from teisen.compliance.level import follow
from teisen.compliance.lines import Lines, lines
from teisen.compliance.schema import ACTIVITY, COURSE, DETECTION, MISSED, PROFILE, RATE, RATE_PART, SECTOR_RATE, WEEK
from teisen.compliance.silence import fell_silent
from teisen.compliance.standing import standing
from teisen.compliance.surroundings import daily_cloud
from teisen.compliance.verdict import verdict
from teisen.compliance.weeks import monday

__all__ = [
    "ACTIVITY",
    "CHANGE",
    "COURSE",
    "DETECTION",
    "FORECAST",
    "INTERRUPTION",
    "MISSED",
    "PROFILE",
    "RATE",
    "RATE_PART",
    "SECTOR_RATE",
    "VERDICT",
    "WEEK",
    "Lines",
    "activity",
    "assess",
    "assessment",
    "changes",
    "daily_cloud",
    "estimated",
    "fell_silent",
    "follow",
    "forecast",
    "interruptions",
    "lines",
    "monday",
    "recalibrated",
    "standing",
    "verdict",
    "working",
]
