"""What each reading forbids, counted also before it began and after it ended: the rule without its clock."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from teisen.agreement import Agreement, Leaf, Window
from teisen.agreement.predicates import AllOf, AnyOf, Condition, During, Predicate, Provided
from teisen.agreement.predicates.changed import Version
from teisen.agreement.predicates.relative import Standing
from teisen.judgement import judge
from teisen.observation import ALLEGATION
from teisen.sources import Ground

ALWAYS = During.model_construct(during=Window.model_construct(start=None, end=None, zone=None))
MET = Provided(provided=Condition(that="it is met", met="yes"))


def standing(incidents: pl.DataFrame, agreements: Sequence[Agreement], ground: Ground) -> pl.DataFrame:
    """Findings (FINDING) of incidents under every reading as if it were always in force and its conditions met.

    Only so can what a reading forbids be compared with the time before it.
    """
    return judge(incidents, ALLEGATION.empty(), [without_clock(a) for a in agreements], ground).findings


def without_clock(agreement: Agreement) -> Agreement:
    """The agreement with readings that hold at any time; the clock of an exception (``unless``) stays.

    Changes that a reading recognises are in its rule already: what they extend, suspend or end is a clock like others,
    and of an amendment the old wording holds before its moment and the new one from then on.
    """
    provisions = []
    for provision in agreement.provisions:
        readings = tuple(
            reading.model_copy(
                update={
                    "rule": _timeless(agreement.rule(provision, reading)),
                    "inherits": None,
                    "recognises": None,
                }
            )
            for reading in provision.readings
        )
        provisions.append(provision.model_copy(update={"readings": readings}))
    return agreement.model_copy(update={"provisions": tuple(provisions)})


def _timeless(rule: Predicate) -> Predicate:
    if isinstance(rule, Version):
        return rule
    if isinstance(rule, Standing) or (isinstance(rule, Leaf) and rule.timely):
        return MET if rule.about == "condition" else ALWAYS
    if isinstance(rule, AllOf):
        return AllOf.model_construct(all_of=tuple(_timeless(part) for part in rule.parts))
    if isinstance(rule, AnyOf):
        return AnyOf.model_construct(any_of=tuple(_timeless(part) for part in rule.parts))
    return rule
