"""The predicates that rules are written in. In YAML each is a mapping with one key, its name:

    all_of:
      - during: {from: 2025-03-18, to: 2025-04-18, zone: Europe/Paris}
      - is_kind: [attack]
      - any_of:
          - target_is: [energy]
          - near: {classes: [energy], distance_m: 1500}
      - bound_party:

A leaf says in which possible worlds it holds (:meth:`Leaf.holds`); a composite puts answers of its parts together
(:meth:`Composite.combine`). A new predicate is a class here, its name in ``Rule``, and a test.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, Discriminator, Field, Tag

from teisen.agreement.vocabulary import ATTACK, AreaId, Kind, PartyId, Some, TargetClass, kinds_of, listed, titles
from teisen.agreement.windows import Window
from teisen.agreement.worlds import UNDETERMINED, Bools, Sets, Worlds
from teisen.observation.profile import Strict

KIND_WORDS = {ATTACK: "a use of force"}


class Predicate(Strict):
    """A condition on what happened. ``about`` is the word for what it looks at, used where readings part."""

    about: ClassVar[str]

    @property
    def name(self) -> str:
        """Its name in YAML."""
        return next(iter(type(self).model_fields))

    @property
    def says(self) -> str:
        """What it asks for, as a clause: 'it happened from ... to ...'."""
        raise NotImplementedError

    @property
    def parts(self) -> tuple[Predicate, ...]:
        """The predicates it is made of; none: it is a leaf."""
        return ()

    def bound(self, parties: tuple[str, ...]) -> Predicate:
        """The same predicate with ``parties`` wherever it leaves open who is bound."""
        return self


class Leaf(Predicate):
    """A predicate that looks at the worlds itself. ``cheap`` ones are asked first, to leave out what can't hold."""

    cheap: ClassVar[bool] = True

    def holds(self, worlds: Worlds) -> Sets:
        """In which worlds of which subjects it holds: what ``worlds`` answers, or booleans (subjects, worlds)."""
        raise NotImplementedError


class Composite(Predicate):
    """A predicate over other predicates."""

    def combine(self, answers: Sequence[Sets]) -> Sets:
        """Put the answers of its parts, in their order, together."""
        raise NotImplementedError

    def may(self, answers: Sequence[Bools]) -> Bools:
        """Whether it may hold, given for each part whether that may hold; used to leave out what can't."""
        return self.combine(answers)


class During(Leaf):
    """It happened within a window of time."""

    about = "window"
    during: Window

    @property
    def says(self) -> str:  # noqa: D102
        window = self.during
        begins = f" from {window.spoken(window.start)}" if window.start is not None else ""
        ends = f" up to {window.spoken(window.end)}" if window.end is not None else " on"
        return f"it happened{begins}{ends} ({window.clock})"

    def holds(self, worlds: Worlds) -> Sets:  # noqa: D102
        return worlds.during(self.during.start_us, self.during.end_us)


class Areas(Strict):
    """Ids of areas or levels of areas (region, district, sea, zone, sector, control)."""

    areas: Some[AreaId]


class Within(Leaf):
    """It happened in an area."""

    about, cheap = "place", False
    within: Areas

    @property
    def says(self) -> str:  # noqa: D102
        return f"it happened within {listed(self.within.areas)}"

    def holds(self, worlds: Worlds) -> Sets:  # noqa: D102
        return worlds.within(self.within.areas)


class Sites(Strict):
    """Classes of protected sites and a distance from them."""

    classes: Some[TargetClass]
    distance_m: float = Field(gt=0, le=100_000)


class Near(Leaf):
    """It happened at most a distance from a site of a protected class."""

    about, cheap = "target", False
    near: Sites

    @property
    def says(self) -> str:  # noqa: D102
        return f"it happened within {self.near.distance_m:,.0f} m of a site of class {titles(self.near.classes)}"

    def holds(self, worlds: Worlds) -> Sets:  # noqa: D102
        return worlds.near(self.near.classes, self.near.distance_m)


class TargetIs(Leaf):
    """The thing hit is stated to be of a class."""

    about = "target"
    target_is: Some[TargetClass]

    @property
    def says(self) -> str:  # noqa: D102
        return f"the thing hit is stated to be of class {titles(self.target_is)}"

    def holds(self, worlds: Worlds) -> Sets:  # noqa: D102
        return worlds.target_is(self.target_is)


