"""Decisions: what people rule, correct, comment and reply, on the record, and what follows from it.

In: acts (one ledger entry each), incidents and findings. Out: the decisions with their standing, the state of each
finding that people touched, incidents as corrected, and a queue of what waits. May touch ``judgement`` and below; knows
no ledger, no folder and no clock, and never changes what was decided before.
"""

from teisen.decision.act import DECISION_ENTRY, ENTRIES, REPLY, REPLY_ENTRY, Act, Body, By, in_order
from teisen.decision.attribution import limited
from teisen.decision.correct import COARSENED, Corrected, corrected, founded_by
from teisen.decision.life import COUNT, NEW, Record, Refused, State, Step, replay
from teisen.decision.queue import queue
from teisen.decision.review import Person, Review
from teisen.decision.schema import CORRECTION, DECISION, SUBJECT_STATE
from teisen.decision.settings import Setting, check, settings
from teisen.decision.states import Action, LifeCycle, life_cycle
from teisen.decision.tables import decisions, orphaned, subject_states

__all__ = [
    "COARSENED",
    "CORRECTION",
    "COUNT",
    "DECISION",
    "DECISION_ENTRY",
    "ENTRIES",
    "NEW",
    "REPLY",
    "REPLY_ENTRY",
    "SUBJECT_STATE",
    "Act",
    "Action",
    "Body",
    "By",
    "Corrected",
    "LifeCycle",
    "Person",
    "Record",
    "Refused",
    "Review",
    "Setting",
    "State",
    "Step",
    "check",
    "corrected",
    "decisions",
    "founded_by",
    "in_order",
    "life_cycle",
    "limited",
    "orphaned",
    "queue",
    "replay",
    "settings",
    "subject_states",
]
