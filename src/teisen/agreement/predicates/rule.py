"""Any predicate, read from its mapping with one key, and those that are made of others."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Discriminator, Tag

from teisen.agreement.predicates.actor import BoundParty
from teisen.agreement.predicates.base import Composite, Failure, Leaf, Predicate, Span
from teisen.agreement.predicates.condition import Provided
from teisen.agreement.predicates.line import NearLine, OnSide
from teisen.agreement.predicates.place import Near, Within
from teisen.agreement.predicates.quota import Counted, FewerThan, MoreThan
from teisen.agreement.predicates.relative import After, InForce, Notified
from teisen.agreement.predicates.thing import IsKind, TargetIs
from teisen.agreement.predicates.time import During
from teisen.agreement.predicates.weapon import WithWeapon
from teisen.agreement.vocabulary import Some
from teisen.agreement.worlds import Bools, Sets
from teisen.languages import ENGLISH, Words


class AllOf(Composite):
    """Every one of its parts holds."""

    about = "several"
    all_of: Some[Rule]

    @property
    def parts(self) -> tuple[Predicate, ...]:  # noqa: D102
        return self.all_of

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        return words(" and ").join(part.says(words) for part in self.all_of)

    @property
    def span(self) -> Span:  # noqa: D102
        starts, ends = zip(*(part.span for part in self.all_of), strict=True)
        first = max((start for start in starts if start is not None), default=None)
        return Span(first, min((end for end in ends if end is not None), default=None))

    @property
    def timing(self) -> Predicate | None:  # noqa: D102
        parts = tuple(part.timing for part in self.all_of if part.timing)
        return AllOf.model_construct(all_of=parts) if len(parts) > 1 else next(iter(parts), None)

    def bound(self, parties: tuple[str, ...]) -> Predicate:  # noqa: D102
        parts = tuple(part.bound(parties) for part in self.all_of)
        windows = [part.during for part in parts if isinstance(part, During)]
        if len(windows) == 1:  # the window of a quota is the one beside it
            parts = tuple(part.over(windows[0]) if isinstance(part, Counted) else part for part in parts)
        return AllOf.model_construct(all_of=parts)

    def combine(self, answers: Sequence[Sets]) -> Sets:  # noqa: D102
        return reduce(np.bitwise_and, answers)


class AnyOf(Composite):
    """At least one of its parts holds."""

    about = "several"
    any_of: Some[Rule]

    @property
    def parts(self) -> tuple[Predicate, ...]:  # noqa: D102
        return self.any_of

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        return words(" or ").join(part.says(words) for part in self.any_of)

    def denies(self, words: Words = ENGLISH) -> str:  # noqa: D102
        return words(", and ").join(part.denies(words) for part in self.any_of)

    @property
    def span(self) -> Span:  # noqa: D102
        starts, ends = zip(*(part.span for part in self.any_of), strict=True)
        first = None if None in starts else min(start for start in starts if start is not None)
        return Span(first, None if None in ends else max(end for end in ends if end is not None))

    @property
    def timing(self) -> Predicate | None:  # noqa: D102
        parts = tuple(part.timing for part in self.any_of if part.timing)
        return AnyOf.model_construct(any_of=parts) if len(parts) == len(self.any_of) else None

    def combine(self, answers: Sequence[Sets]) -> Sets:  # noqa: D102
        return reduce(np.bitwise_or, answers)


class Unless(Composite):
    """Its part does not hold: an exception from the rule."""

    about = "exception"
    unless: Rule

    @property
    def parts(self) -> tuple[Predicate, ...]:  # noqa: D102
        return (self.unless,)

    def says(self, words: Words = ENGLISH) -> str:  # noqa: D102
        return words("it is not so that {clause}", clause=self.unless.says(words))

    def fails(self, words: Words = ENGLISH) -> tuple[Failure, ...]:  # noqa: D102
        return ((None, words("Out of scope by an exception: {clause}.", clause=self.unless.says(words))),)

    def of(self, parts: Sequence[Predicate]) -> Unless:  # noqa: D102
        return Unless.model_construct(unless=parts[0])

    @property
    def timing(self) -> Predicate | None:  # noqa: D102
        return self if all(leaf.timely for leaf in leaves(self)) else None  # what may hold may also fail

    def combine(self, answers: Sequence[Sets]) -> Sets:  # noqa: D102
        return ~answers[0]

    def may(self, answers: Sequence[Bools]) -> Bools:  # noqa: D102
        return np.ones_like(answers[0])  # what may hold may also fail


PREDICATES: tuple[type[Predicate], ...] = (
    During, After, Within, Near, NearLine, OnSide, TargetIs, WithWeapon, IsKind, FewerThan, MoreThan, BoundParty,
    Notified, InForce, Provided, AllOf, AnyOf, Unless,
)  # fmt: skip
"""Every predicate, in the order in which the documentation lists them."""


def _one_key(value: Any) -> Any:
    if isinstance(value, Predicate):
        return value
    known = [next(iter(predicate.model_fields)) for predicate in PREDICATES]
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError(f"a rule is a mapping with one key, one of {', '.join(known)}; join several under `all_of:`")
    key = str(next(iter(value)))
    if key not in known:
        near = difflib.get_close_matches(key, known, n=1)
        hint = f"write `{near[0]}:`" if near else f"write one of {', '.join(known)}"
        raise ValueError(f"{key!r} is no predicate; {hint}")
    return value


def _tag(value: Any) -> str:
    return value.name if isinstance(value, Predicate) else str(next(iter(value)))


if TYPE_CHECKING:
    Rule = Predicate
else:
    Rule = Annotated[
        Annotated[During, Tag("during")]
        | Annotated[After, Tag("after")]
        | Annotated[Within, Tag("within")]
        | Annotated[Near, Tag("near")]
        | Annotated[NearLine, Tag("near_line")]
        | Annotated[OnSide, Tag("on_side")]
        | Annotated[TargetIs, Tag("target_is")]
        | Annotated[WithWeapon, Tag("with_weapon")]
        | Annotated[IsKind, Tag("is_kind")]
        | Annotated[FewerThan, Tag("fewer_than")]
        | Annotated[MoreThan, Tag("more_than")]
        | Annotated[BoundParty, Tag("bound_party")]
        | Annotated[Notified, Tag("notified")]
        | Annotated[InForce, Tag("in_force")]
        | Annotated[Provided, Tag("provided")]
        | Annotated[AllOf, Tag("all_of")]
        | Annotated[AnyOf, Tag("any_of")]
        | Annotated[Unless, Tag("unless")],
        Discriminator(_tag),
        BeforeValidator(_one_key),
    ]
    """Any predicate, read from its mapping with one key."""

for _composite in (AllOf, AnyOf, Unless):
    _composite.model_rebuild()


def leaves(rule: Predicate) -> list[Leaf]:
    """The leaves of a rule, in its order."""
    if isinstance(rule, Leaf):
        return [rule]
    return [leaf for part in rule.parts for leaf in leaves(part)]