class IsKind(Leaf):
    """It was of a kind; ``attack`` stands for every kind that is a use of force."""

    about = "kind"
    is_kind: Some[Kind]

    @property
    def says(self) -> str:  # noqa: D102
        return f"it was {listed([KIND_WORDS.get(kind, f'of kind {kind}') for kind in self.is_kind])}"

    def holds(self, worlds: Worlds) -> Sets:  # noqa: D102
        return worlds.is_kind(kinds_of(self.is_kind))


class BoundParty(Leaf):
    """A bound party did it; left empty, those whom the provision binds.

    Where nobody is said to have done it, it holds if the provision binds every party of the agreement: whoever of them
    did it was bound. A rule that names parties may name ``undetermined`` among them.
    """

    about = "party"
    bound_party: tuple[PartyId, ...] | None = None

    @property
    def says(self) -> str:  # noqa: D102
        named = [party for party in self.bound_party or () if party != UNDETERMINED]
        return f"one who is bound did it ({listed(named, 'or')})"

    def bound(self, parties: tuple[str, ...]) -> Predicate:  # noqa: D102
        return self if self.bound_party is not None else BoundParty(bound_party=parties)

    def holds(self, worlds: Worlds) -> Sets:  # noqa: D102
        return worlds.done_by(self.bound_party or ())


class Condition(Strict):
    """Something that has to come first. ``met: unknown`` is not met: what isn't known is not counted."""

    that: str = Field(min_length=1)
    met: Literal["yes", "no", "unknown"]


class Provided(Leaf):
    """A condition precedent, stated in words."""

    about = "condition"
    provided: Condition

    @property
    def says(self) -> str:  # noqa: D102
        known = {"yes": "met", "no": "not met", "unknown": "not known to be met"}[self.provided.met]
        return f"the condition '{self.provided.that}' is met (it is {known})"

    def holds(self, worlds: Worlds) -> Sets:  # noqa: D102
        return np.full(worlds.shape, self.provided.met == "yes")


class AllOf(Composite):
    """Every one of its parts holds."""

    about = "several"
    all_of: Some[Rule]

    @property
    def parts(self) -> tuple[Predicate, ...]:  # noqa: D102
        return self.all_of

    @property
    def says(self) -> str:  # noqa: D102
        return " and ".join(part.says for part in self.all_of)

    def bound(self, parties: tuple[str, ...]) -> Predicate:  # noqa: D102
        return AllOf.model_construct(all_of=tuple(part.bound(parties) for part in self.all_of))

    def combine(self, answers: Sequence[Sets]) -> Sets:  # noqa: D102
        return reduce(np.bitwise_and, answers)


class AnyOf(Composite):
    """At least one of its parts holds."""

    about = "several"
    any_of: Some[Rule]

    @property
    def parts(self) -> tuple[Predicate, ...]:  # noqa: D102
        return self.any_of

    @property
    def says(self) -> str:  # noqa: D102
        return " or ".join(part.says for part in self.any_of)

    def bound(self, parties: tuple[str, ...]) -> Predicate:  # noqa: D102
        return AnyOf.model_construct(any_of=tuple(part.bound(parties) for part in self.any_of))

    def combine(self, answers: Sequence[Sets]) -> Sets:  # noqa: D102
        return reduce(np.bitwise_or, answers)


class Unless(Composite):
    """Its part does not hold: an exception from the rule."""

    about = "exception"
    unless: Rule

    @property
    def parts(self) -> tuple[Predicate, ...]:  # noqa: D102
        return (self.unless,)

    @property
    def says(self) -> str:  # noqa: D102
        return f"it is not so that {self.unless.says}"

    def bound(self, parties: tuple[str, ...]) -> Predicate:  # noqa: D102
        return Unless.model_construct(unless=self.unless.bound(parties))

    def combine(self, answers: Sequence[Sets]) -> Sets:  # noqa: D102
        return ~answers[0]

    def may(self, answers: Sequence[Bools]) -> Bools:  # noqa: D102
        return np.ones_like(answers[0])  # what may hold may also fail


PREDICATES: tuple[type[Predicate], ...] = (
    During, Within, Near, TargetIs, IsKind, BoundParty, Provided, AllOf, AnyOf, Unless,
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
        | Annotated[Within, Tag("within")]
        | Annotated[Near, Tag("near")]
        | Annotated[TargetIs, Tag("target_is")]
        | Annotated[IsKind, Tag("is_kind")]
        | Annotated[BoundParty, Tag("bound_party")]
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
