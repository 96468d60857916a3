"""Provisions that bind some parties alone, in a case whose sources never say that one of those did anything: nothing is
found under them, whatever happened, and a nought would read as calm.

Who is named is known once incidents are derived, so this is asked of them.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from teisen.agreement import UNDETERMINED
from teisen.agreement.predicates import BoundParty, leaves
from teisen.case.definitions import Definitions
from teisen.compliance.asked import asked_kinds
from teisen.documents import dotted, line_of, load
from teisen.errors import Problem
from teisen.observation import attack_kinds


def unnamed(definitions: Definitions, texts: Mapping[str, bytes], incidents: pl.DataFrame) -> list[Problem]:
    """Warnings, each with file and line: the case is derived all the same.

    Args:
        definitions: those of the case.
        texts: what they were read from, YAML by path.
        incidents: INCIDENT.
    """
    attacks = frozenset(attack_kinds())
    force = incidents.filter(pl.col("kind").is_in(attacks)).height
    named = {one["party"] for row in incidents["actors"].drop_nulls().to_list() for one in row}
    out = []
    for name, agreement in zip(definitions.case.agreements, definitions.agreements, strict=True):
        path, every = f"agreements/{name}", {party.id for party in agreement.parties}
        lines = load(texts[path].decode("utf-8-sig"), path)[1]
        for number, provision in enumerate(agreement.provisions):
            rules = [agreement.rule(provision, reading) for reading in provision.readings]
            forbid = [rule for rule in rules if (asked_kinds(rule) or attacks) & attacks]
            asked = [
                set(leaf.bound_party or ()) for rule in forbid for leaf in leaves(rule) if isinstance(leaf, BoundParty)
            ]
            bound = set().union(*asked)
            if force and asked and not any(UNDETERMINED in one or every <= one for one in asked) and not bound & named:
                at = ("provisions", number, "binds")
                who = ", ".join(sorted(bound))
                what = (
                    f"{provision.id!r} binds {who} alone, and of {force} uses of force no source says that "
                    f"{who if len(bound) == 1 else 'one of these'} did it: nothing is found under it, whatever happened"
                )
                do = "Where a source says who did it, map `actor_stated`; else no number under it tells of calm."
                out.append(Problem(path, line_of(at, lines), dotted(at), what, do))
    return out
