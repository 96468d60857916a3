"""Agreements as data: parties, what each said, provisions, readings, and the predicates that rules are written in.

In: YAML text (``teisen-agreement/1``). Out: a checked :class:`Agreement`, its gaps, the JSON Schema of the format, and
parties' stated totals as allegation rows. May touch ``observation`` (for its words and tables) and
``documents``; knows no incident: a predicate asks its questions of :class:`Worlds`, which judgement answers.
"""

from teisen.agreement.check import load_agreement
from teisen.agreement.events import Clocks
from teisen.agreement.gaps import gaps
from teisen.agreement.model import (
    FORMAT,
    Agreement,
    Level,
    Party,
    Provision,
    Reading,
    StatedAllegation,
    Statement,
    json_schema,
)
from teisen.agreement.positions import CONTRADICTION, MATRIX, POSITION, contradictions, matrix, positions
from teisen.agreement.predicates import (
    PREDICATES,
    BoundParty,
    Composite,
    Counted,
    During,
    Leaf,
    Predicate,
    Provided,
    TargetIs,
    leaves,
)
from teisen.agreement.resolve import conditions
from teisen.agreement.stances import STANCES, Position, Term
from teisen.agreement.stated import stated_allegations
from teisen.agreement.vocabulary import titles
from teisen.agreement.windows import Window
from teisen.agreement.worlds import UNDETERMINED, Bools, Counting, Sets, Worlds

__all__ = [
    "CONTRADICTION",
    "FORMAT",
    "MATRIX",
    "POSITION",
    "PREDICATES",
    "STANCES",
    "UNDETERMINED",
    "Agreement",
    "Bools",
    "BoundParty",
    "Clocks",
    "Composite",
    "Counted",
    "Counting",
    "During",
    "Leaf",
    "Level",
    "Party",
    "Position",
    "Predicate",
    "Provided",
    "Provision",
    "Reading",
    "Sets",
    "StatedAllegation",
    "Statement",
    "TargetIs",
    "Term",
    "Window",
    "Worlds",
    "conditions",
    "contradictions",
    "gaps",
    "json_schema",
    "leaves",
    "load_agreement",
    "matrix",
    "positions",
    "stated_allegations",
    "titles",
]
