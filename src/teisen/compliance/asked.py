"""Which kinds a reading asks for, so that rates ask how well those are watched and no others."""

from __future__ import annotations

from teisen.agreement import Predicate
from teisen.agreement.predicates import AllOf, AnyOf, IsKind
from teisen.agreement.vocabulary import kinds_of


def asked_kinds(rule: Predicate) -> frozenset[str] | None:
    """Kinds that may fall under a rule; none: it asks for no kind. Exceptions (``unless``) take none away."""
    if isinstance(rule, IsKind):
        return frozenset(kinds_of(rule.is_kind))
    if isinstance(rule, AllOf):
        some = [kinds for part in rule.parts if (kinds := asked_kinds(part)) is not None]
        return frozenset.intersection(*some) if some else None
    if isinstance(rule, AnyOf):
        each = [asked_kinds(part) for part in rule.parts]
        return frozenset().union(*(kinds for kinds in each if kinds is not None)) if None not in each else None
    return None
