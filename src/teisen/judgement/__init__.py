"""Judgement: incidents, allegations and tallies under each reading, and allegations against incidents and exposure.

In: incidents with evidence, allegations, exposure, agreements, ground. Out: findings, partings, outcomes and how far
others' records bear a party out (:mod:`teisen.judgement.schema`). May touch ``fusion`` and below; knows no rate, no
release and no file.
"""

from teisen.judgement.corroboration import corroboration
from teisen.judgement.judge import Judged, judge, judge_in_parts
from teisen.judgement.matching import FITS, Fits
from teisen.judgement.schema import CORROBORATION, FINDING, OUTCOME, PARTING, TALLY
from teisen.judgement.tallies import over_by, tallies
from teisen.judgement.voices import own_voice
from teisen.judgement.weigh import THRESHOLDS, Thresholds, weigh
from teisen.judgement.worlds import PossibleWorlds, worlds

__all__ = [
    "CORROBORATION",
    "FINDING",
    "FITS",
    "OUTCOME",
    "PARTING",
    "TALLY",
    "THRESHOLDS",
    "Fits",
    "Judged",
    "PossibleWorlds",
    "Thresholds",
    "corroboration",
    "judge",
    "judge_in_parts",
    "over_by",
    "own_voice",
    "tallies",
    "weigh",
    "worlds",
]
